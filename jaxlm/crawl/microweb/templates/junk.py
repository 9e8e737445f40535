"""What spam, boilerplate and broken servers say."""

PRODUCTS = ("watches", "handbags", "diet pills", "loans", "casino chips", "followers", "sunglasses", "ringtones")
STUFFING = (
    "Buy cheap {p} online. Best cheap {p} online here. Cheap {p} online at the lowest price.",
    "Cheap {p} online, discount {p} online, best {p} online, {p} online sale.",
    "Looking for cheap {p} online? Our cheap {p} online are the best cheap {p} online.",
    "Order cheap {p} online now and save on cheap {p} online today.",
)
SHOUTS = ("BUY NOW!!!", "CLICK HERE!!!", "LIMITED OFFER >>>", "100% FREE $$$", "ORDER TODAY!!!", "### HOT DEAL ###")
LINK_WORDS = (
    "casino", "loans", "poker", "pills", "credit", "bonus", "hosting", "dating", "forex", "crypto", "slots", "seo",
)  # fmt: skip

# each is a whole page of a site that has no article on it
BOILERPLATE = (
    ("Log in", ("Log in", "User name", "Password", "Forgot your password?", "Create an account")),
    ("Page not found", ("404", "The page you are looking for does not exist.", "Back to the start page")),
    ("Domain for sale", ("This domain is parked.", "Buy this domain", "Related searches", "Privacy policy")),
    ("Please wait", ("Please enable JavaScript and cookies to continue.", "Checking your browser before access.")),
    ("Coming soon", ("Under construction", "Lorem ipsum dolor sit amet, consectetur adipiscing elit.", "Contact us")),
    ("Index of /", ("Parent directory", "backup.zip", "image001.jpg", "readme.txt")),
    ("Category", ("Older posts", "Newer posts", "No entries found.", "Read more...", "Filter by date")),
)

# words of a salad: no function words, as in lists made by machines
SALAD = (
    "granite", "lemonade", "quickly", "tractor", "violet", "seventeen", "bargain", "whistle", "orbit", "napkin",
    "puzzle", "rotate", "velvet", "ladder", "cinnamon", "squeeze", "harvest", "engine", "yellow", "pocket",
    "thunder", "zigzag", "marble", "borrow", "silent", "copper", "wrinkle", "jungle", "basket", "freckle",
)  # fmt: skip

PII_EMAIL = ("Write to {v} for details.", "Questions go to {v}.", "The editors can be reached at {v}.")
PII_PHONE = ("Call us at {v} in the morning.", "The number of the office is {v}.", "Orders by phone: {v}.")
PII_IP = ("This entry was posted from {v}.", "The comment came from the address {v}.", "Last access from {v}.")
EDITS = ("Updated yesterday.", "Photo: archive.", "All rights reserved.", "Seen on another site.", "Read it again.")
