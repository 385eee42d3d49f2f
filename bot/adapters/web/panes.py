"""What each pane shows, and every change to it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.adapters.web.cast import Cast
from bot.adapters.web.feed import Feed
from bot.conversation.message import Button, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class FromBot:
    """A message of the bot. ``only`` is the one person who sees it in a room, ``chosen`` what was pressed."""

    ref: str
    message: Message
    only: str = ""
    chosen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person typed."""

    ref: str
    author: str
    text: str
    command: bool = False
    edited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A choice that a person pressed in the room: on a real platform only they would know."""

    ref: str
    author: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed:
    """The clock was moved: by how much, and to when."""

    ref: str
    ms: int
    at: int


Entry = FromBot | Said | Pressed | TimePassed


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """An entry is new, at the end of its pane."""

    pane: str
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """The entry of this ref looks different now."""

    pane: str
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """These entries are gone."""

    pane: str
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowsSaved:
    """The files of the flows were saved: what they offer is new, or there are problems in them."""


Change = Appended | Replaced | Removed | FlowsSaved


class Panes:
    """The state of all panes. Every change is published on ``feed`` in the order in which it was made.

    ``start`` is different for every process: it makes refs and event ids unique for ever.
    """

    def __init__(self, cast: Cast, *, start: str) -> None:
        self.cast = cast
        self.start = start
        self.feed: Feed[Change] = Feed(start)
        self.problems: tuple[str, ...] = ()
        """What is wrong with the files of the flows as they are now; the page goes on with them as they were."""
        self._entries: dict[str, dict[str, Entry]] = {pane: {} for pane in cast.panes}
        self._keys: dict[str, str] = {}
        self._count = 0

    def entries(self, pane: str) -> tuple[Entry, ...]:
        """Return what a pane shows, the oldest first."""
        return tuple(self._entries[pane].values())

    def show(self, pane: str, message: Message, *, key: str, only: str = "") -> str:
        """Show a message of the bot and return its ref; the same key again shows nothing new."""
        if key in self._keys:
            return self._keys[key]
        ref = self._ref("m")
        if key:
            self._keys[key] = ref
        self._append(pane, FromBot(ref=ref, message=message, only=only))
        return ref

    def has_shown(self, key: str) -> bool:
        """Return whether a message of that key was shown."""
        return key in self._keys

    def retire(self, pane: str, ref: str, chosen: str) -> None:
        """Take a message's choices away and echo the chosen one; a message that is gone stays gone."""
        entry = self._entries[pane].get(ref)
        if isinstance(entry, FromBot):
            bare = replace(entry.message, buttons=())
            self._replace(pane, replace(entry, message=bare, chosen=chosen or entry.chosen))

    def hide(self, pane: str, *, only: str = "") -> None:
        """Remove the bot's messages and the pressed choices; with ``only``, those that one person alone sees."""
        gone = tuple(ref for ref, entry in self._entries[pane].items() if _is_hidden(entry, only))
        for ref in gone:
            del self._entries[pane][ref]
        self.feed.drop()
        if gone:
            self.feed.publish(Removed(pane=pane, refs=gone))

    def say(self, pane: str, author: str, text: str, *, command: bool) -> str:
        """Show what a person typed and return its ref."""
        ref = self._ref("p")
        self._append(pane, Said(ref=ref, author=author, text=text, command=command))
        return ref

    def change(self, pane: str, author: str, ref: str, text: str) -> bool:
        """Show a person's message with its new words; False if it is not theirs or not there."""
        entry = self._entries[pane].get(ref)
        if not isinstance(entry, Said) or entry.author != author or entry.command:
            return False
        self._replace(pane, replace(entry, text=text, edited=True))
        return True

    def press(self, pane: str, author: str, label: str) -> None:
        """Show that a person pressed a choice."""
        self._append(pane, Pressed(ref=self._ref("c"), author=author, label=label))

    def label(self, pane: str, token: str) -> str:
        """Return what the choice of that token says, or nothing if it is no longer offered."""
        return next((button.label for button in self._buttons(pane) if button.token == token), "")

    def pass_time(self, ms: int, at: int) -> None:
        """Show in every pane that the clock was moved; leaps in a row become one."""
        for pane, entries in self._entries.items():
            last = next(reversed(entries.values()), None)
            if isinstance(last, TimePassed):
                self._replace(pane, replace(last, ms=last.ms + ms, at=at))
            else:
                self._append(pane, TimePassed(ref=self._ref("t"), ms=ms, at=at))

    def offer(self, own_chips: tuple[str, ...], room_chips: tuple[str, ...]) -> None:
        """Offer these commands from now on: the flows were saved, and are right."""
        self.cast = replace(self.cast, own_chips=own_chips, room_chips=room_chips)
        self.problems = ()
        self.feed.publish(FlowsSaved())

    def tell_problems(self, problems: tuple[str, ...]) -> None:
        """Show what is wrong with the files of the flows, until they are right."""
        self.problems = problems
        self.feed.publish(FlowsSaved())

    def clear(self) -> None:
        """Empty every pane; every page starts afresh and nothing earlier is told again."""
        for entries in self._entries.values():
            entries.clear()
        self._keys.clear()
        self.feed.forget()

    def _ref(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count}.{self.start}"

    def _append(self, pane: str, entry: Entry) -> None:
        self._entries[pane][entry.ref] = entry
        self.feed.publish(Appended(pane=pane, entry=entry))

    def _replace(self, pane: str, entry: Entry) -> None:
        self._entries[pane][entry.ref] = entry
        self.feed.publish(Replaced(pane=pane, entry=entry))

    def _buttons(self, pane: str) -> Iterator[Button]:
        for entry in self._entries[pane].values():
            if isinstance(entry, FromBot):
                yield from entry.message.buttons


def _is_hidden(entry: Entry, only: str) -> bool:
    if only:
        return (isinstance(entry, FromBot) and entry.only == only) or (
            isinstance(entry, Pressed) and entry.author == only
        )
    return isinstance(entry, FromBot | Pressed)
