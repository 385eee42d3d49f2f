"""What happened on the page since it began, in order: enough to write it down as a transcript.

It lives in memory, as the panes do, and is forgotten with them.
"""

from dataclasses import dataclass, replace
from itertools import count

from bot.adapters.web.cast import Cast
from bot.conversation.envelope import Envelope
from bot.conversation.message import Message
from bot.conversation.outbox import Target, TargetKind
from bot.conversation.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Somebody typed, pressed or came."""

    envelope: Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Showed:
    """A view received a message: a person's own chat (``alex``), the room (``den``), or one person there."""

    at: int
    view: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Hid:
    """A view was emptied."""

    view: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """The conversation went on anew, as after a crash: what lived in its memory is gone."""


Happened = Took | Showed | Hid | Renewed


class Journal:
    """Notes what happens. Without a clock nothing has begun, or it began where nobody noted it."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.begun_at: int | None = None
        """When it began; None while there is nothing that could be played from its beginning."""
        self.happened: list[Happened] = []
        self._clock: Clock | None = None
        self._mark = ""
        self._numbers = count(1)

    @property
    def now(self) -> int:
        """The time of what happens now."""
        return self._clock.now() if self._clock is not None else 0

    def begin(self, clock: Clock, *, mark: str, whole: bool) -> None:
        """Forget everything and begin; ``whole``: nothing came before that would be missing.

        ``mark`` tells this beginning's events from earlier ones where those are kept.
        """
        self._clock = clock
        self._mark = mark
        self._numbers = count(1)
        self.begun_at = clock.now() if whole else None
        self.happened = []

    def took(self, envelope: Envelope) -> Envelope:
        """Note an event, and return it as it happens: now, and numbered as a transcript's lines are."""
        numbered = replace(envelope, event_id=f"{self._mark}{next(self._numbers)}", at=self.now)
        self.happened.append(Took(envelope=numbered))
        return numbered

    def showed(self, target: Target, message: Message) -> None:
        """Note a message."""
        self.happened.append(Showed(at=self.now, view=view_of(target), message=message))

    def hid(self, target: Target) -> None:
        """Note that a view was emptied."""
        self.happened.append(Hid(view=view_of(target)))

    def renewed(self) -> None:
        """Note that the conversation went on anew."""
        self.happened.append(Renewed())


def view_of(target: Target) -> str:
    """Return what a transcript calls the view of that target."""
    return f"{target.account}@{target.chat}" if target.kind is TargetKind.ASIDE else target.chat
