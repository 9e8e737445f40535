"""The models of a run, by the names that evaluations give them, in the order of their lives."""

from collections.abc import Sequence

# As `jaxlm.evals.suite.MODELS` names them, and what each has learned that the one before had not.
TOLD = {
    "base": "base: read text",
    "tuned": "tuned: learned to converse",
    "gated": "gated: the tuned one, silent on names too new to it",
    "honest": "honest: learned its limits",
    "searching": "searching: learned to look things up",
    "final": "final: learned who it is",
}
BEFORE = "tuned"  # what the later ones are compared with


def present(rows: Sequence[dict]) -> list[str]:
    """The models that rows are about, in order; those of other names last."""
    found = dict.fromkeys(row["model"] for row in rows)
    return [name for name in TOLD if name in found] + [name for name in found if name not in TOLD]


def told(name: str) -> str:
    """A model's name with what it has learned."""
    return TOLD.get(name, name)


def before_after(rows: Sequence[dict]) -> tuple[str | None, str | None]:
    """The model that others are compared with, and the last one; None for what is not there."""
    names = present(rows)
    before = BEFORE if BEFORE in names else next(iter(names), None)
    return before, names[-1] if names and names[-1] != before else None
