"""What is in a data folder: the database, and the secret that ids and codes are drawn from."""

import secrets
from pathlib import Path

DATABASE, SECRET = "breathing-room.sqlite", "secret.key"


def secret_in(folder: Path) -> bytes:
    """Return the secret of a data folder, made at its first use and readable by its owner alone."""
    path = folder / SECRET
    if not path.exists():
        fresh = folder / f".{SECRET}.{secrets.token_hex(4)}"
        fresh.touch(mode=0o600)
        fresh.write_bytes(secrets.token_bytes(32))
        fresh.replace(path)
    return path.read_bytes()
