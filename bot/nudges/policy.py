"""The policy of nudges: whether something that is due is shown now, later, or not this time (N1 to N3)."""

from dataclasses import dataclass, replace

from bot.nudges.caps import next_time_within_caps
from bot.nudges.quiet_hours import USUAL, QuietHours, next_open_time
from bot.nudges.schedule import SPREAD, Manner, Passed, Schedule, Tires, Why, passed_over

HALVES_AFTER, ENDS_AFTER = 2, 4
"""So many in a row that nobody answers."""

HALF_A_DAY = 12 * 3_600_000
"""No two days of anybody's begin closer to each other."""

WHILE_PAUSED = 10 * 60_000
"""After so long it is looked again whether a pause is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Whom something is for, at the time when it is due."""

    zone: str = ""
    quiet: QuietHours = USUAL
    nudged: tuple[int, ...] = ()
    """When they were nudged lately, the oldest first."""
    reachable: bool = True
    busy_until: int = 0
    """Something else is going on with them until then."""
    paused: bool = False
    """What is between them and others rests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What became of a schedule that was due."""

    schedule: Schedule
    shown: bool = False
    """It is to be shown now, once."""
    asked_for: bool = False
    """It is shown because its receiver put it off until now: no nudge, that counts for the caps."""
    asks: bool = False
    """It asks whether to go on, this time."""
    passed: tuple[Passed, ...] = ()
    """The times that were not shown, and will not be."""
    held: Why | None = None
    """Why it was put off."""


def come(schedule: Schedule, manner: Manner, receiver: Receiver, now: int, jitter: int = 0) -> Came:
    """Return what becomes of a schedule at ``now``: what is due of it is shown at most once.

    ``jitter`` says by how many milliseconds its times come later that nobody chose the minute of.
    """
    late = 0 if manner.chosen else jitter
    passed: list[Passed] = []
    while schedule.due is not None and schedule.due <= now:
        schedule, ended = _after_silence(schedule, manner)
        if ended:
            return Came(schedule=_over(schedule), passed=(*passed, _passed(schedule, Why.IGNORED)))
        why = _not_this_time(schedule, manner, receiver, now)
        if why is None:
            fresh = schedule.due == schedule.at + late
            hold = _hold(manner, receiver, now, late, spreads=fresh and now > schedule.at + late + SPREAD)
            if hold is None:
                return _shown(schedule, manner, receiver, now, late, passed)
            until, why = hold
            if until <= schedule.at + manner.fresh:
                return Came(schedule=replace(schedule, due=until), passed=tuple(passed), held=why)
        passed.append(_passed(schedule, why))
        schedule = passed_over(schedule, receiver.zone, late)
        schedule = replace(schedule, rests=schedule.rests and why is not Why.HALVED)
    return _once_more(schedule, manner, receiver, now, late, passed)


def _after_silence(schedule: Schedule, manner: Manner) -> tuple[Schedule, bool]:
    """Count what was not answered by the next time; return whether it ends by that."""
    if not schedule.waits or manner.tires is Tires.NEVER:
        return replace(schedule, waits=False, again=None, snoozed=False), False
    ignored = schedule.ignored + 1
    counted = replace(schedule, waits=False, again=None, snoozed=False, ignored=ignored)
    if manner.tires is Tires.ASKS:
        return counted, False
    halves = ignored == HALVES_AFTER
    return replace(counted, halved=counted.halved or halves, rests=counted.rests or halves), ignored >= ENDS_AFTER


def _not_this_time(schedule: Schedule, manner: Manner, receiver: Receiver, now: int) -> Why | None:
    """Why a time that is due is passed over whatever comes, if it is."""
    if schedule.rests:
        return Why.HALVED
    if now > schedule.at + manner.fresh or (now > schedule.at + HALF_A_DAY and _next_is_due(schedule, receiver, now)):
        return Why.LATE
    return None if receiver.reachable else Why.UNREACHABLE


def _next_is_due(schedule: Schedule, receiver: Receiver, now: int) -> bool:
    """Whether the time after the next one has come, too: of several only the last is shown."""
    due = passed_over(schedule, receiver.zone, 0).due
    return due is not None and due <= now


def _hold(manner: Manner, receiver: Receiver, now: int, late: int, *, spreads: bool) -> tuple[int, Why] | None:
    """Until when something that is due waits, and why; None when it does not.

    What is due since long, as nobody was there, ``spreads``: not everybody's comes at once.
    """
    if receiver.paused:
        return now + WHILE_PAUSED, Why.PAUSE
    if manner.chosen:
        return None
    if late and spreads:
        return now + late, Why.SPREAD
    opens = next_open_time(now, receiver.zone, receiver.quiet)
    if opens > now:
        return opens + late, Why.QUIET
    if manner.counts:
        within = next_time_within_caps(now, receiver.nudged, receiver.zone, receiver.quiet)
        if within > now:
            return within + late, Why.CAP
    return (receiver.busy_until, Why.BUSY) if receiver.busy_until > now else None


def _shown(schedule: Schedule, manner: Manner, receiver: Receiver, now: int, late: int, passed: list[Passed]) -> Came:
    asks = manner.tires is Tires.ASKS and schedule.ignored >= ENDS_AFTER and not schedule.asked
    after = passed_over(schedule, receiver.zone, late)
    after = replace(after, waits=True, rests=schedule.halved, asked=schedule.asked or asks)
    if manner.repeat and (after.due is None or now + manner.repeat < after.due):
        after = replace(after, again=now + manner.repeat, again_at=now + manner.repeat)
    return Came(schedule=after, shown=True, asks=asks, passed=tuple(passed))


def _once_more(
    schedule: Schedule, manner: Manner, receiver: Receiver, now: int, late: int, passed: list[Passed]
) -> Came:
    """What becomes of a time that was shown and comes once more: nobody answered it, or it was snoozed."""
    if schedule.again is None or schedule.again > now:
        return Came(schedule=schedule, passed=tuple(passed))
    over = replace(schedule, again=None, snoozed=False)
    if now > schedule.again_at + manner.fresh or not receiver.reachable:
        return Came(schedule=over, passed=tuple(passed))
    asked = replace(manner, chosen=True) if schedule.snoozed else manner
    hold = _hold(asked, receiver, now, late, spreads=False)
    if hold is None:
        after = replace(over, waits=True)
        return Came(schedule=after, shown=True, asked_for=schedule.snoozed, passed=tuple(passed))
    until, why = hold
    if until > schedule.again_at + manner.fresh or (schedule.due is not None and until >= schedule.due):
        return Came(schedule=over, passed=tuple(passed))
    return Came(schedule=replace(schedule, again=until), passed=tuple(passed), held=why)


def _passed(schedule: Schedule, why: Why) -> Passed:
    if schedule.day is None:
        message = "a schedule without a next time is not due"
        raise ValueError(message)
    return Passed(day=schedule.day, why=why)


def _over(schedule: Schedule) -> Schedule:
    """It comes no more."""
    return replace(schedule, day=None, at=0, due=None, again=None, snoozed=False)
