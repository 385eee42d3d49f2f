"""A stage that keeps what it was given and answers as a test tells it to, and the page that plays on it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.testclient import TestClient

from bot.adapters.web.app import make_app
from bot.adapters.web.cast import DEMO, Cast
from bot.adapters.web.panes import Panes
from bot.adapters.web.platform import WebPlatform
from bot.conversation.envelope import Content, Envelope
from bot.conversation.message import Button, Message, Span, SpanKind
from bot.conversation.outbox import Target, TargetKind

PORT = 8123
HOME = f"http://127.0.0.1:{PORT}"
EVENING = 1_772_474_400_000  # Monday 2 March 2026, 18:00 UTC
TOKEN = "abcdefghijklmnop"  # noqa: S105 - what stands on a button

Answer = Callable[[Envelope], Awaitable[None]]


async def silence(_: Envelope) -> None:
    """Answer nothing."""


@dataclass
class FakeStage:
    """Keeps envelopes in order; time moves only by travelling."""

    answer: Answer = silence
    at: int = EVENING
    taken: list[Envelope] = field(default_factory=list[Envelope])
    leaps: list[int] = field(default_factory=list[int])
    restarts: int = 0
    chat: str | None = "# Nothing happened.\n"

    @property
    def contents(self) -> list[Content]:
        return [envelope.content for envelope in self.taken]

    async def intake(self, envelope: Envelope) -> None:
        self.taken.append(envelope)
        await self.answer(envelope)

    def now(self) -> int:
        return self.at

    async def travel(self, ms: int) -> None:
        self.leaps.append(ms)
        self.at += ms

    async def restart(self) -> None:
        self.restarts += 1

    def saved(self) -> str | None:
        return self.chat


class Page:
    """One page on one stage, as a browser on this computer reaches it."""

    def __init__(self, cast: Cast = DEMO, *, start: str = "s1", answer: Answer = silence) -> None:
        self.panes = Panes(cast, start=start)
        self.platform = WebPlatform(self.panes)
        self.stage = FakeStage(answer=answer)
        self.app = make_app(self.stage, self.panes, port=PORT)
        self.browser = TestClient(self.app, base_url=HOME)

    def ask(self, path: str, **body: str) -> tuple[int, str]:
        """Return the status and the sentence that answered."""
        response = self.browser.post(path, json=body)
        return response.status_code, response.text

    def html(self) -> str:
        """Return the page."""
        return self.browser.get("/").text


def message(text: str, *labels: str, token: str = TOKEN) -> Message:
    """Return a message with choices."""
    buttons = tuple(Button(label=label, token=f"v1:{token}:{number}") for number, label in enumerate(labels))
    return Message(paragraphs=((Span(text=text),),), buttons=buttons)


def words(text: str) -> Message:
    """Return a message that shows what a person wrote."""
    return Message(paragraphs=((Span(text=text, kind=SpanKind.OWN_WORDS),),))


def dm(person: str) -> Target:
    return Target(platform="web", kind=TargetKind.DM, chat=person)


def aside(person: str) -> Target:
    return Target(platform="web", kind=TargetKind.ASIDE, chat="den", account=person)


ROOM = Target(platform="web", kind=TargetKind.ROOM, chat="den")
