"""Transcripts: conversations of several people as plain text, for the terminal, the tests and saved chats."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.engine.spoken import read_length
from bot.flows.problems import FlowInvalid, Problem, problem_at

_NAME = r"[a-z][a-z0-9_]*"
_SAY = re.compile(rf"({_NAME})(?:@({_NAME}))?>(?: (.*))?\Z")
_HEAR = re.compile(rf"({_NAME})(?:@({_NAME}))?<(!?)(?: (.*))?\Z")
_PRESS = re.compile(r"\[([^\[\]\n]+)\](?:@([1-9][0-9]?))?\Z")
_SPEAKS = re.compile(rf"{_NAME}(?:@{_NAME})?[<>]|!edit ")
_EDITED = re.compile(rf"({_NAME})(?:@({_NAME}))?\Z")
_LINE_END = re.compile(r"\r\n|\r|\n")
_LOCALE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?\Z")
_DECLARES = frozenset({"on", "start", "room"})

PLATFORMS = ("terminal", "web")
"""Where a transcript can be played as on: what is drawn by lot there is drawn from the platform's name, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Where a line stands in its file."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAt(Line):
    """``@start``: the time at which it begins, in epoch milliseconds."""

    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedOn(Line):
    """``@on web``: the platform as on which it is played; a chat that was saved on the page says so."""

    platform: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declare(Line):
    """``@alex tz=Europe/Madrid lang=es``."""

    name: str
    zone: str
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareRoom(Line):
    """``@room den: alex sam``."""

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Line):
    """``alex> text``; ``room`` is empty in the person's own chat."""

    name: str
    room: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Press(Line):
    """``alex> [Label]``; ``nth`` counts prompts from the newest, which is 1."""

    name: str
    room: str
    label: str
    nth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hear(Line):
    """``alex< part``. An empty ``part`` says that nothing more came; ``absent`` that no such thing came."""

    name: str
    room: str
    part: str
    absent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel(Line):
    """``+20m``: milliseconds forward."""

    by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap(Line):
    """``!crash``, ``!redeliver``, ``!photo alex``, ``!edit alex: text``, ``!edit alex@den: text``."""

    kind: str
    name: str = ""
    text: str = ""
    room: str = ""


Step = StartAt | PlayedOn | Declare | DeclareRoom | Say | Press | Hear | Travel | Mishap

MISHAPS = ("crash", "redeliver", "photo", "edit")


def parse_transcript(text: str, path: str) -> list[Step]:
    """Return the transcript's steps. Raises FlowInvalid with every line that is none."""
    steps: list[Step] = []
    problems: list[Problem] = []
    lines = _LINE_END.split(text.removeprefix("\ufeff"))
    for number, line in _joined(lines):
        try:
            step = parse_line(line, number)
        except ValueError as fault:
            problems.append(problem_at(path, lines, number, 1, str(fault), "bad-line"))
            continue
        if step is not None:
            steps.append(step)
    if problems:
        raise FlowInvalid(problems)
    return steps


