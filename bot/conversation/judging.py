"""What becomes of a claimed row: worded as its reader may see it at that moment, or settled without being sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import structlog

from bot.conversation.backdrop import Backdrop, load_backdrop
from bot.conversation.forms import name_of
from bot.conversation.memory import Memory
from bot.conversation.message import Button, FormButton, Message, Shown
from bot.conversation.outbox import COMES_ONCE, KEEPS_QUIET, MessageClass, OutboxRow, RowKind, Target
from bot.conversation.ports import Claimed, Damaged, Platform, Settled, Transaction
from bot.conversation.record_at import RecordAt
from bot.conversation.units import Pair, Person
from bot.conversation.wording import NotReadable, Reading, render
from bot.engine.effects import PHRASES
from bot.engine.session import Session
from bot.engine.standing import is_current
from bot.flows.library import Library
from bot.flows.record_kinds import Comes
from bot.nudges.caps import next_time_within_caps
from bot.nudges.quiet_hours import next_open_time

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Worded:
    """A row as its reader may see it now."""

    claimed: Claimed
    message: Message | None = None
    place: tuple[Target, str] | None = None
    chosen: str = ""
    shown: tuple[Shown, ...] = ()
    """What is to be hidden."""


class Judge:
    """Words rows of the outbox when they are claimed."""

    def __init__(self, *, library: Library, platforms: Mapping[str, Platform], memory: Memory) -> None:
        self._library = library
        self._platforms = platforms
        self._memory = memory

    async def judge(self, tx: Transaction, rows: Sequence[Claimed], now: int) -> list[Worded | Settled]:
        """Word rows; when something that they speak of is damaged, each alone, and what speaks of that is dropped."""
        try:
            backdrop = await load_backdrop(tx, [one.row for one in rows], now)
        except Damaged as fault:
            if len(rows) > 1:
                return [judged for one in rows for judged in await self.judge(tx, [one], now)]
            _log.exception("backdrop_damaged", row=rows[0].row.id, damaged=fault.row, exc_info=False)
            return [Settled.dropped(rows[0].row, now)]
        return [self._judge(one, backdrop) for one in rows]

    def may_send_again(self, row: OutboxRow, since: int) -> bool:
        """Whether what may have been sent so long ago may be sent again: its key keeps it single, or need not.

        If it seems to have been sent in the future, a clock was set back, and nobody knows how long ago it was.
        """
        platform = self._platforms.get(row.target.platform)
        return row.may_come_twice or (platform is not None and 0 <= since < platform.single_for)

    def message(self, row: OutboxRow, backdrop: Backdrop) -> Message | None:
        """Return what a row says to its reader, or None when it must not be said any more."""
        session = backdrop.session(row)
        volatile = row.token in self._memory.tokens
        if row.fence is not None and session is not None and not volatile and not is_current(session, row.fence):
            return None
        reading = backdrop.reading(row, self._library)
        try:
            paragraphs = tuple(render(text, reading) for text in row.paragraphs)
            labels = ["".join(s.text for s in render(c.label, reading)) for c in row.choices]
        except NotReadable:
            return None
        buttons = tuple(Button(label=label, token=f"v1:{row.token}:{n}") for n, label in enumerate(labels))
        return Message(
            paragraphs=paragraphs,
            buttons=buttons,
            form=self._form(row, session, reading),
            language=reading.language,
            silent=row.cls is MessageClass.NUDGE,
        )

    def _form(self, row: OutboxRow, session: Session | None, reading: Reading) -> FormButton | None:
        """What opens the form of the row's question."""
        if row.form is None or session is None:
            return None
        label = self._library.template(PHRASES, "form.open", reading.language).literal
        return FormButton(label=label, token=row.token, form=name_of(session, row.form, reading.language))

    def chosen(self, row: OutboxRow, backdrop: Backdrop) -> str:
        """Return the label of the choice that was made, to show it in place of the choices."""
        if row.chosen is None:
            return ""
        try:
            return "".join(span.text for span in render(row.chosen, backdrop.reading(row, self._library)))
        except NotReadable:
            return ""

    def _judge(self, claimed: Claimed, backdrop: Backdrop) -> Worded | Settled:
        row = claimed.row
        if backdrop.now >= row.stale_at:
            return Settled.dropped(row, backdrop.now)
        if claimed.since and not self.may_send_again(row, backdrop.now - claimed.since):
            return Settled.dropped(row, backdrop.now, claimed.since)
        held = _held_back(claimed, backdrop, self._library)
        if held is not None:
            return held
        worded: Worded | None = None
        try:
            worded = self._word(claimed, backdrop) if row.target.platform in self._platforms else None
        except Exception as fault:  # noqa: BLE001  # the loop's edge: what cannot be worded holds nobody else up
            _log.exception("wording_failed", row=row.id, fault=type(fault).__name__, exc_info=False)
        return worded if worded is not None else Settled.dropped(row, backdrop.now)

    def _word(self, claimed: Claimed, backdrop: Backdrop) -> Worded | None:
        row = claimed.row
        match row.kind:
            case RowKind.MESSAGE:
                message = self.message(row, backdrop)
                return Worded(claimed, message) if message is not None else None
            case RowKind.RETIRE:
                return Worded(claimed, place=backdrop.refs.get(row.token), chosen=self.chosen(row, backdrop))
            case RowKind.HIDE:
                known = (*backdrop.shown.get(row.target.key, ()), *self._memory.shown.get(row.target.key, ()))
                return Worded(claimed, shown=known)
            case _:
                assert_never(row.kind)


