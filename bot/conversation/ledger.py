"""The working set of one turn: the units that it may touch, and everything that it will write.

A turn that needs something which is not loaded raises Wanted; the shell loads it and takes the turn again, which is
safe because a turn is pure. So no turn ever reads or writes a unit that it does not hold.
"""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from bot.conversation.envelope import Actor
from bot.conversation.outbox import OutboxRow
from bot.conversation.ports import Changes, Damaged, Erased, UnitChange
from bot.conversation.record import Record
from bot.conversation.record_at import RecordAt
from bot.conversation.units import Invite, Pair, Person, Room, Seat, SentPrompt, Unit, UnitState
from bot.engine.session import Session

_U = TypeVar("_U", Person, Pair, Room)


class Table(StrEnum):
    """What a turn can look up."""

    UNITS = "units"
    CHATS = "chats"
    PROMPTS = "prompts"
    FENCES = "fences"
    INVITES = "invites"
    SESSIONS = "sessions"
    RECORDS = "records"


Key = tuple[Table, *tuple[str | int, ...]]
"""One thing that can be looked up."""


class Wanted(Exception):
    """The turn wants to look something up that is not loaded."""

    def __init__(self, *key: *Key) -> None:
        super().__init__(key[0])
        self.key: Key = key


class Loaded:
    """What the store gave: by key, with None for what is not there."""

    def __init__(self) -> None:
        self.units: dict[str, UnitState | None] = {}
        self.chats: dict[tuple[str, str], str | None] = {}
        self.prompts: dict[str, SentPrompt | None] = {}
        self.fences: dict[tuple[str, str, int], list[SentPrompt]] = {}
        self.invites: dict[str, Invite | None] = {}
        self.ended: dict[str, Session | None] = {}
        self.records: dict[tuple[str, str], list[Record]] = {}
        self.damaged: dict[Key, Damaged] = {}
        """What there is, and cannot be read."""

    def lacks(self, *key: *Key) -> Exception:
        """Return what a turn raises that looks up what is not here: that it is wanted, or that it cannot be read."""
        return self.damaged.get(key) or Wanted(*key)


