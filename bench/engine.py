"""The engine alone, in memory: one condition, one advance, one rendered reply a turn, in seconds of one core.

Prints one JSON object a line. The yardstick in the same run is a plain loop that makes as many frozen values as a
turn must (a session, a frame, a lane, a value): the cost below which no pure engine in Python can go.
"""

import json
import time
from dataclasses import dataclass, replace

from bot.conversation.wording import Reading, render
from bot.engine.effects import Send
from bot.engine.events import Begun, ChoicePicked
from bot.engine.machine import advance, new_session
from bot.engine.session import Lane, Member, Session
from bot.flows.flow_compiler import compile_flow
from bot.flows.library import ACTIONS, Library
from bot.flows.yaml_source import parse_source

FLOW = b"""
flow: ping_pong
version: 1
title: Ping pong
roles: {me: one}
lifetime: 1d
slots:
  side: {type: choice, class: private, options: {ping: "Ping", pong: "Pong"}}
steps:
  - id: ask
    ask: "Which one?"
    save: side
    next:
      - {when: "side == 'ping'", go: other}
      - {else: ask}
  - id: other
    ask: "And now?"
    save: side
    next:
      - {when: "side == 'ping'", go: ask}
      - {else: other}
"""

SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Turns and how long each took."""

    turns: int
    seconds: float
    durations: list[float]


def flow_and_library(written: bytes = FLOW) -> tuple[Session, Library]:
    """Return a session of a flow for one, at its first question, and its library."""
    source = parse_source(written, "bench")
    flow = compile_flow(source, ACTIONS).flow
    session = new_session(
        flow,
        session_id="s",
        unit="u",
        place=None,
        starter="p",
        roles={"me": ("p",)},
        members={"p": Member(seal="k")},
        now=0,
    )
    return advance(flow, session, Begun(), 0).session, Library({flow.id: flow}, {})


def measure(seconds: float) -> Measured:
    """Press choices for that long."""
    session, library = flow_and_library()
    flow = library.flows["ping_pong"]
    lane = "me:p"
    durations: list[float] = []
    start = time.process_time()
    turns = 0
    reading = Reading(library=library, reader="p", zone="", session=session, names={}, now=0)
    while time.process_time() - start < seconds:
        for _ in range(100):
            begun = time.perf_counter()
            entry = session.top.lanes[lane].entry
            turn = advance(flow, session, ChoicePicked(person="p", lane=lane, entry=entry, choice="ping"), turns)
            session = turn.session
            for effect in turn.effects:
                if isinstance(effect, Send):
                    render(effect.paragraphs[0], reading)
            durations.append(time.perf_counter() - begun)
        turns += 100
    return Measured(turns, time.process_time() - start, durations)


def yardstick(seconds: float) -> float:
    """Return how often a second the values of one turn can be made."""
    session, _ = flow_and_library()
    count, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        for number in range(100):
            lane = Lane(role="me", person="p", step="ask", entry=number)
            frame = replace(session.top, lanes={lane.key: lane}, entry=number)
            replace(session, frames=(frame,), entries=number)
        count += 100
    return count / (time.process_time() - start)


def main() -> None:
    """Measure and print."""
    measure(0.3)
    found, values = measure(SECONDS), yardstick(SECONDS / 2)
    rate = found.turns / found.seconds
    durations = sorted(found.durations)
    line = {
        "bench": "engine",
        "case": "turn",
        "value": round(rate, 1),
        "unit": "turns/s",
        "against": "making the values of a turn",
        "ratio": round(rate / values, 3),
        "p50_ms": round(durations[len(durations) // 2] * 1000, 4),
        "p99_ms": round(durations[len(durations) * 99 // 100] * 1000, 4),
    }
    print(json.dumps(line))  # noqa: T201  # a benchmark's result goes to stdout


if __name__ == "__main__":
    main()
