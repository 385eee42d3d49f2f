"""Pairing that comes to nothing leaves nothing that grows."""

from tests.conversation.world import new_world
from tests.sealed import Stored


async def test_whoever_begins_to_pair_again_and_again_has_one_pair_that_never_came_about() -> None:
    world = await new_world("alex", "sam")
    for _ in range(3):
        await world.answer("alex", "/pair", "[Yes, gladly]")
        await world.say("alex", "/stop")
    assert len(Stored(world.database).pairs()) == 1
    await world.pair("alex", "sam")
    (pair,) = Stored(world.database).pairs()
    assert (pair.active, len(pair.members)) == (True, 2)
    world.close()
