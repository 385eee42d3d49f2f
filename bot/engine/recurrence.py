"""When something comes, once or again and again: a day and a time where somebody is, and a rule for the days after.

Pure, and about dates: which instant a time on a day is, in a zone, is ``local_time``'s to say. It is written as
iCalendar writes it (RFC 5545, DTSTART and RRULE), such as ``2026-03-06T21:30 FREQ=WEEKLY;BYDAY=FR``, but for one
thing: a month that does not have the day has its last day instead, where iCalendar leaves the month out.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

LONGEST_INTERVAL = 52
"""Days, weeks or months between two times; more is nothing that anybody asked for."""

MINUTES_A_DAY, DAYS_A_WEEK, MONTHS_A_YEAR = 1440, 7, 12

LAST_OF_ANY_MONTH = 31

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Freq(StrEnum):
    """How it comes again (RFC 5545, FREQ)."""

    ONCE = "ONCE"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """Days, and a time on each. ``start`` is the first day that it may be on, and where counting begins."""

    start: date
    minutes: int
    """After midnight, where its person is."""
    freq: Freq = Freq.ONCE
    interval: int = 1
    """Every so many days, weeks (from Monday on) or months."""
    weekdays: tuple[int, ...] = ()
    """Of weeks: their days, Monday being 0, in order."""
    monthday: int = 0
    """Of months: the day, or the last one where a month is shorter."""

    def next_day(self, after: date | None = None) -> date | None:
        """Return its first day, or the first one after a date; None when there is none in the calendar."""
        try:
            return self._next_day(self.start if after is None else max(self.start, after + timedelta(days=1)))
        except (OverflowError, ValueError):
            return None

    def _next_day(self, first: date) -> date | None:
        """Its first day that is not before ``first``, which is not before its start."""
        match self.freq:
            case Freq.ONCE:
                return self.start if first == self.start else None
            case Freq.DAILY:
                return first + timedelta(days=-(first - self.start).days % self.interval)
            case Freq.WEEKLY:
                return self._next_weekday(first)
            case Freq.MONTHLY:
                return self._next_monthday(first)

    def _next_weekday(self, first: date) -> date:
        monday = first - timedelta(days=first.weekday())
        begun = self.start - timedelta(days=self.start.weekday())
        weeks = (monday - begun).days // DAYS_A_WEEK
        if weeks % self.interval == 0:
            for weekday in self.weekdays:
                if weekday >= first.weekday():
                    return monday + timedelta(days=weekday)
            weeks += 1
            monday += timedelta(days=DAYS_A_WEEK)
        return monday + timedelta(days=-weeks % self.interval * DAYS_A_WEEK + self.weekdays[0])

    def _next_monthday(self, first: date) -> date:
        month = first.year * MONTHS_A_YEAR + first.month - 1
        begun = self.start.year * MONTHS_A_YEAR + self.start.month - 1
        month += -(month - begun) % self.interval
        day = self._in_month(month)
        return day if day >= first else self._in_month(month + self.interval)

    def _in_month(self, month: int) -> date:
        last = _first_of(month + 1) - timedelta(days=1)
        return last.replace(day=min(self.monthday, last.day))

    @property
    def text(self) -> str:
        """How it is stored: ``recurrence_of`` reads it."""
        begins = f"{self.start.isoformat()}T{self.minutes // 60:02}:{self.minutes % 60:02}"
        if self.freq is Freq.ONCE:
            return begins
        rule = [f"FREQ={self.freq}"]
        if self.interval > 1:
            rule.append(f"INTERVAL={self.interval}")
        if self.weekdays:
            rule.append(f"BYDAY={','.join(_DAYS[day] for day in self.weekdays)}")
        if self.monthday:
            rule.append(f"BYMONTHDAY={self.monthday}")
        return f"{begins} {';'.join(rule)}"


def _first_of(month: int) -> date:
    """The first day of a month, which is counted from the year 0 on."""
    year, number = divmod(month, MONTHS_A_YEAR)
    return date(year, number + 1, 1)


_TEXT = re.compile(
    r"(?P<start>\d{4}-\d\d-\d\d)T(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
    r"(?: FREQ=(?P<freq>DAILY|WEEKLY|MONTHLY)(?:;INTERVAL=(?P<interval>\d{1,2}))?"
    r"(?:;BYDAY=(?P<days>[A-Z]{2}(?:,[A-Z]{2}){0,6}))?(?:;BYMONTHDAY=(?P<monthday>\d{1,2}))?)?"
)


def recurrence_of(text: str) -> Recurrence | None:
    """Return what ``Recurrence.text`` wrote, or None when it is nothing of the kind."""
    found = _TEXT.fullmatch(text)
    if found is None:
        return None
    try:
        start = date.fromisoformat(found["start"])
        weekdays = tuple(_DAYS.index(day) for day in found["days"].split(",")) if found["days"] else ()
    except ValueError:
        return None
    freq = Freq(found["freq"] or "ONCE")
    made = Recurrence(
        start=start,
        minutes=int(found["hour"]) * 60 + int(found["minute"]),
        freq=freq,
        interval=int(found["interval"] or 1),
        weekdays=weekdays,
        monthday=int(found["monthday"] or 0),
    )
    return made if _is_whole(made) and made.text == text else None


def _is_whole(made: Recurrence) -> bool:
    in_order = tuple(sorted(set(made.weekdays))) == made.weekdays
    weekly, monthly = made.freq is Freq.WEEKLY, made.freq is Freq.MONTHLY
    counted = 1 <= made.interval <= LONGEST_INTERVAL
    of_month = 1 <= made.monthday <= LAST_OF_ANY_MONTH
    return counted and in_order and bool(made.weekdays) == weekly and of_month == monthly
