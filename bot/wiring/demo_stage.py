"""The conversation behind the demo's page, kept in a data folder or in memory."""

import secrets
from datetime import UTC, datetime

from bot.adapters.clocks import SteppedClock, SystemClock
from bot.adapters.web.cast import PLATFORM
from bot.adapters.web.demo import Demo, Opened
from bot.adapters.web.journal import Journal
from bot.adapters.web.panes import Panes
from bot.adapters.web.platform import WebPlatform
from bot.conversation.opening import open_conversation
from bot.conversation.service import Conversation
from bot.flows.library import Library
from bot.wiring.data_folder import Keeping
from bot.wiring.playing import TRANSCRIPT_SECRET
from bot.wiring.warning import warn
from storage.sqlite import open_store

A_MINUTE = 60_000
"""The step of the page's clock, in milliseconds: what it shows, and what a saved chat can say."""


def demo_stage(flows: Library, keeping: Keeping, panes: Panes) -> Demo:
    """Return the conversation behind the page.

    In memory it is as a transcript's, so that what is saved can be played: with the same secret, under the same ids.
    """
    path = keeping.database
    journal = Journal(panes.cast)
    platforms = {PLATFORM: WebPlatform(panes, journal)}

    async def begin(library: Library) -> Opened:
        store = await open_store(path, keeping.masters, warn)
        async with store.transaction() as tx:
            last = await tx.last_event_at()
        real = SystemClock()
        clock = SteppedClock(real, max(_this_evening(real), last), A_MINUTE)
        secret = keeping.secret if path is not None else TRANSCRIPT_SECRET

        async def talk_with(library: Library) -> Conversation:
            return await open_conversation(
                store=store,
                library=library,
                clock=clock,
                secret=secret,
                platforms=platforms,
                operator=keeping.operator,
                warn=warn,
            )

        try:
            talk = await talk_with(library)
        except BaseException:
            await store.close()
            raise
        return Opened(
            talk=talk,
            clock=clock,
            known=last > 0,
            whole=path is None,
            mark=f"{secrets.token_hex(4)}-" if path is not None else "",
            renew=talk_with,
            close=store.close,
        )

    async def wipe() -> None:
        for suffix in ("", "-wal", "-shm"):
            if path is not None:
                path.with_name(path.name + suffix).unlink(missing_ok=True)

    return Demo(journal, flows, begin=begin, wipe=wipe)


def _this_evening(clock: SystemClock) -> int:
    """Six in the evening, UTC: outside of anybody's quiet hours, so that nothing waits for the morning."""
    today = datetime.fromtimestamp(clock.now() / 1000, UTC)
    return int(today.replace(hour=18, minute=0, second=0, microsecond=0).timestamp() * 1000)
