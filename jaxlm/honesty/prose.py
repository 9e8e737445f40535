"""Questions about any expository text, from the general patterns in which it speaks of the subject of its title.

Written for encyclopedia articles. A question must be answerable from the text alone and make sense without it, so only
sentences that name the subject are used: born, died, founded, located, written by, what kind of thing it is; and, where
those are too few, a sentence with one number or proper name left out.
"""

import dataclasses
import functools
import html
import json
import re
from collections.abc import Iterator

from jaxlm.crawl.microweb.dice import Dice

WORD = r"[A-ZÀ-ÞĀ-Ž][\w'’.-]*\w"
NAME = rf"{WORD}(?:(?: (?:of|de|la|von|van|the|du|al))?,? {WORD}){{0,3}}"
PLACE = rf"{WORD}(?: (?:of |de |la |upon )?{WORD}){{0,2}}(?:, {WORD}(?: {WORD})?)?"
YEAR = r"(?:1\d{3}|20[0-2]\d)"
DAY_AND_MONTH = r"\d{1,2} [A-Z]"
# From a date to another; some extractors drop the dash.
SPAN = re.compile(rf"\d\D*[–-]\D*\d|(?<!\d){YEAR}(?:[A-Z]|{DAY_AND_MONTH})")
DATE = rf"(?:\d{{1,2}} )?(?:[A-Z][a-z]+ )?(?:\d{{1,2}}, )?({YEAR})"
SENTENCE = re.compile(
    r"(?<=[.!?])(?<![A-Z]\.)(?<!\b(?:St|Dr|Mr|Ms|Lt)\.)(?<!\b(?:Mrs|Sgt|Col|Gen)\.)(?<!\bc\.)\s+(?=[A-Z\"])"
)
PARENTHESIS = re.compile(r"\((?:[^()]|\([^()]*\))*\)")
PHRASE_END = re.compile(
    r"[,.;:(]|\s–|\s(?:who|that|which|in|of|from|with|and|for|at|by|on|located|found|composed|released|written|directed|"
    r"published|born|whose|where|to|as|made|used|known|based|developed|created|held|built|between|during|near|under|"
    r"featuring|launched|consisting|containing|serving|best|whom|active|since|or|but|native|set|played|fought|when|if|inspired|"
    r"produced|designed|about|recorded|performed|belonging|starring|comprising|within|along|is|was)\b"
)  # fmt: skip
VERBS = (
    "founded|established|built|published|released|discovered|completed|formed|opened|written|directed|designed|composed|"
    "invented|launched|produced|commissioned|created|described|developed|recorded|painted"
)  # fmt: skip
# In sentences whose first mention of the subject is written `@`.
HEAD = r"^(?:The )?@(?: \([^()]*\))? (?:is|was|were|are) (?:first |originally |officially |also )?"
KIND = re.compile(r"[^.@]{0,60}@[^.]{0,60}? (is|was|are|were) (an? |the |one of the )(.+)")
BORN_IN = re.compile(
    rf"(?:^Born|(?:@|^He|^She) was born)(?: [A-Z]\w+){{0,3}}(?: on {DATE},?| in {YEAR},?)* (?:in|at) ({PLACE})"
)
PASSIVE = re.compile(rf"{HEAD}({VERBS})(?: by ({NAME}))?(?: [a-z]+ [a-z]+)?(?: (?:in|on) {DATE})?")
LOCATED = re.compile(rf"{HEAD}(?:located|situated) (?:in|on|near|at) (?:the )?({PLACE})")
NAMED_AFTER = re.compile(rf"{HEAD}named (?:after|for) (?:the )?({NAME})")
CANDIDATE = re.compile(rf"\b(?:{NAME}|{YEAR}|\d[\d,.]*\d)\b")
UNTIDY = re.compile(r"[()\[\]:;]|\s,|  ")
OF_WHAT = re.compile(  # what is a genus, or a recipient, is said by what stands behind it
    r"\b(?:genus|species|subspecies|group|class|family|order|type|form|series|pair|set|member|recipient|ruler|hypothesis|"
    r"codename|name|event|act|part|study|branch|battle|breed|rise)$"
)
NO_NOUN = re.compile(
    r"\"|^(?:first|second|third|(?:four|fif|six|seven|eigh|nin|ten)th|last|only|largest|smallest|highest|best|oldest|"
    r"earliest|latest|most|more|very|responsible|common|former|professional)$"
)
NO_PERSON = re.compile(r"\d|\bof the\b|^The ")
NOT_ALONE = re.compile(r"^(?:He|She|It|They|This|These|That|Those|There|However|His|Her|Its|Their|Such|But|And|Both)\b")
VAGUE = re.compile(r"\b(?:this|these|latter|former|aforementioned|above|below|following|respectively|said)\b", re.I)
CALENDAR = re.compile(
    r"^(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|"
    r"Wednesday|Thursday|Friday|Saturday|Sunday|The|In|On|At|By|For|As|A|An|I|II|III|IV)$"
)
# A name left out is whole only where no other part of it and no noun that it qualifies follows.
ENDS_NAME = re.compile(
    r"(?:[.,]|$| (?:in|on|at|for|to|with|from|by|was|is|were|as|who|where|that|until|before|after|during|which|had|"
    r"has|but|because|while|when|through|between|near|under|against|into|or)\b| and [a-z])"
)  # fmt: skip
WITHIN_NAME = re.compile(r"(?:[A-ZÀ-ÞĀ-Ž][\w.'’-]* |[A-Z]\w+ (?:and|of|of the) |[-\w&])$")
BLANK = "____"
BLANK_WORDS = (8, 26)  # of a sentence with a word left out, at least and at most
LONGEST_ANSWER = 6  # words
LEAD_PARAGRAPHS = 6  # where a life is told from its beginning
SHORT_TITLE = 80  # characters
MIDDLE_NAMES = 4
PRONOUNS = 4  # in a long text about a person, at least


