"""Wiring: the only module that names concrete classes, and the home of the environment and of randomness."""

import asyncio
import json
import secrets
import sqlite3
import sys
import webbrowser
from collections.abc import Callable, Iterator, Sequence, Set
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot.adapters.clocks import MovableClock, SteppedClock, SystemClock, VirtualClock
from bot.adapters.terminal.chat import keep_time, printed, read_lines
from bot.adapters.terminal.player import Player
from bot.adapters.terminal.stage import TerminalPlatform, TerminalStage
from bot.adapters.terminal.updating import Updater
from bot.conversation.menu import chips_of_a_person, chips_of_a_room
from bot.conversation.message import Message
from bot.conversation.opening import open_conversation
from bot.conversation.service import Conversation
from bot.conversation.versions import Fared, survey
from bot.engine.watching import Took, Watch
from bot.flows import editor_schema, translating
from bot.flows.coverage import Coverage, coverage
from bot.flows.drawing import svg
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.chats import chats_of
from bot.flows.exploration.exploring import Explored, callers_of, explorable, explore
from bot.flows.facts.finding import facts_of
from bot.flows.facts.flow_facts import FlowFacts
from bot.flows.graph import graph_of
from bot.flows.languages import is_language
from bot.flows.library import Library, flow_files, load_flows, load_library, records_in, shown
from bot.flows.mending import mended
from bot.flows.mermaid import mermaid
from bot.flows.problems import FlowInvalid, Problem, did_you_mean
from bot.flows.records import RECORDS_FILE, load_records
from bot.flows.transcript import PLATFORMS, parse_transcript
from storage.migrations import SchemaUnknown
from storage.sqlite import SqliteStore, open_store, open_to_read

if TYPE_CHECKING:
    from bot.adapters.web.demo import Demo
    from bot.adapters.web.panes import Panes

DIALOGUES = Path(__file__).resolve().parent.parent / "dialogues"
"""The flows and phrases that ship with the product."""

DATABASE, SECRET = "breathing-room.sqlite", "secret.key"

TRANSCRIPT_SECRET = b"transcripts are the same every time"
"""Transcripts draw their ids from this, so that a replay gives the same ones."""


LIBRARY_FILE = "phrases.yaml"


class UnknownLanguage(Exception):
    """There is no such language; the text is its code."""


class CannotExplore(Exception):
    """A flow cannot be explored; the text says why."""


class CannotServe(Exception):
    """The page cannot be served; the text says what to do."""


class CannotLook(Exception):
    """A data folder cannot be read; the text says why."""


