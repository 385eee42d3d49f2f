"""What counts as one state: two sessions with one key go on alike, whoever does what next.

Walks through the flows that ship meet the same state again and again by other ways; each time what the session leads
to is held to what the first one with that key led to. Exploration goes through a state by its first session alone.
Back is left out: it is a bound of its own.
"""

import os
import random
from collections.abc import Hashable, Iterator

import pytest

from bot.engine.events import Signal
from bot.engine.session import Session
from bot.flows.exploration.beginnings import NOW, beginnings, begun, starters_of
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.exploring import explorable
from bot.flows.exploration.space import Space
from tests.conversation.world import shipped

WALKS = int(os.environ.get("BREATHING_ROOM_WALKS", "4"))
STEPS = 40

BACK = ("signals", Signal.BACK.value)

FLOWS = shipped().flows


class _Met:
    """The sessions that were met, by their keys, and what each of the first ones led to."""

    def __init__(self, name: str) -> None:
        self.space = Space(FLOWS[name], Bounds())
        self.known: dict[Hashable, tuple[Session, dict[Hashable, object]]] = {}

    def _ways(self, session: Session, now: int) -> Iterator[tuple[Hashable, object, Session, int]]:
        """Yield all that can happen: who does what, what comes of it, and the session then."""
        space = Space(self.space.flow, Bounds())
        number, _ = space.state(session, now)
        for actor in ("", *session.members):
            for edge in space.expand(number, actor):
                if edge.act == BACK:
                    continue
                after = space.states[edge.target]
                seen = tuple(sorted(edge.seen.items()))
                came_to = (self.space.keys.of(after.session, after.now), seen, edge.released, edge.left)
                yield (actor, edge.act, edge.at - now), came_to, after.session, after.now

    def meet(self, session: Session, now: int) -> list[tuple[Session, int]]:
        """Return what can come next, after having held it to what was met before."""
        ways = list(self._ways(session, now))
        found = {act: came_to for act, came_to, _, _ in ways}
        first, before = self.known.setdefault(self.space.keys.of(session, now), (session, found))
        assert found.keys() == before.keys(), (first, session)
        for act, came_to in found.items():
            assert came_to == before[act], (act, first, session)
        return [(after, at) for _, _, after, at in ways]


@pytest.mark.parametrize("name", explorable(FLOWS))
def test_two_sessions_of_one_state_go_on_alike(name: str) -> None:
    chance = random.Random(name)  # noqa: S311  # nothing is to be kept secret by it
    flow = FLOWS[name]
    met = _Met(name)
    starters = () if flow.trigger is not None else starters_of(FLOWS.values(), name)
    begins = [begun(flow, beginning).session for beginning in beginnings(flow, Bounds(), starters)]
    for _ in range(WALKS):
        session, now = chance.choice(begins), NOW
        for _ in range(STEPS):
            ways = met.meet(session, now)
            if not ways:
                break
            session, now = chance.choice(ways)


def test_what_somebody_answered_before_they_left_still_tells_states_apart() -> None:
    space = Space(FLOWS["pause"], Bounds())
    (beginning, *_) = beginnings(space.flow, Bounds())
    start, _ = space.state(begun(space.flow, beginning).session, NOW)
    caller = beginning.session.starter

    def after(*acts: Hashable) -> int:
        state = start
        for act in acts:
            (state,) = (edge.target for edge in space.expand(state, caller) if edge.act == act)
        return state

    ready, here = (("picks", "people:", option) for option in ("early", "here"))
    assert after(ready, ("signals", "stop")) != after(here, ("signals", "stop"))
