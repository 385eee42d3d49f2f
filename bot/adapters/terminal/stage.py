"""The people and rooms of a terminal: what each said, saw, and can still press."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.adapters.clocks import MovableClock, travel
from bot.conversation.envelope import (
    Actor,
    ChoicePressed,
    Command,
    Content,
    Envelope,
    Place,
    PlaceKind,
    RoomJoined,
    TextChanged,
    TextSaid,
    Unreadable,
)
from bot.conversation.message import Message, Shown
from bot.conversation.outbox import Target, TargetKind
from bot.engine.session import Session
from bot.flows.transcript import Declare, DeclareRoom, Mishap, PlayedOn, Press, Say, StartAt, Travel

PLATFORM = "terminal"


class NoSuchChoice(Exception):
    """A label was pressed that no message offers; the text says what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A message as one view received it."""

    message: Message
    ref: str
    viewer: str


class Talk(Protocol):
    """The conversation behind the terminal."""

    async def recover(self) -> None:
        """Go on after a start."""
        ...

    async def intake(self, envelope: Envelope) -> None:
        """Take an event."""
        ...

    async def next_due(self) -> int | None:
        """Return when the next thing is due."""
        ...

    async def fire_due(self) -> None:
        """Fire what is due."""
        ...

    async def standing(self) -> list[Session]:
        """Return the open sessions."""
        ...


@dataclass(slots=True)
class View:
    """One chat as somebody sees it: a person's own (``alex``), a room (``den``), an aside (``alex@den``)."""

    seen: list[Seen] = field(default_factory=list[Seen])
    unread: int = 0
    """How many of the messages seen were consumed by expectations."""


class Views:
    """What every view received, in the order in which it came."""

    def __init__(self) -> None:
        self.by_name: dict[str, View] = {}
        self._count = 0

    def of(self, name: str) -> View:
        """Return a view, empty when nothing came yet."""
        return self.by_name.setdefault(name, View())

    def get(self, name: str) -> View | None:
        """Return a view, or None when nothing came yet."""
        return self.by_name.get(name)

    def note(self, target: Target, message: Message) -> str:
        """Note a message and return its name."""
        self._count += 1
        view = view_of(target)
        ref = f"{view}/{self._count}"
        self.of(view).seen.append(Seen(message=message, ref=ref, viewer=view))
        return ref

    def forget(self, target: Target) -> None:
        """Forget what a view showed."""
        self.by_name.pop(view_of(target), None)


class TerminalPlatform:
    """The outward half: it keeps what each view received and tells a listener."""

    has_forms = False
    single_for = 0
    """A resend is shown again."""

    def __init__(self, told: Callable[[str, Message], None] = lambda _view, _message: None) -> None:
        self.views = Views()
        self._told = told

    async def send(self, target: Target, message: Message, key: str) -> str:
        """Show a message and return its name."""
        del key
        self._told(view_of(target), message)
        return self.views.note(target, message)

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        """Nothing to take away: old choices stay readable above, and pressing one says that it is old."""

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        """Forget what the view showed."""
        del shown
        self.views.forget(target)


def view_of(target: Target) -> str:
    """Return the name under which the terminal shows that chat."""
    return f"{target.account}@{target.chat}" if target.kind is TargetKind.ASIDE else target.chat


