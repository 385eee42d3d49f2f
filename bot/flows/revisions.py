"""Revisions: what a session is pinned to, how it is named, stored and made again.

A revision is everything that people read or that decides what happens: the flow and the flows it calls, their words
in every language, and the kinds of record that they keep. This module is the only one that says what belongs to it:
whatever else does joins ``_parts_of``.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from bot.engine.model import Call, Flow, Keep
from bot.engine.template import Template, parse_template
from bot.flows.checks import ACTIONS
from bot.flows.flow_compiler import Compiled, read_flow
from bot.flows.problems import FlowInvalid, Problem
from bot.flows.records import records_of
from bot.flows.yaml_source import Plain, Source

FORMAT = 1
"""The format of a stored revision; another one cannot be read."""

Translations = Mapping[str, Mapping[str, Template]]
"""Texts by language and address."""

_TERMS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("gate", ("gate", "yes"), ("{}.gate", "{}.yes")),
    ("grant", ("grant", "to", "ask"), ("{}.grant",)),
    ("grant_to", ("save", "grant_to", "reveal"), ("{}:reveal.reveal",)),
    ("shown_to", ("save", "shown_to", "ask"), ("{}.ask",)),
)
"""Steps that ask for a yes, by the key that says so: the keys that people say yes to, and those texts' addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A revision as it is stored: enough to make it again."""

    revision: str
    flow: str
    version: int
    body: bytes


# Naming


def linked(
    compiled: Mapping[str, Compiled], translations: Mapping[str, Translations], named: Mapping[str, str] | None = None
) -> dict[str, Flow]:
    """Return the flows, each with its translations, linked to those that it calls, and named by its revision.

    ``named`` are revisions that are known already: a stored one keeps its name, however names are made today.
    """
    linking = _Linking(compiled, translations, named or {})
    return {name: linking.flow(name) for name in compiled}


class _Linking:
    def __init__(
        self,
        compiled: Mapping[str, Compiled],
        translations: Mapping[str, Translations],
        named: Mapping[str, str],
    ) -> None:
        self._compiled = compiled
        self._translations = translations
        self._named = named
        self._found: dict[str, Flow] = {}

    def flow(self, name: str) -> Flow:
        """Return the flow, linked to those that it calls, each once however many ways lead to it."""
        if name in self._found:
            return self._found[name]
        one, texts = self._compiled[name], self._translations.get(name, {})
        calls: dict[str, Flow] = {}
        for step in one.flow.steps.values():
            if isinstance(step, Call):
                callee = self.flow(step.flow)  # none calls itself
                calls |= {callee.id: callee, **callee.calls}
        words = _canonical(_parts_of(one, texts))
        whole = hashlib.blake2b(words, digest_size=12)
        for callee in sorted(calls):
            whole.update(calls[callee].revision.encode())
        self._found[name] = replace(
            one.flow,
            calls=calls,
            translations=texts,
            revision=self._named.get(name) or whole.hexdigest(),
            written=_digest(words),
            terms=dict([*_terms(one.source.data, texts), *_kept(one.source.data, _kinds_of(one))]),
        )
        return self._found[name]


def _parts_of(one: Compiled, texts: Translations) -> dict[str, Plain]:
    """Everything that belongs to a revision of one flow, as plain data, in the order in which it was written.

    How older versions come along is left out: to declare it later makes no other flow.
    """
    data = one.source.data
    written = {key: part for key, part in data.items() if key != "migrate"} if isinstance(data, dict) else data
    said: dict[str, Plain] = {code: {key: text.source for key, text in by.items()} for code, by in texts.items()}
    return {"data": written, "texts": said, "records": _kinds_of(one)}


def _kinds_of(one: Compiled) -> dict[str, Plain]:
    """The kinds of record that a flow keeps or reads, as they were written."""
    kept = {step.kind for step in one.flow.steps.values() if isinstance(step, Keep)}
    kept |= set(one.flow.reviews)
    kept |= {slot.recalls[0] for slot in one.flow.slots.values() if slot.recalls is not None}
    source = one.work.records.source
    return {kind: source.part((kind,)) for kind in sorted(kept)} if source is not None else {}


def _canonical(parts: Plain) -> bytes:
    """The order in which things are written counts: the first role is who starts, and options are told in theirs."""
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()


def _digest(words: bytes) -> str:
    return hashlib.blake2b(words, digest_size=12).hexdigest()


