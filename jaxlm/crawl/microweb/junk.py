"""Pages that a cleaning pipeline has to remove, or to keep in spite of their markup."""

import json
from typing import Any

from jaxlm.crawl.microweb import html, prose
from jaxlm.crawl.microweb.dice import Dice
from jaxlm.crawl.microweb.pages import Page
from jaxlm.crawl.microweb.templates import foreign, junk

# shares of the junk
KINDS = {
    "exact_duplicate": 0.2,
    "near_duplicate": 0.2,
    "spam": 0.15,
    "gibberish": 0.1,
    "foreign": 0.13,
    "boilerplate": 0.1,
    "broken": 0.06,
    "not_html": 0.03,
    "http_error": 0.03,
}
NEAR = 0.86  # Jaccard similarity of 5-word shingles that a near duplicate has at least
PII_SHARE = 0.03  # of the clean pages
NEVER_CLOSED = (("</li>", ""), ("</span>", ""), ("</head>", ""), ("</html>", "</htm"))
WRONGLY_NESTED = (("<body", '<body bgcolor=#fff" <b'), ("</nav>", "</div></nav>"), ("</body>", ""))
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def junk_pages(config: Any, clean: list[Page], dice: Dice) -> list[Page]:
    """Pages of each kind, so many that they are the share `config.junk` of all pages."""
    total = round(len(clean) * config.junk / (1 - config.junk))
    makers = {
        "exact_duplicate": lambda: exact_duplicate(dice.pick(clean)),
        "near_duplicate": lambda: near_duplicate(dice.pick(clean), dice),
        "spam": lambda: spam(dice),
        "gibberish": lambda: gibberish(dice),
        "foreign": lambda: foreign_page(dice),
        "boilerplate": lambda: boilerplate(dice),
        "broken": lambda: broken(dice),
        "not_html": lambda: not_html(dice),
        "http_error": lambda: http_error(dice),
    }
    return [makers[kind]() for kind, share in KINDS.items() for _ in range(round(total * share))]


def exact_duplicate(page: Page) -> Page:
    """The same paragraphs; its site, navigation and address differ."""
    return Page("exact_duplicate", page.title, page.paragraphs, page.entities, keep=False, source=page)


def near_duplicate(page: Page, dice: Dice) -> Page:
    """A few words edited: one word changed near the end, a sentence put at the end, the first word dropped."""
    paragraphs = list(page.paragraphs)
    edits = dice.shuffled((_append, _drop_first, _change_last))
    for edit in edits[: dice.between(1, 3)]:
        edited = edit(paragraphs, dice)
        if jaccard(page.text, "\n".join(edited)) >= NEAR:
            paragraphs = edited
    if paragraphs == page.paragraphs:
        paragraphs = _append(paragraphs, dice)
    return Page("near_duplicate", page.title, paragraphs, page.entities, keep=False, source=page)


def shingles(text: str) -> set[tuple[str, ...]]:
    """The 5-word shingles of a text."""
    words = text.lower().split()
    return set(zip(*(words[i:] for i in range(5)), strict=False))


def jaccard(first: str, second: str) -> float:
    """Similarity of two texts: shared shingles over all shingles."""
    a, b = shingles(first), shingles(second)
    return len(a & b) / max(1, len(a | b))


def _append(paragraphs: list[str], dice: Dice) -> list[str]:
    return [*paragraphs[:-1], f"{paragraphs[-1]} {dice.pick(junk.EDITS)}"]


def _drop_first(paragraphs: list[str], dice: Dice) -> list[str]:
    rest = paragraphs[0].partition(" ")[2]
    return [rest[:1].upper() + rest[1:], *paragraphs[1:]]


def _change_last(paragraphs: list[str], dice: Dice) -> list[str]:
    words = paragraphs[-1].split()
    words[-1] = dice.pick(junk.SALAD) + "."
    return [*paragraphs[:-1], " ".join(words)]


def spam(dice: Dice) -> Page:
    product = dice.pick(junk.PRODUCTS)
    kind = dice.random()
    if kind < 0.5:
        lines = [dice.pick(junk.STUFFING).format(p=product) for _ in range(dice.between(5, 9))]
        paragraphs = [" ".join(lines)]
    elif kind < 0.75:
        paragraphs = [f"{product.upper()} {dice.pick(junk.SHOUTS)}" for _ in range(dice.between(8, 14))]
    else:
        paragraphs = [f"{dice.pick(junk.LINK_WORDS)} {dice.pick(junk.LINK_WORDS)}" for _ in range(dice.between(20, 40))]
    return Page("spam", f"Cheap {product} online", paragraphs, keep=False)


