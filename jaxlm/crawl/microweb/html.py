"""A page as its site shows it: navigation, adverts, banners and footers around the text."""

import html
import string

from jaxlm.crawl.microweb.dice import Dice
from jaxlm.crawl.microweb.pages import Page
from jaxlm.crawl.microweb.templates import sites

HOSTS = tuple(sites.SITES)
LINKS = tuple(range(4, 8))  # in the navigation
RELATED = 4
_TEMPLATES = {host: string.Template(sites.HEAD + body) for host, (_, _, body) in sites.SITES.items()}


def render(page: Page, dice: Dice) -> str:
    """The HTML document of a page whose `host` and `url` are set."""
    site, paragraph, _ = sites.SITES[page.host]
    return _TEMPLATES[page.host].substitute(
        site=site,
        title=html.escape(page.title),
        language=page.language,
        url=page.url,
        article="\n".join(paragraph.format(html.escape(text, quote=False)) for text in page.paragraphs),
        nav=_links(dice.sample(sites.SECTIONS, dice.pick(LINKS))),
        related=_links(dice.sample(sites.RELATED, RELATED)),
        advert=_advert(dice),
        cookies=f'<div id="cookie-banner"><p>{dice.pick(sites.COOKIES)}</p><button>Accept</button></div>',
        n=dice.below(30),
    )


def _links(texts: list[str]) -> str:
    return "\n".join(f'<li><a href="/{text.lower().replace(" ", "-")}">{html.escape(text)}</a></li>' for text in texts)


def _advert(dice: Dice) -> str:
    link = f'<a href="/go?id={dice.below(9999)}">{dice.pick(sites.ADVERTS)}</a>'
    return f'<div class="ad advert"><span>Advertisement</span> {link}</div>'