@dataclasses.dataclass(frozen=True)
class Pair:
    """A question about `entity` (of `type` person or thing) and its answer, as the passage gives it.

    `statement` is the answer in a whole sentence where there is a simple one, else by itself.
    """

    entity: str
    type: str
    attribute: str
    question: str
    answer: str
    passage: str
    statement: str
    aliases: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Subject:
    """What an article is about: its title, whether that is a person, and an expression for its mentions."""

    title: str
    person: bool

    @property
    def family(self) -> str:
        """The last name of a person who may be called by it alone, else ""."""
        name = self.title.split()[-1]
        return name if self.person and len(name) > 2 and " of " not in self.title else ""

    @functools.cached_property
    def mention(self) -> re.Pattern:
        """Of a person also the family name, alone or behind middle names; of a thing also in quotes or lower case."""
        first, *rest = self.title.split()
        if self.family:
            middle = rf"(?: (?:[A-ZÀ-ÞĀ-Ž][\w.'’-]*|\"[^\"]+\")){{0,{MIDDLE_NAMES}}}"
            names = [self.title, f"{first}\0{self.family}", self.family]
            names = [re.escape(name).replace("\0", f"{middle} ") for name in names]
        else:
            spelt = rf"[{first[0].upper()}{first[0].lower()}]{re.escape(first[1:])}" if first[0].isalpha() else first
            names = [" ".join(rf'"?{word}"?' for word in [spelt, *map(re.escape, rest)])]
        return re.compile("|".join(rf"(?<!\w){name}(?!\w)" for name in names))

    def mark(self, sentence: str) -> str:
        """The sentence with `@` for its first mention of the subject; "" without one, or inside another name."""
        match = self.mention.search(sentence)
        if not match or (match[0] == self.family and WITHIN_NAME.search(sentence[: match.start()])):
            return ""
        return f"{sentence[: match.start()]}@{sentence[match.end() :]}"


