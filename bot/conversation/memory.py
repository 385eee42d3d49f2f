"""What lives in this process only: the insides of open volatile sections, and the prompts that were sent for them."""

from collections import deque

from bot.conversation.message import Shown
from bot.conversation.scene import Scene
from bot.conversation.units import SentPrompt
from bot.engine.session import Hidden

SHOWN = 100
"""Of how many messages a chat's places are known that are written down nowhere."""


class Memory:
    """Lost with the process, on purpose: the sections then start again."""

    def __init__(self) -> None:
        self.hidden: dict[str, dict[str, Hidden]] = {}
        self._prompts: dict[str, SentPrompt] = {}
        self.refs: dict[str, str] = {}
        """Token to the platform's name for the message."""
        self.shown: dict[str, deque[Shown]] = {}
        """What chats, as targets name them, show of open volatile sections."""

    @property
    def tokens(self) -> frozenset[str]:
        """The tokens of the prompts that were sent directly."""
        return frozenset(self._prompts)

    def after(self, scene: Scene) -> None:
        """Remember what a committed turn left open, and forget what it closed."""
        for session in scene.ledger.sessions:
            if session.hidden and not session.ended:
                self.hidden[session.id] = dict(session.hidden)
            else:
                self.hidden.pop(session.id, None)
        for prompt in scene.direct_prompts:
            self._prompts[prompt.token] = prompt

    def show(self, chat: str, message: Shown) -> None:
        """Note a message that a chat shows; the newest are enough."""
        self.shown.setdefault(chat, deque(maxlen=SHOWN)).append(message)

    def drop(self, token: str) -> None:
        """Forget a prompt whose choices were taken away."""
        self._prompts.pop(token, None)
        self.refs.pop(token, None)

    def prompt(self, token: str) -> SentPrompt | None:
        """Return the prompt behind a token."""
        return self._prompts.get(token)

    def prompts_at(self, session: str, lane: str, entry: int) -> list[SentPrompt]:
        """Return the prompts of a fence."""
        key = (session, lane, entry)
        return [p for p in self._prompts.values() if (p.session, p.lane, p.entry) == key]
