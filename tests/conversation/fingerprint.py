"""Prints the fingerprint of a few runs: the same one in every process, however its sets happen to be ordered."""

import asyncio
import sys
from hashlib import blake2b

from tests.conversation.test_replay import BEGINNINGS, run
from tests.conversation.walking import Move

MOVES_A_RUN = 20


def fingerprint(prologue: int) -> str:
    """Return the digest of how the run from that beginning ends."""
    _, ended, _ = asyncio.run(run(prologue, [_move(prologue, number) for number in range(MOVES_A_RUN)]))
    return blake2b(ended.state + repr(ended.heard).encode(), digest_size=16).hexdigest()


def _move(prologue: int, number: int) -> Move:
    drawn = blake2b(f"{prologue} {number}".encode(), digest_size=4).digest()
    return drawn[0] % 112, drawn[1] % 4, drawn[2] % 32, drawn[3] % 8


if __name__ == "__main__":
    sys.stdout.writelines(f"{fingerprint(prologue)}\n" for prologue in range(1, BEGINNINGS, 3))
