"""Master keys that were in use before: backups made under them can be restored for as long as they are kept."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.wiring.private_file import write_private
from storage.master_keys import MasterKeys, NoKey

KEPT_FOR = timedelta(days=30)
"""How long a backup is kept, and the key that it was made under: then what was erased is gone from everywhere."""

_UNTIL = ".until-"


def keep_older(path: Path, masters: MasterKeys) -> Path:
    """Keep the keys behind the one in use beside the key file, for as long as backups are; return where."""
    until = (datetime.now(UTC) + KEPT_FOR).date()
    aside = path.with_name(f"{path.name}{_UNTIL}{until.isoformat()}")
    keys = dict.fromkeys((*masters.keys[1:], *(_keys_in(aside) if aside.exists() else ())))
    write_private(aside, MasterKeys(tuple(keys)).text().encode())
    return aside


def older_keys(path: Path) -> tuple[bytes, ...]:
    """Return the keys that are kept beside a key file."""
    return tuple(key for aside, _ in _asides(path) for key in _keys_in(aside))


def forget_older(path: Path) -> None:
    """Delete the keys that no backup can need any more."""
    for aside, until in _asides(path):
        if until < datetime.now(UTC).date():
            aside.unlink()


def _asides(path: Path) -> Iterator[tuple[Path, date]]:
    for aside in sorted(path.parent.glob(f"{path.name}{_UNTIL}*")):
        try:
            yield aside, date.fromisoformat(aside.name.rpartition(_UNTIL)[2])
        except ValueError:
            continue  # it is none of these


def _keys_in(aside: Path) -> tuple[bytes, ...]:
    try:
        return MasterKeys.parse(aside.read_text("ascii", "replace")).keys
    except NoKey:
        return ()
