"""Revisions: what makes another one, and that a stored one is made again as it was."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from textwrap import dedent
from typing import cast

import pytest

from bot.engine.guards import Guard
from bot.flows.library import Library, RevisionLost, load_library
from bot.flows.problems import FlowInvalid
from bot.flows.revisions import published, restored
from tests.conversation.world import DIALOGUES, shipped

OUTER = """\
flow: outer
version: 1
title: Outer
roles: {a: one, b: one}
slots:
  mood: {type: choice, class: private, of: each, options: {good: "Good", bad: "Bad"}}
steps:
  - {id: feel, of: each, ask: "How is it?", save: mood, within: 24h, expired: over}
  - {id: sure, of: a, gate: "Go on?", yes: "Yes", within: 24h, expired: over}
  - {id: word, call: inner, roles: {me: a}}
  - {id: over, say: "Over.", end: true}
"""

INNER = """\
flow: inner
version: 1
title: Inner
roles: {me: one}
slots: {word: {type: text, class: draft}}
steps:
  - {id: ask, ask: "A word?", save: word}
  - {id: done, end: true}
"""


def loaded(folder: Path, outer: str = OUTER, inner: str = INNER) -> Library:
    (folder / "flows").mkdir(exist_ok=True)
    (folder / "flows" / "outer.yaml").write_text(outer)
    (folder / "flows" / "inner.yaml").write_text(inner)
    (folder / "phrases.yaml").write_text((DIALOGUES / "phrases.yaml").read_text("utf-8"), "utf-8")
    return load_library(folder)


def revisions(folder: Path, outer: str = OUTER, inner: str = INNER) -> tuple[str, str]:
    flows = loaded(folder, outer, inner).flows
    return flows["outer"].revision, flows["inner"].revision


def test_comments_and_line_breaks_make_no_other_revision(tmp_path: Path) -> None:
    spaced = "# A comment.\n" + OUTER.replace(
        "roles: {a: one, b: one}", "roles:\n  a: one\n  b: one   # two people\n"
    )
    assert revisions(tmp_path, spaced) == revisions(tmp_path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Over.", "Over!"),
        ("version: 1", "version: 2"),
        ('{good: "Good", bad: "Bad"}', '{bad: "Bad", good: "Good"}'),
        ("{a: one, b: one}", "{b: one, a: one}"),
        ("24h, expired: over}\n  - {id: sure", "48h, expired: over}\n  - {id: sure"),
    ],
    ids=["a word", "the version", "the order of options", "who is first", "a deadline"],
)
def test_whatever_is_read_or_decides_makes_another_revision(tmp_path: Path, before: str, after: str) -> None:
    assert before in OUTER
    first, called = revisions(tmp_path)
    changed, same = revisions(tmp_path, OUTER.replace(before, after))
    assert changed != first
    assert same == called


def test_a_flow_changes_with_those_that_it_calls(tmp_path: Path) -> None:
    was = loaded(tmp_path).flows
    now = loaded(tmp_path, inner=INNER.replace("A word?", "Which word?")).flows
    assert now["inner"].revision != was["inner"].revision
    assert now["outer"].revision != was["outer"].revision
    assert now["outer"].written == was["outer"].written


def test_saying_how_an_older_version_comes_along_makes_no_other_revision(tmp_path: Path) -> None:
    second = OUTER.replace("version: 1", "version: 2")
    first = revisions(tmp_path, second)
    assert revisions(tmp_path, second.replace("version: 2", "version: 2\nmigrate: {1: {}}")) == first


SPANISH = """\
msgid ""
msgstr "Language: es\\n"

msgctxt "outer:over.say"
msgid "Over."
msgstr "Se acabó."

msgctxt "outer:sure.gate"
msgid "Go on?"
msgstr "¿Seguimos?"
"""


def translated(folder: Path, po: str) -> Library:
    catalogue = folder / "locales" / "es" / "LC_MESSAGES" / "messages.po"
    catalogue.parent.mkdir(parents=True, exist_ok=True)
    catalogue.write_text(po, "utf-8")
    return loaded(folder)


def test_a_translation_belongs_to_the_revision_and_to_what_people_say_yes_to(tmp_path: Path) -> None:
    english = loaded(tmp_path).flows["outer"]
    spanish = translated(tmp_path, SPANISH).flows["outer"]
    goodbye = translated(tmp_path, SPANISH.replace("Se acabó", "Fin")).flows["outer"]
    asked = translated(tmp_path, SPANISH.replace("¿Seguimos?", "¿Quieres seguir?")).flows["outer"]
    assert len({flow.revision for flow in (english, spanish, goodbye, asked)}) == 4
    assert len({flow.written for flow in (english, spanish, goodbye, asked)}) == 4
    assert english.terms != spanish.terms == goodbye.terms != asked.terms


def test_a_stored_revision_speaks_every_language_that_it_spoke(tmp_path: Path) -> None:
    library = translated(tmp_path, SPANISH)
    flow = library.flows["outer"]
    again = restored(published(flow, library.compiled))
    assert again.template("over.say", "es").source == "Se acabó."
    assert again.template("feel.ask", "es").source == "How is it?"


KINDS = """\
note:
  of: me
  title: "Your note"
  fields: {word: {type: text, name: "The word"}}
  lasts: 8w
  view: {command: notes, row: "{word}", empty: "No notes yet."}
