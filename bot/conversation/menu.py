"""What there is to do, told by the flows and records themselves: a new one is in it without being named here."""

from dataclasses import dataclass

from bot.conversation.scene import Scene
from bot.conversation.units import JOIN_CODE, Person
from bot.engine.effects import PHRASES, RECORDS, Argument, Listing, Text
from bot.engine.model import Flow
from bot.flows.library import Library
from bot.flows.words import PREFIX, acting

ALWAYS = ("open", "checkins", "drafts", "language", "room")
"""Commands of a person's own chat that no flow and no record brings along."""

TAKES_MORE = frozenset({"language", "room"})
"""Those of them that may be told what is meant."""


@dataclass(frozen=True, slots=True)
class Option:
    """What may stand behind a command, and what it is."""

    name: str
    about: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A command of a menu, without its slash, and what it does."""

    command: str
    about: str
    option: Option | None = None
    word: str = ""
    """What people type for it in their language without a slash, if there is such a word."""


def menu_of_a_person(library: Library, language: str) -> tuple[Entry, ...]:
    """Return what a platform's menu offers in somebody's own chat, in a language."""
    flows = [_of_flow(library, flow, language) for flow in _own(library)]
    kinds = [kind for kind in library.records.kinds.values() if kind.command]
    views = [Entry(kind.command or "", _words(library, RECORDS, f"{kind.name}.title", language)) for kind in kinds]
    return (*flows, *views, *(_standing(library, name, language) for name in (*ALWAYS, "privacy", "help")))


def menu_of_a_room(library: Library, language: str) -> tuple[Entry, ...]:
    """Return what a platform's menu offers in a room, in a language: what is for all, and nothing private."""
    signals = [flow for flow in library.flows.values() if flow.signal and flow.trigger is not None]
    flows = [_of_flow(library, flow, language) for flow in signals]
    return (*flows, *(_standing(library, name, language) for name in ("resume", "room", "help")))


def _of_flow(library: Library, flow: Flow, language: str) -> Entry:
    name, about = _command(flow)[1:], _words(library, flow.id, "about" if flow.about else "title", language)
    argument = JOIN_CODE if any(role.joins for role in flow.roles.values()) else None
    if flow.trigger is not None:
        argument = argument or flow.trigger.argument
    option = _option(library, argument, language) if argument is not None else None
    return Entry(name, about, option, _word(library, name, language))


def _standing(library: Library, name: str, language: str) -> Entry:
    option = _option(library, name, language) if name in TAKES_MORE else None
    return Entry(name, _words(library, PHRASES, f"menu.{name}", language), option, _word(library, name, language))


def _option(library: Library, name: str, language: str) -> Option | None:
    if f"option.{name}" not in library.phrases:
        return None
    name, about = (_words(library, PHRASES, f"option.{name}{which}", language) for which in ("", ".about"))
    return Option(name, about)


def _word(library: Library, command: str, language: str) -> str:
    """The first word that acts as a command does."""
    if f"{PREFIX}{command}" not in library.phrases:
        return ""
    return acting(library.template(PHRASES, f"{PREFIX}{command}", language))[0]


def _words(library: Library, flow: str, key: str, language: str) -> str:
    return "".join(part for part in library.template(flow, key, language).parts if isinstance(part, str))


def chips_of_a_person(library: Library) -> tuple[str, ...]:
    """Return the commands to offer in somebody's own chat, each with its slash."""
    return (*map(_command, _own(library)), "/help")


def chips_of_a_room(library: Library) -> tuple[str, ...]:
    """Return the commands to offer in a room, each with its slash."""
    signals = [flow for flow in library.flows.values() if flow.signal and flow.trigger is not None]
    return (*map(_command, signals), "/resume", "/help")


def tell_menu(scene: Scene, person: Person) -> None:
    """Say what a person can do in their own chat."""
    library = scene.library
    lines = tuple(Text(flow=PHRASES, key="help.line", args=_line(flow)) for flow in _own(library))
    taking_back = [flow.take_back for flow in library.flows.values() if flow.take_back is not None]
    views = [kind.command for kind in library.records.kinds.values() if kind.command]
    more = ", ".join(f"/{name}" for name in (*taking_back, *views, *ALWAYS, "privacy"))
    always = Text(flow=PHRASES, key="help.always", args={"commands": more})
    scene.say(person, (Text(flow=PHRASES, key="help", args={"flows": Listing(items=lines, lines=True)}), always))


def _own(library: Library) -> list[Flow]:
    """The flows that somebody can begin in their own chat, the pairing first: many others need a pair."""
    begun = [flow for flow in library.flows.values() if flow.trigger is not None and flow.trigger.command is not None]
    own = [flow for flow in begun if not flow.signal or _is_pause(flow)]
    return sorted(own, key=lambda flow: not any(role.joins for role in flow.roles.values()))


def _line(flow: Flow) -> dict[str, Argument]:
    return {"command": _command(flow), "about": Text(flow=flow.id, key="about" if flow.about else "title")}


def _is_pause(flow: Flow) -> bool:
    return flow.trigger is not None and flow.trigger.signal == "pause"


def _command(flow: Flow) -> str:
    return f"/{flow.trigger.command}" if flow.trigger is not None else ""
