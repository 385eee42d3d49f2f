"""Transcripts: conversations of several people as plain text, for the terminal, the tests and saved chats."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.engine.answers import parse_duration
from bot.flows.problems import FlowInvalid, Problem

_NAME = r"[a-z][a-z0-9_]*"
_SAY = re.compile(rf"({_NAME})(?:@({_NAME}))?>(?: (.*))?\Z")
_HEAR = re.compile(rf"({_NAME})(?:@({_NAME}))?<(!?)(?: (.*))?\Z")
_PRESS = re.compile(r"\[(.+)\](?:@([1-9]))?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Where a line stands in its file."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAt(Line):
    """``@start``: the time at which it begins, in epoch milliseconds."""

    at: int


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
    """``!crash``, ``!redeliver``, ``!photo alex``, ``!edit alex: text``."""

    kind: str
    name: str = ""
    text: str = ""


Step = StartAt | Declare | DeclareRoom | Say | Press | Hear | Travel | Mishap

MISHAPS = ("crash", "redeliver", "photo", "edit")


def parse_transcript(text: str, path: str) -> list[Step]:
    """Return the transcript's steps. Raises FlowInvalid with every line that is none."""
    steps: list[Step] = []
    problems: list[Problem] = []
    for number, line in _joined(text.splitlines()):
        try:
            step = parse_line(line, number)
        except ValueError as fault:
            excerpt = line.split("\n")[0]
            problems.append(
                Problem(path=path, line=number, column=1, message=str(fault), code="bad-line", excerpt=excerpt)
            )
            continue
        if step is not None:
            steps.append(step)
    if problems:
        raise FlowInvalid(problems)
    return steps


def _joined(lines: Iterable[str]) -> Iterable[tuple[int, str]]:
    """Lines with the lines that continue them (``| more``)."""
    held: tuple[int, str] | None = None
    for number, line in enumerate(lines, 1):
        if line.startswith("| ") or line == "|":
            if held is not None:
                held = (held[0], f"{held[1]}\n{line[2:]}")
            continue
        if held is not None:
            yield held
        held = (number, line.rstrip())
    if held is not None:
        yield held


def parse_line(line: str, number: int) -> Step | None:
    """Return the step of a line, or None for a comment. Raises ValueError with what to write instead."""
    if not line.strip() or line.startswith("#"):
        return None
    if line.startswith("@"):
        return _declaration(line[1:], number)
    if line.startswith("+"):
        length = parse_duration(line[1:])
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
        return Hear(number=number, name=name, room=room or "", part=(part or "") + tail, absent=bool(absent))
    message = "write 'name> text', 'name< text', '@name', '+20m', '!crash' or '# a comment'"
    raise ValueError(message)


def _say(name: str, room: str, text: str, number: int) -> Step:
    pressed = _PRESS.match(text)
    if pressed:
        return Press(number=number, name=name, room=room, label=pressed.group(1), nth=int(pressed.group(2) or 1))
    return Say(number=number, name=name, room=room, text=text.replace("\\[", "["))


def _declaration(text: str, number: int) -> Step:
    words = text.split()
    match words:
        case ["start", instant]:
            return StartAt(number=number, at=_instant(instant))
        case ["room", name, *members]:
            return DeclareRoom(number=number, name=name.rstrip(":"), members=tuple(members))
        case _:
            pass
    if words and re.fullmatch(_NAME, words[0]):
        settings = dict(word.split("=", 1) for word in words[1:] if "=" in word)
        if len(settings) == len(words) - 1 and set(settings) <= {"tz", "lang"}:
            zone, locale = settings.get("tz", ""), settings.get("lang", "en")
            return Declare(number=number, name=words[0], zone=zone, locale=locale)
    message = "write '@start 2026-03-02T18:00Z', '@room den: alex sam' or '@alex tz=Europe/Madrid lang=es'"
    raise ValueError(message)


def _instant(text: str) -> int:
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        message = f"'{text}' is no time, such as 2026-03-02T18:00Z"
        raise ValueError(message) from None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return int(parsed.timestamp() * 1000)


def _mishap(text: str, number: int) -> Step:
    kind, _, rest = text.partition(" ")
    name, _, words = rest.partition(": ")
    if kind in {"crash", "redeliver"} and not rest:
        return Mishap(number=number, kind=kind)
    if kind == "photo" and re.fullmatch(_NAME, rest):
        return Mishap(number=number, kind=kind, name=rest)
    if kind == "edit" and re.fullmatch(_NAME, name) and words:
        return Mishap(number=number, kind=kind, name=name, text=words)
    message = "write '!crash', '!redeliver', '!photo alex' or '!edit alex: the new text'"
    raise ValueError(message)


# Matching what was received

_CAPTURE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def matches(part: str, text: str, captured: dict[str, str]) -> dict[str, str] | None:
    """Return what the part's new ``{names}`` stand for in the text, or None when it is not in there.

    White space is folded. A name that was captured before stands for what it captured.
    """
    pattern = ""
    end = 0
    plain = " ".join(part.split())
    for hole in _CAPTURE.finditer(plain):
        pattern += re.escape(plain[end : hole.start()])
        name = hole.group(1)
        pattern += re.escape(captured[name]) if name in captured else rf"(?P<{name}>\S+)"
        end = hole.end()
    pattern += re.escape(plain[end:])
    found = re.search(pattern, " ".join(text.split()))
    return None if found is None else found.groupdict()


def fill(text: str, captured: dict[str, str]) -> str:
    """Return the text with captured names filled in."""
    return _CAPTURE.sub(lambda hole: captured.get(hole.group(1), hole.group(0)), text)
