"""Languages in the engine: what a person builds or picks is in their language, and stays in it."""

from dataclasses import replace

import pytest

from bot.engine.effects import SaidAgain
from bot.engine.events import ChoicePicked, Frozen, TextTyped, Thawed
from bot.engine.machine import Turn, advance
from bot.engine.model import Flow
from bot.engine.session import Composed
from bot.engine.template import parse_template
from tests.engine.rehearsal import Rehearsal, flow_of

CARD = """
    flow: card
    version: 1
    title: Card
    roles: {me: one}
    slots:
      feeling: {type: text, class: draft}
      card: {type: text, class: draft, max: 900}
    steps:
      - {id: ask, ask: "How is it?", save: feeling, suggest: ["tired", "glad"]}
      - {id: build, compose: card, parts: ["I felt {feeling}."]}
      - {id: done, end: true}
"""

SPANISH = {"ask.suggest.0": parse_template("cansancio"), "build.parts.0": parse_template("Sentí {feeling}.")}


def speaking(language: str) -> Rehearsal:
    flow = replace(flow_of(CARD), translations={"es": SPANISH})
    run = Rehearsal(flow, me=("ann",))
    members = {"ann": replace(run.session.members["ann"], language=language)}
    run.session = replace(run.session, members=members)
    return run


def picked(run: Rehearsal, choice: str) -> ChoicePicked:
    lane = run.session.top.lanes["me:ann"]
    return ChoicePicked(person="ann", lane=lane.key, entry=lane.entry, choice=choice)


def kept(run: Rehearsal, name: str) -> object:
    return next(value.data for key, value in run.session.values.items() if key.split(".")[1] == name)


def test_a_text_is_found_in_its_language_and_else_in_english() -> None:
    flow: Flow = replace(flow_of(CARD), translations={"es": SPANISH})
    assert flow.template("build.parts.0", "es").source == "Sentí {feeling}."
    assert flow.template("ask.suggest.1", "es").source == "glad"
    assert flow.template("build.parts.0", "fr").source == flow.template("build.parts.0", "en").source
    with pytest.raises(KeyError):
        flow.template("build.parts.1", "es")


@pytest.mark.parametrize(("language", "word"), [("en", "tired"), ("es", "cansancio"), ("fr", "tired")])
def test_a_suggestion_is_taken_in_the_language_of_whoever_presses_it(language: str, word: str) -> None:
    run = speaking(language)
    run.picks("ann", "=0")
    assert kept(run, "feeling") == word


def test_a_suggestion_without_a_translation_is_taken_in_english() -> None:
    run = speaking("es")
    run.picks("ann", "=1")
    assert kept(run, "feeling") == "glad"


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_composed_text_keeps_its_authors_language(language: str) -> None:
    run = speaking(language)
    run.types("ann", "fine")
    built = kept(run, "card")
    assert isinstance(built, Composed)
    assert built.language == language


def test_what_was_kept_in_a_pause_goes_back_to_the_host_as_it_was_written() -> None:
    run = speaking("es")
    run.happen(Frozen())
    run.types("ann", "un  poco\nmejor")
    run.happen(Thawed())
    lane = run.session.top.lanes["me:ann"]
    turn: Turn = advance(run.flow, run.session, picked(run, "use"), run.now)
    assert [e for e in turn.effects if isinstance(e, SaidAgain)] == [SaidAgain(person="ann", text="un  poco\nmejor")]
    waiting = turn.session.top.lanes["me:ann"]
    assert (waiting.held, waiting.phase, waiting.entry) == (None, "", lane.entry)
    after = advance(run.flow, turn.session, TextTyped(person="ann", text="mejor"), run.now).session
    assert after.ended


def test_what_is_left_after_a_pause_is_not_said_again() -> None:
    run = speaking("es")
    run.happen(Frozen())
    run.types("ann", "algo")
    run.happen(Thawed())
    turn = advance(run.flow, run.session, picked(run, "leave"), run.now)
    assert not [effect for effect in turn.effects if isinstance(effect, SaidAgain)]
