"""The experiments: what is done to a bot, and what is seen. What it means is for ``judging`` to say."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.peers.port import EAST, HOSTILE_TEXT, RIGHT
from bench.peers.roster import Entry, Way
from bench.peers.workers import Died, Failed, Hung, Worker, at_work

WHO = "1"

FIRST, SECOND = "7", "8"
"""The first answer leads from the start to the right, the second one back to the left."""

ENDLESS = 10.0
"""Seconds after which something is taken to be endless."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came of one step: replies and where the person then stands, or the class of an error."""

    replies: tuple[str, ...] = ()
    standing: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """What is there after a kill right before the reply, and what the same message does when it comes again."""

    restarted: Seen
    again: Seen
    early: bool | None
    """Whether the library's own polling confirms a message to its platform before the reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What is there after a start with an edited definition, and what two answers lead to."""

    restarted: Seen
    answered: Seen
    again: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """What definitions and words that mean harm did."""

    said: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    """By kind; None where there are no definitions. An error is told by its class."""
    ran: bool = False
    hung: bool = False
    reply: str = ""


def seen(work: Callable[[], dict[str, Any]]) -> Seen:
    """Return what came of it."""
    try:
        answer = work()
    except Failed as fault:
        return Seen(error=str(fault))
    return Seen(replies=tuple(answer.get("replies", ())), standing=answer.get("standing", ""))


@dataclass(frozen=True, slots=True)
class Lab:
    """Where experiments are made: a peer's Python, and a folder."""

    entry: Entry
    python: Path
    folder: Path

    def both(self, way: Way) -> Seen:
        """Send two messages at once, to a bot whose turns take their time."""
        path = self._fresh(f"both-{way.variant}") if way.durable else None
        with at_work(self.python, self.entry.adapter) as worker:

            def work() -> dict[str, Any]:
                worker.order("open", variant=way.variant, lingers=True, path=path)
                worker.order("begin", person=WHO)
                return worker.order("both", person=WHO, texts=[FIRST, SECOND])

            return seen(work)

    def redelivered(self) -> Seen:
        """Send a message, and then the same once more."""
        with self._opened(self._fresh("redelivered")) as worker:
            self._cross(worker)
            return seen(lambda: self._take(worker, FIRST, 1))

    def killed(self) -> Killed:
        """Kill the process right before it replies, start it again, and send the message once more."""
        path = self._fresh("killed")
        with self._opened(path) as worker:
            worker.order("close")
        with at_work(self.python, self.entry.adapter) as worker:
            worker.order("open", variant=self.entry.variant, path=path, dies=True)
            worker.order("begin", person=WHO)
            try:
                self._take(worker, FIRST, 1)
            except Died:
                pass
            else:
                message = "Survived"
                raise Failed(message)
        with at_work(self.python, self.entry.adapter) as worker:
            sent = worker.order("open", variant=self.entry.variant, path=path)["replies"]
            standing = worker.order("begin", person=WHO)["standing"]
            again = seen(lambda: self._take(worker, FIRST, 1))
        return Killed(restarted=Seen(replies=tuple(sent), standing=standing), again=again, early=self._polled())

    def _polled(self) -> bool | None:
        with at_work(self.python, self.entry.adapter) as worker:
            return worker.order("polled")["early"]

    def edited(self, variant: str = "") -> Edited:
        """Rename the state in which somebody stands, start again, and let them answer twice."""
        path = self._fresh(f"edited-{variant}")
        with self._opened(path) as worker:
            self._cross(worker)
            worker.order("close")
        with at_work(self.python, self.entry.adapter) as worker:

            def restart() -> dict[str, Any]:
                worker.order("open", variant=variant or self.entry.variant, path=path, right=EAST)
                return worker.order("begin", person=WHO)

            restarted = seen(restart)
            if restarted.error:
                return Edited(restarted=restarted, answered=restarted, again=restarted)
            answered = seen(lambda: self._take(worker, SECOND, 2))
            return Edited(restarted=restarted, answered=answered, again=seen(lambda: self._take(worker, SECOND, 3)))

    def hostile(self) -> Hostile:
        """Load definitions that mean harm, and write words that do."""
        said: dict[str, str | None] = {}
        ran = hung = False
        for kind in ("code", "endless"):
            folder = self._fresh(kind)
            folder.mkdir()
            with at_work(self.python, self.entry.adapter) as worker:
                worker.order("about", distributions=[])  # importing takes its time, and is no harm
                try:
                    said[kind] = worker.order("hostile", patience=ENDLESS, kind=kind, folder=folder)["said"]
                except Failed as fault:
                    said[kind] = str(fault)
                    hung = hung or isinstance(fault, Hung)
            ran = ran or (folder / "ran").exists()
        return Hostile(said=said, ran=ran, hung=hung, reply=self._words())

    def _words(self) -> str:
        with self._opened(self._fresh("words")) as worker:
            said = worker.order("hostile", kind="text", folder=self.folder)["said"]
            if said is not None:
                return said
            return " ".join(seen(lambda: self._take(worker, HOSTILE_TEXT, 1)).replies)

    def _fresh(self, name: str) -> Path:
        return self.folder / f"{self.entry.key}-{name}"

    @contextmanager
    def _opened(self, path: Path) -> Generator[Worker]:
        with at_work(self.python, self.entry.adapter) as worker:
            worker.order("open", variant=self.entry.variant, path=path)
            worker.order("begin", person=WHO)
            yield worker

    def _take(self, worker: Worker, text: str, number: int) -> dict[str, Any]:
        return worker.order("take", person=WHO, text=text, number=number)

    def _cross(self, worker: Worker) -> None:
        """Lead from the start to the right, where the experiments begin that are about more than one message."""
        if self._take(worker, FIRST, 1)["standing"] != RIGHT:
            message = "Astray"
            raise Failed(message)
