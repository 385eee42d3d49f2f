"""Opening the conversation over a store: earlier revisions are loaded and sessions brought along before any turn."""

from collections.abc import Callable, Mapping, Sequence

from bot.conversation.operator import UNNAMED, Operator
from bot.conversation.ports import Clock, Platform, Store
from bot.conversation.service import Conversation
from bot.conversation.versions import Fared, Fate, bring_up
from bot.engine.watching import Watch
from bot.flows.library import Library


async def open_conversation(
    *,
    store: Store,
    library: Library,
    clock: Clock,
    secret: bytes,
    platforms: Mapping[str, Platform],
    warn: Callable[[str], None] = lambda _sentence: None,
    operator: Operator = UNNAMED,
    watch: Watch | None = None,
) -> Conversation:
    """Return the conversation, ready to ``recover``. ``warn`` gets a sentence about sessions that cannot go on.

    ``operator`` is whoever runs the bot; ``watch`` is told which ways sessions take.
    Raises FlowInvalid when what a flow declares about an older version cannot be.
    """
    whole, fared = await bring_up(store, library, clock.now())
    sentence = lost_sentence(fared)
    if sentence:
        warn(sentence)
    return Conversation(
        store=store,
        library=whole,
        clock=clock,
        secret=secret,
        platforms=platforms,
        operator=operator,
        watch=watch,
    )


def lost_sentence(fared: Sequence[Fared]) -> str:
    """Return one sentence about the sessions whose revisions cannot be read; empty when there are none."""
    lost = [one for one in fared if one.fate is Fate.LOST]
    if not lost:
        return ""
    where = ", ".join(f"{one.flow} {one.version or 'of an unknown version'}: {one.sessions}" for one in lost)
    count = sum(one.sessions for one in lost)
    told = "1 running conversation rests" if count == 1 else f"{count} running conversations rest"
    why = f"this program cannot read the revisions that they began in ({where})"
    return f"{told}, because {why}: start the program that stored them."
