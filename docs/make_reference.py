"""Writes flow-language.md anew: ``.venv/bin/python -m docs.make_reference``."""

from pathlib import Path

from bot.flows.quoting import Example
from bot.flows.reference import reference
from bot.flows.schema import FlowSource
from bot.flows.yaml_source import read_source

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "flow-language.md"
EXAMPLES = sorted((DOCS / "examples").glob("*.yaml"))
SHIPPED = sorted((DOCS.parent / "dialogues" / "flows").glob("*.yaml"))


def page() -> str:
    """Return the page as it belongs."""
    return reference([*(_example(path, f"examples/{path.name}") for path in EXAMPLES), *map(_shipped, SHIPPED)])


def _shipped(path: Path) -> Example:
    return _example(path, f"../dialogues/flows/{path.name}")


def _example(path: Path, link: str) -> Example:
    source = read_source(path)
    return Example(link, source, FlowSource.model_validate(source.data))


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
