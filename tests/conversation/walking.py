"""Random walks over the whole stack, and an oracle that knows nothing of the engine.

A walk is a list of moves; a move is four whole numbers, so that Hypothesis can shrink a walk that found something.
Whatever people type in a walk is a mark: a word that occurs once and names its author. The oracle reads every
message that goes out, to anybody, and holds it to these rules:

* P1, P2, P7: a mark of A may reach B only if A pressed [Share], before, on a prompt that showed exactly that mark to
  A and named B; or if A wrote it when the question before them said that B sees what they write, or pressed [Use it]
  below words of theirs and that sentence. It never stands in a room.
* R4: of what a pause holds nothing is sent, but for the answer to somebody's own act.
* P8: what somebody else's event, or the clock, sends to B is a neutral line, unless it is a room signal or B wrote
  less than ten minutes ago.
* C2: nobody who never wrote to the bot gets a message in a chat of their own.
* Nothing that a person does in their own chat is met by silence; what is delivered twice does nothing.
* No turn fails, and no message is longer than the shortest platform takes.
"""

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache

from structlog.testing import capture_logs

from bot.conversation.outbox import OutboxRow
from bot.engine.model import Say
from bot.engine.template import Template
from bot.flows.library import Library
from tests.conversation.world import DAY, HOUR, MINUTE, Heard, World, new_world, shipped
from tests.sealed import Stored

NAMES = ("alex", "sam", "kim", "lou")
ROOMS = {"den": ("alex", "sam"), "trio": ("alex", "kim", "lou")}
"""den is the own room of alex and sam; lou is in trio and never wrote to the bot at the start."""

LONGEST_MESSAGE = 4096
"""Telegram's limit for one message."""

RECENT = 10 * MINUTE

Move = tuple[int, int, int, int]
"""What is done (0 to 99; -1 is nothing), by whom, which one, and how it is worded: taken modulo what there is."""

COMMANDS = (
    "/hear_it_back",
    "/say_it",
    "/open",
    "/work_it_out",
    "/open",
    "/pair",
    "/drafts",
    "/pause",
    "/help",
    "/resume",
    "/slow",
    "/start",
    "/pause 1h",
    "/stop",
    "/hide",
    "/nonsense",
    "/repair",
    "/take_back",
    "/repair",
    "/open",
)
RECORD_COMMANDS = (
    "/rules",
    "/open",
    "/our_rule",
    "/levels",
    "/rules",
    "/wins",
    "/resting",
    "/win",
    "/rest_it",
    "/look_back",
    "/rules",
    "/open",
    "/help",
    "/pause",
    "/promise",
    "/resume",
)
"""What is typed among records; for that the tests' own flows are there too."""

ROOM_COMMANDS = ("/pause", "/resume", "/slow", "/help", "/hear_it_back", "/pause 20m", "/resume", "pause", "hello")
SIGNALS = ("stop", "back", "skip", "not now", "Back", "drafts", "help", "open")
JOURNEYS = (MINUTE, 11 * MINUTE, 21 * MINUTE, HOUR, 5 * HOUR, DAY, 3 * DAY, 8 * DAY)

_MARK = re.compile(r"zq([a-z]+)n\d+x")
_SHOWN = re.compile(r"What you write is shown to (\w+), word for word")
_PREVIEW = re.compile(r"Only (\w+) would see exactly this:")


class RuleBroken(AssertionError):
    """A message, or a silence, that must not be; the text says which rule and shows the end of the walk."""


