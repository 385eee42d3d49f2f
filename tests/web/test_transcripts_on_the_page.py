"""The same transcript plays identically through the terminal and through the page's own requests."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count, groupby
from pathlib import Path
from zlib import crc32

import httpx2
import pytest

from bot.adapters.clocks import VirtualClock
from bot.adapters.terminal.player import Failure, Player, whole_text
from bot.adapters.terminal.stage import TerminalStage, Views
from bot.adapters.web.app import make_app
from bot.adapters.web.cast import PLATFORM, Cast, Person, Room
from bot.adapters.web.journal import Journal
from bot.adapters.web.panes import Panes
from bot.adapters.web.platform import WebPlatform
from bot.adapters.web.saving import transcript_of
from bot.conversation.envelope import (
    Actor,
    ChoicePressed,
    Command,
    Content,
    Envelope,
    FormHandedIn,
    MemberLeft,
    Place,
    Reachability,
    RoomJoined,
    TextChanged,
    TextSaid,
    Unreadable,
)
from bot.conversation.message import Message, Shown
from bot.conversation.opening import open_conversation
from bot.conversation.outbox import Target
from bot.conversation.service import Conversation
from bot.flows.library import Library
from bot.flows.transcript import Declare, DeclareRoom, Hear, Step, parse_transcript
from bot.wiring.data_folder import nothing_kept
from bot.wiring.dialogues import library_of
from bot.wiring.playing import TRANSCRIPT_SECRET
from bot.wiring.terminal_room import TerminalRoom
from storage.sqlite import SqliteStore, open_store
from tests.sealed import KEYS

_ITEM = re.compile(r"(–|\d\.) ")
PORT = 8765

ALL = "BREATHING_ROOM_SAVE_ALL" in os.environ
"""Whether every transcript is played on the page, and from what is saved; else half of them, and a quarter."""


def one_in(number: int, path: Path) -> bool:
    """Whether a transcript is of the one in so many that are played."""
    return ALL or crc32(path.stem.encode()) % number == 0


FOLDER = Path(__file__).parent.parent / "transcripts"
TRANSCRIPTS = [path for path in sorted(FOLDER.glob("*.chat")) if one_in(2, path)]


class ListeningPlatform(WebPlatform):
    """The page's platform, with a note of everything that it shows."""

    def __init__(self, panes: Panes, journal: Journal, views: Views) -> None:
        super().__init__(panes, journal)
        self._views = views

    async def send(self, target: Target, message: Message, key: str) -> str:
        ref = await super().send(target, message, key)
        self._views.note(target, message)
        return ref

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        await super().hide(target, shown)
        self._views.forget(target)


class Played:
    """The page's stage over one store. A crash makes everything new but the store and the panes."""

    def __init__(self, library: Library, store: SqliteStore, panes: Panes, views: Views) -> None:
        self.clock = VirtualClock(0)
        self.journal = Journal(panes.cast)
        self._library = library
        self._store = store
        self._platform = ListeningPlatform(panes, self.journal, views)
        self._talk: Conversation | None = None
        self.last: Envelope | None = None

    @property
    def talk(self) -> Conversation:
        assert self._talk is not None, "open it first"
        return self._talk

    async def open(self) -> Conversation:
        if self._talk is None:
            self.journal.begin(self.clock, mark="", whole=True)
        else:
            self.journal.renewed()
        self._talk = await open_conversation(
            store=self._store,
            library=self._library,
            clock=self.clock,
            secret=TRANSCRIPT_SECRET,
            platforms={PLATFORM: self._platform},
        )
        return self._talk

    async def intake(self, envelope: Envelope) -> None:
        self.last = self.journal.took(envelope)
        await self.talk.intake(self.last)

    def now(self) -> int:
        return self.clock.now()

    async def travel(self, ms: int) -> None:
        raise NotImplementedError(ms)

    async def restart(self) -> None:
        raise NotImplementedError

    def saved(self) -> str | None:
        return transcript_of(self.journal)


class PageStage(TerminalStage):
    """Carries out a transcript's lines as the page does: by requests."""

    def __init__(self, played: Played, views: Views, client: httpx2.AsyncClient) -> None:
        super().__init__(views=views, clock=played.clock, open_talk=played.open)
        self._played = played
        self._client = client
        self._refs: dict[str, str] = {}
        self._own = count(1)

    async def redeliver(self) -> None:
        assert self._played.last is not None
        await self._played.talk.intake(self._played.last)

    async def take(self, actor: Actor, place: Place, content: Content) -> None:
        await self.ready()
        who = {"pane": place.id, "person": actor.id}
        match content:
            case Command(name=name, args=args):
                await self._post("say", {**who, "text": f"/{name} {args}".rstrip()})
            case TextSaid(text=text, message=message):
                await self._post("say", {**who, "text": text})
                sent = self._played.last.content if self._played.last else None
                assert isinstance(sent, TextSaid)
                self._refs[message] = sent.message
            case TextChanged(text=text, message=message):
                await self._post("change", {**who, "message": self._refs[message], "text": text})
            case ChoicePressed(token=token, index=index):
                await self._post("press", {**who, "token": f"v1:{token}:{index}"})
            case FormHandedIn() | RoomJoined() | Unreadable() | MemberLeft() | Reachability():
                # The page sends no pictures, and its room is there from the start.
                await self._played.intake(
                    Envelope(
                        platform=PLATFORM,
                        event_id=f"own:{next(self._own)}",
                        actor=actor,
                        place=place,
                        at=self._played.now(),
                        content=content,
                    )
                )

    async def _post(self, path: str, body: dict[str, str]) -> None:
        answer = await self._client.post(f"/{path}", json=body)
        assert answer.status_code == 204, answer.text


