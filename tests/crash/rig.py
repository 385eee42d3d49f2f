"""Plays transcripts on a process of its own, which is killed with SIGKILL and started again on the same file.

Here, outside of that process, is what survives a crash anyway: the people with what they have on their screens, the
clock, and the platform, which delivers an event again unless it was acknowledged.

Volatile sections live in memory, and start again after a crash. The rule of this rig: when somebody goes on whose
section was lost, they first write a word, upon which the section asks its first question anew, and give the answers
once more that they had given in it. These extra lines have event ids of their own (``again-…``); they, and what they
lead to, are left out of every comparison. Everything else must be the same as without a crash.
"""

import multiprocessing
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

from bot.adapters.clocks import VirtualClock, travel
from bot.adapters.terminal.stage import Views, view_of
from bot.conversation.envelope import Envelope
from bot.engine.model import Section
from bot.engine.session import Session
from bot.flows.transcript import Mishap, Press, Say, Travel
from tests.conversation.world import Line, OpenStage, dump, rehearsed
from tests.crash.child import Done, Hidden, Order, Sent, run
from tests.sealed import Stored

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

DATABASE = "crash.sqlite"

_context = multiprocessing.get_context("forkserver")


class Killed(Exception):
    """The process ended while it carried out an order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """How the process is to end: at its call of that number, or at that instant; 0 is never."""

    after: int = 0
    at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message that was delivered."""

    view: str
    text: str
    buttons: tuple[tuple[str, str], ...]
    key: str


@dataclass(slots=True)
class Inside:
    """Somebody's open volatile section: which one, and what they did in it since its memory lives."""

    section: tuple[str, int]
    alive: bool
    """A crash that the transcript itself has (``!crash``) ends it; the transcript's next line begins it anew."""
    lost: bool
    """A crash of the rig's took it, so that the rig has to bring it back."""
    lines: list[Line] = field(default_factory=list[Line])


class CrashStage(OpenStage):
    """A stage that survives the process behind it."""

    def lose_process(self) -> None:
        """Notice that the process is gone: the next line starts another."""
        self._talk = None

    def forget_last(self) -> None:
        """Give the number of the last event back: it was never taken."""
        self._events -= 1

    async def play_extra(self, line: Line, number: int) -> None:
        """Carry out a line that the transcript does not have, under an event id of its own."""
        kept = self._prefix, self._events, self._last, dict(self._last_text)
        self._prefix, self._events = "again-", number
        await self.play(line)
        self._prefix, self._events, self._last, self._last_text = kept


