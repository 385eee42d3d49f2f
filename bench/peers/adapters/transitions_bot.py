"""transitions: models, and a machine that adds the trigger to them. A model's state is an attribute, kept as JSON."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from transitions import Machine
from transitions.extensions import LockedMachine

from bench.peers.machines import MachineBot
from bench.peers.port import LEFT, START, Settings

LOCKED = "locked"
"""Its machine for several threads."""


class Person:
    """The model."""

    state: str
    answer: Callable[..., bool]
    """Both are the machine's doing."""

    def __init__(self, settings: Settings) -> None:
        self.number: int | None = None
        self.replies: list[str] = []
        self._right = settings.right
        self._works = settings.works

    def crosses(self, number: int) -> bool:
        if self._works is not None:
            self._works()
        return number > 5

    def keep(self, number: int) -> None:
        self.number = number

    def say_left(self, number: int) -> None:
        self._say(number, LEFT)

    def say_right(self, number: int) -> None:
        self._say(number, self._right)

    def _say(self, number: int, side: str) -> None:
        if self._works is not None:
            self._works()
        self.replies.append(f"{number}: you are on the {side}. Which number now?")


def ways(right: str, condition: str) -> Iterator[dict[str, str]]:
    """Yield the transitions; of several from one state the first that may is taken."""
    for here, across, same in ((START, right, LEFT), (LEFT, right, LEFT), (right, LEFT, right)):
        yield {"trigger": "answer", "source": here, "dest": across, "conditions": condition, "before": "keep"}
        yield {"trigger": "answer", "source": here, "dest": same, "before": "keep"}


def machine(settings: Settings, condition: str = "crosses") -> Machine:
    """Return one machine for all models, as its documentation has it for many of them."""
    right = settings.right
    kind = LockedMachine if settings.variant == LOCKED else Machine
    return kind(
        model=None,
        states=[START, {"name": LEFT, "on_enter": "say_left"}, {"name": right, "on_enter": "say_right"}],
        transitions=list(ways(right, condition)),
        initial=START,
        auto_transitions=False,
    )


class TransitionsBot(MachineBot[Person]):
    """The bot."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._machine = machine(settings)

    def new(self, kept: bytes | None) -> Person:
        person = Person(self.settings)
        state, person.number = json.loads(kept) if kept is not None else (START, None)
        self._machine.add_model(person, initial=state)
        return person

    def answer(self, machine: Person, number: int) -> list[str]:
        machine.answer(number)
        said, machine.replies = machine.replies, []
        return said

    def kept(self, machine: Person) -> bytes:
        return json.dumps([machine.state, machine.number]).encode()

    def state(self, machine: Person) -> str:
        return machine.state


async def open_bot(settings: Settings) -> TransitionsBot:
    return TransitionsBot(settings)


def guarded_by(condition: str, words: object) -> str:
    """Run a machine whose definition names that condition, and return what became of it."""
    person = Person(Settings())
    machine(Settings(), condition).add_model(person)
    person.answer(words)
    return "the machine was made and ran"


async def code(folder: Path) -> str:
    return guarded_by("os.mkdir", str(folder / "ran"))


async def endless(folder: Path) -> str:
    del folder
    return guarded_by("time.sleep", 1_000_000)


hostile = {"code": code, "endless": endless}
