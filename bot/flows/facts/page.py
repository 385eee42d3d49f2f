"""A flow's facts as a page in Markdown: who may read what at first, then everything in detail."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from bot.flows.facts.answers import Answers
from bot.flows.facts.flow_facts import FlowFacts
from bot.flows.facts.lengths import length
from bot.flows.facts.markup import bullets, capital, listed, quoted, table
from bot.flows.facts.sections import Sections
from bot.flows.facts.slot_facts import Exposure, SlotFacts
from bot.flows.facts.step_facts import At
from bot.flows.facts.voice import Links, Voice
from bot.flows.graph_words import few_words
from bot.flows.releases import Yes

MOST_WORDS = 70
"""The most characters of a question in a table."""

_QUESTION = re.compile(r"(?:[.?!:}]|^)\s*([^\s.?!:{}\"][^.?!:}]*(?:\}[^.?!:}]*)*\?)")
"""The sentence that asks, of a question with more around it."""


def page_of(facts: FlowFacts, links: Links | None = None) -> str:
    """Return the page; the same facts give the same page."""
    return "\n\n".join(_Page(facts, links).parts()) + "\n"


class _Page:
    def __init__(self, facts: FlowFacts, links: Links | None) -> None:
        self.facts = facts
        self.links = links
        self.voice = Voice(facts, links)
        self.answers = Answers(facts, self.voice)

    def parts(self) -> Iterator[str]:
        yield from self._head()
        yield "## Who may read what"
        yield from self._summary()
        yield from Sections(self.facts, self.voice).parts()
        if self.facts.slots:
            yield "## Each answer in detail"
        for slot in self.facts.slots:
            yield f"### {slot.label} · `{slot.name}`"
            yield bullets(self.answers.told(slot))

    # What it is

    def _head(self) -> Iterator[str]:
        facts = self.facts
        yield f"# {facts.title} · `{facts.flow}`"
        if facts.about:
            yield facts.about
        file = self.links.files.get(facts.flow) if self.links is not None else None
        source = facts.path if file is None else f"[{facts.path.rpartition('/')[2]}]({file})"
        rules = f" [What holds in every flow]({self.links.rules}) is not repeated here." if self.links else ""
        held = "by the same analysis that a flow is held to when it is loaded"
        yield f"Made from {source}, version {facts.version}, {held}.{rules}"
        yield bullets([self._people(), self._begins(), self._lasts()])

    def _people(self) -> str:
        many = [f"`{role}` ({'many people' if many else 'one person'})" for role, many in self.facts.roles.items()]
        partner = ", who can share with their `partner`" if self.facts.partner else ""
        return f"**In it:** {listed(many)}{partner}."

    def _begins(self) -> str:
        facts = self.facts
        ways = [f"by /{facts.command}"] if facts.command else []
        ways += [f"by the word “{facts.signal}”, wherever it is said"] if facts.signal else []
        begun: dict[tuple[str, bool], list[At]] = {}
        for flow, at, called in facts.started_by:
            begun.setdefault((flow, called), []).append(at)
        for (flow, called), ats in begun.items():
            at = listed([self.voice.step(one, flow) for one in ats], "or")
            ways.append(f"{'inside of' if called else 'from'} {self.voice.flow(flow)} (at {at})")
        first = next(iter(facts.roles))
        who = f" Whoever begins it is `{first}`." if len(facts.roles) > 1 and facts.command else ""
        return f"**It begins** {listed(ways, 'or')}.{who}" if ways else "**It begins** by nothing that is here."

    def _lasts(self) -> str:
        facts = self.facts
        reviews = listed([f"`{kind}`" for kind in facts.reviews], "or")
        about = f" It is about a record ({reviews}), and ends when somebody ends that." if reviews else ""
        said = facts.goodbye is not None and (facts.goodbye.says or facts.goodbye.shows)
        goodbye = f" Then {self.voice.led(facts.goodbye)}." if facts.goodbye is not None and said else ""
        return f"**It is over** after {length(facts.lifetime)} at the latest.{goodbye}{about}"

    # Who may read what

    def _summary(self) -> Iterator[str]:
        groups: Sequence[tuple[Exposure, str, tuple[str, ...], Callable[[SlotFacts], Iterable[str]]]] = (
            (
                Exposure.RELEASED,
                f"Its author, and {self.voice.others} once its author has said yes",
                ("who else reads it", "the yes", "when"),
                lambda slot: (self.answers.readers(slot), self.answers.yes(slot), self.answers.shown(slot)),
            ),
            (
                Exposure.COUNTED,
                "Its author alone, but it counts in a result that others see",
                ("what everybody is told beforehand",),
                lambda slot: (self.answers.counted(slot),),
            ),
            (
                Exposure.AUTHOR,
                "Its author alone",
                () if self.voice.alone else ("what others can notice",),
                lambda slot: () if self.voice.alone else (self.answers.noticed(slot),),
            ),
            (
                Exposure.EVERYBODY,
                "Its author, and the partner" if self.voice.solo else "Everybody in it",
                ("where it comes from", "where it is told, and what it decides"),
                lambda slot: (self.answers.origin(slot), self.answers.public(slot, 4)),
            ),
            (
                Exposure.NEVER_KEPT,
                "Its author alone, and it is never written down",
                ("what others can notice",),
                lambda slot: (self.answers.noticed(slot),),
            ),
        )
        if not self.facts.slots:
            yield "Nobody is asked anything, and nothing is remembered."
        for exposure, heading, columns, cells in groups:
            found = [slot for slot in self.facts.slots if slot.exposure is exposure]
            if found:
                yield f"### {heading}"
                yield self._group(found, columns, cells)
                if any(one.yes is Yes.ANSWERED for slot in found for one in slot.releases):
                    yield "Answering is the yes where the question itself says who will read the very words."

    def _group(
        self, found: Sequence[SlotFacts], columns: tuple[str, ...], cells: Callable[[SlotFacts], Iterable[str]]
    ) -> str:
        whose = () if self.voice.solo else ("whose",)
        owners = [() if self.voice.solo else (self.voice.owner(slot.owners),) for slot in found]
        rows = [(_named(slot), *whom, *cells(slot)) for slot, whom in zip(found, owners, strict=True)]
        return table(("what", *whose, *columns), rows)


def _named(slot: SlotFacts) -> str:
    asked = slot.questions[0].words if slot.questions else ""
    *_, last = (asked, *_QUESTION.findall(asked))
    question = f": {quoted(capital(few_words(last, MOST_WORDS)))}" if asked else ""
    return f"**{slot.label}** · `{slot.name}`{question}"
