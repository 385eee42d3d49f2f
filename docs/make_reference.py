"""Writes flow-language.md and the pages of facts anew: ``.venv/bin/python -m docs.make_reference``."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter

from bot.flows.facts.finding import facts_of
from bot.flows.facts.index import index_of
from bot.flows.facts.page import page_of
from bot.flows.facts.voice import Links
from bot.flows.library import Library, load_library
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

FACTS = DOCS / "facts"
INDEX = "README.md"

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


def facts_pages(library: Library) -> dict[str, str]:
    """Return the pages of facts of every flow that ships, and the one above them, by the names of their files."""
    found = [facts_of(library.compiled, name, library.records) for name in sorted(library.compiled)]
    pages = {one.flow: f"{one.flow}.md" for one in found}
    files = {name: f"../../dialogues/flows/{name}.yaml" for name in pages}
    links = Links(files=files, pages=pages, rules=INDEX)
    return {INDEX: index_of(found, pages), **{pages[one.flow]: page_of(one, links) for one in found}}


def write_facts() -> None:
    """Write the pages of facts, and remove those of flows that are no more."""
    FACTS.mkdir(exist_ok=True)
    pages = facts_pages(load_library(DIALOGUES))
    for path in FACTS.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, told in pages.items():
        (FACTS / name).write_text(told, "utf-8")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    write_facts()