def _joined(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Lines with those that continue them (``| more``); one that has nothing to continue stands alone."""
    held: tuple[int, str] | None = None
    for number, line in enumerate(lines, 1):
        if held is not None and continues(line) and _SPEAKS.match(held[1]):
            held = (held[0], f"{held[1]}\n{line[2:].rstrip()}")
            continue
        if held is not None:
            yield held
        held = (number, line.rstrip())
    if held is not None:
        yield held


def continues(line: str) -> bool:
    """Return whether the line goes on with what somebody says, or is told, in the line above it."""
    return line.startswith("| ") or line.rstrip() == "|"


def parse_line(line: str, number: int) -> Step | None:
    """Return the step of a line, or None for a comment. Raises ValueError with what to write instead."""
    if not line.strip() or line.startswith("#"):
        return None
    if continues(line):
        message = "a line that begins with '|' continues what somebody says, or is told, in the line above it"
        raise ValueError(message)
    if line.startswith("@"):
        return _declaration(line[1:], number)
    if line.startswith("+"):
        length = read_length(line[1:])
        if length is None:
            message = "write a time to move on by, such as: +20m, +1h, +2d"
            raise ValueError(message)
        return Travel(number=number, by=length)
    if line.startswith("!"):
        return _mishap(line[1:], number)
    head, _, rest = line.partition("\n")
    tail = f"\n{rest}" if rest else ""
    said = _SAY.match(head)
    if said:
        return _say(said.group(1), said.group(2) or "", (said.group(3) or "") + tail, number)
    heard = _HEAR.match(head)
    if heard:
        name, room, absent, part = heard.groups()
        if absent and not part:
            message = "write what does not come, such as 'alex<! a note'; 'alex<' alone says that nothing came"
            raise ValueError(message)
        return Hear(number=number, name=name, room=room or "", part=(part or "") + tail, absent=bool(absent))
    message = "write 'name> text', 'name< text', '@name', '+20m', '!crash' or '# a comment'"
    raise ValueError(message)


def _say(name: str, room: str, text: str, number: int) -> Step:
    pressed = _PRESS.match(text)
    if pressed:
        return Press(number=number, name=name, room=room, label=pressed.group(1), nth=int(pressed.group(2) or 1))
    if text.startswith("["):
        message = "press a choice by '[Label]', an earlier one by '[Label]@2'; write '\\[' for a literal bracket"
        raise ValueError(message)
    return Say(number=number, name=name, room=room, text=text.replace("\\[", "["))


def _declaration(text: str, number: int) -> Step:
    words = text.split()
    match words:
        case ["start", instant]:
            return StartAt(number=number, at=_instant(instant))
        case ["on", platform] if platform in PLATFORMS:
            return PlayedOn(number=number, platform=platform)
        case ["room", name, *members]:
            room = name.removesuffix(":")
            if members and all(re.fullmatch(_NAME, word) for word in (room, *members)):
                return DeclareRoom(number=number, name=room, members=tuple(members))
        case [name, *settings] if re.fullmatch(_NAME, name) and name not in _DECLARES:
            given = {key: value for key, _, value in (word.partition("=") for word in settings)}
            if len(given) == len(settings) and set(given) <= {"tz", "lang"} and all(given.values()):
                return _declared(name, given.get("tz", ""), given.get("lang", "en"), number)
        case _:
            pass
    message = "write '@start 2026-03-02T18:00Z', '@room den: alex sam' or '@alex tz=Europe/Madrid lang=es'"
    raise ValueError(message)


def _declared(name: str, zone: str, locale: str, number: int) -> Declare:
    try:
        ZoneInfo(zone or "UTC")
    except (ValueError, OSError, ZoneInfoNotFoundError):
        message = f"'{zone}' is no time zone, such as Europe/Madrid"
        raise ValueError(message) from None
    if not _LOCALE.match(locale):
        message = f"'{locale}' is no language, such as es or pt-BR"
        raise ValueError(message)
    return Declare(number=number, name=name, zone=zone, locale=locale)


def _instant(text: str) -> int:
    try:
        parsed = datetime.fromisoformat(text)
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=UTC)
        return int(parsed.timestamp() * 1000)
    except (ValueError, OverflowError):
        message = f"'{text}' is no time, such as 2026-03-02T18:00Z"
        raise ValueError(message) from None


def _mishap(text: str, number: int) -> Step:
    kind, _, rest = text.partition(" ")
    name, _, words = rest.partition(": ")
    if kind in {"crash", "redeliver"} and not rest:
        return Mishap(number=number, kind=kind)
    if kind == "photo" and re.fullmatch(_NAME, rest):
        return Mishap(number=number, kind=kind, name=rest)
    edited = _EDITED.match(name)
    if kind == "edit" and edited and words:
        return Mishap(number=number, kind=kind, name=edited.group(1), room=edited.group(2) or "", text=words)
    message = "write '!crash', '!redeliver', '!photo alex' or '!edit alex: the new text'"
    raise ValueError(message)


# Matching what was received

CAPTURE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
"""A name in braces, which stands for a word that is captured, or was."""


def matches(part: str, text: str, captured: dict[str, str]) -> dict[str, str] | None:
    """Return what the part's new ``{names}`` stand for in the text, or None when it is not in there.

    White space is folded. A name that was captured before stands for what it captured.
    """
    pattern = ""
    end = 0
    plain = " ".join(part.split())
    for hole in CAPTURE.finditer(plain):
        pattern += re.escape(plain[end : hole.start()])
        name = hole.group(1)
        if name in captured:
            pattern += re.escape(captured[name])
        else:
            pattern += rf"(?P={name})" if f"(?P<{name}>" in pattern else rf"(?P<{name}>\S+)"
        end = hole.end()
    pattern += re.escape(plain[end:])
    found = re.search(pattern, " ".join(text.split()))
    return None if found is None else found.groupdict()


def fill(text: str, captured: dict[str, str]) -> str:
    """Return the text with captured names filled in."""
    return CAPTURE.sub(lambda hole: captured.get(hole.group(1), hole.group(0)), text)
