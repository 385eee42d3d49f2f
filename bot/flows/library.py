"""The library: all flows and phrases of a folder, loaded whole or not at all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.engine.effects import PHRASES, RECORDS
from bot.engine.model import Flow
from bot.engine.session import ENGLISH
from bot.engine.template import Template, TemplateInvalid, parse_template
from bot.flows.alone import check_alone
from bot.flows.catalogue import Catalogue, by_flow, languages_in, match, unknown_language
from bot.flows.checks import ACTIONS, check_flow
from bot.flows.closing import check_closing
from bot.flows.deciding import Deciding
from bot.flows.flow_compiler import Compiled, read_flow
from bot.flows.keeping import check_keeping
from bot.flows.languages import Standing, is_language, may_be_offered
from bot.flows.links import check_links, check_starts_of_records, check_view_commands
from bot.flows.loops import check_loops
from bot.flows.po_file import PoFile, read_po
from bot.flows.privacy import check_privacy
from bot.flows.problems import FlowInvalid, Problem
from bot.flows.record_kinds import NO_RECORDS, RecordKind, Records
from bot.flows.records import RECORDS_FILE, load_records
from bot.flows.revisions import Translations, linked
from bot.flows.sentences import Sentence, sentences_of
from bot.flows.steering import check_steering
from bot.flows.telling import check_telling
from bot.flows.timing import check_timing
from bot.flows.unwritten import check_unwritten
from bot.flows.values import check_values
from bot.flows.words import bare, deeds_among
from bot.flows.yaml_source import Source, read_source

FLOWS, PHRASES_FILE = "flows", "phrases.yaml"


class RevisionLost(LookupError):
    """A revision that is needed is not there, or can no longer be read: start the program that stored it."""


@dataclass(frozen=True, slots=True)
class Library:
    """Flows by name, the standing phrases by address, and the kinds of record, in every language that there is.

    Beside the present flows it holds the earlier revisions that are still needed.
    """

    flows: Mapping[str, Flow]
    phrases: Mapping[str, Template]
    records: Records = NO_RECORDS
    translations: Translations = field(default_factory=dict[str, Mapping[str, Template]])
    """The phrases in other languages, by language and address."""
    standings: Mapping[str, Standing] = field(default_factory=dict[str, Standing])
    """How each of these languages stands."""
    compiled: Mapping[str, Compiled] = field(default_factory=dict[str, Compiled])
    """What the present flows were made from, by name."""
    earlier: Mapping[str, Flow] = field(default_factory=dict[str, Flow])
    """By revision."""
    _deeds: Mapping[str, Mapping[str, str]] = field(init=False, repr=False, compare=False)
    """What typed words do, by language: English ones in each."""

    def __post_init__(self) -> None:
        """Make ready what every typed text is held to."""
        languages: dict[str, Mapping[str, Template]] = {ENGLISH: {}, **self.translations}
        deeds = {
            language: deeds_among([*translated.items(), *self.phrases.items()])
            for language, translated in languages.items()
        }
        object.__setattr__(self, "_deeds", deeds)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that people can choose among, English first."""
        return (ENGLISH, *self.standings)

    def template(self, flow: str, key: str, language: str = ENGLISH) -> Template:
        """Return a text by its address in a language, else in English. Raises KeyError for one that there is not."""
        if flow == RECORDS:
            return self.records.template(key, language)
        if flow != PHRASES:
            return self.flows[flow].template(key, language)
        translated = self.translations.get(language)
        return translated[key] if translated is not None and key in translated else self.phrases[key]

    def deed(self, text: str, language: str = ENGLISH) -> str | None:
        """Return what a typed word does, such as ``stop``, in a language or in English; None for any other text."""
        return self._deeds[language if language in self._deeds else ENGLISH].get(bare(text))

    def pinned(self, flow: str, revision: str) -> Flow:
        """Return the flow in that revision; an empty one is the present. Raises RevisionLost."""
        present = self.flows.get(flow)
        if present is not None and revision in {"", present.revision}:
            return present
        found = self.earlier.get(revision)
        if found is None or found.id != flow:
            message = f"flow '{flow}' is not there in revision '{revision}'"
            raise RevisionLost(message)
        return found

    def with_earlier(self, earlier: Mapping[str, Flow]) -> "Library":
        """Return the same library with these earlier revisions."""
        return replace(self, earlier=earlier)

    def offered(self) -> "Library":
        """Return the library with those languages alone that may be offered to people (rule A4)."""
        standings = {code: standing for code, standing in self.standings.items() if may_be_offered(standing)}
        return replace(self, standings=standings)

    def by_command(self, command: str) -> Flow | None:
        """Return the flow that a command starts."""
        return next((f for f in self.flows.values() if f.trigger and f.trigger.command == command), None)

    def by_take_back(self, command: str) -> Flow | None:
        """Return the flow of which a command takes back what was offered in it."""
        return next((f for f in self.flows.values() if f.take_back == command), None)

    def by_view(self, command: str) -> RecordKind | None:
        """Return the kind of record that a command shows."""
        return next((kind for kind in self.records.kinds.values() if kind.command == command), None)

    def by_signal(self, signal: str) -> Flow | None:
        """Return the flow that a signal starts."""
        return next((f for f in self.flows.values() if f.trigger and f.trigger.signal == signal), None)