class Ledger:
    """Reads from Loaded, collects writes."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._units: dict[str, Unit] = {}
        self._sessions: dict[str, Session] = {}
        self._new_units: set[str] = set()
        self._chats: dict[tuple[str, str], str] = {}
        self._prompts: list[SentPrompt] = []
        self._invites: dict[str, Invite] = {}
        self._records: dict[RecordAt, Record | None] = {}
        self._erased: dict[str, Erased] = {}
        self.outbox: list[OutboxRow] = []
        self.touched: set[Key] = set()
        """The units, chats and invites that the turn has looked at so far: what they hold, it hangs on."""

    # Reading

    @property
    def sessions(self) -> Iterable[Session]:
        """The sessions that this turn changed."""
        return self._sessions.values()

    def has_unit(self, unit_id: str) -> bool:
        """Return whether the unit exists."""
        if unit_id in self._units:
            return True
        self.touched.add((Table.UNITS, unit_id))
        if unit_id not in self._loaded.units:
            raise self._loaded.lacks(Table.UNITS, unit_id)
        return self._loaded.units[unit_id] is not None

    def unit_of(self, platform: str, place: str) -> str | None:
        """Return the unit behind a chat or an account."""
        key = (platform, place)
        if key in self._chats:
            return self._chats[key]
        self.touched.add((Table.CHATS, *key))
        if key not in self._loaded.chats:
            raise self._loaded.lacks(Table.CHATS, *key)
        return self._loaded.chats[key]

    def _state(self, unit_id: str) -> UnitState:
        self.touched.add((Table.UNITS, unit_id))
        if unit_id not in self._loaded.units:
            raise self._loaded.lacks(Table.UNITS, unit_id)
        state = self._loaded.units[unit_id]
        if state is None:
            raise KeyError(unit_id)
        return state

    def unit(self, unit_id: str) -> Unit:
        """Return a unit as it is in this turn."""
        return self._units[unit_id] if unit_id in self._units else self._state(unit_id).unit

    def _typed(self, unit_id: str, kind: type[_U]) -> _U:
        found = self.unit(unit_id)
        if not isinstance(found, kind):
            raise TypeError(unit_id)
        return found

    def person(self, person_id: str) -> Person:
        """Return the person."""
        return self._typed(person_id, Person)

    def pair(self, pair_id: str) -> Pair:
        """Return the pair."""
        return self._typed(pair_id, Pair)

    def room(self, room_id: str) -> Room:
        """Return the room."""
        return self._typed(room_id, Room)

    def sessions_of(self, unit_id: str) -> list[Session]:
        """Return the open sessions of a unit."""
        stored = {} if unit_id in self._new_units else self._state(unit_id).sessions
        now = {**stored, **{s.id: s for s in self._sessions.values() if s.unit == unit_id}}
        return [session for session in now.values() if not session.ended]

    def session(self, session_id: str, unit_id: str) -> Session | None:
        """Return an open session of that unit, or None when it has ended. Raises Damaged when it cannot be read."""
        if session_id in self._sessions:
            return self._sessions[session_id]
        if self.is_damaged(session_id, unit_id):
            row = f"session {session_id}"
            raise Damaged(row)
        stored = {} if unit_id in self._new_units else self._state(unit_id).sessions
        return stored.get(session_id)

    def is_damaged(self, session_id: str, unit_id: str) -> bool:
        """Return whether there is an open session of that unit that cannot be read."""
        return unit_id not in self._new_units and session_id in self._state(unit_id).damaged

    def open_session(self, seat: Seat | None) -> Session | None:
        """Return the session of a seat while it is open. Raises Damaged when it cannot be read."""
        found = self.session(seat.session, seat.unit) if seat is not None else None
        return found if found is not None and not found.ended else None

    def readable_session(self, seat: Seat | None) -> Session | None:
        """Return the session of a seat while it is open and can be read: what is about another goes on without it."""
        return None if seat is None or self.is_damaged(seat.session, seat.unit) else self.open_session(seat)

    def moved(self, session_id: str) -> bool:
        """Return whether this turn changed the session already."""
        return session_id in self._sessions

    def any_session(self, session_id: str) -> Session | None:
        """Return a session whether it has ended or not."""
        if session_id in self._sessions:
            return self._sessions[session_id]
        if session_id not in self._loaded.ended:
            raise self._loaded.lacks(Table.SESSIONS, session_id)
        found = self._loaded.ended[session_id]
        if found is not None:
            self.touched.add((Table.UNITS, found.unit))
        return found

    def prompt(self, token: str) -> SentPrompt | None:
        """Return what a token stands for."""
        if token not in self._loaded.prompts:
            raise self._loaded.lacks(Table.PROMPTS, token)
        return self._loaded.prompts[token]

    def prompts_at(self, session_id: str, lane: str, entry: int) -> list[SentPrompt]:
        """Return the prompts sent for a fence, this turn's included."""
        key = (session_id, lane, entry)
        if key not in self._loaded.fences:
            raise self._loaded.lacks(Table.FENCES, *key)
        mine = [p for p in self._prompts if (p.session, p.lane, p.entry) == key]
        return [*self._loaded.fences[key], *mine]

    def invite(self, digest: str) -> Invite | None:
        """Return the invite of that digest."""
        if digest in self._invites:
            return self._invites[digest]
        self.touched.add((Table.INVITES, digest))
        if digest not in self._loaded.invites:
            raise self._loaded.lacks(Table.INVITES, digest)
        return self._loaded.invites[digest]

    def records(self, unit_id: str, kind: str) -> list[Record]:
        """Return the unit's records of a kind as they are in this turn, ended ones included, the oldest first."""
        key = (unit_id, kind)
        if unit_id not in self._new_units and key not in self._loaded.records:
            raise self._loaded.lacks(Table.RECORDS, *key)
        now = {record.place: record for record in self._loaded.records.get(key, [])}
        now |= {place: record for place, record in self._records.items() if record is not None}
        mine = (r for place, r in now.items() if (r.unit, r.kind) == key and self._records.get(place, r) is not None)
        return sorted(mine, key=lambda record: (record.at, record.id))

    # Writing

    def put(self, unit: Unit) -> None:
        """Change a unit."""
        if unit.id not in self._new_units:
            self._state(unit.id)
        self._units[unit.id] = unit

    def create(self, unit: Unit, *chats: tuple[str, str]) -> None:
        """Create a unit, with the chats that lead to it."""
        self._new_units.add(unit.id)
        self._units[unit.id] = unit
        for chat in chats:
            self._chats[chat] = unit.id

    def lead(self, chat: tuple[str, str], unit: str) -> None:
        """Let another chat lead to a unit."""
        self._chats[chat] = unit

    def put_session(self, session: Session) -> None:
        """Change or create a session; its unit counts as changed."""
        self._sessions[session.id] = session

    def put_prompt(self, prompt: SentPrompt) -> None:
        """Note a prompt that will be sent."""
        self._prompts.append(prompt)

    def put_invite(self, invite: Invite) -> None:
        """Change or create an invite."""
        self._invites[invite.digest] = invite

    def put_record(self, record: Record) -> None:
        """Change or create a record; its unit counts as changed."""
        self.unit(record.unit)
        self._records[record.place] = record

    def forget_record(self, record: Record) -> None:
        """Delete a record; its unit counts as changed."""
        self.unit(record.unit)
        self._records[record.place] = None

    def erase(self, erased: Erased) -> None:
        """Erase a unit with everything that is its own."""
        self.put(self.unit(erased.unit))
        self._erased[erased.unit] = erased

    def person_seen(self, person: Person, actor: Actor, chat: str, now: int) -> Person:
        """Return the person with what this event told about them."""
        seen = replace(
            person,
            name=actor.name or person.name,
            locale=actor.locale or person.locale,
            zone=actor.zone or person.zone,
            chat=chat or person.chat,
            seen_at=now,
            unreachable=False,
        )
        self.put(seen)
        return seen

    def changes(self, event_id: str, now: int, fired: tuple[tuple[str, int], ...] = ()) -> Changes:
        """Return everything to write, with the deadlines that it was about. What did not change is left out."""
        changed_sessions = tuple(s for s in self._sessions.values() if self._differs(s))
        recorded = {place.unit for place in self._records}
        touched = set(self._units) | {s.unit for s in changed_sessions} | recorded
        units: list[UnitChange] = []
        for unit_id in sorted(touched):
            new = unit_id in self._new_units
            before = None if new else self._state(unit_id)
            unit = self.unit(unit_id)
            own = unit_id in recorded or any(s.unit == unit_id for s in changed_sessions)
            if before is None or before.unit != unit or own or unit_id in self._erased:
                version = 0 if before is None else before.version
                units.append(UnitChange(state=UnitState(unit=unit, version=version + 1), version=version))
        return Changes(
            event_id=event_id,
            at=now,
            fired=fired,
            units=tuple(units),
            sessions=changed_sessions,
            prompts=tuple(self._prompts),
            invites=tuple(self._invites.values()),
            records=tuple(record for record in self._records.values() if record is not None),
            forgotten=tuple(place for place, record in self._records.items() if record is None),
            outbox=tuple(self.outbox),
            chats=tuple((platform, place, unit) for (platform, place), unit in self._chats.items()),
            erased=tuple(self._erased.values()),
        )

    @property
    def written(self) -> set[Key]:
        """The units, chats and invites that the turn has changed, of those that another turn may look at."""
        recorded = {place.unit for place in self._records}
        units = {*self._units, *recorded, *(session.unit for session in self._sessions.values())}
        return {
            *((Table.UNITS, unit) for unit in units),
            *((Table.CHATS, platform, place) for platform, place in self._chats),
            *((Table.INVITES, digest) for digest in self._invites),
        }

    def _differs(self, session: Session) -> bool:
        state = self._loaded.units.get(session.unit)
        before = state.sessions.get(session.id) if state is not None else None
        return before is None or replace(before, hidden={}) != replace(session, hidden={})
