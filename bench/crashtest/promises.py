"""What is promised, held to what an episode came to."""

from collections.abc import Iterator

from bench.crashtest.loopback import Kind
from bench.crashtest.verdict import Verdict


def broken(kind: Kind, verdict: Verdict) -> list[str]:
    """Return the promises that were not kept on a platform of that kind, as sentences."""
    return [f"{kind.name}: {told}" for told in _broken(kind, verdict)]


def _broken(kind: Kind, verdict: Verdict) -> Iterator[str]:
    turns, resend, drop = verdict.turns, verdict.resend, verdict.drop
    keeps_single = kind.single_for > 0
    for count, told in (
        (turns.lost, "turns were lost"),
        (turns.doubled, "turns were taken twice"),
        (turns.misplaced, "conversations hold something else than what was written in them"),
        (resend.lost, "prompts or replies were lost"),
        (drop.lost, "nudges were lost, although it was known that they had not been shown"),
        (drop.doubled, "nudges were shown twice"),
        (resend.doubled if keeps_single else 0, "prompts or replies were shown twice, although they had a nonce"),
        (drop.uncertain if keeps_single else 0, "nudges were given up, although they had a nonce"),
    ):
        if count:
            yield f"{count} {told}"
    yield from dict.fromkeys(verdict.wrong)
