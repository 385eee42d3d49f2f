"""Catalogues held against the flows: which translations are used, what has none yet, and what cannot be used.

A translation belongs to one sentence in its very English: when that changes, the translation rests, English is shown,
and ``text check`` lists it. What stands ready to be used has to hold to the same rules as the English.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.engine.effects import PHRASES
from bot.engine.template import Template, TemplateInvalid, parse_template
from bot.flows.languages import Standing
from bot.flows.po_file import Entry, PoFile
from bot.flows.problems import Mark, Problem, did_you_mean, problem_at
from bot.flows.sentences import Sentence, address_of
from bot.flows.telling import folded
from bot.flows.words import PREFIX, acting

LOCALES, CATALOGUE, TEMPLATE = "locales", "LC_MESSAGES/messages.po", "messages.pot"

UNTRANSLATED = "untranslated"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A language's translations that are used, by address, and how the language stands."""

    translations: Mapping[str, Template]
    standing: Standing


def languages_in(folder: Path) -> dict[str, Path]:
    """Return the languages that have a catalogue in a folder of dialogues, each with its file."""
    return {path.parent.parent.name: path for path in sorted((folder / LOCALES).glob(f"*/{CATALOGUE}"))}


def match(po: PoFile, language: str, sentences: Sequence[Sentence]) -> tuple[Catalogue, list[Problem]]:
    """Return the language with what can be used of its catalogue, and everything that is wrong with it."""
    matching = _Matching(po, {sentence.address: sentence for sentence in sentences})
    matching.run(language)
    standing = Standing(
        language=language,
        sentences=len(sentences),
        untranslated=tuple(sorted(matching.untranslated.values())),
        reviewed_by=po.field("X-Reviewed-By"),
    )
    return Catalogue(matching.used, standing), matching.problems


