"""The working copy of a session during one turn, with everything that reads, writes and says things in it.

It is mutable and lives for one call of ``advance``; ``finish`` gives the frozen session and its effects.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from bot.engine.effects import (
    IN_ROOM,
    PHRASES,
    Argument,
    Choice,
    Computed,
    Effect,
    FormAt,
    HiddenWords,
    Listing,
    NameRef,
    PromptFence,
    RecordRef,
    Send,
    Text,
    ValueRef,
)
from bot.engine.faults import FlowBroken, PrivacyBreach, TooManySteps
from bot.engine.guards import Data
from bot.engine.local_time import local_time
from bot.engine.model import EACH, EVERYONE, READ_BY_ALL, ROOM, Flow, Section, Slot, SlotClass, Step
from bot.engine.sealing import is_granted
from bot.engine.session import Frame, Hidden, ItemGrant, Lane, Member, Session, Value, Words, key_parts, value_key
from bot.engine.watching import Took, Watch, Way
from bot.engine.working import OpenFrame, OpenSession

STEPS_A_TURN = 100
"""The most steps that one turn may enter."""

HIDDEN_ENTRIES = 1000
"""Entries inside a volatile section are numbered within it, so that the stored counter tells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """By what a message can be answered."""

    choices: tuple[Choice, ...] = ()
    fence: PromptFence | None = None
    typed: bool = False
    """Free text is an answer too."""
    form: FormAt | None = None


NOTHING = Offer()


