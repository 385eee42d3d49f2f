"""Exploring flows, several at a time, each in a process of its own."""

import gc
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.chats import chats_of
from bot.flows.exploration.exploring import Explored, callers_of, explorable, explore
from bot.flows.library import Library
from bot.flows.problems import did_you_mean
from bot.wiring.dialogues import library_of

Chats = tuple[str, ...]
"""A fault as conversations: one, or two of which somebody has to see the same."""


class CannotExplore(Exception):
    """A flow cannot be explored; the text says why."""


def explore_flows(
    folder: Path | None, names: Sequence[str], *, workers: int, bounds: Bounds
) -> Iterator[tuple[Explored, list[Chats]]]:
    """Explore these flows, or all; yield what was gone through of each, and every fault as conversations.

    Before anything is explored it raises FlowInvalid, or CannotExplore for a name that is not there or only called.
    """
    found = library_of(folder)
    known = explorable(found.flows)
    for name in names:
        if name not in found.flows:
            message = f"there is no flow '{name}'{did_you_mean(name, sorted(found.flows))}"
            raise CannotExplore(message)
        if name not in known:
            callers = ", ".join(callers_of(found.flows, name))
            message = f"'{name}' is gone through where it is called: explore {callers}"
            raise CannotExplore(message)
    wanted = list(dict.fromkeys(names)) or known
    if min(workers, len(wanted)) == 1:
        return (_explore_one(found, name, bounds) for name in wanted)
    return _explore_in_processes(folder, found, wanted, workers, bounds)


def _explore_in_processes(
    folder: Path | None, found: Library, wanted: Sequence[str], workers: int, bounds: Bounds
) -> Iterator[tuple[Explored, list[Chats]]]:
    # The largest first: none is left over at the end while other processors are idle.
    weights = {name: len(found.flows[name].steps) * (4 if found.flows[name].reviews else 1) for name in wanted}
    order = sorted(wanted, key=lambda name: -weights[name])
    with ProcessPoolExecutor(max_workers=workers, initializer=_load_to_explore, initargs=(folder,)) as pool:
        running = {name: pool.submit(_explore_loaded, name, bounds) for name in order}
        for name in wanted:
            yield running[name].result()


_LOADED: list[Library] = []
"""In a process that explores: what there is to explore."""


def _load_to_explore(folder: Path | None) -> None:
    # What is found is kept until the process ends, and nothing of it goes round in circles: to look through it for
    # what could be freed takes a fifth of the time.
    gc.disable()
    _LOADED[:] = [library_of(folder)]


def _explore_loaded(name: str, bounds: Bounds) -> tuple[Explored, list[Chats]]:
    (found,) = _LOADED
    return _explore_one(found, name, bounds)


def _explore_one(found: Library, name: str, bounds: Bounds) -> tuple[Explored, list[Chats]]:
    explored = explore(found.flows[name], found.flows, bounds)
    chats = [chats_of(fault, found.flows[name], found.flows, found.phrases) for fault in explored.faults]
    return explored, chats
