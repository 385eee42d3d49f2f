"""What is stored comes back as it was, whatever it holds; and what is damaged is an error, never a guess."""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.conversation.outbox import OutboxRow
from bot.conversation.record import Record
from bot.conversation.units import Invite, Pair, Person, Room, SentPrompt, Unit
from bot.engine.effects import Argument, Text
from bot.engine.session import Session, Value, key_parts, value_key
from storage import codec
from storage.codec import Sheet

SMALL = 2
"""How many items a collection has at most: it is kinds that could get mixed up, not amounts."""


ADDRESSES = st.builds(
    value_key,
    st.integers(0, 3),
    st.sampled_from(["card", "hard"]),
    st.sampled_from(["", "ada", "ben"]),
    st.text(max_size=3),
)
"""Addresses of values, which name their owner."""


@cache
def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Return values of any type that is stored: dataclasses, unions, collections of them, and plain values."""
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: st.text(max_size=6),
        int: st.integers(),
        bool: st.booleans(),
        type(None): st.none(),
        date: st.dates(),
    }
    if kind in plain:
        return plain[kind]
    parts = get_args(kind)
    match get_origin(kind):
        case origin if origin in {Union, UnionType}:
            return st.one_of([values_of(part) for part in parts])
        case origin if origin is tuple:
            return st.lists(values_of(parts[0]), max_size=SMALL).map(tuple)
        case origin if origin in {Mapping, dict}:
            return st.dictionaries(values_of(parts[0]), values_of(parts[1]), max_size=SMALL)
        case _ if issubclass(kind, Enum):
            return st.sampled_from(list(kind))
        case _:
            return st.deferred(lambda: _built(kind))


@cache
def _built(kind: Any) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    if kind is Session:
        plain = {name: values_of(hint) for name, hint in hints.items() if name != "values"}
        return st.builds(Session, **plain, values=st.dictionaries(ADDRESSES, values_of(Value), max_size=SMALL))
    return st.builds(kind, **{field.name: values_of(hints[field.name]) for field in dataclasses.fields(kind)})


Stored = tuple[type[Any], Callable[[Any], Sheet], Callable[[Sheet], Any]]


def _unit(kind: type[Unit]) -> Stored:
    name = next(name for name, known in codec.KINDS.items() if known is kind)
    return kind, codec.encode_unit, lambda sheet: codec.decode_unit(name, sheet)


STORED: tuple[Stored, ...] = (
    _unit(Person),
    _unit(Pair),
    _unit(Room),
    (Session, codec.encode_session, codec.decode_session),
    (OutboxRow, codec.encode_row, codec.decode_row),
    (SentPrompt, codec.encode_prompt, codec.decode_prompt),
    (Invite, codec.encode_invite, codec.decode_invite),
    (Record, codec.encode_record, codec.decode_record),
)
IDS = [kind.__name__ for kind, _, _ in STORED]

FEW = settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)


@pytest.mark.parametrize(("kind", "encode", "decode"), STORED, ids=IDS)
def test_every_stored_value_comes_back_as_it_was(
    kind: type[Any], encode: Callable[[Any], bytes], decode: Callable[[bytes], Any]
):
    @FEW
    @given(value=values_of(kind))
    def holds(value: Any) -> None:
        kept = dataclasses.replace(value, hidden={}) if isinstance(value, Session) else value
        assert decode(encode(value)) == kept
        assert encode(decode(encode(value))) == encode(value)

    holds()


@FEW
@given(argument=values_of(Argument))
def test_every_kind_of_argument_comes_back_as_its_own_kind(argument: Argument):
    row = dataclasses.replace(ROW, paragraphs=(Text(flow="f", key="k", args={"a": argument}),))

    found = codec.decode_row(codec.encode_row(row)).paragraphs[0].args["a"]

    assert found == argument
    assert type(found) is type(argument)


@FEW
@given(session=values_of(Session))
def test_the_insides_of_a_volatile_section_are_never_written(session: Session):
    assert b'"hidden":{}' in codec.encode_session(session).body


@pytest.mark.parametrize(("kind", "encode", "decode"), STORED, ids=IDS)
@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[]", b'{"id": 5}', b"\xff\xfe"])
def test_damaged_bytes_are_an_error(
    kind: type[Any], encode: Callable[[Any], Sheet], decode: Callable[[Sheet], Any], body: bytes
):
    del kind, encode
    with pytest.raises(ValidationError):
        decode(Sheet(body))


ROW = codec.decode_row(
    Sheet(
        b'{"id":"r","kind":"message","cls":"reply","unit":"u","session":"","recipient":"p",'
        b'"target":{"platform":"terminal","kind":"dm","chat":"c"}}'
    )
)


@FEW
@given(session=values_of(Session), record=values_of(Record))
def test_words_stand_in_no_body_but_beside_it_with_their_author(session: Session, record: Record):
    """One of two people's key is gone: what the other wrote is there, as it was, and none of theirs is."""
    words = {key: value for key, value in session.values.items() if key_parts(key)[2]}
    sheet = codec.encode_session(session)
    assert set(sheet.words) >= {key_parts(key)[2] for key in words}
    left = codec.decode_session(Sheet(sheet.body, {name: it for name, it in sheet.words.items() if name != "ada"}))
    assert left.values == {key: value for key, value in session.values.items() if key_parts(key)[2] != "ada"}
    bare = codec.decode_record(Sheet(codec.encode_record(record).body))
    assert bare.values == {
        name: tuple(one for one in values if not one.author) for name, values in record.values.items()
    }
