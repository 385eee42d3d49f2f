"""Gettext catalogues as text: reading them with the place of every word, and writing them the same way every time.

Tools for translators read and write these files. The reader is strict, where Babel's passes over unclosed quotes,
takes the last of two entries of one name, and knows no columns: what cannot be read as meant is told with its place.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bot.flows.problems import MOST_PROBLEMS, FlowInvalid, Mark, Problem, problem_at
from bot.flows.source_text import decoded, hidden_characters, read_bytes

LARGEST = 4 * 1024 * 1024
"""Bytes; a longer file is refused before it is read."""

_LINE = re.compile(r'(?:(msgctxt|msgid|msgstr)[ \t]+)?"((?:[^"\\]|\\[\\"nt])*)"\Z')
_ESCAPE = re.compile(r'\\([\\"nt])')
_PLAIN = {"\\": "\\", '"': '"', "n": "\n", "t": "\t"}
_ORDER = ("msgctxt", "msgid", "msgstr")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A text of the file, in one or more quoted lines; each piece is (line, column of its first character, raw)."""

    pieces: tuple[tuple[int, int, str], ...] = ()

    @property
    def text(self) -> str:
        """The text itself."""
        return "".join(_plain(raw) for _, _, raw in self.pieces)

    def mark(self, offset: int = 0) -> Mark:
        """Return the place of the text's character of that number."""
        for line, column, raw in self.pieces:
            plain = _plain(raw)
            if offset < len(plain):
                return Mark(line=line, column=column + len(_escaped(plain[:offset])))
            offset -= len(plain)
        line, column, raw = self.pieces[-1] if self.pieces else (1, 1, "")
        return Mark(line=line, column=column + len(raw))


@dataclass(frozen=True, slots=True)
class Entry:
    """A sentence and its translation. ``address`` is empty in the header, whose translation is its fields."""

    address: Quoted
    words: Quoted
    translation: Quoted
    fuzzy: bool = False
    comments: tuple[str, ...] = ()
    """The translators' own, each without its number sign."""

    @property
    def mark(self) -> Mark:
        """Where it begins."""
        return (self.address if self.address.pieces else self.words).mark()


@dataclass(frozen=True, slots=True)
class PoFile:
    """A catalogue as it stands in its file. No two of its entries have the same address."""

    path: str
    lines: tuple[str, ...] = ()
    header: Entry | None = None
    entries: tuple[Entry, ...] = ()
    obsolete: tuple[Entry, ...] = ()
    """What is translated and no longer said anywhere."""

    def field(self, name: str) -> str:
        """Return a field of the header, empty when it is not there."""
        for line in self.header.translation.text.splitlines() if self.header is not None else ():
            key, _, value = line.partition(":")
            if key.strip().casefold() == name.casefold():
                return value.strip()
        return ""

    def problem(self, mark: Mark, message: str, code: str) -> Problem:
        """Return a problem at that place."""
        return problem_at(self.path, self.lines, mark.line, mark.column, message, code)


# Reading


def read_po(path: Path, name: str) -> PoFile:
    """Return the catalogue of a file. Raises FlowInvalid."""
    return parse_po(read_bytes(path, name, LARGEST, "catalogue"), name)


def parse_po(raw: bytes, name: str) -> PoFile:
    """Return the catalogue of these bytes. Raises FlowInvalid with every line that cannot be read as meant."""
    _, lines = decoded(raw, name, LARGEST, "catalogue")
    reader = _Reader(name, lines)
    found = reader.read()
    problems = [*hidden_characters(name, lines), *reader.problems][:MOST_PROBLEMS]
    if problems:
        raise FlowInvalid(problems)
    return found


@dataclass(slots=True)
class _Draft:
    """An entry while its lines are read."""

    parts: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict[str, list[tuple[int, int, str]]])
    comments: list[str] = field(default_factory=list[str])
    fuzzy: bool = False
    obsolete: bool = False
    broken: bool = False

    @property
    def last(self) -> str:
        """The keyword whose lines come at the moment."""
        return next(reversed(self.parts), "")

    def entry(self) -> Entry:
        """Return the entry."""
        address, words, translation = (Quoted(tuple(self.parts.get(keyword, ()))) for keyword in _ORDER)
        return Entry(address, words, translation, self.fuzzy, tuple(self.comments))


