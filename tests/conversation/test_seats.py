"""What is in front, what waits behind it, and what is announced: only what wants something of its person."""

from pathlib import Path

from bot.flows.library import Library, load_flows
from tests.conversation.walking import NAMES, begin_with_records
from tests.conversation.world import HOUR, World, new_world, rehearsed, shipped

WAITING = """
flow: waiting
version: 1
title: Waiting
roles: {me: one}
start: {command: wait}
lifetime: 2d
slots:
  how: {type: choice, class: private, options: {good: "Good"}}
steps:
  - {id: before, ask: "How is it?", save: how}
  - {id: rest, wait: 1h}
  - {id: how, ask: "How was it?", save: how, within: 3h, expired: over}
  - {id: over, end: true}
"""


async def world_with_a_flow_that_waits_for_a_time(folder: Path) -> World:
    path = folder / "waiting.yaml"
    path.write_text(WAITING)
    return await new_world("alex", library=Library({**shipped().flows, **load_flows([path])}, shipped().phrases))


async def test_what_only_goes_on_at_a_time_of_its_own_is_not_announced(tmp_path: Path):
    world = await world_with_a_flow_that_waits_for_a_time(tmp_path)
    try:
        await world.answer("alex", "/wait", "[Good]", "/say_it")
        world.news("alex")
        await world.say("alex", "stop")
        assert world.news("alex") == ["Stopped. Nothing more comes from this."]
        await world.say("alex", "hello")
        assert world.news("alex") == ["Nothing is waiting for an answer right now. /help shows what you can do."]
        await world.travel(HOUR)
        assert world.news("alex") == ["I have a note for you when you want it."]
        await world.answer("alex", "/say_it", "stop")
        assert world.news("alex")[-1] == "Something else is waiting for you."
        await world.say("alex", "/open")
        assert world.news("alex") == ["How was it?"]
    finally:
        world.close()


async def test_a_question_whose_time_is_over_is_not_opened_any_more(tmp_path: Path):
    world = await world_with_a_flow_that_waits_for_a_time(tmp_path)
    try:
        await world.answer("alex", "/wait", "[Good]")
        await world.travel(HOUR)
        await world.travel(3 * HOUR)
        world.news("alex")
        await world.press("alex", "Open")
        assert world.news("alex") == ["Nothing is waiting for you right now. /help shows what you can do."]
    finally:
        world.close()


async def test_what_rests_behind_a_pause_is_not_offered_to_be_opened():
    """R4, for somebody who writes while an invitation rests."""
    world = await new_world(*NAMES, library=rehearsed())
    try:
        await begin_with_records(world, 7)
        await world.say("sam", "/pause")
        world.news("alex")
        await world.say("alex", "hello")
        assert world.news("alex") == ["That part is resting. Everything of your own still works."]
    finally:
        world.close()
