"""python-statemachine: a chart as a class, over a model whose state is what is kept, as its example has it."""

import json
from contextlib import suppress
from pathlib import Path

from statemachine import State, StateChart
from statemachine.exceptions import InvalidDefinition
from statemachine.io import load

from bench.peers.machines import MachineBot
from bench.peers.port import EAST, LEFT, RIGHT, Settings


class Person:
    """The model: the chart reads its state and sets it."""

    def __init__(self, settings: Settings, state: str | None, number: int | None) -> None:
        self.state = state
        self.number = number
        self.replies: list[str] = []
        self.works = settings.works

    def crosses(self, number: int) -> bool:
        """Return whether the number leads across."""
        if self.works is not None:
            self.works()
        return number > 5

    def say(self, number: int, side: str) -> None:
        """Make the reply."""
        if self.works is not None:
            self.works()
        self.replies.append(f"{number}: you are on the {side}. Which number now?")


class Sides(StateChart):
    """The chart."""

    start = State(initial=True)
    left = State()
    right = State()

    answer = (
        start.to(right, cond="crosses")
        | start.to(left)
        | left.to(right, cond="crosses")
        | left.to.itself()
        | right.to(left, cond="crosses")
        | right.to.itself()
    )

    def crosses(self, number: int) -> bool:
        return self.model.crosses(number)

    def on_answer(self, number: int) -> None:
        self.model.number = number

    def on_enter_left(self, number: int) -> None:
        self.model.say(number, LEFT)

    def on_enter_right(self, number: int) -> None:
        self.model.say(number, RIGHT)


class Edited(StateChart):
    """The same chart, with the state on the right renamed."""

    start = State(initial=True)
    left = State()
    east = State()

    answer = (
        start.to(east, cond="crosses")
        | start.to(left)
        | left.to(east, cond="crosses")
        | left.to.itself()
        | east.to(left, cond="crosses")
        | east.to.itself()
    )

    def crosses(self, number: int) -> bool:
        return self.model.crosses(number)

    def on_answer(self, number: int) -> None:
        self.model.number = number

    def on_enter_left(self, number: int) -> None:
        self.model.say(number, LEFT)

    def on_enter_east(self, number: int) -> None:
        self.model.say(number, EAST)


class StatemachineBot(MachineBot[StateChart]):
    """The bot."""

    def new(self, kept: bytes | None) -> StateChart:
        body = json.loads(kept) if kept is not None else {"state": None, "number": None}
        chart = Edited if self.settings.right == EAST else Sides
        return chart(Person(self.settings, **body))

    def answer(self, machine: StateChart, number: int) -> list[str]:
        machine.send("answer", number=number)
        said, machine.model.replies = machine.model.replies, []
        return said

    def kept(self, machine: StateChart) -> bytes:
        return json.dumps({"state": machine.model.state, "number": machine.model.number}).encode()

    def state(self, machine: StateChart) -> str:
        return machine.model.state


async def open_bot(settings: Settings) -> StatemachineBot:
    return StatemachineBot(settings)


GUARDED = """
states:
  left:
    initial: true
    transitions:
      - {{event: answer, target: right, cond: "{guard}"}}
      - {{event: answer, target: left}}
  right: {{}}
"""

CIRCLE = """
states:
  left:
    initial: true
    transitions: [{target: right}]
  right:
    transitions: [{target: left}]
"""


async def code(folder: Path) -> str:
    guard = f"__import__('os').mkdir('{folder / 'ran'}') is None"
    load(GUARDED.format(guard=guard), format="yaml")().send("answer")
    return "the chart was loaded and ran"


async def endless(folder: Path) -> str:
    del folder
    with suppress(InvalidDefinition):
        load(GUARDED.format(guard="max(iter(int, 1)) == 0"), format="yaml")
        return "a guard that calls was loaded"
    load(CIRCLE, format="yaml")()
    return "the chart was loaded and ran"


hostile = {"code": code, "endless": endless}
