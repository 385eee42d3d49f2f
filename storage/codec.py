"""Values to bytes and back. Unknown or malformed bytes are an error, never a guess.

A sheet keeps what people wrote apart from the rest, by author, so that each can be sealed under a key of their own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from bot.conversation.outbox import OutboxRow
from bot.conversation.record import Record
from bot.conversation.units import Invite, Pair, Person, Room, SentPrompt, Unit
from bot.engine.effects import KeptValue
from bot.engine.session import Frame, Lane, Session, Value, Words, key_parts

KINDS: Mapping[str, type[Unit]] = {"person": Person, "pair": Pair, "room": Room}
"""The kinds of unit by the name under which they are stored."""

_AUTHORED = TypeAdapter(dict[str, Words])


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is stored of something: its body, and beside it everybody's words, by author."""

    body: bytes
    words: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:  # adapters are built once a type
    return TypeAdapter(kind)


def kind_of(unit: Unit) -> str:
    """Return the name under which a unit is stored."""
    return next(name for name, kind in KINDS.items() if isinstance(unit, kind))


def encode_unit(unit: Unit) -> Sheet:
    """Return a unit's bytes."""
    return Sheet(_adapter(type(unit)).dump_json(unit))


def decode_unit(kind: str, sheet: Sheet) -> Unit:
    """Return the unit of these bytes."""
    found: Unit = _adapter(KINDS[kind]).validate_json(sheet.body)
    return found


PASSING = "/"
"""What stands in the name of a key between the author and the session whose words pass with it."""


def passing_keys(session: Session) -> list[str]:
    """Return the names of the keys of those who have nothing kept beyond the session."""
    return [_key_of(session, name) for name, member in session.members.items() if member.session_only]


def _key_of(session: Session, author: str) -> str:
    member = session.members.get(author)
    passes = member is not None and member.session_only
    return f"{author}{PASSING}{session.id}" if passes else author


def encode_session(session: Session) -> Sheet:
    """Return a session's bytes, without the insides of its volatile sections.

    Words of somebody who has nothing kept beyond the session are under a key that goes with it. So is, for each, what
    seals their grants: with it, whoever holds a grant could find out by trying what was granted.
    """
    words: dict[str, dict[str, Words]] = {
        name: {f"{_SEAL}{name}": member.seal} for name, member in session.members.items() if member.seal
    }
    members = {name: replace(member, seal="") for name, member in session.members.items()}
    values: dict[str, Value] = {}
    for key, value in session.values.items():
        author = _owner(key)
        if author:
            words.setdefault(author, {})[key] = value.data
        values[key] = Value(data="", rev=value.rev) if author else value
    frames = session.frames
    if any(lane.held for frame in frames for lane in frame.lanes.values()):
        frames = tuple(_without_held(frame, words) for frame in frames)
    words = {_key_of(session, author): written for author, written in words.items()}
    return _sheet(replace(session, hidden={}, values=values, frames=frames, members=members), words)


def decode_session(sheet: Sheet) -> Session:
    """Return the session of these bytes. Words whose author's are not there any more are left out."""
    found: Session = _adapter(Session).validate_json(sheet.body)
    words = _words(sheet)
    values = {
        key: Value(data=words[key], rev=value.rev) if _owner(key) else value
        for key, value in found.values.items()
        if key in words or not _owner(key)
    }
    held = any(key.startswith(_HELD) for key in words)
    frames = tuple(_with_held(frame, words) for frame in found.frames) if held else found.frames
    members = {
        name: replace(member, seal=seal) if isinstance(seal := words.get(f"{_SEAL}{name}"), str) else member
        for name, member in found.members.items()
    }
    return replace(found, values=values, frames=frames, members=members)


_SEAL = "seal:"
"""What begins the name of what seals somebody's grants."""

_HELD = "held:"
"""What begins the name of words typed during a pause; an address of a value begins with a number."""


