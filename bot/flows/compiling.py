"""What compiling a flow shares among its parts: the place of everything, texts by address, guards, the problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.engine.guard_grammar import GuardInvalid, compile_guard
from bot.engine.guards import OTHERS, Guard, Kind, Names, SlotKind
from bot.engine.model import EACH, EVERYONE, PARTNER, ROOM, Branch, Role, Slot, SlotType
from bot.engine.template import Template, TemplateInvalid, parse_template
from bot.flows.problems import Problem, did_you_mean
from bot.flows.record_kinds import NO_RECORDS, RecordKind, Records
from bot.flows.schema import LONGEST_LABEL, BranchSource, StepSource
from bot.flows.yaml_source import Path_, Source

_KINDS: Mapping[SlotType, Kind] = {
    SlotType.TEXT: Kind.TEXT,
    SlotType.CHOICE: Kind.NAME,
    SlotType.CHOICES: Kind.NAMES,
    SlotType.DURATION: Kind.DURATION,
    SlotType.INSTANT: Kind.INSTANT,
    SlotType.NUMBER: Kind.NUMBER,
    SlotType.SCALE: Kind.NUMBER,
    SlotType.TIME: Kind.CLOCK,
    SlotType.DATE: Kind.DATE,
    SlotType.RECURRENCE: Kind.TEXT,
    SlotType.COUNTRY: Kind.NAME,
    SlotType.ZONE: Kind.NAME,
    SlotType.LIST: Kind.ITEMS,
    SlotType.ITEM: Kind.ITEM,
}

SELF = "self"
"""As an audience in a lane: its own person."""

CLOSED = "closed"
"""As the target of ``kept``: the lane closes, as after a refusal."""

RESERVED_STEPS = frozenset({"slots", "outcomes", CLOSED})
"""Names that the addresses of other texts begin with."""

INDEPENDENT = frozenset({
    "bad-guard",
    "bad-placeholder",
    "duplicate-step",
    "text-too-long",
    "unknown-action",
    "unknown-field",
    "unknown-flow",
    "unknown-record",
    "unknown-role",
    "unknown-slot",
    "unknown-step",
})  # fmt: skip
"""Problems that stand for themselves, even in a step of which something else was left out."""

LONGEST_TEXT = 400
"""Characters of our own words in one message (content specification, section 2)."""

MINUTE, HOUR, DAY, WEEK = 60_000, 3_600_000, 86_400_000, 604_800_000


def kind_of_slot(slot: Slot) -> Kind:
    """Return the kind of expression that the slot's value is."""
    return _KINDS[slot.type]


