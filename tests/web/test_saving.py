"""``Save this chat as a test``: what was played on the page, as a transcript that holds."""

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from bot.adapters.web.app import make_app
from bot.adapters.web.cast import DEMO, Cast, Person, Room
from bot.adapters.web.demo import Demo
from bot.adapters.web.panes import FromBot, Panes
from bot.wiring.data_folder import DATABASE, Keeping, nothing_kept
from bot.wiring.demo_stage import demo_stage
from bot.wiring.playing import play_transcript
from tests.conversation.world import shipped
from tests.sealed import KEYS

PORT = 8765


class Played:
    """The demo, played by the requests that the page makes."""

    def __init__(self, demo: Demo, panes: Panes, client: httpx2.AsyncClient) -> None:
        self.demo = demo
        self.panes = panes
        self._client = client

    async def says(self, person: str, text: str, pane: str = "") -> None:
        await self._post("say", pane=pane or person, person=person, text=text)

    async def presses(self, person: str, label: str, pane: str = "") -> None:
        shown = [entry.message for entry in self.panes.entries(pane or person) if isinstance(entry, FromBot)]
        token = next(b.token for message in reversed(shown) for b in message.buttons if b.label == label)
        await self._post("press", pane=pane or person, person=person, token=token)

    async def leaps(self, by: str) -> None:
        await self._post("travel", by=by)

    async def pairs(self) -> None:
        await self.says("alex", "/pair")
        await self.presses("alex", "Yes, gladly")
        await self.presses("alex", "My own idea")
        await self.says("sam", f"/pair {self.code}")
        await self.presses("sam", "Pair")
        await self.presses("sam", "My own idea")

    @property
    def code(self) -> str:
        told = " ".join(entry.message.text for entry in self.panes.entries("alex") if isinstance(entry, FromBot))
        return re.findall(r"Your code is (\w{8})", told)[-1]

    async def change(self, person: str, text: str) -> None:
        said = [entry for entry in self.panes.entries(person) if not isinstance(entry, FromBot)]
        await self._post("change", pane=person, person=person, message=said[-1].ref, text=text)

    async def restart(self) -> None:
        await self._post("restart")

    async def saved(self) -> httpx2.Response:
        return await self._client.get("/save")

    async def page(self) -> str:
        return (await self._client.get("/")).text

    async def _post(self, path: str, **body: str) -> None:
        answer = await self._client.post(f"/{path}", json=body)
        assert answer.status_code == 204, answer.text


Play = Callable[..., AbstractAsyncContextManager[Played]]


@pytest.fixture
def play() -> Play:
    @asynccontextmanager
    async def playing(cast: Cast = DEMO, data: Path | None = None) -> AsyncGenerator[Played]:
        panes = Panes(cast, start="test")
        keeping = Keeping(data / DATABASE, b"a test's secret", KEYS) if data is not None else nothing_kept()
        demo = demo_stage(shipped(), keeping, panes)
        await demo.open()
        transport = httpx2.ASGITransport(app=make_app(demo, panes, port=PORT))
        async with httpx2.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{PORT}") as client:
            yield Played(demo, panes, client)
        await demo.close()

    return playing


async def holds(chat: str, folder: Path) -> None:
    """The saved file holds when it is played by ``./run play``."""
    path = folder / "saved.chat"
    path.write_text(chat, "utf-8")
    failure, _ = await play_transcript(path, shipped())
    assert failure is None, f"{failure}\n{chat}"


async def some_talk(page: Played) -> None:
    await page.pairs()
    await page.says("alex", "/work_it_out")
    await page.presses("alex", "Short way, about ten minutes")
    await page.presses("sam", "Open")
    await page.presses("sam", "Yes")
    await page.says("alex", "The dishes stood there.")
    await page.change("alex", "The dishes stood there until noon.")
    await page.says("alex", "I need a clear kitchen.")
    await page.says("sam", "I came home late.\n\n[tired] /now")
    await page.says("sam", "I need quiet.")


async def test_what_was_played_is_saved_and_holds(play: Play, tmp_path: Path) -> None:
    async with play() as page:
        await some_talk(page)
        await page.leaps("1d")
        answer = await page.saved()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="saved.chat"'
    await holds(answer.text, tmp_path)


async def test_it_tells_who_is_there_and_what_was_typed_pressed_and_received(play: Play) -> None:
    async with play() as page:
        await some_talk(page)
        lines = (await page.saved()).text.splitlines()
    assert re.fullmatch(r"@start \d{4}-\d\d-\d\dT18:00Z", lines[1])
    assert lines[2:6] == ["@on web", "@alex", "@sam", "@room den: alex sam"]
    for line in [
        "alex> /start",
        "alex> [Yes, gladly]",
        "alex< Your code is {code}",
        "sam> /pair {code}",
        "sam> [Open]",
        "!edit alex: The dishes stood there until noon.",
        "sam> I came home late.",
        "| \\[tired] /now",
    ]:
        assert line in lines, line
    assert lines[-3:] == ["den<", "alex<", "sam<"]