def flow_files(folder: Path) -> list[Path]:
    """Return the files of a folder's flows: of a folder of dialogues, or of one that holds nothing but flows."""
    found = sorted((folder / FLOWS).glob("*.yaml")) or sorted(folder.glob("*.yaml"))
    return [path for path in found if path.name not in {RECORDS_FILE, PHRASES_FILE}]


def load_library(folder: Path, beside: Path | None = None) -> Library:
    """Return everything under ``folder``: flows, phrases, kinds of record and languages. Raises FlowInvalid.

    ``beside`` is a folder of more flows, and of kinds of record if it has a file of them.
    """
    problems: list[Problem] = []
    files: dict[str, PoFile] = {}
    for language, path in languages_in(folder).items():
        try:
            files[language] = _catalogue(language, path)
        except FlowInvalid as fault:
            problems += fault.problems
    try:
        english = _english(folder, beside)
    except FlowInvalid as fault:
        raise FlowInvalid([*problems, *fault.problems]) from None
    sentences = english.sentences
    catalogues: dict[str, Catalogue] = {}
    for language, po in files.items():
        catalogues[language], told = match(po, language, sentences)
        problems += told
    if problems:
        raise FlowInvalid(problems)
    translations = by_flow(catalogues.values())
    return Library(
        linked(english.compiled, translations),
        english.phrases,
        replace(english.records, translations=translations[RECORDS]),
        translations[PHRASES],
        {language: catalogue.standing for language, catalogue in catalogues.items()},
        english.compiled,
    )


def load_sentences(folder: Path) -> tuple[Sentence, ...]:
    """Return every sentence of a folder in English, whatever its catalogues are like. Raises FlowInvalid."""
    return _english(folder).sentences


def records_in(*folders: Path) -> Records:
    """Return the kinds of record that folders declare, none without a file of them. Raises FlowInvalid."""
    found = NO_RECORDS
    for path in (folder / RECORDS_FILE for folder in folders):
        if path.is_file():
            more = load_records(path, shown(path))
            found = Records({**found.kinds, **more.kinds}, {**found.texts, **more.texts}, more.source)
    return found


def load_flows(files: Iterable[Path], records: Records = NO_RECORDS) -> dict[str, Flow]:
    """Return the flows of these files in English, linked to those they call. Raises FlowInvalid with all problems."""
    return linked(_compiled(files, records), {})


@dataclass(frozen=True, slots=True)
class _English:
    compiled: Mapping[str, Compiled]
    phrases: Mapping[str, Template]
    records: Records

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return sentences_of(self.compiled.values(), self.phrases, self.records.texts)


def no_flows(folder: Path) -> Problem:
    """Return what is wrong with a folder that holds no flows."""
    told = "there are no flows here: a folder holds flows/*.yaml and phrases.yaml"
    return Problem(path=str(folder), line=1, column=1, message=told, code="no-flows")


def _catalogue(language: str, path: Path) -> PoFile:
    if not is_language(language):
        raise FlowInvalid([unknown_language(path, shown(path))])
    return read_po(path, shown(path))