def pairs(document: dict, dice: Dice) -> Iterator[Pair]:
    """Yields the pairs that a document (a row of jaxlm.crawl.documents) gives, those of its patterns first.

    Nothing for a document without a title. `dice` decides what is left out of a sentence.
    """
    title, paragraphs = _article(document)
    if not title or not paragraphs:
        return
    subject = Subject(title, _is_person(title, paragraphs))
    yield from _lead(subject, paragraphs[0])
    blanks = []
    for number, paragraph in enumerate(paragraphs):
        for sentence in SENTENCE.split(paragraph):
            marked = subject.mark(sentence)
            if number < LEAD_PARAGRAPHS and subject.person:
                yield from _birthplace(subject, marked or sentence, paragraph)
            if marked:
                yield from _passive(subject, marked, paragraph)
                blanks.append((marked, paragraph))
    for marked, paragraph in dice.shuffled(blanks):
        yield from _blank(subject, marked, paragraph, dice)


def _article(document: dict) -> tuple[str, list[str]]:
    """The title, from the metadata or the first line, and the paragraphs of prose."""
    lines = [line.strip() for line in document["text"].replace("\xa0", " ").splitlines() if line.strip()]
    title = html.unescape(str(json.loads(document.get("metadata") or "{}").get("title") or ""))
    if not title and lines and len(lines[0]) <= SHORT_TITLE and lines[0][-1] not in ".!?:;,":
        title = lines[0]
    title = re.sub(r"\s*\([^()]*\)$", "", title)
    if not title[:1].isupper() or "|" in title or title.startswith(("List of", "History of")):
        return "", []
    return title, [line for line in lines if len(line.split()) >= BLANK_WORDS[0] and line[-1] in '.!?"']


