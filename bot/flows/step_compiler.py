"""From a step as written to the steps that the engine runs."""

from dataclasses import replace

from bot.engine.guards import Kind
from bot.engine.model import EACH, EVERYONE, Ask, Branch, Each, Grant, LaneScript, Reveal, Stage, Step
from bot.flows.ask_builder import check_releasable
from bot.flows.compiling import CLOSED, RESERVED_STEPS, SELF, Compiling, Place, milliseconds, stage_of
from bot.flows.schema import (
    AskSource,
    ComposeSource,
    EachSource,
    EndSource,
    GateSource,
    GrantSource,
    KeepSource,
    LaneSource,
    LanesSource,
    LaneStep,
    RevealSource,
    ReviewSource,
    StartSource,
    StepSource,
    VolatileSource,
    WaitingSource,
)
from bot.flows.step_builders import build, say
from bot.flows.yaml_source import Path_

_NOT_HIDDEN = (VolatileSource, GrantSource, ReviewSource, EachSource, RevealSource, StartSource, KeepSource)
_NOT_REPEATED = (
    VolatileSource,
    ReviewSource,
    EachSource,
    GateSource,
    GrantSource,
    ComposeSource,
    RevealSource,
    StartSource,
)


class StepCompiler:
    """Compiles all steps of one flow into ``steps``, in the order in which they are entered."""

    def __init__(self, work: Compiling) -> None:
        self.work = work
        self.steps: dict[str, Step] = {}
        self.places: dict[str, Place] = {}
        self.asks: dict[str, str] = {}
        self.lane_of: dict[str, str] = {}
        self.sections: set[str] = set()

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
        if step.id in RESERVED_STEPS:
            told = f"'{step.id}' means something already: choose another name"
            self.work.problem((*place.path, "id"), told, "reserved-name")
        if step.id in self.steps:
            told = f"two steps are named '{step.id.split(':')[0]}'"
            self.work.problem((*place.path, "id"), told, "duplicate-step")
            return
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
        next_ = self.work.branches(source, place)
        self._add(
            Stage(
                id=stage,
                name=source.id,
                when=self.work.when(source, place),
                # Passed over, it leads to what follows, as any other step: nothing was answered that could be shown.
                next=(Branch(guard=None, to=reveal),) if shown else next_,
                following=following,
                lanes=tuple(LaneScript(role=role, first=source.id) for role in roles),
                within=milliseconds(source.within) if source.within else None,
                expired=self.work.target(source.expired, (*place.path, "expired")),
            ),
            place,
        )
        if source.expired is not None and source.within is None:
            self._no_deadline(place)
        lane = Place(place.path, roles[0] if len(roles) == 1 else EACH, stage)
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
        known = source.save in self.work.slots
        when = self.work.guard(source.save, (*lane.path, "save"), lane.lane) if known else None
        self.work.role(reveal.to, (*lane.path, "grant_to"))
        check_releasable(self.work, source.save, (*lane.path, "save"), lane)
        closes = source.kept == CLOSED
        kept = None if closes else self.work.target(source.kept, (*lane.path, "kept"))
        grant = Grant(id=share, when=when, item=source.save, to=reveal.to, change=source.id, kept=kept, closes=closes)
        self._add(grant, lane)
        if source.reveal is None:
            told = "an answer with 'grant_to' needs 'reveal': how it is shown"
            self.work.problem((*lane.path, "grant_to"), told, "missing-key", key=True)
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
        known = self.work.role(source.of, (*place.path, "of"), own=True)
        return (source.of,) if known else tuple(self.work.roles)

    def _no_deadline(self, place: Place) -> None:
        told = "without a deadline nothing expires: add 'within', or remove this"
        self.work.problem((*place.path, "expired"), told, "missing-deadline", key=True)

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
                if not self.work.role(role, path, key=True, own=True):
                    continue
                guard = None
                steps = lane
                if isinstance(lane, LaneSource):
                    guard = self.work.guard(lane.when, (*path, "when"), role)
                    steps, path = lane.steps, (*path, "steps")
                if isinstance(steps, list) and steps:
                    self._lane_steps(steps, Place(path, role, source.id))
                    scripts.append(LaneScript(role=role, first=steps[0].id, when=guard))
        if source.expired is not None and source.within is None and source.until is None:
            self._no_deadline(place)
        single = all(script.role in self.work.roles and not self.work.roles[script.role].many for script in scripts)
        if isinstance(source.join, int) and scripts and single and source.join > len(scripts):
            told = f"there are {len(scripts)} lanes to wait for, so {source.join} are never done: say fewer, or all"
            self.work.problem((*place.path, "join"), told, "wrong-type")
        join_when = self.work.guard(source.join_when, (*place.path, "join_when"), None) if source.join_when else None
        until = self.work.guard(source.until, (*place.path, "until"), None, {Kind.INSTANT}) if source.until else None
        self._add(
            Stage(
                id=source.id,
                name=source.id,
                when=self.work.when(source, place),
                next=self.work.branches(source, place),
                following=following,
                lanes=tuple(scripts),
                join=_lanes_to_wait_for(source.join),
                only_missing=source.again == "missing",
                join_when=join_when,
                within=milliseconds(source.within) if source.within else None,
                until=until,
                expired=self.work.target(source.expired, (*place.path, "expired")),
            ),
            place,
        )

    def _lane_steps(self, sources: list[LaneStep], place: Place) -> None:
        for index, source in enumerate(sources):
            following = sources[index + 1].id if index + 1 < len(sources) else None
            here = replace(place, path=(*place.path, index))
            self._fits_in_lane(source, here)
            self._step(source, here, following)

    def _fits_in_lane(self, source: LaneStep, place: Place) -> None:
        """A lane belongs to its role, and its stage has the deadline; what is never kept cannot be shown."""
        for key in ("of", "within", "expired", "grant_to", "missing"):
            if getattr(source, key, None) is not None and not isinstance(source, RevealSource):
                told = f"'{key}' works only at the top of a flow: a lane has its role, and its stage the deadline"
                self.work.problem((*place.path, key), told, "misplaced-key", key=True)
        self._keeps_to_its_person(source, place)
        if place.inside in self.sections and isinstance(source, _NOT_HIDDEN):
            told = "a volatile section only asks, says and sets: what is never kept is neither shown nor handed on"
            self.work.problem(place.path, told, "misplaced-step")
        if place.items is not None and isinstance(source, _NOT_REPEATED):
            told = "what is done for each item is asked, said or set, and nothing else: that goes behind the loop"
            self.work.problem(place.path, told, "misplaced-step")

    def _keeps_to_its_person(self, source: LaneStep, place: Place) -> None:
        """What is shown, or started, in a lane is its own person's alone."""
        match source:
            case RevealSource() if source.to not in {place.lane, SELF}:
                told = "what was granted is shown to its own person: say to: self"
                where: Path_ = ("to",) if source.to != EVERYONE else ()
            case StartSource() if set(source.roles.values()) != {SELF}:
                told = "a flow is started for its own person alone: write self"
                where = ("roles",)
            case _:
                return
        self.work.problem((*place.path, *where), f"in a lane, {told}", "misplaced-step", key=bool(where))

    def _step(self, source: StepSource, place: Place, following: str | None) -> None:
        """Compile one step, and the steps inside of it."""
        if isinstance(source, LanesSource):
            self._lanes(source, place, following)
            return
        step = build(source, self.work, place)
        when, next_ = self.work.when(source, place), self.work.branches(source, place)
        if isinstance(source, EndSource) and source.say is not None:
            self._end_saying(source, step, place, following)
        else:
            self._add(replace(step, when=when, next=next_, following=following), place)
        if isinstance(step, Ask):
            self.asks.setdefault(step.save, step.id)
        if isinstance(source, VolatileSource):
            self.sections.add(source.id)
            self._lane_steps(source.volatile, Place((*place.path, "volatile"), place.lane, source.id))
        if isinstance(step, Each) and isinstance(source, EachSource):
            items = self.work.gone_through(step.over)
            self._lane_steps(source.steps, Place((*place.path, "steps"), place.lane, source.id, items))

    def _end_saying(self, source: EndSource, end: Step, place: Place, following: str | None) -> None:
        """Compile an end that says something: a step that says it, and the end; passed over, both are."""
        self.work.audience(source.to, (*place.path, "to"), place.lane)
        name = f"{source.id}:end"
        said = say(source.id, source.say or "", source.to, self.work, place, neutral=source.neutral)
        when = self.work.when(source, place)
        self._add(replace(said, when=when, next=(Branch(guard=None, to=name),), following=following), place)
        self._add(replace(end, id=name), place)


def _lanes_to_wait_for(join: str | int) -> int | None:
    """How many lanes have to be done; None is all of them."""
    if isinstance(join, int):
        return join
    return 1 if join == "any" else None
