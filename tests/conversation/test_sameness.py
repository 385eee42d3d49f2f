"""P3: with the same released items, whoever waits for somebody cannot tell a refusal from silence.

The same is done by Alex at the same virtual times in every world; the worlds differ in what Sam does in private. What
Alex gets, each message with its choices and its instant, the answers to Alex's own curiosity included, is the same.
"""

import re

import pytest

from tests.conversation.world import DAY, HOUR, MINUTE, World, new_world

Seen = list[tuple[int, str, tuple[str, ...]]]


async def seen_by(world: World, name: str) -> Seen:
    """Return everything that this person got. Codes are drawn anew in every world, so each one counts as a code."""
    got = [heard for heard in world.platform.heard if heard.view == name]
    return [(heard.at, re.sub(r"code is \w{8}", "code is …", heard.text), heard.labels) for heard in got]


TRIED = ("/hear_it_back", "/open", "what now", "/pair", "/drafts", "/resume", "not now", "/open", "back", "/help")


async def be_curious(world: World, *more: str) -> None:
    """What somebody tries who wants to know what the other did."""
    for tried in (*TRIED, *more):
        await world.say("alex", tried)
    for nth in (1, 2):
        offered = world.stage.offered("alex")
        await world.press("alex", offered[-nth].message.buttons[0].label, nth=nth)
    await world.mishap("edit", "alex", "other words")


SILENT = "nothing"
HEARING = {
    SILENT: (),
    "opens": ("[Open]",),
    "declines": ("[Open]", "[Not now]"),
    "declines by a word": ("[Open]", "not now"),
    "puts it off": ("[Open]", "[Later]"),
    "leaves": ("[Open]", "stop"),
    "writes something": ("[Open]", "I do not know"),
    "looks around": ("/open", "/open", "/help", "/pair"),
    "is busy elsewhere": ("/say_it", "it was loud", "[tired]"),
}


async def hearing(answers: tuple[str, ...], *pairing: str) -> Seen:
    world = await new_world("alex", "sam", zone="Europe/Madrid")
    try:
        await world.pair("alex", "sam", *pairing)
        await world.answer("alex", "/hear_it_back", "I missed you on Sunday.", "[Share]")
        await world.travel(20 * MINUTE)
        await world.answer("sam", *answers)
        await be_curious(world)
        await world.travel(3 * HOUR)
        await be_curious(world)
        await world.travel(4 * DAY)
        await be_curious(world)
        return await seen_by(world, "alex")
    finally:
        world.close()


@pytest.mark.parametrize("what", [name for name in HEARING if name != SILENT])
async def test_an_invitation_to_hear_looks_the_same_whatever_the_other_does_with_it(what: str):
    assert await hearing(HEARING[what]) == await hearing(HEARING[SILENT])


@pytest.mark.parametrize("answers", [(), ("/open",)], ids=["silent", "looks"])
async def test_an_invitation_to_somebody_who_has_everything_off_looks_the_same(answers: tuple[str, ...]):
    off = ("[I was pushed]", "[Pair, everything off]")

    assert await hearing(answers, *off) == await hearing(HEARING[SILENT])


async def test_a_yes_does_not_look_like_silence():
    """The comparison can fail."""
    assert await hearing(("[Open]", "[Yes]", "You missed me.", "[Share]")) != await hearing(HEARING[SILENT])


READ = ("[Open]", "[Now]")
REPAIRING = {
    SILENT: (),
    "opens": ("[Open]",),
    "declines": ("[Open]", "[No]"),
    "declines by a word": ("[Open]", "not now"),
    "puts it off": ("[Open]", "[Later]"),
    "puts it off and reads it then": ("[Open]", "[Later]", "/open", "[Now]"),
    "leaves": ("[Open]", "stop"),
    "reads it": READ,
    "reads it and does not answer": (*READ, "[No reply]"),
    "reads it and leaves": (*READ, "stop"),
    "reads it and writes something": (*READ, "I do not know"),
    "needs time": (*READ, "[I need time]"),
    "needs time for themselves": (*READ, "[I need time]", "[Keep private]"),
    "asks for a reminder": (*READ, "[I need time]", "[Keep private]", "[Tomorrow]"),
    "needs no reminder, and does not answer": (*READ, "[I need time]", "[Keep private]", "[Skip]", "[No reply]"),
    "keeps their thanks": (*READ, "[Thank you, I hear it]", "[Keep private]"),
    "keeps what is missing": (*READ, "[Something is missing]", "[Their part]", "[Keep private]"),
    "goes back and forth": (*READ, "[Something is missing]", "back", "[I'd rather talk in person]", "back", "back"),
    "builds a repair of their own": (*READ, "/repair", "I was late.", "[I'd like to ask you]", "[Yes]", "call"),
    "tries to take it back": (*READ, "/take_back"),
    "looks around": ("/open", "/open", "/help", "/take_back"),
}
ASKED_AGAIN = ("/repair", "I was loud.", "[I'd like to ask you]", "[Yes]", "I call.", "[Offer]", "[Share]")


