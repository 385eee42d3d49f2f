"""Writes the tables of reliability.md anew, of what happens: ``.venv/bin/python -m docs.make_reliability``."""

from pathlib import Path

from bench.crashtest.living import warm_up
from bench.crashtest.report import written_into
from tests.crash.files import files_table
from tests.crash.points import points_table

PAGE = Path(__file__).resolve().parent / "reliability.md"


def page(told: str) -> str:
    """Return the page with its tables as they belong; those of a long run are put there by that run."""
    return written_into(written_into(told, "points", points_table()), "files", files_table())


if __name__ == "__main__":
    warm_up()
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
