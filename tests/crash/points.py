"""What happens when a process dies at each named point: one event or one deadline, on each kind of platform."""

import asyncio
import sqlite3
import tempfile
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from shutil import copytree

from bench.crashtest.living import AT_MOST, Ended, Life, Stuck
from bench.crashtest.loopback import KINDS, Kind, Loopback
from bench.crashtest.report import table
from bench.crashtest.stored import conversations
from bench.crashtest.wire import Acknowledged, Answer, Call, Event, Fault, History, Judged, Ready, Tick, Ticked
from bench.crashtest.worker import DATABASE, Job
from bot.conversation.envelope import Command, TextSaid
from tests.conversation.world import MEMORY, MINUTE

START = 1_772_438_400_000
"""2026-03-02T08:00Z: when quiet hours end."""

SAID = "These words."

LULL = 5 * MINUTE
"""How long the flow wait.yaml waits."""

POINTS = {
    "before_its_turn": "it has come, and nothing was done with it",
    "before_the_commit": "its turn was taken and written, not committed",
    "after_the_commit": "its turn is committed; nothing is claimed, nothing acknowledged",
    "before_the_hand_over": "the message is claimed, not handed over",
    "before_the_answer": "the message is handed over, the platform's answer not heard",
    "after_the_answer": "the platform has answered, nothing is noted of it",
    "before_the_mark_is_committed": "it is noted that the message was sent, not committed",
    "before_the_acknowledgement": "everything is committed, the event not acknowledged",
}
"""The named points, and what a reader is told of them: in the middle of what the process dies."""


class Cause(Enum):
    """What the process is at when it dies."""

    WORDS = "somebody writes, and is answered"
    TIME = "a deadline comes, and leads to a nudge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What came of it in the end."""

    died: bool
    stored: int
    """How often the words are stored, or the deadline's nudge."""
    shown: int
    """How often somebody saw the message that it led to."""
    wrong: tuple[str, ...]


class Scene:
    """A file and a platform, which stay; and somebody who is in a conversation."""

    def __init__(self, folder: Path, kind: Kind) -> None:
        self.platform = Loopback(kind)
        self.now = START
        self.wrong: list[str] = []
        self._folder = folder

    def copied_to(self, folder: Path) -> "Scene":
        """Return the same in another folder, to go on in another way."""
        copy = Scene(folder, self.platform.kind)
        copy.platform, copy.now = deepcopy(self.platform), self.now
        copytree(self._folder, folder, dirs_exist_ok=True)
        return copy

    def live(self, *, dies_at: str = "", begins: str = "", writes: str = "", passes: int = 0) -> bool:
        """Let a process live for one thing that happens; return whether it was there to the end."""
        breaks = f"tests.crash.dying:{dies_at}" if dies_at else ""
        kind = self.platform.kind
        life = Life(Job(folder=self._folder, now=self.now, single_for=kind.single_for, broken=breaks))
        try:
            self._until(life, Ready)
            self._bring_again(life)
            if begins:
                life.tell(Event(envelope=self.platform.note("alex", Command(name=begins), self.now)))
            if writes:
                life.tell(Event(envelope=self.platform.note("alex", TextSaid(text=writes, message="m"), self.now)))
            if passes or not (begins or writes):
                self.now += passes
                life.tell(Tick(now=self.now))
                self._until(life, Ticked)
            while self.platform.unanswered():
                self._hear(life)
        except Ended as fault:
            if not dies_at or isinstance(fault, Stuck):
                self.wrong.append(str(fault))
            life.kill()
            return False
        life.end()
        return True

    def _bring_again(self, life: Life) -> None:
        if self.platform.kind.redelivers:
            for envelope in self.platform.to_bring_again():
                life.tell(Event(envelope=envelope))
        elif self.platform.unanswered():
            life.tell(History(chats=self.platform.chats()))

    def _until(self, life: Life, kind: type) -> None:
        while not isinstance(self._hear(life), kind):
            pass

    def _hear(self, life: Life) -> object:
        heard = life.hear(AT_MOST)
        match heard:
            case Call():
                ref, _ = self.platform.show(heard.key, self.now)
                life.tell(Answer(number=heard.number, ref=ref))
            case Acknowledged(event_id=event_id):
                self.platform.acknowledge(event_id)
            case Fault(told=told):
                self.wrong.append(told)
            case Judged(fair=False):
                self.wrong.append("a message was dropped that was not out of date")
            case None:
                raise Stuck
            case _:
                pass
        return heard


def _happened(begun: Scene, point: str, cause: Cause) -> Happened:
    """Let a process die at that point, start another, and look."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        scene, database = begun.copied_to(Path(folder)), Path(folder) / DATABASE
        before = _messages(database)
        words = cause is Cause.WORDS
        died = not (scene.live(dies_at=point, writes=SAID) if words else scene.live(dies_at=point, passes=LULL))
        scene.live(passes=MINUTE)
        led_to = _messages(database) - before
        stored = _times_written(database) if words else len(led_to)
        shown = sum(scene.platform.shown[key] for key in led_to)
    return Happened(died=died, stored=stored, shown=shown, wrong=tuple(scene.wrong))


def _messages(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as looking:
        return {str(row[0]) for row in looking.execute("SELECT id FROM outbox WHERE light = 0")}


def _times_written(database: Path) -> int:
    found = asyncio.run(conversations(database, {"alex": "alex"}))
    return sum(texts.count(SAID) for one in found for texts in one.values())


@cache
def everything() -> dict[tuple[str, Cause, Kind], Happened]:
    """Return what happens at every point, to words and to a deadline, on each kind of platform."""
    came: dict[tuple[str, Cause, Kind], Happened] = {}
    for cause, begins in ((Cause.WORDS, "count"), (Cause.TIME, "wait")):
        for kind in KINDS:
            with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
                begun = Scene(Path(folder), kind)
                begun.live(begins=begins)
                came |= {(point, cause, kind): _happened(begun, point, cause) for point in POINTS}
    return came


_TIMES = ("never", "once", "twice")


def points_table() -> str:
    """Return what happened as a table."""
    came = everything()
    rows: list[list[str]] = []
    for point, told in POINTS.items():
        stored = sorted({came[point, cause, kind].stored for cause in Cause for kind in KINDS})
        shown = [_TIMES[came[point, cause, kind].shown] for cause in Cause for kind in KINDS]
        rows.append([told, " or ".join(_TIMES[times] for times in stored), *shown])
    head = ["the process dies when", "turn taken", "reply shown", "… with a nonce", "nudge shown", "… with a nonce"]
    return table(head, rows)
