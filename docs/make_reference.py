"""Writes flow-language.md anew: ``.venv/bin/python -m docs.make_reference``."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter

from bot.flows.quoting import Example
from bot.flows.record_schema import RecordSource
from bot.flows.records import RECORDS_FILE
from bot.flows.reference import reference
from bot.flows.schema import FlowSource
from bot.flows.yaml_source import read_source

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "flow-language.md"
EXAMPLES = DOCS / "examples"
DIALOGUES = DOCS.parent / "dialogues"

_RECORDS = TypeAdapter(dict[str, RecordSource])


def examples() -> Iterator[Example]:
    """Yield every file that examples are taken from: those made for it, then those that ship."""
    for folder, link in (
        (EXAMPLES, "examples"),
        (DIALOGUES / "flows", "../dialogues/flows"),
        (DIALOGUES, "../dialogues"),
    ):
        for path in sorted(folder.glob("*.yaml")):
            if folder != DIALOGUES or path.name == RECORDS_FILE:
                yield example(path, f"{link}/{path.name}")


def example(path: Path, link: str) -> Example:
    """Return the file as an example."""
    source = read_source(path)
    shape = _RECORDS if path.name == RECORDS_FILE else TypeAdapter(FlowSource)
    return Example(link, source, shape.validate_python(source.data), made=path.parent == EXAMPLES)


def page() -> str:
    """Return the page as it belongs."""
    return reference(list(examples()))


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
