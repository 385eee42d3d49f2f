"""A small world for tests: people and rooms on the terminal platform, over the whole stack, under a virtual clock."""

import json
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from bot.adapters.clocks import VirtualClock
from bot.adapters.terminal.stage import PLATFORM, Seen, Talk, TerminalPlatform, TerminalStage, view_of
from bot.conversation.envelope import Envelope
from bot.conversation.message import Message
from bot.conversation.opening import open_conversation
from bot.conversation.operator import UNNAMED, Operator
from bot.conversation.outbox import Target
from bot.conversation.ports import Store
from bot.conversation.send_faults import NotSent
from bot.conversation.service import Conversation
from bot.engine.session import Session
from bot.flows.library import Library, load_flows, load_library
from bot.flows.records import RECORDS_FILE, load_records
from bot.flows.transcript import (
    Declare,
    DeclareRoom,
    Mishap,
    PlayedOn,
    Press,
    Say,
    StartAt,
    Travel,
)
from storage.codec import canonical
from tests.conversation.in_memory import open_in_memory
from tests.sealed import opened

DIALOGUES = Path(__file__).resolve().parents[2] / "dialogues"

START = 1_772_474_400_000
"""2026-03-02T18:00Z, a Monday evening in Europe and outside of everybody's quiet hours."""

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # every folder in it has a name of its own
"""Where short-lived files go. Synchronous is FULL there as everywhere; but a kill leaves what was written with the
system, synced or not, so that waiting for a disk would prove nothing more. Only the loss of power would."""

Line = StartAt | PlayedOn | Declare | DeclareRoom | Say | Press | Travel | Mishap


@cache
def shipped() -> Library:
    """Return the flows that ship, loaded once a process."""
    return load_library(DIALOGUES)


TEST_DIALOGUES = Path(__file__).resolve().parents[1] / "dialogues"


@cache
def rehearsed() -> Library:
    """Return the flows that ship, and beside them those of the tests, which use what no shipped flow uses yet."""
    ships = shipped()
    own = load_records(TEST_DIALOGUES / RECORDS_FILE)
    kinds, texts = {**ships.records.kinds, **own.kinds}, {**ships.records.texts, **own.texts}
    records = replace(ships.records, kinds=kinds, texts=texts)
    flows = load_flows(sorted((TEST_DIALOGUES / "flows").glob("*.yaml")), records)
    return replace(ships, flows={**ships.flows, **flows}, records=records)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message that a view received, or the echo of a choice when its buttons were taken away."""

    view: str
    text: str
    labels: tuple[str, ...]
    at: int
    actor: str
    """Whose event led to it; empty when the clock did."""
    event: int
    """The number of the line that led to it."""
    ref: str = ""
    key: str = ""
    """The row of the outbox that it was; a message of a volatile section has none."""

    @property
    def everything(self) -> str:
        """Every word of it."""
        return " ".join((self.text, *self.labels))


class Recorder(TerminalPlatform):
    """The terminal, noting what everybody received and because of whose event."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self.heard: list[Heard] = []
        self.refuses: set[str] = set()
        """Views that cannot be reached at the moment."""
        self.retired: list[str] = []
        """The messages whose choices were taken away."""
        self.on_sent: Callable[[str], None] = lambda _key: None
        """Called with each message's row of the outbox, while that is being sent."""
        self.actor = ""
        self.event = 0
        self._clock = clock

    async def send(self, target: Target, message: Message, key: str) -> str:
        if view_of(target) in self.refuses:
            fault = "this chat cannot be reached at the moment"
            raise NotSent(fault)
        self.on_sent(key)
        ref = await super().send(target, message, key)
        labels = tuple(button.label for button in message.buttons)
        self._note(target, message.text, labels, ref, key)
        return ref

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        await super().retire(target, ref, chosen)
        self.retired.append(ref)
        if chosen:
            self._note(target, "", (chosen,))

    def _note(self, target: Target, text: str, labels: tuple[str, ...], ref: str = "", key: str = "") -> None:
        self.heard.append(
            Heard(
                view=view_of(target),
                text=text,
                labels=labels,
                at=self._clock.now(),
                actor=self.actor,
                event=self.event,
                ref=ref,
                key=key,
            )
        )


class OpenStage(TerminalStage):
    """A stage whose offered choices and last event can be looked at."""

    def offered(self, name: str, room: str = "") -> list[Seen]:
        """Return the messages with choices that this person can see there, the newest last."""
        return self._offered(name, room)

    @property
    def last(self) -> Envelope | None:
        """The event that was taken last."""
        return self._last

    def go_on_as(self, other: "OpenStage") -> None:
        """Take over where another stage is: its people, its rooms and what everybody has seen."""
        for name in ("_people", "_rooms", "_events", "_last", "_last_text", "views"):
            setattr(self, name, deepcopy(getattr(other, name)))


