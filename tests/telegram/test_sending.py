"""What is sent to Telegram, and what is done about each of its errors."""

from contextlib import AsyncExitStack

import pytest
from telegram import Bot

from bot.adapters.telegram.acks import Acks
from bot.adapters.telegram.limits import DELETABLE, TEXT
from bot.adapters.telegram.platform import TelegramPlatform
from bot.conversation.message import Button, Message, Shown, Span, SpanKind
from bot.conversation.outbox import Target, TargetKind
from bot.conversation.send_faults import NotSent, RetryLater, SendFault, Uncertain, Undeliverable, Unreachable
from tests.telegram.client import client
from tests.telegram.server.api import BotApi
from tests.telegram.server.faults import Garble, Raw, Reset, Say
from tests.telegram.server.people import Person
from tests.telegram.server.refusals import bad_request, forbidden, too_many
from tests.telegram.server.rooms import Room

YES_OR_NO = (Button(label="Yes", token="v1:t:0"), Button(label="No", token="v1:t:1"))  # noqa: S106  # of a prompt


def message(text: str, *buttons: Button, silent: bool = False) -> Message:
    return Message(paragraphs=((Span(text=text),),), buttons=buttons, silent=silent)


def dm(person: Person) -> Target:
    return Target(platform="telegram", kind=TargetKind.DM, chat=str(person.id))


def in_room(room: Room) -> Target:
    return Target(platform="telegram", kind=TargetKind.ROOM, chat=str(room.id))


def aside(person: Person, room: Room) -> Target:
    return Target(platform="telegram", kind=TargetKind.ASIDE, chat=str(room.id), account=str(person.id))


def named(key: str, language: str) -> str:
    return f"<{key} {language}>"