def _terms(data: Plain, texts: Translations) -> Iterator[tuple[str, str]]:
    """What people agree to, by step, and what they are told beforehand, by outcome, each as a digest."""
    outcomes = data.get("outcomes") if isinstance(data, dict) else None
    for name, outcome in outcomes.items() if isinstance(outcomes, dict) else ():
        key = f"outcomes.{name}"
        yield key, _digest(_canonical([outcome, _said(texts, [f"{key}.told"])]))
    for step in _mappings(data):
        asked = [(keys, addresses) for mark, keys, addresses in _TERMS if mark in step]
        if asked and isinstance(step.get("id"), str):
            words: list[Plain] = [step.get(key) for keys, _ in asked for key in keys]
            told = [address.format(step["id"]) for _, addresses in asked for address in addresses]
            yield str(step["id"]), _digest(_canonical([*words, _said(texts, told)]))


def _kept(data: Plain, kinds: Mapping[str, Plain]) -> Iterator[tuple[str, str]]:
    """What is kept beyond the session, by step, with whose it is and for how long."""
    for step in _mappings(data):
        if "keep" in step and isinstance(step.get("id"), str):
            words = [step["keep"], step.get("fields"), step.get("until"), kinds.get(str(step["keep"]))]
            yield f"keeps.{step['id']}", _digest(_canonical(words))


def _said(texts: Translations, keys: list[str]) -> Plain:
    """The translations of some texts; a language that has none of them says them in English, as before."""
    return {
        code: [by[key].source for key in keys if key in by] for code, by in texts.items() if by.keys() & set(keys)
    }


def _mappings(data: Plain) -> Iterator[dict[str, Plain]]:
    if isinstance(data, dict):
        yield data
    for part in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _mappings(part)


# Storing


def published(flow: Flow, compiled: Mapping[str, Compiled]) -> Published:
    """Return the revision of a flow as it is stored."""
    family = {
        one.id: {"revision": one.revision, **_parts_of(compiled[one.id], one.translations)}
        for one in (flow, *flow.calls.values())
    }
    body = json.dumps({"format": FORMAT, "flows": family}, ensure_ascii=False, separators=(",", ":")).encode()
    return Published(revision=flow.revision, flow=flow.id, version=flow.version, body=body)


def restored(stored: Published) -> Flow:
    """Return the flow of a stored revision, made by the present compiler. Raises FlowInvalid when it no longer can.

    It was checked when it was the present one, and is not checked again: a rule that came later stops nobody halfway.
    """
    name = f"{stored.flow} (revision {stored.revision})"
    parts = _read(stored, name)
    problems: list[Problem] = []
    compiled: dict[str, Compiled] = {}
    for flow, part in parts.items():
        records = records_of(_source(name, part["records"]))
        one, told = read_flow(_source(name, part["data"]), ACTIONS, records)
        problems += [*told, *(one.work.problems if one is not None else [])]
        if one is not None:
            compiled[flow] = one
    if problems:
        raise FlowInvalid(problems)
    missing = _missing(stored.flow, compiled)
    if missing:
        raise FlowInvalid([_unreadable(name, f"it holds no flow '{missing}'")])
    texts = {flow: _translations(part["texts"]) for flow, part in parts.items()}
    return linked(compiled, texts, {flow: str(part["revision"]) for flow, part in parts.items()})[stored.flow]


def _source(name: str, data: Plain) -> Source:
    return Source(path=name, lines=(), data=data, keys={}, values={})


def _translations(texts: Mapping[str, Mapping[str, str]]) -> Translations:
    return {code: {key: parse_template(words) for key, words in by.items()} for code, by in texts.items()}


def _read(stored: Published, name: str) -> dict[str, Any]:
    try:
        body = json.loads(stored.body)
    except ValueError:
        raise FlowInvalid([_unreadable(name, "it is damaged")]) from None
    if not isinstance(body, dict) or cast("dict[str, Any]", body).get("format") != FORMAT:
        raise FlowInvalid([_unreadable(name, "it was stored in another format")])
    return cast("dict[str, Any]", body)["flows"]


def _missing(root: str, compiled: Mapping[str, Compiled]) -> str:
    called = [step.flow for one in compiled.values() for step in one.flow.steps.values() if isinstance(step, Call)]
    return next((flow for flow in (root, *called) if flow not in compiled), "")


def _unreadable(name: str, why: str) -> Problem:
    message = f"{why}: use the program that stored it"
    return Problem(path=name, line=1, column=1, message=message, code="lost-revision")
