"""When something should come, as people write it, in English and Spanish: ``tomorrow 20:00``, ``cada viernes 21:30``.

Pure: the time where the person is comes in. What cannot be read whole is None, never a guess; what was read is told
back before it counts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.engine.recurrence import LAST_OF_ANY_MONTH, LONGEST_INTERVAL, Freq, Recurrence
from bot.engine.spoken import DAY, MINUTE, WEEKDAYS, plain, read_clock, read_date, read_length, read_number

_NOON = 12 * 60
_MORNING, _AFTERNOON, _EVENING = 9 * 60, 15 * 60, 20 * 60

_PARTS: Sequence[tuple[re.Pattern[str], int]] = (
    (re.compile(r"\b(?:in the morning|this morning|(?:por|de) la manana|esta manana|morning)\b"), _MORNING),
    (re.compile(r"\b(?:in the afternoon|this afternoon|(?:por|de) la tarde|esta tarde|afternoon)\b"), _AFTERNOON),
    (
        re.compile(r"\b(?:in the evening|this evening|at night|tonight|(?:por|de) la noche|esta noche|evening)\b"),
        _EVENING,
    ),
)
"""Parts of the day: each stands for a time of its own, or says which half of the clock is meant."""

_TODAY = re.compile(r"\b(?:tonight|this (?:morning|afternoon|evening)|esta (?:manana|tarde|noche))\b")

_CLOCK = re.compile(
    r"(?<![\w:.])(?:at |a las? |las? |@ ?)?"
    r"(?:(?P<sure>(?:[01]?\d|2[0-4])(?:[:.h][0-5]\d(?: ?(?:am|pm))?|h| ?(?:am|pm))"
    r"|noon|midday|(?:a )?mediodia|midnight|medianoche)"
    r"|(?P<hour>[01]?\d|2[0-4]))(?![\w:.])"
)
"""A time of day. A bare number is one only behind an "at"."""

_DAILY = re.compile(r"(?:every|each) ?day|daily|cada dia|todos los dias|a diario|diariamente")
_EVERY_DAYS = re.compile(r"(?:every|cada) (?P<number>\w+) (?:days?|dias?)")
_EVERY_WEEKS = re.compile(
    r"(?:(?:every|each|cada) (?:(?P<number>\w+) )?(?:weeks?|semanas?)|weekly|todas las semanas|semanalmente)"
    r"(?:,? ?(?:(?:on|el|los) )?(?P<days>\D+))?"
)
_EVERY_NTH = re.compile(r"(?:every|cada) (?P<number>\w+) (?P<days>\w+)")
_EVERY_WEEKDAY = re.compile(r"(?:every|each|cada|todos los|los) (?P<days>\D+)")
_PLURAL = re.compile(r"(?:on )?(?P<days>\D+s)")
_EVERY_MONTHS = re.compile(
    r"(?:(?:every|each|cada) (?:(?P<number>\w+) )?(?:months?|mes|meses)|monthly|todos los meses|mensualmente)"
    r"(?:,? (?:on )?(?P<day>.+))?"
)
_OF_EVERY_MONTH = re.compile(r"(?:on )?(?P<day>.+) (?:of (?:every|each|the) month|de cada mes|de todos los meses)")
_MONTHDAY = re.compile(r"(?:the |el )?(?:day |dia )?(?P<day>\d{1,2})(?:st|[nr]d|th)?")
_LAST = re.compile(r"(?:the |el )?(?:last day|ultimo dia|ultimo)")
_AND = re.compile(r"[ ,](?:and|y|e) |[,&]")

_SETS: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(("weekday", "weekdays", "workday", "workdays", "laborables", "dias laborables"), (0, 1, 2, 3, 4)),
    **dict.fromkeys(("entre semana", "de lunes a viernes", "monday to friday", "working days"), (0, 1, 2, 3, 4)),
    **dict.fromkeys(("weekend", "weekends", "fin de semana", "fines de semana"), (5, 6)),
}
"""Days that have a name together."""

_ALWAYS = frozenset({"entre semana", "de lunes a viernes", "monday to friday"})
"""Of these, what comes again and again without saying so."""


def read_recurrence(text: str, now: datetime) -> Recurrence | None:
    """Return when something should come, once or again and again; ``now`` is the time where its person is.

    A time without a day is the next such time; what comes again begins with its first time that is still to come.
    """
    words = plain(text).rstrip(".!")
    now = now.replace(second=0, microsecond=0, tzinfo=None)
    return _soon(words, now) or next((one for one in _readings(words, now) if one is not None), None)


def _soon(words: str, now: datetime) -> Recurrence | None:
    """``in 20 minutes``: by the clock, from now on."""
    length = read_length(words.removeprefix("dentro de ")) if words.startswith(("in ", "en ", "dentro de ")) else None
    if length is None or length % DAY == 0:
        return None
    then = now + timedelta(minutes=-(-length // MINUTE))
    return Recurrence(start=then.date(), minutes=then.hour * 60 + then.minute)


def _readings(words: str, now: datetime) -> Iterator[Recurrence | None]:
    """Every way in which the words name a time of day, and the days that the rest of them names."""
    for days, minutes in _timed(words):
        today = " today" if _TODAY.search(words) else ""
        yield _on(f"{days}{today}".strip(), minutes, now)


def _timed(words: str) -> Iterator[tuple[str, int]]:
    """What the words are without a time of day that they name, and which that is."""
    for clock in _CLOCK.finditer(words):
        minutes = read_clock(clock["sure"] or clock["hour"]) if clock["sure"] or clock[0] != clock["hour"] else None
        if minutes is None:
            continue
        rest = _without(words, clock)
        for days, part in _parted(rest):
            late = part != _MORNING and minutes < _NOON
            yield days, minutes + (_NOON if late else 0)
        yield rest, minutes
    yield from _parted(words)


def _parted(words: str) -> Iterator[tuple[str, int]]:
    """What the words are without a part of the day that they name, and the time that it stands for."""
    for pattern, minutes in _PARTS:
        for found in pattern.finditer(words):
            yield _without(words, found), minutes


def _without(words: str, found: re.Match[str]) -> str:
    left = f"{words[: found.start()].rstrip(' ,')} {words[found.end() :].lstrip(' ,')}".strip()
    return left.removesuffix(" at").removesuffix(" a las").strip(" ,")


def _on(days: str, minutes: int, now: datetime) -> Recurrence | None:
    """That time of day on the days that the words name; None when they name none, or one that has passed."""
    today = now.date()
    passed = now.hour * 60 + now.minute >= minutes
    first = Recurrence(start=today + timedelta(days=1) if passed else today, minutes=minutes)
    if not days:
        return first
    rule = _daily(days, first) or _weekly(days, first) or _monthly(days, first)
    if rule is not None:
        start = replace(rule, interval=1).next_day()
        return replace(rule, start=start) if start is not None else None
    day = _day(days, today)
    return replace(first, start=day) if day is not None and day >= first.start else None


def _day(words: str, today: date) -> date | None:
    """A day, as people write it; ``Friday 6 March`` has to be a Friday."""
    found = read_date(words, today)
    if found is not None:
        return found
    name, _, rest = words.partition(" ")
    named = WEEKDAYS.get(name.rstrip(","))
    found = read_date(rest, today) if named is not None else None
    return found if found is not None and found.weekday() == named else None


def _daily(days: str, first: Recurrence) -> Recurrence | None:
    if _DAILY.fullmatch(days):
        return replace(first, freq=Freq.DAILY)
    found = _EVERY_DAYS.fullmatch(days)
    interval = _interval(found["number"]) if found is not None else None
    return replace(first, freq=Freq.DAILY, interval=interval) if interval is not None else None


def _weekly(days: str, first: Recurrence) -> Recurrence | None:
    if days in _ALWAYS:
        return replace(first, freq=Freq.WEEKLY, weekdays=_SETS[days])
    for pattern in (_EVERY_WEEKS, _EVERY_NTH, _EVERY_WEEKDAY, _PLURAL):
        found = pattern.fullmatch(days)
        if found is None:
            continue
        named = found["days"]
        weekdays = _weekdays(named) if named else (first.start.weekday(),)
        interval = _interval(found.groupdict().get("number"))
        if weekdays and interval is not None and (pattern is not _PLURAL or named not in WEEKDAYS):
            return replace(first, freq=Freq.WEEKLY, interval=interval, weekdays=weekdays)
    return None


def _weekdays(words: str) -> tuple[int, ...]:
    """The days of the week that are named, in order; none when anything else is."""
    if words in _SETS:
        return _SETS[words]
    named = [part.strip() for part in _AND.split(words) if part.strip()]
    found = {WEEKDAYS.get(name, WEEKDAYS.get(name.removesuffix("s"))) for name in named}
    return tuple(sorted(day for day in found if day is not None)) if None not in found else ()


def _monthly(days: str, first: Recurrence) -> Recurrence | None:
    found = _EVERY_MONTHS.fullmatch(days) or _OF_EVERY_MONTH.fullmatch(days)
    if found is None:
        return None
    day = _monthday(found["day"]) if found["day"] else first.start.day
    interval = _interval(found.groupdict().get("number"))
    if day is None or interval is None:
        return None
    return replace(first, freq=Freq.MONTHLY, interval=interval, monthday=day)


def _monthday(words: str) -> int | None:
    if _LAST.fullmatch(words):
        return LAST_OF_ANY_MONTH
    found = _MONTHDAY.fullmatch(words)
    day = int(found["day"]) if found is not None else 0
    return day if 1 <= day <= LAST_OF_ANY_MONTH else None


def _interval(word: str | None) -> int | None:
    if word is None:
        return 1
    number = 2 if word in {"other", "second"} else read_number(word)
    return number if number is not None and 1 <= number <= LONGEST_INTERVAL else None
