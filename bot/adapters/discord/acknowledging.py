"""Acknowledging interactions: within three seconds, whatever else goes on, and tidied up behind.

A press in somebody's own chat is acknowledged without a trace. Everything else is by a sign, seen by whoever acted
alone, in whose place what they are told comes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import discord
import structlog
from discord.ui import Modal

from bot.adapters.discord.answers import Answers
from bot.adapters.discord.calls import Calls
from bot.adapters.discord.faults import is_gone
from bot.adapters.discord.reading import handle_of, is_foreign
from bot.adapters.discord.webhooks import ORIGINAL, hook_of

WITHIN = 1.0
"""Seconds after which an interaction is acknowledged although what it said is not durable yet."""

KEPT_BACK = 2.5
"""Seconds for which a sign stays that nothing has taken the place of: an answer may be on its way."""

ACKNOWLEDGED_BEFORE = 40060
"""The acknowledgement was there already: its answer got lost, and it was sent again."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """A standing sentence, by its key, and where it points to."""

    key: str
    link: str = ""


class Acknowledging:
    """Acknowledges interactions."""

    def __init__(
        self,
        client: discord.Client,
        answers: Answers,
        calls: Calls,
        phrase: Callable[[str, str], str],
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Make it. ``client`` is logged in; ``phrase`` returns a standing sentence; ``wait`` waits for seconds."""
        self._client = client
        self._answers = answers
        self._calls = calls
        self._phrase = phrase
        self._wait = wait
        self._ending = asyncio.Event()
        self._to_tidy: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Tidy up what is left to be, without waiting any longer."""
        self._ending.set()
        await asyncio.gather(*self._to_tidy)

    def expects(self, interaction: discord.Interaction) -> bool:
        """Note that an interaction has come; return whether it had not come before."""
        return self._answers.expect(interaction.id)

    async def in_time(self, interaction: discord.Interaction, durable: asyncio.Event) -> None:
        """Acknowledge it when what it said is durable, or when there is no more time to wait for that."""
        await self._wait_for(durable, WITHIN)
        await self._acknowledge(interaction)

    async def open_form(self, interaction: discord.Interaction, modal: Modal) -> None:
        """Answer it by a form, which is an acknowledgement."""
        try:
            await self._calls.make(interaction.response.send_modal(modal))
        except Exception as fault:  # noqa: BLE001  # whoever pressed presses once more, or writes
            _log.info("form_not_opened", interaction=interaction.id, fault=type(fault).__name__)

    def tidy(self, interaction: discord.Interaction) -> None:
        """Have the sign taken away, in a moment, unless something takes its place."""
        if not leaves_no_trace(interaction):
            task = asyncio.create_task(self._tidy(interaction))
            self._to_tidy.add(task)
            task.add_done_callback(self._to_tidy.discard)

    async def say(self, interaction: discord.Interaction, said: Said) -> None:
        """Tell whoever acted a standing sentence; one with a link only if they were not told anything else."""
        if not await self._answers.acknowledged(interaction.id):
            return
        text = "\n".join(filter(None, (self._phrase(said.key, str(interaction.locale.value)), said.link)))
        hook = hook_of(self._client, handle_of(interaction))
        if not leaves_no_trace(interaction) and self._answers.take_first(interaction.id, said.key):
            await self._quietly(hook.edit_message(ORIGINAL, content=text))
        elif not said.link:
            await self._quietly(hook.send(text, ephemeral=True, wait=True))

    async def _tidy(self, interaction: discord.Interaction) -> None:
        if not is_in_own_chat(interaction):  # there, what they are told comes by itself
            await self._wait_for(self._ending, KEPT_BACK)
        if self._answers.take_away(interaction.id):
            await self._quietly(hook_of(self._client, handle_of(interaction)).delete_message(ORIGINAL))

    async def _wait_for(self, happened: asyncio.Event, seconds: float) -> None:
        """Return when it has happened, or after so many seconds."""
        waiting = {asyncio.create_task(happened.wait()), asyncio.ensure_future(self._wait(seconds))}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()

    async def _acknowledge(self, interaction: discord.Interaction) -> None:
        answer = interaction.response
        traceless = leaves_no_trace(interaction)
        answerable = False
        try:
            await self._calls.make(answer.defer() if traceless else answer.defer(ephemeral=True, thinking=True))
            answerable = True
        except Exception as fault:  # noqa: BLE001  # what it led to comes all the same, in another way
            answerable = not _is_refused(fault)
            _log.info("not_acknowledged", interaction=interaction.id, fault=type(fault).__name__)
        finally:
            self._answers.came(interaction.id, answerable=answerable)

    async def _quietly(self, call: Coroutine[Any, Any, Any]) -> None:
        """Do what is of no account if it cannot be done."""
        try:
            await self._calls.make(call)
        except Exception as fault:  # noqa: BLE001  # the sign goes by itself after a while
            if not is_gone(fault):
                _log.info("not_tidied", fault=type(fault).__name__)


def _is_refused(fault: Exception) -> bool:
    """Whether an acknowledgement surely did not arrive; when only its answer was lost, it may have."""
    if not isinstance(fault, discord.HTTPException) or isinstance(fault, discord.DiscordServerError):
        return False
    return fault.code != ACKNOWLEDGED_BEFORE


def is_in_own_chat(interaction: discord.Interaction) -> bool:
    """Whether it is in somebody's own chat with the bot."""
    return interaction.guild_id is None and not is_foreign(interaction)


def leaves_no_trace(interaction: discord.Interaction) -> bool:
    """Whether it is acknowledged without anything that can be seen."""
    return is_in_own_chat(interaction) and interaction.type is not discord.InteractionType.application_command
