"""The outward half: the conversation's messages appear in the panes."""

from collections.abc import Sequence
from typing import assert_never

from bot.adapters.web.journal import Journal
from bot.adapters.web.panes import Panes
from bot.conversation.message import Message, Shown
from bot.conversation.outbox import Target, TargetKind


class UnknownChat(Exception):
    """A message is for a chat that has no pane: the data belongs to another cast. Start with other data."""


class WebPlatform:
    """Shows everything at once, and notes it in the journal. Implements the conversation's ``Platform``."""

    has_forms = False
    single_for = 24 * 3_600_000
    """A page knows what it has shown for as long as it is open."""

    def __init__(self, panes: Panes, journal: Journal | None = None) -> None:
        self._panes = panes
        self._journal = journal if journal is not None else Journal(panes.cast)

    async def send(self, target: Target, message: Message, key: str) -> str:
        """Show a message and return its ref; ``key`` is the same for a resend, which shows nothing new."""
        pane = self._pane(target)
        if not self._panes.has_shown(key):
            self._journal.showed(target, message)
        return self._panes.show(pane, message, key=key, only=_only(target))

    async def retire(self, target: Target, ref: str, chosen: str) -> None:
        """Take the choices away from a message and echo the one that was chosen, if any."""
        self._panes.retire(self._pane(target), ref, chosen)

    async def hide(self, target: Target, shown: Sequence[Shown]) -> None:
        """Remove the bot's messages from a pane; of an aside's target, the asides of that one person."""
        del shown  # the panes know
        self._panes.hide(self._pane(target), only=_only(target))
        self._journal.hid(target)

    def _pane(self, target: Target) -> str:
        cast = self._panes.cast
        match target.kind:
            case TargetKind.DM:
                known = cast.person(target.chat) is not None
            case TargetKind.ROOM:
                known = target.chat == cast.room.id
            case TargetKind.ASIDE:
                known = target.chat == cast.room.id and cast.person(target.account) is not None
            case _:
                assert_never(target.kind)
        if not known:
            msg = f"no pane for a {target.kind} target; the data belongs to another cast, start with other data"
            raise UnknownChat(msg)
        return target.chat


def _only(target: Target) -> str:
    return target.account if target.kind is TargetKind.ASIDE else ""