class _Reader:
    def __init__(self, name: str, lines: tuple[str, ...]) -> None:
        self.name = name
        self.lines = lines
        self.problems: list[Problem] = []
        self.header: Entry | None = None
        self.entries: dict[str, Entry] = {}
        self.obsolete: list[Entry] = []
        self.draft = _Draft()

    def read(self) -> PoFile:
        for number, line in enumerate(self.lines, 1):
            bare = line.strip()
            obsolete = bare.startswith("#~")
            bare = bare.removeprefix("#~").lstrip()
            if not bare:
                self._finish()
            elif bare.startswith("#"):
                self._comment(bare)
            elif not bare.startswith("|"):
                self._line(number, line.index(bare) + 1, bare, obsolete=obsolete)
        self._finish()
        return PoFile(self.name, self.lines, self.header, tuple(self.entries.values()), tuple(self.obsolete))

    def _note(self, line: int, column: int, message: str, code: str) -> None:
        self.problems.append(problem_at(self.name, self.lines, line, column, message, code))

    def _comment(self, line: str) -> None:
        if "msgstr" in self.draft.parts:
            self._finish()
        if line.startswith("#,"):
            self.draft.fuzzy |= "fuzzy" in [flag.strip() for flag in line[2:].split(",")]
        elif not line.startswith(("#.", "#:", "#|")):
            self.draft.comments.append(line[1:].strip())

    def _line(self, number: int, column: int, line: str, *, obsolete: bool) -> None:
        found = _LINE.match(line)
        if found is None:
            plural = line.startswith(("msgid_plural", "msgstr["))
            told = 'a line is msgctxt, msgid or msgstr, and a text in "quotes" with \\" and \\n inside'
            told = "plural forms are not used here: one msgid and one msgstr" if plural else told
            self._note(number, column, told, "po-plural" if plural else "po-syntax")
            self.draft.broken = True
            return
        if self.draft.broken:
            return
        if found.group(1) and "msgstr" in self.draft.parts:
            self._finish()
        keyword = found.group(1) or self.draft.last
        late = [known for known in self.draft.parts if keyword and _ORDER.index(known) >= _ORDER.index(keyword)]
        if not keyword or (found.group(1) and late):
            told = "an entry is msgctxt, msgid and msgstr, in this order and each once"
            self._note(number, column, told, "po-syntax")
            self.draft.broken = True
            return
        self.draft.obsolete |= obsolete
        self.draft.parts.setdefault(keyword, []).append((number, column + found.start(2), found.group(2)))

    def _finish(self) -> None:
        draft, self.draft = self.draft, _Draft()
        if not draft.parts or draft.broken:
            return
        entry = draft.entry()
        header = "msgctxt" not in draft.parts and not entry.words.text and self.header is None
        wanted = _ORDER[1:] if header else _ORDER
        missing = [keyword for keyword in wanted if keyword not in draft.parts]
        if missing:
            self._note(entry.mark.line, 1, f"this entry has no {' and no '.join(missing)}", "po-syntax")
        elif header:
            self.header = entry
        elif draft.obsolete:
            self.obsolete.append(entry)
        else:
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        address, mark = entry.address.text, entry.mark
        if address in self.entries:
            told = f"'{address}' is already in line {self.entries[address].mark.line}: each address once"
            self._note(mark.line, mark.column, told, "duplicate-address")
        else:
            self.entries[address] = entry


# Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An entry to write. ``notes`` are for the translator, ``reference`` says where it is said."""

    address: str
    words: str
    translation: str = ""
    fuzzy: bool = False
    comments: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reference: str = ""
    previous: str = ""
    """The English that was translated, when it has changed since."""


def write_po(header: Written, entries: Iterable[Written], obsolete: Iterable[Written] = ()) -> str:
    """Return a catalogue's text: the same for the same entries, always."""
    blocks = [_block(header), *map(_block, entries), *(_block(entry, "#~ ") for entry in obsolete)]
    return "\n".join(blocks)


def _block(entry: Written, prefix: str = "") -> str:
    lines = [f"# {comment}".rstrip() for comment in entry.comments]
    lines += [f"#. {note}" for note in entry.notes]
    lines += [f"#: {entry.reference}"] if entry.reference else []
    lines += ["#, fuzzy"] if entry.fuzzy else []
    lines += [f"#| msgid {_quoted(entry.previous, '#| ')}"] if entry.previous else []
    lines += [f'{prefix}msgctxt "{_escaped(entry.address)}"'] if entry.address else []
    lines.append(f"{prefix}msgid {_quoted(entry.words, prefix)}")
    lines.append(f"{prefix}msgstr {_quoted(entry.translation, prefix)}")
    return "".join(f"{line}\n" for line in lines)


def _quoted(text: str, prefix: str = "") -> str:
    """A text in quotes; one of several lines has each on a line of its own, below an empty one."""
    lines = text.splitlines(keepends=True)
    if len(lines) <= 1:
        return f'"{_escaped(text)}"'
    return "\n".join(['""', *(f'{prefix}"{_escaped(line)}"' for line in lines)])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")


def _plain(raw: str) -> str:
    return _ESCAPE.sub(lambda found: _PLAIN[found.group(1)], raw)
