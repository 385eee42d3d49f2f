"""The model of a flow: roles, slots, steps and outcomes, as compiled from YAML.

A flow is a statechart over several people. Its *stages* follow one another for everybody; inside a stage each
person walks a private *lane*. A step that waits for one person is a stage with one lane of one step.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.engine.effects import Choice
from bot.engine.guards import Guard, Kind
from bot.engine.template import Template

EACH = "each"
"""``of: each``: the slot has one value a person."""

EVERYONE = "all"
"""The audience of everyone in the flow, each in their own chat."""

ROOM = "room"
"""The audience of the room that the session is bound to; without a room, everyone's own chat."""

PARTNER = "partner"
"""The implicit role of a solo flow ``with: pair``: the other member, who can be named and shared with."""


class SlotClass(StrEnum):
    """Who may read a value, and whether it may rest on disk (content specification, section 1)."""

    EPHEMERAL = "ephemeral"
    PRIVATE = "private"
    DRAFT = "draft"
    SHARED = "shared"
    JOINT = "joint"
    SIGNAL = "signal"


AUTHOR = "author"
"""In the text of a reveal: whose words are shown."""

READ_BY_ALL = frozenset({SlotClass.JOINT, SlotClass.SIGNAL})
"""Classes whose values everyone in the session may read without a grant."""

RELEASABLE = frozenset({SlotClass.DRAFT, SlotClass.SHARED})
"""Classes that a grant can release."""

READ_BY_ACTIONS = frozenset({SlotClass.SIGNAL, SlotClass.PRIVATE})
"""Classes whose values the host is given for an action: what all may read, and each person's own settings."""


def may_pass(given: SlotClass, taken: SlotClass) -> bool:
    """Return whether a value may go from one class of slot to another: never to where more people may read it."""
    if given is SlotClass.EPHEMERAL:
        return taken is SlotClass.EPHEMERAL
    if taken in READ_BY_ALL:
        return given in READ_BY_ALL
    return not (given is SlotClass.PRIVATE and taken in RELEASABLE)


class SlotType(StrEnum):
    """What kind of answer a slot holds.

    Durations and instants are whole milliseconds, times of day minutes after midnight, dates ISO 8601 texts,
    countries ISO 3166 codes, zones IANA names, recurrences as ``Recurrence.text`` has them. A list holds texts, each
    an item of its own with an id.
    """

    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    DURATION = "duration"
    INSTANT = "instant"
    NUMBER = "number"
    SCALE = "scale"
    TIME = "time"
    DATE = "date"
    RECURRENCE = "recurrence"
    COUNTRY = "country"
    ZONE = "time zone"
    LIST = "list"
    ITEM = "item"
    """One item picked from a list, by its id."""


WRITTEN = frozenset({SlotType.TEXT, SlotType.LIST})
"""Types that hold people's own words."""

ITEMIZED = frozenset({SlotType.LIST, SlotType.ITEM})
"""Types that hold the items of lists, or one of them."""

