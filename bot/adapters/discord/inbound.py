"""The inward half: what comes is made durable in its order, and interactions are acknowledged in time."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Protocol, cast

import discord
import structlog
from discord.ui import Modal

from bot.adapters.discord.acknowledging import Acknowledging, Said
from bot.adapters.discord.calls import Calls
from bot.adapters.discord.forms import asks_for_form, modal_of
from bot.adapters.discord.gatherings import Gatherings
from bot.adapters.discord.limits import PLATFORM
from bot.adapters.discord.reading import is_foreign, is_to_us, read_edit, read_interaction, read_message
from bot.conversation.envelope import Command, Envelope, OutOfReach, Place, PlaceKind
from bot.conversation.forms import Form
from bot.conversation.ports import Clock

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds before what somebody wrote is tried to be kept again: each time twice as long, up to the longest."""

GRACE = 2.0
"""Seconds for what is under way when the process is asked to end."""

TAKEN = frozenset(
    {
        discord.InteractionType.application_command,
        discord.InteractionType.component,
        discord.InteractionType.modal_submit,
    }
)
"""The kinds of interaction that have to be acknowledged."""

_log = structlog.get_logger(__name__)


class Talk(Protocol):
    """The conversation. What it is told is durable when the call returns."""

    async def take(self, envelope: Envelope) -> None:
        """Take an event."""
        ...

    async def out_of_reach(self, event_id: str, lost: OutOfReach) -> None:
        """Note that a room takes nothing more."""
        ...

    def form(self, name: str) -> Form | None:
        """Return the form of that name, at once; None when it is not there any more."""
        ...


