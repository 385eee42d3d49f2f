"""The double of Discord: a server on 127.0.0.1 and the world behind it."""

import asyncio
import json
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self, cast

from aiohttp import web

from bot.adapters.clocks import VirtualClock
from bot.conversation.ports import Clock
from tests.discord.server.accounts import Account
from tests.discord.server.calls import CALLS
from tests.discord.server.channels import Channel, Guild
from tests.discord.server.faults import Fault, Faults, Garble, Raw, Reset, Say, Slow, Withhold
from tests.discord.server.gateway import Gateway
from tests.discord.server.ids import Ids
from tests.discord.server.limits import Limits
from tests.discord.server.people import Person
from tests.discord.server.places import Place, Server
from tests.discord.server.refusals import Refusal, not_found, unauthorized
from tests.discord.server.spec import Json, NotInSpec, Operation, discord_api, out_of_spec
from tests.discord.server.world import World, group_of, impossible
from tests.doubles.bell import Bell

TOKEN: Final = "MTAwMDAwMDAwMDAwMDAwMDAw.GaBcDe.fghijklmnopqrstuvwxyz0123456789ABCD"  # noqa: S105  # made up
EVENING: Final = 1_772_474_400_000  # Monday 2 March 2026, 18:00 UTC
HOST: Final = "127.0.0.1"
PREFIX: Final = "/api/v10"
PATIENCE_SECONDS: Final = 5.0
OPEN_TO_ALL: Final = frozenset({"/interactions/{interaction_id}/{interaction_token}/callback"})


@dataclass(eq=False, slots=True)
class Call:
    """A call that was right in form, and what was answered."""

    operation: Operation
    query: Json
    body: Json
    at: int
    headers: dict[str, str] = field(default_factory=dict[str, str])
    status: int = 0
    answer: Any = None

    @property
    def ok(self) -> bool:
        """Whether it took effect."""
        return 200 <= self.status < 300


