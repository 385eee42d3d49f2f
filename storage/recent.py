"""What was written or read a moment ago, by its sealed bytes: it is not opened again.

Sealed bytes are never the same twice, so that the same bytes in the same place are the same thing.
"""

from collections import OrderedDict
from typing import Any

from storage.sealing import Place

MOST = 2_000


class Recent:
    """The newest things. They are values: nobody changes them."""

    def __init__(self) -> None:
        self._things: OrderedDict[tuple[Place, bytes], Any] = OrderedDict()

    def get(self, place: Place, sealed: bytes) -> Any | None:
        """Return what these bytes in that place are, if it is known."""
        return self._things.get((place, sealed))

    def put(self, place: Place, sealed: bytes, thing: Any) -> None:
        """Know it from now on, and forget the oldest."""
        self._things[(place, sealed)] = thing
        while len(self._things) > MOST:
            self._things.popitem(last=False)

    def clear(self) -> None:
        """Forget everything: some of it may hold words of somebody who was erased."""
        self._things.clear()
