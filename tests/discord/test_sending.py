"""What is sent to Discord, and what is done about each of its errors."""

import asyncio
from collections.abc import AsyncIterator

import discord
import pytest
from discord.http import Route

from bot.adapters.discord.answers import Answers, Handle
from bot.adapters.discord.calls import Calls
from bot.adapters.discord.limits import ANSWERABLE, CUSTOM_ID, NONCE, NONCE_KEPT, TEXT
from bot.adapters.discord.listening import quiet_client
from bot.adapters.discord.platform import DiscordPlatform
from bot.conversation.message import Button, Message, Shown, Span, SpanKind
from bot.conversation.outbox import Target, TargetKind
from bot.conversation.send_faults import NotSent, RetryLater, SendFault, Uncertain, Undeliverable, Unreachable
from tests.discord.server.faults import Fault, Garble, Raw, Reset, Say, Slow
from tests.discord.server.interactions import Interaction
from tests.discord.server.people import Person
from tests.discord.server.places import Place
from tests.discord.server.refusals import (
    Refusal,
    closed,
    missing_access,
    missing_permissions,
    no_mutual_guilds,
    too_many,
    unauthorized,
    unknown_channel,
    unknown_interaction,
    unknown_message,
    unknown_webhook,
)
from tests.discord.server.server import DiscordServer

YES_OR_NO = (Button(label="Yes", token="v1:t:0"), Button(label="No", token="v1:t:1"))  # noqa: S106  # of a prompt
MESSAGES = "/channels/{channel_id}/messages"
ONE = MESSAGES + "/{message_id}"
HOOK = "/webhooks/{webhook_id}/{webhook_token}"
KEY = "abcdefghijklmnop"


def message(text: str, *buttons: Button, silent: bool = False) -> Message:
    return Message(paragraphs=((Span(text=text),),), buttons=buttons, silent=silent)


def dm(person: Person, handle: str = "") -> Target:
    return Target(platform="discord", kind=TargetKind.DM, chat=str(person.dm.id), handle=handle)


def in_room(room: Place, handle: str = "") -> Target:
    return Target(platform="discord", kind=TargetKind.ROOM, chat=str(room.id), handle=handle)


def aside(person: Person, room: Place, handle: str = "") -> Target:
    chat, account = str(room.id), str(person.id)
    return Target(platform="discord", kind=TargetKind.ASIDE, chat=chat, account=account, handle=handle)


@pytest.fixture
def alex(server: DiscordServer) -> Person:
    alex = server.person("Alex")
    alex.account.came = True
    return alex


@pytest.fixture
def den(server: DiscordServer, alex: Person) -> Place:
    return server.guild("Home", alex, server.person("Sam")).channel("den")


@pytest.fixture
async def client(server: DiscordServer) -> AsyncIterator[discord.Client]:
    async with quiet_client() as one:
        await one.login(server.token)
        server.calls.clear()
        yield one


class Sending:
    """What sends, as one process after the other has it."""

    def __init__(self, server: DiscordServer, client: discord.Client) -> None:
        self._server = server
        self._client = client
        self.restart()

    def restart(self, patience: float = 2.0) -> None:
        """Forget what was done so far."""
        self.answers, self.calls = Answers(), Calls(patience)
        self.platform = DiscordPlatform(
            client=self._client,
            clock=self._server.clock,
            answers=self.answers,
            calls=self.calls,
            phrase=lambda key, language: f"<{key} {language}>",
            install_link="https://discord.example/install",
        )

    async def acknowledged(self, interaction: Interaction) -> str:
        """Acknowledge an interaction so that only whoever acted sees it; return the handle of it."""
        http = self._client.http
        assert self.answers.expect(interaction.id)
        route = Route(
            "POST",
            "/interactions/{webhook_id}/{webhook_token}/callback",
            webhook_id=interaction.id,
            webhook_token=interaction.token,
        )
        await http.request(route, json={"type": 5, "data": {"flags": 64}})
        self.answers.came(interaction.id, answerable=True)
        foreign = not self._server.world.bot_is_in(interaction.channel)
        return str(Handle(interaction.id, interaction.token, foreign=foreign))


@pytest.fixture
async def sending(server: DiscordServer, client: discord.Client) -> AsyncIterator[Sending]:
    one = Sending(server, client)
    yield one
    await one.calls.close()


# What a message is like


