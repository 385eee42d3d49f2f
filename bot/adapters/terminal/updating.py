"""Playing a transcript and writing those of its expectations anew that do not hold any more."""

from collections.abc import Sequence

from bot.adapters.terminal.player import Failure, Player, Stage
from bot.flows.mending import closest, expecting, written
from bot.flows.transcript import CAPTURE, Hear, Step, matches


class Updater(Player):
    """Plays one transcript, and notes what its expectations would have to be; ``mends`` are theirs by line.

    It never mends a line that says what must not come: somebody's privacy may hang on it.
    """

    def __init__(self, stage: Stage, path: str) -> None:
        super().__init__(stage, path)
        self.mends: dict[int, list[str]] = {}
        self._ahead: list[Hear] = []
        self._silent: set[str] = set()
        """The views of which the lines above say already that nothing more came."""

    async def play(self, steps: Sequence[Step]) -> Failure | None:
        """Return the first failure that only a person can mend, or None."""
        for index, step in enumerate(steps):
            if isinstance(step, Hear):
                self._ahead = _heard_next(steps[index + 1 :], step)
            else:
                self._silent = set()
            failure = await self.step(step)
            if failure is not None:
                return failure
        return None

    async def hear(self, step: Hear) -> Failure | None:
        """Hold the expectation, or mend it."""
        failure = await super().hear(step)
        if failure is not None and (step.absent or not self._mend(step, failure.received)):
            return failure
        if not step.part:
            self._silent.add(self.view_name(step))
        return None

    def _mend(self, step: Hear, received: tuple[str, ...]) -> bool:
        if not step.part:
            self.mends[step.number] = [line for text in received for line in written(self.view_name(step), text)]
            self._read(step, len(received))
            return True
        free = {number: text for number, text in enumerate(received) if not self._is_expected(text)}
        nearest = closest(step.part, free)
        if nearest is None:
            return self._nothing_for(step, received)
        part = expecting(step.part, received[nearest], self.captured)
        found = matches(part, received[nearest], self.captured) if part is not None else None
        if part is None or found is None:
            return False
        self.captured |= found
        self.mends[step.number] = written(self.view_name(step), part)
        self._read(step, nearest + 1)
        return True

    def _is_expected(self, text: str) -> bool:
        """Whether a line below expects it already."""
        return any(matches(later.part, text, self.captured) is not None for later in self._ahead)

    def _nothing_for(self, step: Hear, received: tuple[str, ...]) -> bool:
        """What it expected came no more: say that nothing came, if that is so and is not said yet."""
        if set(CAPTURE.findall(step.part)) - set(self.captured):
            return False
        view = self.view_name(step)
        said = bool(received) or view in self._silent
        self.mends[step.number] = [] if said else written(view, "")
        if not said:
            self._silent.add(view)
        return True

    def _read(self, step: Hear, count: int) -> None:
        self.stage.views.of(self.view_name(step)).unread += count


def _heard_next(steps: Sequence[Step], step: Hear) -> list[Hear]:
    """What the same view is expected to get before anything else happens."""
    found: list[Hear] = []
    for later in steps:
        if not isinstance(later, Hear):
            break
        if (later.name, later.room) == (step.name, step.room) and later.part and not later.absent:
            found.append(later)
    return found
