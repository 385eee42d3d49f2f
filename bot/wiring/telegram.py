"""Telegram, as it is set up: its client, its two halves, its menus."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import blake2b

import structlog
from pydantic import SecretStr
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.adapters.stopped import Stopped
from bot.adapters.telegram.acks import Acks
from bot.adapters.telegram.inbound import Inbound
from bot.adapters.telegram.limits import PLATFORM
from bot.adapters.telegram.platform import TelegramPlatform
from bot.adapters.telegram.polling import poll, stopped_by
from bot.adapters.telegram.profile import Profile, bring_up_to_date
from bot.adapters.telegram.reading import Us
from bot.adapters.telegram.webhook import listen
from bot.conversation.envelope import RoomMoved
from bot.conversation.menu import menu_of_a_person, menu_of_a_room
from bot.conversation.ports import Clock
from bot.conversation.service import Conversation
from bot.engine.effects import PHRASES
from bot.engine.session import ENGLISH
from bot.flows.library import Library
from bot.wiring.settings import Settings

_log = structlog.get_logger(__name__)

AGAIN, LONGEST_AGAIN = 1.0, 600.0
"""Seconds before something that has time is tried again: each time twice as long, up to the longest."""

CONNECTIONS, PATIENCE = 32, 15.0
"""Open connections for sending, and the seconds after which nobody knows whether it was sent."""


class Telegram:
    """The bot on Telegram: ``platform`` sends; ``run`` takes what comes, once there is a conversation to take it."""

    name = PLATFORM

    def __init__(self, bot: Bot, us: Us, clock: Clock, library: Library, settings: Settings) -> None:
        self._bot = bot
        self._us = us
        self._clock = clock
        self._library = library
        self._settings = settings
        self._acks = Acks()
        self._talk: Conversation | None = None
        self.drained = asyncio.Event()
        """Set when everything was taken that came while nobody was there."""
        self.platform = TelegramPlatform(
            bot=bot, clock=clock, acks=self._acks, phrase=self._phrase, moved=self._moved
        )

    async def run(self, talk: Conversation) -> None:
        """Take what comes until this is cancelled. Raises Stopped."""
        self._talk = talk
        inbound = Inbound(
            bot=self._bot,
            us=self._us,
            clock=self._clock,
            acks=self._acks,
            take=talk.take,
            room_moved=talk.room_moved,
        )
        showing = asyncio.create_task(self._show_profile())
        try:
            if self._settings.telegram_webhook:
                await self._listen(inbound)
            else:
                await self._keep_at_it(self._fetch_from_now_on)
                await poll(self._bot, inbound.take, drained=self.drained.set)
        except TelegramError as fault:
            raise stopped_by(fault) or Stopped(f"Telegram refused to go on: {type(fault).__name__}.") from None
        finally:
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)
            await inbound.close()

    async def _keep_at_it(self, work: Callable[[], Awaitable[object]]) -> None:
        """Do something, again and again while Telegram is not there for it. Raises what ends it all."""
        wait = AGAIN
        while True:
            try:
                await work()
            except TelegramError as fault:
                if stopped_by(fault) is not None:
                    raise
                _log.info("tried_again", fault=type(fault).__name__)
            else:
                return
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_AGAIN)

    async def _show_profile(self) -> None:
        """Bring menus and descriptions up to date. Whatever goes wrong with them, people are served."""
        try:
            await self._keep_at_it(lambda: bring_up_to_date(self._bot, self._profiles(), ENGLISH))
        except Exception as fault:  # noqa: BLE001  # what ends it all is met by fetching, too
            _log.exception("profile_not_shown", fault=type(fault).__name__, exc_info=False)

    async def _fetch_from_now_on(self) -> None:
        await self._bot.delete_webhook(drop_pending_updates=False)

    async def _listen(self, inbound: Inbound) -> None:
        self.drained.set()  # what waits is brought in Telegram's own time
        token = self._bot.token.encode()
        await listen(
            self._bot,
            inbound.take,
            address=self._settings.telegram_webhook,
            secret=blake2b(b"webhook", key=token[:64], digest_size=24).hexdigest(),
            host=self._settings.host,
            port=self._settings.port,
        )

    async def _moved(self, old: str, new: str) -> None:
        if self._talk is not None:
            await self._talk.room_moved(f"moved:{old}:{new}", RoomMoved(platform=PLATFORM, room=old, to=new))

    def _profiles(self) -> dict[str, Profile]:
        return {
            language: Profile(
                person=menu_of_a_person(self._library, language),
                room=menu_of_a_room(self._library, language),
                description=self._phrase("profile.about", language),
                short=self._phrase("profile.short", language),
            )
            for language in self._library.languages
        }

    def _phrase(self, key: str, language: str) -> str:
        parts = self._library.template(PHRASES, key, language).parts
        return "".join(part for part in parts if isinstance(part, str))


@asynccontextmanager
async def telegram(token: SecretStr, settings: Settings, clock: Clock, library: Library) -> AsyncGenerator[Telegram]:
    """Open the bot on Telegram and close it at the end. Raises Stopped when Telegram does not know it."""
    # The libraries' own logs hold the token, in addresses, and what people write.
    for noisy in ("telegram", "httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    bot = Bot(
        token.get_secret_value(),
        base_url=f"{settings.telegram_api.rstrip('/')}/bot",
        request=_request(CONNECTIONS),
        get_updates_request=_request(1),
    )
    try:
        async with bot:
            me = await bot.get_me()
            us = Us(id=me.id, username=me.username or "")
            yield Telegram(bot, us, clock, library, settings)
    except TelegramError as fault:
        raise stopped_by(fault) or Stopped(f"Telegram cannot be reached: {type(fault).__name__}.") from None


def _request(connections: int) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=PATIENCE,
        read_timeout=PATIENCE,
        write_timeout=PATIENCE,
        pool_timeout=PATIENCE,
    )
