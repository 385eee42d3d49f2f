"""Formatted text: a strict reader of Telegram's HTML, and what Telegram finds in plain text by itself."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Final, NoReturn

from tests.telegram.server.refusals import Refusal, bad_request
from tests.telegram.server.spec import Json

SIMPLE: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
TAG: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)((?:\s+[a-z-]+(?:=(?:\"[^\"]*\"|'[^']*'|[A-Za-z0-9.-]+))?)*)\s*>")
ATTRIBUTE: Final = re.compile(r"([a-z-]+)(?:=(?:\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9.-]+)))?")
REFERENCE: Final = re.compile(r"&(?:lt|gt|amp|quot|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});")
FOUND: Final = (
    ("url", re.compile(r"https?://[^\s<>]+[^\s<>.,;:!?)]")),
    ("bot_command", re.compile(r"(?<![\w/@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z][A-Za-z0-9_]{2,31})?(?![\w/@])")),
    ("mention", re.compile(r"(?<![\w/@])@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w)")),
    ("hashtag", re.compile(r"(?<!\w)#\w{1,64}")),
)
LOCAL_TIME: Final = re.compile(r"r|w?[dD]?[tT]?")


def units(text: str) -> int:
    """Return the length in UTF-16 code units, in which Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, offset: int, length: int) -> str:
    """Return a part of the text, counted in UTF-16 code units."""
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le")


def cannot_parse(words: str) -> Refusal:
    """Return what Telegram says of formatting that it cannot read."""
    return bad_request(f"can't parse entities: {words}")


def unreadable(words: str) -> NoReturn:
    """Refuse formatting that Telegram cannot read."""
    raise cannot_parse(words)


@dataclass
class _Open:
    tag: str
    entity: Json | None
    at: int


@dataclass
class _Reading:
    source: str
    text: str = ""
    entities: list[Json] = field(default_factory=list[Json])
    open: list[_Open] = field(default_factory=list[_Open])

    def byte(self, at: int) -> int:
        return len(self.source[:at].encode())

    def take_tag(self, at: int) -> int:
        tag = TAG.match(self.source, at)
        if tag is None:
            name = re.match(r"</?([^\s>]*)", self.source[at:])
            if name and ">" in self.source[at:] and self.source[at + 1] != "/":
                unreadable(f'Unsupported start tag "{name[1]}" at byte offset {self.byte(at)}')
            unreadable(f"Unclosed start tag at byte offset {self.byte(at)}")
        if self.source[at + 1] == "/":
            self.close(tag[1].lower(), at)
        else:
            given = {m[1]: unescape(m[2] or m[3] or m[4] or "") for m in ATTRIBUTE.finditer(tag[2])}
            self.begin(tag[1].lower(), given, at)
        return tag.end()

    def begin(self, tag: str, given: dict[str, str], at: int) -> None:
        unsupported = cannot_parse(f'Unsupported start tag "{tag}" at byte offset {self.byte(at)}')
        allowed: set[str] = set()
        entity: Json | None = {"type": SIMPLE.get(tag, "")}
        match tag:
            case "span":
                allowed, entity = {"class"}, {"type": "spoiler"}
                if given.get("class") != "tg-spoiler":
                    unreadable(f'Tag "span" must have class "tg-spoiler" at byte offset {self.byte(at)}')
            case "a":
                # A link without an address, or to none that can be opened, is left as plain text.
                allowed, url = {"href"}, given.get("href", "")
                entity = {"type": "text_link", "url": url} if re.match(r"(https?|tg|tel|mailto):", url) else None
            case "tg-emoji":
                allowed, entity = {"emoji-id"}, {"type": "custom_emoji", "custom_emoji_id": given.get("emoji-id", "")}
            case "tg-time":
                allowed, entity = {"unix", "format"}, local_time(given)
            case "blockquote":
                allowed = {"expandable"}
                entity = {"type": "expandable_blockquote" if "expandable" in given else "blockquote"}
            case "code":
                allowed = {"class"}
                entity = self.code(given)
            case _ if tag not in SIMPLE:
                raise unsupported
            case _:
                pass
        if unknown := sorted(set(given) - allowed):  # stricter than Telegram, which overlooks them
            unreadable(f'Unsupported attribute "{unknown[0]}" at byte offset {self.byte(at)}')
        if entity is not None:
            entity["offset"] = units(self.text)
        self.open.append(_Open(tag, entity, at))

    def code(self, given: dict[str, str]) -> Json | None:
        """Return the entity of code; inside pre it only names the language."""
        language = given.get("class", "").removeprefix("language-")
        around = self.open[-1] if self.open else None
        if around and around.tag == "pre" and around.entity is not None:
            if language:
                around.entity["language"] = language
            return None
        return {"type": "code"}

    def close(self, tag: str, at: int) -> None:
        if not self.open:
            unreadable(f"Unexpected end tag at byte offset {self.byte(at)}")
        opened = self.open.pop()
        if opened.tag != tag:
            unreadable(
                f'Unmatched end tag at byte offset {self.byte(at)}, expected "</{opened.tag}>", found "</{tag}>"'
            )
        if opened.entity is not None:
            length = units(self.text) - opened.entity["offset"]
            if length:
                self.entities.append({**opened.entity, "length": length})


def local_time(given: dict[str, str]) -> Json:
    """Return the entity of a moment that each reader sees in their own time."""
    unix, shape = given.get("unix", ""), given.get("format", "")
    if not unix.isdecimal() or not LOCAL_TIME.fullmatch(shape):
        unreadable("Wrong date-time entity")
    entity: Json = {"type": "date_time", "unix_time": int(unix)}
    return {**entity, "date_time_format": shape} if shape else entity


def read_html(source: str) -> tuple[str, list[Json]]:
    """Return text and entities of Telegram's HTML; refuse what Telegram does, and attributes that it overlooks."""
    reading = _Reading(source)
    at = 0
    while at < len(source):
        if source[at] == "<":
            at = reading.take_tag(at)
        elif reference := REFERENCE.match(source, at):
            reading.text += unescape(reference[0])
            at = reference.end()
        else:
            reading.text += source[at]
            at += 1
    if reading.open:
        tag = reading.open[-1].tag
        unreadable(f'Can\'t find end tag corresponding to start tag "{tag}"')
    return reading.text, reading.entities


def found_in(text: str, taken: list[Json]) -> list[Json]:
    """Return what Telegram marks by itself in plain text: links, commands, mentions, hashtags."""
    marked = [(e["offset"], e["offset"] + e["length"]) for e in taken if e["type"] in {"code", "pre", "text_link"}]
    found: list[Json] = []
    for kind, pattern in FOUND:
        for hit in pattern.finditer(text):
            start, length = units(text[: hit.start()]), units(hit[0])
            if all(start + length <= a or b <= start for a, b in marked):
                marked.append((start, start + length))
                found.append({"type": kind, "offset": start, "length": length})
    return found


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Return text without the white space around it, and the entities moved along; empty ones fall away."""
    left = units(text) - units(text.lstrip())
    kept = text.strip()
    end = units(kept)
    moved: list[Json] = []
    for one in entities:
        start = max(one["offset"] - left, 0)
        stop = min(one["offset"] + one["length"] - left, end)
        if stop > start:
            moved.append({**one, "offset": start, "length": stop - start})
    return kept, sorted(moved, key=lambda e: (e["offset"], -e["length"]))


def marked(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Return text as Telegram keeps it: trimmed, with the entities given and those that it finds itself."""
    return trimmed(text, entities + found_in(text, entities))
