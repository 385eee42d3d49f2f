"""From the file of records to their kinds, or every reason why not."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bot.engine.model import EACH, EVERYONE, Slot, SlotClass, SlotOption, SlotType
from bot.engine.template import Template, TemplateInvalid, parse_template
from bot.flows.checks import LONGEST_TEXT
from bot.flows.compiling import WEEK, milliseconds, stored_option
from bot.flows.problems import FlowInvalid, Problem, did_you_mean
from bot.flows.record_kinds import Comes, RecordKind, Records
from bot.flows.record_schema import ComesSource, FieldSource, RecordSource
from bot.flows.schema import Name
from bot.flows.shape import first_each_place, wrong_shapes
from bot.flows.yaml_source import Path_, Source, read_source
from bot.nudges.schedule import Manner, Tires

RECORDS_FILE = "records.yaml"

LONGEST_IN_WEEKS = 104
"""A record that stands for longer than two years has no end that anybody would live to see coming."""

STANDING_COMMANDS = frozenset(
    {
        "back",
        "checkins",
        "drafts",
        "help",
        "hide",
        "not_now",
        "notnow",
        "open",
        "privacy",
        "resume",
        "room",
        "skip",
        "start",
        "stop",
    }
)
"""Commands that mean something already."""

_PROOF = re.compile(r"consent|forg[ia]v", re.IGNORECASE)
"""C6: nothing that is kept says of somebody that they consented, or forgave. People's own words may."""


_SHAPE = TypeAdapter(dict[Name, RecordSource])


def load_records(path: Path, name: str | None = None) -> Records:
    """Return the kinds of record of a file. Raises FlowInvalid with every problem."""
    return records_of(read_source(path, name))


