"""The double: what is not as described makes a test fail."""

import json
from typing import Any

import httpx
import pytest
from telegram import Bot
from telegram.error import BadRequest, EndPointNotFound, InvalidToken, TelegramError

from tests.telegram.client import client
from tests.telegram.server.api import METHODS, BotApi
from tests.telegram.server.spec import Json, NotInSpec, Spec, bot_api
from tests.telegram.server.world import World
from tests.telegram.specs.condense import condensed

CHAT: dict[str, Any] = {"id": 1, "type": "private"}
MESSAGE: dict[str, Any] = {"message_id": 1, "date": 1, "chat": CHAT}


def wrong_bot(_world: World, _call: Json) -> Json:
    return {"id": "1", "is_bot": True, "first_name": "A", "age": 3}


def broken(_world: World, _call: Json) -> Json:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"chat_id": 1, "text": "a", "colour": "red"}, "sendMessage: unknown parameter 'colour'"),
        ({"chat_id": 1}, "sendMessage.text is missing"),
        ({"chat_id": 1, "text": "a", "message_thread_id": "x"}, "sendMessage.message_thread_id: Integer is wanted"),
        (
            {"chat_id": 1, "text": "a", "disable_notification": "perhaps"},
            "sendMessage.disable_notification: Boolean is wanted",
        ),
        ({"chat_id": 1, "text": "a", "reply_parameters": {}}, "sendMessage.reply_parameters.message_id is missing"),
        (
            {"chat_id": 1, "text": "a", "reply_markup": {"inline_keyboard": [{"text": "a"}]}},
            "sendMessage.reply_markup.inline_keyboard[0]: Array of InlineKeyboardButton is wanted",
        ),
        (
            {"chat_id": 1, "text": "a", "entities": [{"type": "loud", "offset": 0, "length": 1}]},
            "sendMessage.entities[0].type cannot be 'loud'",
        ),
    ],
)
async def test_a_call_outside_the_description_is_refused(
    api: BotApi, bot: Bot, call: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadRequest):
        await bot.do_api_request("SendMessage", call)
    assert api.forgive() == [words]


async def test_what_was_refused_so_fails_the_test() -> None:
    api = BotApi()
    async with api, client(api) as bot:
        alex = api.person("Alex", started=True)
        with pytest.raises(BadRequest):
            await bot.send_message(alex.id, "a", api_kwargs={"colour": "red"})
        with pytest.raises(AssertionError, match="unknown parameter 'colour'"):
            await api.__aexit__(None, None, None)
        api.forgive()


async def test_what_was_wrong_can_be_forgiven(api: BotApi, bot: Bot) -> None:
    with pytest.raises(BadRequest):
        await bot.do_api_request("GetChat", {})
    assert api.forgive() == ["getChat.chat_id is missing"]
    api.judge()


async def test_a_method_that_the_double_lacks_fails_the_test(api: BotApi, bot: Bot) -> None:
    with pytest.raises(BadRequest):
        await bot.send_dice(1)
    assert api.forgive() == ["the double has no sendDice yet"]


