"""sismic: a statechart in YAML whose guards and actions are Python. The interpreter itself is pickled to keep it."""

import pickle
from pathlib import Path

from sismic.interpreter import Interpreter
from sismic.io import import_from_yaml

from bench.peers.machines import MachineBot
from bench.peers.port import LEFT, START, Settings

HEAD = """
statechart:
  name: two sides
  preamble: |
    number = None
    replies = []
  root state:
    name: root
    initial: start
    states:
"""

STATE = """
      - name: {name}
        on entry: |
          {entry}
        transitions:
          - event: answer
            guard: {guard}
            priority: high
            target: {across}
            action: number = event.number
          - event: answer
            target: {here}
            action: number = event.number
"""

REPLY = 'replies.append(f"{{number}}: you are on the {name}. Which number now?")'

FAST = "fast"
"""One step an event, and no look at contracts, of which the chart has none."""


def chart(right: str, *, works: bool) -> str:
    """Return the statechart."""
    sides = {START: (right, LEFT), LEFT: (right, LEFT), right: (LEFT, right)}
    before = "works(); " if works else ""
    states: list[str] = []
    for name, (across, here) in sides.items():
        entry = "pass" if name == START else before + REPLY.format(name=name)
        guard = f"{'works() or ' if works else ''}event.number > 5"
        states.append(STATE.format(name=name, entry=entry, guard=guard, across=across, here=here))
    return HEAD + "".join(states)


class SismicBot(MachineBot[Interpreter]):
    """The bot."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._chart = import_from_yaml(chart(settings.right, works=settings.works is not None))
        self._fast = settings.variant == FAST

    def new(self, kept: bytes | None) -> Interpreter:
        if kept is not None:
            return pickle.loads(kept)
        context = {"works": self.settings.works} if self.settings.works is not None else None
        made = Interpreter(self._chart, initial_context=context, ignore_contract=self._fast)
        made.execute()
        return made

    def answer(self, machine: Interpreter, number: int) -> list[str]:
        machine.queue("answer", number=number)
        if self._fast:
            machine.execute_once()
        else:
            machine.execute()
        replies = machine.context["replies"]
        said = replies[:]
        replies.clear()
        return said

    def kept(self, machine: Interpreter) -> bytes:
        return pickle.dumps(machine)

    def state(self, machine: Interpreter) -> str:
        return machine.configuration[-1]


async def open_bot(settings: Settings) -> SismicBot:
    return SismicBot(settings)


def guarded_by(guard: str) -> str:
    """Run a chart with that guard, and return what became of it."""
    written = chart("right", works=False).replace("event.number > 5", guard)
    running = Interpreter(import_from_yaml(written))
    running.execute()
    running.queue("answer", number=7).execute()
    return "the chart was loaded and ran"


async def code(folder: Path) -> str:
    return guarded_by(f"__import__('os').mkdir({str(folder / 'ran')!r}) is None")


async def endless(folder: Path) -> str:
    del folder
    return guarded_by("max(iter(int, 1)) == 0")


hostile = {"code": code, "endless": endless}