class Move:
    """One turn's working copy."""

    def __init__(self, root: Flow, session: Session, now: int, actor: str | None, watch: Watch | None = None) -> None:
        self.root = root
        self.watch = watch
        self.now = now
        self.actor = actor
        self.before = session
        self.session = OpenSession(session)
        self.frames = [OpenFrame(frame) for frame in session.frames]
        self.frame = self.frames[-1]
        """The running frame; its lanes are ``self.lanes``."""
        self.flow = self.flow_named(session.top.flow)
        self.values = dict(session.values)
        self.lanes = dict(session.top.lanes)
        self.hidden: dict[str, dict[str, Value]] = {}
        for key, inside in session.hidden.items():
            self.lanes[key] = inside.lane
            self.hidden[key] = dict(inside.values)
        self.effects: list[Effect] = []
        self.jump: str | None = None
        self.weighed: dict[tuple[str, str | None], Data] = {}
        """What outcomes came to in this turn, each with whom it was weighed for; None is everybody."""
        self.steps_left = STEPS_A_TURN

    def push(self, frame: Frame) -> None:
        """Run a called flow."""
        self.frame = OpenFrame(frame)
        self.frames.append(self.frame)
        self.flow = self.flow_named(frame.flow)

    def pop(self) -> OpenFrame:
        """Go back to the caller, and return the frame of the flow that it called."""
        done = self.frames.pop()
        self.session.returned = {**self.session.returned, str(done.no): done.flow}
        self.frame = self.frames[-1]
        self.flow = self.flow_named(self.frame.flow)
        return done

    def flow_named(self, name: str) -> Flow:
        """Return the flow of that name among this session's flows."""
        return self.root.named(name)

    def step(self, name: str) -> Step:
        """Return the step; counts against the turn's budget. Raises FlowBroken and TooManySteps."""
        self.steps_left -= 1
        if self.steps_left < 0:
            message = f"flow '{self.flow.id}' entered more than {STEPS_A_TURN} steps in one turn, at '{name}'"
            raise TooManySteps(message)
        found = self.flow.steps.get(name)
        if found is None:
            message = f"flow '{self.flow.id}' has no step '{name}'"
            raise FlowBroken(message)
        return found

    def took(self, step: str, way: Way, which: int | str = "") -> None:
        """Tell the watcher, if there is one."""
        if self.watch is not None:
            self.watch(Took(self.flow.id, step, way, which))

    def finish(self) -> tuple[Session, tuple[Effect, ...]]:
        """Return the session after the turn, and what it asks for."""
        stored: dict[str, Lane] = {}
        hidden: dict[str, Hidden] = {}
        for key, lane in self.lanes.items():
            if key in self.hidden:
                hidden[key] = Hidden(lane=lane, values=self.hidden[key])
                stored[key] = self._outside(lane)
            else:
                stored[key] = lane
        last = len(self.frames) - 1
        frames = tuple(frame.frozen(stored if n == last else {}) for n, frame in enumerate(self.frames))
        return self.session.frozen(self.before, frames, self.values, hidden), tuple(self.effects)

    def _outside(self, lane: Lane) -> Lane:
        """What disk may know of a lane in an open section: where the section is, and nothing of its inside."""
        section = self.section_of(lane)
        if section is None:
            message = f"lane '{lane.key}' has hidden answers outside a section"
            raise FlowBroken(message)
        before = self.before.top.lanes.get(lane.key)
        if before is not None and before.step == section.id:
            return before
        return replace(lane, step=section.id, entry=lane.entry // HIDDEN_ENTRIES, phase="", trail=(), held=None)

    def section_of(self, lane: Lane) -> Section | None:
        """Return the volatile section that the lane is inside of."""
        found = self.flow.steps.get(self.flow.lane_of.get(lane.step or "", ""))
        return found if isinstance(found, Section) else None

    # People and values

    def members(self, role: str) -> tuple[str, ...]:
        """Return who has the role and has not left."""
        return tuple(p for p in self.frame.roles.get(role, ()) if p not in self.session.gone)

    def everyone(self) -> tuple[str, ...]:
        """Return everyone in the running frame who has not left, each once."""
        return tuple(dict.fromkeys(p for role in self.flow.roles for p in self.members(role)))

    def holders(self, role: str | None = None) -> tuple[str, ...]:
        """Return who has the role, or any role of the running flow, each once; those too who have left."""
        roles = self.flow.roles if role is None else (role,)
        return tuple(dict.fromkeys(person for name in roles for person in self.frame.roles.get(name, ())))

    @property
    def alone(self) -> str | None:
        """The only person who has, or ever had, a part in the running flow, if there is only one.

        Who has left counts: whoever is still there is no more alone than with somebody who is silent.
        """
        return self._only_one(self.flow, self.frame)

    @property
    def all_alone(self) -> str | None:
        """The only person who has, or ever had, a part in the whole session, if there is only one."""
        return self._only_one(self.root, self.frames[0])

    @staticmethod
    def _only_one(flow: Flow, frame: OpenFrame) -> str | None:
        people = {person for role in flow.roles for person in frame.roles.get(role, ())}
        return next(iter(people)) if len(people) == 1 else None

    def member(self, person: str) -> Member:
        """Return what the session knows of somebody in it."""
        return self.session.members[person]

    def local(self, person: str) -> datetime:
        """Return the time where the person is."""
        return local_time(self.now, self.member(person).zone)

    def owner(self, slot: Slot, person: str | None) -> str | None:
        """Return whose value a slot's name means here: a person, '' for everybody's, None when there is none."""
        if slot.of == EACH:
            return person
        if slot.of == EVERYONE:
            return ""
        holders = self.frame.roles.get(slot.of, ())
        return holders[0] if holders else None

    def key(self, slot: Slot, owner: str, item: str = "") -> str:
        """Return the address of that owner's value in the running frame; ``item`` where there is one an item."""
        return value_key(self.frame.no, slot.name, owner, item if slot.per is not None else "")

    def read(self, slot: Slot, owner: str | None, item: str = "") -> Value | None:
        """Return the value, wherever it lives."""
        if owner is None:
            return None
        key = self.key(slot, owner, item)
        for inside in self.hidden.values():
            if key in inside:
                return inside[key]
        return self.values.get(key)

    def write(self, slot: Slot, owner: str, data: Words, *, lane: str | None = None, item: str = "") -> None:
        """Set the value; inside a volatile section it stays in memory."""
        key = self.key(slot, owner, item)
        target = self.hidden.get(lane or "", self.values)
        if target is self.values and slot.cls is SlotClass.EPHEMERAL:
            message = f"'{slot.name}' is ephemeral and was answered outside a volatile section"
            raise PrivacyBreach(message)
        before = target.get(key) or self.values.get(key)
        if before is None or before.data != data:
            target[key] = Value(data=data, rev=before.rev + 1 if before else 1)

    def forget(self, slot: Slot) -> None:
        """Forget the slot's values, for everybody in the running frame."""
        for key in self.keys_of(slot):
            del self.values[key]

    def keys_of(self, slot: Slot) -> list[str]:
        """Return the addresses of all of the slot's values in the running frame."""
        mine = f"{self.frame.no}.{slot.name}."
        return [key for key in self.values if key.startswith(mine)]

    def items(self, slot: Slot) -> list[ValueRef]:
        """Return every item of a list, everybody's, in the order in which they were written.

        What was revealed goes first, by its seal: an order that tells nobody who wrote when.
        """
        seals = {grant.item: grant.seal for grant in self.session.grants if grant.revealed}
        keys = sorted(self.keys_of(slot), key=lambda key: (seals.get(key, "~"), int(key_parts(key)[3])))
        return [
            ValueRef(flow=self.flow.id, slot=slot.name, key=key, owner=key_parts(key)[2], rev=self.values[key].rev)
            for key in keys
        ]

    def add_item(self, slot: Slot, owner: str, words: str) -> str:
        """Add an item to a person's list, and return its address, which no other item ever has."""
        key = value_key(self.frame.no, slot.name, owner, str(self.session.next_entry()))
        self.values[key] = Value(data=words)
        return key

    def drop(self, slot: Slot, ref: ValueRef) -> None:
        """Take an item out of a list, with its grants and with what was said of it; no loop comes to it any more."""
        del self.values[ref.key]
        self.session.grants = tuple(grant for grant in self.session.grants if grant.item != ref.key)
        self.session.answered = tuple(one for one in self.session.answered if one.key != ref.key)
        for other in self.flow.slots.values():
            for key in self.keys_of(other) if other.per == slot.name else ():
                if key_parts(key)[3] == ref.item:
                    del self.values[key]
        for key, lane in self.lanes.items():
            trail = tuple(place for place in lane.trail if place.partition("#")[2] != ref.item)
            ahead = tuple(item for item in lane.items if item != ref.item or item == lane.item)
            self.lanes[key] = replace(lane, trail=trail, items=ahead)

    def grant_for(self, ref: ValueRef) -> ItemGrant | None:
        """Return the standing grant of exactly that value."""
        for grant in self.session.grants:
            same = grant.item == ref.key and grant.author == ref.owner and not grant.revoked
            if same and is_granted(grant, self.member(ref.owner).seal, self.session.id, self.values[ref.key]):
                return grant
        return None

    def revealed(self, ref: ValueRef) -> bool:
        """Return whether the value was granted and shown."""
        grant = self.grant_for(ref)
        return grant is not None and grant.revealed

    def ref(self, slot: Slot, owner: str, item: str = "") -> ValueRef | None:
        """Return a reference to the value as it is now."""
        key = self.key(slot, owner, item)
        value = self.values.get(key)
        if value is None:
            return None
        return ValueRef(flow=self.flow.id, slot=slot.name, key=key, owner=owner, rev=value.rev)

    # Saying things

    def send(
        self,
        to: str,
        paragraphs: Sequence[Text],
        *,
        offer: Offer = NOTHING,
        invitation: bool = False,
        neutral: bool = False,
        nudge: bool = False,
    ) -> None:
        """Send a message to a person, or to the room. Raises PrivacyBreach when the recipient may not read it."""
        for text in paragraphs:
            self._check_readable(text, to)
        self.effects.append(
            Send(
                to=to,
                paragraphs=tuple(paragraphs),
                choices=offer.choices,
                fence=offer.fence,
                reply=to == self.actor and self.actor is not None,
                invitation=invitation,
                signal=self.root.signal,
                neutral=neutral,
                volatile=bool(self.hidden) and any(self.lanes[key].person == to for key in self.hidden),
                typed=offer.typed,
                nudge=nudge and self._asked_for(to),
                form=offer.form,
            )
        )

    def _asked_for(self, person: str) -> bool:
        """Whether the person asked for what comes in the session.

        It is theirs alone and always was; or it is about a record, to which everybody in it has said yes.
        """
        return self.all_alone == person or bool(self.session.record)

    def audience(self, name: str) -> tuple[str, ...]:
        """Return the recipients that an audience's name stands for."""
        if name == ROOM and self.session.place is not None:
            return (IN_ROOM,)
        return self.everyone() if name in {ROOM, EVERYONE} else self.members(name)

    def reply(self, person: str, key: str, **args: Argument) -> None:
        """Answer a person in their own chat with a standing phrase."""
        self.send(person, [phrase(key, **args)])

    def _check_readable(self, text: Text, to: str) -> None:
        for ref in references(text):
            readable = to == self.actor if isinstance(ref, HiddenWords) else self.readable(ref, to)
            if not readable:
                message = f"text '{text.key}' of flow '{text.flow}' would show '{ref.slot}' to another person"
                raise PrivacyBreach(message)

    def readable(self, ref: ValueRef, to: str) -> bool:
        """Return whether somebody may read the value: it is their own, a signal, or was granted and revealed."""
        if ref.owner == to:
            return True
        if self.flow_named(ref.flow).slots[ref.slot].cls in READ_BY_ALL:
            return True
        grant = self.grant_for(ref)
        return to != IN_ROOM and grant is not None and grant.revealed and to in grant.audience


def references(text: Text) -> Iterable[ValueRef | HiddenWords]:
    """Return every value that a text would show."""
    for argument in text.args.values():
        yield from _referred(argument)


def _referred(argument: Argument) -> Iterable[ValueRef | HiddenWords]:
    match argument:
        case ValueRef() | HiddenWords():
            yield argument
        case Text():
            yield from references(argument)
        case Listing():
            for one in argument.items:
                yield from _referred(one)
        case NameRef() | RecordRef() | Computed() | str():
            pass
        case _:
            assert_never(argument)


def phrase(key: str, **args: Argument) -> Text:
    """Return one of the product's standing sentences."""
    return Text(flow=PHRASES, key=key, args=args)
