"""By what an interaction is answered: a webhook of its own, for as long as its token is good."""

from typing import cast

import discord

from bot.adapters.discord.answers import Handle

ORIGINAL = cast("int", "@original")
"""The first answer to an interaction, which has a name in place of an id (Discord API, Interaction Responses)."""


def hook_of(client: discord.Client, handle: Handle) -> discord.Webhook:
    """Return by what an interaction is answered, whichever process it came to."""
    hook = discord.Webhook.partial(client.application_id or 0, handle.token, client=client)
    hook.type = discord.WebhookType.application
    return hook
