"""Ids, tokens and codes, derived from the event under a secret: replaying an event gives the same ones."""

import hashlib
import hmac

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_CODE = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without the letters and digits that people mix up."""


class Ids:
    """A stream of ids for one turn. Without the secret none can be guessed."""

    def __init__(self, secret: bytes, event_id: str) -> None:
        self._secret = secret
        self._event = event_id
        self._count = 0

    def _draw(self) -> bytes:
        self._count += 1
        return hmac.digest(self._secret, f"{self._event}\0{self._count}".encode(), hashlib.sha256)

    def id(self) -> str:
        """Return a new id of 16 characters: the random part of a choice token, a unit, a session."""
        return "".join(_LETTERS[byte % 32] for byte in self._draw()[:16])

    def code(self) -> str:
        """Return a pairing code of 8 characters that can be read aloud."""
        return "".join(_CODE[byte % len(_CODE)] for byte in self._draw()[:8])

    def digest(self, code: str) -> str:
        """Return the digest under which a code is looked up; small letters and spaces do not matter."""
        plain = "".join(char for char in code.upper() if char.isalnum())
        return hmac.digest(self._secret, f"code\0{plain}".encode(), hashlib.sha256).hex()[:32]