class Inbound:
    """Takes what comes. What begins with ``on_`` is called by the client, by its name."""

    def __init__(
        self,
        *,
        client: discord.Client,
        clock: Clock,
        acknowledging: Acknowledging,
        gatherings: Gatherings,
        talk: Talk,
        room_commands: Collection[str],
        until_read: Callable[[int], Awaitable[None]],
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Make it. ``client`` is logged in, for asking.

        ``room_commands`` are what a room is for; ``until_read`` returns when a chat was read back.
        """
        self._client = client
        self._clock = clock
        self._acknowledging = acknowledging
        self._gatherings = gatherings
        self._talk = talk
        self._room_commands = frozenset(room_commands)
        self._until_read = until_read
        self._wait = wait
        self._us = client.user.id if client.user is not None else 0
        self._calls = Calls()
        self._at_work: set[asyncio.Future[None]] = set()

    async def close(self) -> None:
        """Let what is under way come to its end, for a moment."""
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=GRACE)
        await self._acknowledging.close()
        await self._calls.close()

    async def until_idle(self) -> None:
        """Return when nothing is under way."""
        while self._at_work:
            await asyncio.wait(self._at_work)

    # What the client calls

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Take a command, a press or a form."""
        if interaction.type not in TAKEN or not self._acknowledging.expects(interaction):
            return
        modal = self._form_asked_for(interaction)
        if modal is not None:
            async with self._working():
                await self._acknowledging.open_form(interaction, modal)
            return
        async with self._working():
            durable = asyncio.Event()
            acknowledged = asyncio.create_task(self._acknowledging.in_time(interaction, durable))
            try:
                said = await self._interact(interaction)
            except Exception as fault:  # noqa: BLE001  # the client's edge: whoever acted is told, and acts again
                _log.exception("interaction_failed", fault=type(fault).__name__, exc_info=False)
                said = Said("parked.problem")
            finally:
                durable.set()
                await acknowledged
            if said is not None:
                await self._acknowledging.say(interaction, said)
        self._acknowledging.tidy(interaction)

    async def on_message(self, message: discord.Message) -> None:
        """Take what somebody wrote, after what they wrote there before."""
        if message.guild is None:
            await self._until_read(message.channel.id)
        await self.take_message(message)

    async def take_message(self, message: discord.Message) -> None:
        """Take what somebody wrote. It does not come again by itself: it is held until it can be kept."""
        if is_to_us(message, self._us):
            async with self._working():
                around = await self._gatherings.around(message.author.id, message.guild)
                await self._hold_until_kept(read_message(message, self._us, self._clock.now(), around))

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Take that somebody changed what they wrote."""
        envelope = read_edit(payload, self._us, self._clock.now())
        if envelope is not None:
            await self._until_read(payload.channel_id)
            async with self._working():
                await self._hold_until_kept(envelope)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Note that the bot was removed from a server, with every room there."""
        await self._lose([channel.id for channel in (*guild.channels, *guild.threads)])

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Note that a channel is no more."""
        await self._lose([channel.id])

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Note that a thread is no more."""
        await self._lose([payload.thread_id])

    # How it is dealt with

    def _form_asked_for(self, interaction: discord.Interaction) -> Modal | None:
        """The form that a press asks for: known by what the button carries, as it has to be the first answer."""
        data = cast("dict[str, Any]", interaction.data or {})
        asked = asks_for_form(str(data.get("custom_id", "")))
        if asked is None or interaction.type is not discord.InteractionType.component:
            return None
        token, name = asked
        form = self._talk.form(name)
        return modal_of(form, token) if form is not None else None

    async def _hold_until_kept(self, envelope: Envelope) -> None:
        """Make what somebody wrote durable, however often that takes."""
        wait = FIRST_WAIT
        while True:
            try:
                await self._talk.take(envelope)
            except Exception as fault:  # noqa: BLE001  # the client's edge: it is tried again
                _log.exception("message_not_kept", fault=type(fault).__name__, exc_info=False)
            else:
                return
            await self._wait(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    async def _interact(self, interaction: discord.Interaction) -> Said | None:
        """Make what somebody did durable; return what they are told of it here and now, if anything."""
        there = interaction.client.get_guild(interaction.guild_id) if interaction.guild_id is not None else None
        around = await self._gatherings.around(interaction.user.id, there)
        envelope = read_interaction(interaction, self._clock.now(), around)
        if envelope is None:
            return None
        if isinstance(envelope.content, Command) and interaction.guild_id is not None:
            if envelope.content.name not in self._room_commands:
                return await self._take_in_own_chat(envelope)
            if not is_foreign(interaction) and not _may_write(interaction):
                return Said("room.may_not_write")
        await self._talk.take(envelope)
        return None

    async def _take_in_own_chat(self, envelope: Envelope) -> Said:
        """Answer what is private in the chat of whoever asked for it."""
        try:
            own = await self._calls.make(self._client.create_dm(discord.Object(int(envelope.actor.id))))
        except Exception as fault:  # noqa: BLE001  # the platform's refusals: whoever asked is told how to go on
            _log.info("own_chat_not_opened", fault=type(fault).__name__)
            return Said("dm.closed")
        await self._talk.take(replace(envelope, place=Place(kind=PlaceKind.DM, id=str(own.id))))
        return Said("room.own_chat", link=f"https://discord.com/channels/@me/{own.id}")

    async def _lose(self, channels: Collection[int]) -> None:
        now = self._clock.now()
        async with self._working():
            for channel in channels:
                lost = OutOfReach(platform=PLATFORM, room=str(channel))
                try:
                    await self._talk.out_of_reach(f"gone:{channel}:{now}", lost)
                except Exception as fault:  # noqa: BLE001  # the client's edge: the next message there tells it too
                    _log.exception("room_not_lost", fault=type(fault).__name__, exc_info=False)

    @asynccontextmanager
    async def _working(self) -> AsyncGenerator[None]:
        done = asyncio.get_running_loop().create_future()
        self._at_work.add(done)
        try:
            yield
        finally:
            self._at_work.discard(done)
            done.set_result(None)


def _may_write(interaction: discord.Interaction) -> bool:
    """Whether the bot can see the room, and write in it."""
    may = interaction.app_permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    return may.view_channel and (may.send_messages_in_threads if in_thread else may.send_messages)
