"""Reading what a person typed as an answer to a slot. Nothing here changes a session."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.engine.events import NOWHERE, Places
from bot.engine.local_time import zone_of
from bot.engine.model import Slot, SlotType
from bot.engine.spoken import read_clock, read_date, read_length, read_number
from bot.engine.spoken_times import read_recurrence

DAYS_AHEAD = 3660
"""No date lies further ahead than this, so that adding to one stays within the calendar."""

TEXT_MAX = 4000
"""No text of any slot is longer than this, so that a message stays within every platform's reach."""

LONGEST_NUMBER = 4
"""Digits; a longer number is no choice's."""

AND = ","
"""Joins the values of several choices that were picked at once."""

_AND = re.compile(r"[,;&+\n]|\s(?:and|y|e)\s")
"""What people write between several choices."""

_SPACES = re.compile(r"[ \t]+")
_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_EMPTY_LINES = re.compile(r"\n{3,}")

_JOINERS = frozenset("\u200c\u200d")
"""Zero-width, and yet needed: within emoji, and between letters of several scripts."""

_JOINED = frozenset({"So", "Sk", "Sm", "Lo", "Mn", "Mc", "Me"})
"""The categories of what a joiner can stand between: emoji with their modifiers, letters without cases."""

_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Fillers that count as letters or signs and show nothing."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The text is no answer; ``phrase`` says why in one kind sentence, ``limit`` is its number if it has one."""

    phrase: str
    limit: int = 0


def read_text(text: str, slot: Slot) -> str | Refused:
    """Return the text as it will be kept, or why it is none."""
    clean = clean_text(text)
    if not clean:
        return Refused("answer.empty")
    if not any(unicodedata.category(char)[0] in "LN" for char in clean):
        return Refused("answer.words")
    if len(clean) > slot.max:
        return Refused("answer.long", slot.max)
    return clean


def read_answer(text: str, slot: Slot, now: datetime, places: Places = NOWHERE) -> str | int | Refused:
    """Return what was typed as the slot's data, or why it is no answer.

    ``now`` is the time where the person is, ``places`` what the text names.
    """
    match slot.type:
        case SlotType.TEXT | SlotType.LIST:
            return read_text(text, slot)
        case SlotType.NUMBER | SlotType.SCALE:
            return _within(read_number(text), slot, "answer.number")
        case SlotType.DURATION:
            return _within(read_length(text), slot, "answer.length" if slot.min else "answer.length_free")
        case SlotType.DATE:
            return _read_day(text, slot, now.date())
        case SlotType.TIME:
            found = read_clock(text)
        case SlotType.RECURRENCE:
            recurrence = read_recurrence(text, now)
            found = None if recurrence is None else recurrence.text
        case _:
            return _read_place(text, slot, places)
    return Refused(f"answer.{slot.type}") if found is None else found


def _within(found: int | None, slot: Slot, refusal: str) -> int | Refused:
    return found if found is not None and slot.min <= found <= slot.max else Refused(refusal)


def _read_place(text: str, slot: Slot, places: Places) -> str | Refused:
    if slot.type is SlotType.COUNTRY:
        return places.country or (text if re.fullmatch("[A-Z]{2}", text) else Refused("answer.country"))
    if slot.type is SlotType.ZONE:
        return places.zone or (text if zone_of(text) is not None else Refused("answer.zone"))
    return Refused("answer.pick")


def _read_day(text: str, slot: Slot, today: date) -> str | Refused:
    day = read_date(text, today)
    if day is None or day < today:
        return Refused("answer.date")
    within = slot.within if slot.within is not None else DAYS_AHEAD
    if (day - today).days > within:
        return Refused("answer.far", within)
    return day.isoformat()


def clean_text(text: str) -> str:
    """Return the text without what cannot be seen or turns round what is seen, its white space tidied."""
    seen = [char for char in _LINE_END.sub("\n", text) if char in _JOINERS or not _is_unseen(char)]
    kept = "".join(char for index, char in enumerate(seen) if char not in _JOINERS or _joins(seen, index))
    kept = unicodedata.normalize("NFC", kept)
    lines = [_SPACES.sub(" ", line).strip() for line in kept.split("\n")]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def _is_unseen(char: str) -> bool:
    # Cf holds zero-width and bidi characters: they can disguise what is shown to another person.
    if char in "\n\t":
        return False
    return char in _BLANK or unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"}


def _joins(text: Sequence[str], index: int) -> bool:
    """Whether the joiner there stands between two characters that it can join."""
    if not 0 < index < len(text) - 1:
        return False
    return all(unicodedata.category(text[beside]) in _JOINED for beside in (index - 1, index + 1))


def pick_by_words(
    text: str, labels: Sequence[tuple[str, str]], *, also: Sequence[tuple[str, str]] = (), begun: bool = True
) -> str | None:
    """Return the value whose number or label was typed; ``labels`` are (value, label in the person's language).

    ``also`` are further names of theirs. What fits two choices alike picks none. With ``begun`` the first words of
    a label are enough.
    """
    typed = _plain(text)
    if not typed:
        return None
    if typed.isdecimal() and len(typed) <= LONGEST_NUMBER and 1 <= int(typed) <= len(labels):
        return labels[int(typed) - 1][0]
    for fits in (
        [value for value, label in labels if typed == _plain(label)],
        [value for value, _ in labels if typed == _plain(value)],
        [value for value, name in also if typed == _plain(name)],
        [value for value, label in labels if begun and _plain(label).startswith(typed + " ")],
    ):
        if fits:
            return fits[0] if len(set(fits)) == 1 else None
    return None


def pick_several(text: str, labels: Sequence[tuple[str, str]]) -> str | None:
    """Return the values of several choices written at once, joined by commas; None unless each part picks one."""
    parts = [part for part in _AND.split(text) if part.strip()]
    picked = [pick_by_words(part, labels) for part in parts]
    found = [value for value in picked if value is not None]
    return AND.join(dict.fromkeys(found)) if len(found) == len(parts) > 1 else None


def option_data(slot: Slot, choice: str) -> str | int | None:
    """Return the data of the option whose value, as text, is ``choice``."""
    for option in slot.options:
        if str(option.value) == choice:
            return option.value
    return None


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold().replace("’", "'")
    return " ".join("".join(char for char in folded if char.isalnum() or char.isspace() or char == "'").split())
