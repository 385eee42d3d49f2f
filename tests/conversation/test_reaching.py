"""Who and what can be reached: chats that take no messages any more, rooms that are lost, move, or lose a member."""

from dataclasses import replace

from structlog.testing import capture_logs

from bot.adapters.terminal.stage import PLATFORM
from bot.conversation.envelope import (
    NOBODY,
    Actor,
    Command,
    Content,
    Envelope,
    MemberLeft,
    Place,
    PlaceKind,
    Reachability,
    RoomJoined,
    RoomMoved,
)
from bot.conversation.message import Message, Shown
from bot.conversation.operator import Operator
from bot.conversation.outbox import Target
from bot.conversation.people import LONGEST_NAME, plain_name
from bot.conversation.send_faults import Unreachable
from bot.conversation.units import Person, Room
from tests.conversation.world import DAY, HOUR, MINUTE, START, World, new_world, rehearsed
from tests.sealed import Stored

DEN = Place(kind=PlaceKind.ROOM, id="den")


def actor(name: str) -> Actor:
    return Actor(id=name, name=name.capitalize())


async def comes(world: World, name: str, place: Place, content: Content) -> None:
    """Let the platform tell something that no transcript has a line for."""
    await world.stage.take(actor(name), place, content)


def own(name: str) -> Place:
    return Place(kind=PlaceKind.DM, id=name)


def person(world: World, name: str) -> Person:
    return next(one for one in Stored(world.database).people() if one.account == name)


def room(world: World, place: str = "den") -> Room:
    units = Stored(world.database).units()
    return next(one for one in units if isinstance(one, Room) and one.place == place)


async def test_whoever_blocks_the_bot_gets_no_nudge_and_no_invitation_until_they_come_back() -> None:
    world = await new_world("alex", "sam", zone="Europe/Madrid")
    await world.pair("alex", "sam")
    await comes(world, "sam", own("sam"), Reachability(reachable=False))
    assert person(world, "sam").unreachable
    world.news("sam")
    await world.answer("alex", "/hear_it_back", "I missed you on Sunday.", "[Share]")
    await world.travel(HOUR)
    assert world.news("sam") == []
    await world.say("sam", "/open")
    assert not person(world, "sam").unreachable
    assert world.news("sam"), "what waited for them is there"
    world.close()


async def test_to_be_let_in_again_is_no_reason_to_write() -> None:
    world = await new_world("alex")
    await world.say("alex", "/help")
    await comes(world, "alex", own("alex"), Reachability(reachable=False))
    world.news("alex")
    await comes(world, "alex", own("alex"), Reachability(reachable=True))
    assert world.news("alex") == []
    assert not person(world, "alex").unreachable
    world.close()


class Blocking:
    """A platform whose chats may be closed."""

    def __init__(self, world: World) -> None:
        self.closed: set[str] = set()
        self._send = world.platform.send
        world.platform.send = self.send  # pyright: ignore[reportAttributeAccessIssue]

    async def send(self, target: Target, message: Message, key: str) -> str:
        if target.chat in self.closed:
            raise Unreachable
        return await self._send(target, message, key)


async def test_a_chat_that_takes_nothing_is_noted_and_the_other_goes_on() -> None:
    world = await new_world("alex", "sam")
    await world.pair("alex", "sam")
    await world.answer("alex", "/hear_it_back", "I missed you on Sunday.", "[Share]")
    Blocking(world).closed.add("sam")
    await world.travel(20 * MINUTE)
    await world.say("sam", "/open")
    world.news("alex")
    await world.say("alex", "/help")
    assert person(world, "sam").unreachable
    assert world.news("alex")
    world.close()


async def test_a_room_that_the_bot_was_removed_from_is_not_written_to_and_its_people_are() -> None:
    world = await new_world("alex", "sam")
    await world.say("alex", "/help")
    await world.say("sam", "/help")
    await world.room("den", "alex", "sam")
    await world.say("alex", "/pause", "den")
    await comes(world, "alex", DEN, Reachability(reachable=False))
    world.news("den")
    world.news("sam")
    await world.travel(DAY)
    assert room(world).gone
    assert world.news("den") == []
    assert any("The pause is over" in text or "This pause has ended" in text for text in world.news("sam"))
    world.news("alex")
    await world.say("alex", "/pause")
    assert "not in a room or a pair yet" in world.news("alex")[-1]
    world.close()


