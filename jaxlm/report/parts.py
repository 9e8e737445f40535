"""The building blocks of the page: figures with captions, cards, bars, tables, tokens, conversations, folds."""

import dataclasses
from collections.abc import Iterable, Sequence

from jaxlm.report.html import Child, Markup, element, join


@dataclasses.dataclass(frozen=True)
class Bar:
    """A labeled bar: `share` of the track's length, what to write at its end, its 95 % interval if it has one."""

    label: Child
    share: float
    value: str
    low: float | None = None
    high: float | None = None
    color: int = 1


def chapter(anchor: str, title: str, lead: Child, *content: Markup | None) -> Markup | None:
    """A chapter with its opening paragraph; None when nothing is left to show in it."""
    if not any(part is not None and part.text for part in content):
        return None
    return element(
        "section", element("h2", title), element("p", lead, class_="lead"), *content, id=anchor, class_="chapter"
    )


def figure(title: str, body: Child, caption: Child, *folds: Markup | None) -> Markup:
    """A titled figure, a caption that says what is shown, in which unit, of how many, how sure, and what to unfold."""
    unfold = element("div", folds, class_="folds") if any(folds) else None
    return element("figure", element("h3", title), body, element("figcaption", caption), unfold)


def card(value: str, label: str, detail: Child = None) -> Markup:
    """A key figure: the number, what it is, and its noise or denominator."""
    return element(
        "div", element("b", value), element("span", label), element("small", detail) if detail else None, class_="card"
    )


def cards(items: Iterable[Markup | None]) -> Markup | None:
    """Key figures side by side; None if there are none."""
    items = [item for item in items if item]
    columns = next((n for n in (4, 5, 3) if len(items) % n == 0), min(len(items), 4))
    return element("div", items, class_=f"cards of{columns}") if items else None


def bars(items: Sequence[Bar]) -> Markup:
    """Horizontal bars, one a row."""
    return element("div", [_bar(item) for item in items], class_="bars", role="list")


def _bar(bar: Bar) -> Markup:
    fill = element("i", class_=f"fill s{bar.color}", style=f"width:{100 * min(max(bar.share, 0), 1):.2f}%")
    span = None
    if bar.low is not None and bar.high is not None:
        span = element("i", class_="span", style=f"left:{100 * bar.low:.2f}%;width:{100 * (bar.high - bar.low):.2f}%")
    track = element("span", fill, span, class_="track", aria_hidden="true")
    return element(
        "div",
        element("span", bar.label, class_="name"),
        track,
        element("span", bar.value, class_="value"),
        class_="bar",
        role="listitem",
    )


def table(
    headers: Sequence[str], rows: Iterable[Sequence[Child]], numeric: Sequence[int] = (), stack: bool = False
) -> Markup:
    """A table; `numeric` columns are set flush right. On a phone it scrolls, or with `stack` a row becomes a card."""
    align = lambda i: "number" if i in numeric else None
    head = element("tr", [element("th", text, scope="col", class_=align(i)) for i, text in enumerate(headers)])
    body = [
        element(
            "tr",
            [element("td", element("div", text), class_=align(i), data_label=headers[i]) for i, text in enumerate(row)],
        )
        for row in rows
    ]
    inner = element("table", element("thead", head) if any(headers) else None, element("tbody", body))
    return element("div", inner, class_="stackable" if stack else "scroll", tabindex=None if stack else 0)


def fold(title: Child, *content: Child) -> Markup:
    """Something to unfold."""
    return element("details", element("summary", title), element("div", content, class_="folded"))


def completion(prompt: str, text: str) -> Markup:
    """A prompt and, set apart, what the model wrote after it."""
    return element(
        "p", element("span", prompt, class_="prompt"), element("span", text, class_="written"), class_="completion"
    )


def piece(text: str) -> str:
    """A token's text with its spaces and line ends made visible."""
    return text.replace("\n", "⏎").replace("\t", "⇥").replace(" ", "·").replace("\u2581", "·") or "∅"


def tokens(pieces: Iterable[str]) -> Markup:
    """A text cut into its tokens, neighbors in alternating tints."""
    spans = [join(element("span", piece(text), class_=f"t{i % 4}"), _break(text)) for i, text in enumerate(pieces)]
    return element("p", spans, class_="tokens")


def masked_tokens(pieces: Iterable[tuple[str, bool]]) -> Markup:
    """A conversation's tokens; those the model is trained to produce stand out."""
    spans = [
        join(element("span", piece(text), class_="learnt" if mask else "given"), _break(text)) for text, mask in pieces
    ]
    return element("p", spans, class_="tokens")


def _break(text: str) -> Markup:
    return element("br") if "\n" in text else element("wbr")


def columns(*content: Markup, thirds: bool = False) -> Markup:
    """Two or three side by side where the screen is wide enough."""
    return element("div", content, class_="columns thirds" if thirds else "columns")


def titled(title: Child, *content: Child) -> Markup:
    """One of `columns`, under a small heading."""
    return element("div", element("h4", title), content)
