"""One turn's surroundings: what the turn may use, and what is still to be done in it."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.conversation.envelope import Envelope, PlaceKind
from bot.conversation.ids import Ids
from bot.conversation.ledger import Ledger
from bot.conversation.operator import UNNAMED, Operator
from bot.conversation.outbox import MessageClass, OutboxRow, RowKind, Target, TargetKind
from bot.conversation.record_at import RecordAt
from bot.conversation.units import Asked, Person, PromptKind, Room, Seat, SentPrompt
from bot.conversation.wording import language_of
from bot.engine.effects import PHRASES, Argument, Choice, Text
from bot.engine.events import Event
from bot.engine.model import Flow
from bot.engine.session import Hidden, Member, Session
from bot.engine.watching import Watch
from bot.flows.library import Library, RevisionLost

UNASKED = frozenset({PromptKind.OPEN, PromptKind.NUDGE})
"""The kinds of prompt that come by themselves: what is typed is meant for what is in front, if anything is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptAbout:
    """What the choices of a prompt outside of any step mean."""

    kind: PromptKind
    unit: str = ""
    session: str = ""
    flow: str = ""
    record: RecordAt | None = None


@dataclass(slots=True)
class Scene:
    """The library, the working set, the time, and an agenda of events for sessions."""

    library: Library
    ledger: Ledger
    ids: Ids
    direct_ids: Ids
    """A stream of its own for what is never written: what is written must not tell how much of that there was."""
    now: int
    memory: Mapping[str, Mapping[str, Hidden]]
    """The insides of open volatile sections, by session."""
    actor: str = ""
    """The person whose event this is; empty for a deadline."""
    envelope: Envelope | None = None
    agenda: deque[tuple[Session, Event]] = field(default_factory=deque[tuple[Session, Event]])
    asked: dict[str, Asked | None] = field(default_factory=dict[str, Asked | None])
    """What people were asked last in this turn outside of any step; None when it was something else."""
    kept: dict[str, RecordAt] = field(default_factory=dict[str, RecordAt])
    """The record that a session kept last in this turn, by session."""
    direct: list[OutboxRow] = field(default_factory=list[OutboxRow])
    """Messages of volatile sections: sent after the commit, never written down."""
    volatile_tokens: frozenset[str] = frozenset()
    """Tokens of prompts that were sent directly, in earlier turns."""
    direct_prompts: list[SentPrompt] = field(default_factory=list[SentPrompt])
    operator: Operator = UNNAMED
    has_forms: frozenset[str] = frozenset()
    """The platforms that have forms."""
    watch: Watch | None = None
    """Who is told which ways the sessions take: once or more, since a turn may be taken anew."""

    def flow(self, session: Session) -> Flow:
        """Return the session's flow, in the revision that it is pinned to. Raises RevisionLost."""
        return self.library.pinned(session.flow, session.revision)

    def can_go_on(self, session: Session) -> bool:
        """Return whether the session's revision can be read."""
        try:
            self.flow(session)
        except RevisionLost:
            return False
        return True

    def whole(self, session: Session) -> Session:
        """Return the session with the insides of its open volatile sections."""
        if session.hidden or self.ledger.moved(session.id) or session.id not in self.memory:
            return session  # what this turn moved has its insides, or has left its section
        return replace(session, hidden=dict(self.memory[session.id]))

    def member(self, person: str) -> Member:
        """Return what a session knows of somebody."""
        found = self.ledger.person(person)
        language = language_of(self.library, found)
        return Member(seal=found.seal, language=language, zone=found.zone, session_only=found.session_only)

    def deed(self, person: Person, text: str) -> str | None:
        """Return what a typed word does, such as ``stop``, in the person's language or in English; else None."""
        return self.library.deed(text, language_of(self.library, person))

    def later(self, session: Session, event: Event) -> None:
        """Put an event for a session on this turn's agenda."""
        self.agenda.append((session, event))

    # Saying things outside of any session

    def in_room(self) -> str | None:
        """Return the room's place when the event came from a room."""
        place = self.envelope.place if self.envelope is not None else None
        return place.id if place is not None and place.kind is PlaceKind.ROOM else None

    @property
    def handle(self) -> str:
        """By what the platform lets this event be answered; empty when there is nothing like it."""
        return self.envelope.handle if self.envelope is not None else ""

    def target_in(self, room: Room) -> Target:
        """Return where a message reaches a room; it answers what was just done there."""
        handle = self.handle if self.in_room() == room.place else ""
        return Target(platform=room.platform, kind=TargetKind.ROOM, chat=room.place, handle=handle)

    def target_for(self, person: Person, room_place: str | None = None) -> Target | None:
        """Return where a message reaches the person: aside where they just acted, else their chat, else the room."""
        handle = self.handle if person.id == self.actor else ""
        here = self.in_room() if person.id == self.actor else None
        if here is not None:
            return Target(
                platform=person.platform,
                kind=TargetKind.ASIDE,
                chat=here,
                account=person.account,
                handle=handle,
            )
        if person.chat:
            return Target(platform=person.platform, kind=TargetKind.DM, chat=person.chat, handle=handle)
        if room_place is not None:
            return Target(platform=person.platform, kind=TargetKind.ASIDE, chat=room_place, account=person.account)
        return None

    def post(self, room: Room, *keys: str) -> None:
        """Post standing phrases in a room, as one message."""
        self.tell_room(room, tuple(Text(flow=PHRASES, key=key) for key in keys))

    def tell_room(self, room: Room, paragraphs: tuple[Text, ...]) -> None:
        """Tell something to a room."""
        self.ledger.outbox.append(
            OutboxRow(
                id=self.ids.id(),
                kind=RowKind.MESSAGE,
                cls=MessageClass.SIGNAL,
                target=self.target_in(room),
                unit=room.id,
                session="",
                recipient="",
                paragraphs=paragraphs,
                queued_at=self.now,
            )
        )

    def reply(self, person: Person, key: str, **args: Argument) -> None:
        """Answer a person with a standing phrase."""
        self.say(person, (Text(flow=PHRASES, key=key, args=args),))

    def say(
        self,
        person: Person,
        paragraphs: tuple[Text, ...],
        *,
        choices: tuple[Choice, ...] = (),
        prompt: PromptAbout | None = None,
        shows: Seat | None = None,
        revisions: tuple[str, ...] = (),
        cls: MessageClass = MessageClass.REPLY,
        not_before: int = 0,
    ) -> None:
        """Send a person something that is no step of a flow.

        ``prompt`` says what its choices mean; ``shows`` is the session whose values it shows, in the words of
        ``revisions``.
        """
        target = self.target_for(person)
        if target is None:
            return
        token = self.ids.id() if prompt is not None else ""
        if prompt is not None:
            self.ledger.put_prompt(
                SentPrompt(
                    token=token,
                    kind=prompt.kind,
                    target=target,
                    unit=prompt.unit,
                    session=prompt.session,
                    lane=prompt.flow,
                    values=tuple(choice.value for choice in choices),
                    person=person.id,
                    sent_at=self.now,
                    record=prompt.record,
                )
            )
            if prompt.kind not in UNASKED or (prompt.kind is PromptKind.NUDGE and person.front is None):
                self.asked[person.id] = Asked(token=token, choices=choices)
        self.ledger.outbox.append(
            OutboxRow(
                id=self.ids.id(),
                kind=RowKind.MESSAGE,
                cls=cls,
                target=target,
                unit=shows.unit if shows is not None else person.id,
                session=shows.session if shows is not None else "",
                recipient=person.id,
                paragraphs=paragraphs,
                choices=choices,
                token=token,
                not_before=not_before,
                queued_at=self.now,
                record=prompt.record if prompt is not None and prompt.kind is PromptKind.NUDGE else None,
                revisions=revisions,
            )
        )


def phrase_choice(value: str, key: str) -> Choice:
    """Return a choice labelled by a standing phrase."""
    return Choice(value=value, label=Text(flow=PHRASES, key=key))
