"""What updates of Telegram mean."""

from typing import Any

import pytest

from bot.adapters.telegram.reading import RoomFacts, Us, moved, read, room_asked_about
from bot.adapters.telegram.updates import NotAnUpdate, read_update
from bot.conversation.envelope import (
    NOBODY,
    Actor,
    ChoicePressed,
    Command,
    Content,
    Envelope,
    MemberLeft,
    Place,
    PlaceKind,
    Reachability,
    RoomJoined,
    RoomMoved,
    TextChanged,
    TextSaid,
    Unreadable,
)

US = Us(id=99, username="room_bot")
ALEX = {"id": 7, "is_bot": False, "first_name": "Alex", "language_code": "es"}
SAM = {"id": 8, "is_bot": False, "first_name": "Sam"}
BOT = {"id": 99, "is_bot": True, "first_name": "Room"}
OTHER_BOT = {"id": 98, "is_bot": True, "first_name": "Other"}
DM = {"id": 7, "type": "private"}
GROUP = {"id": -5, "type": "group", "title": "Den"}
FORUM = {"id": -1005, "type": "supergroup", "is_forum": True}


def message(chat: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"message": {"message_id": 3, "date": 1, "chat": chat, "from": ALEX, **more}}


def envelope(raw: dict[str, Any], **facts: Any) -> Envelope | None:
    return read(read_update({"update_id": 12, **raw}), US, 1_000, RoomFacts(**facts))


def content(raw: dict[str, Any], **facts: Any) -> Content | None:
    found = envelope(raw, **facts)
    return found.content if found is not None else None


def member(status: str, chat: dict[str, Any] = DM) -> dict[str, Any]:
    old, new = ({"user": BOT, "status": one} for one in ("member", status))
    return {"my_chat_member": {"chat": chat, "from": ALEX, "date": 1, "old_chat_member": old, "new_chat_member": new}}


def test_what_somebody_writes_to_the_bot_is_theirs_and_counts_once() -> None:
    found = envelope(message(DM, text="It was loud."))
    assert found == Envelope(
        platform="telegram",
        event_id="u:12",
        actor=Actor(id="7", name="Alex", locale="es"),
        place=Place(kind=PlaceKind.DM, id="7"),
        at=1_000,
        content=TextSaid(text="It was loud.", message="3"),
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/pair", Command(name="pair")),
        ("/pair  ABCD2345", Command(name="pair", args="ABCD2345")),
        ("/Pause@Room_Bot 30 min", Command(name="pause", args="30 min")),
        ("/start ABCD2345", Command(name="start", args="ABCD2345")),
        ("/pause@another_bot", None),
        ("/ that is a line", TextSaid(text="/ that is a line", message="3")),
        ("/ünïcode", TextSaid(text="/ünïcode", message="3")),
    ],
)
def test_a_command_is_one_when_it_is_meant_for_this_bot(text: str, meant: Content | None) -> None:
    assert content(message(GROUP, text=text)) == meant


def test_a_changed_message_names_the_one_it_was() -> None:
    raw = {"edited_message": message(DM, text="It was too loud.")["message"]}
    assert content(raw) == TextChanged(text="It was too loud.", message="3")


@pytest.mark.parametrize("kind", ["photo", "voice", "video", "video_note", "sticker", "document", "location"])
def test_what_holds_no_words_is_known_as_such(kind: str) -> None:
    assert content(message(DM, **{kind: [{}] if kind == "photo" else {"file_id": "x"}})) == Unreadable()


@pytest.mark.parametrize(
    "raw",
    [
        message({"id": -9, "type": "channel"}, text="news"),
        message(GROUP, text="I am nobody", sender_chat={"id": -5, "type": "group"}),
        message(GROUP, text="beep", **{"from": OTHER_BOT}),
        message(DM, pinned_message={"message_id": 2}),
        {"edited_message": message(DM, photo=[{}])["message"]},
        {"poll": {"id": "1"}},
        {"callback_query": {"id": "q", "from": ALEX, "data": "v1:tok:0", "inline_message_id": "x"}},
        {"callback_query": {"id": "q", "from": ALEX, "data": "-", "message": message(DM)["message"]}},
        {"callback_query": {"id": "q", "from": ALEX, "data": "v1:tok:99999", "message": message(DM)["message"]}},
    ],
    ids=["channel", "anonymous", "bot", "service", "photo", "poll", "inline", "inert", "no choice"],
)
def test_what_is_nobodys_or_means_nothing_is_passed_over(raw: dict[str, Any]) -> None:
    assert content(raw) is None


def test_a_button_says_which_choice_of_which_prompt() -> None:
    old = {"message_id": 3, "date": 0, "chat": GROUP}
    raw = {"callback_query": {"id": "q", "from": ALEX, "data": "v1:tok:2", "message": old}}
    assert content(raw) == ChoicePressed(token="tok", index=2)  # noqa: S106  # of a prompt


