"""Chapter: how text is cut into tokens."""

from jaxlm.report import parts
from jaxlm.report.folder import Run
from jaxlm.report.html import Markup, element, join
from jaxlm.report.numbers import count, percent, size

ANCHOR, TITLE = "tokens", "Text becomes tokens"
LONGEST_BAR = 12  # bytes; longer tokens share the last bar
SHOWN_LONGEST = 24


def chapter(run: Run) -> Markup | None:
    result = run.result("tokenizer")
    lead = (
        "The network sees no letters and no words, only numbers. A tokenizer, itself learned from the text, cuts it "
        "into the pieces that occur most often: frequent words become one token, rare names are spelled in several."
    )
    if result.get("kind") == "char":
        lead = "The network sees no letters and no words, only numbers. Here every character of the text is one token."
    return parts.chapter(ANCHOR, TITLE, lead, _cards(result), _sample(result), _lengths(result), _longest(result))


def _cards(result: dict) -> Markup | None:
    if not result:
        return None
    train, held = result["train"], result["heldout"]
    return parts.cards(
        [
            parts.card(f"{result['vocab_size']:,}", "tokens in the vocabulary"),
            parts.card(
                f"{result['bytes_per_token']:.2f}",
                "bytes of text a token, on average",
                f"on held-out text, {size(held['bytes'])}",
            ),
            parts.card(
                count(train["tokens"]),
                "tokens to learn from",
                f"{train['documents']:,} documents, {size(train['bytes'])}",
            ),
            parts.card(
                count(held["tokens"]),
                "tokens held out",
                f"{held['documents']:,} documents, {size(held['bytes'])}, never trained on",
            ),
        ]
    )


def _sample(result: dict) -> Markup | None:
    shown = result.get("samples", {}).get("heldout") or result.get("samples", {}).get("train")
    if not shown:
        return None
    bytewise = result["kind"] == "bpe"
    caption = (
        f"The first {len(shown)} tokens of a document, each in its tint (· is a space, ⏎ a line end)."
        + " What the vocabulary lacks is spelled byte by byte, so that no text is impossible to write." * bytewise
    )
    return parts.figure("A page, as the model sees it", parts.tokens(piece for piece, _ in shown), caption)


def _lengths(result: dict) -> Markup | None:
    lengths = result.get("token_lengths", ())
    if not any(lengths) or result["kind"] == "char":
        return None
    total = sum(lengths)
    shown = [*lengths[: LONGEST_BAR - 1], sum(lengths[LONGEST_BAR - 1 :])]
    tallest = max(shown)
    bars = [
        parts.Bar(
            f"{i}{' or more' * (i == LONGEST_BAR)} byte{'s' * (i > 1)}",
            used / tallest,
            percent(used / total, 1),
            color=3,
        )
        for i, used in enumerate(shown, 1)
    ]
    caption = (
        f"Share of the tokens in held-out text by their length in bytes, of {total:,} tokens without the marks that "
        "begin and end documents."
    )
    return parts.figure("How long is a token?", parts.bars(bars), caption)


def _longest(result: dict) -> Markup | None:
    longest = result.get("longest", ())[:SHOWN_LONGEST]
    if not longest or result["kind"] == "char":
        return None
    chips = [join(element("span", parts.piece(text), class_=f"t{i % 4}"), " ") for i, text in enumerate(longest)]
    caption = "The longest tokens of the vocabulary: what this corpus says so often that it is worth one number."
    return parts.figure("What it found worth a token of its own", element("p", chips, class_="tokens"), caption)
