"""The store alone: what a turn reads and writes, with its encoding and sealing, and nothing of the turn itself."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from bench.engine import flow_and_library
from bot.conversation.outbox import MessageClass, OutboxRow, RowKind, Target, TargetKind
from bot.conversation.ports import Changes, Settled, UnitChange
from bot.conversation.units import Person, PromptKind, SentPrompt, UnitState
from bot.engine.effects import Choice, PromptFence, Text
from bot.engine.session import Value, value_key
from storage.master_keys import MasterKeys
from storage.sqlite import SqliteStore, open_store


class Alone:
    """A store with people, each in a session of their own."""

    def __init__(self, store: SqliteStore, states: dict[str, UnitState]) -> None:
        self._store = store
        self._states = states
        self._turns = 0

    @classmethod
    async def made(cls, path: Path, people: Sequence[str]) -> Self:
        """Return it, over a new file."""
        store = await open_store(path, MasterKeys.made())
        session, _ = flow_and_library()
        sessions = {one: replace(session, id=f"s-{one}", unit=one, starter=one) for one in people}
        states = {one: UnitState(unit=_person(one), version=1) for one in people}
        units = tuple(UnitChange(state=state, version=0) for state in states.values())
        async with store.transaction() as tx:
            await tx.write([Changes(event_id="begin", at=0, units=units, sessions=tuple(sessions.values()))])
        for one in people:
            states[one].sessions[sessions[one].id] = sessions[one]
        return cls(store, states)

    def prepared(self, people: Sequence[str]) -> list[Changes]:
        """Return a turn of each of them, as it is to be written."""
        self._turns += 1
        return [self._changes(one, self._states[one]) for one in people]

    async def take(self, turns: Sequence[Changes]) -> None:
        """Read and write these turns, in one transaction; then note that the replies were sent."""
        async with self._store.transaction() as tx:
            await tx.settled([turn.event_id for turn in turns])
            await tx.load_units([change.state.unit.id for turn in turns for change in turn.units])
            await tx.write(turns)
        async with self._store.transaction() as tx:
            await tx.settle([Settled.sent(row, 1, "ref") for turn in turns for row in turn.outbox])

    def _changes(self, one: str, state: UnitState) -> Changes:
        event = f"{one}-{self._turns}"
        session = state.sessions[f"s-{one}"]
        self._states[one] = replace(state, version=state.version + 1)
        said = {value_key(0, "side", one): Value(data=f"What {one} said at turn {self._turns}.", rev=self._turns)}
        target = Target(platform="bench", kind=TargetKind.DM, chat=one)
        fence = PromptFence(lane=f"me:{one}", entry=self._turns)
        prompt = SentPrompt(
            token=f"t-{event}",
            kind=PromptKind.LANE,
            target=target,
            unit=one,
            session=session.id,
            lane=fence.lane,
            entry=fence.entry,
            values=("ping", "pong"),
            person=one,
            sent_at=self._turns,
        )
        row = OutboxRow(
            id=f"m-{event}",
            kind=RowKind.MESSAGE,
            cls=MessageClass.REPLY,
            target=target,
            unit=one,
            session=session.id,
            recipient=one,
            paragraphs=(Text(flow="ping_pong", key="ask.ask"),),
            choices=tuple(Choice(value=name, label=Text(flow="ping_pong", key=name)) for name in ("ping", "pong")),
            token=prompt.token,
            fence=fence,
            queued_at=self._turns,
        )
        return Changes(
            event_id=event,
            at=self._turns,
            units=(UnitChange(state=self._states[one], version=state.version),),
            sessions=(replace(session, values=said),),
            prompts=(prompt,),
            outbox=(row,),
        )

    async def close(self) -> None:
        """Close the file."""
        await self._store.close()


def _person(one: str) -> Person:
    return Person(
        id=one, platform="bench", account=one, name="Alex", chat=one, locale="en", zone="UTC", seal="k" * 32
    )
