"""Flows that change while people are in them: the flows that ship, with parts of their files replaced."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.flows.library import Library, load_library
from tests.conversation.world import DIALOGUES

Changes = Mapping[str, tuple[tuple[str, str], ...]]
"""By flow: what is replaced in its file, everywhere, and by what; GONE removes it."""

GONE: tuple[tuple[str, str], ...] = ()


SPANISH = Path("locales") / "es" / "LC_MESSAGES" / "messages.po"


def written(folder: Path, changes: Changes, extra: Mapping[str, str] | None = None) -> Path:
    """Write the flows that ship with these changes, and others beside them, to a folder and return it: in English."""
    (folder / "flows").mkdir(parents=True, exist_ok=True)
    for name in ("phrases.yaml", "records.yaml"):
        (folder / name).write_text((DIALOGUES / name).read_text("utf-8"), "utf-8")
    for path in (DIALOGUES / "flows").glob("*.yaml"):
        if changes.get(path.stem) == GONE:
            continue
        text = path.read_text("utf-8")
        for before, after in changes.get(path.stem, ()):
            assert before in text, f"{path.name} does not hold {before!r} any more"
            text = text.replace(before, after)
        (folder / "flows" / path.name).write_text(text, "utf-8")
    for name, text in (extra or {}).items():
        (folder / "flows" / f"{name}.yaml").write_text(text, "utf-8")
    return folder


def changed(folder: Path, changes: Changes, extra: Mapping[str, str] | None = None) -> Library:
    """Return the flows that ship, with these changes."""
    return load_library(written(folder, changes, extra))


def with_spanish(folder: Path, before: str = "", after: str = "") -> Library:
    """Return the flows that ship, in Spanish too, with a part of its catalogue replaced."""
    written(folder, {})
    (folder / SPANISH).parent.mkdir(parents=True, exist_ok=True)
    text = (DIALOGUES / SPANISH).read_text("utf-8")
    assert before in text, f"the Spanish catalogue does not hold {before!r} any more"
    (folder / SPANISH).write_text(text.replace(before, after) if before else text, "utf-8")
    return load_library(folder)


@cache
def unchanged() -> Library:
    """Return the flows that ship, in English alone, as those that change: a translation is of its very English."""
    with TemporaryDirectory() as folder:
        return changed(Path(folder), {})
