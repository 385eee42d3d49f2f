"""Checks on privacy: what is never kept stays out of what is, and no text shows too much.

What is refused here is refused again at run time, by the engine, and there it would end a conversation.
"""

from functools import cache, partial

from bot.engine.guards import Kind
from bot.engine.model import (
    AUTHOR,
    EACH,
    EVERYONE,
    PARTNER,
    READ_BY_ALL,
    ROOM,
    Ask,
    Assign,
    Compose,
    Each,
    Reveal,
    Say,
    Section,
    Slot,
    SlotClass,
    SlotType,
    Step,
)
from bot.flows.alone import said_outside
from bot.flows.audiences import is_outward, shown_by
from bot.flows.compiling import UsedText
from bot.flows.flow_compiler import Compiled
from bot.flows.grants import before_granted
from bot.flows.problems import did_you_mean
from bot.flows.reading import private_behind
from bot.flows.releases import Yes, releases_of, reveals_of
from bot.flows.ways import (
    before_shown,
    kept_silently,
)


def check_privacy(compiled: Compiled) -> None:
    """Note every place where one person's words could reach another without a grant."""
    _Checker(compiled).run()


class _Checker:
    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.flow = compiled.flow
        self.work = compiled.work
        self.before_shown = cache(partial(before_shown, self.flow))

    def run(self) -> None:
        self._ephemeral()
        for used in self.work.texts.values():
            self._placeholders(used)

    # What is never kept

    def _ephemeral(self) -> None:
        """Ephemeral values live in volatile sections, and never come out of them."""
        for name, step in self.flow.steps.items():
            path = self.compiled.places[name].path
            inside = isinstance(self.flow.steps.get(self.flow.lane_of.get(name, "")), Section)
            match step:
                case Ask() if not inside and self._is_ephemeral(step.save):
                    told = f"'{step.save}' is ephemeral: ask for it in a volatile section"
                    self.work.problem((*path, "save"), told, "ephemeral-kept")
                case Compose() if not inside and self._is_ephemeral(step.slot):
                    told = f"'{step.slot}' is ephemeral: build it in a volatile section"
                    self.work.problem((*path, "compose"), told, "ephemeral-kept")
                case Assign() if not inside:
                    for slot, _ in step.values:
                        if self._is_ephemeral(slot):
                            told = f"'{slot}' is ephemeral: set it in a volatile section"
                            self.work.problem((*path, "set", slot), told, "ephemeral-kept", key=True)
                case Section():
                    for index, slot in enumerate(step.results):
                        if self._is_ephemeral(slot):
                            told = f"'{slot}' is ephemeral: it cannot be a result, which is kept"
                            self.work.problem((*path, "results", index), told, "ephemeral-kept")
                case _:
                    pass

    def _is_ephemeral(self, slot: str) -> bool:
        return slot in self.flow.slots and self.flow.slots[slot].cls is SlotClass.EPHEMERAL

    # What a text shows

    def _placeholders(self, used: UsedText) -> None:
        step = self.flow.steps.get(used.key.split(".")[0])
        if step is None:
            return  # labels have no placeholders; that was told when they were compiled
        words = "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in used.template.parts)
        for name in dict.fromkeys(used.template.names):
            place = words.find(f"{{{name}}}")
            role = self.flow.roles.get(name)
            if name == AUTHOR and isinstance(step, Reveal):
                self._author(used, step, place)
                continue
            if name in self.flow.loops or name in self.flow.outcomes:
                self._items_and_outcomes(used, step, name, place)
                continue
            if (role is not None and not role.many) or (role is None and name in self.work.known_roles):
                continue
            if name not in self.flow.slots:
                close = did_you_mean(name, [*self.flow.slots, *self.work.known_roles])
                many = f": '{name}' may be many people" if role is not None else close
                self.work.problem(used.where, f"unknown placeholder '{name}'{many}", "bad-placeholder", offset=place)
            elif self.flow.slots[name].per not in {None, self.compiled.places[step.id].items}:
                told = f"'{name}' has one value an item: it is told where each of them is gone through"
                self.work.problem(used.where, told, "bad-placeholder", offset=place)
            elif not self._may_read(step, name):
                told = f"'{name}' would be shown to somebody who may not read it"
                self.work.problem(used.where, told, "private-placeholder", offset=place)
            elif self._may_be_withheld(step, name, used):
                told = f"'{name}' may not have been granted when this is shown, or not as it is then"
                self.work.problem(used.where, told, "private-placeholder", offset=place)

    def _author(self, used: UsedText, step: Reveal, offset: int) -> None:
        """What one person wrote has an author; a list is shown with everybody's items together."""
        known = [self.flow.slots[item] for item in step.items if item in self.flow.slots]
        lists = [slot.name for slot in known if slot.type is SlotType.LIST]
        if lists:
            told = (
                f"'{lists[0]}' is shown all together, and has no one author: with signed: true each item has a name"
            )
            self.work.problem(used.where, told, "bad-placeholder", offset=offset)

    def _items_and_outcomes(self, used: UsedText, step: Step, name: str, offset: int) -> None:
        """An item is named where the items are gone through; an outcome, if there are words for it."""
        if name in self.flow.loops:
            around = self.flow.steps.get(self.flow.lane_of.get(step.id, ""))
            named = isinstance(around, Each) and around.name == name
            told = f"'{name}' is the item at hand: only the steps of its loop can name it"
            if named and isinstance(step, Say) and step.to not in {EACH, self.compiled.places[step.id].lane}:
                told = f"'{name}' may be what only its author can read yet: others are told what was revealed"
                self.work.problem(used.where, told, "private-placeholder", offset=offset)
                return
        else:
            named = self.flow.outcomes[name].kind not in {Kind.TRUTH, Kind.NAME}
            told = f"there are no words for what '{name}' comes to: say it in steps of their own"
            private = private_behind(self.flow, [name])
            if named and private and self.work.solo and said_outside(step):
                told = f"'{name}' hangs on '{private[0]}', which is private: others are told what was granted"
                self.work.problem(used.where, told, "private-placeholder", offset=offset)
                return
        if isinstance(step, Compose):
            named, told = False, f"'{name}' is not the author's own answer: a text is built of those"
        if not named:
            self.work.problem(used.where, told, "bad-placeholder", offset=offset)

    def _may_read(self, step: Step, slot_name: str) -> bool:
        slot = self.flow.slots[slot_name]
        if slot.cls in READ_BY_ALL or isinstance(step, Compose) or slot.type is SlotType.LIST:
            return True  # of a list, everybody is shown what they may read by then
        if self.work.solo:
            return self._may_be_read_outside(step, slot_name)
        lane = self.compiled.places[step.id].lane
        if isinstance(step, Reveal):
            return slot_name in step.items
        if isinstance(step, Ask) and step.in_room:
            return False
        if is_outward(step, lane):
            return isinstance(step, Say) and step.to == slot.of and step.to not in {EVERYONE, ROOM, EACH}
        readers = {shown.reader for shown in shown_by(self.compiled, step, slot_name) if shown.slot == slot_name}
        shown_at = reveals_of(self.flow, slot_name)
        return not readers or (
            any(reveal.to in {lane, EVERYONE} for reveal in shown_at) and self._granted_to(slot_name, readers)
        )

    def _may_be_read_outside(self, step: Step, slot_name: str) -> bool:
        """In a flow for one person: whether it is told to that person, or was granted to the partner and shown."""
        if isinstance(step, Reveal):
            return slot_name in step.items or step.to in self.flow.roles
        if not said_outside(step):
            return True
        partner = isinstance(step, Say) and step.to == PARTNER
        return partner and any(reveal.to in {PARTNER, EVERYONE} for reveal in reveals_of(self.flow, slot_name))

    def _may_be_ungranted(self, step: Reveal, slot: Slot) -> bool:
        """Whether a text may stand beside others while its author has not granted it to all who see it."""
        if slot.granted:
            return kept_silently(self.flow, slot.name)
        lanes = {name: place.lane for name, place in self.compiled.places.items()}
        authors = [slot.of] if slot.of in self.flow.roles else list(self.flow.roles)
        readers = {step.to} if step.to in self.work.known_roles else set(self.work.known_roles)
        return any(
            step.id in before_granted(self.flow, lanes, slot.name, author, frozenset(readers - {author}))
            for author in authors
        )

    def _granted_to(self, slot: str, readers: set[str]) -> bool:
        """Whether every grant of a text is to all of these."""
        audiences = {release.to for release in releases_of(self.flow, slot) if release.yes is not Yes.BROUGHT}
        return all(audience == EVERYONE or {audience} >= readers for audience in audiences)

    def _may_be_withheld(self, step: Step, slot_name: str, used: UsedText) -> bool:
        """Whether another's words are shown on a way on which they were not granted and revealed before."""
        slot = self.flow.slots[slot_name]
        if slot.cls in READ_BY_ALL or isinstance(step, Compose) or slot.type is SlotType.LIST:
            return False
        if isinstance(step, Reveal):
            together = [name for name in used.template.names if name in step.items]
            return len(together) > 1 and self._may_be_ungranted(step, slot)
        if self.work.solo:
            return said_outside(step) and step.id in self.before_shown(slot_name)
        lane = self.compiled.places[step.id].lane
        theirs = isinstance(step, Say) and step.to == slot.of
        return not theirs and slot.of not in {EACH, lane} and step.id in self.before_shown(slot_name)