TYPED = frozenset(SlotType) - {SlotType.CHOICE, SlotType.CHOICES, SlotType.INSTANT, SlotType.ITEM}
"""Types that are answered by writing; the others by pressing, or by a choice's number or label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A person's part in a flow: one person, or many."""

    name: str
    many: bool = False
    joins: bool = False
    """Vacant at the start; filled when somebody joins with a code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotOption:
    """One answer that a choice offers. ``value`` is the stored name, or milliseconds for a duration."""

    value: str | int
    key: str
    """The address of its label among the flow's texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A remembered value."""

    name: str
    type: SlotType
    cls: SlotClass
    of: str = EACH
    options: tuple[SlotOption, ...] = ()
    min: int = 0
    """The least that a number, or a duration in milliseconds, may be."""
    max: int = 500
    """The most characters that a text may have, the most that a number or a duration may be."""
    most: int = 5
    """The most items of a list, the most choices to pick."""
    per: str | None = None
    """It has one value an item of that list, or an option of that slot."""
    over: str | None = None
    """The list, or the outcome, that an item is picked from."""
    signed: bool = False
    """Of a list: each item is told with its author's name."""
    within: int | None = None
    """How many days ahead a date may be."""
    given: bool = False
    """Its value can come with the start of the session."""
    recalls: tuple[str, str] | None = None
    """The kind of record, and its field, that the value comes from at the start if nothing else gives it."""
    granted: bool = False
    """It comes with its author's grant, which goes on to hold here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One way on; a branch without a guard is the ``else``."""

    guard: Guard | None
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What every step has. ``next`` is tried in order; when it is empty the flow goes on to ``following``."""

    id: str
    when: Guard | None = None
    next: tuple[Branch, ...] = ()
    following: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Step):
    """Tells an audience something and goes on. The text's address is ``<id>.say``."""

    to: str
    neutral: bool = False
    """It may stand on a lock screen: it needs no [Open]."""
    nudge: bool = False
    """When it comes by itself, it is a nudge: something that its only reader asked for earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Step):
    """Asks and waits for an answer. The text's address is ``<id>.ask``.

    An ask that saves into a list collects one item an answer, until its person is through.
    """

    save: str
    least: tuple[int, int] = (1, 1)
    """Of a list: how many items are wanted, at the first visit and at later ones."""
    most: int | None = None
    """Of a list: how many are enough here, when that is fewer than the slot holds."""
    suggest_from: str | None = None
    """A list, or an outcome that selects from one: its items are suggestions, to be taken on as one's own words."""
    optional: bool = False
    in_room: bool = False
    choices: tuple[Choice, ...] = ()
    """What can be pressed: the options offered here, the suggestions (their value begins with ``=``), [Skip]."""
    stays: bool = False
    """Stays open after an answer, so that a person may press more than one choice; only a deadline or the
    stage's join ends it."""
    replies: Mapping[str, str] = field(default_factory=dict[str, str])
    """Option value to the address of what its chooser is told."""
    signals: Mapping[str, str] = field(default_factory=dict[str, str])
    """Signal to the option it stands for while this step waits."""
    ways: tuple[str, ...] = ()
    """Steps that are choices beside the answer, such as [Add more]; as a choice's value each begins with ``>``."""
    shown_to: str | None = None
    """Answering is the grant: the question says that this audience will see exactly what is written."""
    nudge: bool = False
    """When it comes by itself, it is a nudge: something that its only reader asked for earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate(Step):
    """Asks for a free yes. Refusing is private and leaves the stage open until its deadline."""

    kindly: bool = False
    """Offers [Not now, tell them kindly], which tells the others at once and goes to ``told``."""
    told: str | None = None
    refused: str | None = None
    """Address of what the refuser is told; a standard phrase otherwise."""
    later: bool = False
    never: bool = False
    """Offers [Never ask again]: a refusal that also tells the host not to bring this person's asking up again."""
    invitation: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Step):
    """Shows a person's own answers and lets them change any before going on."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Step):
    """Shows the exact text and the audience; a yes records the grant, bound to that very text."""

    item: str
    to: str
    change: str | None = None
    kept: str | None = None
    closes: bool = False
    """[Keep private] closes the lane, which nobody else can tell from silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposePart:
    """One sentence of a composed text, left out when its guard does not hold."""

    key: str
    when: Guard | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compose(Step):
    """Builds one of a person's texts out of that same person's other answers."""

    slot: str
    parts: tuple[ComposePart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign(Step):
    """Sets signal slots to the values of expressions (``set`` in YAML)."""

    values: tuple[tuple[str, Guard], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear(Step):
    """Forgets the values of slots, everybody's. Only answers that nobody could have granted."""

    slots: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Step):
    """A volatile section of a lane: its steps and answers live in memory only.

    Disk holds the same "section open" whatever was answered. It writes the named results and nothing else.
    """

    first: str
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneScript:
    """The steps that each person of a role walks in private."""

    role: str
    first: str
    when: Guard | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Each(Step):
    """Walks its steps once for every item that its person may see; ``name`` is the item's placeholder."""

    first: str
    name: str
    over: str
    """A list, a slot of several choices, or an outcome that selects from one."""
    others: bool = False
    """Leaves the person's own items out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Step):
    """A stage with lanes (``lanes``, or any step that waits for one role); ``wait`` is a stage without lanes."""

    name: str = ""
    """The step's name as written: its visits are counted under it."""
    lanes: tuple[LaneScript, ...] = ()
    join: int | None = None
    """How many lanes have to be done; None: all of them."""
    only_missing: bool = False
    """Entered once more, it opens the lanes only of those who were not done the time before."""
    join_when: Guard | None = None
    """Goes on as soon as this holds, in place of ``join``."""
    within: int | None = None
    """Milliseconds from entering the stage to its deadline."""
    until: Guard | None = None
    """An expression for the deadline as an instant; looked at again after every event."""
    expired: str | None = None
    """Where the deadline leads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal(Step):
    """Shows granted items to an audience, in the transaction that joins the grants."""

    items: tuple[str, ...]
    to: str
    missing: str | None = None
    """Where to go when nothing is granted."""
    silent: bool = False
    """It says nothing: from here on, later steps can name the items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep(Step):
    """Keeps copies of values, each with its author, as a record that outlives the session."""

    kind: str
    pair: bool
    """Whether it belongs to the pair, both of whom can read it, or to one person alone."""
    fields: tuple[tuple[str, str], ...]
    """The record's fields, each with the slot, the outcome or the loop's item that fills it."""
    lasts: int
    """The longest that it stands, in milliseconds."""
    key: tuple[str, ...] = ()
    """The fields that tell one record of the kind from another."""
    latest: bool = False
    """It takes the place of an earlier one with the same key."""
    until: Guard | None = None
    """An expression for an earlier end, as an instant."""
    missing: str | None = None
    """Where to go when there is nothing to keep, or somebody has left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasts(Step):
    """Moves the end of the record that the flow is about: ``lasts_until`` in YAML."""

    until: Guard


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Step):
    """Freezes (``freeze: room``) or thaws what this session's place holds between people."""

    thaw: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Step):
    """Runs another flow inside this session and comes back with named results."""

    flow: str
    roles: tuple[tuple[str, str], ...]
    give: tuple[tuple[str, str], ...] = ()
    returns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Step):
    """Starts another flow as a session of its own."""

    flow: str
    roles: tuple[tuple[str, str], ...]
    give: tuple[tuple[str, str], ...] = ()
    agreed: bool = False
    """Everybody in it has just said yes: it counts as no invitation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Do(Step):
    """Asks the host to act (pair two people, go quiet), in the same turn."""

    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Step):
    """Ends the lane it stands in, or the session. A ``closed`` lane is never done: that looks like silence."""

    closed: bool = False
    drafts_kept: bool = False
    """Words that were granted and never shown are their authors' drafts again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """The items of a list, or the options of a slot of several choices, for which a guard holds."""

    over: str
    where: Guard


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One of several results; the last has no guard."""

    guard: Guard | None
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The only way in which private values may steer what others see; its text says how, beforehand."""

    name: str
    kind: Kind
    value: Guard | Select | tuple[Case, ...]

    @property
    def guards(self) -> tuple[Guard, ...]:
        """The expressions that it is made of."""
        match self.value:
            case Guard():
                return (self.value,)
            case Select():
                return (self.value.where,)
            case _:
                return tuple(case.guard for case in self.value if case.guard is not None)

    @property
    def reads(self) -> frozenset[str]:
        """Every slot and outcome that it hangs on."""
        over = {self.value.over} if isinstance(self.value, Select) else set[str]()
        return frozenset(over).union(*(guard.reads for guard in self.guards))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """How people start a flow: a command, or a signal."""

    command: str | None = None
    signal: str | None = None
    argument: str | None = None
    """The slot that the command's argument fills."""
    shared: bool = False
    """The command brings people to the session that they take part in already, whoever of them began it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """How sessions of an older version come along: the new names of what was renamed."""

    steps: Mapping[str, str] = field(default_factory=dict[str, str])
    slots: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    """Old slot to its new name; None forgets its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A whole flow. ``texts`` holds every sentence in English by address; ``calls`` the flows that it calls."""

    id: str
    version: int
    revision: str
    first: str
    roles: Mapping[str, Role]
    slots: Mapping[str, Slot]
    steps: Mapping[str, Step]
    outcomes: Mapping[str, Outcome]
    texts: Mapping[str, Template]
    asks: Mapping[str, str]
    """Slot to the step that asks for it."""
    lane_of: Mapping[str, str]
    """Lane step to its stage, or to the section or the loop that it stands in."""
    loops: Mapping[str, str] = field(default_factory=dict[str, str])
    """The placeholder of an item to the loop that goes through them."""
    title: str = ""
    about: str = ""
    trigger: Trigger | None = None
    with_pair: bool = False
    signal: bool = False
    """Its messages are room signals: shown at once, never behind an [Open]."""
    take_back: str | None = None
    """The command by which whoever began it ends it, and with it what they granted and nobody has read yet."""
    reviews: tuple[str, ...] = ()
    """The kinds of record that it may be about; a flow that keeps one starts it."""
    lifetime: int = 7 * 24 * 3_600_000
    expired: str | None = None
    calls: Mapping[str, "Flow"] = field(default_factory=dict[str, "Flow"])
    translations: Mapping[str, Mapping[str, Template]] = field(default_factory=dict[str, Mapping[str, Template]])
    """The texts in other languages, by language and address; each has the placeholders of its English."""

    written: str = ""
    """The digest of what was written for it alone, without the flows that it calls."""
    terms: Mapping[str, str] = field(default_factory=dict[str, str])
    """What people say yes to, by step, and what they are told beforehand, by outcome: digests of the words."""
    migrations: Mapping[int, Migration] = field(default_factory=dict[int, Migration])
    """The older versions whose sessions can come along."""
    forms: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Questions that can be answered all at once, by the step of the first: the steps of all, in their order."""

    def named(self, name: str) -> "Flow":
        """Return the flow of that name in this revision: itself, or one that it calls. Raises KeyError."""
        return self if name == self.id else self.calls[name]

    def around(self, step: str) -> tuple[str, ...]:
        """Return what a step of a lane stands in, the innermost first: its loops and sections, then its stage."""
        found: list[str] = []
        while (step := self.lane_of.get(step, "")) != "":
            found.append(step)
        return tuple(found)

    def template(self, key: str, language: str) -> Template:
        """Return a text in a language, else in English. Raises KeyError for an address that there is not."""
        translated = self.translations.get(language)
        return translated[key] if translated is not None and key in translated else self.texts[key]