def _held_back(claimed: Claimed, backdrop: Backdrop, library: Library) -> Settled | None:
    """Put a row back that would come in its reader's quiet hours; drop a nudge whose words were opened before."""
    row = claimed.row
    if row.record is not None and row.cls in COMES_ONCE:
        kind = library.records.kinds.get(row.record.kind)
        wanted = kind is not None and kind.comes is not None and _still_wanted(row, row.record, kind.comes, backdrop)
        return None if wanted else Settled.dropped(row, backdrop.now)
    if row.cls not in KEEPS_QUIET or row.kind is not RowKind.MESSAGE:
        return None
    person = backdrop.person(row.recipient)
    opens = _opens(row, person, backdrop.now) if person is not None else backdrop.now
    waits = person is not None and any(parcel.seat.session == row.session for parcel in person.mail)
    if (row.cls is MessageClass.NUDGE and not waits) or (person is not None and person.unreachable):
        return Settled.dropped(row, backdrop.now)
    return Settled.postponed(row, opens, claimed.since) if opens > backdrop.now else None


def _opens(row: OutboxRow, person: Person, now: int) -> int:
    """From when on a row may reach somebody: in open hours; a nudge that is late within the caps of that day, too."""
    planned = row.not_before or row.queued_at
    if row.cls is not MessageClass.NUDGE or planned not in person.nudged:
        return next_open_time(now, person.zone, person.quiet_hours)
    others = [at for at in person.nudged if at != planned]
    return next_time_within_caps(now, others, person.zone, person.quiet_hours)


def _still_wanted(row: OutboxRow, place: RecordAt, comes: Comes, backdrop: Backdrop) -> bool:
    """Whether what comes by itself still may: in time, asked for, not set aside, in open hours and in reach."""
    if backdrop.now > row.queued_at + comes.manner.fresh:
        return False
    person, record = backdrop.person(row.recipient), backdrop.record(row, place)
    if person is None or record is None or person.unreachable or person.sets_aside(place.id, backdrop.now):
        return False
    unit = backdrop.units.get(place.unit)
    if isinstance(unit, Pair) and unit.pause:
        return False
    return row.cls is MessageClass.REMINDER or _opens(row, person, backdrop.now) <= backdrop.now