def test_a_topic_of_a_forum_is_a_room_of_its_own() -> None:
    topic = envelope(message(FORUM, text="/pause", message_thread_id=4, is_topic_message=True))
    reply = envelope(message(FORUM, text="/pause", message_thread_id=4))
    assert topic is not None
    assert reply is not None
    assert (topic.place.id, reply.place.id) == ("-1005/4", "-1005")


def test_to_be_blocked_and_let_in_again_is_told() -> None:
    assert content(member("kicked")) == Reachability(reachable=False)
    assert content(member("member")) == Reachability(reachable=True)
    assert content(member("left", GROUP)) == Reachability(reachable=False)


@pytest.mark.parametrize("hears", [True, False, None])
def test_a_group_that_lets_the_bot_in_tells_who_is_there_and_what_it_hears(hears: bool | None) -> None:  # noqa: FBT001
    raw = member("member", GROUP)
    assert room_asked_about(read_update({"update_id": 1, **raw}), US) == -5
    found = envelope(raw, members=3, hears=hears)
    assert found is not None
    assert (found.place.name, found.place.people, found.place.hears) == ("Den", 2, hears)
    assert found.content == RoomJoined(members=(Actor(id="7", name="Alex", locale="es"),))


def test_people_who_come_and_go_are_known_and_bots_are_not() -> None:
    came = message(GROUP, new_chat_members=[SAM, OTHER_BOT])
    assert content(came) == RoomJoined(members=(Actor(id="8", name="Sam"),))
    assert content(message(GROUP, left_chat_member=SAM)) == MemberLeft(member=Actor(id="8", name="Sam"))
    assert content(message(GROUP, left_chat_member=OTHER_BOT)) is None
    assert room_asked_about(read_update({"update_id": 1, **message(GROUP, new_chat_members=[BOT])}), US) is None


def test_a_group_that_moves_names_both_places() -> None:
    raw = {"update_id": 1, **message(GROUP, migrate_to_chat_id=-1007)}
    assert moved(read_update(raw)) == RoomMoved(platform="telegram", room="-5", to="-1007")


def test_what_is_no_update_is_told_by_where_it_is_wrong_and_by_nothing_in_it() -> None:
    with pytest.raises(NotAnUpdate) as caught:
        read_update({"update_id": 1, **message({"id": "zq9001x", "type": "private"}, text="zq9002x")})
    assert "chat" in str(caught.value)
    assert "zq" not in str(caught.value)


ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group"}


def as_the_group(**more: Any) -> dict[str, Any]:
    """What an administrator does who shows themselves as the group."""
    return message(GROUP, **{"from": ANONYMOUS, "sender_chat": GROUP, **more})


def test_whoever_acts_as_the_group_is_nobody_and_who_comes_and_goes_is_known() -> None:
    came, left = as_the_group(new_chat_members=[SAM]), as_the_group(left_chat_member=SAM)
    sam = Actor(id="8", name="Sam")
    found = envelope(came, members=4)
    assert found is not None
    assert (found.actor, found.place.people, found.content) == (NOBODY, 3, RoomJoined(members=(sam,)))
    assert content(left) == MemberLeft(member=sam)


def test_a_group_that_nobody_in_particular_adds_the_bot_to_is_joined_all_the_same() -> None:
    raw = member("member", GROUP)
    raw["my_chat_member"]["from"] = ANONYMOUS
    assert content(raw) == RoomJoined(members=())
    raw["my_chat_member"]["new_chat_member"]["status"] = "kicked"
    found = envelope(raw)
    assert found is not None
    assert (found.actor, found.content) == (NOBODY, Reachability(reachable=False))


def test_a_command_as_the_group_is_nobodys_and_what_else_is_said_as_it_is_not_taken() -> None:
    found = envelope(as_the_group(text="/pause"))
    assert found is not None
    assert (found.actor, found.content) == (NOBODY, Command(name="pause", args=""))
    assert content(as_the_group(text="pause")) is None
    assert content(as_the_group(text="/pause", sender_chat={"id": -1009, "type": "channel"})) is None


@pytest.mark.parametrize("kind", ["dice", "story", "game", "paid_media", "checklist"])
def test_whatever_holds_no_words_is_answered(kind: str) -> None:
    assert content(message(DM, **{kind: {"emoji": "x"}})) == Unreadable()


def test_where_a_group_came_from_tells_that_it_has_moved_too() -> None:
    raw = {"update_id": 1, **message({"id": -1007, "type": "supergroup"}, migrate_from_chat_id=-5)}
    assert moved(read_update(raw)) == RoomMoved(platform="telegram", room="-5", to="-1007")


def test_what_names_a_chat_that_telegram_would_not_is_none_of_ours() -> None:
    assert content(message({"id": 8, "type": "private"}, text="I write in somebody else's chat.")) is None
    assert content(message({"id": 5, "type": "group"}, text="/pause")) is None


def test_half_a_sign_is_marked_and_the_rest_of_the_words_stay() -> None:
    assert content(message(DM, text="so \ud83d sad")) == TextSaid(text="so ? sad", message="3")