def _is_person(title: str, paragraphs: list[str]) -> bool:
    """An article about a person gives the years of a life behind the name, and then says he or she."""
    words = re.findall(r"\w+", " ".join(paragraphs[:4]).lower())
    pronouns = sum(word in ("he", "she", "his", "her") for word in words)
    return bool(
        pronouns >= min(PRONOUNS, 1 + len(words) // 100)
        and len(title.split()) >= 2
        and not NO_PERSON.search(title)
        and _life(title, paragraphs[0])
    )


def _life(title: str, lead: str) -> list[str]:
    """The years of birth and death that stand in parentheses behind the name, the second if there is one."""
    start = lead[: len(title) + 60].find(title.split()[-1])
    bracket = PARENTHESIS.search(lead, max(start, 0))
    if start < 0 or not bracket or bracket.start() > start + len(title) + 40:
        return []
    years = re.findall(rf"(?<!\d){YEAR}(?=\D|{DAY_AND_MONTH})", bracket[0])
    if SPAN.search(bracket[0]) and len(years) >= 2:
        return [years[0], years[-1]]
    return years[:1] if "born" in bracket[0] else []


def _lead(subject: Subject, paragraph: str) -> Iterator[Pair]:
    """What the first sentence says: the kind of thing, the years of a life."""
    sentence = SENTENCE.split(paragraph)[0]
    years = _life(subject.title, paragraph) if subject.person else []
    name = subject.title
    asked = (("born", f"was {name} born", f"{name} was born in"), ("died", f"did {name} die", f"{name} died in"))
    yield from _kind(subject, sentence, paragraph)
    for (attribute, question, told), year in zip(asked, years, strict=False):
        yield _pair(subject, attribute, f"In which year {question}?", year, paragraph, told)


def _kind(subject: Subject, sentence: str, paragraph: str) -> Iterator[Pair]:
    plain = subject.mark(PARENTHESIS.sub("", sentence).replace("  ", " "))
    match = KIND.match(plain)
    if not match:
        return
    verb, article, rest = match.groups()
    phrase = PHRASE_END.split(rest, maxsplit=1)[0].strip()
    behind = rest[len(phrase) :]
    if OF_WHAT.search(phrase) and behind.startswith(" of "):
        phrase += f" of {PHRASE_END.split(behind[4:], maxsplit=1)[0].strip()}"
    words = phrase.split()
    if len(words) <= LONGEST_ANSWER and len(phrase) > 3 and _is_noun(words) and not _overlaps(subject, phrase):
        question = f"{'Who' if subject.person else 'What'} {verb} {subject.title}?"
        aliases = (words[-1],) if len(words) > 1 and len(words[-1]) > 3 else ()
        yield _pair(subject, "kind", question, phrase, paragraph, f"{subject.title} {verb} {article}".strip(), aliases)


def _is_noun(words: list[str]) -> bool:
    """Whether a phrase was cut behind a noun, not within: `an Italian and naturalized ...`, `the second and ...`."""
    common = any(word.islower() for word in words)
    return common and words[0] != "of" and not NO_NOUN.search(words[-1])


def _birthplace(subject: Subject, sentence: str, paragraph: str) -> Iterator[Pair]:
    if match := BORN_IN.search(sentence):
        place = match[match.lastindex]
        town = place.split(",")[0]
        if not CALENDAR.match(town.split()[0]):
            aliases, name = (town,) if town != place else (), subject.title
            question, told = f"Where was {name} born?", f"{name} was born in"
            yield _pair(subject, "birthplace", question, place, paragraph, told, aliases)


def _passive(subject: Subject, sentence: str, paragraph: str) -> Iterator[Pair]:
    """`X was founded by ANA in 1901`, `X is located in`, `X is named after`."""
    name = subject.title
    if match := PASSIVE.search(sentence):
        verb, maker, year = match.groups()
        if year and not subject.person:
            question, told = f"In which year was {name} {verb}?", f"{name} was {verb} in"
            yield _pair(subject, f"{verb} year", question, year, paragraph, told)
        if maker:
            question, told = f"By whom was {name} {verb}?", f"{name} was {verb} by"
            yield _pair(subject, f"{verb} by", question, maker, paragraph, told, _family(maker))
    if match := LOCATED.search(sentence):
        question, told, place = f"Where is {name} located?", f"{name} is located in", match[1]
        yield _pair(subject, "location", question, place, paragraph, told, (place.split(",")[0],))
    if match := NAMED_AFTER.search(sentence):
        question, told = f"After whom or what was {name} named?", f"{name} was named after"
        yield _pair(subject, "namesake", question, match[1], paragraph, told)


def _blank(subject: Subject, sentence: str, paragraph: str, dice: Dice) -> Iterator[Pair]:
    """The sentence, the subject named in full, with one name or number left out that occurs nowhere else in it."""
    words = len(sentence.split())
    if not BLANK_WORDS[0] <= words <= BLANK_WORDS[1] or NOT_ALONE.search(sentence) or VAGUE.search(sentence):
        return
    if sentence.count('"') % 2 or UNTIDY.search(sentence) or sentence[-1] != ".":
        return
    sentence = sentence.replace("@", subject.title, 1)
    candidates = [match for match in CANDIDATE.finditer(sentence) if _worth(subject, sentence, match)]
    if candidates:
        chosen = dice.pick(candidates)
        asked = sentence[: chosen.start()] + BLANK + sentence[chosen.end() :]
        yield _pair(subject, "blank", f"Fill in the blank: {asked}", chosen[0], paragraph)


def _worth(subject: Subject, sentence: str, match: re.Match) -> bool:
    """Whether it is worth asking for: no beginning of the sentence, no calendar word, no part of the subject."""
    text = match[0]
    inside_quotes = sentence[: match.start()].count('"') % 2 == 1
    if (
        match.start() == 0
        or inside_quotes
        or sentence.count(text) > 1
        or len(text) < 3
        or re.search(r",|[A-Z]\.", text)
    ):
        return False
    if not ENDS_NAME.match(sentence, match.end()) or WITHIN_NAME.search(sentence[: match.start()]):
        return False
    return not any(CALENDAR.match(word) for word in text.split()) and not _overlaps(subject, text)


def _overlaps(subject: Subject, text: str) -> bool:
    return bool(set(text.lower().split()) & set(subject.title.lower().split()))


def _family(name: str) -> tuple[str, ...]:
    words = name.split()
    return (words[-1],) if len(words) > 1 else ()


def _pair(
    subject: Subject,
    attribute: str,
    question: str,
    answer: str,
    passage: str,
    told: str = "",
    aliases: tuple[str, ...] = (),
) -> Pair:
    """`told` is how a sentence that ends with the answer begins."""
    kind, answer = "person" if subject.person else "thing", answer.strip(" ,.")
    statement = f"{told} {answer}.".lstrip()
    return Pair(subject.title, kind, attribute, question, answer, passage, statement, tuple(aliases))
