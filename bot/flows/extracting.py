"""Writing catalogues: the template with every sentence in English, and each language's file brought up to date.

Nothing in them changes unless a sentence or a translation does: no dates, no line numbers, no tool's version.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.flows.po_file import Entry, PoFile, Written, write_po
from bot.flows.sentences import Sentence

_FIELDS = ("MIME-Version: 1.0", "Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: 8bit")
REVIEWED_BY = "X-Reviewed-By"
"""The field of the header that names the native speaker who has reviewed the language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """A language's file as it is to be, and how many of its entries are new, changed, filled in, or put aside."""

    text: str
    new: int
    changed: int
    aside: int


def template_of(sentences: Iterable[Sentence]) -> str:
    """Return the template: every sentence, untranslated."""
    fields = "".join(f"{line}\n" for line in _FIELDS)
    about = ("Every sentence in English; './run text extract' writes this file from the flows.",)
    header = Written(address="", words="", translation=fields, comments=about)
    return write_po(header, map(_fresh, sentences))


def updated(po: PoFile, language: str, sentences: Sequence[Sentence]) -> Updated:
    """Return a language's file with every sentence that there is now, in order.

    A translation whose English has changed is kept and marked fuzzy; a new sentence that is translated elsewhere in
    the same words gets that translation, marked fuzzy; what is said nowhere any more goes to the end.
    """
    entries = {entry.address.text: entry for entry in po.entries}
    aside = {entry.address.text: entry for entry in po.obsolete}
    words = {entry.words.text: entry for entry in (*po.obsolete, *po.entries) if entry.translation.text.strip()}
    written: list[Written] = []
    new = changed = 0
    for sentence in sentences:
        known = entries.pop(sentence.address, None)
        back = aside.pop(sentence.address, None) if known is None else None
        entry = known or back or words.get(sentence.template.source)
        now = _merged(sentence, entry, own=known is not None or back is not None)
        new += known is None
        changed += known is not None and known.words.text != sentence.template.source
        written.append(now)
    gone = [entry for entry in entries.values() if entry.translation.text.strip()]
    kept = {entry.address.text: entry for entry in (*aside.values(), *gone)}
    header = _header(po.header, language)
    text = write_po(header, written, (_aside(entry) for entry in kept.values()))
    return Updated(text=text, new=new, changed=changed, aside=len(entries))


def _fresh(sentence: Sentence) -> Written:
    return Written(
        address=sentence.address, words=sentence.template.source, notes=sentence.notes, reference=sentence.file
    )


def _merged(sentence: Sentence, entry: Entry | None, *, own: bool) -> Written:
    fresh = _fresh(sentence)
    if not sentence.template.literal.strip(" \n") and entry is None:
        # Placeholders alone are the same in most languages; who needs another order changes it.
        return replace(fresh, translation=fresh.words)
    if entry is None:
        return fresh
    before = entry.words.text
    translated = bool(entry.translation.text.strip())
    return Written(
        address=fresh.address,
        words=fresh.words,
        translation=entry.translation.text,
        fuzzy=translated and (entry.fuzzy or not own or before != fresh.words),
        comments=entry.comments if own else (),
        notes=fresh.notes,
        reference=fresh.reference,
        previous=before if translated and before != fresh.words else "",
    )


def _aside(entry: Entry) -> Written:
    return Written(
        address=entry.address.text,
        words=entry.words.text,
        translation=entry.translation.text,
        fuzzy=entry.fuzzy,
        comments=entry.comments,
    )


def _header(header: Entry | None, language: str) -> Written:
    fields = header.translation.text.splitlines() if header is not None else []
    known = {line.partition(":")[0].strip().casefold() for line in fields}
    wanted = (f"Language: {language}", *_FIELDS, f"{REVIEWED_BY}: ")
    fields += [line for line in wanted if line.partition(":")[0].casefold() not in known]
    comments = header.comments if header is not None else ()
    return Written(address="", words="", translation="".join(f"{line}\n" for line in fields), comments=comments)
