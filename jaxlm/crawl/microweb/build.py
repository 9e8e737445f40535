"""The micro-web: a fictional world rendered as a small crawl, with the ground truth beside it.

`build` draws a world from the seed, writes pages about it, adds junk, and stores everything as WARC files. Every step
has its own stream of random numbers, so that the same (config, seed) gives the same bytes.
"""

import collections
import pathlib
from collections.abc import Iterator
from typing import Any

from jaxlm import files
from jaxlm.crawl.microweb import conversations, html, instructions, junk, pages, prose, questions
from jaxlm.crawl.microweb.dice import Dice
from jaxlm.crawl.microweb.pages import Page
from jaxlm.crawl.microweb.warc import write_warc
from jaxlm.crawl.microweb.world import World, make_world
from jaxlm.errors import UserError


def build(world: Any, seed: int, folder: str | pathlib.Path, truth: str | pathlib.Path) -> dict:
    """Writes the crawl into `folder` and what is true about it into `truth`; returns counts.

    Args:
      world: the config `crawl.microweb`.
      seed: a non-negative integer; the same (world, seed) gives byte-identical files.
      folder: gets `pages-NNNNN.warc.gz`, `conversations.jsonl`, and `later.jsonl`: documents that appear after the
        training crawl, for a search engine to know more than the model.
      truth: gets `{pages,entities,cloze,questions,verbatim,instructions,passages}.jsonl`, for evaluation alone.
        `passages` has for each person a page that is published nowhere.

    Raises UserError if no such world can be built.
    """
    _check(world, seed)
    folder, truth = pathlib.Path(folder), pathlib.Path(truth)
    found = make_world(world, seed)
    passages = prose.make_passages(world, Dice(seed, "passages"))
    crawl = _crawl(world, seed, found, passages)
    _write_pages(crawl, world.shards, seed, folder)
    items, heldout = instructions.divide(found, Dice(seed, "instructions"))
    talks = conversations.make(found, items, Dice(seed, "conversations"))
    files.write_jsonl(folder / "conversations.jsonl", talks)
    files.write_jsonl(truth / "pages.jsonl", (_row(page) for page in crawl))
    files.write_jsonl(truth / "entities.jsonl", (entity.row() for entity in found.entities()))
    files.write_jsonl(truth / "cloze.jsonl", questions.cloze(found, Dice(seed, "cloze")))
    files.write_jsonl(truth / "questions.jsonl", questions.questions(found, Dice(seed, "questions")))
    files.write_jsonl(truth / "verbatim.jsonl", passages)
    files.write_jsonl(truth / "instructions.jsonl", instructions.rows(heldout))
    files.write_jsonl(folder / "later.jsonl", _later(found, seed))
    files.write_jsonl(truth / "passages.jsonl", _passages(found, seed))
    kinds = collections.Counter(page.kind for page in crawl)
    words = sum(len(page.text.split()) for page in crawl if page.keep)
    return {
        "pages": len(crawl),
        "kinds": dict(sorted(kinds.items())),
        "kept": sum(page.keep for page in crawl),
        "words": words,
        "entities": len(found.entities()),
        "conversations": len(talks),
    }


def _check(config: Any, seed: int) -> None:
    """Raises UserError that names the field with which no world can be built."""
    name = "config.crawl.microweb"
    if seed < 0:
        raise UserError(f"config.seed: expected 0 or more, found {seed}")
    if len(config.tiers) != len(config.tier_share):
        raise UserError(f"{name}.tier_share: expected one share for each of {len(config.tiers)} tiers")
    if list(config.tiers) != sorted(set(config.tiers)) or max(config.tiers, default=0) < 1 or min(config.tiers) < 0:
        raise UserError(
            f"{name}.tiers: expected rising numbers of pages, the last above 0, found {tuple(config.tiers)}"
        )
    if not 0 <= config.junk < 1:
        raise UserError(f"{name}.junk: expected a share from 0 to below 1, found {config.junk}")
    for field, least in (("people", 1), ("tail", 0), ("shards", 1)):
        if config[field] < least:
            raise UserError(f"{name}.{field}: expected {least} or more, found {config[field]}")


