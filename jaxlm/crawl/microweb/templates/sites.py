"""The look of each site: noisy HTML around an article, filled in by `microweb/html.py` through string.Template.

Slots: $title, $language, $url of the page; $article its paragraphs; $nav, $related, $advert, $cookies and $n noise.
"""

SECTIONS = ("News", "People", "Travel", "Garden", "Kitchen", "Market", "Sports", "Archive", "Letters", "Weather")
RELATED = (
    "Ten ways to bake bread", "The market opens again", "How to keep bees warm", "A night at the opera",
    "Old maps found in a cellar", "Why cats sleep so much", "The best soups of the year", "New benches in the park",
    "What to read in winter", "A short history of buttons", "Ferry timetable changes", "Our readers' photographs",
)  # fmt: skip
ADVERTS = (
    "Shoes at half price, only this week!", "Win a trip to the islands", "Cheap insurance in two minutes",
    "The mattress everybody talks about", "Learn the piano in ten days", "Fresh coffee delivered to your door",
)  # fmt: skip
COOKIES = (
    "We use cookies to improve your visit. By using this site you accept our policy.",
    "This site stores cookies on your device. Manage your settings or accept all.",
    "Your privacy matters to us. We and our 214 partners use cookies.",
)

HEAD = """<!DOCTYPE html>
<html lang="$language">
<head>
<meta charset="utf-8">
<title>$title | $site</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="og:site_name" content="$site">
<link rel="canonical" href="$url">
<style>body{font-family:serif;margin:0}nav a{color:#036}</style>
<script>window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments);}gtag('js',$n);</script>
</head>
"""

# host -> (name of the site, how a paragraph is marked up, the body)
SITES = {
    "www.valleypost.example": (
        "The Valley Post",
        "<p>{}</p>",
        """<body class="single">
$cookies
<header class="site-header"><div class="logo">The Valley Post</div>
<nav><ul>
$nav
</ul></nav>
<h1>$title</h1></header>
<article>
$article
</article>
<aside class="sidebar"><h3>Most read</h3>
<ul>
$related
</ul>
$advert</aside>
<div class="share-buttons"><a href="#">Share</a> <a href="#">Mail</a></div>
<footer class="site-footer"><p>Copyright 2021 The Valley Post. All rights reserved.</p>
<a href="/imprint">Imprint</a> <a href="/privacy">Privacy</a></footer>
</body>
</html>
""",
    ),
    "almanac.example": (
        "Almanac",
        "<p>{}</p>",
        """<body>
<div id="nav" class="menu"><ul>
$nav
</ul></div>
<div class="banner">$advert</div>
<main>
$article
</main>
<div class="sidebar widget"><h4>See also</h4>
<ul>
$related
</ul></div>
<div class="newsletter-signup"><form action="/subscribe"><label>Subscribe to our newsletter</label>
<input type="email" name="m$n"><button>Go</button></form></div>
$cookies
<footer><p>Almanac is run by volunteers.</p></footer>
</body>
</html>
""",
    ),
    "portraits.example": (
        "Portraits",
        '<p class="text">{}</p>',
        """<body>
<header><a class="brand" href="/">Portraits</a><nav><ul>
$nav
</ul></nav></header>
<div class="breadcrumbs"><a href="/">Home</a> &raquo; <a href="/all">All</a></div>
<div class="content">
$article
</div>
<div class="related-posts"><h3>You may also like</h3>
<ul>
$related
</ul></div>
<div class="ad-container">$advert</div>
<section id="comments" class="comments-area">
<form><textarea name="c$n"></textarea><button>Send</button></form></section>
<footer class="footer">Portraits, a private collection.
<a href="/contact">Contact</a> <a href="/terms">Terms</a></footer>
</body>
</html>
""",
    ),
    "wiki.towns.example": (
        "Town Wiki",
        "<p>{}</p>",
        """<body class="wiki">
<div id="sidebar" class="navigation"><ul>
$nav
</ul></div>
<div class="tabs"><a href="?edit">Edit</a> <a href="?history">History</a></div>
<div id="content" class="mw-body">
<div class="article-body">
$article
</div>
</div>
<div id="footer" class="footer"><p>This page was last edited $n days ago.</p>
<ul><li><a href="/privacy">Privacy policy</a></li><li><a href="/about">About Town Wiki</a></li></ul></div>
</body>
</html>
""",
    ),
    "littlejournal.example": (
        "The Little Journal",
        "<section><p>{}</p></section>",
        """<body>
$cookies
<div class="top-menu"><ul class="nav">
$nav
</ul></div>
<div class="hero"><h1>$title</h1></div>
<article class="story">
$article
</article>
<div class="social-share"><a href="#f">Like</a> <a href="#m">Mail</a></div>
<aside>$advert
<ul>
$related
</ul></aside>
<footer><small>The Little Journal. Printed on recycled electrons.</small></footer>
</body>
</html>
""",
    ),
    "board.example": (
        "Notice Board",
        "<p>{}</p>",
        """<body>
<div class="header"><b>Notice Board</b> <a href="/login">Log in</a> <a href="/register">Register</a></div>
<div class="ads">$advert</div>
<div id="main" role="main">
<div class="post-content entry-content">
$article
</div>
</div>
<div class="sidebar"><h3>Latest</h3>
<ul>
$related
</ul></div>
$cookies
<div class="footer"><p>Powered by BoardWare. All times are local.</p></div>
</body>
</html>
""",
    ),
}