class _Matching:
    def __init__(self, po: PoFile, sentences: Mapping[str, Sentence]) -> None:
        self.po = po
        self.sentences = sentences
        self.entries = {entry.address.text: entry for entry in po.entries}
        self.used: dict[str, Template] = {}
        self.untranslated: dict[str, Problem] = {}
        self.problems: list[Problem] = []

    def run(self, language: str) -> None:
        self._header(language)
        self._unknown()
        for address, sentence in self.sentences.items():
            entry = self.entries.get(address)
            rests = self._rests(entry, sentence)
            if rests or entry is None:
                self._leave(address, rests)
            else:
                self._use(entry, sentence)
        self._told()
        self._twins()
        self._acting_words()

    def _problem(self, mark: Mark, message: str, code: str) -> None:
        self.problems.append(self.po.problem(mark, message, code))

    def _header(self, language: str) -> None:
        told = self.po.field("Language").replace("_", "-")
        if told != language:
            mark = self.po.header.translation.mark() if self.po.header is not None else Mark(line=1, column=1)
            self._problem(mark, f"the header says 'Language: {told}', and the folder '{language}'", "wrong-language")

    def _unknown(self) -> None:
        for address, entry in self.entries.items():
            if address not in self.sentences:
                close = did_you_mean(address, list(self.sentences))
                told = f"nothing is said at '{address}' ('./run text update' puts it aside){close}"
                self._problem(entry.mark, told, "unknown-address")

    def _rests(self, entry: Entry | None, sentence: Sentence) -> str:
        """Why a sentence is not translated, in so many words; empty when it is."""
        if entry is None:
            return "is not in this catalogue yet: './run text update' adds it"
        if entry.words.text != sentence.template.source:
            return "was translated from other words than its English has now: './run text update' shows both"
        if not entry.translation.text.strip():
            return "has no translation"
        return "is marked 'fuzzy': read it against its English, then remove the mark" if entry.fuzzy else ""

    def _leave(self, address: str, why: str) -> None:
        """Let a sentence be shown in English."""
        self.used.pop(address, None)
        entry = self.entries.get(address)
        mark = entry.translation.mark() if entry is not None else Mark(line=1, column=1)
        self.untranslated[address] = self.po.problem(mark, f"'{address}' {why}", UNTRANSLATED)

    def _use(self, entry: Entry, sentence: Sentence) -> None:
        text = entry.translation.text
        try:
            template = parse_template(text)
        except TemplateInvalid as fault:
            self._problem(entry.translation.mark(fault.offset), str(fault), "bad-placeholder")
            return
        names, wanted = template.names, sentence.template.names
        for name in sorted(set(names) - set(wanted)):
            close = did_you_mean(name, wanted)
            mark = entry.translation.mark(text.find(f"{{{name}}}"))
            self._problem(mark, f"the English has no '{{{name}}}'{close}", "bad-placeholder")
        for name in sorted(set(wanted) - set(names)):
            self._problem(entry.translation.mark(), f"'{{{name}}}' of the English is not here", "bad-placeholder")
        if len(template.literal) > sentence.most:
            told = f"this has {len(template.literal)} characters; it has at most {sentence.most}"
            self._problem(entry.translation.mark(), told, "text-too-long")
        self.used[sentence.address] = template

    # What belongs together

    def _told(self) -> None:
        """What an outcome does is told in the very words of its question, in every language."""
        for address, sentence in self.sentences.items():
            words = self.used.get(address)
            for question in (question for question in sentence.told_by if question in self.used):
                if words is None:
                    self._leave(question, f"tells '{address}', which has no translation that can be used")
                elif folded(words.source) not in folded(self.used[question].source):
                    told = f"say the very words of '{address}' here too: \"{words.source}\""
                    self._problem(self.entries[question].translation.mark(), told, "outcome-untold")

    def _twins(self) -> None:
        """What cannot be told apart in English cannot be in any language: it may hide what somebody chose."""
        twins: dict[tuple[str, str], list[str]] = defaultdict(list)
        for address, sentence in self.sentences.items():
            if sentence.heard:
                twins[address.split(":")[0], sentence.template.source].append(address)
        for first, *others in (addresses for addresses in twins.values() if len(addresses) > 1):
            if any(address not in self.used for address in (first, *others)):
                for address in (first, *others):
                    if address in self.used:
                        self._leave(address, "says the same as another that has no translation that can be used")
                continue
            for address in others:
                if self.used[address] != self.used[first]:
                    told = f"in English this is the same as '{first}', and nobody may tell them apart: say the same"
                    self._problem(self.entries[address].translation.mark(), told, "twins-differ")

    def _acting_words(self) -> None:
        """A word does one thing only, whether it is this language's or English."""
        head = address_of(PHRASES, PREFIX)
        known = {
            word: address
            for address, sentence in self.sentences.items()
            if address.startswith(head)
            for word in acting(sentence.template)
        }
        for address in (address for address in self.used if address.startswith(head)):
            for word in acting(self.used[address]):
                if known.setdefault(word, address) != address:
                    told = f"'{word}' is already a word of '{known[word]}'"
                    self._problem(self.entries[address].translation.mark(), told, "duplicate-word")


def by_flow(catalogues: Iterable[Catalogue]) -> dict[str, dict[str, dict[str, Template]]]:
    """Return the translations that are used by flow (or ``phrases``), language and address in it."""
    found: dict[str, dict[str, dict[str, Template]]] = defaultdict(dict)
    for catalogue in catalogues:
        for address, template in catalogue.translations.items():
            flow, _, key = address.partition(":")
            found[flow].setdefault(catalogue.standing.language, {})[key] = template
    return found


def unknown_language(path: Path, shown: str) -> Problem:
    """Return the problem of a folder that is named like no language."""
    told = f"'{path.parent.parent.name}' is no language, such as es or pt-BR: rename the folder"
    return problem_at(shown, (), 1, 1, told, "wrong-language")
