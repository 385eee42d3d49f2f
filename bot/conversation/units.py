"""The units of ordering: a person, a pair, a room. Each is stored whole, with a version."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.conversation.outbox import Target
from bot.conversation.record_at import RecordAt
from bot.engine.effects import Choice, Send
from bot.engine.session import ENGLISH, Session
from bot.nudges.quiet_hours import USUAL, QuietHours


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A session that has something for a person, and the unit that holds it."""

    unit: str
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message that waits behind an [Open]; it is rendered when it is opened."""

    seat: Seat
    send: Send
    revisions: tuple[str, ...] = ()
    """The revisions whose words it shows, the session's own first."""


DRAFTS_KEPT = 30 * 86_400_000
"""How long kept drafts are there, in milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDraft:
    """Where a person's kept words are: the session that holds them."""

    session: str
    flow: str
    at: int
    revisions: tuple[str, ...] = ()
    """The revisions in whose words they are shown, the session's own first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question outside of any step, such as "With whom?", that is the newest thing somebody was asked."""

    token: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeCode:
    """A code that was told to somebody in their own chat, by its digest."""

    digest: str
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """Something that comes to two, and that one of them does not want to see until then."""

    record: str
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A human with one account. ``chat`` is empty until they have opened a chat with the bot (C2)."""

    id: str
    platform: str
    account: str
    name: str
    chat: str = ""
    locale: str = ""
    """The language and country that the platform tells, empty when it does not."""
    language: str = ""
    """The language that they chose themselves, which goes before the platform's."""
    zone: str = ""
    seal: str = ""
    """The key that binds this person's grants to their words."""
    seen_at: int = 0
    front: Seat | None = None
    """The session whose prompt is in front."""
    queue: tuple[Seat, ...] = ()
    """Sessions that wait behind it, each announced by a neutral line."""
    mail: tuple[Parcel, ...] = ()
    pairs: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    """Units that they had a part in, no members of: a pair that is being formed, a room that they have left."""
    never: tuple[str, ...] = ()
    """People whose pairing codes are not to be brought up again."""
    codes: tuple[int, ...] = ()
    """When pairing codes were made."""
    drafts: tuple[KeptDraft, ...] = ()
    asked: Asked | None = None
    code: OneTimeCode | None = None
    """The code by which an operator may export or erase what is theirs."""
    session_only: bool = False
    """Nothing that they write is kept beyond the conversation in which they write it."""
    nudged: tuple[int, ...] = ()
    """When they were nudged lately, for the caps of N2."""
    quiet_hours: QuietHours = USUAL
    set_aside: tuple[SetAside, ...] = ()
    """What comes to them and another, and is muted or skipped: nobody else knows."""
    unreachable: bool = False
    """Their chat took no message the last time; cleared when anything comes from them."""

    def sets_aside(self, record: str, now: int) -> bool:
        """Return whether they do not want to see something then that comes to them and another."""
        return any(one.record == record and now < one.until for one in self.set_aside)

    @property
    def revisions(self) -> tuple[str, ...]:
        """The revisions that are needed for what they have not opened, and for their kept words."""
        held = [parcel.revisions for parcel in self.mail] + [draft.revisions for draft in self.drafts]
        return tuple(sorted({revision for revisions in held for revision in revisions}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A recorded yes to the ground rules, in one revision of their text and in one language."""

    person: str
    revision: str
    at: int
    language: str = ENGLISH


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An invitation that was sent, for the limits of N4."""

    inviter: str
    flow: str
    session: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two people who both opted in; before the second yes it has one member and is not ``active``."""

    id: str
    members: tuple[str, ...]
    active: bool = False
    quiet: tuple[str, ...] = ()
    """Members whose invitations stay silently open."""
    consents: tuple[Consent, ...] = ()
    invited: tuple[Invited, ...] = ()
    pause: str = ""
    """The session that holds the freeze."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A group chat. ``count`` is how many people the platform last said there are; 0 is unknown."""

    id: str
    platform: str
    place: str
    name: str = ""
    """What it is called there; empty when that is not known."""
    members: tuple[str, ...] = ()
    count: int = 0
    zone: str = ""
    pause: str = ""
    greeted: bool = False
    gone: bool = False
    """The bot is not in it any more."""
    hears: bool | None = None
    """Whether what is plainly said there comes to the bot; None when that is not known."""
    off: bool = False
    """It is not to be paused: whoever manages it has set that."""
    longest: int = 0
    """For how many milliseconds a pause may last, as whoever manages it has set; 0 is as long as anywhere."""


Unit = Person | Pair | Room


JOIN_CODE = "code"
"""What flows call the code by which somebody joins them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """A single-use pairing code, by its digest: the code itself stays in its session."""

    digest: str
    unit: str
    session: str
    expires_at: int
    used_by: str = ""


class PromptKind(StrEnum):
    """What pressing a choice of a sent prompt means."""

    LANE = "lane"
    OPEN = "open"
    PAUSE = "pause"
    START = "start"
    TAKE_BACK = "take_back"
    LANGUAGE = "language"
    END = "end"
    """End a record, or remove one of one's own: asks once more."""
    END_SURE = "end_sure"
    NUDGE = "nudge"
    """React to something that came by itself."""
    COMING = "coming"
    """Move, skip or stop something that is to come."""
    MORE = "more"
    """Show older records of a kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPrompt:
    """What a choice token stands for. ``person`` is empty for a prompt in a room."""

    token: str
    kind: PromptKind
    target: Target
    unit: str = ""
    session: str = ""
    lane: str = ""
    entry: int = 0
    values: tuple[str, ...] = ()
    person: str = ""
    sent_at: int = 0
    record: RecordAt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitState:
    """A unit as loaded: its version, its open sessions, and those of them that cannot be read."""

    unit: Unit
    version: int
    sessions: dict[str, Session] = field(default_factory=dict[str, Session])
    damaged: set[str] = field(default_factory=set[str])
