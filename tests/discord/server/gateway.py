"""The gateway: sessions that are told what happens, and told again what they missed (Discord API docs, Gateway)."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import WSMsgType, web

from tests.discord.server.accounts import Account
from tests.discord.server.channels import Guild
from tests.discord.server.spec import Json
from tests.doubles.bell import Bell

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME, RECONNECT, MEMBERS, INVALID, HELLO, ACK = (
    0,
    1,
    2,
    3,
    6,
    7,
    8,
    9,
    10,
    11,
)

GUILDS: Final = 1 << 0
GUILD_MEMBERS: Final = 1 << 1
PRESENCES: Final = 1 << 8
GUILD_MESSAGES: Final = 1 << 9
DIRECT_MESSAGES: Final = 1 << 12
MESSAGE_CONTENT: Final = 1 << 15
PRIVILEGED: Final = GUILD_MEMBERS | PRESENCES | MESSAGE_CONTENT
KNOWN: Final = (1 << 26) - 1

NOTHING: Final[Json] = {}
"""What is kept of a frame that nobody comes back for."""

INTERVAL: Final = 41_250
UNDECODABLE, NOT_AUTHENTICATED, WRONG_TOKEN, TWICE, BAD_SEQUENCE, BAD_INTENTS, NOT_ALLOWED = (
    4002, 4003, 4004, 4005, 4007, 4013, 4014,
)  # fmt: skip


@dataclass(eq=False, slots=True)
class Session:
    """What a client is told, from its IDENTIFY on, over whatever connections."""

    id: str
    intents: int
    shard: tuple[int, int]
    told: list[Json] = field(default_factory=list[Json])
    connection: "Connection | None" = None
    resumes: int = 0

    def wants(self, intent: int, guild: Guild | None) -> bool:
        """Return whether an event is for this session."""
        number, count = self.shard
        return bool(self.intents & intent or not intent) and ((guild.id >> 22) % count if guild else 0) == number

    def tell(self, event: str, data: Any) -> None:
        """Tell an event, now or when the client has come back."""
        frame = {"op": DISPATCH, "t": event, "s": len(self.told) + 1, "d": data}
        self.told.append(frame)
        if self.connection is not None:
            self.connection.send(frame)


class Connection:
    """A client's socket. What is sent goes out in its order."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.session: Session | None = None
        self.pongs = 0
        self._outgoing: asyncio.Queue[str | None] = asyncio.Queue()
        self._writing = asyncio.ensure_future(self._write())

    def send(self, frame: Json) -> None:
        """Send a frame."""
        self.send_raw(json.dumps(frame))

    def send_raw(self, text: str) -> None:
        """Send any text."""
        self._outgoing.put_nowait(text)

    def ping(self) -> None:
        """Ask for a sign that everything before it was read."""
        self._outgoing.put_nowait(None)

    async def end(self, code: int) -> None:
        """Close it; 1006 breaks it off."""
        self._writing.cancel()
        if self.session is not None and self.session.connection is self:
            self.session.connection = None
        if code == 1006:  # nobody sends it: it stands for a connection that broke
            transport = getattr(self.socket, "_req", None)
            if transport is not None and transport.transport is not None:
                transport.transport.abort()
        else:
            await self.socket.close(code=code)

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            while True:
                text = await self._outgoing.get()
                if text is None:
                    await self.socket.ping()
                else:
                    await self.socket.send_str(text)


