from bot.conversation.menu import (
    Entry,
    Option,
    chips_of_a_person,
    chips_of_a_room,
    menu_of_a_person,
    menu_of_a_room,
)
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
    views = [kind.command for kind in library.records.kinds.values() if kind.command]
    for name in ("open", "drafts", "language", "checkins", *views):
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


def by_command(language: str) -> dict[str, Entry]:
    menus = (*menu_of_a_room(shipped(), language), *menu_of_a_person(shipped(), language))
    return {entry.command: entry for entry in menus}


def test_what_may_stand_behind_a_command_is_named_in_each_language():
    english, spanish = by_command("en"), by_command("es")
    assert english["pair"].option == Option("code", "The code that somebody gave you")
    assert spanish["pair"].option is not None
    assert spanish["pair"].option.name == "código"
    assert {name for name, entry in english.items() if entry.option is not None} == {
        "pair",
        "pause",
        "language",
        "room",
    }


def test_a_command_is_told_with_the_word_that_people_type_for_it_in_their_language():
    assert by_command("es")["help"].word == "ayuda"
    assert by_command("en")["agreements"].word == ""


def test_what_is_for_a_room_is_for_all():
    assert [entry.command for entry in menu_of_a_room(shipped(), "en")] == ["pause", "slow", "resume", "room", "help"]
