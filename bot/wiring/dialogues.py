"""Where flows are read from: what ships with the product, or a folder that somebody names."""

from pathlib import Path

from bot.flows.library import PHRASES_FILE, Library, load_library

DIALOGUES = Path(__file__).resolve().parents[2] / "dialogues"
"""The flows and phrases that ship with the product."""


def library_of(folder: Path | None) -> Library:
    """Return what ships, or what a folder holds. Raises FlowInvalid.

    A folder of dialogues stands for itself; a folder with nothing but flows comes beside what ships.
    """
    return load_library(*folders_of(folder))


def folders_of(folder: Path | None) -> list[Path]:
    """Return the folders that flows are read from when somebody names this one, or none."""
    if folder is None:
        return [DIALOGUES]
    return [DIALOGUES, folder] if _is_beside(folder) else [folder]


def is_whole(path: Path) -> bool:
    """Return whether it is a folder of dialogues: phrases, and flows in a folder of their own."""
    return (path / PHRASES_FILE).is_file()


def _is_beside(folder: Path) -> bool:
    """Whether it is a folder with nothing but flows, and perhaps kinds of record."""
    return not is_whole(folder) and any(folder.glob("*.yaml"))


def real(path: Path) -> Path:
    """Return the same path for a file, by whichever link it is named; where links go round, the path as it is."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path.absolute()
