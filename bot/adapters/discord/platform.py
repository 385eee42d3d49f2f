"""The outward half: messages, used choices and hidden chats as calls of Discord's API."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import discord
import structlog
from discord.ui import View

from bot.adapters.discord.answers import Answers, Handle
from bot.adapters.discord.calls import Calls
from bot.adapters.discord.faults import is_gone, is_our_bug, send_fault
from bot.adapters.discord.limits import NONCE_KEPT
from bot.adapters.discord.rendering import chosen_view, parts_of, plain_parts_of, view_of
from bot.adapters.discord.webhooks import ORIGINAL, hook_of
from bot.conversation.message import Message, Shown
from bot.conversation.outbox import Target, TargetKind
from bot.conversation.ports import Clock
from bot.conversation.send_faults import Undeliverable, Unreachable

ASIDE = "@"
"""Where a message is that only one person sees, in the name of it."""

HIDDEN = 5_000
"""Of how many messages is known that they were taken away."""

_log = structlog.get_logger(__name__)


class DiscordPlatform:
    """Sends. Every error is raised by what is done about it."""

    has_forms = True
    single_for = NONCE_KEPT

    def __init__(
        self,
        *,
        client: discord.Client,
        clock: Clock,
        answers: Answers,
        calls: Calls,
        phrase: Callable[[str, str], str],
        install_link: str,
    ) -> None:
        """Make it for a client that is logged in.

        ``phrase`` returns a standing sentence by its key in a language; ``install_link`` brings the bot to a server.
        """
        self._client = client
        self._clock = clock
        self._answers = answers
        self._calls = calls
        self._phrase = phrase
        self._install_link = install_link
        self._hidden: dict[str, None] = {}

    async def send(self, target: Target, message: Message, key: str) -> str:
        """Send a message, in parts when it is long; return where it is. ``key`` goes with it, so none comes twice."""
        handle = Handle.of(target.handle)
        alive = handle if handle is not None and handle.is_alive(self._clock.now()) else None
        if target.kind is TargetKind.ASIDE:
            return await self._aside(target, message, key, alive)
        if target.kind is TargetKind.ROOM and handle is not None and handle.foreign:
            return await self._answer_all(alive, message)
        try:
            return await self._post(int(target.chat), message, key)
        except Unreachable:
            if target.kind is TargetKind.DM and alive is not None:
                await self._say_where_they_are(alive, "dm.closed", message.language)
            raise

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        """Take the choices away, and show the one that was chosen. A message that is gone is left alone."""
        place, _, ids = ref.partition("/")
        if not ids:
            return
        last = int(ids.rpartition(",")[2])
        try:
            if place != ASIDE:
                there = self._client.get_partial_messageable(int(place)).get_partial_message(last)
                await self._calls.make(there.edit(view=chosen_view(chosen)))
            elif (handle := Handle.of(target.handle)) is not None:
                await self._calls.make(self._hook(handle).edit_message(last, view=chosen_view(chosen)))
        except Exception as fault:
            if not is_gone(fault):
                raise send_fault(fault) from fault

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        """Delete the bot's messages, the newest first: those of others it cannot delete."""
        del target
        for message in sorted(shown, key=lambda one: -one.at):
            place, _, ids = message.ref.partition("/")
            for one in reversed(ids.split(",") if ids else []):
                await self._take_away(place, int(one))

    # Messages

    async def _post(self, channel: int, message: Message, key: str) -> str:
        """Write into a channel. A part that is there already by its nonce is not shown twice."""
        there = self._client.get_partial_messageable(channel)

        async def write(number: int, text: str, view: View | None) -> discord.Message:
            return await there.send(
                text,
                nonce=key if number == 0 else f"{key}.{number}",
                silent=message.silent or number > 0,
                suppress_embeds=True,
                **_with(view),
            )

        return f"{channel}/{','.join(map(str, await self._in_parts(message, write)))}"

    async def _in_parts(
        self, message: Message, write: Callable[[int, str, View | None], Coroutine[Any, Any, discord.Message]]
    ) -> list[int]:
        parts = parts_of(message, self._install_link)
        try:
            return await self._written(parts, message, write)
        except Exception as fault:
            if not is_our_bug(fault):
                raise send_fault(fault) from fault
            _log.exception("text_refused", exc_info=False)
        try:
            return await self._written(plain_parts_of(message), message, write)
        except Exception as fault:
            raise send_fault(fault) from fault

    async def _written(
        self,
        parts: Sequence[str],
        message: Message,
        write: Callable[[int, str, View | None], Coroutine[Any, Any, discord.Message]],
    ) -> list[int]:
        ids: list[int] = []
        for number, text in enumerate(parts):
            view = view_of(message.buttons, message.form) if number == len(parts) - 1 else None
            ids.append((await self._calls.make(write(number, text, view))).id)
        return ids

    # What one person sees

    async def _aside(self, target: Target, message: Message, key: str, handle: Handle | None) -> str:
        """Show it to one person: where they have just done something, else in their own chat."""
        if handle is not None:
            try:
                return await self._answer(handle, message, key)
            except Exception as fault:
                if not is_gone(fault.__cause__):
                    raise
                _log.info("answer_came_too_late", interaction=handle.id)
        try:
            own = await self._calls.make(self._client.create_dm(discord.Object(int(target.account))))
            return await self._post(own.id, message, key)
        except Unreachable:
            raise Undeliverable from None  # the room they are in is there all the same
        except Exception as fault:
            raise _not_the_room(fault) from fault

    async def _answer(self, handle: Handle, message: Message, key: str) -> str:
        """Answer an interaction: in place of its acknowledgement, or after what took that place."""
        hook = self._hook(handle)
        first = await self._may_be_first(handle, message, key)

        async def write(number: int, text: str, view: View | None) -> discord.Message:
            if first and number == 0:
                return await hook.edit_message(ORIGINAL, content=text, view=view)
            return await hook.send(text, ephemeral=True, suppress_embeds=True, wait=True, **_with(view))

        ids = await self._in_parts(message, write)
        for one in ids:
            self._answers.show(one, handle)
        return f"{ASIDE}/{','.join(map(str, ids))}"

    async def _may_be_first(self, handle: Handle, message: Message, key: str) -> bool:
        """Whether a message takes the place of an acknowledgement; of an earlier process's, Discord is asked."""
        if await self._answers.acknowledged(handle.id):
            return self._answers.take_first(handle.id, key)
        try:
            there = await self._calls.make(self._hook(handle).fetch_message(ORIGINAL))
        except Exception as fault:
            if is_gone(fault):
                return False
            raise send_fault(fault) from fault
        return there.flags.loading or there.content == parts_of(message, self._install_link)[0]

    async def _answer_all(self, handle: Handle | None, message: Message) -> str:
        """Answer so that everybody in a chat sees it in which the bot is not: nothing else comes there."""
        if handle is None:
            raise Unreachable
        hook = self._hook(handle)
        await self._make_way(handle)

        async def write(number: int, text: str, view: View | None) -> discord.Message:
            del number
            return await hook.send(text, suppress_embeds=True, wait=True, **_with(view))

        return f"{ASIDE}/{','.join(map(str, await self._in_parts(message, write)))}"

    async def _make_way(self, handle: Handle) -> None:
        """Take the acknowledgement away: what takes its place would be seen by whoever acted, and by nobody else."""
        known = await self._answers.acknowledged(handle.id)
        if known and not self._answers.take_away(handle.id):
            return
        try:
            original = await self._calls.make(self._hook(handle).fetch_message(ORIGINAL)) if not known else None
            if original is None or original.flags.loading:
                await self._calls.make(self._hook(handle).delete_message(ORIGINAL))
        except Exception as fault:
            if not is_gone(fault):
                raise send_fault(fault) from fault

    async def _say_where_they_are(self, handle: Handle, key: str, language: str) -> None:
        """Tell somebody, where they have just done something, why nothing has come to their own chat."""
        self._answers.take_first(handle.id, key)
        try:
            await self._calls.make(self._hook(handle).edit_message(ORIGINAL, content=self._phrase(key, language)))
        except Exception as fault:  # noqa: BLE001  # it is said in vain; what could not be sent is told all the same
            _log.info("not_said", fault=type(fault).__name__)

    async def _take_away(self, place: str, message: int) -> None:
        """Delete a message, once: hiding a long chat may be broken off, and goes on."""
        name = f"{place}/{message}"
        if name in self._hidden:
            return
        try:
            if place != ASIDE:
                there = self._client.get_partial_messageable(int(place)).get_partial_message(message)
                await self._calls.make(there.delete())
            elif (handle := self._answers.handle_of(message)) is not None:
                await self._calls.make(self._hook(handle).delete_message(message))
        except Exception as fault:
            if not is_gone(fault):
                raise send_fault(fault) from fault
        self._hidden[name] = None
        if len(self._hidden) > HIDDEN:
            del self._hidden[next(iter(self._hidden))]

    def _hook(self, handle: Handle) -> discord.Webhook:
        return hook_of(self._client, handle)


def _with(view: View | None) -> dict[str, Any]:
    return {} if view is None else {"view": view}


def _not_the_room(fault: Exception) -> Exception:
    told = send_fault(fault)
    return Undeliverable() if isinstance(told, Unreachable) else told
