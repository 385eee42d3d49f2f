"""Presses that wait for their answer: until then Telegram shows that something is under way.

In a private chat the answer comes at once, and says nothing. In a room it is kept back for a moment, because an
answer can be shown to whoever pressed, and to nobody else.
"""

from collections import OrderedDict

MOST = 1_000
"""Of how many presses is known that they wait; older ones are answered by nothing any more, and end by themselves."""


class Acks:
    """Presses in rooms, by where and by whom; of one person in one room the newest counts."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[tuple[str, str], str] = OrderedDict()

    def hold(self, chat: str, account: str, query: str) -> str | None:
        """Keep a press back; return the one before it, which is to be answered now."""
        before = self._waiting.pop((chat, account), None)
        self._waiting[(chat, account)] = query
        if len(self._waiting) > MOST:
            self._waiting.popitem(last=False)
        return before

    def take(self, chat: str, account: str, query: str = "") -> str | None:
        """Return the press that waits there, for whoever answers it; with ``query``, only if it is that one."""
        if query and self._waiting.get((chat, account)) != query:
            return None
        return self._waiting.pop((chat, account), None)
