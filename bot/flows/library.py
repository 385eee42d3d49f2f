"""The library: all flows and phrases of a folder, loaded whole or not at all."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bot.engine.effects import PHRASES, RECORDS
from bot.engine.model import Call, Flow, Keep
from bot.engine.template import Template, TemplateInvalid, parse_template
from bot.flows.checks import ACTION_ROLES, check_flow
from bot.flows.flow_compiler import Compiled, read_flow
from bot.flows.keeping import check_keeping
from bot.flows.links import check_links, check_view_commands
from bot.flows.loops import check_loops
from bot.flows.privacy import check_privacy
from bot.flows.problems import FlowInvalid, Problem
from bot.flows.record_kinds import NO_RECORDS, RecordKind, Records
from bot.flows.records import RECORDS_FILE, load_records
from bot.flows.values import check_values
from bot.flows.yaml_source import Source, read_source

ACTIONS = frozenset(ACTION_ROLES)
"""What ``do`` may name."""

FLOWS, PHRASES_FILE = "flows", "phrases.yaml"


@dataclass(frozen=True, slots=True)
class Library:
    """Flows by name, the standing phrases by address, and the kinds of record."""

    flows: Mapping[str, Flow]
    phrases: Mapping[str, Template]
    records: Records = NO_RECORDS

    def template(self, flow: str, key: str) -> Template:
        """Return a text by its address. Raises KeyError for one that no version has."""
        if flow == RECORDS:
            return self.records.texts[key]
        return self.phrases[key] if flow == PHRASES else self.flows[flow].texts[key]

    def by_command(self, command: str) -> Flow | None:
        """Return the flow that a command starts."""
        return next((f for f in self.flows.values() if f.trigger and f.trigger.command == command), None)

    def by_view(self, command: str) -> RecordKind | None:
        """Return the kind of record that a command shows."""
        return next((kind for kind in self.records.kinds.values() if kind.command == command), None)

    def by_signal(self, signal: str) -> Flow | None:
        """Return the flow that a signal starts."""
        return next((f for f in self.flows.values() if f.trigger and f.trigger.signal == signal), None)


def load_library(folder: Path) -> Library:
    """Return everything under ``folder``: flows/*.yaml, phrases.yaml, records.yaml. Raises FlowInvalid."""
    files = sorted((folder / FLOWS).glob("*.yaml"))
    if not files:
        told = "there are no flows here: a folder holds flows/*.yaml and phrases.yaml"
        raise FlowInvalid([Problem(path=str(folder), line=1, column=1, message=told, code="no-flows")])
    problems: list[Problem] = []
    phrases: dict[str, Template] = {}
    try:
        phrases = _phrases(read_source(folder / PHRASES_FILE, _shown(folder / PHRASES_FILE)))
    except FlowInvalid as fault:
        problems += fault.problems
    records = NO_RECORDS
    try:
        records = records_in(folder)
    except FlowInvalid as fault:
        # Every flow that keeps something would be wrong for want of what is declared there.
        raise FlowInvalid([*problems, *fault.problems]) from None
    flows: dict[str, Flow] = {}
    try:
        flows = load_flows(files, records)
    except FlowInvalid as fault:
        problems += fault.problems
    if problems:
        raise FlowInvalid(problems)
    return Library(flows, phrases, records)


def records_in(folder: Path) -> Records:
    """Return the kinds of record that a folder declares, none without a file of them. Raises FlowInvalid."""
    path = folder / RECORDS_FILE
    return load_records(path, _shown(path)) if path.is_file() else NO_RECORDS


def load_flows(files: Iterable[Path], records: Records = NO_RECORDS) -> dict[str, Flow]:
    """Return the flows of these files, linked to those that they call. Raises FlowInvalid with every problem."""
    problems: list[Problem] = []
    compiled: dict[str, Compiled] = {}
    whole = True
    for path in files:
        one, told = _read(path, records)
        problems += told
        whole = whole and one is not None
        if one is None:
            continue
        if one.flow.id in compiled:
            told_twice = f"the flow '{one.flow.id}' is also in {compiled[one.flow.id].source.path}"
            problems.append(one.source.problem(("flow",), told_twice, "duplicate-flow"))
            problems += one.work.problems
            continue
        compiled[one.flow.id] = one
    check_links(compiled, whole=whole)
    check_view_commands(compiled, records)
    check_loops(compiled)
    for one in compiled.values():
        problems += one.work.problems
    if problems:
        raise FlowInvalid(problems)
    linked: dict[str, Flow] = {}
    for name in compiled:
        _link(name, compiled, linked)
    return {name: linked[name] for name in compiled}


def _read(path: Path, records: Records) -> tuple[Compiled | None, list[Problem]]:
    """The flow as far as it can be made out, its own problems noted in it, and those that come before."""
    try:
        one, problems = read_flow(read_source(path, _shown(path)), ACTIONS, records)
    except FlowInvalid as fault:
        return None, list(fault.problems)
    if one is not None:
        check_flow(one)
        check_privacy(one)
        check_values(one)
        check_keeping(one)
    return one, problems


def _link(name: str, compiled: Mapping[str, Compiled], linked: dict[str, Flow]) -> Flow:
    """Link a flow to those that it calls, each once however many ways lead to it; none calls itself."""
    if name in linked:
        return linked[name]
    one = compiled[name]
    calls: dict[str, Flow] = {}
    for step in one.flow.steps.values():
        if isinstance(step, Call):
            callee = _link(step.flow, compiled, linked)
            calls |= {callee.id: callee, **callee.calls}
    digest = hashlib.blake2b(json.dumps(one.source.data, sort_keys=True).encode(), digest_size=12)
    for callee in sorted(calls):
        digest.update(calls[callee].revision.encode())
    for kind in sorted(_kinds_in(one.flow)):
        digest.update(one.work.records.kinds[kind].digest.encode())
    linked[name] = replace(one.flow, calls=calls, revision=digest.hexdigest())
    return linked[name]


def _kinds_in(flow: Flow) -> set[str]:
    """The kinds of record that a flow keeps or reads."""
    kept = {step.kind for step in flow.steps.values() if isinstance(step, Keep)}
    return kept | {slot.recalls[0] for slot in flow.slots.values() if slot.recalls is not None}


def _phrases(source: Source) -> dict[str, Template]:
    found: dict[str, Template] = {}
    problems: list[Problem] = []
    if not isinstance(source.data, dict):
        raise FlowInvalid([source.problem((), "phrases are a mapping of addresses to sentences", "wrong-type")])
    for key, words in source.data.items():
        if not isinstance(words, str):
            problems.append(source.problem((key,), "text is wanted here: put it in quotes", "wrong-type"))
            continue
        try:
            found[key] = parse_template(words)
        except TemplateInvalid as fault:
            problems.append(source.problem((key,), str(fault), "bad-placeholder", offset=fault.offset))
    problems += [fault.problem for fault in source.faults]
    if problems:
        raise FlowInvalid(problems)
    return found


def _shown(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
