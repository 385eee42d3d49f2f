"""The live half of the page: every change as a server-sent event, in order, with nothing missed."""

import json
from collections.abc import AsyncIterator, Callable
from typing import assert_never

from sse_starlette.event import ServerSentEvent

from bot.adapters.web import clock
from bot.adapters.web.feed import Afresh, News, Quiet
from bot.adapters.web.fragments import Fragments
from bot.adapters.web.panes import Appended, Change, FlowsSaved, Panes, Removed, Replaced

PATIENCE = 5.0
"""Seconds after which a quiet stream looks at the clock again."""

_RETRY = 1000  # milliseconds until a page that lost its stream asks again


async def stream(
    panes: Panes, fragments: Fragments, now: Callable[[], int], after: str, *, patience: float = PATIENCE
) -> AsyncIterator[ServerSentEvent]:
    """Yield what a page that has seen everything up to ``after`` needs to be, and to stay, up to date."""
    told = clock.stamp(now())
    async for news in panes.feed.follow(after, patience=patience):
        match news:
            case News(id=at, change=change):
                body = _operation(fragments, panes, change)
            case Afresh(id=at):
                logs = {pane: fragments.log(panes.entries(pane)) for pane in panes.cast.panes}
                body = {"op": "afresh", "logs": logs, **_flows(fragments, panes)}
            case Quiet():
                at = None
                body = {"op": "clock"}
                if clock.stamp(now()) == told:
                    continue
            case _:
                assert_never(news)
        told = clock.stamp(now())
        yield ServerSentEvent(data=json.dumps(body | {"clock": reading(now())}), id=at, retry=_RETRY)


def reading(now: int) -> dict[str, str]:
    """Return the clock as the page shows it."""
    return {
        "stamp": clock.stamp(now),
        "day": clock.day(now),
        "short": clock.short_day(now),
        "time": clock.time(now),
    }


def _flows(fragments: Fragments, panes: Panes) -> dict[str, object]:
    """What the page shows of the flows themselves."""
    return {"chips": fragments.chips(panes), "problems": fragments.problems(panes)}


def _operation(fragments: Fragments, panes: Panes, change: Change) -> dict[str, object]:
    match change:
        case Appended(pane=pane, entry=entry):
            return {"op": "append", "pane": pane, "ref": entry.ref, "html": fragments.entry(entry)}
        case Replaced(pane=pane, entry=entry):
            return {"op": "replace", "pane": pane, "ref": entry.ref, "html": fragments.entry(entry)}
        case Removed(pane=pane, refs=refs):
            return {"op": "remove", "pane": pane, "refs": refs}
        case FlowsSaved():
            return {"op": "flows", **_flows(fragments, panes)}
        case _:
            assert_never(change)
