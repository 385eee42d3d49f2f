"""Working copies of a session and its frames: what a turn changes, thawed at its start and frozen at its end."""

from collections.abc import Mapping

from bot.engine.session import AnsweredBy, Frame, Hidden, ItemGrant, Lane, Member, Session, Value


class OpenFrame:
    """A frame during a turn; its lanes are kept by the move."""

    __slots__ = ("back_to", "done", "due", "entry", "flow", "no", "roles", "said", "stage", "trail", "visits")

    def __init__(self, frame: Frame) -> None:
        self.no = frame.no
        self.flow = frame.flow
        self.roles = frame.roles
        self.stage = frame.stage
        self.entry = frame.entry
        self.due = frame.due
        self.said = frame.said
        self.visits = frame.visits
        self.done = frame.done
        self.trail = frame.trail
        self.back_to = frame.back_to

    def frozen(self, lanes: Mapping[str, Lane]) -> Frame:
        """Return the frame as a value."""
        return Frame(
            no=self.no,
            flow=self.flow,
            roles=self.roles,
            stage=self.stage,
            entry=self.entry,
            due=self.due,
            said=self.said,
            lanes=lanes,
            visits=self.visits,
            done=self.done,
            trail=self.trail,
            back_to=self.back_to,
        )


class OpenSession:
    """A session during a turn; its frames and values are kept by the move."""

    __slots__ = (
        "answered",
        "deciding",
        "ended",
        "entries",
        "expires_at",
        "frozen_at",
        "gone",
        "grants",
        "id",
        "members",
        "place",
        "record",
        "returned",
        "starter",
    )

    def __init__(self, session: Session) -> None:
        self.id = session.id
        self.place = session.place
        self.record = session.record
        self.returned: Mapping[str, str] = session.returned
        self.starter = session.starter
        self.members: Mapping[str, Member] = session.members
        self.grants: tuple[ItemGrant, ...] = session.grants
        self.gone: tuple[str, ...] = session.gone
        self.deciding: tuple[str, ...] = session.deciding
        self.answered: tuple[AnsweredBy, ...] = session.answered
        self.entries = session.entries
        self.expires_at = session.expires_at
        self.frozen_at = session.frozen_at
        self.ended = session.ended

    def next_entry(self) -> int:
        """Return an entry number that was never used in this session."""
        self.entries += 1
        return self.entries

    def frozen(
        self, before: Session, frames: tuple[Frame, ...], values: Mapping[str, Value], hidden: Mapping[str, Hidden]
    ) -> Session:
        """Return the session as a value."""
        return Session(
            id=before.id,
            flow=before.flow,
            revision=before.revision,
            unit=before.unit,
            place=before.place,
            starter=before.starter,
            frames=frames,
            values=values,
            members=self.members,
            grants=self.grants,
            gone=self.gone,
            deciding=self.deciding,
            answered=self.answered,
            entries=self.entries,
            expires_at=self.expires_at,
            frozen_at=self.frozen_at,
            ended=self.ended,
            hidden=hidden,
            record=self.record,
            returned=self.returned,
        )
