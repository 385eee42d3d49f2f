"""The ways in which a flow is changed: each of them is a mistake that somebody could make, and some would betray."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bench.mutants.document import DROP, Edit, Written, steps_of
from bot.engine.model import EACH, EVERYONE, PARTNER, ROOM
from bot.flows.compiling import CLOSED, SELF
from bot.flows.yaml_source import Path_, Plain

CLASSES = ("ephemeral", "private", "draft", "shared", "joint", "signal")
"""From the class that fewest may read to the one that most may."""

PRIVATE = CLASSES[:3]
"""What others cannot read, or not without a grant."""

OTHERS = "others"

ANSWER = "mutant"
"""The slot of an answer that a mutant brings."""

Data = dict[str, Plain]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A flow with one thing changed."""

    flow: str
    operator: str
    path: Path_
    """Where it is changed."""
    step: str
    """The step that it is changed at; empty for a slot and for the flow as a whole."""
    told: str
    edits: tuple[Edit, ...]


def mutants_of(name: str, data: Data) -> Iterator[Mutant]:
    """Yield every mutant of a flow."""
    for operator, change in OPERATORS.items():
        for path, step, told, edits in change(data):
            yield Mutant(name, operator, path, step, told, edits)


_Change = tuple[Path_, str, str, tuple[Edit, ...]]
"""Where, at which step, in words, and what is written there."""


def _drop_grants(data: Data) -> Iterator[_Change]:
    """Nobody is asked whether their words may be shown."""
    for step in steps_of(data):
        if "grant" in step.data:
            past = [(path, _following(step)) for one in steps_of(data) for path, to in _targets(one) if to == step.id]
            yield step.path, step.id, "without the grant", (*past, (step.path, DROP))
        for key, with_it in (("grant_to", ("reveal", "kept")), ("shown_to", ())):
            if key in step.data:
                dropped = [one for one in (key, *with_it) if one in step.data]
                yield _at(step, key), step.id, f"without '{key}'", tuple((_at(step, one), DROP) for one in dropped)
    for name, slot in _slots(data).items():
        if slot.get("granted"):
            path = ("slots", name, "granted")
            yield path, "", f"'{name}' comes without a grant", ((path, DROP),)


def _swap_audiences(data: Data) -> Iterator[_Change]:
    """Somebody else is told, is shown or is asked."""
    roles = list(_mapping(data.get("roles")))
    for step in steps_of(data):
        told = step.data.get("say") is not None or "reveal" in step.data or "grant" in step.data
        said = {"to": str(step.data.get("to", EVERYONE))} if told and "ask" not in step.data else {}
        said |= {"to": str(step.data["to"])} if "grant" in step.data else {}
        said |= {key: str(step.data[key]) for key in ("grant_to", "shown_to", "of") if key in step.data}
        for key, now in said.items():
            for other in _audiences(key, step, roles, data):
                if other != now:
                    yield _at(step, key), step.id, f"{key}: {other}", ((_at(step, key), other),)
        if step.data.get("in") == ROOM:
            yield _at(step, "in"), step.id, "not in the room", ((_at(step, "in"), DROP),)
        if "others" in step.data:
            yield _at(step, "others"), step.id, "with one's own", ((_at(step, "others"), DROP),)
        taken = _mapping(step.data.get("roles"))
        if len(taken) > 1:
            turned = dict(zip(taken, [*list(taken.values())[1:], next(iter(taken.values()))], strict=True))
            yield _at(step, "roles"), step.id, "roles swapped", ((_at(step, "roles"), turned),)


def _audiences(key: str, step: Written, roles: list[str], data: Data) -> list[str]:
    if key == "of":
        return roles
    partner = [PARTNER] if data.get("with_partner") else []
    if key == "grant_to":
        return [*roles, *partner]
    everybody = [*roles, *partner, EVERYONE]
    if key == "shown_to" or "grant" in step.data:
        return everybody
    rooms = [ROOM] if "many" in _mapping(data.get("roles")).values() and "reveal" not in step.data else []
    return [*everybody, *rooms, *([] if step.at_the_top else [SELF, OTHERS])]


