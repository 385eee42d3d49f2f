"""Preloaded into the process from which the children are forked: flows are read and codecs are built only once."""

import asyncio

from tests.conversation.world import new_world
from tests.crash import child


async def _warm() -> None:
    child.library()
    world = await new_world("alex", "sam")
    await world.pair("alex", "sam")
    world.close()


asyncio.run(_warm())
