"""The inward half: updates are made durable in their order, then Telegram is told so; presses are answered."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import structlog
from telegram import Bot
from telegram.error import TelegramError

from bot.adapters.telegram.acks import Acks
from bot.adapters.telegram.reading import RoomFacts, Us, manager_asked_about, moved, read, room_asked_about
from bot.adapters.telegram.updates import CallbackQuery, NotAnUpdate, Update, read_update
from bot.conversation.envelope import Envelope, PlaceKind, RoomMoved
from bot.conversation.ports import Clock

ASKED_FOR = 2.0
"""Seconds in which Telegram has to say something about rooms, or nothing is known of them."""

ALBUMS = 1_000
"""Of how many albums is known that something of them has been answered."""

KEPT_BACK = 1.5
"""Seconds for which the answer to a press in a room is kept back, for what is to be said by it."""

About = TypeVar("About")
Known = TypeVar("Known")

_log = structlog.get_logger(__name__)


class _Albums:
    """The newest albums: what is sent as one is answered once."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}

    def knows(self, album: str) -> bool:
        """Return whether something of that album was there before; from now on it was."""
        if not album or album in self._known:
            return bool(album)
        self._known[album] = None
        if len(self._known) > ALBUMS:
            del self._known[next(iter(self._known))]
        return False

    def forget(self, album: str) -> None:
        """Take what was known of an album back."""
        self._known.pop(album, None)


class Inbound:
    """Takes updates. It keeps its hold on tasks that answer presses; ``close`` ends them."""

    def __init__(
        self,
        *,
        bot: Bot,
        us: Us,
        clock: Clock,
        acks: Acks,
        take: Callable[[Envelope], Awaitable[None]],
        room_moved: Callable[[str, RoomMoved], Awaitable[None]],
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Make it. ``take`` and ``room_moved`` return when what they are given is durable."""
        self._bot = bot
        self._us = us
        self._clock = clock
        self._acks = acks
        self._take_event = take
        self._room_moved = room_moved
        self._wait = wait
        self._answering: set[asyncio.Task[None]] = set()
        self._albums = _Albums()

    async def take(self, raws: Sequence[Mapping[str, Any]]) -> None:
        """Take updates. When this returns all of them are durable, or none of ours. Raises what the store raised."""
        updates = [update for raw in raws if (update := _readable(raw)) is not None]
        asked = [room_asked_about(update, self._us) for update in updates]
        managing = [manager_asked_about(update) for update in updates]
        known = await self._asked_of({chat for chat in asked if chat is not None}, self._facts)
        managed = await self._asked_of({who for who in managing if who is not None}, self._manages)
        facts = [
            replace(
                known.get(chat, RoomFacts()) if chat is not None else RoomFacts(),
                managed=who is not None and managed.get(who, False),
            )
            for chat, who in zip(asked, managing, strict=True)
        ]
        # All at once: they are dealt with in this order, and share one sync to disk.
        done = await asyncio.gather(
            *(self._take(update, known) for update, known in zip(updates, facts, strict=True)), return_exceptions=True
        )
        for fault in done:
            if fault is not None:
                raise fault

    async def close(self) -> None:
        """End what is still to be answered: those presses end by themselves."""
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    async def _take(self, update: Update, facts: RoomFacts) -> None:
        move = moved(update)
        if move is not None:
            await self._room_moved(f"u:{update.update_id}", move)
            return
        album = update.message.media_group_id if update.message is not None else ""
        if self._albums.knows(album):
            return
        envelope = self._read(update, facts)
        query = update.callback_query
        held = query is not None and envelope is not None and self._hold(query, envelope)
        try:
            if envelope is not None:
                await self._take_event(envelope)
        except BaseException:
            self._albums.forget(album)  # it comes again
            raise
        finally:
            if query is not None and not held:
                self._answer(query.id)

    def _read(self, update: Update, facts: RoomFacts) -> Envelope | None:
        """Return what an update says; nothing when it cannot be read: it would come again and again, before all."""
        try:
            return read(update, self._us, self._clock.now(), facts)
        except Exception as fault:  # noqa: BLE001  # the loop's edge: one update stops nobody else's
            _log.exception("reading_failed", update=update.update_id, fault=type(fault).__name__, exc_info=False)
            return None

    def _hold(self, query: CallbackQuery, envelope: Envelope) -> bool:
        """Keep the answer to a press in a room back for a moment; return whether it is."""
        if envelope.place.kind is PlaceKind.DM:
            return False
        before = self._acks.hold(envelope.place.id, envelope.actor.id, query.id)
        if before is not None:
            self._answer(before)
        self._in_background(self._answer_later(envelope, query.id))
        return True

    def _answer(self, query: str) -> None:
        self._in_background(self._answer_now(query))

    async def _answer_later(self, envelope: Envelope, query: str) -> None:
        await self._wait(KEPT_BACK)
        waiting = self._acks.take(envelope.place.id, envelope.actor.id, query)
        if waiting is not None:
            await self._answer_now(waiting)

    async def _answer_now(self, query: str) -> None:
        try:
            await self._bot.answer_callback_query(query)
        except TelegramError as fault:  # it ends by itself, and what it led to is on its way
            _log.info("press_not_answered", fault=type(fault).__name__)

    def _in_background(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _asked_of(
        self, abouts: set[About], ask: Callable[[About], Coroutine[Any, Any, Known]]
    ) -> Mapping[About, Known]:
        """Ask Telegram about rooms, about each once, while nothing else goes on: a pause may be among the rest."""
        asking = {about: asyncio.create_task(ask(about)) for about in abouts}
        if asking:
            _, late = await asyncio.wait(asking.values(), timeout=ASKED_FOR)
            for one in late:
                one.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        return {about: one.result() for about, one in asking.items() if not one.cancelled()}

    async def _facts(self, chat: int) -> RoomFacts:
        """Ask Telegram about a room; when it does not answer, nothing is known."""
        try:
            members = await self._bot.get_chat_member_count(chat)
            mine = await self._bot.get_chat_member(chat, self._us.id)
            us = await self._bot.get_me()  # its owner may have changed what it hears since it was started
        except TelegramError as fault:
            _log.info("room_not_known", fault=type(fault).__name__)
            return RoomFacts()
        hears = bool(us.can_read_all_group_messages) or mine.status == mine.ADMINISTRATOR
        return RoomFacts(members=members, hears=hears)

    async def _manages(self, who: tuple[int, int]) -> bool:
        """Ask Telegram whether somebody manages a room; when it does not answer, that is not known."""
        try:
            found = await self._bot.get_chat_member(*who)
        except TelegramError as fault:
            _log.info("manager_not_known", fault=type(fault).__name__)
            return False
        return found.status in {found.ADMINISTRATOR, found.OWNER}


def _readable(raw: Mapping[str, Any]) -> Update | None:
    try:
        return read_update(raw)
    except NotAnUpdate as fault:
        _log.exception("update_not_read", update=raw.get("update_id"), where=str(fault), exc_info=False)
        return None
