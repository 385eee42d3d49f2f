"""Waits that last until the double's clock is moved."""

from tests.discord.server.server import DiscordServer


class Waits:
    """Waits by the double's clock."""

    def __init__(self, server: DiscordServer) -> None:
        self.asked: list[float] = []
        self._server = server

    async def __call__(self, seconds: float) -> None:
        """Return when the clock has gone on by so many seconds."""
        clock = self._server.clock
        until = clock.now() + round(1_000 * seconds)
        self.asked.append(seconds)
        self._server.bell.ring()
        await self._server.bell.until(lambda: clock.now() >= until)