class TerminalStage:
    """Plays lines for the people and rooms that were declared, or that turn up."""

    def __init__(
        self,
        *,
        views: Views,
        clock: MovableClock,
        open_talk: Callable[[], Awaitable[Talk]],
        event_prefix: str = "",
    ) -> None:
        self.views = views
        self._clock = clock
        self._open_talk = open_talk
        self._prefix = event_prefix
        self._platform = PLATFORM
        self._talk: Talk | None = None
        self._opening = asyncio.Lock()
        self._people: dict[str, Actor] = {}
        self._rooms: dict[str, tuple[str, ...]] = {}
        self._events = 0
        self._last: Envelope | None = None
        self._last_text: dict[str, str] = {}

    @property
    def rooms(self) -> tuple[str, ...]:
        """The rooms that were declared."""
        return tuple(self._rooms)

    async def standing(self) -> list[str]:
        """Return where each open session stands, without a word of anybody."""
        talk = await self.ready()
        lines: list[str] = []
        for session in await talk.standing():
            frame = session.top
            lanes = ", ".join(f"{lane.role} at {lane.step or lane.status}" for lane in frame.lanes.values())
            frozen = " (frozen)" if session.frozen_at is not None else ""
            lines.append(f"flow {frame.flow}: step {frame.stage}{frozen}" + (f", {lanes}" if lanes else ""))
        return lines

    async def play(self, step: StartAt | PlayedOn | Declare | DeclareRoom | Say | Press | Travel | Mishap) -> None:
        """Carry out one line. Raises NoSuchChoice."""
        match step:
            case StartAt():
                self._clock.set(step.at)
            case PlayedOn():
                self._platform = step.platform
            case Declare():
                self._people[step.name] = _actor(step.name, step.zone, step.locale)
            case DeclareRoom():
                await self._declare_room(step)
            case Say():
                await self._say(step)
            case Press():
                await self._press(step)
            case Travel():
                talk = await self.ready()
                await travel(self._clock, talk, self._clock.now() + step.by)
            case Mishap():
                await self._mishap(step)

    async def ready(self) -> Talk:
        """Return the conversation, opened at its first use and after a crash."""
        async with self._opening:
            if self._talk is None:
                self._talk = await self._open_talk()
                await self._talk.recover()
            return self._talk

    async def _declare_room(self, step: DeclareRoom) -> None:
        self._rooms[step.name] = step.members
        members = tuple(self._person(name) for name in step.members)
        if members:
            place = Place(kind=PlaceKind.ROOM, id=step.name, people=len(members))
            await self.take(members[0], place, RoomJoined(members=members))

    def _person(self, name: str) -> Actor:
        return self._people.setdefault(name, _actor(name, "", "en"))

    async def _say(self, step: Say) -> None:
        text = step.text
        content: Content
        if text.startswith("/"):
            name, _, args = text[1:].partition(" ")
            content = Command(name=name, args=args)
        else:
            message = f"{step.name}-{self._prefix}{self._events}"
            self._last_text[step.name] = message
            content = TextSaid(text=text, message=message)
        await self.take(self._person(step.name), self._place(step.name, step.room), content)

    def _place(self, name: str, room: str) -> Place:
        return Place(kind=PlaceKind.ROOM, id=room) if room else Place(kind=PlaceKind.DM, id=name)

    async def _press(self, step: Press) -> None:
        offered = self._offered(step.name, step.room)
        if len(offered) < step.nth:
            message = f"[{step.label}]: {step.name} has seen no message with choices" + (
                f" {step.nth} back" if step.nth > 1 else ""
            )
            raise NoSuchChoice(message)
        buttons = offered[-step.nth].message.buttons
        button = next((b for b in buttons if b.label == step.label), None)
        if button is None:
            choices = " ".join(f"[{b.label}]" for b in buttons)
            message = f"no choice [{step.label}]; that message offers {choices}"
            raise NoSuchChoice(message)
        _, token, index = button.token.split(":")
        content = ChoicePressed(token=token, index=int(index))
        await self.take(self._person(step.name), self._place(step.name, step.room), content)

    def _offered(self, name: str, room: str) -> list[Seen]:
        names = (room, f"{name}@{room}") if room else (name,)
        found = [seen for view in names for seen in self.views.of(view).seen if seen.message.buttons]
        return sorted(found, key=lambda seen: int(seen.ref.rpartition("/")[2]))

    async def _mishap(self, step: Mishap) -> None:
        match step.kind:
            case "crash":
                self._talk = None
                await self.ready()
            case "redeliver":
                await self.redeliver()
            case "photo":
                await self.take(self._person(step.name), self._place(step.name, ""), Unreadable())
            case _:
                content = TextChanged(text=step.text, message=self._last_text.get(step.name, ""))
                await self.take(self._person(step.name), self._place(step.name, step.room), content)

    async def redeliver(self) -> None:
        """Deliver the last event once more, under the same id."""
        if self._last is not None:
            await (await self.ready()).intake(self._last)

    async def take(self, actor: Actor, place: Place, content: Content) -> None:
        """Hand an event over; another platform's stage does it in that platform's way."""
        self._events += 1
        envelope = Envelope(
            platform=self._platform,
            event_id=f"{self._prefix}{self._events}",
            actor=actor,
            place=place,
            at=self._clock.now(),
            content=content,
        )
        self._last = envelope
        await (await self.ready()).intake(envelope)


def _actor(name: str, zone: str, locale: str) -> Actor:
    return Actor(id=name, name=name.capitalize(), zone=zone, locale=locale)
