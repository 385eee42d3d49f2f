"""What becomes of running sessions when their flows have changed: judged, one session at a time, and carried out.

The dry run (``survey``) and the start (``bring_up``) ask the same function, ``judged``, about the same session.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import structlog

from bot.conversation.ports import Changes, Damaged, Store, Transaction, UnitChange
from bot.conversation.units import Person, UnitState
from bot.engine.crossing import Reason, Stays
from bot.engine.effects import Text, ValueRef
from bot.engine.migration import bring_along, stays_anyway
from bot.engine.model import Flow
from bot.engine.move import references
from bot.engine.session import Session
from bot.flows.library import Library
from bot.flows.migrations import check_against
from bot.flows.problems import FlowInvalid, Problem
from bot.flows.revisions import Published, published, restored

_log = structlog.get_logger(__name__)


class Fate(StrEnum):
    """What becomes of a running session."""

    UNAFFECTED = "unaffected"
    """Its revision is the present one."""
    MIGRATABLE = "migratable"
    """It goes on in the present revision, from the next start."""
    PINNED = "pinned"
    """It ends in the revision in which it began."""
    LOST = "lost"
    """Its revision cannot be read: it rests until it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fared:
    """How many sessions of one revision fare alike, and why: by step or slot, never anybody's words."""

    flow: str
    version: int
    revision: str
    fate: Fate
    sessions: int
    why: Stays | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The stored revisions that are still needed: those that can be read, by revision, and the others."""

    flows: Mapping[str, Flow]
    lost: Sequence[Published]


# Judging


async def judged(tx: Transaction, session: Session, old: Flow, new: Flow | None) -> Session | Stays:
    """Return the session as it goes on in ``new``, or why it stays in ``old``."""
    found = bring_along(session, old, new)
    if isinstance(found, Stays) or dict(found.values) == dict(session.values):
        return found
    return bring_along(session, old, new, [key async for key in _on_their_way(tx, session)])


async def _on_their_way(tx: Transaction, session: Session) -> AsyncIterator[str]:
    """The addresses of the values that unsent and unopened messages show. A question is asked anew when opened."""
    for row in await tx.revisions.unsent(session.id):
        for key in _shown([*row.paragraphs, *(choice.label for choice in row.choices)]):
            yield key
    units = await tx.load_units([*session.people, *session.gone])
    for person in (state.unit for state in units.values() if isinstance(state.unit, Person)):
        for parcel in person.mail:
            if parcel.seat.session == session.id and parcel.send.fence is None:
                for key in _shown(parcel.send.paragraphs):
                    yield key


def _shown(texts: Iterable[Text]) -> Iterator[str]:
    return (ref.key for text in texts for ref in references(text) if isinstance(ref, ValueRef))


async def shelf_of(tx: Transaction, library: Library) -> Shelf:
    """Return the earlier revisions that somebody needs."""
    stored = {one.revision: one for one in await tx.revisions.published()}
    present = {flow.revision for flow in library.flows.values()}
    flows: dict[str, Flow] = {}
    lost: list[Published] = []
    for revision in sorted(await tx.revisions.needed() - present):
        one = stored.get(revision)
        if one is None:
            lost.append(Published(revision=revision, flow=await _flow_of(tx, revision), version=0, body=b""))
            continue
        try:
            flows[revision] = restored(one)
        except Exception as fault:  # noqa: BLE001  # whatever is wrong with one revision stops nobody else's start
            _log.warning("revision_lost", flow=one.flow, revision=revision, fault=type(fault).__name__)
            lost.append(one)
    return Shelf(flows=flows, lost=lost)


async def _flow_of(tx: Transaction, revision: str) -> str:
    """The flow of a revision that was never stored, by a session that is pinned to it."""
    for session_id in await tx.revisions.sessions(revision):
        try:
            session = (await tx.load_sessions([session_id])).get(session_id)
        except Damaged:
            continue
        if session is not None:
            return session.flow
    return ""


async def declared_wrongly(tx: Transaction, library: Library, shelf: Shelf) -> list[Problem]:
    """Return every problem of what the present flows declare about those that sessions are pinned to."""
    problems: list[Problem] = []
    for revision, root in shelf.flows.items():
        if not await tx.revisions.sessions(revision):
            continue
        for old in (root, *root.calls.values()):
            new, made_from = library.flows.get(old.id), library.compiled.get(old.id)
            if new is not None and made_from is not None:
                problems += check_against(old, new, made_from.source)
    return problems


async def survey(store: Store, library: Library) -> list[Fared]:
    """Return what would become of every running session at a start with these flows. Writes nothing.

    Raises FlowInvalid when the start would be refused.
    """
    async with store.transaction() as tx:
        shelf = await shelf_of(tx, library)
        problems = await declared_wrongly(tx, library, shelf)
        if problems:
            raise FlowInvalid(problems)
        found: list[Fared] = []
        for flow in library.flows.values():
            found += _alike(flow, Fate.UNAFFECTED, len(await tx.revisions.sessions(flow.revision)))
        for old in shelf.flows.values():
            counts: Counter[Stays | None] = Counter()
            async for why in _fates(tx, library, old):
                counts[why] += 1
            found += _by_fate(old, counts)
        return [*found, *await _lost(tx, shelf)]


async def _fates(tx: Transaction, library: Library, old: Flow) -> AsyncIterator[Stays | None]:
    """Why each session stays in that revision; None for one that comes along."""
    new = library.flows.get(old.id)
    anyway = stays_anyway(old, new)
    for session_id in await tx.revisions.sessions(old.revision):
        yield anyway if anyway is not None else await _fate(tx, session_id, old, new)


async def _fate(tx: Transaction, session_id: str, old: Flow, new: Flow | None) -> Stays | None:
    try:
        session = (await tx.load_sessions([session_id])).get(session_id)
        found = await judged(tx, session, old, new) if session is not None else None
    except Damaged:
        return _unreadable(old)
    return found if isinstance(found, Stays) else None


def _unreadable(old: Flow) -> Stays:
    return Stays(reason=Reason.DAMAGED, flow=old.id)


def _by_fate(old: Flow, counts: Mapping[Stays | None, int]) -> Iterator[Fared]:
    for why, count in counts.items():
        yield from _alike(old, Fate.MIGRATABLE if why is None else Fate.PINNED, count, why)


def _alike(flow: Flow, fate: Fate, sessions: int, why: Stays | None = None) -> Iterator[Fared]:
    if sessions:
        yield Fared(flow=flow.id, version=flow.version, revision=flow.revision, fate=fate, sessions=sessions, why=why)


async def _lost(tx: Transaction, shelf: Shelf) -> list[Fared]:
    counts = [(one, len(await tx.revisions.sessions(one.revision))) for one in shelf.lost]
    return [
        Fared(flow=one.flow, version=one.version, revision=one.revision, fate=Fate.LOST, sessions=count)
        for one, count in counts
        if count
    ]


# Carrying it out


async def bring_up(store: Store, library: Library, now: int) -> tuple[Library, list[Fared]]:
    """Make the store ready for these flows, at a start and before anything else.

    Returns the library with the earlier revisions that are still needed, and what became of the sessions that were
    pinned to them. Raises FlowInvalid when what a flow declares about an older version cannot be: nothing is done
    then.
    """
    async with store.transaction() as tx:
        shelf = await shelf_of(tx, library)
        problems = await declared_wrongly(tx, library, shelf)
        if problems:
            raise FlowInvalid(problems)
        known = {one.revision for one in await tx.revisions.published()}
        flows = [flow for flow in library.flows.values() if flow.revision not in known]
        fresh = [published(flow, library.compiled) for flow in flows if flow.id in library.compiled]
        if fresh:
            await tx.revisions.publish(fresh)
        lost = await _lost(tx, shelf)
    fared: list[Fared] = []
    for old in shelf.flows.values():
        fared += await _bring_sessions(store, old, library.flows.get(old.id), now)
    return library.with_earlier(await _clear_shelf(store, library, shelf)), [*fared, *lost]


async def _bring_sessions(store: Store, old: Flow, new: Flow | None, now: int) -> list[Fared]:
    anyway = stays_anyway(old, new)
    async with store.transaction() as tx:
        ids = await tx.revisions.sessions(old.revision)
    if anyway is not None:
        return list(_alike(old, Fate.PINNED, len(ids), anyway))
    counts: Counter[Stays | None] = Counter()
    for session_id in ids:
        try:
            async with store.transaction() as tx:
                why = await _bring_one(tx, session_id, old, new, now)
        except Damaged as fault:
            _log.exception("session_not_brought_along", session=session_id, damaged=fault.row, exc_info=False)
            why = _unreadable(old)
        counts[why] += 1
    if counts[None]:
        _log.info("sessions_brought_along", flow=old.id, version=old.version, sessions=counts[None])
    return list(_by_fate(old, counts))


async def _bring_one(tx: Transaction, session_id: str, old: Flow, new: Flow | None, now: int) -> Stays | None:
    """Bring one session along, under its unit's version; nothing is sent for it."""
    session = (await tx.load_sessions([session_id])).get(session_id)
    if session is None:
        message = f"session {session_id} is noted as running and is not there: restore a backup"
        raise LookupError(message)
    found = await judged(tx, session, old, new)
    if isinstance(found, Stays):
        return found
    state = (await tx.load_units([session.unit]))[session.unit]
    raised = UnitState(unit=state.unit, version=state.version + 1)
    changes = Changes(
        event_id=f"migration:{session.id}:{found.revision}",
        at=now,
        units=(UnitChange(state=raised, version=state.version),),
        sessions=(found,),
    )
    await tx.write([changes])
    return None


async def _clear_shelf(store: Store, library: Library, shelf: Shelf) -> dict[str, Flow]:
    """Throw away what nobody needs any more, and return what is left to go on with."""
    present = {flow.revision for flow in library.flows.values()}
    async with store.transaction() as tx:
        needed = await tx.revisions.needed()
        drained = [o.revision for o in await tx.revisions.published() if o.revision not in needed | present]
        if drained:
            await tx.revisions.withdraw(drained)
    return {revision: flow for revision, flow in shelf.flows.items() if revision in needed}
