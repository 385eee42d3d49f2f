"""The schemas for editors: what is right is valid, what is wrong is marked where we mark it, what fits is offered.

An editor's language server completes keys by the properties of every schema that applies where one writes, and marks
a key that none of them has. ``offered`` and ``marks`` do as it does. (Looked at by hand with yaml-language-server.)
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError
from typer.testing import CliRunner

from bot.cli.app import app
from bot.flows.editor_schema import FLOW_FILE, RECORDS_FILE, Schema, flow_schema, records_schema
from bot.flows.flow_compiler import read_flow
from bot.flows.library import ACTIONS
from bot.flows.schema import KINDS, AskSource, BranchSource, FlowSource, SlotSource, StepSource
from bot.flows.vocabulary import Model, models
from bot.flows.yaml_source import Path_, Plain, Source, parse_source, read_source
from bot.wiring.dialogues import DIALOGUES, library_of
from docs.make_reference import EXAMPLES

HERE = Path(__file__).parent
SHIPPED = sorted((DIALOGUES / "flows").glob("*.yaml"))
RIGHT = [
    *SHIPPED,
    *(path for path in sorted(EXAMPLES.glob("*.yaml")) if path.name != "records.yaml"),
    *sorted((HERE / "right").glob("*.yaml")),
    *sorted((HERE.parent / "dialogues" / "flows").glob("*.yaml")),
]
RECORDS = [DIALOGUES / "records.yaml", EXAMPLES / "records.yaml", HERE.parent / "dialogues" / "records.yaml"]
COMMENT = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")

_EXPECT = re.compile(r"^# expect: (\d+):(\d+) ", re.MULTILINE)
_UNKNOWN = re.compile(r"^# expect: (\d+):(\d+) unknown-key", re.MULTILINE)
FAULTS = [
    path for path in sorted((HERE / "faults").glob("*.yaml")) if _UNKNOWN.search(path.read_text("utf-8", "replace"))
]

FLOW, KEPT = Draft7Validator(flow_schema()), Draft7Validator(records_schema())


def faults(validator: Draft7Validator, data: Plain) -> Iterator[ValidationError]:
    return cast("Iterator[ValidationError]", validator.iter_errors(data))  # pyright: ignore[reportUnknownMemberType]


def marks(validator: Draft7Validator, source: Source) -> set[tuple[int, int]]:
    """Where an editor marks keys that are not allowed."""
    found: set[tuple[int, int]] = set()
    for fault in faults(validator, source.data):
        if fault.validator == "additionalProperties":
            where = tuple(fault.absolute_path)
            shape = cast("Schema", fault.schema)
            there = cast("dict[str, object]", fault.instance)
            patterns = cast("dict[str, object]", shape.get("patternProperties", {}))
            for key in there:
                known = key in shape.get("properties", {}) or any(re.search(pattern, key) for pattern in patterns)
                if not known:
                    mark = source.mark((*where, key), key=True)
                    found.add((mark.line, mark.column))
    return found


def offered(data: Plain, path: Path_) -> set[str]:
    """The keys that an editor offers in the mapping at that place, those that are there already included."""
    return {
        key for shape in _applying(flow_schema(), flow_schema(), data, path) for key in shape.get("properties", {})
    }


def _applying(root: Schema, shape: Schema, data: Any, path: Path_) -> Iterator[Schema]:
    """Every part of the schema that applies at the place, once it is told which of several shapes is meant."""
    for part in _here(root, shape, data):
        if not path:
            yield part
            continue
        first, *rest = path
        inner = data[first]
        if isinstance(first, int):
            nearer: Iterable[Schema] = [part["items"]] if "items" in part else []
        else:
            nearer = [part["properties"][first]] if first in part.get("properties", {}) else []
            patterns = part.get("patternProperties", {}).items()
            nearer = [*nearer, *(inside for pattern, inside in patterns if re.search(pattern, first))]
        for one in nearer:
            yield from _applying(root, one, inner, tuple(rest))


def _here(root: Schema, shape: Schema, data: Any) -> Iterator[Schema]:
    if "$ref" in shape:
        target: Any = root
        for key in shape["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        yield from _here(root, target, data)
        return
    yield shape
    for part in shape.get("allOf", []):
        yield from _here(root, part, data)
    if "if" in shape:
        holds = not list(faults(Draft7Validator(shape["if"]), data))
        yield from _here(root, shape["then" if holds else "else"], data)


def keys_of(model: Model) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def test_the_files_are_up_to_date() -> None:
    folder = DIALOGUES / "schema"
    for name, made in ((FLOW_FILE, flow_schema()), (RECORDS_FILE, records_schema())):
        assert json.loads((folder / name).read_text("utf-8")) == made, "write it anew: ./run schema"


def test_both_are_schemas_and_every_reference_in_them_leads_somewhere() -> None:
    for made in (flow_schema(), records_schema()):
        Draft7Validator.check_schema(made)  # pyright: ignore[reportUnknownMemberType]
        told = json.dumps(made)
        for name in re.findall(r'"#/definitions/(\w+)', told):
            assert name in made["definitions"]


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_a_right_flow_is_valid(path: Path) -> None:
    assert [fault.message for fault in faults(FLOW, read_source(path).data)] == []


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.parent.name)
def test_a_right_file_of_records_is_valid(path: Path) -> None:
    assert [fault.message for fault in faults(KEPT, read_source(path).data)] == []


@pytest.mark.parametrize("path", [*SHIPPED, RECORDS[0]], ids=lambda path: path.stem)
def test_what_ships_names_its_schema_by_a_path_that_is_there(path: Path) -> None:
    named = COMMENT.match(path.read_text("utf-8"))
    assert named is not None, "its first line tells editors: # yaml-language-server: $schema=../schema/flow.json"
    meant = FLOW_FILE if path in SHIPPED else RECORDS_FILE
    assert (path.parent / named.group(1)).resolve() == DIALOGUES / "schema" / meant


def test_the_comment_is_no_part_of_a_revision() -> None:
    library = library_of(None)
    for name, one in library.compiled.items():
        text = "\n".join(one.source.lines)
        bare = parse_source(COMMENT.sub("", text).encode(), name)
        found, problems = read_flow(bare, ACTIONS, library.records)
        assert found is not None
        assert (found.source.data, problems) == (one.source.data, [])


def test_there_are_faults_to_be_refused() -> None:
    assert len(FAULTS) >= 5


@pytest.mark.parametrize("path", FAULTS, ids=lambda path: path.stem)
def test_an_unknown_key_is_marked_at_the_line_and_column_at_which_we_mark_it(path: Path) -> None:
    text = path.read_text("utf-8")
    expected, told = (
        {(int(line), int(column)) for line, column in pattern.findall(text)} for pattern in (_UNKNOWN, _EXPECT)
    )
    # A key that is no name, or no number of a version, is marked as well: we tell that by another code.
    assert expected <= marks(FLOW, read_source(path)) <= told


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_is_offered_exactly_the_keys_of_its_kind(kind: str) -> None:
    step: Plain = {"id": "x", kind: None}
    own = keys_of(KINDS[kind])
    if kind != "volatile":
        assert offered({"steps": [step]}, ("steps", 0)) == own
    if kind in {
        "volatile",
        "grant",
        "review",
        "gate",
        "compose",
        "set",
        "keep",
        "end",
        "start",
        "each",
        "ask",
        "reveal",
        "say",
    }:
        everybody: Plain = [step]
        by_role: Plain = {"me": everybody}
        guarded: Plain = {"me": {"when": "x", "steps": everybody}}
        for lanes, inside in ((everybody, (0,)), (by_role, ("me", 0)), (guarded, ("me", "steps", 0))):
            stage: Plain = {"id": "stage", "lanes": lanes}
            assert offered({"steps": [stage]}, ("steps", 0, "lanes", *inside)) == own


def test_a_step_that_is_begun_is_offered_every_kind_that_may_stand_there() -> None:
    shared = keys_of(StepSource)
    at_the_top = offered({"steps": [{"id": "x"}]}, ("steps", 0))
    assert at_the_top == {*shared, *KINDS} - {"volatile"}
    in_a_lane = offered({"steps": [{"id": "s", "lanes": [{"id": "x"}]}]}, ("steps", 0, "lanes", 0))
    assert in_a_lane - shared < at_the_top | {"volatile"}
    assert {"volatile", "ask"} <= in_a_lane
    assert not {"lanes", "call", "wait", "freeze"} & in_a_lane


def test_a_kind_that_is_mistyped_is_the_only_key_that_is_marked() -> None:
    source = parse_source(
        b"flow: x\nversion: 1\ntitle: X\nroles: {me: one}\nsteps:\n  - {id: a, asks: Hm?, save: b}\n", "x"
    )
    assert marks(FLOW, source) == {(6, 13)}


def test_other_mappings_are_offered_their_own_keys() -> None:
    data: Plain = {
        "slots": {"mood": {}},
        "steps": [{"id": "x", "ask": "?", "next": [{}], "least": {}}],
        "start": {},
        "outcomes": {"all": {}},
    }
    assert offered(data, ()) == keys_of(FlowSource)
    assert offered(data, ("slots", "mood")) == keys_of(SlotSource)
    assert offered(data, ("steps", 0, "next", 0)) == keys_of(BranchSource)
    assert offered(data, ("steps", 0, "least")) == {"first", "again"}
    assert offered(data, ("start",)) == {"command", "signal", "argument", "shared"}


def test_of_an_ask_and_a_review_that_both_ask_the_right_one_is_meant() -> None:
    steps: list[Plain] = [
        {"id": "a", "review": ["x"], "ask": "Right?"},
        {"id": "b", "end": True, "say": "Bye."},
        {"id": "c", "ask": "?", "save": "x", "grant_to": "other", "reveal": "{x}"},
    ]
    data: Plain = {"steps": steps}
    assert [offered(data, ("steps", n)) for n in range(3)] == [
        keys_of(KINDS["review"]),
        keys_of(KINDS["end"]),
        keys_of(AskSource),
    ]


def test_every_key_has_its_docstring_as_a_hover_text() -> None:
    definitions = {**records_schema()["definitions"], **flow_schema()["definitions"]}
    for model in models():
        if model.__name__ not in definitions:
            continue  # what steps share is part of each of them
        for key, part in definitions[model.__name__]["properties"].items():
            assert part["description"].endswith((".", ":")) or "\n" in part["description"], (model.__name__, key)
            assert "``" not in json.dumps(part)


def test_a_wrong_type_a_long_label_and_a_missing_key_are_refused_too() -> None:
    wrong: list[tuple[list[Plain], str]] = [
        ([{"id": "a", "say": "Hi.", "neutral": "yes"}], "boolean"),
        ([{"id": "a", "say": "Hi.", "next": [{"when": "x", "goes": "b"}]}], "goes"),
        ([{"id": "a", "ask": "Hi?"}], "save"),
        ([{"id": "A b", "say": "Hi."}], "match"),
        ([{"id": "a", "lanes": {"Me": [{"id": "b", "end": True}]}}], "Me"),
        ([], "non-empty"),
    ]
    for steps, told in wrong:
        data: Plain = {"flow": "x", "version": 1, "title": "X", "roles": {"me": "one"}, "steps": steps}
        messages = " ".join(fault.message for fault in faults(FLOW, data))
        assert told in messages, (steps, messages)


def test_the_command_writes_both_files(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["schema", str(tmp_path / "there")])
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 2)
    written = {path.name: json.loads(path.read_text("utf-8")) for path in (tmp_path / "there").iterdir()}
    assert written == {FLOW_FILE: flow_schema(), RECORDS_FILE: records_schema()}
