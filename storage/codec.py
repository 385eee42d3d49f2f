"""Values to bytes and back. Unknown or malformed bytes are an error, never a guess."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from bot.conversation.outbox import OutboxRow
from bot.conversation.record import Record
from bot.conversation.units import Invite, Pair, Person, Room, SentPrompt, Unit
from bot.engine.session import Session

KINDS: Mapping[str, type[Unit]] = {"person": Person, "pair": Pair, "room": Room}
"""The kinds of unit by the name under which they are stored."""


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:  # adapters are built once a type
    return TypeAdapter(kind)


def kind_of(unit: Unit) -> str:
    """Return the name under which a unit is stored."""
    return next(name for name, kind in KINDS.items() if isinstance(unit, kind))


def encode_unit(unit: Unit) -> bytes:
    """Return a unit's bytes."""
    return _adapter(type(unit)).dump_json(unit)


def decode_unit(kind: str, body: bytes) -> Unit:
    """Return the unit of these bytes."""
    found: Unit = _adapter(KINDS[kind]).validate_json(body)
    return found


def encode_session(session: Session) -> bytes:
    """Return a session's bytes, without the insides of its volatile sections."""
    return _adapter(Session).dump_json(replace(session, hidden={}))


def decode_session(body: bytes) -> Session:
    """Return the session of these bytes."""
    found: Session = _adapter(Session).validate_json(body)
    return found


def encode_row(row: OutboxRow) -> bytes:
    """Return an outbox row's bytes."""
    return _adapter(OutboxRow).dump_json(row)


def decode_row(body: bytes) -> OutboxRow:
    """Return the outbox row of these bytes."""
    found: OutboxRow = _adapter(OutboxRow).validate_json(body)
    return found


def encode_prompt(prompt: SentPrompt) -> bytes:
    """Return a prompt's bytes."""
    return _adapter(SentPrompt).dump_json(prompt)


def decode_prompt(body: bytes) -> SentPrompt:
    """Return the prompt of these bytes."""
    found: SentPrompt = _adapter(SentPrompt).validate_json(body)
    return found


def encode_invite(invite: Invite) -> bytes:
    """Return an invite's bytes."""
    return _adapter(Invite).dump_json(invite)


def decode_invite(body: bytes) -> Invite:
    """Return the invite of these bytes."""
    found: Invite = _adapter(Invite).validate_json(body)
    return found


def encode_record(record: Record) -> bytes:
    """Return a record's bytes."""
    return _adapter(Record).dump_json(record)


def decode_record(body: bytes) -> Record:
    """Return the record of these bytes."""
    found: Record = _adapter(Record).validate_json(body)
    return found


def canonical(body: bytes) -> bytes:
    """Return JSON bytes in one canonical form, for comparing states byte by byte."""
    return json.dumps(json.loads(body), sort_keys=True, ensure_ascii=False).encode()
