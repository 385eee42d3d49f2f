"""What people do: each follows a script that says what they write and press upon what they see."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from bot.conversation.envelope import ChoicePressed, Command, Content, TextSaid
from bot.conversation.message import Message

MINUTE = 60_000
HOUR = 60 * MINUTE

NOTE, OPEN = "I have a note for you", "Open"
"""What announces that something waits, and what shows it (dialogues/phrases.yaml)."""

PATIENCE = 2 * HOUR
"""After so long somebody looks by themselves whether something waits for them."""

IMPATIENT = 0.05
"""How likely somebody presses twice."""


@dataclass(frozen=True, slots=True)
class Until:
    """Go on when such a message is seen; or, told None, when so much time has passed. 0 is never."""

    told: Callable[[Message], bool]
    patience: int = 0


Script = Generator[Until, Message | None]


@dataclass(frozen=True, slots=True)
class Round:
    """One conversation as it was meant: for each person and slot, what they wrote, in order."""

    flow: str
    wrote: dict[tuple[str, str], list[str]] = field(default_factory=dict[tuple[str, str], list[str]])


class Around(Protocol):
    """What is around a person."""

    @property
    def now(self) -> int:
        """The time."""
        ...

    @property
    def goes_on(self) -> bool:
        """Whether another round is to begin."""
        ...

    def does(self, person: "Person", content: Content) -> None:
        """Bring what somebody does to the platform, after everything that they did before."""
        ...

    def wrong(self, told: str) -> None:
        """Note that somebody saw what must not be."""
        ...


class Person:
    """Somebody at their own chat."""

    def __init__(self, name: str, around: Around, chance: Random) -> None:
        self.name = name
        self.around = around
        self.chance = chance
        self.rounds: list[Round] = []
        self.pressed: ChoicePressed | None = None
        """What they pressed last, until they see what came of it."""
        self._written = 0
        self._newest: dict[str, ChoicePressed] = {}
        self._script: Script | None = None
        self._waits = Until(lambda _shown: True)
        self._since = 0

    # The script

    def follow(self, script: Script) -> None:
        """Begin with a script."""
        self._script = script
        self._go_on(None)

    @property
    def is_through(self) -> bool:
        """Whether the script has ended."""
        return self._script is None

    @property
    def waits_until(self) -> int:
        """When their patience ends; 0 is never."""
        return self._since + self._waits.patience if self._waits.patience and self._script is not None else 0

    def sees(self, message: Message) -> None:
        """Somebody sees a message."""
        for button in message.buttons:
            _, token, index = button.token.split(":")
            self._newest[button.label] = ChoicePressed(token=token, index=int(index))
        if self._script is not None and self._waits.told(message):
            self._go_on(message)

    def time_passes(self) -> None:
        """The time has moved on."""
        if self.waits_until and self.around.now >= self.waits_until:
            self._go_on(None)

    def _go_on(self, seen: Message | None) -> None:
        script = self._script
        if script is None:
            return
        self.pressed = None
        try:
            self._waits = script.send(seen)
            self._since = self.around.now
        except StopIteration:
            self._script = None

    # What they do

    def begins(self, flow: str) -> Round:
        """Begin a conversation by its command."""
        round_ = Round(flow)
        self.rounds.append(round_)
        self.around.does(self, Command(name=flow))
        return round_

    def writes(self, round_: Round, slot: str) -> str:
        """Write something that was never written before, and note it as meant for that slot."""
        self._written += 1
        text = f"{self.name} wrote {self._written}."
        round_.wrote.setdefault((self.name, slot), []).append(text)
        self.around.does(self, TextSaid(text=text, message=text))
        return text

    def opens(self) -> None:
        """Look whether something waits."""
        self.around.does(self, Command(name="open"))

    def presses(self, label: str) -> None:
        """Press the newest choice of that name; some press twice."""
        self.pressed = self._newest[label]
        for _ in range(2 if self.chance.random() < IMPATIENT else 1):
            self.around.does(self, self.pressed)

    def presses_again(self) -> None:
        """Press once more what nothing came of."""
        if self.pressed is not None:
            self.around.does(self, self.pressed)

    def presses_until(self, label: str, told: Callable[[Message], bool]) -> Generator[Until, Message | None, Message]:
        """Press a choice, and again when it is shown anew, until such a message is seen."""

        def is_told_or_asked(message: Message) -> bool:
            return told(message) or has(message, label)

        self.presses(label)
        while True:
            seen = yield Until(is_told_or_asked)
            if seen is not None and told(seen):
                return seen
            self.presses(label)

    def reaches(self, *markers: str, patience: int = 0) -> Generator[Until, Message | None, Message]:
        """Wait for one of these messages, opening notes; whose patience ends looks by themselves."""

        def is_it(message: Message) -> bool:
            return any(marker in message.text for marker in markers)

        def is_it_or_a_note(message: Message) -> bool:
            return is_it(message) or is_note(message)

        while True:
            seen = yield Until(is_it_or_a_note, patience)
            if seen is None:
                self.opens()
            elif is_it(seen):
                return seen
            else:
                self.presses(OPEN)


def has(message: Message, label: str) -> bool:
    """Return whether a message offers that choice."""
    return any(button.label == label for button in message.buttons)


def is_note(message: Message) -> bool:
    """Return whether a message announces that something waits."""
    return NOTE in message.text and has(message, OPEN)