async def test_what_is_drawn_by_lot_comes_out_the_same(play: Play, tmp_path: Path) -> None:
    """Ideas are shown without names, in an order that is drawn; a press by a number means the same one again."""
    async with play() as page:
        await some_talk(page)
        await page.says("alex", "What I heard is: quiet.")
        await page.says("sam", "What I heard is: a clear kitchen.")
        for person in ("alex", "sam"):
            await page.presses(person, "Yes, that's it")
        await page.says("alex", "We could buy paper plates.")
        await page.says("sam", "We could cook less.")
        for person in ("alex", "sam"):
            await page.presses(person, "Works for me")
        await page.presses("alex", "1")
        await page.presses("sam", "2")
        for person in ("alex", "sam"):
            await page.presses(person, "Yes, freely")
        saved = (await page.saved()).text
    assert "starts today" in saved
    await holds(saved, tmp_path)


async def test_time_that_passed_stands_between_the_lines_and_what_it_led_to_below_it(
    play: Play, tmp_path: Path
) -> None:
    async with play() as page:
        await page.says("alex", "/pause 20m", pane="den")
        await page.presses("sam", "I'm here", pane="den")
        await page.leaps("1h")
        await page.leaps("1d")
        saved = (await page.saved()).text
    assert "\nalex@den> /pause 20m\n" in saved
    assert "\nsam@den> [I'm here]\nsam@den< Good to know." in saved
    later = saved.partition("sam@den< Good to know.")[2]
    assert "\n+20m\n" in later
    assert later.index("+20m") < later.index("den< This pause has ended.") < later.index("+40m")
    assert "\n+1d\n" in later
    await holds(saved, tmp_path)


async def test_a_press_of_an_earlier_message_says_which_one(play: Play, tmp_path: Path) -> None:
    async with play() as page:
        await page.says("alex", "/say_it")
        await page.says("alex", "It rained.")
        await page.says("alex", "/how_is_it_going")
        await page.says("alex", "The walks.")
        # The feelings stand above the question that is in front now.
        await page.presses("alex", "tired")
        saved = (await page.saved()).text
    assert "\nalex> [tired]@2\n" in saved
    await holds(saved, tmp_path)


async def test_people_come_with_their_zone_and_their_language(play: Play, tmp_path: Path) -> None:
    people = (Person(id="ana", name="Ana", locale="es", zone="Europe/Madrid"), Person(id="ben", name="Ben"))
    async with play(Cast(people=people, room=Room(id="attic", title="The attic"))) as page:
        await page.says("ana", "/pausa")
        await page.says("ana", "/say_it")
        saved = (await page.saved()).text
    assert "\n@ana tz=Europe/Madrid lang=es\n@ben\n@room attic: ana ben\n" in saved
    assert "¿Qué pasó?" in saved
    await holds(saved, tmp_path)


async def test_lines_that_only_look_like_something_else_are_kept_as_text(play: Play, tmp_path: Path) -> None:
    words = ["[Yes]", "/ slash", "# no comment", "@sam hello", "+20m", "!crash", "| bar", "{code} {x}", "a\n| b\n\nc"]
    async with play() as page:
        for text in words:
            await page.says("alex", text)
            await page.says("sam", text, pane="den")
        await page.says("alex", "/say_it")
        await page.says("alex", "[Skip] {code}")
        saved = (await page.saved()).text
    await holds(saved, tmp_path)


async def test_after_a_restart_only_what_came_since_is_saved(play: Play, tmp_path: Path) -> None:
    async with play() as page:
        await some_talk(page)
        await page.restart()
        await page.says("sam", "/say_it")
        saved = (await page.saved()).text
    assert "dishes" not in saved
    assert "sam> /say_it" in saved
    await holds(saved, tmp_path)


async def test_a_line_beside_the_button_says_that_the_file_holds_what_was_typed(play: Play) -> None:
    async with play() as page:
        html = await page.page()
    assert re.search(r'href="/save" download>Save this chat as a test</a> <span>The file holds every word', html)


async def test_a_chat_that_is_kept_elsewhere_is_not_offered_for_saving(play: Play, tmp_path: Path) -> None:
    """Its ids are drawn under a secret of its own, so that no transcript could bring about the same."""
    async with play(data=tmp_path) as page:
        answer = await page.saved()
        assert answer.status_code == 409
        assert answer.text == "This chat is kept, with a secret of its own: a demo without --data can save one."
        assert "/save" not in await page.page()


async def test_nothing_of_it_is_written_anywhere_by_itself(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with play() as page:
        await some_talk(page)
        await page.saved()
    assert list(tmp_path.iterdir()) == []
