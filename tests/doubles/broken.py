"""What goes wrong between a client and a server: answers that are none, that never come, or not whole."""

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Raw:
    """Something other than the API's JSON is answered, as servers in between do."""

    status: int = 502
    body: bytes = b"<html><head><title>502 Bad Gateway</title></head></html>"
    effect: bool = False


@dataclass(frozen=True, slots=True)
class Withhold:
    """No answer ever comes."""

    effect: bool = True


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset instead of an answer."""

    effect: bool = True


@dataclass(frozen=True, slots=True)
class Garble:
    """The call takes effect, and the answer is cut off in the middle of its JSON."""

    effect: bool = True


@dataclass(frozen=True, slots=True)
class Slow:
    """The call takes effect, and the answer waits until it is let go."""

    release: asyncio.Event = field(default_factory=asyncio.Event)
    effect: bool = True
