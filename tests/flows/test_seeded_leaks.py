"""Seeded leaks, by kind: by each of them somebody could tell what another answered in private. All are refused.

Each is a wrong file, which marks the line and the column of what would leak. It is refused by one rule alone: without
that rule it would load. Most of them exploration finds as well, by what people would see (tests/flows/exploration).
"""

from pathlib import Path
from shutil import copytree

import pytest

from bot.flows.library import load_library
from bot.flows.problems import FlowInvalid
from tests.flows.faulty import FAULTS, expected_of, load, place_of, problems_of

PRIVACY = "bot.flows.library.check_privacy"
STEERING = "bot.flows.library.check_steering"
ALONE = "bot.flows.library.check_alone"
KEEPING = "bot.flows.library.check_keeping"
TELLING = "bot.flows.library.check_telling"
VALUES = "bot.flows.library.check_values"
COMPOSED = "bot.flows.step_builders._check_own_answer"
PASSED = "bot.flows.links._passed"
DRAFTS = "bot.flows.checks._Checker._drafts"
TIMING = "bot.flows.library.check_timing"
CLOSING = "bot.flows.library.check_closing"
STARTING = "bot.flows.alone.check_start"
BEGUN = "bot.flows.links._begun_in_private"

KINDS = {
    "told directly": {
        "private-placeholder_asked_of_each": PRIVACY,
        "private-placeholder_in_a_room_question": PRIVACY,
        "private-placeholder_in_the_room": PRIVACY,
        "private-placeholder_said_in_a_lane_to_another": PRIVACY,
        "private-placeholder_shown_to_another": PRIVACY,
    },
    "shown before its author's yes, or to others than those": {
        "private-placeholder_before_any_reveal": PRIVACY,
        "private-placeholder_before_it_is_shown": PRIVACY,
        "private-placeholder_granted_to_others_or_not_at_all": PRIVACY,
        "private-placeholder_kept_without_a_way": PRIVACY,
        "private-placeholder_two_shown_in_one": PRIVACY,
    },
    "by way of another flow": {
        "outcome-untold_in_a_called_flow": TELLING,
        "private-given_to_a_signal": PASSED,
        "private-guard_of_one_person_calls_a_flow_for_two": BEGUN,
        "private-guard_of_one_person_when_it_begins": TIMING,
        "private-guard_of_one_person_when_what_it_calls_is_over": TIMING,
        "private-guard_when_what_it_calls_is_over": TIMING,
        "start-untold_on_another_button": STARTING,
        "start-untold_past_the_button": STARTING,
        "private-guard_of_one_person_begins_a_flow_that_speaks": BEGUN,
        "private-guard_starts_a_flow_that_speaks": BEGUN,
        "private-placeholder_brought_back": PRIVACY,
        "private-released_passed_on": PASSED,
    },
    "by a copy that nobody was told of": {
        "ephemeral-outcome_of_a_copy": VALUES,
        "outcome-untold_built_because_of_it": TELLING,
        "outcome-untold_by_how_often_it_was_asked": TELLING,
        "outcome-untold_cleared_and_not_its_copy": TELLING,
        "outcome-untold_by_way_of_another": TELLING,
        "outcome-untold_not_asked_and_every_option_counts": TELLING,
        "outcome-untold_not_asked_because_of_it": TELLING,
        "outcome-untold_set_because_of_it": TELLING,
        "outcome-untold_set_beside_the_answer": TELLING,
        "outcome-untold_set_for_each_that_was_picked": TELLING,
        "outcome-untold_set_when_it_was_kept": TELLING,
    },
    "by an outcome that was told too late, or of too little": {
        "outcome-untold_before_it_is_seen": TELLING,
        "outcome-untold_in_the_options_that_were_picked": TELLING,
    },
    "by a guard that chooses what others see": {
        "private-guard_at_the_top": STEERING,
        "private-guard_a_signal_asked_of_some": STEERING,
        "private-guard_behind_a_volatile_section": STEERING,
        "private-guard_copied_into_a_signal": STEERING,
        "private-guard_in_a_stage_that_comes_for_some": STEERING,
        "private-guard_leads_elsewhere_than_past_it": STEERING,
        "private-guard_leads_into_a_section_that_speaks": STEERING,
        "private-guard_of_a_kind_no": STEERING,
        "private-guard_of_a_word_itself": STEERING,
        "private-guard_of_what_was_kept_before": STEERING,
        "private-guard_of_whether_somebody_wrote": STEERING,
        "private-guard_of_whether_there_is_a_card": STEERING,
        "private-guard_steers_a_word_to_the_room": STEERING,
    },
    "by what leaves a flow for one person": {
        "private-guard_of_one_person_pauses_others": ALONE,
        "private-guard_of_one_person_shows_it_or_not": ALONE,
        "private-guard_of_one_person_whether_there_is_a_goodbye": ALONE,
    },
    "by a record": {
        "private-guard_how_long_a_record_stands": STEERING,
        "private-kept": KEEPING,
    },
    "by a view, or by what can be looked up": {
        "private-guard_a_deadline_that_can_be_looked_up": STEERING,
        "private-kept_where_a_view_shows_it": KEEPING,
    },
    "by a count": {
        "private-guard_an_outcome_of_how_often_it_was_rewritten": STEERING,
        "private-guard_how_many_were_picked": STEERING,
        "private-guard_how_often_it_was_asked": STEERING,
        "private-guard_how_often_it_was_rewritten": STEERING,
        "private-guard_of_one_person_how_often_it_was_asked": ALONE,
    },
    "by a text that is built of others": {
        "private-placeholder_in_a_composed_text": COMPOSED,
        "private-released_in_a_composed_text": VALUES,
    },
    "by an order": {
        "private-guard_in_which_order": STEERING,
    },
    "by who, or what, is missing": {
        "private-guard_of_what_not_all_were_shown": STEERING,
        "private-guard_that_no_goodbye_comes": STEERING,
        "private-guard_that_there_is_no_word_of_it": STEERING,
        "private-guard_who_has_a_lane": STEERING,
        "private-guard_words_that_were_not_asked_for": "bot.flows.library.check_unwritten",
    },
    "by a silence that is none": {
        "ephemeral-outcome_closes_by_a_copy": CLOSING,
        "private-guard_closes_in_a_later_stage": CLOSING,
        "private-guard_closes_when_others_saw_an_answer": CLOSING,
    },
    "by that it was read, shared or kept": {
        "private-drafts_after_showing": DRAFTS,
        "private-guard_others_notice_later_that_it_was_kept": STEERING,
        "private-guard_others_notice_that_it_was_kept": STEERING,
        "private-guard_that_it_was_read": STEERING,
        "private-guard_that_something_was_shared": STEERING,
    },
    "by a time": {
        "private-guard_of_one_person_how_often_it_waits": TIMING,
        "private-guard_of_one_person_when_nobody_answers_then": TIMING,
        "private-guard_of_one_person_when_more_is_not_answered": TIMING,
        "private-guard_of_one_person_which_way_it_waits": TIMING,
        "private-guard_of_one_person_when_it_comes": TIMING,
        "private-guard_outcome_while_it_is_answered": STEERING,
        "private-guard_when_it_goes_on": STEERING,
    },
}
"""The files by the kind of leak, each with the rule that refuses it."""