@dataclass(slots=True)
class Walk:
    """One walk: a world, what was shared in it, and what the oracle has seen of it."""

    world: World
    library: Library
    shared: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    wrote_at: dict[str, int] = field(default_factory=dict[str, int])
    among_records: bool = False
    lines: list[str] = field(default_factory=list[str])
    reached: Counter[str] = field(default_factory=Counter[str])
    _marks: int = 0
    _sent: dict[str, tuple[OutboxRow, str | None]] = field(default_factory=dict[str, tuple[OutboxRow, str | None]])
    """What was sent, as it was stored while it was being sent; and the session that its choices ask for."""

    def __post_init__(self) -> None:
        self.world.platform.on_sent = self._note_sent

    def _note_sent(self, key: str) -> None:
        stored = Stored(self.world.database)
        row = stored.message(key)
        if row is not None:
            prompt = stored.prompt(row.token)
            self._sent[key] = row, prompt.session if prompt is not None else None

    # What is done

    async def take(self, move: Move) -> None:
        """Carry out a move and hold what it led to against the rules."""
        before = len(self.world.platform.heard)
        resting = self._resting()
        await self._do(move)
        resting &= self._resting()
        for one in self.world.platform.heard[before:]:
            self._judge_pause(one, resting)

    async def look_at_everything(self) -> None:
        """Let everybody ask for all that is kept."""
        for name in NAMES:
            for command in ("/rules", "/resting", "/wins", "/levels", "/open"):
                await self._type(name, command)

    def _resting(self) -> set[str]:
        rows = self.world.database.execute("SELECT id FROM session WHERE open = 1 AND frozen = 1")
        return {str(row[0]) for row in rows}

    def _judge_pause(self, one: Heard, resting: set[str]) -> None:
        """R4: of what rests before and after a move, nothing is sent but the answer to somebody's own act."""
        if one.key not in self._sent:
            return
        row, prompted = self._sent[one.key]
        flows = {text.flow for text in row.paragraphs}
        # To leave is always one's own; it asks what is to happen to one's words.
        leaving = one.text.endswith(_words_of(self.library, "stopped.drafts"))
        shows_a_flow = flows != {"phrases"} or (bool(one.labels) and not leaving)
        if resting & {row.session, prompted} and (shows_a_flow or one.actor != one.view.partition("@")[0]):
            self._broken("R4: something is sent of what a pause holds", [one])

    async def _do(self, move: Move) -> None:
        kind, who, which, wording = move
        name = NAMES[who % len(NAMES)]
        match kind:
            case -1:
                pass
            case k if self.among_records and 36 <= k < 56:
                await self._type(name, self._command(name, which))
            case k if k < 56:
                await self._go_on(name, which, wording)
            case k if k < 61:
                await self._press(name, 2 + wording, which)
            case k if k < 66:
                await self._type(name, self._words(name, wording))
            case k if k < 74:
                await self._type(name, self._command(name, which))
            case k if k < 78:
                await self._type(name, SIGNALS[which % len(SIGNALS)])
            case k if k < 82:
                await self._own(name, *(("photo", "") if k == 81 else ("edit", self._mark(name))))
            case k if k < 85:
                await self._travel(JOURNEYS[which % len(JOURNEYS)])
            case k if k < 89:
                await self._mishap("crash" if k < 87 else "redeliver")
            case k if k < 93:
                await self._in_room(name, which, wording)
            case _:
                await self._press_in_room(name, which, wording)

    async def _go_on(self, name: str, which: int, wording: int) -> None:
        """Do what the person's newest message asks for: press one of its choices, or write."""
        seen = self.world.platform.views.get(name)
        newest = seen.seen[-1].message if seen is not None and seen.seen else None
        if newest is not None and newest.buttons and which % 8 != 7:
            await self._press(name, 1, which)
        else:
            await self._type(name, self._words(name, wording))

    def _mark(self, name: str) -> str:
        self._marks += 1
        return f"zq{name}n{self._marks}x"

    def _words(self, name: str, wording: int) -> str:
        mark = self._mark(name)
        match wording % 8:
            case 0:
                return f"I felt {mark}, and that is all."
            case 1:
                return f"{mark}\n{mark} again {{card}} {{{{}}}} <b>&amp;</b>"
            case 2:
                return mark + " word" * 790
            case _:
                return mark

    def _command(self, name: str, which: int) -> str:
        commands = RECORD_COMMANDS if self.among_records else COMMANDS
        command = commands[which % len(commands)]
        if command == "/pair" and which % 3:
            codes = [h.text for h in self.world.platform.heard if "Your code is " in h.text and h.view != name]
            if codes:
                return f"/pair {codes[-1].split('Your code is ')[1].split()[0]}"
        return command

    async def _type(self, name: str, text: str) -> None:
        self.lines.append(f"{name}> {text[:80]}")
        self._note_answer(name, text)
        self._answered(name, await self.world.say(name, text))

    async def _own(self, name: str, kind: str, text: str) -> None:
        if name not in self.wrote_at:
            return
        self.lines.append(f"!{kind} {name}" + (f": {text}" if text else ""))
        for reader in self._shown_to(name):
            self._note_marks(name, text, reader)
        self._answered(name, await self.world.mishap(kind, name, text))

    async def _press(self, name: str, nth: int, which: int) -> None:
        offered = self.world.stage.offered(name)
        if not offered:
            return
        nth = (nth - 1) % len(offered) + 1
        message = offered[-nth].message
        label = message.buttons[which % len(message.buttons)].label
        self.lines.append(f"{name}> [{label}]" + (f"@{nth}" if nth > 1 else ""))
        heard = await self.world.press(name, label, nth=nth)
        self._note_share(name, label, message.text, heard)
        self._answered(name, heard)

    def _note_answer(self, name: str, text: str) -> None:
        """Note what is written as the answer to a question that says who sees it."""
        got = (one for one in reversed(self.world.platform.heard) if one.view == name)
        asked = next((one for one in got if _asks(self.library, one)), None)
        said = _SHOWN.search(asked.text) if asked is not None else None
        if said is not None:
            self._note_marks(name, text, said.group(1))

    def _shown_to(self, name: str) -> set[str]:
        """Everybody who was named by such a question: an edit changes an answer to any of them."""
        texts = [one.text for one in self.world.platform.heard if one.view == name]
        return {said.group(1) for text in texts for said in _SHOWN.finditer(text)}

    def _note_marks(self, name: str, text: str, reader: str) -> None:
        for mark in _MARK.finditer(text):
            if mark.group(1) == name:
                self.shared.add((mark.group(0), reader.lower()))
                self.reached["answered"] += 1

    def _note_share(self, name: str, label: str, shown: str, heard: list[Heard]) -> None:
        """Note what a press of [Share] released: before judging what the press led to."""
        said = _SHOWN.search(shown)
        if said is not None and label == _words_of(self.library, "choice.use"):
            self._note_marks(name, shown, said.group(1))
        preview = _PREVIEW.search(shown)
        refused = {_words_of(self.library, key) for key in ("stale", "frozen.resting", "not.yours")}
        if label != _words_of(self.library, "choice.share") or preview is None:
            return
        if any(h.text in refused for h in heard if h.view == name):
            return
        for mark in _MARK.finditer(shown):
            if mark.group(1) == name:
                self.shared.add((mark.group(0), preview.group(1).lower()))
        self.reached["shared"] += 1

    async def _travel(self, by: int) -> None:
        self.lines.append(f"+{by // MINUTE}m")
        self._judge(await self.world.travel(by))

    async def _mishap(self, kind: str) -> None:
        self.lines.append(f"!{kind}")
        heard = await self.world.mishap(kind)
        self._judge(heard)
        if heard:
            self._broken(f"a {kind} alone led to messages", heard)

    async def _in_room(self, name: str, which: int, wording: int) -> None:
        room = list(ROOMS)[wording % len(ROOMS)]
        text = ROOM_COMMANDS[which % len(ROOM_COMMANDS)]
        self.lines.append(f"{name}@{room}> {text}")
        self._judge(await self.world.say(name, text, room))

    async def _press_in_room(self, name: str, which: int, wording: int) -> None:
        room = list(ROOMS)[wording % len(ROOMS)]
        offered = self.world.stage.offered(name, room)
        if not offered:
            return
        nth = 1 if wording % 4 else 1 + which % len(offered)
        message = offered[-nth].message
        label = message.buttons[which % len(message.buttons)].label
        self.lines.append(f"{name}@{room}> [{label}]" + (f"@{nth}" if nth > 1 else ""))
        heard = await self.world.press(name, label, room, nth)
        self._note_share(name, label, message.text, heard)
        self._judge(heard)
        if not heard:
            self._broken("a press in a room was met by silence", heard)

    # What is judged

    def _answered(self, name: str, heard: list[Heard]) -> None:
        self.wrote_at[name] = self.world.clock.now()
        self._judge(heard)
        if not any(h.view == name and h.text for h in heard):
            self._broken(f"{name} was met by silence", heard)

    def _judge(self, heard: list[Heard]) -> None:
        for one in heard:
            self._judge_words(one)
            self._judge_manners(one)

    def _judge_words(self, one: Heard) -> None:
        reader = one.view.partition("@")[0]
        for mark in _MARK.finditer(one.everything):
            author = mark.group(1)
            if one.view in ROOMS:
                self._broken(f"P1: a word of {author} stands in the room {one.view}", [one])
            if author == reader:
                continue
            if (mark.group(0), reader) not in self.shared:
                self._broken(f"P1: {reader} reads a word that {author} did not share", [one])
            self.reached["read"] += 1

    def _judge_manners(self, one: Heard) -> None:
        if one.text == _words_of(self.library, "parked.problem"):
            self._broken("a turn failed", [one])
        if len(one.text) > LONGEST_MESSAGE:
            self._broken(f"a message of {len(one.text)} characters", [one])
        reader, _, room = one.view.partition("@")
        if reader in ROOMS:
            if not _is_signal(self.library, one.text):
                self._broken("P6: more than a signal in a room", [one])
            return
        if not room and reader not in self.wrote_at and reader != one.actor:
            self._broken(f"C2: {reader} never wrote to the bot", [one])
        if reader == one.actor or not one.text or _is_signal(self.library, one.text):
            return
        recent = one.at - self.wrote_at.get(reader, -RECENT - 1) <= RECENT
        if not recent and one.text not in neutral_lines(self.library):
            self._broken(f"P8: {reader} gets more than a neutral line without having asked", [one])

    def _broken(self, rule: str, heard: list[Heard]) -> None:
        said = [f"    {h.view}< {h.text[:300]!r} {h.labels}" for h in heard]
        raise RuleBroken("\n".join([rule, *said, "after:", *self.lines]))