async def test_what_telegram_can_and_the_double_cannot_fails_the_test(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    with pytest.raises(BadRequest):
        await bot.send_message(alex.id, "a", message_effect_id="1")
    assert api.forgive() == ["the double does not know what message_effect_id does here"]


async def test_a_wrong_answer_fails_the_test(api: BotApi, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "getMe", wrong_bot)
    with pytest.raises(BadRequest):
        await bot.get_me()
    assert api.forgive() == ["getMe.id: Integer is wanted; getMe: unknown field 'age'"]


async def test_an_error_of_the_double_fails_the_test(api: BotApi, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "getMe", broken)
    with pytest.raises(TelegramError):
        await bot.get_me()
    assert api.forgive() == ["the double failed: ZeroDivisionError()"]


async def test_an_update_outside_the_description_is_refused_at_once(api: BotApi) -> None:
    with pytest.raises(NotInSpec, match=r"Update\.message\.date is missing"):
        api.world.queue.push("message", {"message_id": 1, "chat": CHAT})


async def test_a_method_that_is_none_is_not_found(api: BotApi, bot: Bot) -> None:
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("sendKiss", {"chat_id": 1})
    async with httpx.AsyncClient() as plain:
        for path, status in [
            (f"{api.base_url}{api.token}/sendKiss", 404),
            (f"{api.base_url}{api.token}/getme", 200),
            (f"{api.base_url}{api.token}", 404),
            (f"{api.base_url}nonsense/getMe", 404),
            (f"{api.base_url}1:abc/getMe", 401),
        ]:
            answer = await plain.get(path)
            assert answer.status_code == status
            assert answer.json()["ok"] is (status == 200)
            assert answer.json().get("error_code", 200) == status


async def test_a_wrong_token_is_told_to_the_client(api: BotApi) -> None:
    stranger = client(api, token=f"{api.token}x")
    async with stranger.request:  # the client as a whole would not open
        with pytest.raises(InvalidToken, match="Unauthorized"):
            await stranger.get_me()


@pytest.mark.parametrize("form", ["query", "form", "json", "multipart", "files"])
async def test_parameters_come_in_every_form_that_telegram_takes(api: BotApi, form: str) -> None:
    alex = api.person("Alex", started=True)
    markup = {"inline_keyboard": [[{"text": "é", "callback_data": "1"}]]}
    texts = {
        "chat_id": str(alex.id),
        "text": "é & 1",
        "disable_notification": "true",
        "reply_markup": json.dumps(markup),
    }
    url = f"{api.base_url}{api.token}/sendMessage"
    async with httpx.AsyncClient() as plain:
        match form:
            case "query":
                answer = await plain.get(url, params=texts)
            case "form":
                answer = await plain.post(url, data=texts)
            case "json":
                given = {"chat_id": alex.id, "text": "é & 1", "disable_notification": True, "reply_markup": markup}
                answer = await plain.post(url, json=given)
            case "multipart":
                answer = await plain.post(url, files={name: (None, value) for name, value in texts.items()})
            case _:
                answer = await plain.post(url, data=texts, files={"photo": ("a.jpg", b"\xff")})
    if form == "files":
        assert api.forgive() == ["sendMessage: unknown parameter 'photo'"]
        return
    assert answer.json()["ok"]
    assert api.calls[-1].params == {
        "chat_id": alex.id,
        "text": "é & 1",
        "disable_notification": True,
        "reply_markup": markup,
    }


async def test_a_body_that_cannot_be_read_is_refused(api: BotApi) -> None:
    url = f"{api.base_url}{api.token}/getMe"
    async with httpx.AsyncClient() as plain:
        for kind in ("application/json", "text/plain"):
            answer = await plain.post(url, content=b"[1", headers={"Content-Type": kind})
            assert answer.status_code == 400


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("Message", MESSAGE | {"text": 5}, "Message.text: String is wanted"),
        ("Message", MESSAGE | {"chat": CHAT | {"type": "room"}}, "Message.chat.type cannot be 'room'"),
        ("Message", {}, "Message.message_id is missing; Message.date is missing; Message.chat is missing"),
        ("Array of Message", [MESSAGE, 1], "Array of Message[1]: Message is wanted"),
        ("ChatMember", {"status": "guest", "user": {"id": 1}}, "cannot be 'guest'"),
        ("Boolean", 1, "Boolean: Boolean is wanted"),
        ("Integer", True, "Integer: Integer is wanted"),
        ("Float", "1", "Float: Float is wanted"),
    ],
)
def test_the_judge_names_what_is_wrong(kind: str, value: object, words: str) -> None:
    with pytest.raises(NotInSpec) as refused:
        bot_api().judge(kind, value)
    assert words in str(refused.value)


def test_the_judge_passes_what_is_right() -> None:
    bot_api().judge("Message", MESSAGE)
    bot_api().judge("MaybeInaccessibleMessage", MESSAGE)
    bot_api().judge("InaccessibleMessage", MESSAGE | {"date": 0})
    with pytest.raises(NotInSpec, match=r"InaccessibleMessage\.date cannot be 1"):
        bot_api().judge("InaccessibleMessage", MESSAGE)
    bot_api().judge("Float", 1)


def test_every_method_of_the_double_is_described() -> None:
    for name in METHODS:
        assert bot_api().method(name) == name


def test_the_table_is_condensed_from_a_description_with_words() -> None:
    def described(name: str, kind: str, words: str, *, required: bool = False) -> Json:
        return {"name": name, "types": [kind], "required": required, "description": words}

    loud = described("loud", "Boolean", "Loud?", required=True)
    fields = [
        described("type", "String", 'Type, always "yes"', required=True),
        described("status", "String", 'can be "a" (b) or "c"'),
        described("date", "Integer", "Always 0. So it is."),
    ]
    description: Json = {
        "version": "Bot API 0",
        "methods": {"say": {"returns": ["Word"], "description": ["Says."], "fields": [loud]}},
        "types": {"Word": {"subtypes": ["Yes"]}, "Yes": {"fields": fields}},
    }
    spec = Spec(json.loads(condensed(description)))
    assert spec.read_call("say", {"loud": "true"}) == {"loud": True}
    spec.judge_answer("say", {"type": "yes", "status": "c"})
    with pytest.raises(
        NotInSpec, match=r"say\.type cannot be 'no'; say\.status cannot be 'b'; say\.date cannot be 1"
    ):
        spec.judge_answer("say", {"type": "no", "status": "b", "date": 1})


def test_the_table_says_which_version_it_is() -> None:
    assert bot_api().version == "Bot API 10.1"
