"""P3: with the same released items, whoever waits for somebody cannot tell a refusal from silence.

The same is done by Alex at the same virtual times in every world; the worlds differ in what Sam does in private. What
Alex gets, each message with its choices and its instant, the answers to Alex's own curiosity included, is the same.
"""

import re
from collections.abc import Awaitable, Callable
from typing import ParamSpec

import pytest

from tests.conversation.world import DAY, HOUR, MINUTE, World, new_world

Seen = list[tuple[int, str, tuple[str, ...]]]

P = ParamSpec("P")


def known(play: Callable[P, Awaitable[Seen]]) -> Callable[P, Awaitable[Seen]]:
    """What is played is the same every time: what others are compared with is played once."""
    found: dict[tuple[object, ...], Seen] = {}

    async def play_once(*args: P.args, **named: P.kwargs) -> Seen:
        key = (args, tuple(named.items()))
        if key not in found:
            found[key] = await play(*args, **named)
        return found[key]

    return play_once


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


@known
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


@known
async def silence(*, takes_back: bool = False) -> Seen:
    """What the sender of a repair sees of somebody who does nothing."""
    if takes_back not in _silences:
        _silences[takes_back] = await repairing(REPAIRING[SILENT], takes_back=takes_back)
    return _silences[takes_back]


@known
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


@known
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


AGREEING = {
    SILENT: (),
    "opens": ("/open",),
    "declines": ("[Not now]",),
    "declines by a word": ("not now",),
    "says yes and takes it back": ("[Yes, freely]", "back"),
    "is busy elsewhere": ("/say_it", "it was loud", "[tired]"),
}


async def written(world: World) -> None:
    """Both have written their part of a pause rule, and are asked for their yes."""
    await world.pair("alex", "sam")
    await world.answer("alex", "/pause_rule", "[The short way]")
    await world.answer("sam", "[Open]", "[Yes]")
    for name in ("alex", "sam"):
        await world.answer(name, "1 hour", "[A walk]")
    for name in ("alex", "sam"):
        await world.answer(name, "[A hot face]", "[Yellow]", "If I shout, then I will go out.", "[That's all]")
    for name in ("alex", "sam"):
        await world.answer(name, "[It fits]")


@known
async def agreeing(answers: tuple[str, ...]) -> Seen:
    world = await new_world("alex", "sam", zone="Europe/Madrid")
    try:
        await written(world)
        # A yes of Sam's that is taken back must not come after Alex's, which would make it final.
        await world.answer("sam", *answers)
        await world.travel(20 * MINUTE)
        await world.answer("alex", "/open", "[Yes, freely]", "/rules", "/pause_rule")
        await be_curious(world)
        await world.travel(4 * DAY)
        await world.answer("alex", "/rules")
        await be_curious(world)
        return await seen_by(world, "alex")
    finally:
        world.close()


@pytest.mark.parametrize("what", [name for name in AGREEING if name != SILENT])
async def test_a_last_yes_looks_the_same_whatever_the_other_does_instead(what: str):
    assert await agreeing(AGREEING[what]) == await agreeing(AGREEING[SILENT])


LOOKING = {
    SILENT: (),
    "opens": ("/open",),
    "answers a part": ("/open", "[Worse]", "It got worse.", "[Share]"),
    "answers, and leaves the last one open": ("/open", "[Better]", "The walks.", "[Share]", "[Something slipped]"),
    "answers all and takes the last back": ("/open", "[Better]", "[Skip]", "[Skip]", "[End it]", "back"),
    "puts it off": ("/open", "not now"),
    "leaves": ("/open", "stop"),
    "leaves before it begins": ("stop",),
    "is busy elsewhere": ("/say_it", "it was loud", "[tired]"),
}


@known
async def looking(answers: tuple[str, ...], last: str = "[Keep it]") -> Seen:
    world = await new_world("alex", "sam", zone="Europe/Madrid")
    try:
        await written(world)
        for name in ("alex", "sam"):
            await world.answer(name, "[Yes, freely]")
        await world.travel(14 * DAY)
        await world.answer("sam", *answers)
        await world.answer("alex", "/open", "[Better]", "The walks.", "[Share]", "[Skip]", last, "/rules")
        await be_curious(world)
        await world.travel(3 * DAY)
        await be_curious(world)
        await world.travel(5 * DAY)
        await world.answer("alex", "/rules", "/agreements")
        await be_curious(world)
        return await seen_by(world, "alex")
    finally:
        world.close()