def milliseconds(duration: str) -> int:
    """Return the milliseconds of a checked duration such as ``20m``."""
    return int(duration[:-1]) * {"m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}[duration[-1]]


def stored_option(value: str, kind: SlotType) -> str | int:
    """Return an option as a slot stores it: a duration such as ``20m`` in milliseconds."""
    if kind is SlotType.DURATION and value[:-1].isdecimal() and value[-1:] in {"m", "h", "d", "w"}:
        return milliseconds(value)
    return value


@dataclass(frozen=True, slots=True)
class UsedText:
    """A text and where it stands: for the checks."""

    key: str
    where: Path_
    template: Template
    most: int = LONGEST_TEXT
    """Characters of our own words that it may have, in every language."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step stands: its path in the file, the role of its lane, and its stage or section."""

    path: Path_
    lane: str | None = None
    inside: str | None = None
    items: str | None = None
    """The list or slot that the loop around it goes through."""


@dataclass(slots=True)
class Compiling:
    """The working state of compiling one flow."""

    flow: str
    source: Source
    roles: Mapping[str, Role]
    slots: Mapping[str, Slot]
    steps: Sequence[str]
    outcomes: dict[str, Kind]
    """Every outcome and what it comes to."""
    actions: frozenset[str]
    counted: Sequence[str] = ()
    """The steps that ``visits(...)`` may name."""
    partner: bool = False
    """Whether there is a partner to name and share with."""
    records: Records = NO_RECORDS
    """The kinds of record that flows may keep and read."""
    broken: frozenset[Path_] = frozenset()
    """The steps and slots of which something was left out, because it was wrong."""
    problems: list[Problem] = field(default_factory=list[Problem])
    texts: dict[str, UsedText] = field(default_factory=dict[str, UsedText])
    guards: list[tuple[Guard, Path_, str | None]] = field(default_factory=list[tuple[Guard, Path_, str | None]])
    """Every guard, its place, and the role in whose lane it stands (None at the top)."""
    targets: list[tuple[str, Path_]] = field(default_factory=list[tuple[str, Path_]])
    """Every target as authored."""
    loops: dict[str, str] = field(default_factory=dict[str, str])
    """The placeholder of an item to what its loop goes through."""
    results: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """The outcomes of several cases, each with its results."""
    selects: dict[str, str] = field(default_factory=dict[str, str])
    """The outcomes that select, each with the list or slot that it selects from."""
    started: dict[str, str] = field(default_factory=dict[str, str])
    """The steps that begin another flow because of a private answer, each with that: for the checks between flows."""

    @property
    def solo(self) -> bool:
        """Whether the flow is for one person alone."""
        return len(self.roles) == 1 and not next(iter(self.roles.values())).many

    @property
    def known_roles(self) -> list[str]:
        """The roles that a step may name."""
        return [*self.roles, PARTNER] if self.partner else list(self.roles)

    def problem(self, where: Path_, message: str, code: str, *, key: bool = False, offset: int | None = None) -> None:
        """Note a problem, if it is not the echo of one that was told already."""
        if where[:2] in self.broken and code not in INDEPENDENT:
            return
        self.problems.append(self.source.problem(where, message, code, key=key, offset=offset))

    def text(self, key: str, words: str, where: Path_, *, most: int = LONGEST_TEXT) -> str:
        """Keep a text by its address, and return the address."""
        try:
            template = parse_template(words)
        except TemplateInvalid as fault:
            self.problem(where, str(fault), "bad-placeholder", offset=fault.offset)
            template = Template(())
        self.texts[key] = UsedText(key, where, template, most)
        return key

    def label(self, key: str, words: str, where: Path_, *, most: int = LONGEST_LABEL) -> str:
        """Keep a text that is the same for everybody."""
        self.text(key, words, where, most=most)
        for name in self.texts[key].template.names:
            told = f"'{name}' cannot be filled in here: this is the same for everybody, so it has no placeholders"
            self.problem(where, told, "bad-placeholder", offset=words.find(f"{{{name}}}"))
        return key

    def guard(
        self, source: str, where: Path_, lane: str | None, want: set[Kind] | None = None, items: str | None = None
    ) -> Guard:
        """Return the compiled guard; a broken one is noted and stands for 'no'.

        ``items`` is what the loop around it, or the outcome that it belongs to, goes through.
        """
        person = lane is not None or self.solo
        names = self._names(person=person, items=items)
        try:
            guard = compile_guard(source, names)
        except GuardInvalid as fault:
            self.problem(where, str(fault), "bad-guard", offset=fault.offset)
            return Guard(source, Kind.TRUTH, frozenset(), lambda _: False)
        if want is not None and guard.kind not in want:
            wanted = " or ".join(sorted(want))
            self.problem(where, f"this is {guard.kind}, where {wanted} is wanted", "bad-guard")
        self.guards.append((guard, where, lane))
        return guard

    def _names(self, *, person: bool, items: str | None) -> Names:
        known = {name: SlotKind(Kind.TRUTH) for name in self.known_roles}
        known |= {name: SlotKind(kind, self.results.get(name, ())) for name, kind in self.outcomes.items()}
        for name, slot in self.slots.items():
            options = tuple(str(option.value) for option in slot.options)
            known[name] = SlotKind(_KINDS[slot.type], options, each=slot.of == EACH, per=slot.per)
        return Names(known, list(self.roles), self.counted, person, items, self.solo)

    def gone_through(self, over: str) -> str:
        """Return the list or slot behind what a loop goes through: an outcome selects from one."""
        return self.selects.get(over, over)

    # References, each noted when it leads nowhere

    def when(self, source: StepSource, place: Place) -> Guard | None:
        """Return the compiled ``when`` of a step."""
        if source.when is None:
            return None
        return self.guard(source.when, (*place.path, "when"), place.lane, items=place.items)

    def branches(self, source: StepSource, place: Place) -> tuple[Branch, ...]:
        """Return the ways on from a step."""
        path: Path_ = (*place.path, "next")
        if source.next is None:
            return ()
        if isinstance(source.next, str):
            return (Branch(guard=None, to=self.target(source.next, path) or source.next),)
        branches = [self._branch(b, (*path, index), place) for index, b in enumerate(source.next)]
        if not source.next or source.next[-1].otherwise is None:
            self.problem(path, "the last way on is an else: {else: STEP}", "missing-else")
        for index, branch in enumerate(source.next[:-1]):
            if branch.otherwise is not None:
                self.problem((*path, index), "nothing after an else is ever reached", "unreachable-branch")
        return tuple(branches)

    def _branch(self, source: BranchSource, path: Path_, place: Place) -> Branch:
        if (source.when is None) != (source.go is None) or (source.go is None) == (source.otherwise is None):
            self.problem(path, "a way on is {when: GUARD, go: STEP} or {else: STEP}", "bad-branch")
        when: Path_ = (*path, "when")
        guard = self.guard(source.when, when, place.lane, items=place.items) if source.when is not None else None
        field = "go" if source.go is not None else "else"
        target = self.target(source.go or source.otherwise, (*path, field))
        return Branch(guard=guard, to=target or "")

    def target(self, name: str | None, where: Path_, *, key: bool = False) -> str | None:
        """Note a step's name as a target and return it."""
        if name is None:
            return None
        if name not in self.steps:
            close = did_you_mean(name, self.steps)
            self.problem(where, f"unknown step '{name}'{close}", "unknown-step", key=key)
        self.targets.append((name, where))
        return name

    def slot(self, name: str, where: Path_, *, key: bool = False) -> None:
        """Note a slot's name."""
        if name not in self.slots:
            close = did_you_mean(name, list(self.slots))
            self.problem(where, f"unknown slot '{name}'{close}", "unknown-slot", key=key)

    def record(self, name: str, where: Path_) -> RecordKind | None:
        """Return the kind of record of that name, or note that there is none."""
        kinds = self.records.kinds
        if name not in kinds:
            told = f"unknown record '{name}'{did_you_mean(name, list(kinds))}: records.yaml declares what is kept"
            self.problem(where, told, "unknown-record")
        return kinds.get(name)

    def role(self, name: str, where: Path_, *, key: bool = False, own: bool = False) -> bool:
        """Note a role's name; ``own`` leaves out the partner, for whom nothing can wait. Return whether it is one."""
        known = list(self.roles) if own else self.known_roles
        if name not in known:
            close = did_you_mean(name, known)
            self.problem(where, f"unknown role '{name}'{close}", "unknown-role", key=key)
        return name in known

    def audience(self, name: str, where: Path_, lane: str | None = None) -> None:
        """Note an audience; in a lane there is its own person, and there are others."""
        in_lane = {SELF, OTHERS} if lane is not None and not self.solo else set[str]()
        if name == ROOM:
            self.room(where)
        elif name not in {EVERYONE, *in_lane}:
            self.role(name, where)

    def room(self, where: Path_) -> None:
        """Note that something is said or asked in the room: only a role of many people stands for those of one."""
        if not any(role.many for role in self.roles.values()):
            told = "no role here is of many, so there is no room: with all, each is told in their own chat"
            self.problem(where, told, "no-room")

    def audience_of_grant(self, name: str, where: Path_) -> None:
        """Note to whom something would be shown: a role, or everybody else."""
        if name != EVERYONE or len(self.known_roles) == 1:
            self.role(name, where)

    def owns(self, place: Place, slot: Slot) -> bool:
        """Return whether what is answered at that place is the slot owner's own answer."""
        return self.solo or slot.of in {EACH, place.lane}


def stage_of(step: str) -> str:
    """Return the name of the stage that a waiting step at the top stands in."""
    return f"{step}:stage"
