"""The main text of an HTML page, without its navigation, adverts and banners."""

import contextlib
import functools
import re
import signal
from collections.abc import Iterator

from jaxlm.errors import UserError

EXTRACTORS = ("trafilatura", "resiliparse")
# Processor seconds a page may take. It counts processor time, so what is removed does not depend on how busy the
# machine is.
CPU_SECONDS = 20
# Trafilatura distrusts a main text below this many characters and takes the whole page's instead. Its default of 250 is
# more than many a complete short article.
MIN_MAIN_TEXT = 120
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")


class OutOfTime(BaseException):
    """A page took more than CPU_SECONDS. No Exception, which the extractors catch to go on with something else."""


def extract(html: str, extractor: str) -> tuple[str, str]:
    """Title and main text, one paragraph a line; the text is empty if there is none. Raises OutOfTime."""
    with _time_limit():
        title, text = _trafilatura(html) if extractor == "trafilatura" else _resiliparse(html)
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return _SPACES.sub(" ", title.replace("\n", " ")).strip(), "\n".join(line for line in lines if line)


def visible_text(html: str) -> str:
    """All text of the page that a browser would show, quickly: what language it is in can be told before extraction."""
    from resiliparse.extract.html2text import extract_plain_text

    return extract_plain_text(html, preserve_formatting=False, alt_texts=False)


def check_extractor(name: str) -> None:
    """Raises UserError if config.crawl.extractor names none of ours."""
    if name not in EXTRACTORS:
        raise UserError(f"config.crawl.extractor: expected {' or '.join(EXTRACTORS)}, found {name}")


def _trafilatura(html: str) -> tuple[str, str]:
    import trafilatura

    tree = trafilatura.load_html(html)
    if tree is None:
        return "", ""
    title = tree.findtext(".//title") or ""
    return title, trafilatura.extract(tree, fast=True, include_comments=False, config=_settings()) or ""


@functools.cache
def _settings():
    import logging

    from trafilatura.settings import use_config

    # each page without text would be an error on the terminal
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    settings = use_config()
    settings.set("DEFAULT", "MIN_EXTRACTED_SIZE", str(MIN_MAIN_TEXT))
    return settings


def _resiliparse(html: str) -> tuple[str, str]:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(html)
    return tree.title or "", extract_plain_text(tree, main_content=True, alt_texts=False, comments=False)


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    def stop(signum, frame):
        raise OutOfTime

    previous = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)
