"""The seal of a grant: it binds the grant to the very words that were granted, without holding them."""

import hashlib
import hmac

from bot.engine.session import ItemGrant, Value


def seal_of(key: str, session: str, item: str, value: Value) -> str:
    """Return an HMAC over the value at that address in a session, under its author's key."""
    sealed = f"{session}\0{item}\0{value.rev}\0{value.data}"
    return hmac.new(key.encode(), sealed.encode(), hashlib.sha256).hexdigest()


def is_granted(grant: ItemGrant, key: str, session: str, value: Value) -> bool:
    """Return whether that is what the grant's author has granted, to the letter. Without their key, nothing is."""
    seal = seal_of(key, session, grant.item, value)
    return bool(key) and grant.rev == value.rev and hmac.compare_digest(grant.seal, seal)