"""


def test_the_kinds_of_record_that_a_flow_keeps_belong_to_its_revision(tmp_path: Path) -> None:
    keeps = INNER.replace("  - {id: done", "  - {id: kept, keep: note, fields: {word: word}}\n  - {id: done")

    def with_kinds(kinds: str) -> Library:
        (tmp_path / "records.yaml").write_text(kinds)
        return loaded(tmp_path, inner=keeps)

    other = KINDS.replace("note:", "other:").replace("notes", "others")
    library, longer = with_kinds(KINDS), with_kinds(KINDS.replace("8w", "9w"))
    beside = with_kinds(KINDS + other)
    assert library.flows["inner"].revision != longer.flows["inner"].revision
    assert library.flows["inner"].revision == beside.flows["inner"].revision
    assert plain(restored(published(library.flows["inner"], library.compiled))) == plain(library.flows["inner"])


def test_what_ships_is_made_again_as_it_was() -> None:
    library = shipped()
    for flow in library.flows.values():
        again = restored(published(flow, library.compiled))
        assert plain(again) == plain(flow)


def plain(value: object) -> object:
    """A flow as plain data: guards, which are compiled to functions, stand for what was written."""
    if isinstance(value, Guard):
        return value.source
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return [(key, plain(part)) for key, part in cast("Mapping[object, object]", value).items()]
    return [plain(part) for part in cast("tuple[object]", value)] if isinstance(value, tuple) else value


def test_a_stored_revision_keeps_its_name_and_holds_what_it_calls(tmp_path: Path) -> None:
    library = loaded(tmp_path)
    stored = published(library.flows["outer"], library.compiled)
    named = replace(stored, revision="r1", body=stored.body.replace(stored.revision.encode(), b"r1"))
    again = restored(named)
    assert again.revision == "r1"
    assert again.calls["inner"].revision == library.flows["inner"].revision
    assert again.calls["inner"].steps.keys() == library.flows["inner"].steps.keys()


def test_a_later_check_does_not_stop_what_was_right_when_it_began(tmp_path: Path) -> None:
    """A stored revision is compiled, and not held against checks that may be newer than it."""
    library = loaded(tmp_path)
    stored = published(library.flows["inner"], library.compiled)
    longer = "A word? " * 60
    body = stored.body.replace(b"A word?", longer.encode())
    assert restored(replace(stored, body=body)).texts["ask.ask"].parts == (longer,)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (b'"format":1', b'"format":2', "another format"),
        (b'"ask":"A word?"', b'"aks":"A word?"', "unknown key 'aks'"),
        (b'"save":"word"', b'"save":"gone"', "unknown slot 'gone'"),
        (b'{"inner":', b'{"other":', "it holds no flow 'inner'"),
        (b"}", b"", "damaged"),
    ],
)
def test_what_can_no_longer_be_read_is_told(tmp_path: Path, before: bytes, after: bytes, told: str) -> None:
    library = loaded(tmp_path)
    stored = published(library.flows["inner"], library.compiled)
    assert before in stored.body
    with pytest.raises(FlowInvalid, match=told):
        restored(replace(stored, body=stored.body.replace(before, after)))


def test_a_library_gives_each_session_its_own_revision(tmp_path: Path) -> None:
    was = loaded(tmp_path)
    now = loaded(tmp_path, OUTER.replace("Over.", "Over!"))
    old, new = was.flows["outer"], now.flows["outer"]
    both = now.with_earlier({old.revision: old})
    assert both.pinned("outer", old.revision) is old
    assert both.pinned("outer", new.revision) is both.pinned("outer", "") is new
    for flow, revision in (("outer", "nowhere"), ("gone", "r1"), ("inner", old.revision)):
        with pytest.raises(RevisionLost):
            both.pinned(flow, revision)


def test_terms_are_what_people_say_yes_to_and_what_they_are_told_before(tmp_path: Path) -> None:
    asks = dedent(
        """\
        flow: inner
        version: 1
        title: Inner
        roles: {a: one, b: one}
        slots:
          card: {type: text, class: draft, of: a}
          rest: {type: choice, class: private, of: each, options: {yes: "Yes", no: "No"}}
        outcomes: {both: {when: "all(rest == 'yes')", told: "Only if you both want to."}}
        steps:
          - {id: tell, of: a, ask: "A word?", save: card, grant_to: b, reveal: "{a}: {card}", kept: done}
          - {id: rest, of: each, ask: "Rest? Only if you both want to.", save: rest, within: 24h, expired: done,
             next: [{when: both, go: done}, {else: done}]}
          - {id: done, end: true}
        """
    )

    def terms(text: str) -> dict[str, str]:
        return dict(loaded(tmp_path, OUTER.replace("{me: a}", "{a: a, b: b}"), text).flows["inner"].terms)

    first = terms(asks)
    assert set(first) == {"outcomes.both", "tell"}
    assert terms(asks.replace("A word?", "Which word?")) == first
    assert terms(asks.replace("{a}: {card}", "{a} says: {card}")).items() - first.items()
    assert terms(asks.replace('told: "Only', 'told: "But only').replace("Rest? Only", "Rest? But only")) != first
