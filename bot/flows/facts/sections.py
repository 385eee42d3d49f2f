"""The parts of a page of facts between its summary and the details: a no, silence, results, what is kept."""

from collections.abc import Iterator

from bot.engine.model import AUTHOR, SlotClass
from bot.flows.facts.flow_facts import FlowFacts, GateFacts, Joins, KeepFacts, LinkFacts, OutcomeFacts, StageFacts
from bot.flows.facts.lengths import deadline, length, moment
from bot.flows.facts.markup import bullets, capital, expression, listed, quoted, table
from bot.flows.facts.step_facts import At
from bot.flows.facts.voice import Voice


class Sections:
    """Writes them for one flow."""

    def __init__(self, facts: FlowFacts, voice: Voice) -> None:
        self.facts = facts
        self.voice = voice

    def parts(self) -> Iterator[str]:
        """Yield every part that there is something to say in, each below its heading."""
        for heading, part in (
            ("Saying no", self._gates()),
            ("Waiting, and what silence leads to", self._stages()),
            ("Results that count private answers", self._outcomes()),
            ("What everybody can notice", self._noticed()),
            ("What is kept", self._kept()),
            ("Other flows", self._links()),
        ):
            told = list(part)
            if told:
                yield f"## {heading}"
                yield "\n\n".join(told)

    # Saying no, and silence

    def _gates(self) -> Iterator[str]:
        for gate in self.facts.gates:
            yield f"**{self.voice.step(gate.at)}** asks {self._asked(gate)}: {quoted(gate.words)}\n\n" + bullets(
                self._refusals(gate)
            )

    def _asked(self, gate: GateFacts) -> str:
        return self.voice.person(gate.of)

    def _refusals(self, gate: GateFacts) -> Iterator[str]:
        if self.voice.solo:
            yield "A no ends it."
            return
        ends = f": {self.voice.led(gate.silence)}" if gate.silence is not None else ""
        until = f" {capital(deadline(gate.deadline))} it is as if nobody had answered{ends}." if gate.deadline else ""
        yield f"A no is told to nobody, and changes nothing that others see.{until}"
        if gate.later:
            yield "It can be left for later; nobody is told."
        if gate.kindly is not None:
            yield f"A kind no, which is a choice of its own, tells at once: {self.voice.led(gate.kindly)}."
        if gate.never:
            yield "A no for good looks the same to others; the same is not asked of this person again."
        if gate.invitation:
            yield "It is an invitation: only so many are sent, and none in quiet hours."

    def _stages(self) -> Iterator[str]:
        rows: dict[tuple[str, str, str], list[At]] = {}
        for stage in self.facts.stages:
            if stage.deadline or not stage.alone:
                rows.setdefault((self._parts(stage), self._until(stage), self._silence(stage)), []).append(stage.at)
        if rows:
            told = [(self.voice.steps(ats, "and"), *cells) for cells, ats in rows.items()]
            yield table(("where", "waits for", "goes on", "when the time is over"), told)
        closing = [at for stage in self.facts.stages for at in stage.closings]
        if closing and not self.voice.solo:
            ends = f"Somebody's part may also end at {self.voice.steps(closing, 'or')}."
            yield f"{ends} That looks like silence; whoever sees it go on knows that it did not come to that."

    def _parts(self, stage: StageFacts) -> str:
        if stage.joins is Joins.TIME:
            return "nobody"
        named = [
            f"{self.voice.person(part.role)}{f' ({self.voice.when(part.when)})' if part.when else ''}"
            for part in stage.parts
        ]
        roles = {part.role for part in stage.parts}
        if roles == set(self.facts.roles) and not any(part.when for part in stage.parts):
            return self.voice.people(sorted(roles))
        return listed(named)

    def _until(self, stage: StageFacts) -> str:
        match stage.joins:
            case Joins.TIME:
                return deadline(stage.deadline)
            case Joins.RESULT:
                return f"as soon as {expression(stage.result)} holds"
            case Joins.SOME:
                return (
                    "when one of them is through" if stage.least == 1 else f"when {stage.least} of them are through"
                )
            case Joins.ALL:
                return "when that is done" if stage.alone else "when all of them are through"

    def _silence(self, stage: StageFacts) -> str:
        if not stage.deadline:
            return "it has no deadline of its own"
        if stage.joins is Joins.TIME:
            return "it goes on"
        when = deadline(stage.deadline)
        return f"{when}: {self.voice.led(stage.silence)}" if stage.silence is not None else when

    # What private answers come to

    def _outcomes(self) -> Iterator[str]:
        for outcome in self.facts.outcomes:
            yield f"**`{outcome.name}`**: {quoted(outcome.told)}\n\n" + bullets(self._outcome(outcome))

    def _outcome(self, outcome: OutcomeFacts) -> Iterator[str]:
        yield f"It is {expression(outcome.made_of)}."
        shown = {slot.name for slot in self.facts.slots if slot.reaches}
        picked = outcome.picks_from if outcome.picks_from not in shown else ""
        unread = listed([f"`{name}`" for name in outcome.weighs if name not in {picked, *shown}])
        read = listed([f"`{name}`" for name in outcome.weighs if name in shown])
        if picked:
            yield f"It picks from `{picked}`. The rest of that nobody but its author reads."
        if unread:
            yield f"It counts {unread}, which nobody but its author reads."
        if read:
            yield f"It counts {read}, which others read after its author's yes."
        if outcome.told_at:
            yield f"That is said in these very words at {self.voice.steps(outcome.told_at)}."
        by_roles: dict[tuple[str, ...], list[At]] = {}
        for at, roles in outcome.used_at:
            by_roles.setdefault(roles, []).append(at)
        for roles, ats in by_roles.items():
            yield f"{capital(self.voice.people(roles))} can notice what it comes to, at {self.voice.steps(ats)}."

    # What is noticed

    def _noticed(self) -> Iterator[str]:
        found = list(self._noticed_lines())
        if found:
            yield bullets(found)

    def _noticed_lines(self) -> Iterator[str]:
        facts = self.facts
        if any(not stage.alone and stage.joins is Joins.ALL for stage in facts.stages):
            through = "" if facts.told_meanwhile else " Until then nobody is told who is."
            yield f"Where it waits for more than one, it goes on when all of them are through.{through}"
        if any(stage.joins is Joins.RESULT for stage in facts.stages):
            yield "Where a result ends a part, everybody sees that it does, and not by whose answers."
        for role in facts.joins:
            yield f"That somebody has become `{role}`."
        if facts.shown_at_once:
            yield "Every message of it comes at once to everybody in it, without an [Open] before it."
        for said in facts.says if not facts.slots else ():
            yield f"At {self.voice.step(said.at)}: {self.voice.said(said)}."
        for said in facts.told_meanwhile:
            meanwhile = "while others may still be at their own parts"
            yield f"At {self.voice.step(said.at)}, {meanwhile}: {self.voice.said(said)}."
        in_room = [q.at for slot in facts.slots for q in slot.questions if q.in_room]
        if in_room:
            yield f"The room sees the question at {self.voice.steps(in_room)}. Who presses what, it does not see."
        yield from self._names()
        done: dict[str, list[At]] = {}
        for doing in facts.doings:
            reads = listed([f"`{name}`" for name in doing.reads])
            given = f" For that the program is given {reads}." if reads else ""
            done.setdefault(f"{doing.told}{given}", []).append(doing.at)
        for told, ats in done.items():
            yield f"At {self.voice.steps(ats)}: {told}"
        if facts.nudges:
            asked = "its reader has asked for it" if self.voice.solo else "all have agreed to it"
            yield f"{self.voice.steps(facts.nudges)} may come by itself, and never in quiet hours: {asked}."

    def _names(self) -> Iterator[str]:
        own = set(self.facts.roles) if self.voice.solo else set[str]()
        named = [(name, to) for name, to in self.facts.named if set(to) - own]
        for name, to in named:
            if name == AUTHOR:
                yield f"What somebody wrote is shown to {self.voice.people(to)} with its author's name."
            else:
                yield f"The name of {self.voice.person(name)} is told to {self.voice.people(to)}."
        if not named and not self.voice.solo:
            yield "Nobody is named."

    # What is kept

    def _kept(self) -> Iterator[str]:
        found = [self._record(keep) for keep in self.facts.keeps]
        drafts = [f"`{slot.name}`" for slot in self.facts.slots if slot.draft]
        released = any(slot.draft and slot.releases for slot in self.facts.slots)
        unless = ", unless a yes to showing it stands when it is over" if released else ""
        if drafts:
            found.append(
                f"**Drafts:** what was written for {listed(drafts, 'or')} stays with its author{unless}. "
                "Only its author reads it, with /drafts. Whoever stops is asked whether to keep it or erase it."
            )
        hidden = [f"`{slot.name}`" for slot in self.facts.slots if slot.cls is SlotClass.EPHEMERAL]
        if hidden:
            found.append(f"**Never:** {listed(hidden, 'or')} is in memory only, while it is asked, and on no disk.")
        if found:
            yield bullets(found)
        elif self.facts.slots:
            yield "No record and no draft is left of it."

    def _record(self, keep: KeepFacts) -> str:
        fields = listed([f"{name} (`{source}`)" for _, name, source in keep.fields])
        ends = f"{moment(keep.until)}, at the latest after {length(keep.lasts)}" if keep.until else ""
        ends = ends or f"after {length(keep.lasts)}"
        readers = "both, and nobody else" if keep.pair else "its author alone"
        shown = f", with /{keep.command}, where it can also be ended at any time" if keep.command else ""
        latest = " It takes the place of an earlier one, of which nothing is left." if keep.latest else ""
        words = " Of what somebody wrote, only what they said yes to showing goes into it." if keep.pair else ""
        recalled = self._recalled(keep)
        brought = f" It is brought back by {recalled}." if recalled else ""
        return (
            f"**{keep.title}** (`{keep.kind}`), at {self.voice.step(keep.at)}: {fields}.{words} "
            f"Read by {readers}{shown}. It ends {ends}.{latest}{brought}"
        )

    def _recalled(self, keep: KeepFacts) -> str:
        found: dict[str, list[str]] = {}
        for flow, slot in keep.recalled_by:
            found.setdefault(flow, []).append(f"`{slot}`")
        return listed([f"{self.voice.flow(flow)} (as its {listed(slots)})" for flow, slots in found.items()])

    # Other flows

    def _links(self) -> Iterator[str]:
        found = [self._link(link) for link in self.facts.links]
        if found:
            yield bullets(found)

    def _link(self, link: LinkFacts) -> str:
        roles = listed([f"{self.voice.person(here)} as its `{theirs}`" for theirs, here in link.roles])
        how = "is gone through inside of this one" if link.call else "begins"
        gives = listed([f"`{here}`{f' (as `{theirs}`)' if here != theirs else ''}" for theirs, here in link.gives])
        keeps = "which keep their authors" if len(link.gives) > 1 else "which keeps its author"
        given = f" It is given {gives}, {keeps}." if gives else " It is given nothing."
        back = listed([f"`{theirs}` as `{here}`" for here, theirs in link.returns])
        comes = f" {back} comes back." if back else ""
        alone = " Nobody else is told." if link.lane and len(link.roles) == 1 else ""
        return f"{self.voice.flow(link.flow)} {how} at {self.voice.step(link.at)}, with {roles}.{given}{comes}{alone}"
