"""Numbers, lengths, times of day and dates as people write them, in English and Spanish. Pure: today is passed in.

What cannot be read is None, never a guess: the caller asks again. What was read is told back before it counts.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta

MINUTE, HOUR, DAY, WEEK = 60_000, 3_600_000, 86_400_000, 604_800_000

LONGEST = 366 * DAY
"""The longest length that is read."""

_NUMBERS: Mapping[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "zero cero",
            "one a an un una uno",
            "two dos",
            "three tres",
            "four cuatro",
            "five cinco",
            "six seis",
            "seven siete",
            "eight ocho",
            "nine nueve",
            "ten diez",
            "eleven once",
            "twelve doce",
        )
    )
    for word in words.split()
}

_UNITS: Mapping[str, int] = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "minuto", "minutos"), MINUTE),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "hora", "horas"), HOUR),
    **dict.fromkeys(("d", "day", "days", "dia", "dias"), DAY),
    **dict.fromkeys(("w", "week", "weeks", "semana", "semanas"), WEEK),
}

WEEKDAYS: Mapping[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "monday mon lunes",
            "tuesday tue tues martes",
            "wednesday wed miercoles",
            "thursday thu thur thurs jueves",
            "friday fri viernes",
            "saturday sat sabado",
            "sunday sun domingo",
        )
    )
    for word in words.split()
}

_MONTHS: Mapping[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "january jan enero ene",
            "february feb febrero",
            "march mar marzo",
            "april apr abril abr",
            "may mayo",
            "june jun junio",
            "july jul julio",
            "august aug agosto ago",
            "september sep sept septiembre setiembre",
            "october oct octubre",
            "november nov noviembre",
            "december dec diciembre dic",
        ),
        1,
    )
    for word in words.split()
}

_DAYS_FROM_TODAY: Mapping[str, int] = {
    **dict.fromkeys(("today", "hoy"), 0),
    **dict.fromkeys(("tomorrow", "manana"), 1),
    **dict.fromkeys(("day after tomorrow", "the day after tomorrow", "pasado manana"), 2),
    **dict.fromkeys(("in a week", "next week", "en una semana", "la semana que viene"), 7),
}

_CLOCK = re.compile(r"([01]?\d|2[0-4])(?:[:.h]([0-5]\d)|h)?\s*(am|pm|a m|p m)?\Z")
_LENGTH = re.compile(r"\b(?:(\d+(?:[.,]\d+)?)\s*|([a-z]+)\s+)([a-z]+)\b")
_NOON: Mapping[str, int] = {"noon": 720, "midday": 720, "mediodia": 720, "midnight": 0, "medianoche": 0}


def plain(text: str) -> str:
    """Return the text in small letters, without accents and with single spaces."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    return " ".join(bare.replace("’", "'").replace(",", " , ").split()).replace(" , ", ",")


def read_number(text: str) -> int | None:
    """Return a whole number, written in digits or (to twelve) in words."""
    word = plain(text).rstrip(".!")
    if re.fullmatch(r"-?\d{1,9}", word):
        return int(word)
    return _NUMBERS.get(word)


def read_length(text: str) -> int | None:
    """Return milliseconds for ``20 min``, ``an hour and a half``, ``half an hour``, ``dos semanas``, ``1.5h``."""
    words = plain(text).removeprefix("for ").removeprefix("in ").removeprefix("en ")
    half = {"half an hour": 30, "half hour": 30, "media hora": 30, "a quarter of an hour": 15, "cuarto de hora": 15}
    if words in half:
        return half[words] * MINUTE
    words, extra = _without_half(words)
    total, end = 0, 0
    for found in _LENGTH.finditer(words):
        if words[end : found.start()].strip(" ,") not in {"", "and", "y"}:
            return None
        amount = _amount(found.group(1), found.group(2))
        unit = _UNITS.get(found.group(3))
        if amount is None or unit is None:
            return None
        total += round(amount * unit) + (unit // 2 if extra else 0)
        extra, end = False, found.end()
    return total if 0 < total <= LONGEST and not words[end:].strip() else None


def _without_half(words: str) -> tuple[str, bool]:
    for ending in (" and a half", " y media", " y medio"):
        if words.endswith(ending):
            return words.removesuffix(ending), True
    return words, False


def _amount(digits: str | None, word: str | None) -> float | None:
    if digits is not None:
        return float(digits.replace(",", "."))
    return _NUMBERS.get(word or "")


def read_clock(text: str) -> int | None:
    """Return minutes after midnight for ``22:00``, ``9.30 pm``, ``noon``, ``a las 21``; 24:00 is midnight."""
    words = plain(text)
    for opening in ("at ", "a ", "las ", "la "):
        words = words.removeprefix(opening)
    if words in _NOON:
        return _NOON[words]
    found = _CLOCK.match(words)
    if found is None:
        return None
    hour, minute = int(found.group(1)), int(found.group(2) or 0)
    half = (found.group(3) or "").replace(" ", "")
    if half:
        if not 1 <= hour <= 12:  # noqa: PLR2004  # a clock with am and pm has twelve hours
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return (hour * 60 + minute) % 1440 if hour * 60 + minute <= 1440 else None  # noqa: PLR2004  # minutes of a day


def read_date(text: str, today: date) -> date | None:
    """Return the date for ``tomorrow``, ``friday``, ``in 3 days``, ``12 may``, ``2026-05-12``.

    A weekday is the next one, today excluded; a day without a year is the next such day.
    """
    words = plain(text).removeprefix("on ").removeprefix("el ").removeprefix("next ").removeprefix("this ")
    near = _DAYS_FROM_TODAY.get(plain(text))
    if near is not None:
        return today + timedelta(days=near)
    if words in WEEKDAYS:
        return today + timedelta(days=(WEEKDAYS[words] - today.weekday() - 1) % 7 + 1)
    length = read_length(words) if plain(text).startswith(("in ", "en ")) else None
    if length is not None and length % DAY == 0:
        return today + timedelta(days=length // DAY)
    return _written_date(words, today)


def _written_date(words: str, today: date) -> date | None:
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", words)
    if iso:
        return _date(int(iso.group(1)), int(iso.group(2)), int(iso.group(3)))
    named = re.fullmatch(r"(\d{1,2})(?:st|[nr]d|th)?(?: of| de)? ([a-z]+)(?:(?: of| de|,)? ?(\d{4}))?", words)
    if named is None:
        turned = re.fullmatch(r"([a-z]+) (\d{1,2})(?:st|[nr]d|th)?(?:,? ?(\d{4}))?", words)
        if turned is None:
            return None
        day, month, year = turned.group(2), turned.group(1), turned.group(3)
    else:
        day, month, year = named.group(1), named.group(2), named.group(3)
    number = _MONTHS.get(month)
    if number is None:
        return None
    if year is not None:
        return _date(int(year), number, int(day))
    found = _date(today.year, number, int(day))
    return found if found is not None and found >= today else _date(today.year + 1, number, int(day))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
