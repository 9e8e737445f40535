"""The whole report: chapters in order, a table of contents, and a page that can run and fetch nothing."""

import pathlib

from jaxlm.report.chapters import (
    boundary,
    calibration,
    domain,
    headline,
    honesty,
    identity,
    knowledge,
    learning,
    lookup,
    posttraining,
    provenance,
    safety,
    samples,
    tokens,
    web,
)
from jaxlm.report.folder import Run
from jaxlm.report.html import Markup, element
from jaxlm.report.style import CSS

CHAPTERS = (
    *(web, tokens, learning, samples, knowledge, posttraining),
    *(boundary, honesty, calibration, lookup, identity, safety, domain),
    provenance,
)
# The page shows what models and web pages wrote: should anything slip through escaping, it can run and fetch nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def render(folder: pathlib.Path) -> str:
    """The page of a run's folder as HTML; the same files give the same bytes."""
    run = Run(pathlib.Path(folder))
    chapters = {module.ANCHOR: (module.TITLE, module.chapter(run)) for module in CHAPTERS}
    chapters = {anchor: told for anchor, told in chapters.items() if told[1] is not None}
    contents = [element("li", element("a", title, href=f"#{anchor}")) for anchor, (title, _) in chapters.items()]
    return (
        "<!doctype html>\n"
        + element(
            "html",
            _head(headline.title(run)),
            element(
                "body",
                element(
                    "header", headline.chapter(run), element("nav", element("ol", contents), aria_label="Chapters")
                ),
                element("main", [section for _, section in chapters.values()]),
                element(
                    "footer",
                    element("p", "Made by jaxlm from the files of one run. This page loads nothing and runs nothing."),
                ),
            ),
            lang="en",
        ).text
    )


def _head(title: str) -> Markup:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        Markup(f"<style>{CSS}</style>"),
    )