async def test_a_room_that_takes_no_message_counts_as_lost_until_something_comes_from_it() -> None:
    world = await new_world("alex", "sam")
    await world.room("den", "alex", "sam")
    closing = Blocking(world)
    closing.closed.add("den")
    await world.say("alex", "/slow", "den")
    assert room(world).gone
    closing.closed.clear()
    await world.say("alex", "/help", "den")
    assert not room(world).gone
    world.close()


async def test_a_room_goes_on_where_its_platform_has_moved_it() -> None:
    world = await new_world("alex", "sam")
    await world.room("den", "alex", "sam")
    before = room(world)
    await world.talks[-1].room_moved("u:1", RoomMoved(platform=PLATFORM, room="den", to="hall"))
    after = room(world, "hall")
    assert (after.id, after.members, after.place) == (before.id, before.members, "hall")
    await world.say("alex", "/pause", "hall")
    assert world.news("hall")
    world.close()


async def test_whoever_leaves_a_room_is_no_member_of_it() -> None:
    world = await new_world("alex", "sam", "kim")
    await world.room("den", "alex", "sam", "kim")
    kim = person(world, "kim")
    await comes(world, "kim", replace(DEN, people=2), MemberLeft(member=actor("kim")))
    there = room(world)
    assert kim.id not in there.members
    assert there.count == 2
    assert person(world, "kim").rooms == ()
    world.close()


async def test_a_room_is_told_honestly_what_comes_to_the_bot() -> None:
    world = await new_world("alex")
    joined = RoomJoined(members=(actor("alex"),))
    await comes(world, "alex", replace(DEN, people=3, hears=False), joined)
    assert "does not come to me" in world.news("den")[-1]
    await comes(world, "alex", replace(DEN, people=3, hears=True), joined)
    assert "I also receive" in world.news("den")[-1]
    await comes(world, "alex", replace(DEN, people=4), RoomJoined(members=(actor("sam"),)))
    assert world.news("den") == []
    world.close()


async def test_a_link_that_carries_a_code_pairs() -> None:
    world = await new_world("alex", "sam")
    await world.answer("alex", "/pair", "[Yes, gladly]", "[My own idea]")
    await world.say("sam", f"/start {world.code_of('alex')}")
    await world.answer("sam", "[Pair]", "[My own idea]")
    assert any("are paired now" in text for text in world.news("sam"))
    world.close()


async def test_hide_names_everything_that_the_chat_still_shows_and_nothing_twice() -> None:
    world = await new_world("alex")
    hidden: list[list[str]] = []
    hide = world.platform.hide

    async def noting(target: Target, shown: tuple[Shown, ...]) -> None:
        hidden.append([one.ref for one in shown])
        await hide(target, shown)

    world.platform.hide = noting  # pyright: ignore[reportAttributeAccessIssue]
    await world.say("alex", "/help")
    sent = [heard.ref for heard in world.platform.heard if heard.view == "alex"]
    await world.say("alex", "/hide")
    await world.say("alex", "/hide")
    after = [heard.ref for heard in world.platform.heard if heard.view == "alex"]
    assert hidden[0] == sent
    assert set(hidden[1]) == set(after[:-1]) - set(sent)
    world.close()


async def test_people_are_told_who_runs_the_bot_and_could_read_what_is_kept() -> None:
    world = await new_world("alex", operator=Operator(name="Kim"))
    await world.say("alex", "/privacy")
    told = world.news("alex")
    assert "Kim runs me" in told[0]
    assert "Kim runs this bot" in told[-1]
    world.close()


async def test_on_ones_own_computer_nobody_is_named() -> None:
    world = await new_world("alex")
    await world.say("alex", "/privacy")
    assert not [text for text in world.news("alex") if "runs" in text]
    world.close()


def test_a_name_is_shown_on_one_line_and_turns_nothing_around() -> None:
    assert plain_name("Al\u202eex\n\u200bB") == "Al ex B"
    assert len(plain_name("x" * 500)) == LONGEST_NAME
    assert plain_name("\u2066\u2069") == ""


async def test_a_message_of_a_volatile_section_to_nobody_is_not_tried_for_ever() -> None:
    world = await new_world("alex", "sam", library=rehearsed())
    await world.answer("alex", "/pair", "[Yes, gladly]")
    closing = Blocking(world)
    closing.closed.add("alex")
    await world.say("alex", "/open")
    assert person(world, "alex").unreachable
    closing.closed.clear()
    sent = len(world.platform.heard)
    await world.travel(HOUR)
    assert len(world.platform.heard) == sent
    world.close()


