import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx2
import pytest

from bot.adapters.web.app import make_app
from bot.adapters.web.cast import DEMO
from bot.adapters.web.panes import Panes
from bot.adapters.web.platform import WebPlatform
from bot.adapters.web.server import HOST, PortTaken, listen, port_of, serve
from tests.web.fakes import FakeStage, dm, message


class Served:
    """A page that is really served, on a free port of this computer."""

    def __init__(self) -> None:
        self.panes = Panes(DEMO, start="s1")
        self.listener = listen(0)
        self.address = f"http://{HOST}:{port_of(self.listener)}"
        self._ready = asyncio.Event()
        app = make_app(FakeStage(), self.panes, port=port_of(self.listener))
        self.running = asyncio.ensure_future(
            serve(app, self.listener, on_ready=self._ready.set, on_end=self.panes.feed.close)
        )

    async def ready(self) -> None:
        async with asyncio.timeout(5):
            await self._ready.wait()

    async def stop(self) -> None:
        self.running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.running


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    one = Served()
    await one.ready()
    yield one
    await one.stop()


async def until(lines: AsyncIterator[str], beginning: str) -> str:
    async with asyncio.timeout(5):
        async for line in lines:
            if line.startswith(beginning):
                return line
    raise AssertionError(beginning)


async def test_a_page_that_comes_back_is_told_over_the_wire_what_it_missed(served: Served) -> None:
    platform = WebPlatform(served.panes)
    async with httpx2.AsyncClient(base_url=served.address) as browser:
        async with browser.stream("GET", "/live", params={"after": served.panes.feed.latest}) as live:
            assert live.headers["content-type"].startswith("text/event-stream")
            lines = live.aiter_lines()
            await platform.send(dm("alex"), message("Seen."), "k1")
            last = (await until(lines, "id: ")).removeprefix("id: ")
        await platform.send(dm("alex"), message("Missed."), "k2")

        headers = {"Last-Event-ID": last}
        async with browser.stream("GET", "/live", params={"after": "s1-0"}, headers=headers) as live:
            assert "Missed." in await until(live.aiter_lines(), "data: ")


async def test_it_ends_at_once_though_a_page_is_still_open(served: Served) -> None:
    async with (
        httpx2.AsyncClient(base_url=served.address) as browser,
        browser.stream("GET", "/live", params={"after": served.panes.feed.latest}) as live,
    ):
        assert live.status_code == 200
        async with asyncio.timeout(1.5):
            await served.stop()

    assert await anext(served.panes.feed.follow("", patience=0.01), None) is None


async def test_it_listens_on_this_computer_only(served: Served) -> None:
    assert served.listener.getsockname()[0] == "127.0.0.1"


async def test_a_port_that_is_taken_is_told_before_anything_starts(served: Served) -> None:
    with pytest.raises(PortTaken, match="choose another one"):
        listen(port_of(served.listener))
