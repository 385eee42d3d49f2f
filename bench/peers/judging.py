"""What the experiments mean, in a word and a sentence. Nothing here is decided by who is judged."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.peers.port import EAST, FIRST_QUESTION, HOSTILE_TEXT, LEFT, RIGHT
from bench.peers.probing import FIRST, SECOND, Edited, Hostile, Killed, Seen
from bench.peers.roster import Way

_SIDES = [(text, side) for text in (FIRST, SECOND) for side in (LEFT, RIGHT)]

AS_WRITTEN = f"{HOSTILE_TEXT} is no number."


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a probe found out about a peer."""

    probe: str
    word: str
    told: str


def reply_of(text: str, side: str) -> str:
    """Return how the reply begins that leads to that side."""
    return f"{text}: you are on the {side}."


def _is(reply: str, text: str, side: str) -> bool:
    return reply.startswith(reply_of(text, side))


def _at_once(what: Seen) -> tuple[str, str]:
    if what.error:
        return "error", f"the turn fails ({what.error})"
    stands = what.standing or "nowhere"
    faults = sorted({reply for reply in what.replies if " " not in reply})
    if faults:
        return "error", f"a turn fails ({', '.join(faults)}), and the conversation stands at `{stands}`"
    told = [(text, side) for reply in what.replies for text, side in _SIDES if _is(reply, text, side)]
    if what.standing == LEFT and (FIRST, LEFT) not in told:
        if told == [(FIRST, RIGHT), (SECOND, LEFT)]:
            return "in order", "both count and are answered, in order"
        if told == [(SECOND, LEFT)]:
            return "in order, one reply", "both count, in order, and only the later one is answered"
    if sorted(told) == [(FIRST, RIGHT), (SECOND, RIGHT)]:
        return "one lost", "both are answered from the same state, so only one of them counts"
    replies = ", ".join(f"{text} on the {side}" for text, side in told) or "nothing"
    return "torn", f"what is said is {replies}, and the conversation stands at `{stands}`"


def both(ways: Sequence[tuple[Way, Seen]]) -> Finding:
    """Say what becomes of two messages at once, in each of several ways to run the library."""
    words: list[str] = []
    labels: dict[str, list[str]] = {}
    for way, what in ways:
        word, told = _at_once(what)
        if not way.asked_for and word not in words:
            words.append(word)
        labels.setdefault(told, []).append(way.label)
    told = "; ".join(f"{' and '.join(labelled)}: {what}" for what, labelled in labels.items())
    return Finding(probe="both", word=" / ".join(words), told=f"{told[0].upper()}{told[1:]}.")


def redelivered(what: Seen) -> Finding:
    """Say what becomes of a message that is delivered twice."""
    if what.error:
        return Finding(probe="redelivered", word="error", told=f"The second delivery fails ({what.error}).")
    if what.standing == RIGHT:
        told = "The second delivery does nothing" + (", and is answered once more." if what.replies else ".")
        return Finding(probe="redelivered", word="once", told=told)
    return Finding(probe="redelivered", word="twice", told="The second delivery counts as another answer.")


def killed(what: Killed) -> Finding:
    """Say what a kill between a message and its reply leaves behind."""
    word, told = _after_kill(what)
    if what.early and word != "once":
        told += " Its polling confirms a message before it is answered, so Telegram does not deliver it again."
        word = {_KEPT: "no reply", _GONE: "lost"}.get(word, word)
    return Finding(probe="killed", word=word, told=told)


_KEPT, _GONE = "no reply, or twice", "taken anew, or lost"


def _after_kill(what: Killed) -> tuple[str, str]:
    if what.again.error:
        return "error", f"After the start, the message delivered again fails ({what.again.error})."
    twice = what.again.standing == LEFT
    again = "Delivered again, it counts twice." if twice else "Delivered again, it does nothing."
    if what.restarted.standing != RIGHT:
        return _GONE, "Nothing is kept: delivered again, it is taken as new; not delivered again, it is lost."
    if any(_is(reply, FIRST, RIGHT) for reply in what.restarted.replies):
        return ("twice" if twice else "once"), f"The answer is kept, and its reply goes out at the start. {again}"
    return (_KEPT if twice else "no reply"), f"The answer is kept, but its reply is gone. {again}"


def edited(what: Edited, declared: Edited | None = None) -> Finding:
    """Say what becomes of a conversation whose state has another name after the start."""
    word, told = _after_edit(what)
    if declared is not None:
        _, with_name = _after_edit(declared)
        told += f" With the new name declared: {with_name[0].lower()}{with_name[1:]}"
    return Finding(probe="edited", word=word, told=told)


def _after_edit(what: Edited) -> tuple[str, str]:
    if what.restarted.error:
        return "error", f"The conversation cannot be opened any more ({what.restarted.error})."
    if what.answered.error:
        return "error", f"The next answer fails ({what.answered.error})."
    first, later = " ".join(what.answered.replies), " ".join(what.again.replies)
    if _is(first, SECOND, LEFT):
        return "goes on", f"It goes on from `{what.restarted.standing}`."
    if FIRST_QUESTION in first or _is(first, SECOND, EAST):
        return "starts over", "It begins anew, without a word about it."
    if _is(later, SECOND, EAST):
        return "starts over", "A right answer is taken for a wrong one; then it begins anew."
    return "stuck", "Every answer is taken for a wrong one." if later else "No answer any more, and no word about it."


def hostile(what: Hostile) -> Finding:
    """Say what definitions and words that mean harm can do."""
    told: list[str] = []
    if what.said.get("code") is None:
        word = "definitions are code"
    else:
        told.append(
            "A condition that runs code is run."
            if what.ran
            else f"A condition that runs code: {_said(what, 'code')}."
        )
        told.append(
            "What never ends hangs." if what.hung else f"A condition that never ends: {_said(what, 'endless')}."
        )
        harms = [name for name, harmed in (("runs code", what.ran), ("hangs", what.hung)) if harmed]
        word = ", ".join(harms) or "refused"
    unharmed = what.reply.startswith(AS_WRITTEN)
    told.append("What people write is said back as written." if unharmed else "What people write changes the reply.")
    return Finding(probe="hostile", word=word if unharmed else f"{word}, words change", told=" ".join(told))


def _said(what: Hostile, kind: str) -> str:
    said = what.said.get(kind) or ""
    return said if " " in said else f"refused ({said})"
