"""Hot reload: what is saved is taken on at once; a broken file is shown, and the page goes on as before."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.adapters.web.app import make_app
from bot.adapters.web.cast import DEMO
from bot.adapters.web.demo import Demo
from bot.adapters.web.panes import FromBot, Panes
from bot.adapters.web.reloading import MOST_SHOWN, Reloading, Saves
from bot.flows.library import Library
from bot.wiring.data_folder import nothing_kept
from bot.wiring.demo_stage import demo_stage
from bot.wiring.dialogues import DIALOGUES, library_of
from tests.web.test_live import Watcher

PORT = 8765
MARKED = "marked-words-5512"

TEA = """\
flow: tea
version: 1
title: Tea
roles: {me: one}
start: {command: tea}
slots:
  kind: {type: choice, class: private, options: {green: "Green", black: "Black"}}
  cups: {type: number, class: private, min: 1, max: 9}
steps:
  - {id: kind, ask: "Which tea?", save: kind}
  - {id: cups, ask: "How many cups?", save: cups}
  - {id: done, say: "Enjoy it.", to: me, end: true}
"""


class Author:
    """Somebody who edits a flow while the page is open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.flow = folder / "flows" / "tea.yaml"
        self.flow.parent.mkdir()
        self.flow.write_text(TEA)
        self.phrases = folder / "phrases.yaml"
        self.phrases.write_text((DIALOGUES / "phrases.yaml").read_text("utf-8"), "utf-8")
        library = library_of(folder)
        self.panes = Panes(DEMO, start="test")
        self.demo: Demo = demo_stage(library, nothing_kept(), self.panes)
        self.reloading = Reloading(self.demo, self.panes, lambda: library_of(folder))
        transport = httpx2.ASGITransport(app=make_app(self.demo, self.panes, port=PORT))
        self._client = httpx2.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{PORT}")

    async def saves(self, text: str) -> None:
        self.flow.write_text(text)
        await self.reloading.reload()

    async def says(self, person: str, text: str) -> str:
        """Say something, and return what the person got."""
        before = len(self.panes.entries(person))
        answer = await self._client.post("/say", json={"pane": person, "person": person, "text": text})
        assert answer.status_code == 204, answer.text
        new = self.panes.entries(person)[before:]
        return " ".join(entry.message.text for entry in new if isinstance(entry, FromBot))

    async def page(self) -> str:
        return (await self._client.get("/")).text

    async def close(self) -> None:
        await self._client.aclose()
        await self.demo.close()


@pytest.fixture
async def author(tmp_path: Path) -> AsyncIterator[Author]:
    one = Author(tmp_path)
    await one.demo.open()
    yield one
    await one.close()


async def test_who_begins_after_a_save_gets_the_new_words_and_who_is_in_the_middle_keeps_theirs(
    author: Author,
) -> None:
    assert "Which tea?" in await author.says("alex", "/tea")
    await author.saves(TEA.replace("Which tea?", "Tea?").replace("How many cups?", "A pot?"))
    assert "Tea?" in await author.says("sam", "/tea")
    assert await author.says("alex", "green") == "How many cups?"
    assert await author.says("sam", "black") == "A pot?"


async def test_a_conversation_comes_along_when_its_flow_says_so(author: Author) -> None:
    await author.says("alex", "/tea")
    raised = TEA.replace("version: 1", 'version: 2\nmigrate: {"1": {}}').replace("How many cups?", "A pot?")
    await author.saves(raised)
    assert await author.says("alex", "green") == "A pot?"


async def test_a_new_command_is_offered_below_the_panes_without_a_reload_of_the_page(author: Author) -> None:
    watcher = Watcher(author.panes, author.panes.feed.latest)
    await author.saves(TEA.replace("command: tea", "command: brew"))
    told = await watcher.next()
    assert told["op"] == "flows"
    assert 'data-chip="/brew"' in told["chips"]["alex"]
    assert 'data-chip="/tea"' not in told["chips"]["alex"]
    assert 'data-chip="/brew"' in await author.page()


async def test_a_broken_file_is_told_with_its_place_and_a_caret_and_the_page_goes_on_as_before(
    author: Author,
) -> None:
    await author.says("alex", "/tea")
    await author.saves(TEA.replace("save: kind", "saves: kind"))
    html = await author.page()
    assert f"{author.flow}:10:35: unknown key &#39;saves&#39;, did you mean &#39;save&#39;? [unknown-key]" in html
    assert "- {id: kind, ask: &#34;Which tea?&#34;, saves: kind}" in html
    assert "         ^" in html
    assert await author.says("alex", "green") == "How many cups?"
    assert "Which tea?" in await author.says("sam", "/tea")


async def test_the_problem_is_gone_from_every_page_once_the_file_is_right(author: Author) -> None:
    watcher = Watcher(author.panes, author.panes.feed.latest)
    await author.saves("flow: [")
    told = await watcher.next()
    assert (told["op"], "never closed" in told["problems"] or "not YAML" in told["problems"]) == ("flows", True)
    await author.saves(TEA.replace("Which tea?", "Tea?"))
    assert (await watcher.next())["problems"].strip() == ""
    assert "yaml-syntax" not in await author.page()
    assert "Tea?" in await author.says("sam", "/tea")


