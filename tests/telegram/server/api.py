"""The double of Telegram's Bot API: a server on 127.0.0.1 and the world behind it."""

import asyncio
import contextlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any, Final, Self, assert_never
from urllib.parse import unquote, urlsplit

from bot.adapters.clocks import VirtualClock
from bot.conversation.ports import Clock
from tests.doubles.bell import Bell
from tests.telegram.server import asking, editing, profile, sending
from tests.telegram.server.accounts import Account, Standing
from tests.telegram.server.bodies import read_parameters
from tests.telegram.server.faults import Fault, Faults, Garble, Raw, Reset, Say, Slow, Withhold
from tests.telegram.server.fetching import Fetching
from tests.telegram.server.flood import Flood
from tests.telegram.server.people import Person
from tests.telegram.server.refusals import Refusal, not_found, unauthorized
from tests.telegram.server.rooms import CREATOR, MEMBER, Room
from tests.telegram.server.spec import Json, NotInSpec, bot_api, out_of_spec
from tests.telegram.server.wire import HOST, Lost, Reply, Request, Wire
from tests.telegram.server.world import World, impossible

TOKEN: Final = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"  # noqa: S105 - made up
EVENING: Final = 1_772_474_400_000  # Monday 2 March 2026, 18:00 UTC
PATH: Final = re.compile(r"/bot([0-9]+:[A-Za-z0-9_-]+)/([A-Za-z]+)")
SENDING: Final = frozenset({"sendMessage", "sendDocument"})
PATIENCE_SECONDS: Final = 5.0

Method = Callable[[World, Json], object]
METHODS: Final[dict[str, Method]] = {
    "getMe": asking.get_me,
    "getChat": asking.get_chat,
    "getChatMember": asking.get_chat_member,
    "getChatAdministrators": asking.get_chat_administrators,
    "getChatMemberCount": asking.get_chat_member_count,
    "leaveChat": asking.leave_chat,
    "sendMessage": sending.send_message,
    "sendDocument": sending.send_document,
    "sendChatAction": sending.send_chat_action,
    "editMessageText": editing.edit_message_text,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "answerCallbackQuery": editing.answer_callback_query,
    "setMyCommands": profile.set_my_commands,
    "getMyCommands": profile.get_my_commands,
    "deleteMyCommands": profile.delete_my_commands,
    "setChatMenuButton": profile.set_chat_menu_button,
    "getChatMenuButton": profile.get_chat_menu_button,
    "setMyName": partial(profile.set_text, kind="name"),
    "getMyName": partial(profile.get_text, kind="name"),
    "setMyDescription": partial(profile.set_text, kind="description"),
    "getMyDescription": partial(profile.get_text, kind="description"),
    "setMyShortDescription": partial(profile.set_text, kind="short_description"),
    "getMyShortDescription": partial(profile.get_text, kind="short_description"),
}


@dataclass(eq=False, slots=True)
class Call:
    """A call that was right in form, and what was answered."""

    method: str
    params: Json
    at: int
    headers: dict[str, str] = field(default_factory=dict[str, str])
    answer: Json | None = None

    @property
    def ok(self) -> bool:
        """Whether it took effect."""
        return bool(self.answer and self.answer["ok"])


