"""The slots of a flow: from their shape to the values that the engine keeps, and what is wrong with them."""

from bot.engine.answers import TEXT_MAX
from bot.engine.model import EACH, EVERYONE, READ_BY_ALL, RELEASABLE, Slot, SlotClass, SlotOption, SlotType
from bot.engine.several import DONE, SKIP
from bot.flows.compiling import DAY, Compiling, milliseconds, stored_option
from bot.flows.problems import did_you_mean
from bot.flows.schema import FlowSource, SlotSource
from bot.flows.yaml_source import Path_

_MOST = {"text": 500, "list": 300, "number": 1_000_000, "scale": 10, "duration": 366 * DAY}

MOST_PICKS = 5
"""How many choices a question offers at most (content specification, section 2), items of a list included."""


def slot_of(name: str, shape: SlotSource, default_of: str) -> Slot:
    """Return the slot."""
    kind = SlotType(shape.type)
    options = tuple(
        SlotOption(value=stored_option(value, kind), key=f"slots.{name}.options.{value}") for value in shape.options
    )
    return Slot(
        name=name,
        type=kind,
        cls=SlotClass(shape.cls),
        of=shape.of or default_of,
        options=options,
        min=_least(shape),
        max=_most(shape),
        within=milliseconds(shape.within) // DAY if shape.within else None,
        most=shape.most if shape.most is not None else max(len(options), 1) if options else MOST_PICKS,
        per=shape.per,
        over=shape.over,
        signed=shape.signed,
        given=bool(shape.given),
        recalls=_recalled(shape.given) if isinstance(shape.given, str) else None,
        granted=shape.granted,
    )


def _recalled(given: str) -> tuple[str, str]:
    """The kind of record, and its field, that fill a slot."""
    kind, _, field = given.partition(".")
    return kind, field


def _least(shape: SlotSource) -> int:
    if isinstance(shape.min, str):
        return milliseconds(shape.min)
    return shape.min if shape.min is not None else 0


def _most(shape: SlotSource) -> int:
    if isinstance(shape.max, str):
        return milliseconds(shape.max)
    return shape.max if shape.max is not None else _MOST.get(shape.type, 500)


def slot_texts(work: Compiling, written: FlowSource) -> None:
    """Keep what slots and their options are called."""
    for name, slot in written.slots.items():
        work.label(f"slots.{name}.name", slot.name or name.replace("_", " ").capitalize(), ("slots", name, "name"))
        for value, label in slot.options.items():
            work.label(f"slots.{name}.options.{value}", label, ("slots", name, "options", value))


def check_slots(work: Compiling, written: FlowSource) -> None:
    """Note what is wrong with each slot in itself."""
    for name, shape in written.slots.items():
        _check_owner(work, name, shape)
        if shape.type in {"choice", "choices"} and not shape.options:
            work.problem(("slots", name), f"'{name}' is a choice and has no options", "no-options", key=True)
        _check_bounds(work, name, shape)
        _check_options(work, name, shape)
        _check_items(work, name, shape)
        if shape.granted and not (shape.given and shape.type == "text" and SlotClass(shape.cls) in RELEASABLE):
            told = "a grant comes along with a text that is given: say type: text, class: draft, given: true"
            work.problem(("slots", name, "granted"), told, "not-releasable", key=True)


def _check_owner(work: Compiling, name: str, shape: SlotSource) -> None:
    role = work.roles.get(shape.of or "")
    if role is not None and role.many and not work.solo:
        told = f"'{role.name}' may be many people: say of: each"
        work.problem(("slots", name, "of"), told, "many-owners")
    if shape.of == EVERYONE and SlotClass(shape.cls) not in READ_BY_ALL:
        told = f"one value for everybody has no author, so it cannot be {shape.cls}: say class: signal"
        work.problem(("slots", name, "class"), told, "no-author")
    if shape.of is not None and shape.of not in {EACH, "all", *work.roles}:
        close = did_you_mean(shape.of, [EACH, "all", *work.roles])
        work.problem(("slots", name, "of"), f"unknown role '{shape.of}'{close}", "unknown-role")


def _check_options(work: Compiling, name: str, shape: SlotSource) -> None:
    for value in shape.options:
        where: Path_ = ("slots", name, "options", value)
        if value in {SKIP, DONE}:
            told = f"'{value}' is a choice of every such question: as an answer of its own, name it otherwise"
            work.problem(where, told, "reserved-name", key=True)
        if shape.type == "duration" and isinstance(stored_option(value, SlotType.DURATION), str):
            message = f"'{value}' is no duration, such as 20m, 1h or 2d"
            work.problem(where, message, "bad-duration", key=True)


