"""What people do, for tests to tell: write, use commands, press, choose, fill forms in."""

from typing import Any, Final

from tests.discord.server.accounts import Account
from tests.discord.server.channels import Channel
from tests.discord.server.interactions import COMMAND, COMPONENT, MODAL, Interaction
from tests.discord.server.messages import BUTTON, REPLY, STRING_SELECT, Message, components_in
from tests.discord.server.permissions import may
from tests.discord.server.places import Place
from tests.discord.server.spec import Json
from tests.discord.server.world import World, impossible

PICTURE: Final[Json] = {
    "id": "1",
    "filename": "photo.png",
    "size": 9,
    "url": "https://cdn.example/photo.png",
    "proxy_url": "https://cdn.example/photo.png",
    "content_type": "image/png",
}


class Person:
    """Somebody with a Discord account. What Discord's apps would not let them do raises AssertionError."""

    def __init__(self, world: World, account: Account) -> None:
        self.world = world
        self.account = account

    @property
    def id(self) -> int:
        """The account's id."""
        return self.account.id

    @property
    def dm(self) -> Channel:
        """This person's chat with the bot."""
        return self.world.dm(self.account)

    @property
    def messages(self) -> list[Message]:
        """What stands in this person's chat with the bot."""
        return list(self.dm.messages.values())

    @property
    def from_bot(self) -> list[Message]:
        """What the bot wrote to this person and did not delete."""
        return [one for one in self.messages if one.author is self.world.me]

    # --- what they let the bot do ---

    def close_dms(self) -> None:
        """Take no messages from the bot."""
        self.account.dms_closed = True

    def open_dms(self) -> None:
        """Take messages again."""
        self.account.dms_closed = False

    def install(self) -> None:
        """Install the app for themselves."""
        self.account.installed = self.account.came = True

    # --- writing ---

    def write(
        self, text: str, place: Place | None = None, *, mention_bot: bool = False, reply_to: Message | None = None
    ) -> Message:
        """Write in the chat with the bot, or elsewhere: naming the bot, or as a reply that tells its author."""
        channel = self._entered(place)
        content = f"{self.world.me.mention} {text}" if mention_bot else text
        replied = (reply_to.author,) if reply_to is not None else ()
        return self.world.add_message(
            channel,
            self.account,
            content,
            mentions=tuple(dict.fromkeys((*([self.world.me] if mention_bot else []), *replied))),
            reply_to=reply_to,
            type=REPLY if reply_to is not None else 0,
        )

    def send_picture(self, place: Place | None = None) -> Message:
        """Send a picture without words."""
        return self.world.add_message(self._entered(place), self.account, "", attachments=[PICTURE])

    def edit(self, message: Message, text: str) -> None:
        """Change one of the own messages."""
        if message.author is not self.account or message.deleted:
            impossible("only one's own messages can be changed")
        message.change(text, None, self.world.clock.now())
        self.world.tell_message("MESSAGE_UPDATE", message)

    def delete(self, message: Message) -> None:
        """Delete one of the own messages."""
        if message.author is not self.account:
            impossible("only one's own messages can be deleted")
        self.world.take_away(message)

    # --- commands, presses, forms ---

    def offered(self, name: str) -> Json | None:
        """The command that they are shown by that name, be it in their language or in none."""
        for one in self.world.commands:
            localized: Json = one.get("name_localizations") or {}
            if name in {one["name"], localized.get(self.account.locale)}:
                return one
        return None

    def command(self, name: str, options: dict[str, str] | None = None, place: Place | None = None) -> Interaction:
        """Use a command that the bot has here."""
        channel = place.channel if place is not None else self.dm
        known = self.offered(name)
        if known is None:
            impossible(f"there is no command /{name}")
        given = options or {}
        wanted = {one["name"]: one for one in known.get("options", ())}
        missing = [one for one, option in wanted.items() if option.get("required") and one not in given]
        if missing or not given.keys() <= wanted.keys():
            impossible(f"/{name} takes {list(wanted)}")
        data: Json = {"id": known["id"], "name": known["name"], "type": 1}
        if given:
            data["options"] = [
                {"name": one, "type": wanted[one]["type"], "value": text} for one, text in given.items()
            ]
        interaction = self._interaction(COMMAND, channel, data)
        kind = "1" if not interaction.installed_there else "0"
        if interaction.context not in known.get("contexts", [0, 1, 2]) or (
            int(kind) not in known.get("integration_types", [0])
        ):
            impossible(f"/{name} cannot be used there")
        self.account.came = self.account.came or place is None
        return self.world.interact(interaction)

    def command_anywhere(self, name: str, place: Place) -> Interaction:
        """Use a command somewhere, whatever commands the bot has set."""
        return self.world.interact(self._interaction(COMMAND, place.channel, {"id": "1", "name": name, "type": 1}))

    def press(self, message: Message, label: str, *, retired: bool = False) -> Interaction:
        """Press a button; ``retired``: also one that stood there before, as apps that lag behind show it."""
        found = self._component(message, label, retired=retired, kind=BUTTON)
        data: Json = {"component_type": BUTTON, "custom_id": found["custom_id"]}
        return self.world.interact(self._interaction(COMPONENT, message.channel, data, message))

    def choose(self, message: Message, label: str, *, retired: bool = False) -> Interaction:
        """Choose an option of a select."""
        found = self._component(message, label, retired=retired, kind=STRING_SELECT)
        value = next(one["value"] for one in found["options"] if one["label"] == label)
        data: Json = {"component_type": STRING_SELECT, "custom_id": found["custom_id"], "values": [value]}
        return self.world.interact(self._interaction(COMPONENT, message.channel, data, message))

    def submit(self, form: Interaction, fields: dict[str, str]) -> Interaction:
        """Fill a form in that answered an interaction; fields by their labels."""
        if form.modal is None or form.by is not self.account:
            impossible("there is no form")
        components = [_filled(row, fields) for row in form.modal["components"]]
        data: Json = {"custom_id": form.modal["custom_id"], "components": components}
        return self.world.interact(self._interaction(MODAL, form.channel, data, form.message))

    def _component(self, message: Message, label: str, *, retired: bool, kind: int) -> Json:
        if message.deleted and not retired:
            impossible("that message is gone")
        if message.ephemeral and self.world.interactions[message.interaction or 0].by is not self.account:
            impossible("somebody else sees that, and nobody more")
        self._entered_channel(message.channel)
        shown = [*(message.retired if retired else []), message.components]
        found = [
            one for components in reversed(shown) for one in components_in(components) if _offers(one, label, kind)
        ]
        if not found:
            impossible(f"there is no '{label}' under that message")
        return found[0]

    def _interaction(self, kind: int, channel: Channel, data: Json, message: Message | None = None) -> Interaction:
        self._entered_channel(channel)
        there = self.world.bot_is_in(channel) if channel.guild is None else channel.guild.has(self.world.me)
        if not there and not self.account.installed:
            impossible("the bot is not there, and not installed")
        number = self.world.ids.next()
        token = f"aW50ZXJhY3Rpb24{number}"
        now = self.world.clock.now()
        return Interaction(self.world.clock, number, token, kind, self.account, channel, now, data, there, message)

    # --- where they can be ---

    def _entered(self, place: Place | None) -> Channel:
        if place is None:
            self.account.came = True
        channel = place.channel if place is not None else self.dm
        self._entered_channel(channel)
        guild = channel.guild
        if guild is not None:
            if not may(guild.granted(self.account, channel), channel.sending) or channel.locked:
                impossible(f"{self.account.username} may not write there")
            channel.archived = False
        return channel

    def _entered_channel(self, channel: Channel) -> None:
        guild = channel.guild
        inside = (
            may(guild.granted(self.account, channel), "VIEW_CHANNEL")
            if guild is not None
            else self.account in channel.recipients
        )
        if not inside or channel.deleted:
            impossible(f"{self.account.username} is not there")


def _offers(component: Json, label: str, kind: int) -> bool:
    labels = [component.get("label")] if kind == BUTTON else [one["label"] for one in component.get("options", ())]
    return component["type"] == kind and label in labels and not component.get("disabled")


def _filled(row: Json, fields: dict[str, str]) -> Json:
    """A row of a form as it is sent."""
    inner: list[Json] = row.get("components") or [row["component"]]
    (field,) = inner
    label = row.get("label") or field.get("label")
    text = fields.get(str(label), "")
    if (field.get("required", True) and not text) or len(text) > (field.get("max_length") or 4000):
        impossible(f"the form wants something else for '{label}'")
    value: dict[str, Any] = {"type": field["type"], "custom_id": field["custom_id"], "value": text}
    return {"type": row["type"], "component": value} if "component" in row else {"type": 1, "components": [value]}