class Rig:
    """One folder, one file, and one process after another."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock(0)
        self.views = Views()
        self.stage = CrashStage(views=self.views, clock=self.clock, open_talk=self._open_talk)
        self.deliveries: list[Delivery] = []
        self.extra_keys: set[str] = set()
        self.uncertain: set[str] = set()
        self.starts = 0
        self.kills = 0
        self.calls = 0
        """How many calls of the database and the platform the last line took."""
        self.seconds = 0.0
        """How long the last line took."""
        self._end_of_it = Death()
        self._path = folder / DATABASE
        self._process: BaseProcess | None = None
        self._pipe: Connection[Any, Any] | None = None
        self._inside: dict[str, Inside] = {}
        self.extra_lines = 0
        """How many lines the rig added, to bring lost sections back."""
        self._extra = False
        self._shown: set[str] = set()

    # The process

    async def _open_talk(self) -> "Rig":
        if self._process is not None:
            self._end()
        self.starts += 1
        ours, theirs = _context.Pipe()
        self._pipe = cast("Connection[Any, Any]", ours)
        args = (theirs, self._path, self.clock.now())
        self._process = _context.Process(target=run, args=args, daemon=True)
        self._process.start()
        theirs.close()
        return self

    def kill(self) -> None:
        """Kill the process, and note which messages it leaves claimed: whether they were sent, nobody can know."""
        if self._process is None:
            return
        self._end()
        self.kills += 1
        self.stage.lose_process()
        for inside in self._inside.values():
            inside.lost = inside.alive
        with self.database() as database:
            rows = database.execute("SELECT id FROM outbox WHERE state = 'claimed'")
            self.uncertain |= {str(row[0]) for row in rows}

    def _end(self) -> None:
        if self._process is None or self._pipe is None:
            return
        self._process.kill()
        self._process.join()
        self._process.close()
        self._pipe.close()
        self._process = self._pipe = None

    def database(self) -> "Looking":
        """Open the file for looking."""
        return Looking(self._path)

    # What the stage talks to (it is the Talk of the stage)

    async def recover(self) -> None:
        """Go on after a start."""
        self._ask(Order(kind="recover", now=self.clock.now()))

    async def intake(self, envelope: Envelope) -> None:
        """Take an event."""
        self._ask(Order(kind="intake", now=self.clock.now(), envelope=envelope, dies_after=self._end_of_it.after))

    async def next_due(self) -> int | None:
        """Return when the next thing is due."""
        return self._ask(Order(kind="next_due", now=self.clock.now()))

    async def fire_due(self) -> None:
        """Fire what is due."""
        self._ask(Order(kind="fire_due", now=self.clock.now(), dies_after=self._end_of_it.after))

    async def standing(self) -> list[Session]:
        """Return the open sessions."""
        with self.database() as database:
            return Stored(database).running()

    def _ask(self, order: Order) -> int | None:
        if self._pipe is None:
            raise Killed
        try:
            self._pipe.send(order)
            while True:
                if self._end_of_it.at and not self._pipe.poll(max(0.0, self._end_of_it.at - perf_counter())):
                    break
                answer = self._pipe.recv()
                if isinstance(answer, Done):
                    self.calls = max(self.calls, answer.calls)
                    return answer.due
                self._deliver(answer)
        except (EOFError, ConnectionError):
            pass
        self.kill()
        raise Killed

    def _deliver(self, what: object) -> None:
        if isinstance(what, Hidden):
            self.views.forget(what.target)
        elif isinstance(what, Sent) and self._pipe is not None:
            if what.key not in self._shown:
                # Whoever gets a message twice still presses the one prompt.
                self._shown.add(what.key)
                self.views.note(what.target, what.message)
            if self._extra:
                self.extra_keys.add(what.key)
            else:
                buttons = tuple((button.label, button.token) for button in what.message.buttons)
                view = view_of(what.target)
                self.deliveries.append(Delivery(view=view, text=what.message.text, buttons=buttons, key=what.key))
            self._pipe.send(what.key)

    # Playing

    async def play(self, line: Line) -> None:
        """Carry out a line of the transcript; whoever lost a section first finds their way back into it."""
        name = _actor(line)
        crashes = isinstance(line, Mishap) and line.kind == "crash"
        for one in list(self._inside) if crashes else [name]:
            await self._wake(one)
        self.calls, started = 0, perf_counter()
        await self.stage.play(line)
        self.seconds = perf_counter() - started
        if crashes:
            for inside in self._inside.values():
                inside.alive = inside.lost = False
                inside.lines.clear()
        self._note(name, line, lost=False)

    async def play_killed(self, line: Line, *, after: int = 0, within: float = 0.0) -> bool:
        """Carry out a line while the process dies ``after`` so many calls, or ``within`` some seconds.

        Then deliver the event again. Returns whether the process died: the line may have been done before.
        """
        name = _actor(line)
        await self._wake(name)
        await self.stage.ready()
        target = self.clock.now() + line.by if isinstance(line, Travel) else 0
        self._end_of_it = Death(after=after, at=perf_counter() + within if within else 0.0)
        died = took = False
        try:
            await self.stage.play(line)
        except Killed:
            died = True
        self._end_of_it = Death()
        if died and isinstance(line, Travel):
            await travel(self.clock, await self.stage.ready(), target)
        elif died and self.stage.last is not None:
            took = self._took(self.stage.last)
            await self._deliver_again(name, line, self.stage.last, took=took)
        self._note(name, line, lost=took)
        return died

    async def _deliver_again(self, name: str, line: Line, event: Envelope, *, took: bool) -> None:
        inside = self._inside.get(name)
        if took or inside is None or not inside.lost:
            await (await self.stage.ready()).intake(event)
            return
        # The question that was answered went with the process: its answer is given to the question asked anew.
        self.stage.forget_last()
        await self._wake(name)
        await self.stage.play(line)

    def _took(self, event: Envelope) -> bool:
        with self.database() as database:
            key = (f"{event.platform}:{event.event_id}",)
            return database.execute("SELECT 1 FROM inbox WHERE event = ?", key).fetchone() is not None

    async def _wake(self, name: str) -> None:
        inside = self._inside.get(name)
        if inside is None or not inside.lost:
            return
        self._extra = True
        for line in [Say(number=0, name=name, room="", text="Where were we?"), *inside.lines]:
            self.extra_lines += 1
            await self.stage.play_extra(line, self.extra_lines)
        self._extra = False
        inside.lost = False

    def _note(self, name: str, line: Line, *, lost: bool) -> None:
        """Note where a line left its actor. ``lost``: its turn was kept, but the process that took it is gone."""
        if not name:
            return
        section = self._section(name)
        inside = self._inside.get(name)
        if section is None:
            self._inside.pop(name, None)
        elif inside is None or inside.section != section or not inside.alive:
            self._inside[name] = Inside(section=section, alive=True, lost=lost)
        else:
            inside.lines.append(line)

    def _section(self, name: str) -> tuple[str, int] | None:
        """Return the open volatile section that is in front of this person."""
        with self.database() as database:
            stored = Stored(database)
            person = next((person for person in stored.people() if person.account == name), None)
            if person is None or person.front is None:
                return None
            for session in stored.running():
                if session.id == person.front.session:
                    return _section_of(session, person.id)
        return None

    def state(self) -> dict[str, list[tuple[object, ...]]]:
        """Return the canonical state of the file, without what the rig added to the transcript."""
        self.kill()
        with self.database() as database:
            return dump(database, self._added)

    def _added(self, table: str, row: Sequence[object]) -> bool:
        if table == "inbox":
            return str(row[0]).startswith("terminal:again-")
        return table == "outbox" and row[0] in self.extra_keys


class Looking:
    """The file, opened for looking; it is closed when the block ends."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path)

    def __enter__(self) -> sqlite3.Connection:
        return self._database

    def __exit__(self, *_fault: object) -> None:
        self._database.close()


def _section_of(session: Session, person: str) -> tuple[str, int] | None:
    root = rehearsed().flows[session.flow]
    flow = root if session.top.flow == root.id else root.calls[session.top.flow]
    for lane in session.top.lanes.values():
        if lane.person == person and isinstance(flow.steps.get(lane.step or ""), Section):
            return session.id, lane.entry
    return None


def _actor(line: Line) -> str:
    """Return who acts in their own chat; empty for everything else."""
    match line:
        case Say() | Press():
            return "" if line.room else line.name
        case Mishap():
            return line.name
        case _:
            return ""
