from bot.conversation.menu import chips_of_a_person, chips_of_a_room
from tests.conversation.world import new_world, rehearsed, shipped


async def test_help_names_each_flow_with_what_it_is_about_and_nobody_wrote_it_there():
    library = rehearsed()
    world = await new_world("alex", library=library)
    told = (await world.say("alex", "/help"))[-1].text
    begun = [flow for flow in library.flows.values() if flow.trigger and flow.trigger.command]
    own = [flow for flow in begun if not flow.signal or (flow.trigger and flow.trigger.signal == "pause")]
    assert own
    for flow in own:
        assert flow.trigger is not None
        assert f"/{flow.trigger.command}: {flow.about or flow.title}" in told
    for name in ("open", "drafts", "language", *(kind.command for kind in library.records.kinds.values())):
        assert f"/{name}" in told
    world.close()


async def test_every_chip_of_a_page_is_understood():
    for chip in chips_of_a_person(shipped()):
        world = await new_world("alex", library=shipped())
        assert "don't know" not in (await world.say("alex", chip))[-1].text, chip
        world.close()
    for chip in chips_of_a_room(shipped()):
        world = await new_world("alex", "sam", library=shipped())
        heard = await world.say("alex", chip, "den")
        assert all(one.text != "I answer that in your own chat." for one in heard), chip
        world.close()
