"""What waits behind an [Open]: it waits no longer once it is shown in another way."""

from pathlib import Path

from bot.wiring.dialogues import library_of
from tests.conversation.world import DAY, MINUTE, new_world, rehearsed

TWICE = """
flow: twice
version: 1
title: Twice
roles: {me: one}
start: {command: twice}
lifetime: 30d
slots:
  ready: {type: choice, class: private, options: {now: "Now"}}
  what: {type: text, class: private}
steps:
  - {id: lull, ask: "Not yet.", save: ready, within: 15m, expired: what}
  - {id: what, ask: "What is it?", save: what, nudge: true, within: 6d, expired: over}
  - {id: done, say: "Thank you for: {what}", to: me, end: true}
  - {id: over, say: "Over.", to: me, end: true}
"""

TOLD_FIRST = TWICE.replace("expired: what}", "expired: word}").replace(
    "  - {id: what", '  - {id: word, say: "It is time.", to: me}\n  - {id: what'
)


async def test_a_question_that_was_shown_without_an_open_takes_the_answer_that_is_typed():
    world = await new_world("alex", library=rehearsed())
    await world.answer("alex", "/promise", "Call the doctor")
    await world.travel(2 * DAY)
    world.news("alex")

    await world.mishap("photo", "alex")
    assert world.news("alex")[-1] == "You wrote: Call the doctor. Did it happen?"
    await world.say("alex", "Yes")
    assert not any("did not take your words" in told for told in world.news("alex"))
    assert await world.sessions() == []
    world.close()


async def test_what_waits_before_a_question_is_shown_before_it(tmp_path: Path):
    (tmp_path / "twice.yaml").write_text(TOLD_FIRST, "utf-8")
    world = await new_world("alex", library=library_of(tmp_path))
    await world.say("alex", "/twice")
    await world.travel(15 * MINUTE)
    world.news("alex")

    await world.mishap("photo", "alex")
    assert world.news("alex")[-2:] == ["It is time.", "What is it?"]
    await world.say("alex", "A walk")
    assert world.news("alex") == ["Thank you for: A walk"]
    world.close()


async def test_a_question_that_was_shown_upon_an_old_button_takes_the_answer_that_is_typed(tmp_path: Path):
    (tmp_path / "twice.yaml").write_text(TWICE, "utf-8")
    world = await new_world("alex", library=library_of(tmp_path))
    await world.say("alex", "/twice")
    await world.travel(15 * MINUTE)
    world.news("alex")

    await world.press("alex", "Now", nth=2)
    assert world.news("alex")[-1] == "What is it?"
    await world.say("alex", "A walk")
    assert world.news("alex") == ["Thank you for: A walk"]
    assert await world.sessions() == []
    world.close()
