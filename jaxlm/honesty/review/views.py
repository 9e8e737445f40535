"""What the page asks for, as plain data: one example with its place among those that pass the filter, and the list."""

import bisect
import collections
import dataclasses
import itertools

from jaxlm.errors import UserError
from jaxlm.honesty.review.rows import DECISIONS
from jaxlm.honesty.review.store import Store, words

MOVES = ("stay", "here", "next", "previous", "undecided", "first", "last")
CHOICES = (*DECISIONS, "undecided", "edited")  # of the filter by decision
LIST = 200  # most rows of one list
NAMED = 5  # examples that a notice names


@dataclasses.dataclass(frozen=True)
class Filter:
    """Which examples are looked at; None and an empty search let all pass, an empty label those without one."""

    label: str | None = None
    kind: str | None = None
    decision: str | None = None
    search: str = ""

    def __post_init__(self):
        if self.decision is not None and self.decision not in CHOICES:
            raise UserError(f"decision is {self.decision!r}: expected one of {', '.join(CHOICES)}")


def matches(store: Store, chosen: Filter) -> list[int]:
    """Numbers of the examples that pass the filter, in order."""
    needle = chosen.search.casefold().strip()
    found = range(len(store.items))
    if chosen.label is not None:
        found = [n for n in found if store.items[n].label == chosen.label]
    if chosen.kind is not None:
        found = [n for n in found if store.items[n].kind == chosen.kind]
    if chosen.decision is not None:
        found = [n for n in found if _is(store.states[n], chosen.decision)]
    if needle:
        found = [n for n in found if needle in store.items[n].words or needle in words(store.states[n].edit)]
    return list(found)


def _is(state, choice: str) -> bool:
    if choice == "edited":
        return state.edit is not None
    return state.decision == (None if choice == "undecided" else choice)


def moved(store: Store, found: list[int], number: int, move: str) -> int | None:
    """Where a move from example `number` leads among `found`; None where there is nothing to go to.

    `undecided` goes on from the first one when there is none behind; `next` and `previous` stop at the ends; `here` is
    the nearest that passes the filter, `stay` the example itself whether it does or not.
    """
    if move not in MOVES:
        raise UserError(f"move is {move!r}: expected one of {', '.join(MOVES)}")
    if move == "stay" and 0 <= number < len(store.items):
        return number
    behind, before = bisect.bisect_right(found, number), bisect.bisect_left(found, number)
    if move == "undecided":
        around = itertools.chain(found[behind:], found[:behind])
        return next((n for n in around if store.states[n].decision is None), None)
    place = dict(here=before, stay=before, next=behind, previous=before - 1, first=0, last=len(found) - 1)[move]
    if move in ("here", "stay") and found:
        place = min(place, len(found) - 1)
    return found[place] if 0 <= place < len(found) else None


def view(store: Store, number: int, move: str, chosen: Filter) -> dict:
    """Moves, and returns the example moved to with its place and the review's progress.

    `row` is null when nothing passes the filter; `moved` tells whether the move led anywhere; `place` counts from 1 and
    is null for an example that does not pass the filter.
    """
    with store.lock:
        found = matches(store, chosen)
        target = moved(store, found, number, move)
        shown = target if target is not None else moved(store, found, number, "here")
        place = None if shown is None else bisect.bisect_left(found, shown)
        passes = place is not None and place < len(found) and found[place] == shown
        return dict(
            row=None if shown is None else row(store, shown),
            moved=target is not None,
            place=place + 1 if passes else None,
            matches=len(found),
            progress=progress(store),
            changed=store.changed(),
        )


def row(store: Store, number: int) -> dict:
    """An example as the page shows it."""
    example = store.example(number)
    return dict(
        number=number,
        id=example.id,
        sha=example.sha,
        decision=example.state.decision,
        messages=example.messages,
        edit=example.state.edit,
        metadata=example.metadata,
    )


def listing(store: Store, start: int, count: int, chosen: Filter) -> dict:
    """Rows `start` to `start + count` (at most LIST) of those that pass the filter, with what a list shows of them."""
    with store.lock:
        found = matches(store, chosen)
        part = found[max(start, 0) : max(start, 0) + min(max(count, 0), LIST)]
        return dict(start=max(start, 0), matches=len(found), rows=[_listed(store, n) for n in part])


def _listed(store: Store, number: int) -> dict:
    item, state = store.items[number], store.states[number]
    return dict(
        number=number, title=item.title, label=item.label, decision=state.decision, edited=state.edit is not None
    )


def progress(store: Store) -> dict:
    """How many are decided, and how, altogether and by label and kind."""
    total, labels, kinds = collections.Counter(), {}, {}
    for (label, kind, decision, edited), count in store.tally.items():
        of_label = labels.setdefault(label, collections.Counter())
        of_kind = kinds.setdefault(kind, collections.Counter())
        for counts in (total, of_label, of_kind):
            counts["all"] += count
            counts[decision or "undecided"] += count
            counts["edited"] += count if edited else 0
    return dict(total=_counts(total), labels=_named(labels), kinds=_named(kinds))


def _counts(counts: collections.Counter) -> dict:
    return {name: counts[name] for name in ("all", *CHOICES)}


def _named(groups: dict) -> list[dict]:
    return [dict(name=name) | _counts(groups[name]) for name in sorted(groups)]


def about(store: Store) -> dict:
    """The file, and what its reviewer must know: decisions that no longer apply."""
    return dict(file=store.path.name, folder=str(store.path.parent.resolve()), notice=notice(store))


def notice(store: Store) -> str | None:
    """One sentence about the decisions in the journal whose examples are not in the file as they were."""
    changed = [name for name, _ in store.unapplied if name in store.numbers]
    gone = [name for name, _ in store.unapplied if name not in store.numbers]
    if not changed and not gone:
        return None
    parts = [f"{len(names)} {what} ({_some(names)})" for names, what in ((changed, "changed"), (gone, "gone")) if names]
    return (
        f"The file has changed: {len(store.unapplied)} decisions about it do not apply any more, "
        f"{', '.join(parts)}. They stay in {store.journal.path.name}; what changed is to be decided again."
    )


def _some(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")
