"""Building an ask: its answers, its choices and what belongs to them."""

from datetime import UTC, datetime

from bot.engine.answers import Refused, read_answer
from bot.engine.effects import PHRASES, Choice, Text
from bot.engine.model import EVERYONE, READ_BY_ALL, RELEASABLE, ROOM, TYPED, WRITTEN, Ask, Slot, SlotType
from bot.engine.prompts import SUGGESTED, WAY
from bot.engine.several import SEVERAL, SKIP
from bot.flows.compiling import Compiling, Place, stored_option
from bot.flows.problems import did_you_mean
from bot.flows.schema import AskSource, LeastSource
from bot.flows.slots import check_over
from bot.flows.yaml_source import Path_

_OF_A_DAY = frozenset({SlotType.DATE, SlotType.RECURRENCE})

_SOME_TIME = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""What is suggested for a date has to fit on whichever day it is pressed."""


def build_ask(source: AskSource, work: Compiling, place: Place) -> Ask:
    """Return the step; every fault is noted in ``work``."""
    path = place.path
    work.text(f"{source.id}.ask", source.ask, (*path, "ask"))
    if source.retry is not None:
        work.text(f"{source.id}.retry", source.retry, (*path, "retry"))
    work.slot(source.save, (*path, "save"))
    _check_answers(source, work, place)
    slot = work.slots.get(source.save)
    return Ask(
        id=source.id,
        save=source.save,
        optional=_may_be_skipped(source),
        in_room=source.place == ROOM,
        choices=_choices(source, work, path),
        stays=source.stays,
        replies={
            _stored(value, slot): work.text(f"{source.id}.replies.{value}", words, (*path, "replies", value))
            for value, words in source.replies.items()
        },
        signals={str(signal): _stored(value, slot) for signal, value in source.signals.items()},
        ways=tuple(source.ways),
        shown_to=source.shown_to,
        least=_least(source),
        most=source.most,
        suggest_from=source.suggest_from,
        nudge=source.nudge,
    )


def _least(source: AskSource) -> tuple[int, int]:
    if isinstance(source.least, LeastSource):
        return source.least.first, source.least.again
    return source.least, source.least


def _stored(option: str, slot: Slot | None) -> str:
    """An option as written, in the words in which a choice comes back."""
    return str(stored_option(option, slot.type)) if slot is not None else option


def _choices(source: AskSource, work: Compiling, path: Path_) -> tuple[Choice, ...]:
    """The offered options of the slot, then the suggestions, then [Skip]."""
    slot = work.slots.get(source.save)
    offered = {_stored(value, slot) for value in source.offer}
    choices = [
        Choice(value=str(option.value), label=Text(flow=work.flow, key=option.key))
        for option in (slot.options if slot is not None else ())
        if not source.offer or str(option.value) in offered
    ]
    for index, words in enumerate(source.suggest):
        key = work.label(f"{source.id}.suggest.{index}", words, (*path, "suggest", index))
        choices.append(Choice(value=f"{SUGGESTED}{index}", label=Text(flow=work.flow, key=key)))
    for way, words in source.ways.items():
        key = work.label(f"{source.id}.ways.{way}", words, (*path, "ways", way))
        work.target(way, (*path, "ways", way), key=True)
        choices.append(Choice(value=f"{WAY}{way}", label=Text(flow=work.flow, key=key)))
    if _may_be_skipped(source):
        choices.append(Choice(value=SKIP, label=_skip(source, work, path)))
    return tuple(choices)


def _may_be_skipped(source: AskSource) -> bool:
    return source.optional or source.skip is not None


def _skip(source: AskSource, work: Compiling, path: Path_) -> Text:
    """The label of a skip: the standing one, or the question's own."""
    if source.skip is None:
        return Text(flow=PHRASES, key=f"choice.{SKIP}")
    return Text(flow=work.flow, key=work.label(f"{source.id}.{SKIP}", source.skip, (*path, "skip")))


def _check_answers(source: AskSource, work: Compiling, place: Place) -> None:
    path = place.path
    for key in ("reveal", "kept"):
        if getattr(source, key) is not None and source.grant_to is None:
            told = f"'{key}' belongs to 'grant_to': say to whom the answer would be shown"
            work.problem((*path, key), told, "misplaced-key", key=True)
    slot = work.slots.get(source.save)
    if slot is None or ("slots", slot.name) in work.broken:
        return
    _check_author(slot, work, place)
    _check_type(source, slot, work, path)
    _check_items(slot, work, place)
    if source.shown_to is not None:
        work.audience_of_grant(source.shown_to, (*path, "shown_to"))
        check_releasable(work, slot.name, (*path, "save"), place)
        if source.grant_to is not None:
            told = "'grant_to' asks for the grant in a step of its own; with 'shown_to' answering is the grant"
            work.problem((*path, "shown_to"), told, "misplaced-key", key=True)
    written = [option.key.rsplit(".", 1)[-1] for option in slot.options]
    named: list[tuple[str, Path_]] = [(value, (*path, "replies", value)) for value in source.replies]
    named += [(value, (*path, "signals", signal)) for signal, value in source.signals.items()]
    named += [(value, (*path, "offer", index)) for index, value in enumerate(source.offer)]
    for value, where in named:
        if value not in written:
            told = f"'{value}' is no option of '{source.save}'{did_you_mean(value, written)}"
            work.problem(where, told, "unknown-option", key=where[-2] == "replies")


