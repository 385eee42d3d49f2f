import json
from typing import Any

from bot.adapters.web.cast import DEMO
from bot.adapters.web.fragments import Fragments
from bot.adapters.web.live import stream
from bot.adapters.web.panes import Panes
from bot.adapters.web.platform import WebPlatform
from tests.web.fakes import EVENING, dm, message

MINUTE = 60_000


class Watcher:
    """A page that is open, seen from its stream."""

    def __init__(self, panes: Panes, after: str) -> None:
        self.at = EVENING
        self.last = after
        self._stream = stream(panes, Fragments(DEMO), lambda: self.at, after, patience=0.01)

    async def next(self) -> dict[str, Any]:
        event = await anext(self._stream)
        self.last = event.id or self.last
        assert isinstance(event.data, str)
        return json.loads(event.data)


async def test_every_change_arrives_as_a_fragment_in_its_order() -> None:
    panes = Panes(DEMO, start="s1")
    platform = WebPlatform(panes)
    watcher = Watcher(panes, panes.feed.latest)

    ref = await platform.send(dm("sam"), message("Pair?", "Pair", "Not now"), "k1")
    await platform.retire(dm("sam"), ref, "Pair")
    await platform.hide(dm("sam"), ())
    await platform.send(dm("sam"), message("Nothing due."), "k2")

    # The page had not seen anything before it was hidden: it is never told.
    afresh = await watcher.next()
    assert afresh["op"] == "afresh"
    assert "Pair?" not in str(afresh)
    assert "Nothing due." in afresh["logs"]["sam"]


async def test_a_page_that_keeps_up_sees_append_replace_and_remove() -> None:
    panes = Panes(DEMO, start="s1")
    platform = WebPlatform(panes)
    watcher = Watcher(panes, panes.feed.latest)

    ref = await platform.send(dm("sam"), message("Pair?", "Pair", "Not now"), "k1")
    appended = await watcher.next()
    assert (appended["op"], appended["pane"], appended["ref"]) == ("append", "sam", ref)
    assert appended["html"].count('class="choice"') == 2

    await platform.retire(dm("sam"), ref, "Not now")
    replaced = await watcher.next()
    assert (replaced["op"], replaced["pane"], replaced["ref"]) == ("replace", "sam", ref)
    assert "<bdi>Not now</bdi>" in replaced["html"]
    assert "<button" not in replaced["html"]

    await platform.hide(dm("sam"), ())
    removed = await watcher.next()
    assert (removed["op"], removed["pane"], removed["refs"]) == ("remove", "sam", [ref])


async def test_a_page_that_lost_its_stream_is_told_what_it_missed() -> None:
    panes = Panes(DEMO, start="s1")
    first = Watcher(panes, panes.feed.latest)
    panes.say("alex", "alex", "Seen.", command=False)
    await first.next()

    panes.say("alex", "alex", "Missed one.", command=False)
    panes.say("den", "sam", "Missed two.", command=False)

    again = Watcher(panes, first.last)
    assert "Missed one." in (await again.next())["html"]
    assert "Missed two." in (await again.next())["html"]


async def test_a_page_of_an_earlier_process_gets_every_log_anew() -> None:
    panes = Panes(DEMO, start="s2")
    panes.say("alex", "alex", "Now.", command=False)

    afresh = await Watcher(panes, "s1-41").next()

    assert afresh["op"] == "afresh"
    assert set(afresh["logs"]) == {"alex", "sam", "den"}
    assert "Now." in afresh["logs"]["alex"]


async def test_two_pages_see_the_same() -> None:
    panes = Panes(DEMO, start="s1")
    watchers = [Watcher(panes, panes.feed.latest) for _ in range(2)]
    panes.say("alex", "alex", "Hello.", command=False)

    one, two = [await watcher.next() for watcher in watchers]

    assert one == two


async def test_restarting_starts_every_page_afresh() -> None:
    panes = Panes(DEMO, start="s1")
    panes.say("alex", "alex", "Before.", command=False)
    watcher = Watcher(panes, panes.feed.latest)

    panes.clear()
    panes.say("alex", "alex", "After.", command=False)

    afresh = await watcher.next()
    assert afresh["op"] == "afresh"
    assert "Before." not in str(afresh)
    assert "After." in afresh["logs"]["alex"]


async def test_a_clock_that_moved_is_told_even_when_nothing_else_happens() -> None:
    panes = Panes(DEMO, start="s1")
    watcher = Watcher(panes, panes.feed.latest)
    panes.say("alex", "alex", "Hello.", command=False)
    await watcher.next()

    watcher.at += MINUTE

    told = await watcher.next()
    assert told["op"] == "clock"
    assert (told["clock"]["time"], told["clock"]["day"]) == ("18:01", "Monday 2 March 2026")