def _asks(library: Library, one: Heard) -> bool:
    """Whether a message asks something of its own, and does not only bring something to the screen."""
    notes = {"", *(_words_of(library, key) for key in ("note.waiting", "note.else"))}
    return one.text not in notes and (bool(one.labels) or _SHOWN.search(one.text) is not None)


def _words_of(library: Library, key: str) -> str:
    return "".join(part for part in library.phrases[key].parts if isinstance(part, str))


def neutral_lines(library: Library) -> set[str]:
    """Return the fixed list of lines that anybody may get unasked: none has a hole for a name or a word in it."""
    phrases = [library.phrases[key] for key in ("note.waiting", "note.else")]
    says = [
        flow.texts[f"{step.id}.say"]
        for flow in library.flows.values()
        for step in flow.steps.values()
        if isinstance(step, Say) and step.neutral
    ]
    return {"".join(map(str, template.parts)) for template in [*phrases, *says] if not template.names}


def _is_signal(library: Library, text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in _signals(id(library)))


@cache
def _signals(_library: int) -> tuple[re.Pattern[str], ...]:
    """Everything that flows of room signals say, and the bot's hello in a room."""
    library = shipped()
    texts = [t for flow in library.flows.values() if flow.signal for t in flow.texts.values()]
    return tuple(_pattern(template) for template in [*texts, library.phrases["room.hello"]])


