"""Sending: claim rows of the outbox, fill them in at that moment, hand them to the platform."""

from collections.abc import Iterable, Mapping
from typing import assert_never

import structlog

from bot.conversation.memory import Memory
from bot.conversation.message import Button, Message
from bot.conversation.outbox import KEEPS_QUIET, MessageClass, OutboxRow, RowKind, Target, TargetKind
from bot.conversation.ports import Clock, Platform, Store, Transaction
from bot.conversation.quiet_hours import next_open_time
from bot.conversation.record import Record, readers_of
from bot.conversation.units import Person, RecordAt, Room
from bot.conversation.wording import NotReadable, Reading, language_of, render, shared_language
from bot.engine.effects import Argument, Computed, HiddenWords, Listing, NameRef, RecordRef, Text, ValueRef
from bot.engine.session import ENGLISH, Session
from bot.engine.standing import is_current
from bot.flows.library import Library

AT_ONCE = 8
"""Claim only what can be sent now: whatever is claimed at a crash may be sent twice."""

RETRY = 5_000
"""Milliseconds before a failed row is tried again."""

_log = structlog.get_logger(__name__)


class Sender:
    """Carries out the outbox. One runs in a process; messages to one chat stay in order."""

    def __init__(
        self, *, store: Store, library: Library, clock: Clock, platforms: Mapping[str, Platform], memory: Memory
    ) -> None:
        self._store = store
        self._library = library
        self._clock = clock
        self._platforms = platforms
        self._memory = memory
        self._unsent: list[OutboxRow] = []
        """Messages of volatile sections that the platform did not take."""

    async def recover(self) -> None:
        """Put back what was claimed when the process ended: its outcome is unknown, so it is sent again."""
        async with self._store.transaction() as tx:
            count = await tx.unclaim()
        if count:
            _log.info("outbox_recovered", rows=count)

    async def drain(self) -> None:
        """Send everything that may be sent now."""
        unsent, self._unsent = self._unsent, []
        await self.send_direct(unsent)
        while True:
            async with self._store.transaction() as tx:
                rows = await tx.claim(self._clock.now(), AT_ONCE)
            if not rows:
                return
            for row in rows:
                if not await self._held_back(row):
                    await self._send(row)

    async def _held_back(self, row: OutboxRow) -> bool:
        """Put a row back that would come in its reader's quiet hours; drop a nudge whose words were opened before."""
        if row.cls not in KEEPS_QUIET or row.kind is not RowKind.MESSAGE:
            return False
        now = self._clock.now()
        async with self._store.transaction() as tx:
            state = (await tx.load_units([row.recipient])).get(row.recipient)
            person = state.unit if state is not None and isinstance(state.unit, Person) else None
            opens = next_open_time(now, person.zone) if person is not None else now
            waits = person is not None and any(parcel.seat.session == row.session for parcel in person.mail)
            if row.cls is MessageClass.NUDGE and not waits:
                await tx.drop(row, now)
                return True
            if opens > now:
                await tx.postpone(row, opens)
        return opens > now

    async def send_direct(self, rows: Iterable[OutboxRow]) -> None:
        """Send messages of volatile sections, which are never written down. One that fails is tried again later."""
        for row in rows:
            try:
                await self._send_direct(row)
            except Exception as fault:  # noqa: BLE001  # the loop's edge: it waits in memory, as it was
                _log.exception("direct_send_failed", row=row.id, fault=type(fault).__name__, exc_info=False)
                self._unsent.append(row)

    async def _send_direct(self, row: OutboxRow) -> None:
        platform = self._platforms[row.target.platform]
        if row.token and row.token not in self._memory.tokens:
            return  # answered or gone meanwhile
        async with self._store.transaction() as tx:
            if row.kind is RowKind.RETIRE:
                ref = self._memory.refs.get(row.token, "")
                chosen = await self._label(tx, row)
                message = None
            else:
                ref, chosen = "", ""
                message = await self._message(tx, row)
        if message is not None:
            ref = await platform.send(row.target, message, row.id)
            if row.token:
                self._memory.refs[row.token] = ref
        elif ref:
            await platform.retire(row.target, ref, chosen)
        if row.kind is RowKind.RETIRE:
            self._memory.drop(row.token)

    async def _send(self, row: OutboxRow) -> None:
        platform = self._platforms.get(row.target.platform)
        message, place, chosen = None, None, ""
        try:
            async with self._store.transaction() as tx:
                if row.kind is RowKind.MESSAGE:
                    message = await self._message(tx, row)
                elif row.kind is RowKind.RETIRE:
                    place = await tx.message_ref(row.token)
                    chosen = await self._label(tx, row)
        except Exception as fault:  # noqa: BLE001  # the loop's edge: what cannot be worded holds nobody else up
            _log.exception("wording_failed", row=row.id, fault=type(fault).__name__, exc_info=False)
            platform = None
        if platform is None or (row.kind is RowKind.MESSAGE and message is None):
            async with self._store.transaction() as tx:
                await tx.drop(row, self._clock.now())
            return
        try:
            ref = await self._hand_over(platform, row, message, place, chosen)
        except Exception as fault:  # noqa: BLE001  # the loop's edge: the row waits and the next chat goes on
            _log.exception("send_failed", row=row.id, fault=type(fault).__name__, exc_info=False)
            async with self._store.transaction() as tx:
                await tx.retry(row, self._clock.now() + RETRY)
            return
        async with self._store.transaction() as tx:
            await tx.sent(row, ref, self._clock.now())

    async def _hand_over(
        self,
        platform: Platform,
        row: OutboxRow,
        message: Message | None,
        place: tuple[Target, str] | None,
        chosen: str,
    ) -> str:
        if message is not None:
            return await platform.send(row.target, message, row.id)
        if row.kind is RowKind.HIDE:
            await platform.hide(row.target)
        elif place is not None:
            await platform.retire(place[0], place[1], chosen)
        return ""

    # Filling in

    async def _message(self, tx: Transaction, row: OutboxRow) -> Message | None:
        """Return the message as its reader may see it now, or None when it must not be sent any more."""
        session = await self._session(tx, row)
        volatile = row.token in self._memory.tokens
        if row.fence is not None and session is not None and not volatile and not is_current(session, row.fence):
            return None
        reading = await self._reading(tx, row, session)
        try:
            paragraphs = tuple(render(text, reading) for text in row.paragraphs)
            labels = ["".join(s.text for s in render(c.label, reading)) for c in row.choices]
        except NotReadable:
            return None
        buttons = tuple(Button(label=label, token=f"v1:{row.token}:{n}") for n, label in enumerate(labels))
        return Message(paragraphs=paragraphs, buttons=buttons, language=reading.language)

    async def _label(self, tx: Transaction, row: OutboxRow) -> str:
        if row.chosen is None:
            return ""
        reading = await self._reading(tx, row, await self._session(tx, row))
        try:
            return "".join(span.text for span in render(row.chosen, reading))
        except NotReadable:
            return ""

    async def _session(self, tx: Transaction, row: OutboxRow) -> Session | None:
        return await tx.load_session(row.session) if row.session else None

    async def _reading(self, tx: Transaction, row: OutboxRow, session: Session | None) -> Reading:
        wanted = {ref for text in row.paragraphs for ref in _people_in(text)}
        wanted |= {ref for choice in row.choices for ref in _people_in(choice.label)}
        wanted |= {row.recipient} if row.recipient else set()
        records = await self._records(tx, row)
        wanted |= {value.author for r in records.values() for values in r.values.values() for value in values}
        units = await tx.load_units(sorted(wanted))
        people = {key: state.unit for key, state in units.items() if isinstance(state.unit, Person)}
        reader = people.get(row.recipient)
        if reader is not None:
            zone, language = reader.zone, language_of(self._library, reader)
        elif row.target.kind is TargetKind.ROOM:
            zone, language = await self._in_room(tx, session.place if session is not None else row.unit)
        else:
            zone, language = "", ENGLISH
        return Reading(
            library=self._library,
            reader=row.recipient,
            zone=zone,
            session=session,
            names={key: person.name for key, person in people.items()},
            now=self._clock.now(),
            records=records,
            language=language,
            asking=row.fence is not None,
            revision=row.revisions[0] if row.revisions else None,
        )

    async def _records(self, tx: Transaction, row: OutboxRow) -> dict[RecordAt, Record]:
        """Return the records that a row shows, without those that its reader may not read, or not any more."""
        refs = [ref for text in row.paragraphs for ref in _records_in(text)]
        found: dict[RecordAt, Record] = {}
        for unit, kind in dict.fromkeys((ref.unit, ref.kind) for ref in refs):
            state = (await tx.load_units([unit])).get(unit)
            for record in await tx.load_records(unit, kind) if state is not None else ():
                if state is not None and row.recipient in readers_of(record, state.unit, self._clock.now()):
                    found[record.place] = record
        return found

    async def _in_room(self, tx: Transaction, place: str | None) -> tuple[str, str]:
        """The zone of a room, and the language that everybody known in it shares."""
        found = await tx.load_units([place] if place is not None else [])
        room = found[place].unit if place is not None and place in found else None
        if not isinstance(room, Room):
            return "", ENGLISH
        states = await tx.load_units(sorted(room.members))
        members = [state.unit for state in states.values() if isinstance(state.unit, Person)]
        return room.zone, shared_language(self._library, members)


def _records_in(text: Text) -> Iterable[RecordRef]:
    for argument in text.args.values():
        if isinstance(argument, RecordRef):
            yield argument
        elif isinstance(argument, Text):
            yield from _records_in(argument)


def _people_in(text: Text) -> Iterable[str]:
    for argument in text.args.values():
        yield from _named_by(argument)


def _named_by(argument: Argument) -> Iterable[str]:
    match argument:
        case NameRef():
            yield argument.person
        case Text():
            yield from _people_in(argument)
        case Listing():
            for one in argument.items:
                yield from _named_by(one)
        case ValueRef() | HiddenWords() | RecordRef() | Computed() | str():
            pass
        case _:
            assert_never(argument)