BY_TWO_RULES = {"private-guard_of_one_person_reaches_others"}
"""Several leaks in one file."""


def without_a_word(*_: object, **__: object) -> None:
    """A rule that refuses nothing."""


SEEDED = [(name, rule) for files in KINDS.values() for name, rule in files.items()]


def test_every_leak_that_the_load_refuses_has_a_kind() -> None:
    files = {path.stem for path in FAULTS.glob("private-*.yaml")}
    assert files - BY_TWO_RULES == {name for name, _ in SEEDED if name.startswith("private-")}
    assert len(SEEDED) == len(dict(SEEDED)) >= 15
    assert all(KINDS.values())


@pytest.mark.parametrize(("name", "rule"), SEEDED, ids=[name for name, _ in SEEDED])
def test_a_seeded_leak_is_refused_at_its_place_by_one_rule_alone(
    name: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = FAULTS / f"{name}.yaml"
    assert sorted(map(place_of, problems_of(path))) == sorted(place for place, _ in expected_of(path))
    monkeypatch.setattr(rule, without_a_word)
    load(path)


# Translations

CATALOGUES = Path(__file__).parent / "catalogues"

TRANSLATED = {
    "bad-placeholder_that_would_show_more": ("Decía: {words}", "Quedó en silencio."),
    "twins-differ": ("Nadie contestó.", "Quedó en silencio."),
}
"""Leaks by a translation, each with what is wrong in it, and how it would be right.

One names what the English does not show; the other says differently what nobody may tell apart.
"""


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_leak_by_a_translation_is_refused_at_its_place_for_those_words_alone(name: str, tmp_path: Path) -> None:
    copytree(CATALOGUES / "dialogues", tmp_path, dirs_exist_ok=True)
    wrong = CATALOGUES / "faults" / f"{name}.po"
    path = tmp_path / "locales" / "es" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_text(wrong.read_text("utf-8"), "utf-8")
    with pytest.raises(FlowInvalid) as refused:
        load_library(tmp_path)
    assert list(map(place_of, refused.value.problems)) == [place for place, _ in expected_of(wrong)]
    before, after = TRANSLATED[name]
    words = path.read_text("utf-8")
    assert before in words
    path.write_text(words.replace(before, after), "utf-8")
    load_library(tmp_path)
