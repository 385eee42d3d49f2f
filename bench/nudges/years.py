"""Years of nudges in the lives of people: who travels, answers or does not, snoozes, moves, blocks the bot.

What the policy makes of it is kept, for others to judge: ``judging.py``.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random

from bot.engine.recurrence import Freq, Recurrence
from bot.nudges.caps import lately
from bot.nudges.policy import Came, Receiver, come
from bot.nudges.quiet_hours import QuietHours
from bot.nudges.schedule import (
    SPREAD,
    Manner,
    Passed,
    Schedule,
    Tires,
    Why,
    answered,
    begin,
    rezoned,
    skipped,
    snoozed,
)

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
YEAR = 365 * DAY + DAY // 4

START = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp()) * 1000

FOREVER = START + 200 * YEAR

CHECK_IN = Manner(fresh=20 * HOUR, repeat=DAY)
PULSE = Manner(fresh=6 * HOUR, counts=False)
REMINDER = Manner(fresh=12 * HOUR, chosen=True, tires=Tires.ASKS)
TOGETHER = Manner(fresh=2 * HOUR, chosen=True, tires=Tires.NEVER)

USUAL_HOURS, TOLD_A_ZONE, AT_ANY_HOUR, BUSY = 0.8, 0.95, 0.2, 0.02
"""How likely somebody keeps the usual quiet hours, has told where they are, asks for something at any hour, and is in
the middle of something else."""

MOST_AT_ONCE = 4
"""Of what one person asks for."""

SNOOZES = (15 * MINUTE, HOUR, DAY)


@dataclass(frozen=True, slots=True)
class Shown:
    """Something was shown. ``asked_for`` is what its person put off themselves."""

    day: date
    at: int
    zone: str
    asked_for: bool = False
    again: bool = False
    reachable: bool = True


@dataclass(slots=True)
class Asked:
    """Something that a person asked for, from when, and all that became of it."""

    number: int
    person: int
    manner: Manner
    schedule: Schedule
    first: date
    """The first day that counts."""
    shown: list[Shown] = field(default_factory=list[Shown])
    passed: list[Passed] = field(default_factory=list[Passed])
    stopped: bool = False
    last: date | None = None
    """Its last day, where it was moved or stopped."""


@dataclass(slots=True)
class Somebody:
    """A person, and how they are."""

    zone: str
    quiet: QuietHours
    diligence: float
    """How likely they answer."""
    reachable: bool = True
    nudged: tuple[int, ...] = ()
    asked: list[Asked] = field(default_factory=list[Asked])


class Years:
    """People, and the time that goes by."""

    def __init__(self, people: int, seed: str, zones: Sequence[str]) -> None:
        self._chance = Random(seed)  # noqa: S311  # what people do, no secret
        self._zones = zones
        self._order = count()
        self._heap: list[tuple[int, int, str, int]] = []
        self.people = [self._somebody() for _ in range(people)]
        self.asked: list[Asked] = []
        self.turns = 0
        self._down: list[tuple[int, int]] = []

    # Who there is

    def _somebody(self) -> Somebody:
        chance = self._chance
        quiet = QuietHours() if chance.random() < USUAL_HOURS else QuietHours(begin=chance.choice((0, 1380)), end=600)
        zone = chance.choice(self._zones) if chance.random() < TOLD_A_ZONE else ""
        return Somebody(zone=zone, quiet=quiet, diligence=chance.choice((0.05, 0.4, 0.8, 0.95)))

    def _rule(self, now: int, manner: Manner) -> Recurrence:
        chance = self._chance
        start = datetime.fromtimestamp(now / 1000, UTC).date() + timedelta(days=chance.randrange(10))
        minutes = (
            chance.randrange(1440) if manner.chosen or chance.random() < AT_ANY_HOUR else chance.randrange(480, 1260)
        )
        kind = Freq.DAILY if manner is PULSE else chance.choice(tuple(Freq))
        match kind:
            case Freq.ONCE:
                return Recurrence(start=start, minutes=minutes)
            case Freq.DAILY:
                interval = 1 if manner is PULSE else chance.choice((2, 3, 5, 10))
                return Recurrence(start=start, minutes=minutes, freq=kind, interval=interval)
            case Freq.WEEKLY:
                days = tuple(sorted(chance.sample(range(7), chance.choice((1, 1, 1, 2)))))
                interval = chance.choice((1, 1, 2))
                return Recurrence(start=start, minutes=minutes, freq=kind, interval=interval, weekdays=days)
            case Freq.MONTHLY:
                day = chance.choice((1, 15, 29, 30, 31))
                return Recurrence(start=start, minutes=minutes, freq=kind, monthday=day)

    def _jitter(self, number: int, manner: Manner) -> int:
        return 0 if manner.chosen else number * 7919 % SPREAD

    def _ask(self, person: int, now: int) -> None:
        """Somebody asks for something."""
        manner = self._chance.choices((CHECK_IN, PULSE, REMINDER, TOGETHER), (5, 1, 4, 2))[0]
        self._opt_in(person, manner, self._rule(now, manner), now)

    def _opt_in(self, person: int, manner: Manner, rule: Recurrence, now: int) -> None:
        whom, number = self.people[person], len(self.asked)
        schedule = begin(rule, until=FOREVER, now=now, zone=whom.zone, jitter=self._jitter(number, manner))
        if schedule.day is None:
            return
        one = Asked(number, person, manner, schedule, schedule.day)
        self.asked.append(one)
        whom.asked.append(one)
        self._wake(one)

    # What happens

    def live(self, years: float) -> None:
        """Let so many years go by."""
        end = START + round(years * YEAR)
        for number in range(len(self.people)):
            for _ in range(self._chance.choice((1, 2, 3))):
                self._ask(number, START)
            self._later(START, 200, "live", number)
        self._down = self._outages(end)
        while self._heap and self._heap[0][0] < end:
            at, _, what, number = heapq.heappop(self._heap)
            now = self._up(at) if what == "due" else at
            if now > at:
                self._push(now, what, number)
            elif what == "due":
                self._come(self.asked[number], now)
            elif what == "live":
                self._something(number, now)
                self._later(now, 200, "live", number)
            elif what == "back":
                self.people[number].reachable = True
            else:
                self._react(self.asked[number], now)

    def _outages(self, end: int) -> list[tuple[int, int]]:
        """When nobody is there to send anything: a few times a year, for minutes or for days."""
        found: list[tuple[int, int]] = []
        at = START
        while at < end:
            at += self._chance.randrange(20 * DAY, 200 * DAY)
            found.append((at, at + self._chance.choice((10 * MINUTE, HOUR, 9 * HOUR, 3 * DAY, 12 * DAY))))
        return found

    def _up(self, at: int) -> int:
        """The first time from then on at which somebody is there."""
        return next((end for begin, end in self._down if begin <= at < end), at)

    def _push(self, at: int, what: str, number: int) -> None:
        heapq.heappush(self._heap, (at, next(self._order), what, number))

    def _later(self, now: int, days: int, what: str, number: int) -> None:
        self._push(now + self._chance.randrange(HOUR, days * DAY), what, number)

    def _wake(self, one: Asked) -> None:
        if one.schedule.next_due is not None:
            self._push(one.schedule.next_due, "due", one.number)

    def _come(self, one: Asked, now: int) -> None:
        """Something is due, if it still is."""
        schedule, whom = one.schedule, self.people[one.person]
        if schedule.next_due is None or schedule.next_due > now:
            return
        self.turns += 1
        busy = now + 10 * MINUTE if self._chance.random() < BUSY else 0
        receiver = Receiver(
            zone=whom.zone, quiet=whom.quiet, nudged=whom.nudged, reachable=whom.reachable, busy_until=busy
        )  # fmt: skip
        came = come(schedule, one.manner, receiver, now, self._jitter(one.number, one.manner))
        one.schedule = came.schedule
        one.passed += came.passed
        if came.shown:
            self._show(one, schedule, came, now)
        self._wake(one)

    def _show(self, one: Asked, before: Schedule, came: Came, now: int) -> None:
        whom = self.people[one.person]
        again = before.due is None or before.due > now  # what was shown is its last time, once more
        day = one.shown[-1].day if again and one.shown else self._day_of(before, came)
        one.shown.append(Shown(day, now, whom.zone, came.asked_for, again, whom.reachable))
        if one.manner.counts and not one.manner.chosen and not came.asked_for:
            whom.nudged = (*lately(whom.nudged, now), now)
        if self._chance.random() < whom.diligence:
            self._push(now + self._chance.choice((MINUTE, HOUR, 9 * HOUR, 2 * DAY)), "react", one.number)

    def _day_of(self, before: Schedule, came: Came) -> date:
        """The day that was shown: the one behind those that were passed over."""
        last = came.passed[-1].day if came.passed else None
        day = before.rule.next_day(last) if last is not None else before.day
        if day is None:
            message = "what has no day is not shown"
            raise AssertionError(message)
        return day

    def _react(self, one: Asked, now: int) -> None:
        """Somebody presses a button under what was shown."""
        if one.stopped:
            return
        whom, jitter = self.people[one.person], self._jitter(one.number, one.manner)
        what = self._chance.choices(("answer", "snooze", "skip", "early", "move", "stop"), (60, 10, 4, 4, 2, 1))[0]
        match what:
            case "snooze":
                one.schedule = snoozed(one.schedule, now + self._chance.choice(SNOOZES))
            case "skip" | "early":
                why = Why.SKIPPED if what == "skip" else Why.EARLY
                one.schedule, gone = skipped(one.schedule, why, whom.zone, jitter)
                one.passed += [gone] if gone is not None else []
            case "move" | "stop":
                self._stop(one)
                if what == "move":
                    self._opt_in(one.person, one.manner, self._rule(now, one.manner), now)
            case _:
                one.schedule = answered(one.schedule)
        self._wake(one)

    def _stop(self, one: Asked) -> None:
        if one.stopped:
            return
        one.stopped, one.last = True, one.schedule.day
        one.schedule = replace(one.schedule, day=None, due=None, again=None)

    def _something(self, number: int, now: int) -> None:
        """Something happens in somebody's life."""
        whom = self.people[number]
        what = self._chance.choice(("travel", "travel", "block", "ask", "stop", "nothing"))
        if what == "travel" and whom.zone:
            whom.zone = self._chance.choice(self._zones)
            for one in whom.asked:
                jitter = self._jitter(one.number, one.manner)
                if not one.stopped and one.schedule.day is not None:
                    one.schedule = rezoned(one.schedule, whom.zone, jitter)
                    self._wake(one)
        elif what == "block":
            whom.reachable = False
            self._later(now, 40, "back", number)
        elif (
            what == "ask"
            and sum(not one.stopped and one.schedule.due is not None for one in whom.asked) < MOST_AT_ONCE
        ):
            self._ask(number, now)
        elif what == "stop" and whom.asked:
            self._stop(self._chance.choice(whom.asked))
