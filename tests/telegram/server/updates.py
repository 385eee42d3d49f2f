"""The queue of updates: what is not confirmed comes again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.conversation.ports import Clock
from tests.doubles.bell import Bell
from tests.telegram.server.spec import Json, Spec, out_of_spec

ASKED_FOR: Final = frozenset({"chat_member", "message_reaction", "message_reaction_count"})  # only when named
KEPT_MS: Final = 24 * 60 * 60 * 1000
FIRST_ID: Final = 731_000_001


@dataclass(frozen=True, slots=True)
class Update:
    """An update, when it was made, and its kind."""

    id: int
    kind: str
    at: int
    body: Json


class UpdateQueue:
    """Updates in order, from the first unconfirmed one; nothing is kept longer than a day."""

    def __init__(self, spec: Spec, clock: Clock, bell: Bell) -> None:
        self._spec = spec
        self._clock = clock
        self._bell = bell
        self._next = FIRST_ID
        self._pending: list[Update] = []
        self.allowed: tuple[str, ...] = ()
        self.made: list[Update] = []
        self.poller: object = None

    @property
    def pending(self) -> tuple[Update, ...]:
        """What has not been confirmed."""
        self._forget(lambda one: self._clock.now() - one.at >= KEPT_MS)
        return tuple(self._pending)

    def push(self, kind: str, payload: Json) -> Update | None:
        """Add an update if updates of its kind are wanted."""
        body: Json = {"update_id": self._next, kind: payload}
        self._spec.judge("Update", body)
        if not self._wants(kind):
            return None
        update = Update(self._next, kind, self._clock.now(), body)
        self._next += 1
        self._pending.append(update)
        self.made.append(update)
        self._bell.ring()
        return update

    def repeat(self, update: Update) -> None:
        """Give an update once more, though it was confirmed: Telegram promises at least once."""
        self._forget(lambda one: one.id == update.id)
        self._pending = sorted([*self._pending, update], key=lambda one: one.id)
        self._bell.ring()

    def allow(self, kinds: list[str]) -> None:
        """Remember which kinds are wanted from now on; none named are all but the rare ones."""
        if unknown := sorted(set(kinds) - (set(self._spec.types["Update"]["fields"]) - {"update_id"})):
            out_of_spec(f"there are no updates of kind {', '.join(unknown)}")
        self.allowed = tuple(kinds)

    def confirm(self, offset: int) -> None:
        """Forget all below an offset; a negative one keeps as many from the end."""
        if offset < 0:
            self._pending = self._pending[offset:]
        elif offset > 0:
            self._forget(lambda one: one.id < offset)
        self._bell.ring()

    def settle(self, update: Update) -> None:
        """Forget one update, which the webhook has taken."""
        self._forget(lambda one: one.id == update.id)
        self._bell.ring()

    def drop(self) -> None:
        """Forget all."""
        self._forget(lambda _: True)

    def _wants(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in ASKED_FOR

    def _forget(self, these: Callable[[Update], bool]) -> None:
        self._pending = [one for one in self._pending if not these(one)]
