"""Master keys: they wrap the keys that seal what is stored, and are kept outside of the database."""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from typing import Self

SIZE = 32
"""The bytes of a key: AES-256."""


class NoKey(ValueError):
    """The text is no master key."""


@dataclass(frozen=True, slots=True, repr=False)
class MasterKeys:
    """The master key in use, and older ones that something may still be wrapped with, the newest first."""

    keys: tuple[bytes, ...]

    @classmethod
    def made(cls) -> Self:
        """Return a new key."""
        return cls((secrets.token_bytes(SIZE),))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the keys of a text: each 32 bytes in base64, the one in use first, a line or a comma between them.

        Raises NoKey, without telling the text.
        """
        words = text.replace(",", " ").split()
        try:
            keys = tuple(base64.b64decode(word, altchars=b"-_", validate=True) for word in words)
        except (binascii.Error, ValueError):
            keys = ()
        if not keys or any(len(key) != SIZE for key in keys):
            message = "a master key is 32 bytes in base64; several have a comma or a line between them"
            raise NoKey(message)
        return cls(keys)

    def text(self) -> str:
        """Return the keys as ``parse`` reads them, a line each."""
        return "".join(f"{base64.urlsafe_b64encode(key).decode()}\n" for key in self.keys)

    @property
    def current(self) -> bytes:
        """The key that wraps what is new."""
        return self.keys[0]

    def named(self, name: str) -> bytes | None:
        """Return the key of that name, if it is among these."""
        return next((key for key in self.keys if name_of(key) == name), None)

    def followed_by(self) -> Self:
        """Return these with a new key in use."""
        return type(self)((secrets.token_bytes(SIZE), *self.keys))

    def alone(self) -> Self:
        """Return the key in use without the older ones."""
        return type(self)(self.keys[:1])


def name_of(key: bytes) -> str:
    """Return the name of a master key: it tells keys apart, and tells nothing of the key."""
    return hashlib.sha256(b"breathing-room master key\0" + key).hexdigest()[:16]
