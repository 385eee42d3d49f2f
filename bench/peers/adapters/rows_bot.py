"""The yardstick of the durable case: nothing but one row, saved a turn."""

from bench.peers.machines import MachineBot
from bench.peers.port import START, Settings


class RowsBot(MachineBot[list[bytes]]):
    """A bot that decides nothing."""

    def new(self, kept: bytes | None) -> list[bytes]:
        return [kept or b"0"]

    def answer(self, machine: list[bytes], number: int) -> list[str]:
        machine[0] = b'{"state": "left", "number": %d}' % number
        return [""]

    def kept(self, machine: list[bytes]) -> bytes:
        return machine[0]

    def state(self, machine: list[bytes]) -> str:
        return START


async def open_bot(settings: Settings) -> RowsBot:
    return RowsBot(settings)


hostile = {}