def records_of(source: Source) -> Records:
    """Return the kinds of record of a file's data. Raises FlowInvalid with every problem."""
    try:
        written = _SHAPE.validate_python(source.data if source.data is not None else {})
    except ValidationError as fault:
        wrong = wrong_shapes(source, fault.errors(include_url=False))
        raise FlowInvalid(fault.problem for fault in first_each_place([*source.faults, *wrong])) from None
    reader = _Reader(source)
    kinds = {name: reader.kind(name, shape) for name, shape in written.items()}
    problems = [*(fault.problem for fault in source.faults), *reader.problems]
    if problems:
        raise FlowInvalid(problems)
    return Records(kinds, reader.texts, source)


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.texts: dict[str, Template] = {}
        self.commands: dict[str, str] = {}

    def problem(self, where: Path_, message: str, code: str, *, key: bool = False, offset: int | None = None) -> None:
        self.problems.append(self.source.problem(where, message, code, key=key, offset=offset))

    def kind(self, name: str, shape: RecordSource) -> RecordKind:
        fields = {one: self._field(name, one, field, shape) for one, field in shape.fields.items()}
        self._text(f"{name}.title", shape.title, (name, "title"))
        self._key(name, shape, fields)
        self._view(name, shape)
        comes = self._comes(name, shape.comes, shape, fields) if shape.comes is not None else None
        for words, where, key in _named(name, shape):
            if _PROOF.search(words):
                told = "no record says of somebody that they consented, or forgave: only their own words may"
                self.problem(where, told, "no-proof", key=key)
        lasts = milliseconds(shape.lasts)
        if lasts > LONGEST_IN_WEEKS * WEEK:
            told = f"everything has an end that can be seen coming: at most {LONGEST_IN_WEEKS}w"
            self.problem((name, "lasts"), told, "wrong-type")
        return RecordKind(
            name=name,
            pair=shape.of == "pair",
            fields=fields,
            lasts=lasts,
            key=tuple(shape.key),
            latest=shape.latest,
            command=shape.view.command if shape.view is not None else None,
            rows=tuple(key for key, _, _ in _rows(name, shape)),
            comes=comes,
            digest=shape.model_dump_json(),
        )

    def _field(self, kind: str, name: str, field: FieldSource, shape: RecordSource) -> Slot:
        where: Path_ = (kind, "fields", name)
        type_ = SlotType(field.type)
        if shape.of == "me" and field.of is not None:
            told = "everything in one person's own record is theirs: remove 'of'"
            self.problem((*where, "of"), told, "misplaced-key", key=True)
        if field.of == "all" and type_ in {SlotType.TEXT, SlotType.LIST}:
            told = "one value for both has no author, so it cannot be words: say of: each"
            self.problem((*where, "of"), told, "no-author")
        choice = type_ in {SlotType.CHOICE, SlotType.CHOICES}
        if choice and not field.options:
            self.problem(where, f"'{name}' is a choice and has no options", "no-options", key=True)
        if field.options and not (choice or type_ is SlotType.DURATION):
            told = f"a {type_} is written, not chosen: it has no options"
            self.problem((*where, "options"), told, "misplaced-key", key=True)
        base = f"{kind}.fields.{name}"
        self._text(f"{base}.name", field.name or name.replace("_", " ").capitalize(), (*where, "name"))
        for value, label in field.options.items():
            self._text(f"{base}.options.{value}", label, (*where, "options", value))
            if type_ is SlotType.DURATION and isinstance(stored_option(value, type_), str):
                told = f"'{value}' is no duration, such as 20m, 1h or 2d"
                self.problem((*where, "options", value), told, "bad-duration", key=True)
        options = [
            SlotOption(value=stored_option(value, type_), key=f"{base}.options.{value}") for value in field.options
        ]
        return Slot(
            name=name,
            type=type_,
            cls=SlotClass.JOINT if shape.of == "pair" else SlotClass.PRIVATE,
            of=EVERYONE if field.of == "all" else EACH,
            options=tuple(options),
        )

    def _key(self, name: str, shape: RecordSource, fields: Mapping[str, Slot]) -> None:
        for index, one in enumerate(shape.key):
            where: Path_ = (name, "key", index)
            found = fields.get(one)
            if found is None:
                told = f"'{name}' has no field '{one}'{did_you_mean(one, list(fields))}"
                self.problem(where, told, "unknown-field")
            elif found.type is not SlotType.CHOICE or (shape.of == "pair" and found.of == EACH):
                told = f"'{one}' tells no record from another: a key is one choice" + (
                    ", the same for both" if shape.of == "pair" else ""
                )
                self.problem(where, told, "bad-key")
        if shape.key and not shape.latest:
            told = "a key says which record a new one takes the place of: add latest: true"
            self.problem((name, "key"), told, "bad-key", key=True)

    def _view(self, name: str, shape: RecordSource) -> None:
        view = shape.view
        if view is None:
            return
        where: Path_ = (name, "view")
        for key, words, place in _rows(name, shape):
            self._text(key, words, place, known=list(shape.fields))
        if view.empty is not None:
            self._text(f"{name}.empty", view.empty, (*where, "empty"))
        if view.command is None or view.empty is None:
            if (view.command, view.empty) != (None, None) or shape.comes is None:
                told = "a command shows these records, and says something when there is none: add command and empty"
                self.problem(where, told, "missing-key", key=True)
            return
        if view.command in STANDING_COMMANDS:
            told = f"/{view.command} means something already: choose another command"
            self.problem((*where, "command"), told, "reserved-name")
        elif view.command in self.commands:
            told = f"/{view.command} shows '{self.commands[view.command]}' already"
            self.problem((*where, "command"), told, "duplicate-command")
        self.commands.setdefault(view.command, name)

    def _comes(self, name: str, comes: ComesSource, shape: RecordSource, fields: Mapping[str, Slot]) -> Comes:
        where: Path_ = (name, "comes")
        pair = shape.of == "pair"
        self._of_type(name, "at", comes.at, SlotType.RECURRENCE, fields)
        if pair:
            self._of_type(name, "zone", comes.zone, SlotType.ZONE, fields)
        elif comes.zone is not None:
            self.problem(
                (*where, "zone"), "it comes by the time where its person is: remove this", "misplaced-key", key=True
            )
        self._of_type(name, "shown", comes.shown, SlotType.CHOICE, fields)
        self._of_type(name, "starts", comes.starts, SlotType.CHOICE, fields)
        shown = fields.get(comes.shown or "")
        if shown is not None and {option.value for option in shown.options} != {"yes", "no"}:
            told = f"'{comes.shown}' says whether words are on a lock screen: its options are yes and no"
            self.problem((*where, "shown"), told, "unknown-option")
        if comes.starts is not None and pair:
            told = "a pair's record leads nobody into a flow: whoever wants one starts it"
            self.problem((*where, "starts"), told, "misplaced-key", key=True)
        self._text(f"{name}.comes", comes.say, (*where, "say"), known=list(fields))
        manner = Manner(
            fresh=milliseconds(comes.fresh),
            chosen=comes.chosen,
            counts=comes.counts,
            repeat=milliseconds(comes.repeat) if comes.repeat is not None else 0,
            tires=Tires(comes.tires),
        )
        return Comes(at=comes.at, manner=manner, zone=comes.zone, shown=comes.shown, starts=comes.starts)

    def _of_type(self, kind: str, key: str, name: str | None, type_: SlotType, fields: Mapping[str, Slot]) -> None:
        """Note a field that is not there, or that holds something else; in a pair's record, not one for both."""
        if name is None and key != "zone":
            return
        where: Path_ = (kind, "comes", key)
        field = fields.get(name or "")
        if name is None:
            self.problem((kind, "comes"), "say by whose time it comes to both: add zone", "missing-key", key=True)
        elif field is None:
            self.problem(where, f"'{kind}' has no field '{name}'{did_you_mean(name, list(fields))}", "unknown-field")
        elif field.type is not type_:
            self.problem(where, f"'{name}' is a {field.type}, and this a {type_}", "wrong-type")
        elif field.cls is SlotClass.JOINT and field.of != EVERYONE:
            self.problem(where, f"it comes to both at once: say of: all for '{name}'", "wrong-author")

    def _text(self, address: str, words: str, where: Path_, known: list[str] | None = None) -> None:
        try:
            template = parse_template(words)
        except TemplateInvalid as fault:
            self.problem(where, str(fault), "bad-placeholder", offset=fault.offset)
            return
        for one in dict.fromkeys(template.names):
            if one not in (known or []):
                told = f"'{one}' cannot be filled in here{did_you_mean(one, known or [])}"
                self.problem(where, told, "bad-placeholder", offset=words.find(f"{{{one}}}"))
        own = sum(len(part) for part in template.parts if isinstance(part, str))
        if own > LONGEST_TEXT:
            told = f"this has {own} characters; a message has at most {LONGEST_TEXT}"
            self.problem(where, told, "text-too-long")
        self.texts[address] = template


def _rows(name: str, shape: RecordSource) -> Iterator[tuple[str, str, Path_]]:
    """The address, the words and the place of every part of what is said of one record."""
    row = shape.view.row if shape.view is not None else []
    where: Path_ = (name, "view", "row")
    if isinstance(row, str):
        yield f"{name}.row", row, where
    else:
        yield from ((f"{name}.row.{index}", words, (*where, index)) for index, words in enumerate(row))


def _named(name: str, shape: RecordSource) -> Iterator[tuple[str, Path_, bool]]:
    """Every word of ours that says what a record is."""
    yield name.replace("_", " "), (name,), True
    yield shape.title, (name, "title"), False
    for one, field in shape.fields.items():
        yield one, (name, "fields", one), True
        yield field.name or "", (name, "fields", one, "name"), False
        for value, label in field.options.items():
            yield value, (name, "fields", one, "options", value), True
            yield label, (name, "fields", one, "options", value), False
    if shape.view is not None:
        yield from ((words, place, False) for _, words, place in _rows(name, shape))
        yield shape.view.empty or "", (name, "view", "empty"), False
    if shape.comes is not None:
        yield shape.comes.say, (name, "comes", "say"), False