def _check_bounds(work: Compiling, name: str, shape: SlotSource) -> None:
    """A bound fits its type: characters, numbers or lengths of time."""
    where = ("slots", name)
    if shape.within is not None and shape.type != "date":
        work.problem((*where, "within"), "only a date is within something", "misplaced-key", key=True)
    if shape.most is not None and shape.type not in {"list", "choices"}:
        told = "only a list, or a slot of several choices, has a most"
        work.problem((*where, "most"), told, "misplaced-key", key=True)
    if shape.signed and shape.type != "list":
        work.problem((*where, "signed"), "only a list's items are signed", "misplaced-key", key=True)
    for key, bound in (("min", shape.min), ("max", shape.max)):
        if bound is None or (shape.type == "duration" and isinstance(bound, str)):
            continue
        words = shape.type in {"text", "list"} and key == "max"
        if isinstance(bound, str) or not (shape.type in {"number", "scale"} or words):
            told = f"'{key}' does not fit a {shape.type}"
            work.problem((*where, key), told, "misplaced-key", key=True)
        elif words and bound > TEXT_MAX:
            work.problem((*where, key), f"a text has at most {TEXT_MAX} characters", "wrong-type")
    if _least(shape) > _most(shape):
        work.problem((*where, "min"), "the least is more than the most", "wrong-type", key=True)


def _check_items(work: Compiling, name: str, shape: SlotSource) -> None:
    """Lists, what belongs to their items, and picks from them."""
    where = ("slots", name)
    if shape.type == "list" and (shape.of != EACH and not work.solo):
        told = f"each person writes a list of their own: say of: each for '{name}'"
        work.problem((*where, "type"), told, "many-owners")
    recalled = isinstance(shape.given, str) and SlotClass(shape.cls) in READ_BY_ALL
    if shape.type == "list" and not recalled and (SlotClass(shape.cls) in READ_BY_ALL or shape.cls == "ephemeral"):
        told = f"people write a list, so '{name}' cannot be {shape.cls}: say private or draft"
        work.problem((*where, "class"), told, "text-for-all")
    if shape.per is not None:
        _check_gone_through(work, shape.per, (*where, "per"))
        if shape.type in {"list", "item", "text"}:
            told = f"a {shape.type} has no value an item: a choice, a number or a time has"
            work.problem((*where, "per"), told, "misplaced-key", key=True)
    if (shape.per is not None or shape.type == "item") and shape.cls not in {"private", "signal"}:
        told = f"a pick, or an answer about an item, is private or a signal: '{name}' cannot be {shape.cls}"
        work.problem((*where, "class"), told, "not-releasable")
    if (shape.over is None) == (shape.type == "item"):
        told = "an item is picked over a list, or over an outcome that selects from one: type: item, over: LIST"
        work.problem((*where, "over" if shape.over is not None else "type"), told, "missing-key", key=True)
    elif shape.over is not None:
        check_over(work, shape.over, (*where, "over"))


def _check_gone_through(work: Compiling, name: str, where: Path_) -> None:
    slot = work.slots.get(name)
    if slot is None:
        close = did_you_mean(name, [n for n, s in work.slots.items() if s.type in {SlotType.LIST, SlotType.CHOICES}])
        work.problem(where, f"unknown list '{name}'{close}", "unknown-slot")
    elif slot.type not in {SlotType.LIST, SlotType.CHOICES}:
        work.problem(where, f"'{name}' is neither a list nor a slot of several choices", "wrong-type")


def check_over(work: Compiling, over: str, where: Path_) -> None:
    """Note when items cannot be offered from there: it is no list, or there may be too many."""
    if over not in work.outcomes and over not in work.slots:
        close = did_you_mean(over, [*work.slots, *work.outcomes])
        work.problem(where, f"unknown list '{over}'{close}", "unknown-slot")
        return
    slot = work.slots.get(work.gone_through(over))
    if slot is None or slot.type is not SlotType.LIST:
        work.problem(where, f"'{over}' is no list, and selects from none", "wrong-type")
    elif slot.most * max(len(work.roles), 1) > MOST_PICKS:
        told = f"a question offers {MOST_PICKS} items at most: give the list '{slot.name}' a smaller most"
        work.problem(where, told, "too-many-picks")
