"""Accounts of people and bots, and their standing in a chat."""

from dataclasses import dataclass, field
from typing import Final

from tests.telegram.server.spec import Json, Spec

ANONYMOUS_ADMIN: Final = 1_087_968_824  # Telegram's own accounts, which stand for a sender that is no person
FROM_CHANNEL: Final = 777_000
TYPES: Final = {
    "creator": "ChatMemberOwner",
    "administrator": "ChatMemberAdministrator",
    "member": "ChatMemberMember",
    "restricted": "ChatMemberRestricted",
    "left": "ChatMemberLeft",
    "kicked": "ChatMemberBanned",
}


@dataclass(eq=False, slots=True)
class Account:
    """A person's or a bot's account, and how it stands to the bot that is tested."""

    id: int
    first_name: str
    username: str | None = None
    last_name: str | None = None
    language_code: str | None = None
    is_bot: bool = False
    deactivated: bool = False
    started: bool = False
    blocked: bool = False
    seen: bool = False

    def user(self) -> Json:
        """Return the User."""
        optional = {"last_name": self.last_name, "username": self.username, "language_code": self.language_code}
        kept = {name: value for name, value in optional.items() if value is not None}
        return {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name, **kept}


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account is in a chat: one of Telegram's six statuses, with rights."""

    status: str = "left"
    rights: frozenset[str] = field(default_factory=frozenset[str])
    title: str | None = None
    anonymous: bool = False
    until: int = 0

    @property
    def inside(self) -> bool:
        """Whether the account is in the chat."""
        return self.status in {"creator", "administrator", "member", "restricted"}

    @property
    def leads(self) -> bool:
        """Whether the account is an administrator."""
        return self.status in {"creator", "administrator"}

    def may(self, right: str) -> bool:
        """Return whether a right is held: the creator has all, an administrator those given."""
        return self.status == "creator" or right in self.rights

    def member(self, spec: Spec, account: Account) -> Json:
        """Return the ChatMember; rights that it must name and that were not given are false."""
        fields: Json = spec.types[TYPES[self.status]]["fields"]
        needed = {n: n in self.rights for n, f in fields.items() if f.get("required") and f["types"] == ["Boolean"]}
        member: Json = {**needed, "status": self.status, "user": account.user()}
        if "is_anonymous" in fields:
            member["is_anonymous"] = self.anonymous
        if self.status == "administrator":
            member["can_manage_chat"] = True
        if self.status == "restricted":
            member["is_member"] = True
        if fields.get("until_date", {}).get("required"):
            member["until_date"] = self.until
        if self.title and "custom_title" in fields:
            member["custom_title"] = self.title
        return member
