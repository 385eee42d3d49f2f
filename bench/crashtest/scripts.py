"""The scripts of the three flows beside this: what is meant by each is what must be stored in the end."""

from collections.abc import Callable

from bench.crashtest.people import MINUTE, OPEN, PATIENCE, Person, Round, Script, Until, is_note
from bot.conversation.message import Message

LULL = 5 * MINUTE
"""How long flows/wait.yaml waits before it asks."""

MOST = 5
"""The most that flows/count.yaml takes: with the last of them, it ends by itself."""


def counts(me: Person) -> Script:
    """Write numbered texts without waiting for an answer, and end the list; again and again."""
    while me.around.goes_on:
        round_ = me.begins("count")
        yield from me.reaches("count write")
        texts = [me.writes(round_, "numbers") for _ in range(me.chance.randint(1, MOST))]
        if len(texts) < MOST:
            yield Until(_repeats(texts[-1]))
            seen = yield from me.presses_until("That's all", lambda message: "count done" in message.text)
        else:
            seen = yield from me.reaches("count done")
        if any(text not in seen.text for text in texts):
            me.around.wrong("the end of a list does not tell all of it")


def waits(me: Person) -> Script:
    """Wait for a nudge, or go on just when it comes, or before; answer; again and again."""
    while me.around.goes_on:
        round_ = me.begins("wait")
        for which, slot in (("one", "first"), ("two", "second")):
            yield from _lull(me, which)
            me.writes(round_, slot)
        seen = yield from me.reaches("wait done")
        if any(text not in seen.text for texts in round_.wrote.values() for text in texts):
            me.around.wrong("the end of a wait does not tell what was answered")


def _lull(me: Person, which: str) -> Script:
    begun = me.around.now
    asked = f"wait ask {which}"
    seen = yield from me.reaches(f"wait lull {which}", asked, patience=PATIENCE)
    if asked in seen.text:
        return  # what came before it was out of date when somebody was there again to send it
    way = me.chance.random()
    if way < EARLY:
        yield from me.presses_until("Now", lambda message: asked in message.text)
        return
    due = begun + LULL
    seen = yield Until(lambda message: asked in message.text or is_note(message), max(1, due - me.around.now))
    if seen is None and way < JUST_THEN:
        me.presses("Now")
    elif seen is not None and me.around.now < due:
        me.around.wrong("a deadline came before its time")
    elif seen is not None and asked in seen.text:
        return
    elif seen is not None:
        me.presses(OPEN)
    yield from me.reaches(asked, patience=PATIENCE)


EARLY, JUST_THEN = 0.2, 0.5
"""How likely somebody goes on before the time has come; or else just when it comes."""


class Couple:
    """Two people and the conversation that they are in."""

    def __init__(self) -> None:
        self.round: Round | None = None
        self.shown = 0
        self.over = False


def begins_both(me: Person, couple: Couple, other: str) -> Script:
    """Begin a conversation for two, when the one before has ended for both; again and again."""
    while me.around.goes_on:
        couple.shown = 0
        couple.round = me.begins("both")
        seen = yield from me.reaches("both words")
        yield from _writes_and_shares(me, couple, other, seen)
        while couple.shown < 2:  # noqa: PLR2004  # there are two
            yield Until(lambda _message: False, MINUTE)
    couple.over = True


def joins_both(me: Person, couple: Couple, other: str) -> Script:
    """Take part in what the other begins."""
    while not couple.over:
        seen = yield Until(lambda message: "both words" in message.text or is_note(message), MINUTE)
        if seen is not None:
            yield from _writes_and_shares(me, couple, other, seen)


def _writes_and_shares(me: Person, couple: Couple, other: str, seen: Message) -> Script:
    if is_note(seen):
        me.presses(OPEN)
        yield from me.reaches("both words")
    round_ = couple.round
    if round_ is None:
        me.around.wrong("a conversation for two began by itself")
        return
    mine = me.writes(round_, "words")
    yield Until(_repeats(mine))
    shown = "both shown: "
    seen = yield from me.presses_until(
        "Share", lambda message: shown in message.text or "only you can see it" in message.text or is_note(message)
    )
    if is_note(seen):
        me.presses(OPEN)
    if shown not in seen.text:
        seen = yield from me.reaches(shown, patience=PATIENCE)
    if [seen.text.partition(shown)[2]] != round_.wrote[other, "words"]:
        me.around.wrong("somebody is not shown what the other shared")
    couple.shown += 1


def _repeats(text: str) -> Callable[[Message], bool]:
    """Return what tells the question that shows somebody their own words."""
    return lambda message: text in message.text and bool(message.buttons)