@pytest.mark.parametrize("what", [name for name in LOOKING if name != SILENT])
async def test_a_look_back_looks_the_same_whatever_the_other_does_instead_of_answering(what: str):
    assert await looking(LOOKING[what]) == await looking(LOOKING[SILENT])


async def test_two_answers_do_not_look_like_silence():
    """The comparison can fail."""
    assert await looking(("/open", "[Better]", "[Skip]", "[Skip]", "[Keep it]")) != await looking(LOOKING[SILENT])


LIGHTER = {
    "kept": "[Keep it]",
    "changed": "[Change it]",
    "rested": "[Let it rest]",
}


@pytest.mark.parametrize("heavier", list(LIGHTER.values()), ids=list(LIGHTER))
async def test_whoever_ends_it_cannot_tell_what_the_other_chose(heavier: str):
    """Of two choices the lighter one counts: the one who chose it sees the same, whichever the other was."""

    async def seen(theirs: str) -> Seen:
        return await looking(("/open", "[Better]", "[Skip]", "[Skip]", theirs), last="[End it]")

    assert await seen(heavier) == await seen("[End it]")


async def test_everything_off_looks_like_any_pair():
    off = (CODE, "[Pair]", "[I was pushed]", "[Pair, everything off]")
    plain = (CODE, "[Pair]", "[I was pushed]", "[Pair as usual]")

    assert await pairing(off) == await pairing(plain)
    assert await pairing(off) != await pairing(PAIRING[SILENT])


# Work it out (F09): its invitation, its final yes, and what each marks and picks in private.

WORK = "/work_it_out"
SHORT, FULL = "[Short way, about ten minutes]", "[Step by step, over some days]"
INVITED = {
    SILENT: (),
    "opens": ("[Open]",),
    "declines": ("[Open]", "[Not now]"),
    "declines by a word": ("[Open]", "not now"),
    "puts it off": ("[Open]", "[Later]"),
    "puts it off and declines": ("[Open]", "[Later]", "no", "2", "not now"),
    "leaves": ("[Open]", "stop"),
    "writes something": ("[Open]", "I do not know"),
    "gives the command": (WORK, "/open", WORK),
    "declines and begins anew, but for another day": ("[Open]", "[Not now]", WORK, "[Another day]"),
    "is busy elsewhere": ("/say_it", "it was loud", "[tired]"),
}


async def watched(world: World) -> Seen:
    """What Alex gets from now on, being curious again and again, until every deadline is over."""
    for pause in (20 * MINUTE, 3 * HOUR, 4 * DAY, 5 * DAY):
        await be_curious(world, WORK)
        await world.travel(pause)
    await be_curious(world, WORK)
    return await seen_by(world, "alex")


@known
async def working(answers: tuple[str, ...], *pairing: str, pace: str = SHORT) -> Seen:
    world = await new_world("alex", "sam", zone="Europe/Madrid")
    try:
        await world.pair("alex", "sam", *pairing)
        await world.answer("alex", WORK, pace)
        await world.travel(20 * MINUTE)
        await world.answer("sam", *answers)
        return await watched(world)
    finally:
        world.close()


@pytest.mark.parametrize("what", [name for name in INVITED if name != SILENT])
async def test_an_invitation_to_work_it_out_looks_the_same_whatever_the_other_does_with_it(what: str):
    assert await working(INVITED[what]) == await working(INVITED[SILENT])


@pytest.mark.parametrize("answers", [(), ("/open",), (WORK, "[Another day]")], ids=["silent", "looks", "commands"])
async def test_it_looks_the_same_to_somebody_who_has_everything_off(answers: tuple[str, ...]):
    off = ("[I was pushed]", "[Pair, everything off]")

    assert await working(answers, *off) == await working(INVITED[SILENT])


async def test_a_yes_to_working_it_out_does_not_look_like_silence():
    """The comparison can fail."""
    assert await working(("[Open]", "[Yes]")) != await working(INVITED[SILENT])


SIDES = ("It was late.", "I need quiet because it helps me sleep.")
HEARD = ("What I heard is: quiet.",)


async def both(world: World, *answers: str) -> None:
    """Let both say the same, Alex first."""
    for answer in answers:
        await world.answer("alex", answer)
        await world.answer("sam", answer)


async def at_the_end(alex: str, sam: str) -> World:
    """A world where both have weighed two ideas, and each takes on what is said here."""
    world = await new_world("alex", "sam", zone="Europe/Madrid")
    await world.pair("alex", "sam")
    await world.answer("alex", WORK, SHORT)
    await world.answer("sam", "[Open]", "[Yes]")
    await both(world, *SIDES, *HEARD, "[Yes, that's it]", "I could cook.", "[Works for me]")
    await world.answer("alex", alex)
    await world.answer("sam", sam)
    return world


