"""How fast messages may follow one another: to each chat, and to all of them together.

Telegram asks for no more than about one message a second to a person, 20 a minute to a group and 30 a second in all
(Bots FAQ, "My bot is hitting limits"). Each chat is paced on its own: one that has to wait holds no other up.
"""

Rate = tuple[int, int]
"""Milliseconds between messages, and how many may come at once after a rest."""

SECOND = 1_000
PERSON: Rate = (SECOND, 4)
"""To one person."""

GROUP: Rate = (3 * SECOND, 4)
"""To a group: 20 a minute."""

ALL: Rate = (SECOND // 30 + 1, 25)
"""To all chats together."""

KNOWN = 10_000
"""Of how many chats is known when they were written to last: those that have rested long enough are forgotten."""


class Pace:
    """When each chat may be written to next. Times are epoch milliseconds."""

    def __init__(self, person: Rate = PERSON, group: Rate = GROUP, together: Rate = ALL) -> None:
        self._person, self._group, self._together = person, group, together
        self._next: dict[str, int] = {}
        """By chat: when its next message would come if they came evenly."""
        self._held: dict[str, int] = {}
        """By chat: until when the platform wants it to wait."""

    def delay(self, chat: str, now: int, *, group: bool) -> int:
        """Return for how many milliseconds a message to a chat has to wait; 0 counts it as sent now."""
        rates = {chat: self._group if group else self._person, "": self._together}
        wait = max(self._wait(name, rate, now) for name, rate in rates.items())
        if wait <= 0:
            for name, (apart, _) in rates.items():
                self._next[name] = max(now, self._next.get(name, 0)) + apart
            self._forget(now)
        return max(0, wait)

    def hold(self, chat: str, until: int) -> None:
        """Let a chat rest until then: the platform wants it."""
        self._held[chat] = max(until, self._held.get(chat, 0))

    def _wait(self, name: str, rate: Rate, now: int) -> int:
        apart, at_once = rate
        evenly = self._next.get(name, 0) - (at_once - 1) * apart - now
        return max(evenly, self._held.get(name, 0) - now)

    def _forget(self, now: int) -> None:
        if len(self._next) > KNOWN:
            self._next = {chat: at for chat, at in self._next.items() if at > now}
            self._held = {chat: at for chat, at in self._held.items() if at > now}