class Gateway:
    """Takes connections, and tells what happens."""

    def __init__(
        self,
        bell: Bell,
        me: Account,
        token: str,
        guilds: Callable[[], list[Guild]],
        allowed: int,
        url: Callable[[], str],
    ) -> None:
        self.sessions: dict[str, Session] = {}
        self.connections: list[Connection] = []
        self.identified = 0
        self._bell = bell
        self._me = me
        self._token = token
        self._guilds = guilds
        self._allowed = allowed
        self._url = url
        self._lastly: tuple[Session, Json] | None = None

    # --- what tests do ---

    @property
    def listened_to(self) -> bool:
        """Whether any client is told what happens, now or when it comes back."""
        return bool(self.sessions)

    async def drop(self, code: int = 1006) -> None:
        """Close every connection. The clients may come back and resume."""
        for one in list(self.connections):
            await one.end(code)

    def reconnect(self) -> None:
        """Ask every client to come again."""
        for one in self.connections:
            one.send({"op": RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tell every client that its session is over; unless it is resumable, what was not told is lost."""
        for one in self.connections:
            if not resumable and one.session is not None:
                self.sessions.pop(one.session.id, None)
            one.send({"op": INVALID, "d": resumable})

    def forget_sessions(self) -> None:
        """Forget what was told: nobody can resume any more."""
        self.sessions.clear()

    def forget_told(self) -> None:
        """Keep nothing of what was told so far: nobody comes back for it."""
        for one in self.sessions.values():
            one.told = [NOTHING] * len(one.told)

    def duplicate_last(self) -> None:
        """Tell the last event once more."""
        assert self._lastly is not None
        session, frame = self._lastly
        session.tell(frame["t"], frame["d"])

    def send_raw(self, text: str) -> None:
        """Send any frame to every client."""
        for one in self.connections:
            one.send_raw(text)

    async def await_ready(self) -> None:
        """Wait until a client has identified itself."""
        await self._bell.until(lambda: any(one.connection is not None for one in self.sessions.values()))

    async def until_taken(self) -> None:
        """Wait until every connected client has read everything that it was told."""
        asked = [(one, one.pongs) for one in self.connections if one.session is not None]
        for one, _ in asked:
            one.ping()
        await self._bell.until(
            lambda: all(one.pongs > before or one not in self.connections for one, before in asked)
        )

    # --- what happens ---

    def tell(self, event: str, data: Any, *, intent: int = 0, guild: Guild | None = None, hidden: Any = None) -> bool:
        """Tell an event to those whom it is for; ``hidden`` is what is told without the right to read words."""
        told = False
        for session in self.sessions.values():
            if session.wants(intent, guild):
                readable = hidden is None or session.intents & MESSAGE_CONTENT
                session.tell(event, data if readable else hidden)
                self._lastly = (session, session.told[-1])
                told = True
        self._bell.ring()
        return told

    # --- the socket ---

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve a connection until it is closed."""
        socket = web.WebSocketResponse(autoping=False, max_msg_size=1 << 20)
        await socket.prepare(request)
        connection = Connection(socket)
        self.connections.append(connection)
        connection.send({"op": HELLO, "d": {"heartbeat_interval": INTERVAL}})
        try:
            async for message in socket:
                if message.type is WSMsgType.PONG:
                    connection.pongs += 1
                elif message.type is WSMsgType.TEXT:
                    code = self._read(connection, message.data)
                    if code:
                        await connection.end(code)
                self._bell.ring()
        finally:
            self.connections.remove(connection)
            await connection.end(1000)
            self._bell.ring()
        return socket

    def _read(self, connection: Connection, text: str) -> int:
        """Take a client's frame; return the code to close with, or 0."""
        try:
            frame = json.loads(text)
            operation, data = frame["op"], frame.get("d")
        except (ValueError, KeyError, TypeError):
            return UNDECODABLE
        match operation:
            case 1:
                connection.send({"op": ACK, "d": None})
                return 0
            case 2:
                return self._identify(connection, data)
            case 6:
                return self._resume(connection, data)
            case 3 | 8 if connection.session is not None:
                return self._ask(connection.session, operation, data)
            case _:
                return NOT_AUTHENTICATED if connection.session is None else 4001

    def _identify(self, connection: Connection, data: Json) -> int:
        if connection.session is not None:
            return TWICE
        if data.get("token") != self._token:
            return WRONG_TOKEN
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~KNOWN:
            return BAD_INTENTS
        if intents & PRIVILEGED & ~self._allowed:
            return NOT_ALLOWED
        self.identified += 1
        number, count = data.get("shard") or (0, 1)
        session = Session(f"session-{self.identified}", intents, (number, count), connection=connection)
        self.sessions[session.id] = session
        connection.session = session
        guilds = [guild for guild in self._guilds() if session.wants(GUILDS, guild)]
        session.tell("READY", self._ready(session, guilds))
        for guild in guilds:
            session.tell("GUILD_CREATE", guild.json(self._me))
        return 0

    def _ready(self, session: Session, guilds: list[Guild]) -> Json:
        return {
            "v": 10,
            "user": {**self._me.json(), "verified": True, "mfa_enabled": False, "email": None},
            "user_settings": {},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "private_channels": [],
            "relationships": [],
            "presences": [],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self._url(),
            "shard": list(session.shard),
            "application": {"id": str(self._me.id), "flags": 0},
        }

    def _resume(self, connection: Connection, data: Json) -> int:
        if data.get("token") != self._token:
            return WRONG_TOKEN
        session = self.sessions.get(data.get("session_id", ""))
        if session is None:
            connection.send({"op": INVALID, "d": False})
            return 0
        seen = data.get("seq") or 0
        if seen > len(session.told):
            return BAD_SEQUENCE
        session.connection, connection.session = connection, session
        session.resumes += 1
        for frame in session.told[seen:]:
            connection.send(frame)
        session.tell("RESUMED", {})
        return 0

    def _ask(self, session: Session, operation: int, data: Json) -> int:
        if operation != MEMBERS:
            return 0
        guild = next((one for one in self._guilds() if str(one.id) == str(data.get("guild_id"))), None)
        wanted = {int(one) for one in data.get("user_ids") or ()}
        if guild is None or (not wanted and not session.intents & GUILD_MEMBERS):
            return 0
        found = [guild.member(one) for number, one in guild.members.items() if number in wanted or not wanted]
        chunk: Json = {
            "guild_id": str(guild.id), "members": found, "chunk_index": 0, "chunk_count": 1, "not_found": [],
        }  # fmt: skip
        if data.get("nonce"):
            chunk["nonce"] = data["nonce"]
        session.tell("GUILD_MEMBERS_CHUNK", chunk)
        return 0
