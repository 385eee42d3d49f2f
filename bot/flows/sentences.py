"""The sentences that can be translated: each with its address, its English, and what a translator is told of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from bot.engine.effects import PHRASES, RECORDS
from bot.engine.guards import Kind
from bot.engine.model import Flow, Say, SlotType
from bot.engine.template import Template
from bot.flows.compiling import LONGEST_TEXT, UsedText
from bot.flows.flow_compiler import Compiled
from bot.flows.schema import LONGEST_LABEL
from bot.flows.telling import HEARD, folded

_HOLDS: Mapping[SlotType, str] = {
    SlotType.TEXT: "somebody's own words",
    SlotType.CHOICE: "the chosen label",
    SlotType.CHOICES: "the chosen labels, listed",
    SlotType.DURATION: "a length of time, such as '20 minutes'",
    SlotType.INSTANT: "a time, such as 'at 20:40' or 'on Friday at 20:40'",
    SlotType.NUMBER: "a number",
    SlotType.SCALE: "a number",
    SlotType.TIME: "a time of day, such as '20:40'",
    SlotType.DATE: "a day, such as 'Friday 12 May'",
    SlotType.RECURRENCE: "when something comes, such as 'every Friday at 21:30'",
    SlotType.COUNTRY: "a country, such as 'Spain'",
    SlotType.ZONE: "a city, such as 'Lima'",
    SlotType.LIST: "people's own words, each on a line of its own",
    SlotType.ITEM: "somebody's own words",
}
"""What a slot's placeholder stands for."""

_RESULTS: Mapping[Kind, SlotType] = {
    Kind.NUMBER: SlotType.NUMBER,
    Kind.DURATION: SlotType.DURATION,
    Kind.INSTANT: SlotType.INSTANT,
    Kind.CLOCK: SlotType.TIME,
    Kind.DATE: SlotType.DATE,
    Kind.ITEMS: SlotType.LIST,
    Kind.NAMES: SlotType.CHOICES,
}
"""Which slot would hold what an outcome comes to."""

_FAMILIES: Mapping[str, str] = {
    "words": "Words that act when somebody types nothing else; several, with commas between. English ones work too.",
    "time": "{time} is such as '20:40', {day} such as 'Friday', {length} such as '20 minutes'.",
    "date": "{weekday} is such as 'Friday', {month} such as 'May'.",
}
"""What a translator is told about the phrases whose address begins so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence in English. ``told_by`` are the addresses of the questions that have to say its very words."""

    address: str
    template: Template
    most: int
    """Characters of our own words that it may have, in every language."""
    file: str
    notes: tuple[str, ...] = ()
    told_by: tuple[str, ...] = ()
    heard: bool = False
    """It is said to people, not pressed: what is the same in English is the same in every language."""


def address_of(flow: str, key: str) -> str:
    """Return the address under which a text stands in the catalogues."""
    return f"{flow}:{key}"


def sentences_of(
    flows: Iterable[Compiled], phrases: Mapping[str, Template], records: Mapping[str, Template]
) -> tuple[Sentence, ...]:
    """Return every sentence that there is, in a fixed order."""
    found = [*_phrases(phrases), *_records(records)]
    for one in sorted(flows, key=lambda one: one.flow.id):
        found += _of_flow(one)
    return tuple(found)


def _records(texts: Mapping[str, Template]) -> Iterator[Sentence]:
    for key, template in texts.items():
        most = LONGEST_LABEL if ".fields." in key or key.endswith(".title") else LONGEST_TEXT
        yield Sentence(
            address=address_of(RECORDS, key), template=template, most=most, file=f"{RECORDS}.yaml", notes=_limit(most)
        )


def _phrases(phrases: Mapping[str, Template]) -> Iterator[Sentence]:
    for key, template in phrases.items():
        family = key.split(".")[0]
        label = family == "choice"
        yield Sentence(
            address=address_of(PHRASES, key),
            template=template,
            most=LONGEST_LABEL if label else LONGEST_TEXT,
            file=f"{PHRASES}.yaml",
            notes=(*_limit(LONGEST_LABEL if label else LONGEST_TEXT), *_family(family)),
        )


def _family(name: str) -> tuple[str, ...]:
    return (_FAMILIES[name],) if name in _FAMILIES else ()


def _of_flow(one: Compiled) -> Iterator[Sentence]:
    for key, used in one.work.texts.items():
        yield Sentence(
            address=address_of(one.flow.id, key),
            template=used.template,
            most=used.most,
            file=f"flows/{PurePath(one.source.path).name}",
            notes=tuple(_notes(one, used)),
            told_by=tuple(address_of(one.flow.id, question) for question in _told_by(one, used)),
            heard=HEARD.search(key) is not None,
        )


def _limit(most: int) -> tuple[str, ...]:
    return (f"At most {most} characters.",) if most < LONGEST_TEXT else ()


def _notes(one: Compiled, used: UsedText) -> Iterator[str]:
    yield from _limit(used.most)
    step = one.flow.steps.get(used.key.removesuffix(".say"))
    if isinstance(step, Say) and step.neutral:
        yield "It may stand on a lock screen: no names, no topic."
    for question in _told_by(one, used):
        yield f"'{address_of(one.flow.id, question)}' has to say these very words."
    for name in dict.fromkeys(used.template.names):
        yield f"{{{name}}}: {_held(one.flow, name)}"


def _held(flow: Flow, name: str) -> str:
    """What a placeholder stands for, in so many words."""
    if name in flow.slots:
        return _HOLDS[flow.slots[name].type]
    if name in flow.loops:
        return "one of several: somebody's own words, or a label"
    if name in flow.outcomes:
        return _HOLDS[_RESULTS.get(flow.outcomes[name].kind, SlotType.CHOICE)]
    return "a name"


def _told_by(one: Compiled, used: UsedText) -> Iterator[str]:
    """The questions that tell an outcome, or a start with others, in its very words; of a start, buttons too."""
    if not used.key.endswith(".told"):
        return
    words = folded(used.template.source)
    pressed = not used.key.startswith("outcomes.")
    for key, other in one.work.texts.items():
        heard = HEARD.search(key) or (pressed and key.startswith("slots.") and ".options." in key)
        if heard and words in folded(other.template.source):
            yield key
