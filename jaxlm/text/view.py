"""Tokens and loss mask made visible, on a terminal or as HTML.

    python -m jaxlm.text.view --tokenizer=RUN/tokenizer FILE     text, or conversations (.json, .jsonl)

Neighboring tokens alternate in color; what is learnt is underlined in HTML and bright on the terminal; control symbols
are shown reversed.
"""

import argparse
import html as markup
import itertools
import sys
from collections.abc import Iterable

import numpy as np

from jaxlm.errors import UserError, one_line
from jaxlm.text.conversation import Rendered, render
from jaxlm.text.conversations import read_conversations
from jaxlm.text.tokenizer import CONTROL, Tokenizer

COLORS = ("#dbeafe", "#fde2c8", "#d9f0d3", "#ecdcf5", "#fff3bf")  # backgrounds, dark text on them
ANSI = (36, 33, 32, 35, 34)  # foregrounds


def terminal(shown: Rendered | Iterable[int], tokenizer: Tokenizer) -> str:
    """ANSI text; control characters of the text are escaped, so that it cannot steer the terminal."""
    parts = []
    for n, (i, piece, learnt) in enumerate(_tokens(shown, tokenizer)):
        style = "7" if i < len(CONTROL) else str(ANSI[n % len(ANSI)])
        parts.append(f"\033[{style}{';1' if learnt else ''}m{_printable(piece)}\033[0m" + "\n" * piece.count("\n"))
    return "".join(parts)


def html(shown: Rendered | Iterable[int], tokenizer: Tokenizer) -> str:
    """An HTML fragment with inline styles and escaped text; each token's id is its title."""
    spans = []
    for n, (i, piece, learnt) in enumerate(_tokens(shown, tokenizer)):
        style = "background:#333;color:#fff" if i < len(CONTROL) else f"background:{COLORS[n % len(COLORS)]};color:#222"
        style += ";border-bottom:2px solid #c0392b" if learnt else ""
        spans.append(f'<span style="{style}" title="{i}">{markup.escape(piece)}</span>')
    return f'<div style="font-family:monospace;white-space:pre-wrap;line-height:1.7">{"".join(spans)}</div>'


def _tokens(shown, tokenizer: Tokenizer):
    ids = [int(i) for i in (shown.ids if isinstance(shown, Rendered) else shown)]
    mask = shown.loss_mask if isinstance(shown, Rendered) else np.zeros(len(ids), np.uint8)
    return zip(ids, tokenizer.pieces(ids), mask.tolist(), strict=True)


def _printable(piece: str) -> str:
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in piece)


def main(arguments: list[str] | None = None) -> None:
    """Prints a file's tokens; see the module's docstring."""
    parser = argparse.ArgumentParser("python -m jaxlm.text.view", description="Shows a file's tokens and loss mask.")
    parser.add_argument("--tokenizer", required=True, metavar="DIR", help="a run's folder tokenizer/")
    parser.add_argument("--limit", type=int, default=20, help="conversations shown")
    parser.add_argument("file", help="text, or conversations (.json, .jsonl); - is the standard input")
    flags = parser.parse_args(arguments)
    if flags.limit < 0:
        raise UserError(f"--limit={flags.limit}: expected 0 or more")
    tokenizer = Tokenizer.load(flags.tokenizer)
    if flags.file.removesuffix(".gz").removesuffix(".zst").endswith((".json", ".jsonl")):
        for conversation in itertools.islice(read_conversations([flags.file]), flags.limit):
            print(terminal(render(conversation["messages"], tokenizer), tokenizer), end="\n\n")
        return
    try:
        with sys.stdin.buffer if flags.file == "-" else open(flags.file, "rb") as file:
            print(terminal(tokenizer.encode(file.read()), tokenizer))
    except OSError as error:
        raise UserError(f"{flags.file}: {error.strerror}") from None


if __name__ == "__main__":
    with one_line():
        main()
