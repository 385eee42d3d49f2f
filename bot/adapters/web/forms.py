"""What the page may ask for. Anything else is refused before it reaches the conversation."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from bot.adapters.web.clock import Leap

LONGEST = 16_000
"""Characters that one message may have; what is too long for a question, the conversation says itself."""

_Id = Annotated[str, StringConstraints(min_length=1, max_length=100)]
_Words = Annotated[str, StringConstraints(max_length=LONGEST, pattern=r"\S")]
_Token = Annotated[str, StringConstraints(pattern=r"^v1:[A-Za-z0-9_-]{16}:[0-9]{1,3}$")]


class Form(BaseModel):
    """A request's body: exactly these fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Say(Form):
    """Somebody types in a pane."""

    pane: _Id
    person: _Id
    text: _Words


class Change(Form):
    """Somebody edits what they typed; ``message`` is its ref."""

    pane: _Id
    person: _Id
    message: _Id
    text: _Words


class Press(Form):
    """Somebody presses a choice."""

    pane: _Id
    person: _Id
    token: _Token

    @property
    def parts(self) -> tuple[str, int]:
        """The token of the prompt and which of its choices."""
        _, token, index = self.token.split(":")
        return token, int(index)


class Travel(Form):
    """The clock is moved."""

    by: Leap


class Restart(Form):
    """Everything begins afresh."""
