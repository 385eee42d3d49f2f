"""Events that nobody would cause who means well: of the types that Discord's description knows, and of none."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

from bench.platforms.hostile_words import DATA, LANGUAGES, NAMES, NUMBERS, OTHERS, TEXTS
from tests.discord.server.channels import Channel
from tests.discord.server.interactions import COMMAND, COMPONENT, MODAL, Interaction
from tests.discord.server.messages import BUTTON, STRING_SELECT, Message
from tests.discord.server.spec import REF, Json
from tests.discord.server.world import World

DEEPEST = 4
"""How many objects are inside of one another; deeper ones have what is required only."""

OPTIONAL = 0.15
"""How likely an object has a field that it need not have."""

LIKELY = (2, 2, 1)
"""How likely something is said, or pressed or used, or anything else happens."""

OWN_CHAT = 0.6
"""How likely something happens in somebody's own chat."""

TRUE = 0.3
"""How likely something is so."""

LIFELIKE = 0.7
"""How likely something is what somebody could do who is there."""

RECENT = 40
"""Of so many buttons, the newest, one is pressed."""

WRONG = 0.01
"""How likely a field is missing that is required, or is of another type."""

TELLING = 0.5
"""How likely what somebody writes in their own chat is a secret."""

SECRET = "a-secret-of"  # noqa: S105  # a mark in what is written
"""What a secret begins with; its author's id follows, and a dot."""

EVENTS: Sequence[tuple[str, str]] = (
    ("MESSAGE_UPDATE", "MessageResponse"),
    ("CHANNEL_CREATE", "GuildChannelResponse"),
    ("CHANNEL_UPDATE", "GuildChannelResponse"),
    ("CHANNEL_DELETE", "GuildChannelResponse"),
    ("CHANNEL_UPDATE", "PrivateChannelResponse"),
    ("THREAD_CREATE", "ThreadResponse"),
    ("THREAD_UPDATE", "ThreadResponse"),
    ("THREAD_DELETE", "ThreadResponse"),
    ("GUILD_CREATE", "GuildWithCountsResponse"),
    ("GUILD_UPDATE", "GuildWithCountsResponse"),
    ("GUILD_DELETE", "GuildWithCountsResponse"),
    ("GUILD_MEMBER_UPDATE", "GuildMemberResponse"),
    ("USER_UPDATE", "UserResponse"),
    ("MESSAGE_DELETE", "MinimalContentMessageResponse"),
    ("MESSAGE_REACTION_ADD", "MessageReactionResponse"),
    ("TYPING_START", "MessageResponse"),
    ("MESSAGE_CREATE", "UserResponse"),
    ("INTERACTION_CREATE", "MessageResponse"),
    ("KISS", "UserResponse"),
)
"""Events, and of what they are made: sometimes of something else than Discord would send."""


@dataclass(slots=True)
class Known:
    """What there is: so that some of it means something."""

    people: Sequence[int]
    rooms: Sequence[Channel]
    buttons: list[tuple[Channel, Json, Message]] = field(default_factory=list[tuple[Channel, Json, Message]])
    """What can be pressed or chosen, and where."""
    forms: list[tuple[str, Message]] = field(default_factory=list[tuple[str, Message]])
    """Forms that were opened: what they carry, and under which message."""


