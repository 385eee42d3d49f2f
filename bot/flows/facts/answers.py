"""What a page of facts says of one answer: in short for a table, and in full."""

from collections.abc import Iterator

from bot.engine.model import SlotClass, SlotType
from bot.flows.facts.consent import Consent
from bot.flows.facts.flow_facts import FlowFacts
from bot.flows.facts.markup import capital, expression, listed, quoted
from bot.flows.facts.slot_facts import By, Exposure, From, Hop, Question, Reach, SlotFacts, Source
from bot.flows.facts.step_facts import At
from bot.flows.facts.voice import Voice
from bot.flows.noticing import Notice


class Answers:
    """Speaks of the answers of one flow."""

    def __init__(self, facts: FlowFacts, voice: Voice) -> None:
        self._facts = facts
        self._voice = voice
        self._consent = Consent(facts, voice)

    # In a table

    def readers(self, slot: SlotFacts) -> str:
        """Return who else reads it."""
        return self._voice.readers([reach.pair for reach in slot.reaches])

    def yes(self, slot: SlotFacts) -> str:
        """Return by which yes of its author others read it."""
        found = [self._consent.yes(group) for group in self._consent.groups(slot)]
        return "; ".join(dict.fromkeys([*found, *self._ways(slot)]))

    def shown(self, slot: SlotFacts) -> str:
        """Return when they do."""
        groups = self._consent.groups(slot)
        return "; ".join(dict.fromkeys(self._consent.shown(group) for group in groups)) or "as is told there"

    def counted(self, slot: SlotFacts) -> str:
        """Return what everybody is told beforehand of the results that count it."""
        told = [quoted(one.told) for one in self._facts.outcomes if one.name in slot.outcomes]
        return " ".join(dict.fromkeys(told))

    def noticed(self, slot: SlotFacts) -> str:
        """Return what others can notice of it."""
        return " ".join(map(capital, self._noticed(slot))) or "nothing"

    def origin(self, slot: SlotFacts) -> str:
        """Return where a value comes from."""
        asked = sorted({self._voice.person(question.of) for question in slot.questions})
        found = [f"the answer of {listed(asked, 'or')}"] if asked else []
        return "; ".join([*found, *self._sources(slot)])

    def public(self, slot: SlotFacts, most: int = 0) -> str:
        """Return where a value that everybody may read is told, and what it decides; ``most`` so many steps each."""
        told = [one.at for one in slot.tellings]
        found = [f"told at {self._voice.steps(told, most=most)}"] if told else []
        leads = [one.at for one in slot.decisions]
        found += [f"it decides what comes at {self._voice.steps(leads, most=most)}"] if leads else []
        found += [f"it {self._hop(hop)}" for hop in slot.hops if hop.by in {By.KEPT, By.SET}]
        return "; ".join(found) or "nothing tells it here, and it decides nothing that is seen"

    # In full

    def told(self, slot: SlotFacts) -> Iterator[str]:
        """Yield all that is to be said of an answer."""
        for question in slot.questions:
            yield self._question(question, slot)
        for source in self._sources(slot):
            yield f"It comes from {source}."
        yield from self._read(slot)
        yield from self._steers(slot)
        for hop in slot.hops:
            if not (slot.exposure is Exposure.EVERYBODY and hop.by in {By.KEPT, By.SET}):
                yield f"It {self._hop(hop)}."
        yield from self._left(slot)

    def _question(self, question: Question, slot: SlotFacts) -> str:
        where = " In the room; what each presses is answered to them alone." if question.in_room else ""
        skip = " It can be skipped." if question.may_skip and not slot.releases else ""
        of = "" if self._voice.solo else f" of {self._voice.person(question.of)}"
        return f"Asked{of} at {self._voice.step(question.at)}: {quoted(question.words)}{where}{skip}"

    def _sources(self, slot: SlotFacts) -> list[str]:
        begun = dict.fromkeys(self._voice.flow(source.what) for source in slot.sources if source.by is From.STARTED)
        found = [self._source(source) for source in slot.sources if source.by is not From.STARTED]
        return [*found, *([f"{listed(list(begun), 'or')}, which begins this one with it"] if begun else [])]

    def _source(self, source: Source) -> str:
        match source.by:
            case From.SET:
                told = f"what is set at {self._at(source.at)}: {expression(source.what)}"
            case From.BUILT:
                told = f"its author's other answers, put together at {self._at(source.at)}"
            case From.RETURNED:
                told = f"`{source.what}`, which is called at {self._at(source.at)}"
            case From.RECORD:
                told = f"the record `{source.what}`, if one stands when it begins"
            case From.STARTED:
                told = f"`{source.what}`"
            case From.ARGUMENT:
                told = f"what stands behind /{source.what}"
            case From.PROGRAM:
                told = "the program, when it begins"
        return told

    def _at(self, at: At | None) -> str:
        return self._voice.step(at) if at is not None else ""

    # Who reads it

    def _read(self, slot: SlotFacts) -> Iterator[str]:
        if slot.exposure is Exposure.EVERYBODY:
            yield f"Everybody in it may read it as soon as it is there: {self.public(slot)}."
            return
        if not slot.reaches:
            picked = any(outcome.picks_from == slot.name for outcome in self._facts.outcomes)
            read = "Nobody else ever reads all of it." if picked else "Nobody else ever reads it."
            yield "Nobody else is in it." if self._voice.alone else read
            return
        for group in self._consent.groups(slot):
            yield from self._consent.full(group)
        for way in self._ways(slot):
            yield f"**{capital(self.readers(slot))}** may read it {way}."
        if slot.type is SlotType.LIST:
            yield self._names(slot)
        shown = {at for release in slot.releases for at in release.shown}
        again = [one.at for one in slot.tellings if one.at not in shown]
        if again:
            yield f"Once it was shown, it is told again at {self._voice.steps(again)}."

    def _names(self, slot: SlotFacts) -> str:
        if slot.signed:
            return "Each item is told with its author's name."
        known = "; of two people, each knows which are not their own" if self._voice.everyone == "both" else ""
        return f"Items are told without a name{known}."

    def _ways(self, slot: SlotFacts) -> list[str]:
        """How it gets to be read by way of something else."""
        return list(dict.fromkeys(self._way(reach) for reach in slot.reaches if reach.by))

    def _way(self, reach: Reach) -> str:
        told: list[str] = []
        for hop in reach.by:
            match hop.by:
                case By.BUILT:
                    told.append(f"as a part of `{hop.into}`")
                case By.SET:
                    told.append(f"as `{hop.into}`")
                case By.STARTED | By.CALLED | By.RETURNED:
                    told.append(f"in {self._voice.flow(hop.flow)}, as is told there of `{hop.into}`")
                case By.KEPT:
                    told.append(f"in the record `{hop.into.partition('.')[0]}`")
        return ", ".join(told)

    # What it decides

    def _steers(self, slot: SlotFacts) -> Iterator[str]:
        if slot.exposure is Exposure.EVERYBODY:
            return
        own = [one.at for one in slot.decisions if one.notice is Notice.AUTHOR and one.reads]
        if own:
            only = "" if self._voice.alone else ", which nobody else sees"
            yield f"It decides how its author's own part goes on, at {self._voice.steps(own)}{only}."
        noticed = list(self._noticed(slot))
        yield from (capital(one) for one in noticed)
        for outcome in self._facts.outcomes:
            if outcome.name in slot.outcomes:
                how = "It counts in the result"
                if outcome.picks_from == slot.name:
                    how = "What is picked out of it is the result"
                yield f"{how} `{outcome.name}`, which others can notice: {quoted(outcome.told)}"
        program = [doing.at for doing in self._facts.doings if slot.name in doing.reads]
        if program:
            yield f"The program itself is given it, at {self._voice.steps(program)}."
        if not (noticed or slot.outcomes or slot.reaches or self._voice.alone):
            yield "Others can notice nothing of it."

    def _noticed(self, slot: SlotFacts) -> Iterator[str]:
        for hop in slot.sentences_of:
            built = self._facts.slot(hop.into)
            readers = self._voice.readers([reach.pair for reach in built.reaches])
            seen = f", as {readers} can tell when that is shown" if built.reaches else ""
            yield f"it decides which sentences `{hop.into}` is built of{seen} ({self._voice.step(hop.at)})."
        seen = [one.at for one in slot.decisions if one.notice is Notice.READERS]
        if seen:
            yield f"whether there is one decides at {self._voice.steps(seen)}, where others were shown it already."
        open_to_all = [one.at for one in slot.decisions if one.notice is Notice.EVERYBODY]
        if open_to_all and slot.exposure is not Exposure.EVERYBODY:
            yield f"what it decides at {self._voice.steps(open_to_all)} everybody can notice."
        silence = [one.silence for one in slot.decisions if one.silence is not None]
        if silence and not self._voice.solo:
            where = self._voice.steps(silence, "or")
            seen = "whoever sees it go on knows that it was not that answer"
            yield f"its author's part may end by it, at {where}: that looks like silence, and {seen}."
        for flow in dict.fromkeys(one.begins for one in slot.decisions if one.begins):
            begins = f"{self._voice.flow(flow)} may begin by it, as its author is told when they answer"
            yield f"{begins}; what others notice of that is told there."

    # What is left of it

    def _hop(self, hop: Hop) -> str:
        at = self._voice.step(hop.at)
        match hop.by:
            case By.BUILT:
                told = f"becomes a part of `{hop.into}` at {at}"
            case By.SET:
                told = f"goes into `{hop.into}` at {at}"
            case By.STARTED:
                told = f"is given to {self._voice.flow(hop.flow)} as `{hop.into}` at {at}"
            case By.CALLED:
                told = f"is given to {self._voice.flow(hop.flow)}, inside of this flow, as `{hop.into}` at {at}"
            case By.RETURNED:
                told = f"comes back to {self._voice.flow(hop.flow)} as `{hop.into}`"
            case By.KEPT:
                told = f"goes into the record `{hop.into}` at {at}"
        return told

    def _left(self, slot: SlotFacts) -> Iterator[str]:
        if slot.forgotten_at:
            yield f"It is forgotten at {self._voice.steps(slot.forgotten_at)}."
        if slot.cls is SlotClass.EPHEMERAL:
            yield "It is never written down: it is in memory while it is asked, and then gone."
        elif slot.draft:
            yield f"{'Without a yes to showing it, it' if slot.releases else 'It'} stays with its author as a draft."
        elif slot.beside_drafts:
            yield "Its author alone finds it again: beside their drafts of the conversation, where there are any."