def _widen_classes(data: Data) -> Iterator[_Change]:
    """More people may read a value."""
    for name, slot in _slots(data).items():
        for wider in CLASSES[CLASSES.index(str(slot["class"])) + 1 :]:
            path = ("slots", name, "class")
            yield path, "", f"'{name}' is {wider}", ((path, wider),)


def _remove_deadlines(data: Data) -> Iterator[_Change]:
    """Somebody may have to wait for ever."""
    for step in steps_of(data):
        for key in ("within", "until"):
            if key in step.data and "keep" not in step.data:
                gone = [one for one in (key, "expired") if one in step.data]
                yield _at(step, key), step.id, f"without '{key}'", tuple((_at(step, one), DROP) for one in gone)
    for key in ("lifetime", "expired"):
        if key in data:
            yield (key,), "", f"without '{key}'", (((key,), DROP),)


def _point_elsewhere(data: Data) -> Iterator[_Change]:
    """A way leads to every other step that stands in the same list as the right one."""
    steps = steps_of(data)
    lists = {one: step.beside for step in steps for one in step.beside}
    for step in steps:
        for path, target in _targets(step):
            closed = (CLOSED,) if path[-1] == "kept" and not step.at_the_top else ()
            for other in (*lists.get(target, step.beside), *closed):
                if other != target:
                    yield path, step.id, f"{path[-1]}: {other}", ((path, other),)
        ways = _mapping(step.data.get("ways"))
        for target in ways:
            for other in lists[target]:
                if other not in ways:
                    turned: Data = {(other if one == target else one): label for one, label in ways.items()}
                    yield _at(step, "ways"), step.id, f"ways: {other}", ((_at(step, "ways"), turned),)
    if isinstance(data.get("expired"), str):
        for other in steps[0].beside:
            if other != data["expired"]:
                yield ("expired",), "", f"expired: {other}", ((("expired",), other),)


def _targets(step: Written) -> Iterator[tuple[Path_, str]]:
    for key in ("next", "expired", "told", "kept", "missing", "change"):
        target = step.data.get(key)
        if isinstance(target, str):
            yield _at(step, key), target
    branches = step.data.get("next")
    for index, branch in enumerate(branches if isinstance(branches, list) else []):
        for key in ("go", "else"):
            target = _mapping(branch).get(key)
            if isinstance(target, str):
                yield (*_at(step, "next"), index, key), target


def _swap_refusals(data: Data) -> Iterator[_Change]:
    """A no counts as a yes, or one answer as another."""
    for step in steps_of(data):
        if "gate" in step.data:
            yes, no = step.data.get("yes", "Yes"), step.data.get("not_now", "Not now")
            edits: tuple[Edit, ...] = ((_at(step, "yes"), no), (_at(step, "not_now"), yes))
            yield step.path, step.id, "yes and no swapped", edits
        for signal, option in _mapping(step.data.get("signals")).items():
            for other in _mapping(_slots(data)[str(step.data["save"])].get("options")):
                if other != option:
                    path = (*_at(step, "signals"), signal)
                    yield path, step.id, f"{signal}: {other}", ((path, other),)
    for name, slot in _slots(data).items():
        options = _mapping(slot.get("options"))
        names = list(options)
        for one, first in enumerate(names):
            for other in names[one + 1 :]:
                swapped = options | {first: options[other], other: options[first]}
                path = ("slots", name, "options")
                yield path, "", f"'{first}' and '{other}' of '{name}' swapped", ((path, swapped),)