class Moves:
    """What the platform tells of rooms that have moved."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    async def __call__(self, old: str, new: str) -> None:
        self.told.append((old, new))


@pytest.fixture
def moves() -> Moves:
    return Moves()


@pytest.fixture
def acks() -> Acks:
    return Acks()


@pytest.fixture
def platform(api: BotApi, bot: Bot, acks: Acks, moves: Moves) -> TelegramPlatform:
    async def wait(seconds: float) -> None:
        api.advance(seconds + 0.001)

    return TelegramPlatform(
        bot=bot,
        clock=api.clock,
        acks=acks,
        phrase=lambda key, language: f"<{key} {language}>",
        moved=moves,
        wait=wait,
    )


@pytest.fixture
def alex(api: BotApi) -> Person:
    return api.person("Alex", started=True)


async def test_a_message_comes_with_its_choices_and_without_a_preview(
    platform: TelegramPlatform, alex: Person
) -> None:
    await platform.send(dm(alex), message("Is <that> all right?", *YES_OR_NO), "k")
    (seen,) = alex.from_bot
    assert (seen.text, seen.buttons, seen.silent) == (
        "Is <that> all right?",
        {"Yes": "v1:t:0", "No": "v1:t:1"},
        False,
    )


async def test_what_nobody_waits_for_makes_no_sound(platform: TelegramPlatform, alex: Person) -> None:
    await platform.send(dm(alex), message("A note.", silent=True), "k")
    assert alex.from_bot[0].silent


async def test_a_long_message_comes_in_parts_with_the_choices_under_the_last_and_one_sound(
    platform: TelegramPlatform, alex: Person
) -> None:
    await platform.send(dm(alex), message("word " * 2_000, *YES_OR_NO), "k")
    first, second, last = alex.from_bot
    assert (first.buttons, second.buttons, list(last.buttons)) == ({}, {}, ["Yes", "No"])
    assert [one.silent for one in alex.from_bot] == [False, True, True]


async def test_a_resend_goes_on_after_the_parts_that_were_sent(
    api: BotApi, platform: TelegramPlatform, alex: Person
) -> None:
    long = message("a" * TEXT + "\n\n" + "b" * 10)
    await platform.send(dm(alex), message("first"), "other")
    api.faults.add("sendMessage", Say(too_many(30)), chat=alex.id)
    with pytest.raises(RetryLater):
        await platform.send(dm(alex), long, "k")
    api.advance(31)
    ref = await platform.send(dm(alex), long, "k")
    assert [one.text[0] for one in alex.from_bot] == ["f", "a", "b"]
    assert ref.count(",") == 1


async def test_a_time_is_one_for_every_reader_and_a_code_can_be_copied(
    platform: TelegramPlatform, alex: Person
) -> None:
    spans = (
        Span(text="at 20:40", kind=SpanKind.TIME, at=1_772_474_400_000),
        Span(text=" "),
        Span(text="ABCD2345", kind=SpanKind.JOIN_CODE),
    )
    await platform.send(dm(alex), Message(paragraphs=(spans,)), "k")
    kinds = {one["type"]: one for one in alex.from_bot[0].entities}
    assert kinds["date_time"]["unix_time"] == 1_772_474_400
    assert "code" in kinds
    assert "?start=ABCD2345" in alex.from_bot[0].text


async def test_whoever_is_gone_cannot_be_reached(api: BotApi, platform: TelegramPlatform, alex: Person) -> None:
    sam = api.person("Sam", started=True)
    alex.block()
    sam.deactivate()
    for gone in (alex, sam):
        with pytest.raises(Unreachable):
            await platform.send(dm(gone), message("Hello"), "k")


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (Say(forbidden("bot was kicked from the group chat")), Unreachable),
        (Say(bad_request("chat not found")), Unreachable),
        (Say(bad_request("not enough rights to send text messages to the chat")), Unreachable),
        (Say(bad_request("SOMETHING_NEW")), Undeliverable),
        (Say(too_many(7)), RetryLater),
        (Raw(502), Uncertain),
        (Reset(effect=True), Uncertain),
        (Garble(), Uncertain),
    ],
    ids=["kicked", "not found", "no rights", "unknown", "429", "502", "reset", "cut off"],
)
async def test_each_error_is_raised_by_what_is_done_about_it(
    api: BotApi, platform: TelegramPlatform, alex: Person, fault: Say | Raw | Reset | Garble, raised: type[SendFault]
) -> None:
    api.faults.add("sendMessage", fault)
    with pytest.raises(raised) as caught:
        await platform.send(dm(alex), message("Hello"), "k")
    assert caught.type is raised


async def test_where_nobody_listens_nothing_was_sent(acks: Acks, moves: Moves) -> None:
    api = BotApi()
    async with AsyncExitStack() as opened:
        async with api:
            bot = await opened.enter_async_context(client(api))
            alex = api.person("Alex", started=True)
        platform = TelegramPlatform(bot=bot, clock=api.clock, acks=acks, phrase=named, moved=moves)
        with pytest.raises(NotSent):
            await platform.send(dm(alex), message("Hello"), "k")


async def test_a_chat_that_has_to_rest_is_left_alone_and_another_is_not(
    api: BotApi, platform: TelegramPlatform, alex: Person
) -> None:
    sam = api.person("Sam", started=True)
    api.faults.add("sendMessage", Say(too_many(7)), chat=alex.id)
    with pytest.raises(RetryLater) as caught:
        await platform.send(dm(alex), message("Hello"), "a")
    assert caught.value.after == 7_000
    await platform.send(dm(sam), message("Hello"), "b")
    with pytest.raises(RetryLater):
        await platform.send(dm(alex), message("Hello"), "a")
    assert len(sam.from_bot) == 1
    assert api.faults.hammered == 0


async def test_a_group_that_has_moved_gets_it_where_it_is_now(
    api: BotApi, platform: TelegramPlatform, moves: Moves, alex: Person
) -> None:
    room = api.room("group", "Den", alex)
    hall = room.upgrade()
    await platform.send(in_room(room), message("Hello"), "k")
    assert [one.text for one in hall.from_bot] == ["Hello"]
    assert moves.told == [(str(room.id), str(hall.id))]


async def test_a_text_that_is_not_taken_as_we_set_it_comes_as_it_is(
    api: BotApi, platform: TelegramPlatform, alex: Person
) -> None:
    api.faults.add("sendMessage", Say(bad_request("can't parse entities: unsupported start tag")))
    code = (Span(text="ABCD2345 & more", kind=SpanKind.JOIN_CODE),)
    await platform.send(dm(alex), Message(paragraphs=(code,)), "k")
    assert alex.from_bot[0].text.startswith("ABCD2345 & more")
    assert "code" not in {one["type"] for one in alex.from_bot[0].entities}


async def test_used_choices_vanish_and_the_one_that_was_chosen_stays(
    platform: TelegramPlatform, alex: Person
) -> None:
    ref = await platform.send(dm(alex), message("Is that all right?", *YES_OR_NO), "k")
    await platform.retire(dm(alex), ref, "Yes")
    assert list(alex.from_bot[0].buttons) == ["✓ Yes"]
    await platform.retire(dm(alex), ref, "Yes")
    await platform.retire(dm(alex), ref, "")
    assert alex.from_bot[0].buttons == {}


async def test_to_retire_what_is_gone_or_never_was_in_a_chat_is_no_error(
    platform: TelegramPlatform, alex: Person
) -> None:
    ref = await platform.send(dm(alex), message("Is that all right?", *YES_OR_NO), "k")
    alex.delete(alex.from_bot[0])
    await platform.retire(dm(alex), ref, "Yes")
    await platform.retire(dm(alex), "", "Yes")


async def test_hide_takes_away_what_is_not_older_than_two_days(
    api: BotApi, platform: TelegramPlatform, alex: Person
) -> None:
    shown: list[Shown] = []
    for number in range(3):
        ref = await platform.send(dm(alex), message(f"Note {number}"), str(number))
        shown.append(Shown(ref=ref, at=api.clock.now()))
        api.advance(DELETABLE / 1000 / 2 - 60)
    await platform.hide(dm(alex), shown)
    assert [one.text for one in alex.from_bot] == ["Note 0"]


# Asides


@pytest.fixture
def den(api: BotApi, alex: Person) -> Room:
    return api.room("group", "Den", alex, api.person("Sam"))


async def test_what_one_person_alone_may_see_comes_over_the_room_when_they_pressed(
    platform: TelegramPlatform, acks: Acks, alex: Person, den: Room
) -> None:
    await platform.send(in_room(den), message("Pause?", *YES_OR_NO), "k")
    press = alex.press(den.from_bot[0], "Yes")
    acks.hold(str(den.id), str(alex.id), press.id)
    assert await platform.send(aside(alex, den), message("Only for you."), "a") == ""
    assert press.answer is not None
    assert (press.answer["text"], press.answer["show_alert"]) == ("Only for you.", True)
    assert alex.from_bot == []


@pytest.mark.parametrize("text", ["long " * 50, "asked"])
async def test_what_does_not_fit_there_comes_in_their_own_chat(
    platform: TelegramPlatform, acks: Acks, alex: Person, den: Room, text: str
) -> None:
    await platform.send(in_room(den), message("Pause?", *YES_OR_NO), "k")
    press = alex.press(den.from_bot[0], "Yes")
    acks.hold(str(den.id), str(alex.id), press.id)
    await platform.send(aside(alex, den), message(text, *(YES_OR_NO if text == "asked" else ())), "a")
    assert press.answer is not None
    assert [one.text for one in alex.from_bot] == [text.strip()]


async def test_a_press_that_waited_for_too_long_is_answered_in_their_own_chat(
    api: BotApi, platform: TelegramPlatform, acks: Acks, alex: Person, den: Room
) -> None:
    await platform.send(in_room(den), message("Pause?", *YES_OR_NO), "k")
    acks.hold(str(den.id), str(alex.id), alex.press(den.from_bot[0], "Yes").id)
    api.advance(60)
    await platform.send(aside(alex, den), message("Only for you."), "a")
    assert [one.text for one in alex.from_bot] == ["Only for you."]


async def test_whoever_never_opened_a_chat_is_asked_to_and_nothing_of_it_is_told(
    platform: TelegramPlatform, api: BotApi, den: Room
) -> None:
    sam = next(one for one in api.people if one.account.first_name == "Sam")
    sam.write("/help", den)
    with pytest.raises(Undeliverable):
        await platform.send(aside(sam, den), message("Something private."), "a")
    (seen,) = den.from_bot
    assert seen.text.startswith("<aside.open en>")
    assert "private" not in seen.text


async def test_a_message_that_was_sent_as_its_group_moved_can_be_retired_where_it_is(
    api: BotApi, platform: TelegramPlatform, alex: Person, moves: Moves
) -> None:
    room = api.room("group", "Den", alex)
    hall = room.upgrade()
    ref = await platform.send(in_room(room), message("Ready?", *YES_OR_NO), "k")
    assert moves.told == [(str(room.id), str(hall.id))]
    await platform.retire(in_room(hall), ref, "")
    assert hall.from_bot[-1].buttons == {}


async def test_what_stands_in_a_group_that_has_moved_is_left_and_the_move_is_told(
    api: BotApi, platform: TelegramPlatform, alex: Person, moves: Moves
) -> None:
    room = api.room("group", "Den", alex)
    ref = await platform.send(in_room(room), message("Ready?", *YES_OR_NO), "k")
    hall = room.upgrade()
    await platform.retire(in_room(room), ref, "Yes")
    await platform.hide(in_room(room), [Shown(ref=ref, at=api.clock.now())])
    assert moves.told == [(str(room.id), str(hall.id))] * 2


async def test_hiding_a_chat_leaves_every_other_alone(api: BotApi, platform: TelegramPlatform, alex: Person) -> None:
    room = api.room("group", "Den", alex)
    refs = [await platform.send(to, message("Hi."), str(n)) for n, to in enumerate((in_room(room), dm(alex)))]
    await platform.hide(dm(alex), [Shown(ref=ref, at=api.clock.now()) for ref in refs])
    assert (len(room.from_bot), alex.from_bot) == (1, [])
