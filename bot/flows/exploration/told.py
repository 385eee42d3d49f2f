"""Effects and questions as people see them: without ids, without instants, words by their address."""

from collections.abc import Hashable

from bot.engine.effects import (
    IN_ROOM,
    Act,
    Argument,
    Computed,
    Effect,
    HiddenWords,
    KeepRecord,
    KeptValue,
    LetStand,
    Listing,
    NameRef,
    RecordRef,
    Retire,
    Send,
    StartFlow,
    Text,
    ValueRef,
)
from bot.engine.model import READ_BY_ALL
from bot.engine.prompts import ITEM, Prompt
from bot.engine.session import Given, Words
from bot.flows.exploration.key import Names


class Told:
    """Tells them; not ``exactly``, what outcomes come to is left out."""

    def __init__(self, names: Names, now: int, *, exactly: bool = True) -> None:
        self._names = names
        self._now = now
        self._exactly = exactly

    def effect(self, effect: Effect) -> Hashable:
        """Return an effect as those see it who see it."""
        match effect:
            case Send():
                flags = (effect.reply, effect.invitation, effect.signal, effect.neutral, effect.nudge, effect.typed)
                choices = tuple((self._choice(c.value), self.text(c.label)) for c in effect.choices)
                told = (effect.to == IN_ROOM, tuple(map(self.text, effect.paragraphs)), choices, flags)
            case Retire():
                told = (effect.fence.lane, None if effect.chosen is None else self.text(effect.chosen))
            case StartFlow():
                given = tuple(sorted((name, self._given(value)) for name, value in effect.given.items()))
                told = (effect.flow, tuple(effect.roles.items()), given, effect.agreed)
            case KeepRecord():
                kept = ((name, tuple(map(self._kept, values))) for name, values in effect.values.items())
                told = (effect.kind, effect.key, effect.latest, tuple(sorted(kept)), effect.until - self._now)
            case LetStand():
                told = (effect.until - self._now,)
            case Act():
                told = (effect.action,)
            case _:
                told = ()
        return (type(effect).__name__, *told)

    def prompt(self, prompt: Prompt) -> Hashable:
        """Return a waiting question."""
        offered = prompt.choices if self._exactly else [c for c in prompt.choices if not c.value.startswith(ITEM)]
        choices = tuple((self._choice(c.value), self.text(c.label)) for c in offered)
        return (prompt.fence.lane, tuple(map(self.text, prompt.paragraphs)), choices, prompt.typed, prompt.room)

    def text(self, text: Text) -> Hashable:
        """Return a sentence by its address, with what it names."""
        return (text.flow, text.key, tuple((name, self._argument(arg)) for name, arg in text.args.items()))

    def _argument(self, argument: Argument) -> Hashable:
        match argument:
            case Text():
                told = self.text(argument)
            case Listing() | Computed() if not self._exactly:
                told = "something"
            case Listing():
                # The items of a list stand by their seals, which tell nobody who wrote first.
                told = tuple(sorted(map(str, map(self._argument, argument.items))))
            case Computed():
                told = self._names.plain(argument.data, argument.type, self._now)
            case ValueRef():
                told = self._names.of(argument.key)
            case HiddenWords():
                told = argument.slot
            case NameRef():
                told = argument.person
            case RecordRef():
                told = (argument.kind, argument.field)
            case str():
                told = argument
        return (type(argument).__name__, told)

    def _choice(self, value: str) -> str:
        return ITEM + self._names.item(value.removeprefix(ITEM)) if value.startswith(ITEM) else value

    def _given(self, given: Given) -> Hashable:
        public = not given.cls or given.cls in READ_BY_ALL
        return (given.author, given.shown_to, _data(given.data) if public else True)

    def _kept(self, value: KeptValue) -> Hashable:
        return (value.author, _data(value.data))


def _data(data: Words) -> Hashable:
    return str(data) if isinstance(data, int | str) else True
