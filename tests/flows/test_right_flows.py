"""Flows that come close to what is refused, and are right: no check may cry wolf."""

from pathlib import Path

import pytest

from bot.engine.effects import Send
from bot.flows.library import load_flows
from tests.engine.rehearsal import Rehearsal
from tests.flows.declared import kinds

RIGHT = Path(__file__).parent / "right"


@pytest.mark.parametrize("path", sorted(RIGHT.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_right_flow_is_loaded(path: Path) -> None:
    (flow,) = load_flows([path], kinds()).values()
    assert flow.revision


@pytest.mark.parametrize("name", ["loop_that_visits_end", "loop_that_visits_leave"])
def test_a_round_that_visits_end_does_end(name: str) -> None:
    (flow,) = load_flows([RIGHT / f"{name}.yaml"]).values()
    run = Rehearsal(flow, me=("ann",))
    run.picks("ann", "bad")
    assert run.session.ended
    assert run.heard("ann") == ["Once more."] * 3


def test_a_round_with_a_call_that_asks_something_is_loaded(tmp_path: Path) -> None:
    over = (RIGHT.parent / "faults" / "endless-loop_of_a_call_that_is_run_through.yaml").read_text()
    (tmp_path / "over.yaml").write_text(over.replace("plain_solo", "asking"))
    assert set(load_flows([RIGHT.parent / "faults" / "beside" / "asking.yaml", tmp_path / "over.yaml"])) == {
        "asking",
        "solo",
    }


def test_replies_and_offers_of_a_length_of_time_are_those_that_were_written() -> None:
    (flow,) = load_flows([RIGHT / "words_shown_by_a_grant.yaml"]).values()
    run = Rehearsal(flow, a=("ann",), b=("bob",))
    run.types("ann", "A card.")
    for choice in ("ok", "share"):
        run.picks("ann", choice)
    run.types("bob", "I hear you.")
    asked = [
        effect for effect in run.picks("bob", "share").effects if isinstance(effect, Send) and effect.to == "ann"
    ]
    assert [choice.value for choice in asked[-1].choices] == [str(20 * 60_000)]
    run.picks("ann", str(20 * 60_000))
    assert run.heard("ann")[0] == "Good."
