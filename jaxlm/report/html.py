"""HTML by function calls: text is escaped unless a function of this package made it.

Reports show what models wrote, so text is hostile until escaped: only a `Markup` passes through unescaped, and the
package makes one from nothing but literal tags and escaped text.
"""

import dataclasses
import html
from collections.abc import Iterable

VOID = frozenset({"br", "meta", "wbr", "hr"})
# Control characters are invalid in HTML; their Unicode pictures keep them visible (U+2400 block).
CONTROL_PICTURES = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n"} | {0x7F: "\u2421"}
# Direction overrides could make a sample rewrite the reading order of the text around it.
CONTROL_PICTURES |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd")


@dataclasses.dataclass(frozen=True)
class Markup:
    """Finished HTML: `element` inserts it as it is."""

    text: str


Child = Markup | str | int | None | Iterable["Child"]


def escape(text: str) -> str:
    """Text as HTML, also safe inside a double-quoted attribute; lone surrogates and controls are made visible."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return html.escape(text.translate(CONTROL_PICTURES), quote=True)


def join(*children: Child) -> Markup:
    """Concatenates children: markup as it is, text escaped, None left out, iterables flattened."""
    return Markup("".join(_flatten(children)))


def element(tag: str, *children: Child, **attributes: str | int | bool | None) -> Markup:
    """`<tag attributes>children</tag>`.

    An underscore at the end of an attribute's name is dropped (`class_`), the others become hyphens (`aria_label`).
    True gives a bare attribute; None and False leave it out.
    """
    head = tag
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        name = name.rstrip("_").replace("_", "-")
        head += f" {name}" if value is True else f' {name}="{escape(str(value))}"'
    return Markup(f"<{head}>" if tag in VOID else f"<{head}>{join(*children).text}</{tag}>")


def _flatten(children: Iterable[Child]) -> Iterable[str]:
    for child in children:
        if child is None:
            continue
        if isinstance(child, Markup):
            yield child.text
        elif isinstance(child, str | int):
            yield escape(str(child))
        else:
            yield from _flatten(child)