def _warn(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def library(folder: Path | None) -> Library:
    """Return what ships, or what a folder holds. Raises FlowInvalid.

    A folder of dialogues stands for itself; a folder with nothing but flows comes beside what ships.
    """
    if folder is not None and _is_beside(folder):
        return load_library(DIALOGUES, folder)
    return load_library(folder or DIALOGUES)


def check(paths: Sequence[Path], folder: Path | None = None) -> int:
    """Return how many flows these files and folders hold. Raises FlowInvalid with every problem.

    A folder of dialogues is checked with its phrases and records; flows alone beside those of ``folder``, or those
    that ship, which they may call.
    """
    count = 0
    problems: list[Problem] = []
    alone: list[Path] = []
    for path in paths:
        if not _is_whole(path):
            alone += sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
            continue
        try:
            count += len(load_library(path).flows)
        except FlowInvalid as fault:
            problems += fault.problems
    try:
        count += _check_alone(alone, folder)
    except FlowInvalid as fault:
        problems += fault.problems
    if problems:
        raise FlowInvalid(problems)
    return count


Chats = tuple[str, ...]
"""A fault as conversations: one, or two of which somebody has to see the same."""


def explore_flows(
    folder: Path | None, names: Sequence[str], *, workers: int, bounds: Bounds
) -> Iterator[tuple[Explored, list[Chats]]]:
    """Explore these flows, or all; yield what was gone through of each, and every fault as conversations.

    Before anything is explored it raises FlowInvalid, or CannotExplore for a name that is not there or only called.
    """
    found = library(folder)
    known = explorable(found.flows)
    for name in names:
        if name not in found.flows:
            message = f"there is no flow '{name}'{did_you_mean(name, sorted(found.flows))}"
            raise CannotExplore(message)
        if name not in known:
            callers = ", ".join(callers_of(found.flows, name))
            message = f"'{name}' is gone through where it is called: explore {callers}"
            raise CannotExplore(message)
    wanted = list(dict.fromkeys(names)) or known
    if min(workers, len(wanted)) == 1:
        return (_explore_one(found, name, bounds) for name in wanted)
    return _explore_in_processes(folder, found, wanted, workers, bounds)


def _explore_in_processes(
    folder: Path | None, found: Library, wanted: Sequence[str], workers: int, bounds: Bounds
) -> Iterator[tuple[Explored, list[Chats]]]:
    # The largest first: none is left over at the end while other processors are idle.
    weights = {name: len(found.flows[name].steps) * (4 if found.flows[name].reviews else 1) for name in wanted}
    order = sorted(wanted, key=lambda name: -weights[name])
    with ProcessPoolExecutor(max_workers=workers, initializer=_load_to_explore, initargs=(folder,)) as pool:
        running = {name: pool.submit(_explore_loaded, name, bounds) for name in order}
        for name in wanted:
            yield running[name].result()


_LOADED: list[Library] = []
"""In a process that explores: what there is to explore."""


def _load_to_explore(folder: Path | None) -> None:
    _LOADED[:] = [library(folder)]


def _explore_loaded(name: str, bounds: Bounds) -> tuple[Explored, list[Chats]]:
    (found,) = _LOADED
    return _explore_one(found, name, bounds)


def _explore_one(found: Library, name: str, bounds: Bounds) -> tuple[Explored, list[Chats]]:
    explored = explore(found.flows[name], found.flows, bounds)
    chats = [chats_of(fault, found.flows[name], found.flows, found.phrases) for fault in explored.faults]
    return explored, chats


def _check_alone(paths: Sequence[Path], folder: Path | None) -> int:
    """Check files of flows or of records beside what a folder holds; return how many flows they are."""
    declared = [path for path in paths if path.name == RECORDS_FILE]
    for path in declared:
        load_records(path)
    flows = [path for path in paths if path not in declared]
    if not flows:
        return 0
    meant = [folder or DIALOGUES] if folder is None or not _is_beside(folder) else [DIALOGUES, folder]
    known = {_real(path) for path in flows}
    beside = [path for one in meant for path in flow_files(one) if _real(path) not in known]
    records = records_in(*dict.fromkeys([*meant, *(path.parent for path in paths)]))
    return len(load_flows([*flows, *beside], records)) - len(beside)


def _is_beside(folder: Path) -> bool:
    """Whether it is a folder with nothing but flows, and perhaps kinds of record."""
    return not _is_whole(folder) and any(folder.glob("*.yaml"))


def _is_whole(path: Path) -> bool:
    """Whether it is a folder of dialogues: phrases, and flows in a folder of their own."""
    return (path / LIBRARY_FILE).is_file()


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # links that go round
        return path.absolute()


def extract_text(folder: Path | None) -> tuple[str, int]:
    """Write the template of a folder's sentences; return its file and their number. Raises FlowInvalid."""
    return translating.extract(folder or DIALOGUES)


def update_text(folder: Path | None, languages: Sequence[str]) -> dict[str, translating.Updated]:
    """Bring the catalogues of these languages up to date, or of all. Raises FlowInvalid and UnknownLanguage."""
    for code in languages:
        if not is_language(code):
            raise UnknownLanguage(code)
    return translating.update(folder or DIALOGUES, languages)


def check_text(folder: Path | None, languages: Sequence[str]) -> translating.Checked:
    """Return how these languages stand, or all. Raises FlowInvalid and UnknownLanguage."""
    home = folder or DIALOGUES
    for code in languages:
        if code not in translating.languages_in(home):
            raise UnknownLanguage(code)
    return translating.check(home, languages)


async def against_live(flows: Library, data: Path) -> list[Fared]:
    """Return what would become of the running sessions of a data folder at a start with these flows.

    The folder is only read. Raises FlowInvalid when the start would be refused, and CannotLook.
    """
    path = data / DATABASE
    if not path.is_file():
        message = f"{data} is no data folder: it holds no {DATABASE}"
        raise CannotLook(message)
    try:
        store = await open_to_read(path)
    except (SchemaUnknown, sqlite3.Error) as fault:
        message = f"{path} cannot be read: {fault}"
        raise CannotLook(message) from None
    try:
        return await survey(store, flows)
    finally:
        await store.close()


def secret_in(folder: Path) -> bytes:
    """Return the secret of a data folder, made at its first use and readable by its owner alone."""
    path = folder / SECRET
    if not path.exists():
        fresh = folder / f".{SECRET}.{secrets.token_hex(4)}"
        fresh.touch(mode=0o600)
        fresh.write_bytes(secrets.token_bytes(32))
        fresh.replace(path)
    return path.read_bytes()


class SettableSystemClock(SystemClock):
    """The machine's clock, where moving is refused by doing nothing: real time cannot be hurried."""

    def set(self, instant: int) -> None:
        """Do nothing."""


class TerminalRoom:
    """A terminal with its store. ``data`` is the folder that keeps it; None keeps nothing."""

    def __init__(
        self,
        *,
        flows: Library,
        data: Path | None,
        clock: MovableClock,
        told: Callable[[str, Message], None],
        secret: bytes,
        event_prefix: str = "",
        watch: Watch | None = None,
    ) -> None:
        self._watch = watch
        self.platform = TerminalPlatform(told)
        self.clock = clock
        self._flows = flows
        self._data = data
        self._secret = secret
        self._store: SqliteStore | None = None
        self.talk: Conversation | None = None
        self.stage = TerminalStage(
            views=self.platform.views, clock=clock, open_talk=self.open_talk, event_prefix=event_prefix
        )

    async def open_talk(self) -> Conversation:
        """Return the conversation as after a start of the process: everything but the file is new."""
        path = self._data / DATABASE if self._data is not None else None
        if path is not None and self._store is not None:
            await self._store.close()
            self._store = None
        if self._store is None:
            self._store = await open_store(path)
        self.talk = await open_conversation(
            store=self._store,
            library=self._flows,
            clock=self.clock,
            secret=self._secret,
            platforms=dict.fromkeys(PLATFORMS, self.platform),
            warn=_warn,
            watch=self._watch,
        )
        return self.talk

    async def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            await self._store.close()


async def play(path: Path, flows: Library, watch: Watch | None = None) -> tuple[str | None, int]:
    """Play a transcript on a store of its own; return how it failed (None: it held) and how many lines it has.

    ``watch`` is told which ways its sessions take. Raises FlowInvalid for lines that are none.
    """
    steps = parse_transcript(path.read_text("utf-8"), str(path))
    room = _virtual_room(flows, watch)
    try:
        failure = await Player(room.stage, str(path)).play(steps)
    finally:
        await room.close()
    return (None if failure is None else str(failure)), len(steps)


async def update_transcript(path: Path, flows: Library, watch: Watch | None = None) -> tuple[str | None, int]:
    """Play a transcript, and write its expectations anew where they do not hold; return how many those were.

    What only a person can mend is returned as ``play`` tells it, and then nothing is written. Raises FlowInvalid for
    lines that are none.
    """
    text = path.read_bytes().decode()
    steps = parse_transcript(text, str(path))
    room = _virtual_room(flows, watch)
    updater = Updater(room.stage, str(path))
    try:
        failure = await updater.play(steps)
    finally:
        await room.close()
    if failure is not None:
        return str(failure), 0
    if updater.mends:
        path.write_bytes(mended(text, updater.mends).encode())
    return None, len(updater.mends)


def covered(flows: Library, taken: Set[Took], folder: Path | None) -> Coverage:
    """Return how much of the flows was taken; with a folder, of the flows that it holds itself."""
    own = {str(_real(path)) for path in flow_files(folder)} if folder is not None else set[str]()
    counted = {
        name for name, one in flows.compiled.items() if folder is None or str(_real(Path(one.source.path))) in own
    }
    return coverage(flows.compiled, taken, counted)


def graph(flows: Library, name: str, *, picture: bool) -> str:
    """Return a flow as Mermaid text, or as an SVG picture. Raises KeyError, and DrawingMissing without the extra."""
    found = graph_of(flows.compiled[name])
    return svg(found) if picture else mermaid(found)


def facts(flows: Library, name: str) -> FlowFacts:
    """Return who may read what of a flow, when, and what others can notice. Raises KeyError."""
    return facts_of(flows.compiled, name, flows.records)


def write_schemas(folder: Path | None) -> list[str]:
    """Write the JSON Schemas of flow files and of records.yaml for editors, and return where."""
    home = folder if folder is not None else DIALOGUES / "schema"
    home.mkdir(parents=True, exist_ok=True)
    schemas = {
        editor_schema.FLOW_FILE: editor_schema.flow_schema(),
        editor_schema.RECORDS_FILE: editor_schema.records_schema(),
    }
    for name, schema in schemas.items():
        (home / name).write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return [shown(home / name) for name in schemas]


def _virtual_room(flows: Library, watch: Watch | None = None) -> TerminalRoom:
    """A terminal for a transcript: nothing is kept, and its time is its own."""
    return TerminalRoom(
        flows=flows,
        data=None,
        clock=VirtualClock(0),
        told=lambda _view, _message: None,
        secret=TRANSCRIPT_SECRET,
        watch=watch,
    )


async def chat(flows: Library, data: Path | None, source: TextIO, out: TextIO, *, virtual: bool) -> list[str]:
    """Carry out lines from ``source``, print what everyone receives to ``out``; return what was wrong."""

    def told(view: str, message: Message) -> None:
        out.write(printed(view, message) + "\n")
        out.flush()

    started = SystemClock().now()
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
    room = TerminalRoom(
        flows=flows,
        data=data,
        clock=VirtualClock(0) if virtual else SettableSystemClock(),
        told=told,
        secret=secret_in(data) if data is not None else secrets.token_bytes(32),
        event_prefix=f"{started}-" if data is not None else "",
    )
    ticking: asyncio.Task[None] | None = None
    try:
        talk = await room.open_talk()
        ticking = asyncio.create_task(keep_time(room.clock, talk)) if not virtual else None
        return await read_lines(room.stage, source)
    finally:
        if ticking is not None:
            ticking.cancel()
        await room.close()


def _this_evening(clock: SystemClock) -> int:
    """Six in the evening, UTC: outside of anybody's quiet hours, so that nothing waits for the morning."""
    today = datetime.fromtimestamp(clock.now() / 1000, UTC)
    return int(today.replace(hour=18, minute=0, second=0, microsecond=0).timestamp() * 1000)


A_MINUTE = 60_000
"""The step of the page's clock, in milliseconds: what it shows, and what a saved chat can say."""


def demo_stage(flows: Library, data: Path | None, panes: "Panes") -> "Demo":
    """Return the conversation behind the page, kept in ``data`` or in memory.

    In memory it is as a transcript's, so that what is saved can be played: with the same secret, under the same ids.
    """
    from bot.adapters.web.cast import PLATFORM
    from bot.adapters.web.demo import Demo, Opened
    from bot.adapters.web.journal import Journal
    from bot.adapters.web.platform import WebPlatform

    path = data / DATABASE if data is not None else None
    journal = Journal(panes.cast)
    platforms = {PLATFORM: WebPlatform(panes, journal)}

    async def begin(library: Library) -> Opened:
        store = await open_store(path)
        async with store.transaction() as tx:
            last = await tx.last_event_at()
        real = SystemClock()
        clock = SteppedClock(real, max(_this_evening(real), last), A_MINUTE)
        secret = secret_in(data) if data is not None else TRANSCRIPT_SECRET

        async def talk_with(library: Library) -> Conversation:
            return await open_conversation(
                store=store, library=library, clock=clock, secret=secret, platforms=platforms, warn=_warn
            )

        try:
            talk = await talk_with(library)
        except BaseException:
            await store.close()
            raise
        return Opened(
            talk=talk,
            clock=clock,
            known=last > 0,
            whole=data is None,
            mark=f"{secrets.token_hex(4)}-" if data is not None else "",
            renew=talk_with,
            close=store.close,
        )

    async def wipe() -> None:
        for suffix in ("", "-wal", "-shm"):
            if path is not None:
                path.with_name(path.name + suffix).unlink(missing_ok=True)

    return Demo(journal, flows, begin=begin, wipe=wipe)


def _tell_address(address: str, *, open_browser: bool) -> None:
    sys.stdout.write(f"Breathing Room is at {address}  (Ctrl-C stops it)\n")
    sys.stdout.flush()
    if open_browser:
        webbrowser.open(address)


async def demo(flows: Library, folder: Path | None, data: Path | None, port: int, *, open_browser: bool) -> None:
    """Serve the demo's page on this computer until it is interrupted. Raises CannotServe.

    ``folder`` is where the flows are from: what is saved there, or among those that ship, is taken on at once.
    """
    from bot.adapters.web.app import make_app
    from bot.adapters.web.cast import DEMO
    from bot.adapters.web.panes import Panes
    from bot.adapters.web.reloading import Reloading, Saves
    from bot.adapters.web.server import HOST, PortTaken, listen, port_of, serve

    try:
        listener = listen(port)
    except PortTaken as fault:
        raise CannotServe(str(fault)) from None
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
    panes = Panes(DEMO, start=secrets.token_hex(4))
    panes.offer(chips_of_a_person(flows), chips_of_a_room(flows))
    stage = demo_stage(flows, data, panes)
    reloading = Reloading(stage, panes, lambda: library(folder))
    saves = Saves([DIALOGUES, *([folder] if folder is not None else [])])

    def ready() -> None:
        _tell_address(f"http://{HOST}:{port_of(listener)}/", open_browser=open_browser)

    with listener:
        await stage.open()
        aside = [asyncio.create_task(stage.tick()), asyncio.create_task(reloading.keep_up(saves.next))]
        try:
            app = make_app(stage, panes, port=port_of(listener))
            await serve(app, listener, on_ready=ready, on_end=panes.feed.close)
        finally:
            for task in aside:
                task.cancel()
            await stage.close()
