"""What an episode came to: what is stored in the end, beside what people did and what the platform showed."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields
from pathlib import Path

from bench.crashtest.episode import Seen
from bench.crashtest.people import Round
from bench.crashtest.stored import Written, conversations


@dataclass(slots=True)
class Turns:
    """What became of what people did."""

    taken: int = 0
    """Events and deadlines that are settled."""
    lost: int = 0
    """What somebody wrote that is not stored, and events that were acknowledged and are not settled."""
    doubled: int = 0
    """What is stored more than once, and conversations that nobody began."""
    misplaced: int = 0
    """Conversations that hold what was written in another order, or elsewhere."""


@dataclass(slots=True)
class Sends:
    """What became of messages of one policy."""

    shown: int = 0
    """Messages that somebody saw."""
    lost: int = 0
    """Messages that were committed, are not on their way any more, were never shown, and were not out of date."""
    doubled: int = 0
    """Messages that were shown again."""
    uncertain: int = 0
    """Messages that were dropped since nobody knew whether they had been shown."""
    outdated: int = 0
    """Messages that were dropped because they had become out of date."""
    kept_single: int = 0
    """Sends that showed nothing, because their key was known."""


@dataclass(slots=True)
class Verdict:
    """What one episode came to, or several."""

    turns: Turns = field(default_factory=Turns)
    resend: Sends = field(default_factory=Sends)
    """Prompts and replies: sent again when nobody knows whether they were shown."""
    drop: Sends = field(default_factory=Sends)
    """Nudges: dropped then, unless their key keeps them single."""
    killed: Counter[str] = field(default_factory=Counter[str])
    breaks: int = 0
    """How often the connection broke that tells what happens."""
    wrong: list[str] = field(default_factory=list[str])

    def add(self, other: "Verdict") -> None:
        """Add what another one came to."""
        for mine, theirs in ((self.turns, other.turns), (self.resend, other.resend), (self.drop, other.drop)):
            for one in fields(mine):
                setattr(mine, one.name, getattr(mine, one.name) + getattr(theirs, one.name))
        self.killed += other.killed
        self.breaks += other.breaks
        self.wrong += other.wrong


async def judge(database: Path, seen: Seen, *, brought: Iterable[str], accounts: Mapping[str, str]) -> Verdict:
    """Hold what is stored to what was done and seen.

    ``brought`` are the events that have to be settled, and ``accounts`` tells everybody's name.
    """
    verdict = Verdict(killed=seen.killed, breaks=seen.breaks, wrong=list(seen.wrong))
    found = await conversations(database, accounts)
    with closing(sqlite3.connect(database)) as looking:
        settled = {str(row[0]) for row in looking.execute("SELECT event FROM inbox")}
        verdict.turns.taken = len(settled)
        verdict.turns.lost = sum(event not in settled for event in brought)
        _judge_turns(found, seen, verdict.turns)
        _judge_sends(looking, seen, verdict)
    return verdict


# Turns


def _judge_turns(found: Sequence[Written], seen: Seen, turns: Turns) -> None:
    meant = [_meant(round_) for person in seen.people.values() for round_ in person.rounds]
    written, stored = _texts(meant), _texts(found)
    turns.lost += (written - stored).total()
    turns.doubled = (stored - written).total() + max(0, len(found) - len(meant))
    turns.misplaced = sum(one not in meant for one in found)


def _meant(round_: Round) -> Written:
    return {key: tuple(texts) for key, texts in round_.wrote.items()}


def _texts(written: Iterable[Written]) -> Counter[str]:
    return Counter(text for one in written for texts in one.values() for text in texts)


# Sends


def _judge_sends(looking: sqlite3.Connection, seen: Seen, verdict: Verdict) -> None:
    for key, state, again in looking.execute("SELECT id, state, again FROM outbox WHERE light = 0"):
        _judge_send(verdict.resend if again else verdict.drop, str(key), str(state), seen, again=bool(again))


def _judge_send(sends: Sends, key: str, state: str, seen: Seen, *, again: bool) -> None:
    times = seen.platform.shown[key]
    sends.shown += times > 0
    sends.doubled += max(0, times - 1)
    sends.kept_single += seen.platform.kept_single[key]
    if state == "dropped" and key in seen.judged:
        sends.outdated += seen.judged[key]
        sends.lost += not seen.judged[key]
    elif state == "dropped" and not again:
        sends.uncertain += 1
    elif state == "dropped" or (state == "sent" and not times):
        sends.lost += 1
