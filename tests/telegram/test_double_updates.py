"""The double: whatever happens in its world, and whatever the description allows, the real client reads."""

import contextlib
from collections.abc import Callable
from typing import Any, Final, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Update

from tests.telegram.server.api import BotApi
from tests.telegram.server.chats import Message
from tests.telegram.server.people import PHOTO, STICKER, VOICE, Person
from tests.telegram.server.rooms import Room
from tests.telegram.server.spec import ARRAY, Json, bot_api

WORDS = st.sampled_from(["/pause", "/pause@breathing_room_bot now", "hello 😀 @sam_42", "https://t.me/x #den", "é"])
BUTTONS: Json = {"inline_keyboard": [[{"text": "Yes", "callback_data": "1"}], [{"text": "No", "callback_data": "2"}]]}


# What did not happen the client writes down as false.
DEFAULTS: Final = ("channel_chat_created", "delete_chat_photo", "group_chat_created", "supergroup_chat_created")


def given_back(update: Json) -> Json:
    """Return an update as the client read it."""
    return without_defaults(Update.de_json(update, None).to_dict())


def without_defaults(body: Any) -> Any:
    if isinstance(body, dict):
        fields = cast("Json", body)
        return {n: without_defaults(v) for n, v in fields.items() if n not in DEFAULTS or v is not False}
    if isinstance(body, list):
        return [without_defaults(item) for item in cast("list[Any]", body)]
    return body


class Walk:
    """A world in which anything may happen; what cannot happen is passed over."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self.api = BotApi()
        self.api.world.queue.allow(["message", "edited_message", "callback_query", "my_chat_member", "chat_member"])
        self.api.world.privacy = draw(st.booleans())
        self.draw = draw
        self.people = [self.api.person("Alex", username="alex_r"), self.api.person("Sam", language=None)]
        self.rooms = [
            self.api.room("group", "Den", *self.people),
            self.api.room("supergroup", "Forum", *self.people, forum=True),
            self.api.room("supergroup", "Nest", *self.people, with_bot=False),
        ]

    def person(self) -> Person:
        return self.draw(st.sampled_from(self.people))

    def room(self) -> Room:
        return self.draw(st.sampled_from(self.rooms))

    def place(self) -> Room | None:
        return self.draw(st.sampled_from([None, *self.rooms]))

    def message(self) -> Message:
        kept = [one for chat in self.api.world.chats.values() for one in chat.messages.values()]
        return self.draw(st.sampled_from(kept)) if kept else self.person().start()

    def bot_writes(self) -> None:
        chats = list(self.api.world.chats.values())
        self.api.world.add_message(
            self.draw(st.sampled_from(chats)), self.api.world.bot, {"text": "?"}, markup=BUTTONS
        )

    def happen(self) -> None:
        """Let one thing happen."""
        one: Callable[[], object] = self.draw(
            st.sampled_from(
                [
                    lambda: self.person().start(self.draw(st.sampled_from([None, "abc"]))),
                    lambda: self.person().write(self.draw(WORDS), self.place()),
                    lambda: self.person().write(self.draw(WORDS), self.place(), reply_to=self.message()),
                    lambda: self.person().write(self.draw(WORDS), self.room(), anonymous=True),
                    lambda: self.person().write(self.draw(WORDS), self.rooms[1], topic=self.rooms[1].chat.latest),
                    lambda: self.person().send(self.draw(st.sampled_from([PHOTO, VOICE, STICKER])), self.place()),
                    lambda: self.person().edit(self.message(), self.draw(WORDS)),
                    lambda: self.person().delete(self.message()),
                    lambda: self.person().press(self.message(), "Yes", retired=True),
                    lambda: self.person().block(),
                    lambda: self.person().add_bot(self.room(), self.draw(st.sampled_from([None, "abc"]))),
                    lambda: self.person().remove_bot(self.room()),
                    lambda: self.person().promote_bot(self.room(), "can_delete_messages"),
                    lambda: self.person().demote_bot(self.room()),
                    lambda: self.room().restrict_bot(self.person().account),
                    lambda: self.person().join(self.room()),
                    lambda: self.person().leave(self.room()),
                    lambda: self.person().become_admin(self.room()),
                    lambda: self.person().open_topic(self.room(), "Plans"),
                    lambda: self.rooms.append(self.room().upgrade()),
                    lambda: self.api.advance(self.draw(st.sampled_from([1, 10_000, 200_000]))),
                    self.bot_writes,
                ]
            )
        )
        with contextlib.suppress(AssertionError):
            one()


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_the_client_reads_whatever_happens_and_gives_it_back_unchanged(data: st.DataObject) -> None:
    walk = Walk(data.draw)
    for _ in range(data.draw(st.integers(1, 25))):
        walk.happen()
    for update in walk.api.world.queue.made:
        assert given_back(update.body) == update.body


# --- from the description ---

DEPTH: Final = 3
TEXT: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)


def values(kinds: list[str], depth: int) -> st.SearchStrategy[Any]:
    """Return values of one of the kinds."""
    return st.one_of([value(kind, depth) for kind in kinds])


def value(kind: str, depth: int) -> st.SearchStrategy[Any]:
    """Return values of a kind; what is optional is left out where it would go too deep."""
    if kind.startswith(ARRAY):
        return st.lists(value(kind.removeprefix(ARRAY), depth), min_size=1, max_size=2)
    match kind:
        case "Integer":
            return st.integers(1, 1 << 31)
        case "Float":
            return st.floats(0, 1)
        case "String":
            return TEXT.filter(bool)
        case "Boolean":
            return st.just(True)  # noqa: FBT003 - what is false the client leaves out
        case _:
            return st.deferred(lambda: fields_of(kind, depth - 1))


def fields_of(kind: str, depth: int) -> st.SearchStrategy[Any]:
    described: Json = bot_api().types[kind]
    if "subtypes" in described:
        return st.one_of([value(one, depth + 1) for one in described["subtypes"]])
    needed: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in described["fields"].items():
        if field.get("required"):
            fixed = field.get("values")
            needed[name] = st.sampled_from(fixed) if fixed else values(field["types"], depth)
        elif depth > 0 and name in KNOWN.get(kind, ()):
            optional[name] = values(field["types"], depth)
    return st.fixed_dictionaries(needed, optional=optional)


KNOWN: Final[dict[str, tuple[str, ...]]] = {
    "Message": (
        "message_thread_id",
        "from",
        "sender_chat",
        "is_topic_message",
        "reply_to_message",
        "edit_date",
        "text",
        "entities",
        "caption",
        "caption_entities",
        "photo",
        "voice",
        "sticker",
        "document",
        "location",
        "contact",
        "new_chat_members",
        "left_chat_member",
        "new_chat_title",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "forum_topic_created",
        "reply_markup",
        "forward_origin",
    ),
    "Chat": ("title", "username", "first_name", "last_name", "is_forum"),
    "User": ("last_name", "username", "language_code", "is_premium"),
    "CallbackQuery": ("message", "data", "inline_message_id"),
    "MessageEntity": ("url", "user", "language", "custom_emoji_id"),
}


@pytest.mark.parametrize("kind", ["message", "edited_message", "channel_post", "callback_query", "my_chat_member"])
@given(st.data())
@settings(max_examples=15, deadline=None)
def test_the_client_reads_whatever_the_description_allows(kind: str, data: st.DataObject) -> None:
    types: list[str] = bot_api().types["Update"]["fields"][kind]["types"]
    body: Json = {"update_id": data.draw(st.integers(1, 1 << 31)), kind: data.draw(values(types, DEPTH))}
    bot_api().judge("Update", body)
    assert given_back(body) == body
