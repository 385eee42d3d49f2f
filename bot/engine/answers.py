"""Reading what a person typed as an answer to a slot. Nothing here changes a session."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.engine.model import Slot

TEXT_MAX = 4000
"""No text of any slot is longer than this, so that a message stays within every platform's reach."""

_SPACES = re.compile(r"[ \t]+")


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


def clean_text(text: str) -> str:
    """Return the text without control characters and directional overrides, its white space tidied."""
    kept = "".join(
        char for char in unicodedata.normalize("NFC", text) if char in "\n\t\u200d" or not _is_control(char)
    )
    lines = [_SPACES.sub(" ", line).strip() for line in kept.splitlines()]
    return "\n".join(lines).strip()


def _is_control(char: str) -> bool:
    # Cf holds zero-width and bidi characters: they can disguise what is shown to another person. The zero-width
    # joiner is kept by the caller (emoji and several scripts need it).
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"}


def pick_by_words(text: str, labels: Sequence[tuple[str, str]]) -> str | None:
    """Return the value whose number or label was typed; ``labels`` are (value, label in the person's language)."""
    typed = _plain(text)
    if not typed:
        return None
    if typed.isdecimal() and 1 <= int(typed) <= len(labels):
        return labels[int(typed) - 1][0]
    same = [value for value, label in labels if typed in {_plain(label), _plain(str(value))}]
    if same:
        return same[0]
    begin = [value for value, label in labels if _plain(label).startswith(typed + " ")]
    return begin[0] if len(begin) == 1 else None


def option_data(slot: Slot, choice: str) -> str | int | None:
    """Return the data of the option whose value, as text, is ``choice``."""
    for option in slot.options:
        if str(option.value) == choice:
            return option.value
    return None


def parse_duration(text: str) -> int | None:
    """Return milliseconds for a short duration such as ``20m``, ``1h``, ``90 min`` or ``2 days``."""
    found = re.fullmatch(r"\s*(\d{1,4})\s*(m|min|minutes?|h|hours?|d|days?|w|weeks?)\s*", text.lower())
    if found is None:
        return None
    unit = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}[found.group(2)[0]]
    return int(found.group(1)) * unit


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold().replace("’", "'")
    return " ".join("".join(char for char in folded if char.isalnum() or char in " '").split())