def _held_at(frame: Frame, lane: Lane) -> str:
    return f"{_HELD}{frame.no}:{lane.key}"


def _without_held(frame: Frame, words: dict[str, dict[str, Words]]) -> Frame:
    lanes: dict[str, Lane] = {}
    for name, lane in frame.lanes.items():
        lanes[name] = lane
        if lane.held and lane.person:
            words.setdefault(lane.person, {})[_held_at(frame, lane)] = lane.held
            lanes[name] = replace(lane, held=None)
    return replace(frame, lanes=lanes)


def _with_held(frame: Frame, words: Mapping[str, Words]) -> Frame:
    lanes: dict[str, Lane] = {}
    for name, lane in frame.lanes.items():
        held = words.get(_held_at(frame, lane))
        lanes[name] = replace(lane, held=held) if isinstance(held, str) else lane
    return replace(frame, lanes=lanes)


def _owner(key: str) -> str:
    return key_parts(key)[2]


def encode_row(row: OutboxRow) -> Sheet:
    """Return an outbox row's bytes: it refers to what people wrote, and holds none of it."""
    return Sheet(_adapter(OutboxRow).dump_json(row))


def decode_row(sheet: Sheet) -> OutboxRow:
    """Return the outbox row of these bytes."""
    found: OutboxRow = _adapter(OutboxRow).validate_json(sheet.body)
    return found


def encode_prompt(prompt: SentPrompt) -> Sheet:
    """Return a prompt's bytes."""
    return Sheet(_adapter(SentPrompt).dump_json(prompt))


def decode_prompt(sheet: Sheet) -> SentPrompt:
    """Return the prompt of these bytes."""
    found: SentPrompt = _adapter(SentPrompt).validate_json(sheet.body)
    return found


def encode_invite(invite: Invite) -> Sheet:
    """Return an invite's bytes."""
    return Sheet(_adapter(Invite).dump_json(invite))


def decode_invite(sheet: Sheet) -> Invite:
    """Return the invite of these bytes."""
    found: Invite = _adapter(Invite).validate_json(sheet.body)
    return found


def encode_record(record: Record) -> Sheet:
    """Return a record's bytes."""
    words: dict[str, dict[str, Words]] = {}
    values: dict[str, tuple[KeptValue, ...]] = {}
    for name, kept in record.values.items():
        for n, value in enumerate(kept):
            if value.author:
                words.setdefault(value.author, {})[_nth(name, n)] = value.data
        values[name] = tuple(replace(value, data="") if value.author else value for value in kept)
    return _sheet(replace(record, values=values), words)


def decode_record(sheet: Sheet) -> Record:
    """Return the record of these bytes. Words whose author's are not there any more are left out."""
    found: Record = _adapter(Record).validate_json(sheet.body)
    words = _words(sheet)
    values = {
        name: tuple(
            replace(value, data=words[_nth(name, n)]) if value.author else value
            for n, value in enumerate(kept)
            if not value.author or _nth(name, n) in words
        )
        for name, kept in found.values.items()
    }
    return replace(found, values=values)


def _nth(name: str, n: int) -> str:
    return f"{n}:{name}"


def _sheet(stripped: Session | Record, words: Mapping[str, dict[str, Words]]) -> Sheet:
    body = _adapter(type(stripped)).dump_json(stripped)
    return Sheet(body, {author: _AUTHORED.dump_json(written) for author, written in words.items()})


def _words(sheet: Sheet) -> dict[str, Words]:
    return {key: data for written in sheet.words.values() for key, data in _AUTHORED.validate_json(written).items()}


def from_plain(kind: type[Any], body: bytes) -> Any:
    """Return what an older version stored as one body, people's words in it."""
    return _adapter(kind).validate_json(body)


def canonical(body: bytes) -> bytes:
    """Return JSON bytes in one canonical form, for comparing states byte by byte."""
    return json.dumps(json.loads(body), sort_keys=True, ensure_ascii=False).encode()
