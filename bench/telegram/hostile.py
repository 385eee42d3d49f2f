"""Updates that nobody would send who means well: of every type that the Bot API describes, and of none."""

from collections.abc import Sequence
from random import Random
from typing import Any

from bench.platforms.hostile_words import DATA, LANGUAGES, NAMES, NUMBERS, OTHERS, TEXTS
from tests.telegram.server.spec import ARRAY, Json, Spec

DEEPEST = 4
"""How many objects are inside of one another; deeper ones have what is required only."""

OPTIONAL = 0.25
"""How likely an object has a field that it need not have."""

ASKED_FOR = 0.8
"""How likely an update is of a kind that the bot asks for."""

OWN_CHAT, ROOM = 0.45, 0.4
"""How likely a chat is one that there is: somebody's own, or a room."""

TRUE = 0.2
"""How likely something is so."""

LIFELIKE = 0.6
"""How likely a message is one that somebody could send."""

RECENT = 40
"""Of so many buttons, the newest, one is pressed."""

WRONG = 0.01
"""How likely a field is missing that is required, or is of another type."""


class Hostile:
    """Makes updates, from what the description says of them; known ids among others, so that they mean something."""

    def __init__(self, chance: Random, spec: Spec, *, people: Sequence[int], rooms: Sequence[int]) -> None:
        self._chance = chance
        self._spec = spec
        self._people = people
        self._rooms = rooms
        self._kinds = [name for name in spec.types["Update"]["fields"] if name != "update_id"]
        self.buttons: list[tuple[int, str]] = []
        """Real buttons: the chat in which each stands, and what it carries."""
        self.commands: Sequence[str] = ()

    def update(self, number: int) -> Json:
        """Return an update of that number."""
        chance = self._chance
        likely = chance.choice(("message", "edited_message", "callback_query", "my_chat_member"))
        kind = likely if chance.random() < ASKED_FOR else chance.choice(self._kinds)
        return {"update_id": number, kind: self._any_of(self._types("Update", kind), kind, 0)}

    def _types(self, of: str, field: str) -> list[str]:
        return self._spec.types[of]["fields"][field]["types"]

    def _any_of(self, kinds: Sequence[str], name: str, depth: int) -> object:
        return self._of(self._chance.choice(kinds), name, depth)

    def _of(self, kind: str, name: str, depth: int) -> object:
        if kind.startswith(ARRAY):
            inner = kind.removeprefix(ARRAY)
            return [self._of(inner, name, depth + 1) for _ in range(self._chance.randint(0, 2))]
        if subtypes := self._spec.types.get(kind, {}).get("subtypes"):
            return self._of(self._chance.choice(subtypes), name, depth)
        if kind == "Message":
            return self._message(depth)
        if kind == "CallbackQuery":
            return self._press(depth)
        if kind in self._spec.types:
            return self._object(kind, depth)
        return self._plain(kind, name)

    def _message(self, depth: int) -> Json:
        """A message of somebody who is there, more often than not in their own chat."""
        made = self._object("Message", depth)
        whole = isinstance(made.get("from"), dict) and isinstance(made.get("chat"), dict)
        if whole and self._chance.random() < LIFELIKE:
            there = made["chat"].get("id") in self._people
            made["from"]["is_bot"] = False
            made["from"]["id"] = made["chat"]["id"] if there else self._chance.choice(self._people)
            made.pop("sender_chat", None)
        return made

    def _press(self, depth: int) -> Json:
        """A press on a button that is there, more often than not by somebody who sees it."""
        made = self._object("CallbackQuery", depth)
        if self.buttons and self._chance.random() < LIFELIKE:
            chat, made["data"] = self._chance.choice(self.buttons[-RECENT:])
            sender = chat if chat in self._people else self._chance.choice(self._people)
            made["from"] = {"id": sender, "is_bot": False, "first_name": self._chance.choice(NAMES)}
            kind = "private" if chat in self._people else "supergroup"
            made["message"] = {"message_id": 1, "date": 1, "chat": {"id": chat, "type": kind}}
        return made

    def _object(self, kind: str, depth: int) -> Json:
        if kind == "Chat":
            return self._chat()
        chance = self._chance
        made: Json = {}
        for name, field in self._spec.types[kind]["fields"].items():
            if field.get("required"):
                if chance.random() < WRONG:
                    continue
            elif depth >= DEEPEST or chance.random() > self._likely(kind, name):
                continue
            values: Sequence[Any] | None = field.get("values")
            made[name] = chance.choice(values) if values else self._any_of(field["types"], name, depth + 1)
            if chance.random() < WRONG:
                made[name] = chance.choice(OTHERS)
        return made

    def _likely(self, kind: str, name: str) -> float:
        """How likely an object has that field: messages have a sender and a text more often than not."""
        return (
            0.85
            if (kind, name) in {("Message", "from"), ("Message", "text"), ("CallbackQuery", "data")}
            else (0.03 if kind == "Message" else OPTIONAL)
        )

    def _chat(self) -> Json:
        """A chat that is there, as itself or as something else; or one that is not."""
        chance = self._chance
        way = chance.random()
        if way < OWN_CHAT:
            return {"id": chance.choice(self._people), "type": "private", "first_name": chance.choice(NAMES)}
        if way < OWN_CHAT + ROOM:
            kind = chance.choice(("group", "supergroup"))
            return {"id": chance.choice(self._rooms), "type": kind, "title": chance.choice(NAMES)}
        some = chance.choice((*self._people, *self._rooms, *NUMBERS))
        return {"id": some, "type": chance.choice(("private", "group", "supergroup", "channel", "", "sender"))}

    def _plain(self, kind: str, name: str) -> object:
        chance = self._chance
        match kind:
            case "Integer" if name == "id" or name.endswith("_id"):
                return chance.choice((*self._people, *self._people, *self._rooms, *NUMBERS))
            case "Integer":
                return chance.choice(NUMBERS)
            case "Float":
                return chance.choice((0.0, -1.5, 1e300))
            case "Boolean":
                return chance.random() < TRUE
            case _:
                return self._text(name)

    def _text(self, name: str) -> str:
        lifelike = self._chance.random() < LIFELIKE
        match name:
            case "text":
                some = self.commands if self.commands and lifelike else TEXTS
            case "data":
                some = DATA
            case "language_code":
                some = LANGUAGES
            case _:
                some = NAMES
        return self._chance.choice(some)