async def test_a_page_that_was_away_is_told_of_the_problem_when_it_comes_back(author: Author) -> None:
    await author.saves("flow: [")
    afresh: dict[str, Any] = await Watcher(author.panes, "an-earlier-start-3").next()
    assert afresh["op"] == "afresh"
    assert "yaml-syntax" in afresh["problems"]


async def test_phrases_that_are_saved_are_taken_on_too(author: Author) -> None:
    text = author.phrases.read_text("utf-8")
    author.phrases.write_text(text.replace('nothing.waits: "', 'nothing.waits: "So: '), "utf-8")
    assert text != author.phrases.read_text("utf-8"), "the phrase has another name now"
    await author.reloading.reload()
    assert "So: " in await author.says("alex", "/open")


async def test_what_an_author_wrote_is_shown_as_text_and_nothing_else(author: Author) -> None:
    await author.saves(TEA.replace('ask: "Which tea?"', "ask: <script>alert(1)</script>, <b>: "))
    html = await author.page()
    assert "<script>alert" not in html
    assert "[" in author.panes.problems[0]


async def test_of_many_problems_the_first_are_shown_and_the_others_counted(author: Author) -> None:
    more = "\n".join(f"  - {{id: s{number}, says: x}}" for number in range(20))
    await author.saves(TEA + more + "\n")
    assert len(author.panes.problems) == MOST_SHOWN + 1
    assert author.panes.problems[-1].endswith("more: ./run check tells them all")


async def test_what_cannot_be_for_those_who_are_in_it_is_a_problem_and_changes_nothing(author: Author) -> None:
    """A renamed slot that means something else: a start would be refused, and so is this."""
    await author.says("alex", "/tea")
    raised = TEA.replace("version: 1", 'version: 2\nmigrate: {"1": {slots: {nothing: cups}}}')
    await author.saves(raised)
    assert author.panes.problems
    assert await author.says("alex", "green") == "How many cups?"


async def test_a_restart_begins_with_what_was_saved(author: Author) -> None:
    await author.saves(TEA.replace("Which tea?", "Tea?"))
    await author.demo.restart()
    assert "Tea?" in await author.says("alex", "/tea")


async def test_it_keeps_up_with_every_save_that_it_is_told_of(author: Author) -> None:
    saved: asyncio.Queue[None] = asyncio.Queue()
    keeping_up = asyncio.create_task(author.reloading.keep_up(saved.get))
    watcher = Watcher(author.panes, author.panes.feed.latest)
    for words in ("One?", "Two?"):
        author.flow.write_text(TEA.replace("Which tea?", words))
        saved.put_nowait(None)
        assert (await told_of_the_flows(watcher))["op"] == "flows"
    keeping_up.cancel()
    assert "Two?" in await author.says("alex", "/tea")


async def test_a_load_that_fails_in_any_other_way_is_told_and_the_next_one_is_tried(
    author: Author, caplog: pytest.LogCaptureFixture
) -> None:
    saved: asyncio.Queue[None] = asyncio.Queue()

    def broken() -> Library:
        raise RuntimeError(MARKED)

    failing = Reloading(author.demo, author.panes, broken)
    watcher = Watcher(author.panes, author.panes.feed.latest)
    keeping_up = asyncio.create_task(failing.keep_up(saved.get))
    for _ in range(2):
        saved.put_nowait(None)
        assert "could not be loaded" in (await told_of_the_flows(watcher))["problems"]
    keeping_up.cancel()
    assert "reload_failed fault=RuntimeError" in caplog.text
    assert MARKED not in caplog.text
    assert "Which tea?" in await author.says("alex", "/tea")


async def told_of_the_flows(watcher: Watcher) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while (told := await watcher.next())["op"] != "flows":
            pass
    return told


# Noticing that something was saved


def test_a_save_is_noticed_once_the_file_is_the_same_at_two_looks(tmp_path: Path) -> None:
    path = tmp_path / "flows" / "a.yaml"
    path.parent.mkdir()
    path.write_text("flow: a")
    saves = Saves([tmp_path])
    assert [saves.look(), saves.look()] == [False, False]
    path.write_text("flow: a, half of")
    assert saves.look() is False
    path.write_text("flow: a, half of it, and the rest")
    assert [saves.look(), saves.look(), saves.look()] == [False, True, False]


def test_a_save_that_leaves_the_length_as_it_was_is_noticed_by_its_time(tmp_path: Path) -> None:
    path = tmp_path / "es.po"
    path.write_text("one")
    os.utime(path, ns=(1, 1))
    saves = Saves([tmp_path])
    path.write_text("two")
    os.utime(path, ns=(2, 2))
    assert [saves.look(), saves.look()] == [False, True]


def test_a_new_file_and_one_that_is_gone_are_noticed_and_others_are_not(tmp_path: Path) -> None:
    saves = Saves([tmp_path])
    (tmp_path / "notes.txt").write_text("not a flow")
    assert [saves.look(), saves.look()] == [False, False]
    (tmp_path / "b.yaml").write_text("flow: b")
    assert [saves.look(), saves.look()] == [False, True]
    (tmp_path / "b.yaml").unlink()
    assert [saves.look(), saves.look()] == [False, True]


def test_what_is_put_back_at_once_is_no_save(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("flow: a")
    os.utime(path, ns=(1, 1))
    saves = Saves([tmp_path])
    path.rename(tmp_path / "a.yaml~")
    assert saves.look() is False
    (tmp_path / "a.yaml~").rename(path)
    assert [saves.look(), saves.look()] == [False, False]
