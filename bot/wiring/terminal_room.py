"""A conversation in a terminal, opened over its store and after a crash opened anew."""

from collections.abc import Callable

from bot.adapters.clocks import MovableClock
from bot.adapters.terminal.stage import TerminalPlatform, TerminalStage
from bot.conversation.message import Message
from bot.conversation.opening import open_conversation
from bot.conversation.service import Conversation
from bot.engine.watching import Watch
from bot.flows.library import Library
from bot.flows.transcript import PLATFORMS
from bot.wiring.data_folder import Keeping
from bot.wiring.warning import warn
from storage.sqlite import SqliteStore, open_store


class TerminalRoom:
    """A terminal with its store."""

    def __init__(
        self,
        *,
        flows: Library,
        keeping: Keeping,
        clock: MovableClock,
        told: Callable[[str, Message], None],
        event_prefix: str = "",
        watch: Watch | None = None,
    ) -> None:
        self._watch = watch
        self.platform = TerminalPlatform(told)
        self.clock = clock
        self._flows = flows
        self._keeping = keeping
        self._store: SqliteStore | None = None
        self.talk: Conversation | None = None
        self.stage = TerminalStage(
            views=self.platform.views, clock=clock, open_talk=self.open_talk, event_prefix=event_prefix
        )

    async def open_talk(self) -> Conversation:
        """Return the conversation as after a start of the process: everything but the file is new."""
        if self._keeping.database is not None and self._store is not None:
            await self._store.close()
            self._store = None
        if self._store is None:
            self._store = await open_store(self._keeping.database, self._keeping.masters, warn)
        self.talk = await open_conversation(
            store=self._store,
            library=self._flows,
            clock=self.clock,
            secret=self._keeping.secret,
            platforms=dict.fromkeys(PLATFORMS, self.platform),
            warn=warn,
            operator=self._keeping.operator,
            watch=self._watch,
        )
        return self.talk

    async def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            await self._store.close()