def gibberish(dice: Dice) -> Page:
    """Random letters, or a salad of content words."""
    words = dice.between(50, 90)
    if dice.chance(0.5):
        said = ["".join(dice.pick(LETTERS) for _ in range(dice.between(2, 14))) for _ in range(words)]
    else:
        said = [dice.pick(junk.SALAD) for _ in range(words)]
    return Page("gibberish", said[0], [" ".join(said) + "."], keep=False)


def foreign_page(dice: Dice) -> Page:
    language = dice.pick(tuple(foreign.LANGUAGES))
    sentences, words = foreign.LANGUAGES[language]
    said = [sentence.format(*(dice.pick(options) for options in words)) for sentence in dice.shuffled(sentences)]
    cut = dice.between(2, 4)
    paragraphs = [" ".join(said[:cut]), " ".join(said[cut : dice.between(5, 7)])]
    return Page("foreign", said[0].split()[1], paragraphs, keep=False, language=language)


def boilerplate(dice: Dice) -> Page:
    title, lines = dice.pick(junk.BOILERPLATE)
    paragraphs = [*dice.sample(lines, len(lines) - 1), f"Error code {dice.below(10_000)}"]
    return Page("boilerplate", title, paragraphs, keep=False)


def broken(dice: Dice) -> Page:
    """A sound text in markup that is cut off or wrongly nested; it is to be kept."""
    title, paragraphs = prose.article(dice, dice.between(6, 8))
    return Page("broken", title, paragraphs)


def break_markup(source: str, dice: Dice) -> str:
    """Damages what follows or surrounds the article's text, not the text."""
    kind = dice.below(3)
    if kind == 0:
        return source[: source.rindex("</p>") + 4]
    for sound, damaged in NEVER_CLOSED if kind == 1 else WRONGLY_NESTED:
        source = source.replace(sound, damaged)
    return source


def not_html(dice: Dice) -> Page:
    if dice.chance(0.5):
        data = {"status": "ok", "items": [{"id": dice.below(999), "name": dice.pick(junk.SALAD)} for _ in range(8)]}
        page = Page("not_html", "api", [], keep=False, content_type="application/json")
        page.body = json.dumps(data).encode()
        return page
    page = Page("not_html", "image", [], keep=False, content_type="image/png")
    page.body = b"\x89PNG\r\n\x1a\n" + bytes(dice.below(256) for _ in range(200))
    return page


def http_error(dice: Dice) -> Page:
    """Responses without success; their bodies say so or are empty."""
    status = dice.pick(("404 Not Found", "301 Moved Permanently", "500 Internal Server Error", "403 Forbidden"))
    page = Page("http_error", status, [f"{status[4:]}.", "The server could not answer your request."], keep=False)
    page.status = status
    if status.startswith("301"):
        page.body = b""
    return page


def plant_pii(pages: list[Page], dice: Dice) -> None:
    """Adds a sentence with personal data to some pages and notes what it was."""
    for page in pages:
        if not dice.chance(PII_SHARE):
            continue
        kind = dice.random()
        if kind < 0.45:
            word = dice.pick(junk.SALAD)
            value = f"{word}.{dice.pick(LETTERS)}{dice.between(10, 99)}@{dice.pick(html.HOSTS)}"
            sentence = dice.pick(junk.PII_EMAIL)
        elif kind < 0.75:
            value, sentence = _phone(dice), dice.pick(junk.PII_PHONE)
        else:
            value, sentence = _address(dice), dice.pick(junk.PII_IP)
        page.paragraphs[-1:] = [page.paragraphs[-1], sentence.format(v=value)]
        page.pii.append(value)


def _phone(dice: Dice) -> str:
    """A number of the range that is kept free for fiction."""
    area, line = dice.between(201, 989), dice.between(100, 199)
    return dice.pick((f"+1 {area} 555 0{line}", f"({area}) 555-0{line}", f"{area}-555-0{line}"))


def _address(dice: Dice) -> str:
    """Of the public internet: none of the reserved blocks begins with a number from 20 to 90."""
    return ".".join(str(number) for number in (dice.between(20, 90), *(dice.between(1, 254) for _ in range(3))))
