"""What holds in a larger room is set by whoever manages it, as its platform says each time."""

import pytest

from bot.conversation.envelope import Command, Place, PlaceKind
from tests.conversation.test_reaching import actor, room
from tests.conversation.world import World, new_world

PEOPLE = ("alex", "sam", "kim")


async def den_of(*people: str) -> World:
    world = await new_world(*people)
    await world.room("den", *people)
    return world


async def sets(world: World, name: str, wish: str, *, managed: bool = True, people: int = 3) -> None:
    place = Place(kind=PlaceKind.ROOM, id="den", people=people, managed=managed)
    await world.stage.take(actor(name), place, Command(name="room", args=wish))


async def test_a_pause_lasts_as_long_as_the_manager_lets_it_at_most() -> None:
    world = await den_of(*PEOPLE)
    await sets(world, "alex", "1h")
    assert world.news("den")[-1] == "A pause in this room lasts 1 hour at most."
    await world.say("sam", "/pause 4h", "den")
    assert "Back in 1 hour" in world.news("den")[-1]
    world.close()


async def test_a_room_that_is_off_is_not_paused_until_it_is_on_again() -> None:
    world = await den_of(*PEOPLE)
    await sets(world, "alex", "off")
    world.news("den")
    for command in ("/pause", "/slow"):
        await world.say("sam", command, "den")
        assert "so that I do not pause it" in world.news("sam@den")[-1]
    assert world.news("den") == []
    await sets(world, "alex", "On.")
    await world.say("sam", "/pause", "den")
    assert any("Pause is on" in text for text in world.news("den"))
    world.close()


@pytest.mark.parametrize("wish", ["off", "1h"])
async def test_whoever_does_not_manage_a_room_changes_nothing(wish: str) -> None:
    world = await den_of(*PEOPLE)
    await sets(world, "sam", wish, managed=False)
    assert "Only those who manage" in world.news("sam@den")[-1]
    assert (room(world).off, room(world).longest) == (False, 0)
    world.close()


async def test_a_power_that_is_lost_on_the_platform_is_lost_here_at_once() -> None:
    world = await den_of(*PEOPLE)
    await sets(world, "alex", "off")
    await sets(world, "alex", "on", managed=False)
    assert room(world).off
    world.close()


async def test_everybody_can_ask_how_a_room_is_set() -> None:
    world = await den_of(*PEOPLE)
    await sets(world, "alex", "1h")
    await sets(world, "sam", "", managed=False)
    assert "lasts 1 hour at most" in world.news("sam@den")[-1]
    world.close()


async def test_what_cannot_be_read_is_told_with_what_can() -> None:
    world = await den_of(*PEOPLE)
    await sets(world, "alex", "never")
    assert "/room off, /room on" in world.news("alex@den")[-1]
    assert (room(world).off, room(world).longest) == (False, 0)
    world.close()


async def test_in_a_room_of_two_nobody_manages_the_other() -> None:
    world = await den_of("alex", "sam")
    await sets(world, "alex", "off", people=2)
    assert "nobody manages the other" in world.news("alex@den")[-1]
    assert not room(world).off
    world.close()


@pytest.mark.parametrize(("wish", "longest"), [("1 minute", 20), ("9 days", 24 * 60)])
async def test_a_longest_pause_is_twenty_minutes_to_a_day(wish: str, longest: int) -> None:
    world = await den_of(*PEOPLE)
    await sets(world, "alex", wish)
    assert room(world).longest == longest * 60_000
    world.close()
