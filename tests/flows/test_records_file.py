"""What the file of records promises where it is right: what it is compiled to, and which commands it may use."""

from pathlib import Path

import pytest

from bot.engine.model import EACH, EVERYONE, SlotClass
from bot.flows.library import load_library
from bot.flows.problems import FlowInvalid
from bot.flows.records import STANDING_COMMANDS, load_records
from bot.wiring.dialogues import DIALOGUES
from tests.conversation.world import new_world
from tests.flows.declared import kinds

WEEK = 604_800_000


def test_what_both_can_read_is_joint_and_what_is_ones_own_private():
    rule, note = kinds().kinds["rule"], kinds().kinds["note"]

    assert (rule.pair, rule.lasts, rule.latest, rule.command) == (True, 26 * WEEK, True, "our_rules")
    assert {field.name: (field.cls, field.of) for field in rule.fields.values()} == {
        "will": (SlotClass.JOINT, EACH),
        "who": (SlotClass.JOINT, EACH),
        "length": (SlotClass.JOINT, EVERYONE),
        "way": (SlotClass.JOINT, EVERYONE),
    }
    assert (note.pair, note.command, note.key) == (False, None, ())
    assert {(field.cls, field.of) for field in note.fields.values()} == {(SlotClass.PRIVATE, EACH)}


def test_an_empty_file_declares_nothing(tmp_path: Path):
    path = tmp_path / "records.yaml"
    path.write_text("# nothing yet\n")

    assert load_records(path).kinds == {}


@pytest.mark.parametrize("text", ["[]", "rule", "rule: pair", "3"])
def test_another_shape_is_told(tmp_path: Path, text: str):
    path = tmp_path / "records.yaml"
    path.write_text(text)

    with pytest.raises(FlowInvalid, match="a mapping of keys to values is wanted here"):
        load_records(path)


def test_what_a_flow_keeps_is_part_of_its_revision(tmp_path: Path):
    def revision(lasts: str) -> str:
        (tmp_path / "records.yaml").write_text(
            f'note: {{of: me, title: "Notes", lasts: {lasts}, fields: {{words: {{type: text}}}}}}\n'
        )
        return load_library(tmp_path).flows["noting"].revision

    (tmp_path / "flows").mkdir()
    (tmp_path / "phrases.yaml").write_text("{}")
    (tmp_path / "flows" / "noting.yaml").write_text(
        """\
flow: noting
version: 1
title: Noting
roles: {me: one}
slots:
  words: {type: text, class: private}
steps:
  - {id: ask, ask: "What is it?", save: words}
  - {id: note, keep: note, fields: {words: words}}
  - {id: end, end: true}
"""
    )
    assert revision("4w") == revision("4w")
    assert revision("4w") != revision("5w")


def test_a_wrong_file_of_records_hides_no_wrong_phrase_and_tells_no_echo_of_itself(tmp_path: Path):
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "pause.yaml").write_text((DIALOGUES / "flows" / "pause.yaml").read_text("utf-8"))
    (tmp_path / "phrases.yaml").write_text('yes: "Yes {"\n')
    (tmp_path / "records.yaml").write_text("pause_rule: {of: pair}\n")

    with pytest.raises(FlowInvalid) as caught:
        load_library(tmp_path)
    assert sorted({problem.code for problem in caught.value.problems}) == ["bad-placeholder", "missing-key"]


async def test_the_commands_that_no_view_may_take_are_answered_already():
    world = await new_world("alex")
    for command in sorted(STANDING_COMMANDS):
        heard = await world.say("alex", f"/{command}")
        assert not any("I don't know" in one.text for one in heard), command
    world.close()
