"""What a flow says about an older version, held against that version: every problem with its place."""

from pathlib import Path

import pytest

from bot.engine.model import Flow
from bot.flows.library import load_flows
from bot.flows.migrations import check_against
from bot.flows.yaml_source import read_source

OLD = """\
flow: talk
version: 1
title: Talk
roles: {a: one, b: one}
slots:
  card: {type: text, class: draft, of: a}
  mood: {type: choice, class: private, of: each, options: {good: "Good", bad: "Bad"}}
steps:
  - {id: write, of: a, ask: "Your words?", save: card, grant_to: b, reveal: "{a}: {card}", kept: closed,
     within: 24h, expired: over}
  - {id: feel, of: each, ask: "How is it?", save: mood, within: 24h, expired: over}
  - {id: over, say: "Over.", end: true}
"""

NEW = """\
flow: talk
version: 2
title: Talk
migrate:
  1: {steps: {write: pen}, slots: {card: words}}
roles: {a: one, b: one}
slots:
  words: {type: text, class: draft, of: a}
  mood: {type: choice, class: private, of: each, options: {good: "Good", bad: "Bad"}}
steps:
  - {id: pen, of: a, ask: "Your words?", save: words, grant_to: b, reveal: "{a}: {words}", kept: closed,
     within: 24h, expired: over}
  - {id: feel, of: each, ask: "How is it?", save: mood, within: 24h, expired: over}
  - {id: over, say: "Over.", end: true}
"""


def loaded(path: Path, text: str) -> Flow:
    path.write_text(text)
    return next(iter(load_flows([path]).values()))


def told(folder: Path, *changes: tuple[str, str], old: str = OLD) -> list[tuple[int, int, str, str]]:
    text = NEW
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    before, path = loaded(folder / "old.yaml", old), folder / "new.yaml"
    after = loaded(path, text)
    return sorted((p.line, p.column, p.code, p.message) for p in check_against(before, after, read_source(path)))


def test_what_fits_is_told_nothing_about(tmp_path: Path) -> None:
    assert told(tmp_path) == []
    assert (
        told(tmp_path, ("  1: {steps: {write: pen}, slots: {card: words}}", "  9: {}"), ("version: 2", "version: 10"))
        == []
    )


WRONG: dict[str, tuple[tuple[tuple[str, str], ...], tuple[int, int, str, str]]] = {
    "no such step": (
        (("{write: pen}", "{wrte: pen}"),),
        (5, 15, "unknown-step", "version 1 has no step 'wrte', did you mean 'write'?"),
    ),
    "no such slot": (
        (("{card: words}", "{card: words, moode: mood}"),),
        (5, 49, "unknown-slot", "version 1 has no slot 'moode', did you mean 'mood'?"),
    ),
    "people's own words": (
        (("{card: words}", "{card: drop}"),),
        (5, 42, "migrated-otherwise", "'card' holds people's own words, which are never thrown away"),
    ),
    "more people would read it": (
        (("mood: {type: choice, class: private", "mood: {type: choice, class: signal"),),
        (9, 31, "migrated-otherwise", "'mood' has class: signal; in version 1, which comes along, it had private"),
    ),
    "it would be somebody else's": (
        (("class: private, of: each", "class: private, of: a"), ("id: feel, of: each", "id: feel, of: a")),
        (9, 44, "migrated-otherwise", "'mood' has of: a; in version 1, which comes along, it had each"),
    ),
    "it is of another type": (
        (("type: choice,", "type: choices,"),),
        (9, 16, "migrated-otherwise", "'mood' has type: choices"),
    ),
    "a renamed one is of another class": (
        (("words: {type: text, class: draft", "words: {type: text, class: shared"),),
        (5, 42, "migrated-otherwise", "'words' has class: shared"),
    ),
    "other people take part": (
        (("{a: one, b: one}", "{a: one, b: one, c: one}"), ("id: feel, of: each", "id: feel, of: a")),
        (5, 3, "migrated-otherwise", "version 1 has other roles"),
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_does_not_fit_the_older_version_is_told_at_its_place(what: str, tmp_path: Path) -> None:
    changes, expected = WRONG[what]
    found = told(tmp_path, *changes)
    assert [one[:3] for one in found] == [expected[:3]]
    assert expected[3] in found[0][3]


def test_a_slot_that_takes_over_the_name_of_another_is_told(tmp_path: Path) -> None:
    """The old 'words' would stay, and the old 'card' would come to the same place."""
    both = OLD.replace("  mood:", "  words: {type: text, class: draft, of: a}\n  mood:")
    found = told(tmp_path, old=both)
    assert [one[:3] for one in found] == [(8, 10, "bad-migration")]
    assert "'card' and 'words' of version 1 would meet in 'words'" in found[0][3]
