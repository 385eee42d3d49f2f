"""Playing a transcript: each line is carried out, each expectation is held against what was really received."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.adapters.terminal.stage import NoSuchChoice, Seen, Views
from bot.flows.transcript import (
    Declare,
    DeclareRoom,
    Hear,
    Mishap,
    PlayedOn,
    Press,
    Say,
    StartAt,
    Step,
    Travel,
    fill,
    matches,
)


class Stage(Protocol):
    """Where a transcript is played: any platform that can carry out its lines."""

    views: Views

    async def play(self, step: StartAt | PlayedOn | Declare | DeclareRoom | Say | Press | Travel | Mishap) -> None:
        """Carry out one line. Raises NoSuchChoice."""
        ...

    async def standing(self) -> list[str]:
        """Return where each open session stands."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A line that did not hold: what was expected, what was really received, and where the flows stand."""

    path: str
    line: int
    expected: str
    received: tuple[str, ...]
    standing: tuple[str, ...]

    def __str__(self) -> str:
        """Return it the way a test failure reads."""
        got = "\n".join(f"      {line}" for line in self.received) or "      (nothing)"
        where = "\n".join(f"      {line}" for line in self.standing) or "      (no flow is running)"
        return f"{self.path}:{self.line}: expected {self.expected}\n    received:\n{got}\n    standing at:\n{where}"


class Player:
    """Plays one transcript."""

    def __init__(self, stage: Stage, path: str) -> None:
        self.stage = stage
        self._path = path
        self.captured: dict[str, str] = {}

    async def play(self, steps: Sequence[Step]) -> Failure | None:
        """Return the first failure, or None when everything held."""
        for step in steps:
            failure = await self.step(step)
            if failure is not None:
                return failure
        return None

    async def step(self, step: Step) -> Failure | None:
        """Carry out one line and return its failure, if it is one."""
        if isinstance(step, Hear):
            return await self.hear(step)
        try:
            await self.stage.play(self._filled(step))
        except NoSuchChoice as fault:
            return await self._failure(step, f"a choice that is there: {fault}", self._recent())
        return None

    def _filled(
        self, step: StartAt | PlayedOn | Declare | DeclareRoom | Say | Press | Travel | Mishap
    ) -> StartAt | PlayedOn | Declare | DeclareRoom | Say | Press | Travel | Mishap:
        if isinstance(step, Say):
            return Say(number=step.number, name=step.name, room=step.room, text=fill(step.text, self.captured))
        return step

    @staticmethod
    def view_name(step: Hear) -> str:
        """Return the name of the view that an expectation is about."""
        return f"{step.name}@{step.room}" if step.room else step.name

    async def hear(self, step: Hear) -> Failure | None:
        """Hold one expectation; what it matches counts as read."""
        name = self.view_name(step)
        view = self.stage.views.of(name)
        waiting = view.seen[view.unread :]
        if not step.part:
            held = not waiting
            return None if held else await self._failure(step, f"nothing more for {name}", _texts(waiting))
        for index, seen in enumerate(waiting):
            found = matches(step.part, whole_text(seen), self.captured)
            if found is None:
                continue
            if step.absent:
                return await self._failure(step, f"that {name} does not get: {step.part}", _texts(waiting))
            self.captured |= found
            view.unread += index + 1
            return None
        if step.absent:
            return None
        return await self._failure(step, f"{name} gets: {step.part}", _texts(waiting))

    async def _failure(self, step: Step, expected: str, received: tuple[str, ...]) -> Failure:
        standing = tuple(await self.stage.standing())
        return Failure(path=self._path, line=step.number, expected=expected, received=received, standing=standing)

    def _recent(self) -> tuple[str, ...]:
        return tuple(
            f"{name}< {whole_text(view.seen[-1])}" for name, view in self.stage.views.by_name.items() if view.seen
        )


def whole_text(seen: Seen) -> str:
    """Return a message's text with its choices, as the terminal shows them."""
    labels = " ".join(f"[{button.label}]" for button in seen.message.buttons)
    return f"{seen.message.text} {labels}".strip()


def _texts(seen: Sequence[Seen]) -> tuple[str, ...]:
    return tuple(whole_text(one) for one in seen)