async def test_a_message_comes_with_its_choices_and_without_a_preview(sending: Sending, alex: Person) -> None:
    await sending.platform.send(dm(alex), message("Is <that> *all* right?", *YES_OR_NO), KEY)
    (seen,) = alex.from_bot
    assert seen.content == r"Is \<that\> \*all\* right?"
    assert (seen.buttons, seen.silent, seen.flags) == ({"Yes": "v1:t:0", "No": "v1:t:1"}, False, 4)


async def test_what_nobody_waits_for_makes_no_sound(sending: Sending, alex: Person) -> None:
    await sending.platform.send(dm(alex), message("A note.", silent=True), KEY)
    assert alex.from_bot[0].silent


async def test_nobody_is_called_by_what_people_write(sending: Sending, den: Place, alex: Person) -> None:
    words = Message(paragraphs=((Span(text=f"@everyone @here <@{alex.id}>", kind=SpanKind.OWN_WORDS),),))
    await sending.platform.send(in_room(den), words, KEY)
    assert den.from_bot[0].pings == ()


async def test_a_long_message_comes_in_parts_with_the_choices_under_the_last_and_one_sound(
    sending: Sending, alex: Person
) -> None:
    await sending.platform.send(dm(alex), message("word " * 1_000, *YES_OR_NO), KEY)
    first, second, last = alex.from_bot
    assert (first.buttons, second.buttons, list(last.buttons)) == ({}, {}, ["Yes", "No"])
    assert [one.silent for one in alex.from_bot] == [False, True, True]
    assert max(len(one.content) for one in alex.from_bot) <= TEXT


async def test_the_key_goes_with_it_as_its_nonce(sending: Sending, server: DiscordServer, alex: Person) -> None:
    await sending.platform.send(dm(alex), message("word " * 800), KEY)
    sent = [call.body for call in server.calls_of("POST", MESSAGES)]
    assert [(one["nonce"], one["enforce_nonce"]) for one in sent] == [(KEY, True), (f"{KEY}.1", True)]
    assert len(f"{KEY}.99") <= NONCE


async def test_a_resend_while_the_nonce_holds_shows_nothing_twice(
    sending: Sending, server: DiscordServer, alex: Person
) -> None:
    first = await sending.platform.send(dm(alex), message("word " * 800), KEY)
    sending.restart()
    server.advance(NONCE_KEPT / 1_000 - 1)
    assert await sending.platform.send(dm(alex), message("word " * 800), KEY) == first
    assert len(alex.from_bot) == 2


async def test_more_choices_than_buttons_come_as_selects(sending: Sending, alex: Person) -> None:
    many = tuple(Button(label=f"Choice {n}", token=f"v1:t:{n}") for n in range(30))  # of a prompt
    await sending.platform.send(dm(alex), message("Which?", *many), KEY)
    (seen,) = alex.from_bot
    selects = [row["components"][0] for row in seen.components]
    assert [len(one["options"]) for one in selects] == [25, 5]
    assert max(len(one["custom_id"]) for one in selects) <= CUSTOM_ID


# What went wrong


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Say(closed()), Unreachable),
        (Say(no_mutual_guilds()), Unreachable),
        (Say(missing_access()), Unreachable),
        (Say(missing_permissions()), Unreachable),
        (Say(unknown_channel()), Unreachable),
        (Say(Refusal(403, 50013, "Missing Permissions")), Unreachable),
        (Say(Refusal(400, 40003, "You are opening direct messages too fast")), RetryLater),
        (Say(Refusal(400, 50001, "Something else")), Unreachable),
        (Say(Refusal(400, 20009, "Explicit content cannot be sent")), Undeliverable),
        (Say(unauthorized()), NotSent),
        (Raw(status=521), Uncertain),
        (Garble(), Uncertain),
    ],
    ids=lambda one: (
        getattr(one, "__name__", "") or str(getattr(getattr(one, "refusal", one), "code", type(one).__name__))
    ),
)
async def test_each_error_is_raised_by_what_is_done_about_it(
    sending: Sending, server: DiscordServer, alex: Person, fault: Fault, told: type[SendFault]
) -> None:
    server.faults.add("POST", MESSAGES, fault, times=10)
    with pytest.raises(SendFault) as raised:
        await sending.platform.send(dm(alex), message("Hello"), KEY)
    assert type(raised.value) is told


