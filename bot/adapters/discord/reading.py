"""From what discord.py brings to the event that it is. Pure: what has to be asked of Discord was asked before."""

import re
from dataclasses import dataclass, replace
from typing import Any, cast

import discord

from bot.adapters.discord.answers import Handle
from bot.adapters.discord.forms import asks_for_form, handed_in
from bot.adapters.discord.limits import PLATFORM, made_at
from bot.adapters.discord.rendering import SELECT
from bot.adapters.well_formed import well_formed
from bot.conversation.envelope import (
    Actor,
    ChoicePressed,
    Command,
    Content,
    Envelope,
    Place,
    PlaceKind,
    TextChanged,
    TextSaid,
    Unreadable,
)

_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,32})(?:\s+(?P<args>.*))?", re.DOTALL)
_TOKEN = re.compile(r"v1:(?P<token>[^:]+):(?P<index>\d{1,4})")
_SELECTED = re.compile(rf"v1:(?P<token>[^:]+):{SELECT}\d")
_EMOJI = re.compile(r"<a?(:\w{1,32}:)\d{1,20}>")

READ = frozenset({discord.MessageType.default, discord.MessageType.reply})
"""Kinds of message that somebody wrote."""

CHAT_INPUT = 1
"""The kind of a command that is typed (Discord API, Application Command Types)."""

NO_CHOICE = -1
"""The number of what stands under a message and is none of its choices."""

TWO = 2
"""People in a chat of two."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """What Discord says of a server when it is asked: how many people there are, and accounts that are among them."""

    people: int = 0
    present: tuple[str, ...] = ()


def read_interaction(interaction: discord.Interaction, now: int, gathering: Gathering) -> Envelope | None:
    """Return the event, or None when it is none of ours."""
    place, content = place_of(interaction, gathering), _content_of(interaction)
    user = cast("discord.User | discord.Member | None", interaction.user or None)
    if place is None or content is None or user is None or user.bot:
        return None
    return Envelope(
        platform=PLATFORM,
        event_id=f"i:{interaction.id}",
        actor=_actor(user, str(interaction.locale.value)),
        place=place,
        at=min(now, made_at(interaction.id)),
        content=content,
        handle=str(handle_of(interaction)),
    )


def handle_of(interaction: discord.Interaction) -> Handle:
    """Return by what an interaction is answered."""
    return Handle(interaction.id, interaction.token, foreign=is_foreign(interaction))


def is_foreign(interaction: discord.Interaction) -> bool:
    """Whether it is where the bot is not: in a chat or a server to which somebody has brought it for themselves."""
    if interaction.guild_id is not None:
        return interaction.client.get_guild(interaction.guild_id) is None
    return interaction.context.private_channel is True


def is_to_us(message: discord.Message, us: int) -> bool:
    """Whether somebody wrote to the bot. In a server, that is what names or answers it; ``us`` is its own id.

    Without the right to read all, nothing else that is said there has any words.
    """
    if message.author.bot or message.webhook_id is not None or message.type not in READ:
        return False
    return message.guild is None or any(one.id == us for one in message.mentions)


def read_message(message: discord.Message, us: int, now: int, gathering: Gathering) -> Envelope:
    """Return what somebody wrote to the bot."""
    channel = message.channel
    text = _words(message.content)
    if message.guild is not None:
        text = re.sub(rf"<@!?{us}>", " ", text).strip()
    return Envelope(
        platform=PLATFORM,
        event_id=f"m:{message.id}",
        actor=_actor(message.author, ""),
        place=Place(kind=PlaceKind.DM, id=str(channel.id)) if message.guild is None else _room(channel, gathering),
        at=min(now, made_at(message.id)),
        content=_written(text, message),
    )


def read_edit(payload: discord.RawMessageUpdateEvent, us: int, now: int) -> Envelope | None:
    """Return that somebody changed what they wrote to the bot, or None when it is none of ours."""
    message = payload.message
    if payload.guild_id is not None or message.author.id == us or message.author.bot or message.edited_at is None:
        return None
    changed = int(message.edited_at.timestamp() * 1_000)
    return Envelope(
        platform=PLATFORM,
        event_id=f"e:{message.id}:{changed}",
        actor=_actor(message.author, ""),
        place=Place(kind=PlaceKind.DM, id=str(payload.channel_id)),
        at=min(now, changed),
        content=TextChanged(text=_words(message.content), message=str(message.id)),
    )


def place_of(interaction: discord.Interaction, gathering: Gathering) -> Place | None:
    """Return where an interaction is: with the bot alone, in a channel or thread, or in a chat of people."""
    channel = interaction.channel
    if channel is None:
        return None
    if interaction.guild_id is not None:
        may = interaction.permissions
        return replace(_room(channel, gathering), managed=may.manage_channels or may.manage_guild)
    if is_foreign(interaction):
        return _room(channel, _gathering_of(channel, interaction.user.id))
    return Place(kind=PlaceKind.DM, id=str(channel.id))


def _gathering_of(channel: object, actor: int) -> Gathering:
    """Who is in a chat of people. Of two, whoever acts is one, and who is named is the other."""
    named = cast("list[discord.abc.User]", getattr(channel, "recipients", None) or [])
    others = tuple(str(one.id) for one in named if one.id != actor)
    two = isinstance(channel, discord.DMChannel) and len(others) < TWO
    return Gathering(TWO if two else 0, others)


def _room(channel: Any, gathering: Gathering) -> Place:
    return Place(
        kind=PlaceKind.ROOM,
        id=str(channel.id),
        name=well_formed(str(getattr(channel, "name", None) or "")),
        people=gathering.people,
        hears=False,
        present=gathering.present,
    )


def _content_of(interaction: discord.Interaction) -> Content | None:
    data = cast("dict[str, Any]", interaction.data or {})
    match interaction.type:
        case discord.InteractionType.application_command if data.get("type") == CHAT_INPUT:
            options = cast("list[dict[str, Any]]", data.get("options") or [])
            args = well_formed(" ".join(str(option.get("value", "")) for option in options))
            return Command(name=well_formed(str(data.get("name", ""))), args=args)
        case discord.InteractionType.component:
            return _pressed(well_formed(str(data.get("custom_id", ""))), cast("list[Any]", data.get("values") or []))
        case discord.InteractionType.modal_submit:
            return handed_in(data)
        case _:
            return None


def _pressed(carried: str, values: list[Any]) -> Content | None:
    found = _TOKEN.fullmatch(carried)
    if found is not None:
        return ChoicePressed(token=found["token"], index=int(found["index"]))
    if (form := asks_for_form(carried)) is not None:
        return ChoicePressed(token=form[0], index=NO_CHOICE)  # it is not there any more
    selected = _SELECTED.fullmatch(carried)
    if selected is not None and len(values) == 1 and str(values[0]).isdecimal():
        return ChoicePressed(token=selected["token"], index=int(str(values[0])))
    return None


def _written(text: str, message: discord.Message) -> Content:
    """A command that was typed without picking it; a picture or a file without words; else words."""
    found = _COMMAND.fullmatch(text)
    if found is not None:
        return Command(name=found["name"].lower(), args=found["args"] or "")
    return TextSaid(text=text, message=str(message.id)) if text else Unreadable()


def _words(text: str) -> str:
    """The words as somebody sees them: a picture of their server's own is told by its name; halves of signs go."""
    return well_formed(_EMOJI.sub(r"\1", text))


def _actor(user: discord.User | discord.Member, locale: str) -> Actor:
    return Actor(id=str(user.id), name=well_formed(user.global_name or user.name), locale=well_formed(locale))