@dataclass(slots=True)
class World:
    """People, rooms, a clock and everything that was heard. Make it with ``new_world``."""

    clock: VirtualClock
    platform: Recorder
    stage: OpenStage
    database: sqlite3.Connection
    talks: list[Conversation]
    library: Library = field(default_factory=shipped)
    """The flows with which the process starts the next time."""
    read: dict[str, int] = field(default_factory=dict[str, int])

    async def play(self, line: Line, actor: str = "") -> list[Heard]:
        """Carry out a line and return what anybody received because of it."""
        self.platform.event += 1
        self.platform.actor = actor
        before = len(self.platform.heard)
        await self.stage.play(line)
        return self.platform.heard[before:]

    async def say(self, name: str, text: str, room: str = "") -> list[Heard]:
        """Let somebody write something, in their own chat or in a room."""
        return await self.play(Say(number=0, name=name, room=room, text=text), name)

    async def press(self, name: str, label: str, room: str = "", nth: int = 1) -> list[Heard]:
        """Let somebody press a choice of a message that they received; the newest is ``nth`` 1."""
        return await self.play(Press(number=0, name=name, room=room, label=label, nth=nth), name)

    async def answer(self, name: str, *answers: str) -> list[Heard]:
        """Let somebody answer: ``[Label]`` presses, anything else is typed."""
        found: list[Heard] = []
        for one in answers:
            pressed = one.startswith("[") and one.endswith("]")
            found += await (self.press(name, one[1:-1]) if pressed else self.say(name, one))
        return found

    async def travel(self, by: int) -> list[Heard]:
        """Let time pass."""
        return await self.play(Travel(number=0, by=by))

    async def mishap(self, kind: str, name: str = "", text: str = "") -> list[Heard]:
        """Let something go wrong: crash, redeliver, photo, edit."""
        return await self.play(Mishap(number=0, kind=kind, name=name, text=text), name)

    async def room(self, name: str, *members: str) -> list[Heard]:
        """Put the bot in a room with these people."""
        return await self.play(DeclareRoom(number=0, name=name, members=members), members[0])

    async def pair(self, inviter: str, invitee: str, *last: str) -> None:
        """Pair two people; ``last`` are the invitee's answers about whose idea it is."""
        await self.answer(inviter, "/pair", "[Yes, gladly]", "[My own idea]")
        await self.say(invitee, f"/pair {self.code_of(inviter)}")
        await self.answer(invitee, "[Pair]", *(last or ("[My own idea]",)))

    def code_of(self, inviter: str) -> str:
        """Return the newest code that this person received."""
        told = [h.text for h in self.platform.heard if h.view == inviter and "Your code is " in h.text]
        return told[-1].split("Your code is ")[1].split()[0]

    def news(self, view: str) -> list[str]:
        """Return the texts that a view received since this was last asked."""
        texts = [heard.text for heard in self.platform.heard if heard.view == view and heard.text]
        start = self.read.get(view, 0)
        self.read[view] = len(texts)
        return texts[start:]

    async def change_flows(self, library: Library) -> list[Heard]:
        """Start the process again, with other flows."""
        self.library = library
        return await self.mishap("crash")

    def close(self) -> None:
        """Close the database; the world is gone."""
        self.database.close()

    async def sessions(self) -> list[Session]:
        """Return the open sessions."""
        return await self.talks[-1].standing()


async def new_world(
    *names: str,
    library: Library | None = None,
    zone: str = "UTC",
    secret: bytes = b"a test's secret",
    operator: Operator = UNNAMED,
    wrapped: Callable[[Store], Store] = lambda store: store,
    told: Callable[[Conversation], Talk] = lambda talk: talk,
) -> World:
    """Return a world with these people, at START.

    ``wrapped`` may put something between the conversation and its store, ``told`` between the stage and it.
    """
    clock = VirtualClock(START)
    platform = Recorder(clock)
    store, database = open_in_memory()
    talks: list[Conversation] = []

    async def open_talk() -> Talk:
        talks.append(
            await open_conversation(
                store=wrapped(store),
                library=world.library,
                clock=clock,
                secret=secret,
                platforms={PLATFORM: platform},
                operator=operator,
            )
        )
        return told(talks[-1])

    stage = OpenStage(views=platform.views, clock=clock, open_talk=open_talk)
    world = World(
        clock=clock, platform=platform, stage=stage, database=database, talks=talks, library=library or shipped()
    )
    for name in names:
        await world.play(Declare(number=0, name=name, zone=zone, locale="en"))
    return world


async def copy_of(world: World) -> World:
    """Return a world that goes on, on its own, where this one is; its process is started anew."""
    copy = await new_world(library=world.library)
    world.database.backup(copy.database)
    copy.clock.set(world.clock.now())
    copy.stage.go_on_as(world.stage)
    copy.platform.views = copy.stage.views
    copy.platform.heard += world.platform.heard
    return copy


TABLES = (
    "schema_version",
    "unit",
    "chat",
    "session",
    "timer",
    "inbox",
    "outbox",
    "prompt",
    "invite",
    "record",
    "flow_revision",
    "key",
)


def dump(
    database: sqlite3.Connection,
    leave_out: Callable[[str, Sequence[object]], bool] = lambda _table, _row: False,
) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table in one canonical form: JSON canonicalised, without row numbers."""
    return {table: _rows(database, table, leave_out) for table in TABLES}


def _rows(
    database: sqlite3.Connection, table: str, leave_out: Callable[[str, Sequence[object]], bool]
) -> list[tuple[object, ...]]:
    names = [str(row[1]) for row in database.execute(f"PRAGMA table_info({table})")]
    kept = [name for name in names if name != "seq"]
    rows = opened(database, table, kept, "1, 2")
    packed = table == "flow_revision"
    return [tuple(_plain(cell, packed=packed) for cell in row) for row in rows if not leave_out(table, row)]


def _plain(cell: object, *, packed: bool) -> object:
    if isinstance(cell, bytes):
        return canonical(zlib.decompress(cell) if packed else cell).decode()
    return cell


def tables_of(database: sqlite3.Connection) -> set[str]:
    """Return the names of every table there is."""
    rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {str(row[0]) for row in rows}


def as_text(dumped: dict[str, list[tuple[object, ...]]]) -> str:
    """Return a dump as text, for comparing and searching."""
    return json.dumps(dumped, ensure_ascii=False, indent=0)