async def test_a_connection_that_breaks_is_tried_again_without_showing_anything_twice(
    sending: Sending, server: DiscordServer, alex: Person
) -> None:
    server.faults.add("POST", MESSAGES, Reset())
    with pytest.raises(Uncertain):
        await sending.platform.send(dm(alex), message("Hello"), KEY)
    await sending.platform.send(dm(alex), message("Hello"), KEY)
    assert [one.content for one in alex.from_bot] == ["Hello"]


async def test_a_server_error_after_it_took_effect_shows_nothing_twice(
    sending: Sending, server: DiscordServer, alex: Person
) -> None:
    server.faults.add("POST", MESSAGES, Raw(status=502, effect=True))
    await sending.platform.send(dm(alex), message("Hello"), KEY)  # the client itself tries again
    assert [one.content for one in alex.from_bot] == ["Hello"]


async def test_an_answer_that_does_not_come_is_not_waited_for(
    sending: Sending, server: DiscordServer, alex: Person
) -> None:
    sending.restart(patience=0.05)
    slow = Slow()
    server.faults.add("POST", MESSAGES, slow, channel=alex.dm.id)
    with pytest.raises(Uncertain):
        await sending.platform.send(dm(alex), message("Hello"), KEY)
    slow.release.set()


async def test_too_many_messages_are_told_with_how_long_to_wait(
    sending: Sending, server: DiscordServer, alex: Person, den: Place
) -> None:
    server.faults.add("POST", MESSAGES, Say(too_many(45.0)), channel=alex.dm.id)
    with pytest.raises(RetryLater) as raised:
        await sending.platform.send(dm(alex), message("Hello"), KEY)
    assert raised.value.after == 45_000
    await sending.platform.send(in_room(den), message("Hello"), "other")
    assert len(den.from_bot) == 1


async def test_a_text_that_is_not_taken_goes_once_more_without_marks(
    sending: Sending, server: DiscordServer, alex: Person
) -> None:
    server.faults.add("POST", MESSAGES, Say(Refusal(400, 50035, "Invalid Form Body")))
    await sending.platform.send(dm(alex), message("Is *that* all right?"), KEY)
    assert [one.content for one in alex.from_bot] == ["Is *that* all right?"]


async def test_a_text_that_is_not_taken_at_all_is_dropped(
    sending: Sending, server: DiscordServer, alex: Person
) -> None:
    server.faults.add("POST", MESSAGES, Say(Refusal(400, 50035, "Invalid Form Body")), times=2)
    with pytest.raises(Undeliverable):
        await sending.platform.send(dm(alex), message("Hello"), KEY)


async def test_an_archived_thread_is_written_to_and_a_locked_one_is_out_of_reach(
    sending: Sending, den: Place, alex: Person
) -> None:
    thread = den.thread("ours", alex)
    thread.archive()
    await sending.platform.send(in_room(thread), message("Back."), KEY)
    assert [one.content for one in thread.from_bot] == ["Back."]
    thread.archive(locked=True)
    with pytest.raises(Unreachable):
        await sending.platform.send(in_room(thread), message("Hello?"), "other")


async def test_somebody_who_closed_their_messages_is_told_where_they_are(
    sending: Sending, alex: Person, den: Place
) -> None:
    alex.close_dms()
    act = alex.command_anywhere("pair", den)
    handle = await sending.acknowledged(act)
    with pytest.raises(Unreachable):
        await sending.platform.send(dm(alex, handle), message("A code."), KEY)
    assert [one.content for one in act.ephemeral] == ["<dm.closed en>"]


# Used choices


async def test_a_used_choice_is_shown_in_place_of_all(sending: Sending, alex: Person) -> None:
    ref = await sending.platform.send(dm(alex), message("Which?", *YES_OR_NO), KEY)
    await sending.platform.retire(dm(alex), ref, "Yes")
    (seen,) = alex.from_bot
    assert [one["label"] for row in seen.components for one in row["components"]] == ["✓ Yes"]
    assert all(one["disabled"] for row in seen.components for one in row["components"])
    assert seen.content == "Which?"


async def test_choices_go_without_a_trace_when_none_was_used(sending: Sending, alex: Person) -> None:
    ref = await sending.platform.send(dm(alex), message("Which?", *YES_OR_NO), KEY)
    await sending.platform.retire(dm(alex), ref, "")
    assert alex.from_bot[0].components == []