class Hostile:
    """Makes events. What is registered in the world can be answered there."""

    def __init__(self, chance: Random, world: World, schemas: Json, known: Known) -> None:
        self._chance = chance
        self._world = world
        self._schemas = schemas
        self._known = known

    def event(self) -> tuple[str, Any]:
        """Return an event's name, and what is told."""
        kind = self._chance.choices(("message", "interaction", "other"), LIKELY)[0]
        if kind == "message":
            return "MESSAGE_CREATE", self._message()
        if kind == "interaction":
            return "INTERACTION_CREATE", self._interaction()
        name, schema = self._chance.choice(EVENTS)
        told = self._object(schema, 0)
        if self._is_so():
            told |= {"guild_id": self._id(), "user_id": self._id()}
        return name, self._chance.choice(OTHERS) if self._chance.random() < WRONG else told

    # What somebody could do

    def _message(self) -> Json:
        told = self._object("MessageResponse", 0)
        told["id"] = str(self._world.ids.next())
        if self._chance.random() > LIFELIKE:
            return told
        channel, person = self._place()
        told.pop("webhook_id", None)
        told |= {"channel_id": str(channel.id), "type": 0, "content": self._words(person, channel)}
        told["author"] = {**self._user(person), "bot": False}
        told["mentions"] = [self._world.me.json()] if self._is_so() else []
        if channel.guild is not None:
            told["guild_id"] = str(channel.guild.id)
        return told

    def _words(self, person: int, channel: Channel) -> str:
        if channel.guild is None and self._chance.random() < TELLING:
            return f"{SECRET}-{person}."
        commands = [f"/{one['name']}" for one in self._world.commands]
        return str(self._chance.choice([*commands, *TEXTS]))

    def _interaction(self) -> Json:
        channel, data, message = self._pressed()
        kind = MODAL if "components" in data else COMPONENT if "component_type" in data else COMMAND
        person = channel.recipients[0].id if channel.guild is None else self._chance.choice(self._known.people)
        number = self._world.ids.next()
        world, by, token = self._world, self._world.accounts[person], f"token{number}"
        act = Interaction(world.clock, number, token, kind, by, channel, world.clock.now(), data, message=message)
        told = {**act.json(world.me), "locale": self._chance.choice((*LANGUAGES, "en-US", "es-ES"))}
        if self._chance.random() < LIFELIKE:
            world.interactions[number] = act
            return told
        if self._is_so():
            told["message"] = self._object("MessageResponse", 1)
        return self._spoilt(told)  # nobody knows it when it is answered

    def _pressed(self) -> tuple[Channel, Json, Message | None]:
        """What is used, pressed or filled in, where, and under which message."""
        chance, known = self._chance, self._known
        if known.forms and chance.random() < LIFELIKE / 4:
            name, message = chance.choice(known.forms)
            return message.channel, {**self._form(), "custom_id": name}, message
        if known.buttons and chance.random() < LIFELIKE:
            return chance.choice(known.buttons)
        channel, _ = self._place()
        message = next((one for one in reversed(channel.messages.values()) if one.author is self._world.me), None)
        kind = COMMAND if message is None else chance.choice((COMMAND, COMPONENT, MODAL))
        return channel, self._data(kind), message if kind != COMMAND else None

    def _data(self, kind: int) -> Json:
        chance = self._chance
        if kind == COMMAND:
            name = chance.choice([*(one["name"] for one in self._world.commands), "kiss", "", "PAUSE"])
            options = [{"name": chance.choice(("code", "for", "x")), "type": 3, "value": chance.choice(TEXTS)}]
            return {"id": self._id(), "name": name, "type": 1, **({"options": options} if self._is_so() else {})}
        if kind == MODAL:
            return {**self._form(), "custom_id": chance.choice(DATA)}
        select = {"component_type": STRING_SELECT, "custom_id": chance.choice(DATA), "values": [chance.choice(DATA)]}
        return chance.choice(({"component_type": BUTTON, "custom_id": chance.choice(DATA)}, select))

    def _form(self) -> Json:
        fields = [
            {"type": 4, "id": number, "custom_id": f"f{number}", "value": self._chance.choice(TEXTS)}
            for number in range(self._chance.randint(0, 5))
        ]
        return {"components": [{"type": 1, "components": [one]} for one in fields]}

    def _place(self) -> tuple[Channel, int]:
        """Somewhere, and somebody who is there."""
        person = self._chance.choice(self._known.people)
        there = self._world.dm(self._world.accounts[person])
        return (there if self._chance.random() < OWN_CHAT else self._chance.choice(self._known.rooms)), person

    def _user(self, person: int) -> Json:
        return {**self._world.accounts[person].json(), "global_name": self._chance.choice(NAMES)}

    # What the description knows

    def _of(self, schema: Json, name: str, depth: int) -> Any:
        while "enum" not in schema and "type" not in schema:
            kind = str(schema.get("$ref", "")).removeprefix(REF)
            if kind == "SnowflakeType":
                return self._id()
            schema = self._schemas[kind] if kind else self._chance.choice(schema.get("oneOf") or schema["anyOf"])
        if "enum" in schema:
            return self._chance.choice(schema["enum"])
        kinds = schema.get("type", "string")
        kind = self._chance.choice(cast("list[str]", kinds)) if isinstance(kinds, list) else str(kinds)
        if kind == "object":
            return self._fields(schema, depth)
        if kind == "array":
            times = self._chance.randint(0, 2) if depth < DEEPEST else 0
            return [self._of(schema["items"], name, depth + 1) for _ in range(times)]
        return self._plain(kind, name)

    def _plain(self, kind: str, name: str) -> object:
        match kind:
            case "null":
                return None
            case "boolean":
                return self._is_so()
            case "integer" | "number":
                return self._chance.choice(NUMBERS)
            case _:
                return self._text(name)

    def _object(self, name: str, depth: int) -> Json:
        return self._fields(self._schemas[name], depth)

    def _fields(self, schema: Json, depth: int) -> Json:
        chance = self._chance
        required = set(cast("list[str]", schema.get("required", [])))
        made: Json = {}
        for name, one in cast("Json", schema.get("properties", {})).items():
            if name in required or (depth < DEEPEST and chance.random() < OPTIONAL):
                made[name] = self._of(one, name, depth + 1)
        return self._spoilt(made)

    def _spoilt(self, made: Json) -> Json:
        """Leave something out now and then, or make it of another type."""
        for name in list(made):
            if self._chance.random() < WRONG:
                if self._is_so():
                    del made[name]
                else:
                    made[name] = self._chance.choice(OTHERS)
        return made

    def _id(self) -> str:
        rooms = self._known.rooms
        some = (*self._known.people, *self._known.people, *(one.id for one in rooms), self._world.me.id, *NUMBERS)
        return str(abs(self._chance.choice(some)))

    def _text(self, name: str) -> str:
        match name:
            case "content" | "value":
                return self._chance.choice(TEXTS)
            case "custom_id":
                return self._chance.choice(DATA)
            case _ if name.endswith(("timestamp", "_at", "_since", "_until", "expiry")):
                return self._chance.choice(NAMES) if self._chance.random() < WRONG else "2026-03-02T18:00:00+00:00"
            case "placeholder":
                return ""  # that of a picture, which the client decodes
            case _ if name.endswith("permissions") or name in {"allow", "deny"}:
                return str(abs(self._chance.choice(NUMBERS)))
            case _:
                return self._chance.choice(NAMES)

    def _is_so(self) -> bool:
        return self._chance.random() < TRUE