LAST = {
    SILENT: (),
    "declines": ("[Not now]",),
    "declines by a word": ("not now",),
    "leaves": ("stop",),
    "writes something": ("maybe", "is that so?"),
    "looks around": ("/open", WORK, "/help", "/drafts", "back", "skip"),
    "is busy elsewhere": ("/say_it", "it was loud", "[tired]"),
    "says yes and takes it back": ("[Yes, freely]", "back"),
}


@known
async def asked_last(answers: tuple[str, ...], *, taken: tuple[str, str], yes: str) -> Seen:
    """What Alex sees who said a last yes, if there is one to say, whatever Sam does with theirs."""
    world = await at_the_end(*taken)
    try:
        if yes:
            await world.answer("alex", yes)
        await world.travel(20 * MINUTE)
        await world.answer("sam", *answers)
        return await watched(world)
    finally:
        world.close()


BOTH_TAKE_ON = ("I will cook.", "I will lay the table.")
"""Alex has said their yes: what Sam says or does not say last is all that is open."""


@pytest.mark.parametrize("what", [name for name in LAST if name not in {SILENT, "says yes and takes it back"}])
async def test_a_last_yes_that_does_not_come_looks_the_same_whatever_the_reason(what: str):
    seen = await asked_last(LAST[what], taken=BOTH_TAKE_ON, yes="[Yes, freely]")
    assert seen == await asked_last(LAST[SILENT], taken=BOTH_TAKE_ON, yes="[Yes, freely]")


@pytest.mark.parametrize("what", [name for name in LAST if name != SILENT])
async def test_before_ones_own_last_yes_nothing_tells_of_the_others(what: str):
    seen = await asked_last(LAST[what], taken=BOTH_TAKE_ON, yes="")
    assert seen == await asked_last(LAST[SILENT], taken=BOTH_TAKE_ON, yes="")


WISHED = {"declines": ("[Not now]",), "declines by a word": ("not now",), "leaves": ("stop",), "writes": ("hm",)}


@pytest.mark.parametrize("what", list(WISHED))
async def test_a_wish_that_is_not_ones_own_looks_like_silence(what: str):
    """Sam alone takes something on, and is asked alone."""
    taken = ("[Nothing from me]", "I will cook.")
    assert await asked_last(WISHED[what], taken=taken, yes="") == await asked_last((), taken=taken, yes="")


async def test_a_last_yes_and_an_own_wish_do_not_look_like_silence():
    """The comparisons can fail."""
    agreed = await asked_last(("[Yes, freely]",), taken=BOTH_TAKE_ON, yes="[Yes, freely]")
    assert agreed != await asked_last((), taken=BOTH_TAKE_ON, yes="[Yes, freely]")
    taken = ("[Nothing from me]", "I will cook.")
    wished = await asked_last(("[Yes, my own wish]",), taken=taken, yes="")
    assert wished != await asked_last((), taken=taken, yes="")


@known
async def weighed(marks: tuple[str, ...], alex: tuple[str, ...]) -> Seen:
    """What Alex sees step by step, of two ideas and their own marks, whatever Sam marks."""
    world = await new_world("alex", "sam", zone="Europe/Madrid")
    try:
        await world.pair("alex", "sam")
        await world.answer("alex", WORK, FULL)
        await world.answer("sam", "[Open]", "[Yes]")
        await both(world, "3", "rest, trust", "It was late.", "tired", "I need quiet.", *HEARD, "[Yes, that's it]")
        await both(world, "You may worry.", "[Yes]", "I could cook.", "[That's all]", "[Go on]")
        await world.answer("sam", *marks)
        await world.answer("alex", *alex)
        return await watched(world)
    finally:
        world.close()


WORKS, CHANGE, REFUSED = "[Works for me]", "[Works with a change]", "[Not for me]"


@pytest.mark.parametrize("mark", [CHANGE, REFUSED])
async def test_an_idea_that_one_refuses_is_left_out_alike_whether_the_other_refuses_it_too(mark: str):
    mine = (REFUSED, WORKS)
    assert await weighed((mark, WORKS), mine) == await weighed((WORKS, WORKS), mine)
    assert await weighed((mark, REFUSED), (REFUSED, WORKS)) == await weighed((WORKS, REFUSED), (REFUSED, WORKS))


async def test_works_and_works_with_a_change_look_the_same():
    assert await weighed((CHANGE, WORKS), (WORKS, WORKS)) == await weighed((WORKS, CHANGE), (WORKS, WORKS))
    assert await weighed((REFUSED, WORKS), (WORKS, WORKS)) != await weighed((WORKS, WORKS), (WORKS, WORKS))