class BotApi:
    """The server, and the world as a test sees it.

    What a client does outside the API's description makes the test fail: at the end, or at once with `judge()`.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        token: str = TOKEN,
        name: str = "Breathing Room",
        username: str = "breathing_room_bot",
        floods: bool = False,
    ) -> None:
        self.clock = clock or VirtualClock(EVENING)
        self.token = token
        self.spec = bot_api()
        self.bell = Bell()
        me = Account(int(token.partition(":")[0]), name, username, is_bot=True)
        self.world = World(self.spec, self.clock, self.bell, me)
        self.fetching = Fetching(self.world)
        self.faults = Faults(self.clock)
        self.calls: list[Call] = []
        self.people: list[Person] = []
        self.wrongs: list[str] = []
        self._flood = Flood(self.clock) if floods else None
        self._wire = Wire(self.handle)
        self._posting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._wire.open()
        self._posting = asyncio.ensure_future(self.fetching.keep_posting())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._posting is not None:
            self._posting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._posting
        await self._wire.close()
        if error is None:
            self.judge()

    # --- for tests ---

    @property
    def base_url(self) -> str:
        """What a client puts before the token."""
        return f"http://{HOST}:{self._wire.port}/bot"

    def judge(self) -> None:
        """Raise AssertionError if a client or the double itself left the API's description."""
        if self.wrongs:
            raise AssertionError("\n".join(self.wrongs))

    def forgive(self) -> list[str]:
        """Return what was wrong so far and forget it."""
        found, self.wrongs = self.wrongs, []
        return found

    def calls_of(self, *methods: str) -> list[Call]:
        """Return the calls of these methods in order."""
        return [one for one in self.calls if one.method in methods]

    def advance(self, seconds: float) -> None:
        """Move the clock, and wake what waits for it. After moving the clock yourself: advance(0)."""
        if not isinstance(self.clock, VirtualClock):
            impossible("a clock that goes by itself cannot be moved")
        self.clock.set(self.clock.now() + int(1000 * seconds))
        self.bell.ring()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds, such as `lambda: len(alex.from_bot) == 1`; it is asked whenever one happens."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.bell.until(holds)

    async def until_taken(self) -> None:
        """Wait until every update is confirmed, or taken by the webhook."""
        await self.until(lambda: not self.world.queue.pending)

    def person(self, first_name: str, *, language: str | None = "en", started: bool = False, **more: Any) -> Person:
        """Return somebody new; `started`: they pressed Start some time ago."""
        account = Account(self.world.next_account_id(), first_name, language_code=language, **more)
        self.world.add_account(account)
        if started:
            account.started = account.seen = True
            self.world.private_chat(account)
        self.people.append(Person(self.world, account))
        return self.people[-1]

    def other_bot(self, first_name: str, username: str) -> Person:
        """Return another bot, which can write in rooms."""
        return self.person(first_name, language=None, username=username, is_bot=True)

    def room(
        self,
        kind: str,
        title: str,
        *people: Person,
        with_bot: bool = True,
        forum: bool = False,
        username: str | None = None,
    ) -> Room:
        """Return a group, supergroup or channel; the first of the people made it."""
        chat = self.world.add_chat(kind, title, is_forum=forum, username=username)
        for person in people:
            chat.standings[person.id] = CREATOR if person is people[0] else MEMBER
        if with_bot:
            posts = Standing("administrator", frozenset({"can_post_messages"}))
            chat.standings[self.world.bot.id] = posts if kind == "channel" else MEMBER
        return Room(self.world, chat)

    # --- the server ---

    async def handle(self, request: Request) -> Reply | Lost:
        """Answer a request, however it came."""
        try:
            return await self._answer(request)
        except Refusal as refusal:
            return refused(refusal)
        except NotInSpec as error:
            self.wrongs.append(str(error))
            return refused(Refusal(400, f"Bad Request: {error}"))
        except Exception as error:  # noqa: BLE001 - a fault of the double is a failed test, not an answer
            self.wrongs.append(f"the double failed: {error!r}")
            return refused(Refusal(500, "Internal Server Error"))
        finally:
            self.bell.ring()

    async def _answer(self, request: Request) -> Reply | Lost:
        address = urlsplit(request.target)
        found = PATH.fullmatch(unquote(address.path))
        if found is not None and found[1] != self.token:
            raise unauthorized()
        method = self.spec.method(found[2]) if found else None
        if method is None or request.verb not in {"GET", "POST"}:
            raise not_found()
        given = read_parameters(address.query, request.headers.get("content-type", ""), request.body)
        call = Call(method, self.spec.read_call(method, given), self.clock.now(), request.headers)
        self.calls.append(call)
        return await self._carry_out(call)

    async def _carry_out(self, call: Call) -> Reply | Lost:
        fault = self.faults.next_for(call.method, call.params)
        if isinstance(fault, Say):
            reply = refused(fault.refusal)
        elif fault is not None and not fault.effect:
            reply = answered(True)  # noqa: FBT003 - nobody will see it
        else:
            reply = await self._take_effect(call)
        call.answer = json.loads(reply.body)
        self.bell.ring()
        return await spoilt(reply, fault)

    async def _take_effect(self, call: Call) -> Reply:
        try:
            if self._flood is not None and call.method in SENDING:
                self._flood.count(call.params["chat_id"], private=call.params["chat_id"] > 0)
            result = await self._result(call)
        except Refusal as refusal:
            return refused(refusal)
        self.spec.judge_answer(call.method, result)
        return answered(result)

    async def _result(self, call: Call) -> object:
        match call.method:
            case "getUpdates":
                return await self.fetching.get_updates(call.params)
            case "setWebhook":
                return self.fetching.set_webhook(call.params)
            case "deleteWebhook":
                return self.fetching.delete_webhook(call.params)
            case "getWebhookInfo":
                return self.fetching.get_webhook_info(call.params)
            case name if name in METHODS:
                return METHODS[name](self.world, call.params)
            case name:
                return out_of_spec(f"the double has no {name} yet")


def answered(result: object) -> Reply:
    """Return an answer."""
    return Reply(200, json.dumps({"ok": True, "result": result}).encode())


def refused(refusal: Refusal) -> Reply:
    """Return an error."""
    body: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return Reply(refusal.code, json.dumps(body).encode())


async def spoilt(reply: Reply, fault: Fault | None) -> Reply | Lost:
    """Return what comes of an answer when something goes wrong on its way."""
    match fault:
        case None | Say():
            return reply
        case Raw(status, body):
            return Reply(status, body, "text/html")
        case Withhold():
            return Lost.WITHHELD
        case Reset():
            return Lost.RESET
        case Garble():
            return Reply(reply.status, reply.body[: len(reply.body) // 2])
        case Slow(release):
            await release.wait()
            return reply
        case _:
            assert_never(fault)