@pytest.mark.parametrize("refusal", [unknown_message(), unknown_channel()], ids=lambda one: str(one.code))
async def test_choices_of_a_message_that_is_gone_are_left_alone(
    sending: Sending, server: DiscordServer, alex: Person, refusal: Refusal
) -> None:
    ref = await sending.platform.send(dm(alex), message("Which?", *YES_OR_NO), KEY)
    server.faults.add("PATCH", ONE, Say(refusal))
    await sending.platform.retire(dm(alex), ref, "Yes")


async def test_choices_that_cannot_be_taken_away_now_are_taken_away_later(
    sending: Sending, server: DiscordServer, alex: Person
) -> None:
    ref = await sending.platform.send(dm(alex), message("Which?", *YES_OR_NO), KEY)
    server.faults.add("PATCH", ONE, Raw(status=521), times=9)
    with pytest.raises(Uncertain):
        await sending.platform.retire(dm(alex), ref, "Yes")


# Hiding


async def test_hiding_deletes_every_message_of_the_bot_the_newest_first(
    sending: Sending, server: DiscordServer, alex: Person
) -> None:
    refs = [await sending.platform.send(dm(alex), message("word " * 800), f"k{n}") for n in range(2)]
    alex.write("Mine stays.")
    await sending.platform.hide(dm(alex), [Shown(ref=ref, at=n) for n, ref in enumerate(refs)])
    assert (alex.from_bot, [one.content for one in alex.messages]) == ([], ["Mine stays."])
    deleted = [int(call.operation.where["message_id"]) for call in server.calls_of("DELETE", ONE)]
    assert deleted == sorted(deleted, reverse=True)


async def test_hiding_that_was_broken_off_goes_on(sending: Sending, server: DiscordServer, alex: Person) -> None:
    refs = [await sending.platform.send(dm(alex), message("Hello"), f"k{n}") for n in range(3)]
    shown = [Shown(ref=ref, at=n) for n, ref in enumerate(refs)]
    server.faults.add("DELETE", ONE, Say(unknown_message()))  # somebody else did it
    server.faults.add("DELETE", ONE, Raw(status=521), times=9)
    with pytest.raises(Uncertain):
        await sending.platform.hide(dm(alex), shown)
    server.faults.forget()
    await sending.platform.hide(dm(alex), shown)
    gone = [call.operation.where["message_id"] for call in server.calls_of("DELETE", ONE) if call.ok]
    assert len(gone) == len(set(gone)) == 2


# What one person sees


async def test_what_one_person_sees_takes_the_place_of_the_acknowledgement(
    sending: Sending, alex: Person, den: Place
) -> None:
    act = alex.command_anywhere("pause", den)
    handle = await sending.acknowledged(act)
    await sending.platform.send(aside(alex, den, handle), message("Only you see this.", *YES_OR_NO), KEY)
    await sending.platform.send(aside(alex, den, handle), message("And this."), "k2")
    assert [one.content for one in act.ephemeral] == ["Only you see this.", "And this."]
    assert den.from_bot == []


async def test_a_used_choice_of_what_one_person_sees_is_shown_by_a_later_press(
    sending: Sending, alex: Person, den: Place
) -> None:
    first = alex.command_anywhere("pause", den)
    handle = await sending.acknowledged(first)
    ref = await sending.platform.send(aside(alex, den, handle), message("Which?", *YES_OR_NO), KEY)
    await sending.platform.retire(aside(alex, den, handle), ref, "Yes")
    assert [one["label"] for row in first.ephemeral[0].components for one in row["components"]] == ["✓ Yes"]


async def test_a_resend_to_one_person_goes_on_where_it_was_seen(sending: Sending, alex: Person, den: Place) -> None:
    act = alex.command_anywhere("pause", den)
    handle = await sending.acknowledged(act)
    await sending.platform.send(aside(alex, den, handle), message("Only you see this."), KEY)
    sending.restart()
    await sending.platform.send(aside(alex, den, handle), message("Only you see this."), KEY)
    assert [one.content for one in act.ephemeral] == ["Only you see this."]