def _check_author(slot: Slot, work: Compiling, place: Place) -> None:
    if not work.owns(place, slot) and slot.of != EVERYONE:
        told = f"'{slot.name}' belongs to {slot.of}: nobody answers in somebody else's place"
        work.problem((*place.path, "save"), told, "wrong-author")
    if slot.type in WRITTEN and slot.cls in READ_BY_ALL:
        told = f"what people write reaches others by a grant only, so '{slot.name}' cannot be {slot.cls}: say draft"
        work.problem((*place.path, "save"), told, "text-for-all")


def _check_type(source: AskSource, slot: Slot, work: Compiling, path: Path_) -> None:
    """What the step offers fits what counts as an answer."""
    writable = slot.type in TYPED and not slot.options
    if not writable and not slot.options and slot.type is not SlotType.ITEM:
        work.problem((*path, "save"), f"'{source.save}' has no options to ask for", "no-options")
    _check_suggestions(source, slot, work, path)
    if source.place == ROOM:
        work.room((*path, "in"))
    if source.place == ROOM and (writable or slot.type is SlotType.ITEM):
        told = "free text is written in people's own chats, never in a room"
        work.problem((*path, "in"), told, "room-text")
    if source.retry is not None and (not writable or slot.type in WRITTEN):
        told = f"every text answers '{source.save}', and a choice is picked: only numbers and times can be misread"
        work.problem((*path, "retry"), told, "misplaced-key", key=True)
    if source.least != 1 and slot.type not in SEVERAL:
        told = f"'{source.save}' takes one answer: only a list, or several choices, have a least"
        work.problem((*path, "least"), told, "misplaced-key", key=True)
    if source.most is not None and slot.type not in SEVERAL:
        told = f"'{source.save}' takes one answer: only a list, or several choices, have a most"
        work.problem((*path, "most"), told, "misplaced-key", key=True)
    if source.suggest_from is not None:
        check_over(work, source.suggest_from, (*path, "suggest_from"))
        if slot.type not in {SlotType.TEXT, SlotType.LIST}:
            told = f"'{source.save}' is no text: nobody's words can be taken on there"
            work.problem((*path, "suggest_from"), told, "misplaced-key", key=True)
    if max(_least(source)) > (source.most or slot.most):
        told = f"'{source.save}' takes {slot.most} at most"
        work.problem((*path, "least"), told, "wrong-type")


def _check_suggestions(source: AskSource, slot: Slot, work: Compiling, path: Path_) -> None:
    """What is suggested is what somebody could write."""
    if source.suggest and (slot.options or slot.type not in TYPED):
        told = f"'{source.save}' is no text: its options are what can be pressed"
        work.problem((*path, "suggest"), told, "misplaced-key", key=True)
        return
    for index, words in enumerate(source.suggest):
        if isinstance(read_answer(words, slot, _SOME_TIME), Refused):
            always = ", whichever day it is pressed on" if slot.type in _OF_A_DAY else ""
            told = f"'{words}' is no {slot.type} that fits '{source.save}'{always}"
            work.problem((*path, "suggest", index), told, "wrong-type")


def _check_items(slot: Slot, work: Compiling, place: Place) -> None:
    """What has one value an item is asked for where the items are gone through, and nothing else is."""
    if slot.per is not None and slot.per != place.items:
        told = f"'{slot.name}' has one value an item of '{slot.per}': ask for it in an each over '{slot.per}'"
        work.problem((*place.path, "save"), told, "no-item")
    elif slot.per is None and place.items is not None:
        told = f"each item would overwrite '{slot.name}': give the slot per: {place.items}"
        work.problem((*place.path, "save"), told, "no-item")


def check_releasable(work: Compiling, name: str, where: Path_, place: Place) -> None:
    """Only an author's own drafts can be shown to others."""
    slot = work.slots.get(name)
    if slot is None:
        return
    if slot.cls not in RELEASABLE:
        told = f"'{name}' is {slot.cls}: there is no way to show it to anybody; a draft can be shown"
        work.problem(where, told, "not-releasable")
    elif not work.owns(place, slot):
        told = f"'{name}' belongs to {slot.of}: nobody shows what somebody else wrote"
        work.problem(where, told, "wrong-author")