def _pattern(template: Template) -> re.Pattern[str]:
    parts = (re.escape(part) if isinstance(part, str) else r"[\w:, ]{1,40}" for part in template.parts)
    return re.compile("".join(parts))


# Where walks begin

PROLOGUES = 16

WORKED = (
    ("alex", "/work_it_out", "[Sam]", "[Short way, about ten minutes]"),
    ("sam", "[Open]", "[Yes]"),
    ("alex", "zqalexn9101x", "zqalexn9102x"),
    ("sam", "zqsamn9103x", "zqsamn9104x"),
    ("alex", "zqalexn9105x"),
    ("sam", "zqsamn9106x", "[Yes, that's it]"),
    ("alex", "[Yes, that's it]", "zqalexn9107x"),
    ("sam", "zqsamn9108x"),
    ("alex", "[Works for me]"),
    ("sam", "[Works for me]"),
    ("alex", "zqalexn9109x"),
    ("sam", "zqsamn9110x"),
)
"""The short way of F09 until the last yes."""

STEP_BY_STEP = (
    ("alex", "/work_it_out", "[Sam]", "[Step by step, over some days]"),
    ("sam", "[Open]", "[Yes]", "3", "rest, trust"),
    ("alex", "2", "[Rest]", "[That's all]", "zqalexn9101x", "zqalexn9102x", "zqalexn9103x"),
)
"""F09 step by step, into the second part."""

HEARD = (
    ("alex", "/hear_it_back", "[Sam]", "zqalexn9001x", "[Share]"),
    ("sam", "[Open]", "[Yes]", "zqsamn9002x", "[Share]"),
    ("alex", "[Yes, that's it]"),
    ("sam", "[Skip]", "[Skip]"),
    ("alex", "[That's all]"),
)
"""F08 until the swap."""

CARD = ("alex", "/say_it", "[Kim]", "zqalexn9003x", "[tired]", "[rest]", "[Go on]", "[What I'd like them to do]")
CARDS = ((*CARD, "zqalexn9004x", "[Yes, that's okay]"), ("alex", "[Looks right]", "[Ask to share]", "[Share]"))
"""F07 until the offer."""