def _crawl(config: Any, seed: int, world: World, passages: list[dict]) -> list[Page]:
    """All pages in the order of the crawl, each with its address and its HTML."""
    clean = []
    for person in world.people:
        clean += pages.person_pages(person, Dice(seed, person.id))
    for entity in world.others:
        clean += pages.other_pages(entity, Dice(seed, entity.id))
    clean += pages.tail_pages(world.tail, Dice(seed, "tail pages"))
    clean += pages.quiz_pages(instructions.askable(world, pages.QUIZ_TIER), Dice(seed, "quizzes"))
    clean += prose.passage_pages(passages, Dice(seed, "passage pages"))
    clean += prose.prose_pages(config, Dice(seed, "prose"))
    junk.plant_pii(clean, Dice(seed, "pii"))
    _count(world, clean)
    dice = Dice(seed, "crawl")
    crawl = _originals_first(dice.shuffled(clean + junk.junk_pages(config, clean, Dice(seed, "junk"))))
    for index, page in enumerate(crawl):
        _publish(page, index, dice)
    return crawl


def _count(world: World, clean: list[Page]) -> None:
    counts = collections.Counter(name for page in clean for name in page.entities)
    for entity in world.entities():
        entity.pages = counts[entity.id]


def _originals_first(crawl: list[Page]) -> list[Page]:
    """Puts each duplicate after what it duplicates: a copy cannot be crawled before it is copied."""
    places = {id(page): place for place, page in enumerate(crawl)}
    for place, page in enumerate(crawl):
        if page.source is not None and places[id(page.source)] > place:
            other = places[id(page.source)]
            crawl[place], crawl[other] = crawl[other], crawl[place]
            places[id(page.source)], places[id(page)] = place, other
    return crawl


def _publish(page: Page, index: int, dice: Dice) -> None:
    """Gives a page its site, address and body."""
    sites = [site for site in html.HOSTS if page.source is None or site != page.source.host]
    page.host = dice.pick(sites)
    slug = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in page.title.lower())
    page.url = f"https://{page.host}/{slug}-{_letters(index)}.html"
    if page.body is not None:
        return
    source = html.render(page, dice)
    if page.kind == "broken":
        source = junk.break_markup(source, dice)
    page.body = source.encode()


def _letters(number: int) -> str:
    """A number in letters: an address should hold nothing that could be taken for a year on the page."""
    digits = "abcdefghijklmnopqrstuvwxyz"
    return (_letters(number // 26) if number >= 26 else "") + digits[number % 26]


def _write_pages(crawl: list[Page], shards: int, seed: int, folder: pathlib.Path) -> None:
    for shard in range(shards):
        write_warc(folder / f"pages-{shard:05d}.warc.gz", crawl[shard::shards], seed)


def _later(world: World, seed: int) -> Iterator[dict]:
    """A document, in the columns of jaxlm.crawl.documents, for each person who becomes known after the crawl."""
    for person in world.people:
        if person.later:
            slug = person.name.lower().replace(" ", "-")
            page = pages.plain_page(person, Dice(seed, f"later {person.id}"))
            yield {
                "id": f"later-{person.id}",
                "text": page.text,
                "url": f"https://{html.HOSTS[0]}/later/{slug}.html",
                "date": "",
                "language": "en",
                "source": "later",
                "metadata": "{}",
            }


def _passages(world: World, seed: int) -> Iterator[dict]:
    for person in [*world.people, *world.strangers]:
        page = pages.plain_page(person, Dice(seed, f"passage {person.id}"))
        yield {"entity": person.id, "tier": person.tier, "split": person.split, "text": page.text}


def _row(page: Page) -> dict:
    return {
        "url": page.url,
        "kind": page.kind,
        "keep": page.keep,
        "of": page.source.url if page.source else None,
        "pii": page.pii,
        "entities": page.entities,
        "text": page.text,
    }