async def test_a_room_of_which_nobody_says_how_many_are_in_it_is_no_pairs_own() -> None:
    world = await new_world("alex", "sam")
    await world.pair("alex", "sam")
    for name in ("alex", "sam"):
        await comes(world, name, DEN, Command(name="help"))
    assert room(world).count == 0
    await comes(world, "alex", DEN, Command(name="pause", args="20m"))
    assert "It ends early when the caller and one more are ready." in world.news("den")[-1]
    world.close()


async def test_a_room_that_was_seen_where_it_moved_before_the_move_was_told_goes_on_there() -> None:
    world = await new_world("alex", "sam", "kim")
    await world.room("den", "alex", "sam")
    await world.say("alex", "/pause", "den")
    before = room(world)
    hall = Place(kind=PlaceKind.ROOM, id="hall", people=3, hears=True)
    await comes(world, "kim", hall, RoomJoined(members=(actor("kim"),)))
    await world.talks[-1].room_moved("u:1", RoomMoved(platform=PLATFORM, room="den", to="hall"))
    after = room(world, "hall")
    assert (after.id, after.count, after.hears, len(after.members)) == (before.id, 3, True, 3)
    assert person(world, "kim").rooms == (before.id,)
    world.news("hall")
    await comes(world, "alex", hall, Command(name="pause"))
    assert any("The pause is on already." in text for text in [*world.news("alex@hall"), *world.news("alex")])
    world.close()


async def test_an_administrator_who_writes_as_the_group_is_told_that_nobody_can_be_seen() -> None:
    world = await new_world("alex", "sam")
    await world.room("den", "alex", "sam")
    world.news("den")
    people = len(Stored(world.database).people())
    await world.talks[-1].intake(by_nobody(Command(name="pause")))
    await world.talks[-1].intake(by_nobody(RoomJoined(members=()), people=5))
    assert world.news("den") == ["I cannot see who wrote that. Write it as yourself, please, and not as the group."]
    assert room(world).count == 5
    await world.talks[-1].intake(by_nobody(MemberLeft(member=actor("sam")), people=4))
    assert len(room(world).members) == 1
    assert len(Stored(world.database).people()) == people
    world.close()


def by_nobody(content: Content, people: int = 0) -> Envelope:
    return Envelope(
        platform=PLATFORM,
        event_id=f"nobody {content}",
        actor=NOBODY,
        place=replace(DEN, people=people),
        at=START,
        content=content,
    )


async def test_hide_names_what_was_answered_aside_too() -> None:
    world = await new_world("alex", "sam")
    await world.say("alex", "/help")
    await world.room("den", "alex", "sam")
    await world.say("alex", "/help", "den")
    aside = next(heard.ref for heard in reversed(world.platform.heard) if "In this room" in heard.text)
    hidden: list[list[str]] = []

    async def noting(_target: Target, shown: tuple[Shown, ...]) -> None:
        hidden.append([one.ref for one in shown])

    world.platform.hide = noting  # pyright: ignore[reportAttributeAccessIssue]
    await world.say("alex", "/hide")
    await world.say("alex", "/hide")
    assert [aside in refs for refs in hidden] == [True, False]
    world.close()


async def test_a_choice_that_names_a_room_which_is_no_more_has_nothing_to_pause() -> None:
    world = await new_world("alex", "sam")
    for name in ("den", "hall"):
        await world.room(name, "alex", "sam")
    await world.say("alex", "/help")
    await world.say("alex", "/pause")
    gone = room(world, "hall")
    await world.talks[-1].room_moved("u:1", RoomMoved(platform=PLATFORM, room="den", to="hall"))
    assert gone.id not in [unit.id for unit in Stored(world.database).units()]
    world.news("alex")
    offered = world.stage.offered("alex")[-1].message.buttons
    with capture_logs() as logs:
        for button in offered:
            await world.press("alex", button.label)
    assert [entry for entry in logs if entry["log_level"] == "error"] == []
    world.close()


async def test_a_command_of_another_bot_is_none_of_ours_whoever_it_is() -> None:
    world = await new_world("alex")
    await world.room("den", "alex")
    world.news("den")
    await world.talks[-1].intake(by_nobody(Command(name="ban")))
    assert world.news("den") == []
    world.close()


async def test_a_room_is_nobodys_own_chat_whatever_the_platform_says() -> None:
    world = await new_world("alex", "sam")
    await world.say("alex", "/help")
    await world.room("den", "alex", "sam")
    await world.say("alex", "/help", "den")
    world.news("den")
    await comes(world, "alex", own("den"), Command(name="how_is_it_for_me"))
    assert world.news("den") == []
    assert person(world, "alex").chat == "alex"
    world.close()
