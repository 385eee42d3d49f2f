"""Rounds and what they say together."""

from pathlib import Path
from typing import Any, cast

import pytest

from bench.peers.measuring import Round, as_round, figure, take_rounds
from bench.peers.workers import Failed, Worker


def rounds(*rates: float) -> list[Round]:
    return [Round(rate=rate, p50=1 / rate, p99=2 / rate) for rate in rates]


class Scripted:
    """A worker that needs no process: it notes who was asked, and fails at its turn of that number."""

    def __init__(self, name: str, asked: list[str], *, fails_at: int = 0) -> None:
        self._name = name
        self._asked = asked
        self._fails_at = fails_at
        self.seconds: list[float] = []

    def order(self, do: str, **details: Any) -> dict[str, Any]:
        assert do == "measure"
        self._asked.append(self._name)
        self.seconds.append(details["seconds"])
        if len(self.seconds) == self._fails_at:
            message = "ValueError"
            raise Failed(message)
        return {"turns": 100 * len(self.seconds), "cpu": 1.0, "wall": 4.0, "p50": 0.01, "p99": 0.02}


def taken(workers: dict[str, Scripted], *, count: int, durable: bool = False) -> Any:
    return take_rounds(cast("dict[str, Worker]", workers), rounds=count, seconds=0.4, durable=durable)


def test_a_figure_is_the_median_of_its_rounds_with_the_slowest_and_the_fastest() -> None:
    found = figure(rounds(10, 40, 20), rounds(10, 10, 10), "something")
    assert (found.rate, found.low, found.high) == (20, 10, 40)
    assert (found.p50, found.p99) == (1 / 20, 2 / 20)
    assert found.against == "something"


def test_a_ratio_is_made_within_each_round_so_that_a_slow_moment_of_the_machine_does_not_count() -> None:
    found = figure(rounds(100, 10, 100), rounds(50, 5, 50), "something")
    assert found.ratio == 2


def test_a_round_in_memory_counts_the_time_of_a_core_and_one_on_disk_that_of_the_clock() -> None:
    answer = {"turns": 100, "cpu": 2.0, "wall": 4.0, "p50": 0.01, "p99": 0.02}
    assert as_round(answer, durable=False).rate == 50
    assert as_round(answer, durable=True).rate == 25


def test_everyone_takes_part_in_each_round_and_each_round_begins_with_another() -> None:
    asked: list[str] = []
    taken({name: Scripted(name, asked) for name in "abc"}, count=3)
    assert "".join(asked) == "abc" + "bca" + "cab" + "abc"


def test_the_first_round_warms_up_and_does_not_count() -> None:
    worker = Scripted("a", [])
    found, _ = taken({"a": worker}, count=2)
    assert worker.seconds == [0.1, 0.4, 0.4]
    assert [one.rate for one in found["a"]] == [200, 300]


def test_who_fails_is_told_by_its_error_and_the_others_go_on() -> None:
    asked: list[str] = []
    found, failed = taken({"a": Scripted("a", asked), "b": Scripted("b", asked, fails_at=2)}, count=3)
    assert failed == {"b": "ValueError"}
    assert asked.count("a") == 4
    assert asked.count("b") == 2
    assert set(found) == {"a"}


def test_nobody_is_no_error() -> None:
    assert taken({}, count=2) == ({}, {})


@pytest.mark.parametrize("name", ["port", "rows", "machines", "worker"])
def test_what_runs_in_a_peers_environment_imports_nothing_but_the_standard_library(name: str) -> None:
    source = (Path(__file__).parents[2] / "bench" / "peers" / f"{name}.py").read_text("utf-8")
    imported = {line.split()[1] for line in source.splitlines() if line.startswith(("import ", "from "))}
    standard = {"abc", "asyncio", "collections.abc", "dataclasses", "importlib", "importlib.metadata", "json"}
    standard |= {"logging", "os", "pathlib", "signal", "sqlite3", "sys", "threading", "time", "typing", "warnings"}
    own = {f"bench.peers.{one}" for one in ("port", "rows")}
    assert imported <= standard | own
