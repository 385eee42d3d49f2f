"""The outward half: messages, used choices and hidden chats as calls of the Bot API."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Self

import structlog
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import ChatMigrated, RetryAfter, TelegramError

from bot.adapters.telegram.acks import Acks
from bot.adapters.telegram.faults import changed_nothing, is_our_bug, milliseconds, send_fault
from bot.adapters.telegram.limits import ALERT, AT_ONCE, DELETABLE
from bot.adapters.telegram.pacing import Pace
from bot.adapters.telegram.rendering import Part, chosen_keyboard, keyboard_of, link_of, parts_of
from bot.conversation.message import Message, Shown
from bot.conversation.outbox import Target, TargetKind
from bot.conversation.ports import Clock
from bot.conversation.send_faults import RetryLater, Undeliverable, Unreachable

WORTH_WAITING = 2_000
"""Milliseconds that a message waits for its turn here; for longer it goes back into the queue."""

BEGUN = 500
"""Of how many messages is known which of their parts were sent, while the rest waits."""

MARGIN = 60_000
"""Milliseconds by which clocks may differ."""

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """A chat of Telegram, and the topic in it."""

    chat: int
    topic: int | None = None

    @classmethod
    def of(cls, place: str) -> Self:
        """Return the address of a place: ``chat`` or ``chat/topic``."""
        chat, _, topic = place.partition("/")
        return cls(int(chat), int(topic) if topic else None)

    @property
    def is_group(self) -> bool:
        """Whether it is a group: Telegram gives people positive ids, and groups negative ones."""
        return self.chat < 0


class TelegramPlatform:
    """Sends. Every error is raised by what is done about it."""

    has_forms = False
    single_for = 0
    """Telegram knows no key by which a second send would be the same message."""

    def __init__(
        self,
        *,
        bot: Bot,
        clock: Clock,
        acks: Acks,
        phrase: Callable[[str, str], str],
        moved: Callable[[str, str], Awaitable[None]],
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pace: Pace | None = None,
    ) -> None:
        """Make it for a bot that is initialised.

        ``phrase`` returns a standing sentence by its key in a language; ``moved`` is told that a room has another id
        now; ``wait`` waits for seconds.
        """
        self._bot = bot
        self._clock = clock
        self._acks = acks
        self._phrase = phrase
        self._moved = moved
        self._wait = wait
        self._pace = pace or Pace()
        self._begun: dict[str, list[int]] = {}

    async def send(self, target: Target, message: Message, key: str) -> str:
        """Send a message, in parts when it is long; return where it is. A resend goes on after the parts sent."""
        if target.kind is TargetKind.ASIDE:
            return await self._aside(target, message, key)
        return await self._post(Address.of(target.chat), message, key)

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        """Take the choices away, and show the one that was chosen. A message that is gone is left alone."""
        del target  # an aside is in another chat than its target says
        address, ids = _placed(ref)
        if not ids:
            return
        try:
            await self._bot.edit_message_reply_markup(
                chat_id=address.chat, message_id=ids[-1], reply_markup=chosen_keyboard(chosen)
            )
        except ChatMigrated as fault:  # of a chat that is no more, nothing can be changed
            await self._moved(str(address.chat), str(fault.new_chat_id))
        except TelegramError as fault:
            if not changed_nothing(fault):
                raise self._told(fault, address) from fault

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        """Delete the bot's messages of the last 48 hours: older ones cannot be deleted."""
        address = Address.of(target.chat)
        since = self._clock.now() - DELETABLE + MARGIN
        placed = [_placed(message.ref) for message in shown if message.at > since]
        ids = [one for where, those in placed if where.chat == address.chat for one in those]
        for start in range(0, len(ids), AT_ONCE):
            try:
                await self._bot.delete_messages(chat_id=address.chat, message_ids=ids[start : start + AT_ONCE])
            except ChatMigrated as fault:
                await self._moved(str(address.chat), str(fault.new_chat_id))
                return
            except TelegramError as fault:
                if not changed_nothing(fault):
                    raise self._told(fault, address) from fault

    # Sending

    async def _post(self, address: Address, message: Message, key: str) -> str:
        parts = parts_of(message, self._bot.username)
        sent = self._begun.setdefault(key, [])
        try:
            for number in range(len(sent), len(parts)):
                last = number == len(parts) - 1
                keyboard = keyboard_of(message.buttons) if last else None
                silent = message.silent or number > 0
                address, name = await self._send_part(address, parts[number], keyboard, silent=silent)
                sent.append(name)
        except Undeliverable:
            del self._begun[key]
            raise
        finally:
            if len(self._begun) > BEGUN:
                self._begun.pop(next(iter(self._begun)))
        del self._begun[key]
        return f"{address.chat}/{','.join(map(str, sent))}"

    async def _send_part(
        self, address: Address, part: Part, keyboard: InlineKeyboardMarkup | None, *, silent: bool
    ) -> tuple[Address, int]:
        """Send a part; return where it is, which is elsewhere when the group has moved, and its name there."""
        await self._paced(address)
        try:
            return address, await self._call(address, part.html, ParseMode.HTML, keyboard, silent=silent)
        except ChatMigrated as fault:
            await self._moved(str(address.chat), str(fault.new_chat_id))
            address = Address(fault.new_chat_id)
        except TelegramError as fault:
            if not is_our_bug(fault):
                raise self._told(fault, address) from fault
            _log.exception("text_refused", exc_info=False)
            part = Part(part.plain, part.plain)
        # Once more: where the group is now, or without any markup.
        mode = ParseMode.HTML if part.html != part.plain else None
        try:
            return address, await self._call(address, part.html, mode, keyboard, silent=silent)
        except TelegramError as fault:
            raise self._told(fault, address) from fault

    async def _call(
        self, address: Address, text: str, mode: str | None, keyboard: InlineKeyboardMarkup | None, *, silent: bool
    ) -> int:
        sent = await self._bot.send_message(
            chat_id=address.chat,
            message_thread_id=address.topic,
            text=text,
            parse_mode=mode,
            reply_markup=keyboard,
            disable_notification=silent,
            link_preview_options=_NO_PREVIEW,
        )
        return sent.message_id

    async def _paced(self, address: Address) -> None:
        """Wait for the chat's turn, a moment; for longer, let others go on meanwhile. Raises RetryLater."""
        while True:
            delay = self._pace.delay(str(address.chat), self._clock.now(), group=address.is_group)
            if not delay:
                return
            if delay > WORTH_WAITING:
                raise RetryLater(delay)
            await self._wait(delay / 1_000)

    def _told(self, fault: TelegramError, address: Address) -> Exception:
        """What is done about an error, with the time noted for which the chat has to rest."""
        if isinstance(fault, RetryAfter):
            self._pace.hold(str(address.chat), self._clock.now() + milliseconds(fault))
        return send_fault(fault)

    # Asides

    async def _aside(self, target: Target, message: Message, key: str) -> str:
        """Show it to one person of a room: over the room if they have just pressed something, else in their chat."""
        query = self._acks.take(target.chat, target.account)
        if query is not None and await self._answered(query, message):
            return ""
        try:
            return await self._post(Address(int(target.account)), message, key)
        except Unreachable:
            await self._ask_to_open(target, message.language)
            raise Undeliverable from None

    async def _answered(self, query: str, message: Message) -> bool:
        """Answer a press; return whether the message was shown by it."""
        fits = not message.buttons and len(message.text) <= ALERT
        try:
            await self._bot.answer_callback_query(query, text=message.text if fits else None, show_alert=fits)
        except TelegramError as fault:
            _log.info("press_not_answered", fault=type(fault).__name__)
            return False
        return fits

    async def _ask_to_open(self, target: Target, language: str) -> None:
        """Tell a room that whoever has just written there has to open a chat with the bot first: it may not begin."""
        text = f"{self._phrase('aside.open', language)}\n{link_of(self._bot.username)}"
        await self._send_part(Address.of(target.chat), Part(text, text), None, silent=True)


def _placed(ref: str) -> tuple[Address, list[int]]:
    """The chat and the messages that a ref names; none when it was an answer to a press."""
    chat, _, ids = ref.partition("/")
    return (Address(int(chat)), [int(one) for one in ids.split(",")]) if ids else (Address(0), [])