@pytest.mark.parametrize("refusal", [unknown_interaction(), unknown_webhook()], ids=lambda one: str(one.code))
async def test_what_comes_too_late_for_an_answer_comes_to_their_own_chat(
    sending: Sending, server: DiscordServer, alex: Person, den: Place, refusal: Refusal
) -> None:
    act = alex.command_anywhere("pause", den)
    handle = await sending.acknowledged(act)
    server.faults.add("PATCH", HOOK + "/messages/@original", Say(refusal))
    await sending.platform.send(aside(alex, den, handle), message("Only you see this."), KEY)
    assert [one.content for one in alex.from_bot] == ["Only you see this."]


async def test_after_a_quarter_of_an_hour_it_comes_to_their_own_chat(
    sending: Sending, server: DiscordServer, alex: Person, den: Place
) -> None:
    handle = await sending.acknowledged(alex.command_anywhere("pause", den))
    server.advance(ANSWERABLE / 1_000)
    await sending.platform.send(aside(alex, den, handle), message("Only you see this."), KEY)
    assert [one.content for one in alex.from_bot] == ["Only you see this."]


async def test_whom_nothing_reaches_does_not_make_their_room_out_of_reach(
    sending: Sending, alex: Person, den: Place
) -> None:
    alex.close_dms()
    with pytest.raises(Undeliverable) as raised:
        await sending.platform.send(aside(alex, den), message("Only you see this."), KEY)
    assert not isinstance(raised.value, Unreachable)


async def test_hiding_takes_away_what_only_they_see_too(sending: Sending, alex: Person, den: Place) -> None:
    act = alex.command_anywhere("pause", den)
    handle = await sending.acknowledged(act)
    ref = await sending.platform.send(aside(alex, den, handle), message("Only you see this."), KEY)
    await sending.platform.hide(dm(alex), [Shown(ref=ref, at=1)])
    assert act.ephemeral == []


# Chats of people, in which the bot is not


async def test_what_is_for_all_in_a_chat_of_people_is_seen_by_all(
    sending: Sending, server: DiscordServer, alex: Person
) -> None:
    alex.install()
    ours = server.chat_of(alex, server.person("Sam"))
    act = alex.command_anywhere("pause", ours)
    handle = await sending.acknowledged(act)
    await sending.platform.send(in_room(ours, handle), message("Pause is on.", *YES_OR_NO), KEY)
    await sending.platform.send(aside(alex, ours, handle), message("Only you see this."), "k2")
    assert [one.content for one in act.ephemeral] == ["Only you see this."]
    assert [(one.content, one.ephemeral) for one in ours.from_bot] == [("Pause is on.", False)]


@pytest.mark.parametrize("restarted", [False, True])
async def test_it_is_seen_by_all_after_a_restart_too(
    sending: Sending, server: DiscordServer, alex: Person, *, restarted: bool
) -> None:
    alex.install()
    ours = server.chat_of(alex, server.person("Sam"))
    act = alex.command_anywhere("pause", ours)
    handle = await sending.acknowledged(act)
    await sending.platform.send(aside(alex, ours, handle), message("Only you see this."), "k1")
    if restarted:
        sending.restart()
    await sending.platform.send(in_room(ours, handle), message("Pause is on."), KEY)
    assert [one.content for one in act.ephemeral] == ["Only you see this."]
    assert [one.content for one in ours.from_bot] == ["Pause is on."]


async def test_where_the_bot_is_not_nothing_comes_unasked(
    sending: Sending, server: DiscordServer, alex: Person
) -> None:
    alex.install()
    ours = server.chat_of(alex, server.person("Sam"))
    act = alex.command_anywhere("pause", ours)
    handle = await sending.acknowledged(act)
    server.advance(ANSWERABLE / 1_000)
    with pytest.raises(Unreachable):
        await sending.platform.send(in_room(ours, handle), message("Pause is over."), KEY)


# Limits over all calls


async def test_a_limit_over_all_calls_does_not_stop_the_bot_for_good(
    sending: Sending, server: DiscordServer, alex: Person, den: Place
) -> None:
    server.faults.add("POST", MESSAGES, Say(too_many(0.2, everywhere=True)))
    tasks = [
        asyncio.create_task(sending.platform.send(dm(alex), message("First"), "k1")),
        asyncio.create_task(sending.platform.send(in_room(den), message("Second"), "k2")),
    ]
    await server.until(lambda: any(call.status == 429 for call in server.calls))
    server.advance(0.3)
    await asyncio.gather(*tasks)
    assert (len(alex.from_bot), len(den.from_bot)) == (1, 1)