def cast_of(steps: list[Step]) -> Cast:
    """Everybody whom a transcript names."""
    told = {step.name: {"zone": step.zone, "locale": step.locale} for step in steps if isinstance(step, Declare)}
    rooms = [step for step in steps if isinstance(step, DeclareRoom)]
    room_names = {room.name for room in rooms} or {"den"}
    named = [getattr(step, "name", "") for step in steps if not isinstance(step, DeclareRoom)]
    named += [member for room in rooms for member in room.members]
    people = [name for name in dict.fromkeys(named) if name and name not in room_names]
    return Cast(
        people=tuple(Person(id=name, name=name.capitalize(), **told.get(name, {})) for name in people),
        room=Room(id=next(iter(room_names)), title="The room"),
    )


async def play_on_the_page(path: Path, library: Library) -> tuple[str | None, dict[str, list[str]], str]:
    """Return how it failed, what everybody received, and what the page saves."""
    steps = parse_transcript(path.read_text("utf-8"), str(path))
    store = await open_store(None, KEYS)
    views, panes = Views(), Panes(cast_of(steps), start="test")
    played = Played(library, store, panes, views)
    transport = httpx2.ASGITransport(app=make_app(played, panes, port=PORT))
    try:
        async with httpx2.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{PORT}") as client:
            failure = await Player(PageStage(played, views, client), str(path)).play(steps)
            saved = await client.get("/save")
    finally:
        await store.close()
    return (None if failure is None else str(failure)), received(views), saved.text


def received(views: Views) -> dict[str, list[str]]:
    return {name: [whole_text(seen) for seen in view.seen] for name, view in views.by_name.items() if view.seen}


@pytest.fixture(scope="module")
def library() -> Library:
    return library_of(None)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
async def test_transcript_plays_on_the_page_as_in_the_terminal(path: Path, library: Library) -> None:
    failure, on_page, saved = await play_on_the_page(path, library)
    assert failure is None, failure
    assert on_page

    steps = parse_transcript(path.read_text("utf-8"), str(path))
    failed, in_terminal = await play_in_the_terminal(steps, library)
    assert failed is None, failed
    assert without_draws(without_codes(on_page)) == without_draws(without_codes(in_terminal))

    if not one_in(4, path):
        return
    # What the page saves is a transcript, too. It holds, and everybody gets the very same, drawn by lot or not.
    assert not re.search(r"^# \S+ (changed|pressed) ", saved, re.MULTILINE), saved
    failed, again = await play_in_the_terminal(parse_transcript(saved, "saved.chat"), library)
    assert failed is None, f"{failed}\n{saved}"
    assert again == on_page


async def play_in_the_terminal(
    steps: Sequence[Step], library: Library
) -> tuple[Failure | None, dict[str, list[str]]]:
    room = TerminalRoom(
        flows=library, keeping=nothing_kept(TRANSCRIPT_SECRET), clock=VirtualClock(0), told=lambda _v, _m: None
    )
    failure = await Player(room.stage, "chat").play(steps)
    await room.close()
    return failure, received(room.platform.views)


def without_draws(views: dict[str, list[str]]) -> dict[str, list[str]]:
    """The order of a list's items is drawn as well: of what is told, and of what is asked item by item."""
    return {name: list(chain.from_iterable(_same_choices(map(_sorted_items, told)))) for name, told in views.items()}


def _sorted_items(text: str) -> str:
    lines = text.split("\n")
    items = sorted(_ITEM.sub("", line) for line in lines if _ITEM.match(line))
    return "\n".join(items.pop(0) if _ITEM.match(line) else line for line in lines)


def _same_choices(texts: Iterable[str]) -> Iterator[list[str]]:
    """Questions with the same choices that follow one another, in the order of their words."""
    for choices, run in groupby(texts, key=lambda text: text.partition(" [")[2]):
        told = list(run)
        yield sorted(told) if choices else told


def without_codes(views: dict[str, list[str]]) -> dict[str, list[str]]:
    """Pairing codes are drawn from the ids of events, which each platform makes in its own way."""
    codes = {word for texts in views.values() for text in texts for word in _code_in(text)}

    def plain(text: str) -> str:
        for code in codes:
            text = text.replace(code, "CODE")
        return text

    return {name: [plain(text) for text in texts] for name, texts in views.items()}


def _code_in(text: str) -> list[str]:
    return re.findall(r"(?:Your code is|Tu código es) (\w+)", text)


def test_a_transcript_has_a_pane_for_everybody_it_names() -> None:
    steps = parse_transcript("@room den: ana ben\nana> hi\ncleo@den> /pause\nden< part\n", "x")
    cast = cast_of([step for step in steps if not isinstance(step, Hear) or step.name != "den"])
    assert {person.id for person in cast.people} == {"ana", "ben", "cleo"}