class DiscordServer:
    """The server, and the world as a test sees it.

    What a client does outside of the API's description makes the test fail: at the end, or at once with `judge()`.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        token: str = TOKEN,
        name: str = "Breathing Room",
        intents_allowed: int = 0,
        rate_limits: bool = False,
        pace: int = 1,
    ) -> None:
        """Make it. ``pace``: how many times as fast its clock goes as the time by which it keeps its rules."""
        self.clock = clock or VirtualClock(EVENING)
        self.token = token
        self.spec = discord_api()
        self.bell = Bell()
        ids = Ids(self.clock)
        me = Account(ids.next(), name, is_bot=True)
        self.world = World(self.clock, self.bell, ids, me, pace)
        self.gateway = Gateway(self.bell, me, token, self._guilds, intents_allowed, lambda: self.gateway_url)
        self.world.gateway = self.gateway
        self.faults = Faults(self.clock)
        self.calls: list[Call] = []
        self.wrongs: list[str] = []
        self._limits = Limits(self.clock, kept=rate_limits)
        self._port = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/gateway/", self.gateway.handle)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handle_signals=False)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.gateway.drop(1001)
        if self._runner is not None:
            await self._runner.cleanup()
        if error is None:
            self.judge()

    # --- for tests ---

    @property
    def api_url(self) -> str:
        """Where the HTTP API is."""
        return f"http://{HOST}:{self._port}{PREFIX}"

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return f"ws://{HOST}:{self._port}/gateway/"

    def judge(self) -> None:
        """Raise AssertionError if a client or the double itself left the API's description."""
        if self.wrongs:
            raise AssertionError("\n".join(self.wrongs))

    def forgive(self) -> list[str]:
        """Return what was wrong so far and forget it."""
        found, self.wrongs = self.wrongs, []
        return found

    def calls_of(self, verb: str, path: str) -> list[Call]:
        """Return the calls of a kind, in order."""
        return [one for one in self.calls if (one.operation.verb, one.operation.path) == (verb, path)]

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        if not isinstance(self.clock, VirtualClock):
            impossible("a clock that goes by itself cannot be moved")
        self.clock.set(self.clock.now() + int(1000 * seconds))
        self.bell.ring()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; it is asked whenever anything happens."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.bell.until(holds)

    async def until_taken(self) -> None:
        """Wait until every connected client has read everything that it was told, and begun to deal with it."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.gateway.until_taken()

    def person(self, name: str, *, locale: str = "en-US") -> Person:
        """Return somebody new."""
        account = Account(self.world.ids.next(), name.lower(), name, locale=locale)
        self.world.accounts[account.id] = account
        return Person(self.world, account)

    def guild(self, name: str, *people: Person, with_bot: bool = True) -> Server:
        """Return a server; the first of the people owns it."""
        owner = people[0].account
        guild = Guild(self.world.ids.next(), name, owner, "2026-01-01T00:00:00+00:00")
        guild.members = {one.account.id: one.account for one in people}
        self.world.guilds[guild.id] = guild
        server = Server(self.world, guild)
        if with_bot:
            server.add_bot()
        return server

    def chat_of(self, *people: Person) -> Place:
        """Return a chat of people in which the bot is not."""
        return Place(self.world, group_of(self.world, *(one.account for one in people)))

    def channel(self, number: int) -> Channel:
        """Return a channel by its id."""
        return self.world.channels[number]

    # --- the server ---

    def _guilds(self) -> list[Guild]:
        return [guild for guild in self.world.guilds.values() if guild.has(self.world.me)]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._answer(request)
        except Refusal as refusal:
            return refused(refusal)
        except NotInSpec as error:
            self.wrongs.append(str(error))
            return refused(Refusal(400, 50035, f"Invalid Form Body: {error}"))
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  # a fault of the double is a failed test, not an answer
            self.wrongs.append(f"the double failed: {error!r}")
            return refused(Refusal(500, 0, "Internal Server Error"))
        finally:
            self.bell.ring()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix(PREFIX)
        operation = self.spec.operation(request.method, path) if request.path.startswith(PREFIX) else None
        if operation is None:
            raise not_found()
        by_token = operation.path in OPEN_TO_ALL or operation.path.startswith("/webhooks/")
        if not by_token and request.headers.get("Authorization") != f"Bot {self.token}":
            raise unauthorized()
        body = await _body_of(request)
        call = Call(
            operation,
            self.spec.read_query(operation, request.query),
            body or {},
            self.clock.now(),
            dict(request.headers),
        )
        self._judge_body(operation, body)
        self.calls.append(call)
        return await self.carry_out(call, request)

    def _judge_body(self, operation: Operation, body: Any) -> None:
        """Judge a call's body, but for two things that the client does, and Discord takes."""
        judged: object = body
        if isinstance(body, dict):
            given = cast("Json", body)
            if operation.path == "/users/@me/channels":
                judged = {**given, "recipient_id": str(given.get("recipient_id"))}  # it sends a number
            elif operation.verb == "PATCH" and given.get("tts") is False:
                judged = {key: value for key, value in given.items() if key != "tts"}  # edits have no such field
        self.spec.judge_body(operation, judged)

    async def carry_out(self, call: Call, request: web.Request) -> web.StreamResponse:
        """Let a call take its effect, unless it is to go wrong; return what is answered."""
        channel = int(call.operation.where["channel_id"]) if "channel_id" in call.operation.where else None
        fault = self.faults.next_for(call.operation.verb, call.operation.path, channel)
        if isinstance(fault, Say):
            response = refused(fault.refusal)
            call.status = fault.refusal.status
        elif fault is not None and not fault.effect:
            response = answered(200, {}, {})
        else:
            response = self._take_effect(call, channel)
        self.bell.ring()
        return await spoilt(response, fault, request)

    def _take_effect(self, call: Call, channel: int | None) -> web.Response:
        operation = call.operation
        headers = self._limits.count(operation, channel)
        if operation.path in {"/gateway", "/gateway/bot"}:
            status, answer = 200, self._gateway_json(operation.path)
        elif (operation.verb, operation.path) in CALLS:
            try:
                status, answer = CALLS[operation.verb, operation.path](
                    self.world, operation.where, call.query, call.body
                )
            except Refusal as refusal:
                call.status = refusal.status
                return refused(refusal, headers)
        else:
            out_of_spec(f"the double has no {operation.verb} {operation.path} yet")
        self.spec.judge_answer(operation, status, answer)
        call.status, call.answer = status, answer
        return answered(status, answer, headers)

    def _gateway_json(self, path: str) -> Json:
        told: Json = {"url": self.gateway_url}
        if path.endswith("/bot"):
            limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
            told |= {"shards": 1, "session_start_limit": limit}
        return told


async def _body_of(request: web.Request) -> Any:
    raw = await request.read()
    if not raw:
        return None
    if request.headers.get("Content-Type") != "application/json":
        out_of_spec(f"{request.path}: Content-Type must be application/json")
    try:
        return json.loads(raw)
    except ValueError:
        raise Refusal(400, 50109, "The request body contains invalid JSON.") from None


def answered(status: int, answer: object, headers: dict[str, str]) -> web.Response:
    """Return an answer."""
    if answer is None:
        return web.Response(status=status, headers=headers)
    return web.Response(
        status=status, body=json.dumps(answer).encode(), headers={**headers, "Content-Type": "application/json"}
    )


def refused(refusal: Refusal, headers: dict[str, str] | None = None) -> web.Response:
    """Return an error."""
    return answered(refusal.status, refusal.json(), {**(headers or {}), **refusal.headers})


async def spoilt(response: web.Response, fault: Fault | None, request: web.Request) -> web.StreamResponse:
    """Return what comes of an answer when something goes wrong on its way."""
    match fault:
        case Raw(status, body):
            return web.Response(status=status, body=body, content_type="text/html")
        case Withhold():
            await asyncio.Event().wait()  # until the client hangs up
        case Reset():
            transport = request.transport
            assert transport is not None
            found: socket.socket = transport.get_extra_info("socket")
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close with RST
            transport.abort()
        case Garble():
            whole = bytes(response.body) if isinstance(response.body, bytes) else b""
            return web.Response(
                status=response.status, body=whole[: len(whole) // 2], content_type="application/json"
            )
        case Slow(release):
            await release.wait()
        case None | Say():
            pass
    return response