def _unconceal(data: Data) -> Iterator[_Change]:
    """A refusal has an effect at once, which others can notice."""
    for step in steps_of(data):
        if step.data.get("end") == CLOSED:
            yield _at(step, "end"), step.id, "it counts as done", ((_at(step, "end"), True),)
        if step.data.get("kept") == CLOSED:
            yield _at(step, "kept"), step.id, "it counts as done", ((_at(step, "kept"), DROP),)
        if "gate" not in step.data:
            continue
        for cls in ("private", "signal"):
            asked: Data = {"id": step.data["id"], "ask": step.data["gate"], "save": ANSWER}
            asked |= {key: step.data[key] for key in ("when", "of", "within", "expired") if key in step.data}
            options: Data = {"yes": step.data.get("yes", "Yes"), "no": step.data.get("not_now", "Not now")}
            leads = {"no": step.data.get("expired"), "kindly": step.data.get("told")}
            if "kindly" in step.data:
                options["kindly"] = step.data["kindly"]
            if step.at_the_top:
                on: Data = {"else": _following(step)}
                asked["next"] = [
                    *({"when": f"any({ANSWER} == '{no}')", "go": to} for no, to in leads.items() if to),
                    on,
                ]
            answer: Data = {"type": "choice", "class": cls, "of": step.data.get("of", EACH), "options": options}
            edits: tuple[Edit, ...] = ((step.path, asked), (("slots",), {**_slots(data), ANSWER: answer}))
            yield step.path, step.id, f"an open question, {cls}", edits


def _following(step: Written) -> str:
    target = step.data.get("next")
    if isinstance(target, str):
        return target
    after = step.beside.index(step.id) + 1
    return step.beside[after] if after < len(step.beside) else step.id


def _guard_in_private(data: Data) -> Iterator[_Change]:
    """What somebody answered in private decides whether others see something."""
    kept = {name: slot for name, slot in _slots(data).items() if slot["class"] in PRIVATE and "per" not in slot}
    alone = _mapping(data.get("roles")) and len(_mapping(data.get("roles"))) == 1
    for step in steps_of(data):
        if not _is_shared(step, data):
            continue
        for name, slot in kept.items():
            guard = _holds(name, slot)
            if not (alone and slot.get("of") is None):
                guard = f"any({guard})"
            before = step.data.get("when")
            whole = f"({before}) and {guard}" if isinstance(before, str) else guard
            yield step.path, step.id, f"when: {guard}", ((_at(step, "when"), whole),)


def _is_shared(step: Written, data: Data) -> bool:
    """Whether somebody else than one person alone can see that it comes."""
    if not step.at_the_top:
        return "gate" not in step.data and step.data.get("to") in {EVERYONE, ROOM, OTHERS}
    alone = len(_mapping(data.get("roles"))) == 1
    if not alone:
        return bool({"say", "reveal", "gate", "start", "call", "keep", "lanes"} & step.data.keys())
    return PARTNER in (step.data.get("to"), *_mapping(step.data.get("roles")).values())


def _holds(name: str, slot: Data) -> str:
    options = list(_mapping(slot.get("options")))
    if slot["type"] == "choice" and options:
        return f"{name} == '{options[0]}'"
    if slot["type"] in {"number", "scale"}:
        return f"{name} >= 1"
    return name


def _at(step: Written, key: str) -> Path_:
    return (*step.path, key)


def _slots(data: Data) -> dict[str, Data]:
    return {name: _mapping(slot) for name, slot in _mapping(data.get("slots")).items()}


def _mapping(part: Plain) -> Data:
    return part if isinstance(part, dict) else {}


OPERATORS: Mapping[str, Callable[[Data], Iterator[_Change]]] = {
    "drop a grant": _drop_grants,
    "swap an audience": _swap_audiences,
    "widen a class": _widen_classes,
    "remove a deadline": _remove_deadlines,
    "point elsewhere": _point_elsewhere,
    "swap refuse and accept": _swap_refusals,
    "do not conceal": _unconceal,
    "guard in private": _guard_in_private,
}
"""Each operator by its name."""
