"""Data keys: one a unit, made with it and gone with it. They seal what is stored, and are stored wrapped."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.conversation.ports import Damaged
from storage.faults import KeyMissing
from storage.master_keys import SIZE, MasterKeys, name_of

NONCE = 12
"""The bytes of a nonce. They are random: a key seals far fewer than 2^32 texts."""

SEALED = b"\x01"
"""What every sealed text begins with: the way in which it is sealed."""

AT_HAND = 20_000
"""So many keys are held in memory, unwrapped; more only while they are wanted together."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as it is stored: whose it is, and by which master key it is wrapped."""

    unit: str
    master: str
    wrapped: bytes


class Keyring:
    """The data keys at hand."""

    def __init__(self, masters: MasterKeys) -> None:
        self.masters = masters
        self._wrapping = {name_of(key): AESGCM(key) for key in masters.keys}
        self._keys: dict[str, AESGCM] = {}

    def missing(self, units: Iterable[str]) -> list[str]:
        """Return those of the units whose keys are not at hand, each once. What is not wanted now may be let go."""
        wanted = dict.fromkeys(units)
        found = [unit for unit in wanted if unit not in self._keys]
        if found and len(self._keys) + len(found) > AT_HAND:
            self._keys.clear()
            return list(wanted)
        return found

    def has(self, unit: str) -> bool:
        """Return whether the unit's key is at hand."""
        return unit in self._keys

    def make(self, unit: str) -> WrappedKey:
        """Return a new key for a unit; from now on it is at hand."""
        key = secrets.token_bytes(SIZE)
        self._hold(unit, key)
        return self._wrapped(unit, key)

    def take(self, stored: WrappedKey) -> None:
        """Unwrap a stored key; from now on it is at hand. Raises KeyMissing and Damaged."""
        self._hold(stored.unit, self._unwrapped(stored))

    def rewrapped(self, stored: WrappedKey) -> WrappedKey:
        """Return the same key, wrapped by the master key in use. Raises KeyMissing and Damaged."""
        return self._wrapped(stored.unit, self._unwrapped(stored))

    def require(self, master: str) -> None:
        """Raise KeyMissing unless the master key of that name is there."""
        if master not in self._wrapping:
            message = f"what is stored was sealed with another master key (named {master}): set that one"
            raise KeyMissing(message)

    def forget(self, units: Iterable[str]) -> None:
        """Have these keys at hand no more."""
        for unit in units:
            self._keys.pop(unit, None)

    def seal(self, unit: str, plain: bytes, place: str) -> bytes:
        """Return a text sealed under the unit's key, for that place alone."""
        nonce = secrets.token_bytes(NONCE)
        return SEALED + nonce + self._keys[unit].encrypt(nonce, plain, place.encode())

    def open(self, unit: str, sealed: bytes, place: str) -> bytes:
        """Return what was sealed for that place. Raises Damaged for anything else."""
        key = self._keys.get(unit)
        if key is None:
            raise damaged(place)
        return _decrypted(key, sealed, place)

    def _hold(self, unit: str, key: bytes) -> None:
        self._keys[unit] = AESGCM(key)

    def _wrapped(self, unit: str, key: bytes) -> WrappedKey:
        nonce = secrets.token_bytes(NONCE)
        name = name_of(self.masters.current)
        sealed = self._wrapping[name].encrypt(nonce, key, _place_of_key(unit).encode())
        return WrappedKey(unit, name, SEALED + nonce + sealed)

    def _unwrapped(self, stored: WrappedKey) -> bytes:
        self.require(stored.master)
        return _decrypted(self._wrapping[stored.master], stored.wrapped, _place_of_key(stored.unit))


def _decrypted(key: AESGCM, sealed: bytes, place: str) -> bytes:
    if not sealed.startswith(SEALED):
        raise damaged(place)
    try:
        return key.decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], place.encode())
    except (InvalidTag, ValueError):
        raise damaged(place) from None


def _place_of_key(unit: str) -> str:
    return f"key\0{unit}"


def damaged(place: str) -> Damaged:
    """Return that what is stored in a place is not what was written there."""
    return Damaged(" ".join(place.split("\0")))
