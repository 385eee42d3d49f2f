"""docs/benchmarks.md shows what the last run that was written down has found."""

import json

import pytest

from bench.peers import page
from bench.peers.__main__ import DATA, PAGE
from bench.peers.judging import Finding
from bench.peers.measuring import Figure
from bench.peers.results import DURABLE, MEMORY, Results, as_lines, from_lines, read
from bench.peers.roster import ENGINE, ENTRIES, SISMIC


def figure(rate: float, ratio: float, against: str = ENGINE) -> Figure:
    return Figure(rate=rate, low=rate / 2, high=rate * 2, p50=0.0005, p99=0.025, against=against, ratio=ratio)


def found() -> Results:
    results = Results()
    results.machine = {"cores": 2, "python": "3.11.1", "sqlite": "3.40.1", "rounds": 3, "load": 1.0}
    results.versions = {SISMIC: "1.2.3"}
    results.absent = {"chatsky": "could not be installed (CannotInstall)"}
    results.figures = {(MEMORY, ENGINE): figure(20_000, 2.6, SISMIC), (MEMORY, SISMIC): figure(8_000, 0.4)}
    results.failed = {(DURABLE, SISMIC): "OperationalError", ("killed", SISMIC): "Survived"}
    results.findings = {("both", SISMIC): Finding(probe="both", word="torn", told="It is torn.")}
    return results


def test_the_page_is_up_to_date() -> None:
    assert page.rendered(PAGE.read_text("utf-8"), read(DATA)) == PAGE.read_text("utf-8"), (
        "make its tables anew: ./run bench peers --tables"
    )


def test_the_page_has_a_figure_or_a_reason_for_everyone() -> None:
    results = from_lines(read(DATA))
    for entry in ENTRIES:
        for case, told in ((MEMORY, entry.kind), (DURABLE, entry.durable)):
            assert not told or (case, entry.key) in results.figures or entry.key in results.absent, entry.key
        for probe in page.PROBES if entry.probed else ():
            assert (probe, entry.key) in results.findings or entry.key in results.absent, entry.key


def test_lines_hold_everything_that_was_found() -> None:
    lines = [json.loads(json.dumps(line)) for line in as_lines(found())]
    assert from_lines(lines) == found()
    assert {line["bench"] for line in lines} == {"peers"}
    (line,) = (line for line in lines if line["case"] == MEMORY and line["peer"] == SISMIC)
    wanted = {"value": 8_000, "unit": "turns/s", "against": ENGINE, "ratio": 0.4, "p50_ms": 0.5, "p99_ms": 25}
    assert line.items() >= wanted.items()


def test_lines_of_other_benches_are_passed_over() -> None:
    other = {"bench": "engine", "case": "turn", "value": 1.0}
    assert from_lines([other]) == Results()


def test_a_table_tells_figures_with_their_spread_and_what_they_are_beside() -> None:
    rows = page.figures(found(), MEMORY).splitlines()
    assert "| sismic 1.2.3 | a definition, interpreted | 8,000 | 4,000 to 16,000 | 0.500 | 25.0 | 0.40 x |" in rows


def test_a_peer_that_is_absent_is_told_in_every_table() -> None:
    why = "could not be installed (CannotInstall)"
    for table in (page.figures(found(), MEMORY), page.figures(found(), DURABLE), page.probes(found())):
        (row,) = (line for line in table.splitlines() if line.startswith("| chatsky"))
        assert why in row
    assert f"- {why}" in list(page.what_was_seen(found()))


def test_what_failed_is_told_by_its_error() -> None:
    (row,) = (line for line in page.figures(found(), DURABLE).splitlines() if line.startswith("| sismic 1"))
    assert "failed (OperationalError)" in row
    (row,) = (line for line in page.probes(found()).splitlines() if line.startswith("| sismic 1"))
    assert row == "| sismic 1.2.3 | torn | not run | failed (Survived) | not run | not run |"


@pytest.mark.parametrize(("ratio", "said"), [(2.6, "2.60 times"), (1.1, "1.10 times")])
def test_the_aim_is_told_whether_it_is_reached_or_not(ratio: float, said: str) -> None:
    results = found()
    results.figures[MEMORY, ENGINE] = figure(20_000, ratio, SISMIC)
    told = page.aim(results)
    assert said in told
    assert told.endswith("it is reached." if ratio > 2.5 else "it is not reached.")
    assert page.aim(Results()) == "This engine beside sismic: not measured."


def test_only_what_is_between_marks_is_made_anew() -> None:
    written = "Before.\n\n<!-- machine -->\nold\n<!-- end -->\n\nAfter.\n"
    told = page.rendered(written, list(as_lines(found())))
    assert told.startswith("Before.\n\n<!-- machine -->\nThe figures below")
    assert told.endswith("<!-- end -->\n\nAfter.\n")
    assert page.rendered(told, list(as_lines(found()))) == told
    with pytest.raises(KeyError):
        page.rendered("<!-- unheard -->\n<!-- end -->", list(as_lines(found())))
