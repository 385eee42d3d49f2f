"""From a step as written to the steps that the engine runs."""

from dataclasses import dataclass, replace
from typing import assert_never

from bot.engine.guards import Guard, Kind
from bot.engine.model import (
    EACH,
    EVERYONE,
    ROOM,
    Ask,
    Assign,
    Branch,
    Call,
    Compose,
    ComposePart,
    Do,
    End,
    Gate,
    Grant,
    Hold,
    JoinRule,
    LaneScript,
    Reveal,
    Review,
    Say,
    Section,
    SlotType,
    Stage,
    Start,
    Step,
)
from bot.flows.compiling import Compiling, milliseconds
from bot.flows.problems import did_you_mean
from bot.flows.schema import (
    AskSource,
    BranchSource,
    CallSource,
    ComposeSource,
    DoSource,
    EndSource,
    FreezeSource,
    GateSource,
    GrantSource,
    LaneSource,
    LanesSource,
    LaneStep,
    PartSource,
    RevealSource,
    ReviewSource,
    SaySource,
    SetSource,
    StartSource,
    StepSource,
    ThawSource,
    VolatileSource,
    WaitingSource,
    WaitSource,
)
from bot.flows.yaml_source import Path_

ANSWERS = {Kind.TRUTH, Kind.NAME, Kind.NAMES, Kind.TEXT, Kind.NUMBER, Kind.DURATION, Kind.INSTANT}
_DURATION_SUFFIXES = "mhdw"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step stands: its path in the file, the role of its lane, and its stage or section."""

    path: Path_
    lane: str | None = None
    inside: str | None = None


class StepCompiler:
    """Compiles all steps of one flow into ``steps``, in the order in which they are entered."""

    def __init__(self, work: Compiling, actions: frozenset[str]) -> None:
        self.work = work
        self.actions = actions
        self.steps: dict[str, Step] = {}
        self.places: dict[str, Place] = {}
        self.asks: dict[str, str] = {}
        self.lane_of: dict[str, str] = {}

    def top(self, sources: list[StepSource]) -> None:
        """Compile the top level."""
        ids = [self._top_id(source) for source in sources]
        for index, source in enumerate(sources):
            following = ids[index + 1] if index + 1 < len(ids) else None
            place = Place(("steps", index))
            if isinstance(source, WaitingSource):
                self._alone(source, place, following)
            else:
                self._step(source, place, following)

    def _top_id(self, source: StepSource) -> str:
        return stage_of(source.id) if isinstance(source, WaitingSource) else source.id

    def _add(self, step: Step, place: Place) -> None:
        if step.id in self.steps:
            self.work.problem((*place.path, "id"), f"two steps are named '{step.id}'", "duplicate-step")
        self.steps[step.id] = step
        self.places[step.id] = place
        if place.inside is not None:
            self.lane_of[step.id] = place.inside

    # Stages

    def _alone(self, source: WaitingSource, place: Place, following: str | None) -> None:
        """A step at the top that waits for a role is a stage with one lane (a role each) of one step."""
        stage = stage_of(source.id)
        roles = self._roles_of(source, place)
        shown = source.grant_to is not None if isinstance(source, AskSource) else False
        reveal = f"{source.id}:reveal"
        next_ = self._branches(source, place, None)
        self._add(
            Stage(
                id=stage,
                name=source.id,
                when=self._when(source, place, None),
                next=() if shown else next_,
                following=reveal if shown else following,
                lanes=tuple(LaneScript(role=role, first=source.id) for role in roles),
                within=milliseconds(source.within) if source.within else None,
                expired=self._target(source.expired, (*place.path, "expired")),
            ),
            place,
        )
        lane = Place(place.path, roles[0] if roles else None, stage)
        bare = source.model_copy(update={"next": None, "when": None})
        if isinstance(source, AskSource) and source.grant_to is not None:
            self._granted_ask(
                source,
                bare,
                lane,
                Reveal(id=reveal, next=next_, following=following, items=(source.save,), to=source.grant_to),
            )
        else:
            self._step(bare, lane, None)

    def _granted_ask(self, source: AskSource, bare: StepSource, lane: Place, reveal: Reveal) -> None:
        share = f"{source.id}:share"
        self._step(bare, lane, share)
        when = self.work.guard(source.save, (*lane.path, "save"), lane.lane)
        kept = self._target(source.kept, (*lane.path, "kept"))
        grant = Grant(id=share, when=when, item=source.save, to=reveal.to, change=source.id, kept=kept)
        self._add(grant, lane)
        if source.reveal is None:
            self.work.problem(lane.path, "an answer with 'grant_to' needs 'reveal': how it is shown", "missing-key")
        self.work.text(f"{reveal.id}.reveal", source.reveal or "", (*lane.path, "reveal"))
        self._add(reveal, Place(lane.path))

    def _roles_of(self, source: WaitingSource, place: Place) -> tuple[str, ...]:
        if source.of is None and self.work.solo:
            return tuple(self.work.roles)
        if source.of in {EACH, EVERYONE}:
            return tuple(self.work.roles)
        if source.of is None:
            self.work.problem(place.path, "say whom this waits for: of: ROLE, or of: each", "missing-key")
            return tuple(self.work.roles)
        self._role(source.of, (*place.path, "of"))
        return (source.of,)

    def _lanes(self, source: LanesSource, place: Place, following: str | None) -> None:
        scripts: list[LaneScript] = []
        if isinstance(source.lanes, list):
            roles = list(self.work.roles)
            if len(roles) > 1 or self.work.roles[roles[0]].many:
                self._lane_steps(source.lanes, Place((*place.path, "lanes"), EACH, source.id))
            else:
                self._lane_steps(source.lanes, Place((*place.path, "lanes"), roles[0], source.id))
            scripts = [LaneScript(role=role, first=source.lanes[0].id) for role in roles]
        else:
            for role, lane in source.lanes.items():
                path: Path_ = (*place.path, "lanes", role)
                self._role(role, path, key=True)
                guard = None
                steps = lane
                if isinstance(lane, LaneSource):
                    guard = self.work.guard(lane.when, (*path, "when"), role)
                    steps, path = lane.steps, (*path, "steps")
                if isinstance(steps, list) and steps:
                    self._lane_steps(steps, Place(path, role, source.id))
                    scripts.append(LaneScript(role=role, first=steps[0].id, when=guard))
        join_when = self.work.guard(source.join_when, (*place.path, "join_when"), None) if source.join_when else None
        until = self.work.guard(source.until, (*place.path, "until"), None, {Kind.INSTANT}) if source.until else None
        self._add(
            Stage(
                id=source.id,
                name=source.id,
                when=self._when(source, place, None),
                next=self._branches(source, place, None),
                following=following,
                lanes=tuple(scripts),
                join=JoinRule(source.join),
                join_when=join_when,
                within=milliseconds(source.within) if source.within else None,
                until=until,
                expired=self._target(source.expired, (*place.path, "expired")),
            ),
            place,
        )

    def _lane_steps(self, sources: list[LaneStep], place: Place) -> None:
        for index, source in enumerate(sources):
            following = sources[index + 1].id if index + 1 < len(sources) else None
            self._step(source, replace(place, path=(*place.path, index)), following)

    # Single steps

    def _step(self, source: StepSource, place: Place, following: str | None) -> None:
        base = {
            "id": source.id,
            "when": self._when(source, place, place.lane),
            "next": self._branches(source, place, place.lane),
            "following": following,
        }
        work, path = self.work, place.path
        match source:
            case LanesSource():
                self._lanes(source, place, following)
            case AskSource():
                self._add(self._ask(source, place, base), place)
            case GateSource():
                self._add(self._gate(source, place, base), place)
            case ReviewSource():
                for index, item in enumerate(source.review):
                    self._slot(item, (*path, "review", index))
                work.text(f"{source.id}.review", source.ask, (*path, "ask"))
                self._add(Review(**base, items=tuple(source.review)), place)
            case GrantSource():
                self._grant(source, place, base)
            case SaySource():
                self._audience(source.to, (*path, "to"))
                work.text(f"{source.id}.say", source.say, (*path, "say"))
                self._add(Say(**base, to=source.to), place)
            case ComposeSource():
                self._compose(source, place, base)
            case SetSource():
                self._assign(source, place, base)
            case VolatileSource():
                for index, name in enumerate(source.results):
                    self._slot(name, (*path, "results", index))
                first = source.volatile[0].id
                self._add(Section(**base, first=first, results=tuple(source.results)), place)
                self._lane_steps(source.volatile, Place((*path, "volatile"), place.lane, source.id))
            case WaitSource():
                self._wait(source, place, base)
            case RevealSource():
                self._reveal(source, place, base)
            case FreezeSource():
                self._add(Hold(**base), place)
            case ThawSource():
                self._add(Hold(**base, thaw=True), place)
            case CallSource():
                pairs = tuple(source.roles.items())
                gives, returns = tuple(source.give.items()), tuple(source.returns.items())
                self._add(Call(**base, flow=source.call, roles=pairs, give=gives, returns=returns), place)
            case StartSource():
                roles, gives = tuple(source.roles.items()), tuple(source.give.items())
                self._add(Start(**base, flow=source.start, roles=roles, give=gives), place)
            case DoSource():
                if source.do not in self.actions:
                    close = did_you_mean(source.do, sorted(self.actions))
                    work.problem((*path, "do"), f"unknown action '{source.do}'{close}", "unknown-action")
                self._add(Do(**base, action=source.do), place)
            case EndSource():
                self._end(source, place, base)
            case _:
                assert_never(source)  # pyright: ignore[reportArgumentType]  # StepSource itself is never read

    def _ask(self, source: AskSource, place: Place, base: dict[str, object]) -> Ask:
        path, work = place.path, self.work
        work.text(f"{source.id}.ask", source.ask, (*path, "ask"))
        slot = work.slots.get(source.save)
        if slot is None:
            self._slot(source.save, (*path, "save"))
        else:
            self.asks.setdefault(source.save, source.id)
            if slot.type is SlotType.INSTANT or (slot.type is not SlotType.TEXT and not slot.options):
                work.problem((*path, "save"), f"'{source.save}' has no options to ask for", "no-options")
            if source.place == ROOM and slot.type is SlotType.TEXT:
                work.problem(
                    (*path, "in"), "free text is written in people's own chats, never in a room", "room-text"
                )
        options = [str(option.value) for option in slot.options] if slot is not None else []
        named = [(value, (*path, "replies", value)) for value in source.replies]
        named += [(value, (*path, "signals", signal)) for signal, value in source.signals.items()]
        named += [(value, (*path, "offer", index)) for index, value in enumerate(source.offer)]
        for value, where in named:
            if value not in options:
                told = f"'{value}' is no option of '{source.save}'{did_you_mean(value, options)}"
                work.problem(where, told, "unknown-option", key=where[-2] == "replies")
        replies = {
            value: work.text(f"{source.id}.replies.{value}", words, (*path, "replies", value))
            for value, words in source.replies.items()
        }
        suggest = tuple(
            work.text(f"{source.id}.suggest.{index}", words, (*path, "suggest", index))
            for index, words in enumerate(source.suggest)
        )
        return Ask(
            **base,  # pyright: ignore[reportArgumentType]  # the fields of Step, made in one place
            save=source.save,
            optional=source.optional,
            in_room=source.place == ROOM,
            offer=tuple(source.offer),
            stays=source.stays,
            suggest=suggest,
            replies=replies,
            signals=dict(source.signals),
        )

    def _gate(self, source: GateSource, place: Place, base: dict[str, object]) -> Gate:
        path, work = place.path, self.work
        work.text(f"{source.id}.gate", source.gate, (*path, "gate"))
        for name in ("yes", "not_now", "later", "kindly"):
            label = getattr(source, name)
            if label is not None:
                work.text(f"{source.id}.{name}", label, (*path, name))
        if (source.kindly is None) != (source.told is None):
            message = "'kindly' and 'told' go together: the choice, and the step that tells the others"
            work.problem(path, message, "missing-key")
        refused = work.text(f"{source.id}.refused", source.refused, (*path, "refused")) if source.refused else None
        return Gate(
            **base,  # pyright: ignore[reportArgumentType]
            kindly=source.kindly is not None,
            told=self._target(source.told, (*path, "told")),
            refused=refused,
            later=source.later is not None,
            invitation=source.invitation,
        )

    def _grant(self, source: GrantSource, place: Place, base: dict[str, object]) -> None:
        path = place.path
        self._slot(source.grant, (*path, "grant"))
        self._role(source.to, (*path, "to"))
        self.work.text(f"{source.id}.grant", source.ask, (*path, "ask"))
        change = self._target(source.change, (*path, "change"))
        kept = self._target(source.kept, (*path, "kept"))
        grant = Grant(**base, item=source.grant, to=source.to, change=change, kept=kept)  # pyright: ignore[reportArgumentType]
        self._add(grant, place)

    def _compose(self, source: ComposeSource, place: Place, base: dict[str, object]) -> None:
        path = place.path
        self._slot(source.compose, (*path, "compose"))
        parts: list[ComposePart] = []
        for index, part in enumerate(source.parts):
            where: Path_ = (*path, "parts", index)
            key = f"{source.id}.parts.{index}"
            if isinstance(part, PartSource):
                guard = self.work.guard(part.when, (*where, "when"), place.lane)
                parts.append(ComposePart(key=self.work.text(key, part.text, (*where, "text")), when=guard))
            else:
                parts.append(ComposePart(key=self.work.text(key, part, where)))
        self._add(Compose(**base, slot=source.compose, parts=tuple(parts)), place)  # pyright: ignore[reportArgumentType]

    def _assign(self, source: SetSource, place: Place, base: dict[str, object]) -> None:
        values: list[tuple[str, Guard]] = []
        for name, expression in source.set.items():
            where: Path_ = (*place.path, "set", name)
            self._slot(name, where, key=True)
            values.append((name, self.work.guard(expression, where, place.lane, ANSWERS)))
        self._add(Assign(**base, values=tuple(values)), place)  # pyright: ignore[reportArgumentType]

    def _wait(self, source: WaitSource, place: Place, base: dict[str, object]) -> None:
        wait = source.wait
        length = milliseconds(wait) if wait[:-1].isdecimal() and wait[-1] in _DURATION_SUFFIXES else None
        where = (*place.path, "wait")
        until = None if length else self.work.guard(wait, where, place.lane, {Kind.INSTANT})
        self._add(Stage(**base, name=source.id, within=length, until=until), place)  # pyright: ignore[reportArgumentType]

    def _reveal(self, source: RevealSource, place: Place, base: dict[str, object]) -> None:
        items = [source.reveal] if isinstance(source.reveal, str) else source.reveal
        for item in items:
            self._slot(item, (*place.path, "reveal"))
        self._audience(source.to, (*place.path, "to"))
        self.work.text(f"{source.id}.reveal", source.say, (*place.path, "say"))
        missing = self._target(source.missing, (*place.path, "missing"))
        self._add(Reveal(**base, items=tuple(items), to=source.to, missing=missing), place)  # pyright: ignore[reportArgumentType]

    def _end(self, source: EndSource, place: Place, base: dict[str, object]) -> None:
        if source.next is not None:
            self.work.problem((*place.path, "next"), "an end leads nowhere: remove 'next'", "end-goes-on", key=True)
        closed = source.end == "closed"
        if closed and place.lane is None:
            self.work.problem((*place.path, "end"), "only a lane can end closed", "misplaced-step")
        if source.say is None:
            self._add(End(**base, closed=closed), place)  # pyright: ignore[reportArgumentType]
            return
        self._audience(source.to, (*place.path, "to"))
        self.work.text(f"{source.id}.say", source.say, (*place.path, "say"))
        end = f"{source.id}:end"
        self._add(Say(id=source.id, when=self._when(source, place, place.lane), following=end, to=source.to), place)
        self._add(End(id=end, closed=closed), place)

    # References

    def _when(self, source: StepSource, place: Place, lane: str | None) -> Guard | None:
        if source.when is None:
            return None
        return self.work.guard(source.when, (*place.path, "when"), lane)

    def _branches(self, source: StepSource, place: Place, lane: str | None) -> tuple[Branch, ...]:
        path: Path_ = (*place.path, "next")
        if source.next is None:
            return ()
        if isinstance(source.next, str):
            return (Branch(guard=None, to=self._target(source.next, path) or source.next),)
        branches = [self._branch(b, (*path, index), lane) for index, b in enumerate(source.next)]
        if not source.next or source.next[-1].otherwise is None:
            self.work.problem(path, "the last way on is an else: {else: STEP}", "missing-else")
        for index, branch in enumerate(source.next[:-1]):
            if branch.otherwise is not None:
                self.work.problem((*path, index), "nothing after an else is ever reached", "unreachable-branch")
        return tuple(branches)

    def _branch(self, source: BranchSource, path: Path_, lane: str | None) -> Branch:
        if (source.when is None) != (source.go is None) or (source.go is None) == (source.otherwise is None):
            self.work.problem(path, "a way on is {when: GUARD, go: STEP} or {else: STEP}", "bad-branch")
        guard = self.work.guard(source.when, (*path, "when"), lane) if source.when is not None else None
        field = "go" if source.go is not None else "else"
        target = source.go or source.otherwise or ""
        return Branch(guard=guard, to=self._target(target, (*path, field)) or target)

    def _target(self, name: str | None, where: Path_) -> str | None:
        if name is None:
            return None
        if name not in self.work.steps:
            close = did_you_mean(name, self.work.steps)
            self.work.problem(where, f"unknown step '{name}'{close}", "unknown-step")
        self.work.targets.append((name, where))
        return name

    def _slot(self, name: str, where: Path_, *, key: bool = False) -> None:
        if name not in self.work.slots:
            close = did_you_mean(name, list(self.work.slots))
            self.work.problem(where, f"unknown slot '{name}'{close}", "unknown-slot", key=key)

    def _role(self, name: str, where: Path_, *, key: bool = False) -> None:
        known = [*self.work.roles, "partner"]
        if name not in known:
            close = did_you_mean(name, known)
            self.work.problem(where, f"unknown role '{name}'{close}", "unknown-role", key=key)

    def _audience(self, name: str, where: Path_) -> None:
        if name not in {EVERYONE, ROOM}:
            self._role(name, where)


def stage_of(step: str) -> str:
    """Return the name of the stage that a waiting step at the top stands in."""
    return f"{step}:stage"