_silences: dict[bool, Seen] = {}


async def silence(*, takes_back: bool = False) -> Seen:
    """What the sender of a repair sees of somebody who does nothing."""
    if takes_back not in _silences:
        _silences[takes_back] = await repairing(REPAIRING[SILENT], takes_back=takes_back)
    return _silences[takes_back]


async def repairing(answers: tuple[str, ...], *pairing: str, takes_back: bool = False) -> Seen:
    world = await new_world("alex", "sam", zone="Europe/Madrid")
    try:
        await world.pair("alex", "sam", *pairing)
        await world.answer("alex", "/repair", "I read your messages.", "You felt watched.", "[Yes]", "I ask first.")
        await world.answer("alex", "[Offer]", "[Share]", "[Skip]")
        await world.travel(20 * MINUTE)
        await world.answer("sam", *answers)
        await be_curious(world, "/repair")
        await world.travel(3 * HOUR)
        if takes_back:
            await world.answer("alex", "/take_back", "[Keep private]", "/take_back", "/drafts")
        else:
            # A second one, while the first is on its way, is answered in the same way too.
            await world.answer("alex", "stop", *ASKED_AGAIN, "[Skip]")
        await be_curious(world)
        for days in (3, 5):
            await world.travel(days * DAY)
            await be_curious(world, "/take_back", "/repair")
        return await seen_by(world, "alex")
    finally:
        world.close()


@pytest.mark.parametrize("what", [name for name in REPAIRING if name != SILENT])
async def test_a_repair_looks_the_same_whatever_the_other_does_with_it_in_private(what: str):
    assert await repairing(REPAIRING[what]) == await silence()


@pytest.mark.parametrize("what", [name for name in REPAIRING if name != SILENT])
async def test_taking_a_repair_back_tells_nothing_of_what_was_done_with_it(what: str):
    assert await repairing(REPAIRING[what], takes_back=True) == await silence(takes_back=True)


@pytest.mark.parametrize("answers", [(), ("/open",)], ids=["silent", "looks"])
async def test_a_repair_for_somebody_who_has_everything_off_looks_the_same(answers: tuple[str, ...]):
    off = ("[I was pushed]", "[Pair, everything off]")

    assert await repairing(answers, *off) == await silence()


@pytest.mark.parametrize(
    "said",
    [
        ("[Thank you, I hear it]", "[Share]"),
        ("[I need time]", "[Share]"),
        ("[Something is missing]", "[What will change]", "[Share]"),
        ("[I'd rather talk in person]", "[Share]"),
        ("[I need time]", "[Keep private]", "[Skip]", "[Thank you, I hear it]", "[Share]"),
    ],
    ids=lambda said: said[0],
)
async def test_an_answer_that_is_passed_on_does_not_look_like_silence(said: tuple[str, ...]):
    assert await repairing((*READ, *said)) != await silence()


CODE = "/pair {code}"
PAIRING = {
    SILENT: (),
    "types the code": (CODE,),
    "declines": (CODE, "[Not now]"),
    "never wants to be asked": (CODE, "[Never ask again]"),
    "leaves": (CODE, "stop"),
    "was pushed and lets it expire": (CODE, "[Pair]", "[I was pushed]", "[Let it expire]"),
    "stops in the middle of the private question": (CODE, "[Pair]"),
    "types the code twice": (CODE, CODE),
    "types it wrong": ("/pair ABCDEFGH",),
}


async def pairing(answers: tuple[str, ...]) -> Seen:
    world = await new_world("alex", "sam", zone="Europe/Madrid")
    try:
        await world.answer("alex", "/pair", "[Yes, gladly]", "[My own idea]")
        code = world.code_of("alex")
        await world.travel(20 * MINUTE)
        for answer in answers:
            await world.answer("sam", answer.replace("{code}", code))
        await be_curious(world)
        await world.travel(3 * HOUR)
        await be_curious(world)
        await world.travel(2 * DAY)
        await be_curious(world)
        return await seen_by(world, "alex")
    finally:
        world.close()


@pytest.mark.parametrize("what", [name for name in PAIRING if name != SILENT])
async def test_a_code_looks_the_same_whatever_the_other_does_with_it(what: str):
    assert await pairing(PAIRING[what]) == await pairing(PAIRING[SILENT])


async def test_everything_off_looks_like_any_pair():
    off = (CODE, "[Pair]", "[I was pushed]", "[Pair, everything off]")
    plain = (CODE, "[Pair]", "[I was pushed]", "[Pair as usual]")

    assert await pairing(off) == await pairing(plain)
    assert await pairing(off) != await pairing(PAIRING[SILENT])
