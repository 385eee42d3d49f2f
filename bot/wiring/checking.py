"""Checking files of flows: folders of dialogues whole, flows alone beside those that they may call."""

from collections.abc import Sequence
from pathlib import Path

from bot.flows.library import flow_files, load_flows, load_library, no_flows, records_in
from bot.flows.problems import FlowInvalid, Problem
from bot.flows.records import RECORDS_FILE, load_records
from bot.wiring.dialogues import folders_of, is_whole, real


def check_files(paths: Sequence[Path], folder: Path | None = None) -> int:
    """Return how many flows these files and folders hold. Raises FlowInvalid with every problem.

    A folder of dialogues is checked with its phrases and records; flows alone beside those of ``folder``, or those
    that ship, which they may call.
    """
    count = 0
    problems: list[Problem] = []
    alone: list[Path] = []
    for path in paths:
        if not is_whole(path):
            inside = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
            problems += [] if inside else [no_flows(path)]
            alone += inside
            continue
        try:
            count += len(load_library(path).flows)
        except FlowInvalid as fault:
            problems += fault.problems
    try:
        count += _check_alone(alone, folder)
    except FlowInvalid as fault:
        problems += fault.problems
    if problems:
        raise FlowInvalid(problems)
    return count


def _check_alone(paths: Sequence[Path], folder: Path | None) -> int:
    """Check files of flows or of records beside what a folder holds; return how many flows they are."""
    declared = [path for path in paths if path.name == RECORDS_FILE]
    for path in declared:
        load_records(path)
    flows = [path for path in paths if path not in declared]
    if not flows:
        return 0
    meant = folders_of(folder)
    known = {real(path) for path in flows}
    beside = [path for one in meant for path in flow_files(one) if real(path) not in known]
    records = records_in(*dict.fromkeys([*meant, *(path.parent for path in paths)]))
    return len(load_flows([*flows, *beside], records)) - len(beside)