REPAIRED = (
    (
        *("alex", "/repair", "[Sam]", "zqalexn9007x", "[I'd like to ask you]", "[Yes]", "zqalexn9008x"),
        *("[Offer]", "[Share]"),
    ),
    ("sam", "[Open]", "[Now]", "[I need time]"),
)
"""F11 until it was read."""

BEGINNINGS = {
    2: HEARD[:1],
    3: HEARD[:2],
    4: HEARD[:3],
    5: HEARD,
    9: HEARD[:1],
    6: CARDS[:1],
    7: CARDS,
    10: REPAIRED[:1],
    11: REPAIRED,
    12: WORKED[:2],
    13: WORKED[:8],
    14: WORKED,
    15: STEP_BY_STEP,
}
"""Where walks begin, apart from the very start, from pairing, and from a code."""


async def begin(world: World, prologue: int) -> None:
    """Bring the world to one of the places from which walks begin."""
    at = prologue % PROLOGUES
    if at == 0:
        return
    await world.pair("alex", "sam", *(("[I was pushed]", "[Pair, everything off]") if at == 9 else ()))
    await world.pair("alex", "kim")
    for room, members in ROOMS.items():
        await world.room(room, *members)
    if at == 8:
        await world.answer("kim", "/pair", "[Yes, gladly]", "[My own idea]")
        await world.say("lou", f"/pair {world.code_of('kim')}")
    for name, *answers in BEGINNINGS.get(at, ()):
        await world.answer(name, *answers)


SHARED_BEFORE = {
    ("zqalexn9001x", "sam"),
    ("zqsamn9002x", "alex"),
    ("zqalexn9003x", "kim"),
    ("zqalexn9004x", "kim"),
    ("zqalexn9005x", "sam"),
    ("zqsamn9006x", "alex"),
    ("zqalexn9007x", "sam"),
    ("zqalexn9008x", "sam"),
} | {
    (word, "sam" if name == "alex" else "alex")
    for name, *words in (*WORKED, *STEP_BY_STEP)
    for word in words
    if _MARK.fullmatch(word)
}
"""What the beginnings share, where they do; the moves after them use other marks."""


async def begin_with_records(world: World, prologue: int) -> None:
    """Bring the world to where things are kept: by alex and sam together, by one alone, or not by everybody yet."""
    await begin(world, 1)
    at = prologue % PROLOGUES
    if at % 3 == 0:
        await world.answer("alex", "/our_rule", "[Sam]", "[30 minutes]", "zqalexn9005x", "[Share]")
        await world.answer("sam", "[Open]", "[Two hours]", "zqsamn9006x", "[Share]", "[Yes]")
        await world.answer("alex", "[Yes]")
    if at % 3 == 1:
        await world.answer("alex", "/our_rule", "[Sam]", "[30 minutes]", "zqalexn9007x")
    if at % 2:
        await world.answer("alex", "/rest_it", "[Sam]", "[Two days]", "[I begin]", "[Money]", "zqalexn9008x")
        await world.answer("alex", "/win", "zqalexn9009x", "[Skip]", "[A small one]")
    if at == 9:
        await world.answer("alex", "/promise", "zqalexn9010x")


async def walk(
    prologue: int, moves: list[Move], library: Library | None = None, *, records: bool = False
) -> Counter[str]:
    """Take a walk, with ``records`` among what is kept. Raises RuleBroken; returns what was reached how often."""
    world = await new_world(*NAMES, library=library)
    try:
        found = Walk(world=world, library=library or shipped(), among_records=records)
        await take(found, prologue % PROLOGUES, moves, begin_with_records if records else begin)
        return found.reached
    finally:
        world.close()


async def take(
    found: Walk, prologue: int, moves: list[Move], beginning: Callable[[World, int], Awaitable[None]] = begin
) -> None:
    """Take a walk from one of the beginnings. Raises RuleBroken."""
    with capture_logs() as logs:
        await beginning(found.world, prologue)
        found.shared |= SHARED_BEFORE
        heard = found.world.platform.heard
        found.wrote_at = {h.actor: h.at for h in heard if h.actor and h.view == h.actor and "@" not in h.view}
        found.lines.append(f"(prologue {prologue})")
        for move in moves:
            await found.take(move)
        if found.among_records:
            await found.look_at_everything()
    failures = [entry for entry in logs if entry["log_level"] == "error"]
    if failures:
        message = f"turns failed: {failures}"
        raise RuleBroken("\n".join([message, *found.lines]))
    found.reached["walks"] += 1