async def picked(aims: str, strength: tuple[str, ...]) -> Seen:
    """What Alex sees step by step, with one aim of their own, whatever Sam picks and feels."""
    world = await new_world("alex", "sam", zone="Europe/Madrid")
    try:
        await world.pair("alex", "sam")
        await world.answer("alex", WORK, FULL)
        await world.answer("sam", "[Open]", "[Yes]", *strength)
        await world.answer("alex", "3", "[Rest]", "[That's all]")
        await world.say("sam", aims)
        return await watched(world)
    finally:
        world.close()


async def test_what_only_one_picks_and_how_strong_it_is_shows_nothing():
    plain = await picked("trust, less fighting", ("3", "/open"))
    assert await picked("feel close, a fair share", ("9", "[Calmer now]")) == plain
    assert await picked("rest, less fighting", ("3", "/open")) != plain


@known
async def agreed_on(later: tuple[str, ...]) -> Seen:
    """What Alex sees who would come back to it on a day, whatever else Sam would like."""
    world = await new_world("alex", "sam", zone="Europe/Madrid")
    try:
        await world.pair("alex", "sam")
        await world.answer("alex", WORK, SHORT)
        await world.answer("sam", "[Open]", "[Yes]")
        await both(world, *SIDES, *HEARD, "[Yes, that's it]", "I could cook.", "[Not for me]")
        await world.answer("alex", "[Come back to it]", "5 March", "[Slowly]", "[That's all]", "[Skip]")
        await world.answer("sam", *later, "[On a walk]", "[That's all]", "[Skip]")
        return await watched(world)
    finally:
        world.close()


async def test_a_different_way_shows_only_that_it_rests():
    parked = await agreed_on(("[Leave it for now]",))
    assert await agreed_on(("[With someone we trust]",)) == parked
    earlier = await agreed_on(("[Come back to it]", "4 March"))
    assert earlier == await agreed_on(("[Come back to it]", "3 March"))
    assert earlier != parked


# Whoever leaves without a word: the other gets the same, at the same instants, as with somebody silent.


@known
async def staying(start: tuple[str, ...], does: tuple[str, ...], *, leaves: bool) -> Seen:
    """What Sam gets who goes on, whether Alex has left or only says nothing more."""
    world = await new_world("alex", "sam", zone="Europe/Madrid")
    try:
        await world.pair("alex", "sam")
        for answer in start:
            name, _, said = answer.partition(": ")
            await world.answer(name, said)
        if leaves:
            await world.answer("alex", "/stop")
        for pause in (20 * MINUTE, 3 * HOUR, 4 * DAY, 5 * DAY):
            for said in does:
                await world.answer("sam", said) if said.startswith("[") else await world.say("sam", said)
            does = ("/open", "back", "skip", "what now", "/hear_it_back", "/drafts", "/help")
            await world.mishap("edit", "sam", "other words")
            await world.travel(pause)
        return await seen_by(world, "sam")
    finally:
        world.close()


HEARD_WELL = (
    "alex: /hear_it_back",
    "alex: I felt alone.",
    "alex: [Share]",
    "sam: [Open]",
    "sam: [Yes]",
    "sam: You felt alone.",
    "sam: [Share]",
    "alex: [Yes, that's it]",
)
GOING_ON = {
    "shares a guess": ("[Skip]", "You may worry.", "[Share]"),
    "says what makes sense": ("That makes sense to me.", "[Share]"),
    "goes back at the next question": ("[Skip]", "back", "skip", "back", "skip", "back"),
    "skips all": ("[Skip]", "skip", "back"),
    "keeps it private": ("That makes sense to me.", "[Keep private]", "back", "[Skip]"),
    "writes and goes back": ("That makes sense to me.", "back", "It makes sense.", "[Share]", "back", "skip"),
}


@pytest.mark.parametrize("what", list(GOING_ON))
async def test_whoever_goes_on_cannot_tell_that_the_other_has_left(what: str):
    left = await staying(HEARD_WELL, GOING_ON[what], leaves=True)
    assert left == await staying(HEARD_WELL, GOING_ON[what], leaves=False)


async def test_whoever_refuses_a_gate_cannot_tell_that_the_other_has_left():
    asked = ("alex: /pause_rule", "alex: [The short way]", "sam: [Open]")
    left = await staying(asked, ("[Not now]",), leaves=True)
    assert left == await staying(asked, ("[Not now]",), leaves=False)