def _english(folder: Path, beside: Path | None = None) -> _English:
    folders = [folder, *([beside] if beside is not None else [])]
    files = [path for one in folders for path in flow_files(one)]
    if not flow_files(folder):
        raise FlowInvalid([no_flows(folder)])
    problems: list[Problem] = []
    phrases: dict[str, Template] = {}
    compiled: dict[str, Compiled] = {}
    try:
        phrases = _phrases(read_source(folder / PHRASES_FILE, shown(folder / PHRASES_FILE)))
    except FlowInvalid as fault:
        problems += fault.problems
    records = NO_RECORDS
    try:
        records = records_in(*folders)
    except FlowInvalid as fault:
        # Every flow that keeps something would be wrong for want of what is declared there.
        raise FlowInvalid([*problems, *fault.problems]) from None
    try:
        compiled = _compiled(files, records)
        problems += check_starts_of_records(compiled, records)
    except FlowInvalid as fault:
        problems += fault.problems
    if problems:
        raise FlowInvalid(problems)
    return _English(compiled, phrases, records)


def with_source(library: Library, source: Source) -> Library:
    """Return the library with one of its flows as that source has it. Raises FlowInvalid with every problem.

    What it says in other languages stays as it was.
    """
    try:
        one, problems = _checked(source, library.records)
    except FlowInvalid as fault:
        one, problems = None, list(fault.problems)
    if one is None:
        raise FlowInvalid(problems)
    others = {name: replace(other, work=replace(other.work, problems=[])) for name, other in library.compiled.items()}
    compiled = {**others, one.flow.id: one}
    problems += _between(compiled, library.records, whole=True)
    if problems:
        raise FlowInvalid(problems)
    translations = {name: flow.translations for name, flow in library.flows.items()}
    return replace(library, flows=linked(compiled, translations), compiled=compiled)


def _compiled(files: Iterable[Path], records: Records) -> dict[str, Compiled]:
    """The flows of these files, each alone. Raises FlowInvalid with every problem."""
    problems: list[Problem] = []
    compiled: dict[str, Compiled] = {}
    whole = True
    for path in files:
        one, told = _read(path, records)
        problems += told
        whole = whole and one is not None
        if one is None:
            continue
        if one.flow.id in compiled:
            told_twice = f"the flow '{one.flow.id}' is also in {compiled[one.flow.id].source.path}"
            problems.append(one.source.problem(("flow",), told_twice, "duplicate-flow"))
            problems += one.work.problems
            continue
        compiled[one.flow.id] = one
    problems += _between(compiled, records, whole=whole)
    if problems:
        raise FlowInvalid(problems)
    return compiled


def _between(compiled: Mapping[str, Compiled], records: Records, *, whole: bool) -> list[Problem]:
    """Every problem of these flows, those between them too. Unless it is ``whole``, some could not be read."""
    check_links(compiled, whole=whole)
    check_view_commands(compiled, records)
    check_loops(compiled)
    check_timing(compiled)
    return [problem for one in compiled.values() for problem in one.work.problems]


def _read(path: Path, records: Records) -> tuple[Compiled | None, list[Problem]]:
    """The flow as far as it can be made out, its own problems noted in it, and those that come before."""
    try:
        return _checked(read_source(path, shown(path)), records)
    except FlowInvalid as fault:
        return None, list(fault.problems)


def _checked(source: Source, records: Records) -> tuple[Compiled | None, list[Problem]]:
    """As ``_read``. Raises FlowInvalid when no sense can be made of it."""
    one, problems = read_flow(source, ACTIONS, records)
    if one is not None:
        deciding = Deciding(one)
        check_flow(one)
        check_privacy(one)
        check_steering(one, deciding.noticing)
        check_alone(one, deciding)
        check_closing(one, deciding)
        check_values(one, deciding)
        check_telling(one, deciding)
        check_unwritten(one, deciding)
        check_keeping(one)
    return one, problems


def _phrases(source: Source) -> dict[str, Template]:
    found: dict[str, Template] = {}
    problems: list[Problem] = []
    if not isinstance(source.data, dict):
        raise FlowInvalid([source.problem((), "phrases are a mapping of addresses to sentences", "wrong-type")])
    for key, words in source.data.items():
        if not isinstance(words, str):
            problems.append(source.problem((key,), "text is wanted here: put it in quotes", "wrong-type"))
            continue
        try:
            found[key] = parse_template(words)
        except TemplateInvalid as fault:
            problems.append(source.problem((key,), str(fault), "bad-placeholder", offset=fault.offset))
    problems += [fault.problem for fault in source.faults]
    if problems:
        raise FlowInvalid(problems)
    return found


def shown(path: Path) -> str:
    """Return a file's name as problems tell it: from where one stands, if it lies below."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
