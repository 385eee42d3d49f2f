"""The inward half: what is typed and pressed on the page becomes envelopes."""

import re
from itertools import count
from typing import Protocol

from bot.adapters.web.cast import PLATFORM, Person
from bot.adapters.web.forms import Change, Press, Restart, Say, Travel
from bot.adapters.web.panes import Panes
from bot.conversation.envelope import (
    Actor,
    ChoicePressed,
    Command,
    Content,
    Envelope,
    Place,
    PlaceKind,
    TextChanged,
    TextSaid,
)

_COMMAND = re.compile(r"/(\S+)\s*(.*)", re.DOTALL)


class Stage(Protocol):
    """What the page plays on: a conversation under a clock that can be moved."""

    async def intake(self, envelope: Envelope) -> None:
        """Take an event in; when it returns, every answer was handed to the platform."""
        ...

    def now(self) -> int:
        """Return the virtual time in epoch milliseconds."""
        ...

    async def travel(self, ms: int) -> None:
        """Move the clock forward, letting everything that is due on the way happen in order."""
        ...

    async def restart(self) -> None:
        """Wipe the demo's data and begin afresh."""
        ...

    def saved(self) -> str | None:
        """Return what happened so far as a transcript; None when it cannot be played from its beginning."""
        ...


class Refused(Exception):
    """What was asked for cannot be; the message is a sentence for whoever asked."""


class Player:
    """Carries out what the page asks for. Raises Refused before anything changed."""

    def __init__(self, stage: Stage, panes: Panes) -> None:
        self._stage = stage
        self._panes = panes
        self._events = count(1)

    async def say(self, form: Say) -> None:
        """Show what somebody typed and take it in, as a command if it begins with a slash."""
        person, place = self._at(form.pane, form.person)
        command = to_command(form.text)
        ref = self._panes.say(form.pane, person.id, form.text, command=command is not None)
        await self._intake(person, place, command or TextSaid(text=form.text, message=ref))

    async def change(self, form: Change) -> None:
        """Change what somebody typed before."""
        person, place = self._at(form.pane, form.person)
        if not self._panes.change(form.pane, person.id, form.message, form.text):
            msg = "That message can't be changed; reload the page to see what is there now."
            raise Refused(msg)
        await self._intake(person, place, TextChanged(text=form.text, message=form.message))

    async def press(self, form: Press) -> None:
        """Press a choice. One that is no longer offered is taken in too: the conversation says what it means."""
        person, place = self._at(form.pane, form.person)
        label = self._panes.label(form.pane, form.token)
        if label and place.kind is PlaceKind.ROOM:
            self._panes.press(form.pane, person.id, label)
        token, index = form.parts
        await self._intake(person, place, ChoicePressed(token=token, index=index))

    async def travel(self, form: Travel) -> None:
        """Move the clock, with a line in every pane that says so."""
        self._panes.pass_time(form.by.ms, self._stage.now() + form.by.ms)
        await self._stage.travel(form.by.ms)

    async def restart(self, _form: Restart) -> None:
        """Empty the panes and begin afresh."""
        self._panes.clear()
        await self._stage.restart()

    async def _intake(self, person: Person, place: Place, content: Content) -> None:
        await self._stage.intake(
            Envelope(
                platform=PLATFORM,
                event_id=f"{PLATFORM}:{self._panes.start}:{next(self._events)}",
                actor=Actor(id=person.id, name=person.name, locale=person.locale, zone=person.zone),
                place=place,
                at=self._stage.now(),
                content=content,
            )
        )

    def _at(self, pane: str, person_id: str) -> tuple[Person, Place]:
        cast = self._panes.cast
        person = cast.person(person_id)
        if person is None:
            msg = "Nobody here has that name; reload the page to see who plays."
            raise Refused(msg)
        if pane == cast.room.id:
            return person, Place(kind=PlaceKind.ROOM, id=pane)
        if pane == person.id:
            return person, Place(kind=PlaceKind.DM, id=pane)
        msg = "A chat with the bot belongs to one person; write in their own pane."
        raise Refused(msg)


def to_command(text: str) -> Command | None:
    """Return the command that a line is, or None for free text."""
    match = _COMMAND.fullmatch(text.rstrip())
    return Command(name=match[1].lower(), args=match[2]) if match else None
