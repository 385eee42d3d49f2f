"""What is typed during a pause: offered where it was typed, and kept as a draft when nothing comes of it."""

from dataclasses import replace

import pytest

from bot.engine.effects import DraftsKept
from bot.engine.events import Frozen, ShownAgain, Signal, TextEdited, Thawed, TimerDue
from bot.engine.session import Session
from bot.engine.standing import deadline
from tests.engine.rehearsal import Rehearsal, flow_of

ASKING = """
    flow: held
    version: 1
    title: Held
    roles: {a: one, b: one}
    slots:
      p: {type: text, class: draft, of: each, max: 20}
      q: {type: text, class: draft, of: each, max: 20}
      s: {type: text, class: private, of: each}
      ideas: {type: list, class: draft, of: each, most: 2}
      e: {type: text, class: ephemeral, of: each}
    steps:
      - id: st
        lanes:
          - {id: qp, ask: "P?", save: p}
          - {id: qq, ask: "Q?", save: q}
          - {id: qs, ask: "S?", save: s}
          - {id: qi, ask: "Ideas?", save: ideas}
          - {id: sec, volatile: [{id: qe, ask: "E?", save: e}]}
        within: 1d
        expired: more
      - {id: more, say: "{p} {q} {s}", to: a, when: "visits(st) > 5"}
      - {id: bye, say: "Bye.", end: true}
"""


def paused(*answers: str, typed: str = "in a pause") -> Rehearsal:
    """Ann has typed something during a pause, which is over."""
    run = Rehearsal(flow_of(ASKING), a=("ann",), b=("bob",))
    for answer in answers:
        run.types("ann", answer) if answer != "done" else run.picks("ann", "done")
    run.happen(Frozen())
    run.types("ann", typed)
    run.happen(Thawed())
    return run


def time_is_up(run: Rehearsal) -> None:
    due = deadline(run.session)
    assert due is not None
    run.now = due[0]
    run.happen(TimerDue(entry=due[1]))


def kept(session: Session) -> dict[str, object]:
    return {key.split("#")[0]: value.data for key, value in session.values.items()}


def told(run: Rehearsal) -> list[str]:
    return [effect.person for effect in run.turn.effects if isinstance(effect, DraftsKept)]


def test_words_from_a_pause_are_kept_as_a_draft_when_time_is_up() -> None:
    run = paused("first")
    time_is_up(run)
    assert kept(run.session) == {"0.p.ann": "first", "0.q.ann": "in a pause"}
    assert told(run) == ["ann"]
    assert run.session.grants == ()


def test_words_from_a_pause_are_kept_as_a_draft_when_their_author_stops() -> None:
    run = paused()
    run.signals("ann", Signal.STOP)
    assert run.heard("ann") == ["<stopped.drafts>"]
    assert kept(run.session) == {"0.p.ann": "in a pause"}


def test_longer_words_than_the_question_takes_are_kept_whole() -> None:
    run = paused(typed="more than twenty characters")
    time_is_up(run)
    assert kept(run.session) == {"0.p.ann": "more than twenty characters"}


def test_words_from_a_pause_become_an_item_where_there_is_room() -> None:
    run = paused("first", "second", "third", "an idea")
    time_is_up(run)
    items = [value.data for key, value in run.session.values.items() if ".ideas." in key]
    assert items == ["an idea", "in a pause"]


@pytest.mark.parametrize(
    "answers",
    [("first", "second"), ("first", "second", "third", "an idea", "done")],
    ids=["where nothing can be shown to others", "in a volatile section"],
)
def test_words_from_a_pause_are_let_go_elsewhere(answers: tuple[str, ...]) -> None:
    run = paused(*answers)
    time_is_up(run)
    assert "in a pause" not in kept(run.session).values()


def test_words_from_a_pause_replace_no_answer() -> None:
    run = Rehearsal(flow_of(ASKING), a=("ann",), b=("bob",))
    run.types("ann", "first")
    run.signals("ann", Signal.BACK)
    run.happen(Frozen())
    run.types("ann", "in a pause")
    run.happen(Thawed())
    time_is_up(run)
    assert kept(run.session) == {"0.p.ann": "first"}


def test_words_from_a_pause_are_offered_at_no_other_question() -> None:
    run = paused("first")
    assert run.heard("ann") == ["<thaw.held> in a pause"]
    run.signals("ann", Signal.BACK)
    run.types("ann", "again")
    run.types("ann", "second")
    run.happen(Frozen())
    run.happen(Thawed())
    assert run.heard("ann") == ["S?"]


def test_words_from_a_pause_are_still_offered_after_an_edit() -> None:
    run = Rehearsal(flow_of(ASKING), a=("ann",), b=("bob",))
    run.types("ann", "first", "m1")
    run.happen(Frozen())
    run.types("ann", "in a pause")
    run.happen(Thawed())
    run.happen(TextEdited(person="ann", text="other", message="m1"))
    assert run.heard("ann")[-1] == "<thaw.held> in a pause"
    run.picks("ann", "use")
    assert kept(run.session)["0.q.ann"] == "in a pause"


def test_what_is_typed_into_a_section_whose_memory_was_lost_is_kept_nowhere() -> None:
    run = Rehearsal(flow_of(ASKING), a=("ann",), b=("bob",))
    for answer in ("first", "second", "third", "an idea"):
        run.types("ann", answer)
    run.picks("ann", "done")
    run.session = replace(run.session, hidden={})
    run.happen(Frozen())
    run.types("ann", "hidden words")
    assert run.heard("ann") == ["<frozen.resting>"]
    run.happen(Thawed())
    run.happen(ShownAgain(person="ann"))
    assert run.heard("ann") == ["E?"]
    assert run.session.top.lanes["a:ann"].held is None
    assert run.session.hidden["a:ann"].lane.held is None
