"""The few words by which a graph tells what a step does and when a way is taken."""

from collections.abc import Iterator, Mapping

from bot.flows.yaml_source import Plain

_LONGEST = 40
"""The most characters of a line in a graph."""


def few_words(text: str, most: int = _LONGEST) -> str:
    """Return the beginning of a text, cut between words, of so many characters at most."""
    plain = " ".join(text.split())
    if len(plain) <= most:
        return plain
    return f"{plain[: most + 1].rpartition(' ')[0] or plain[:most]} …"


def words_of(kind: str, raw: Mapping[str, Plain]) -> Iterator[str]:
    """Yield what a step of that kind does, in a line or two, from what its author wrote."""
    match kind:
        case "ask" | "gate" | "say":
            yield few_words(str(raw[kind]))
            if raw.get("to", "all") != "all":
                yield f"to {raw['to']}"
        case "grant":
            yield f"show {raw['grant']} to {raw.get('to')}?"
        case "review" | "clear":
            yield f"{kind}: {_names(raw[kind])}"
        case "reveal":
            yield f"shows {_names(raw['reveal'])} to {raw.get('to', 'all')}"
        case "set":
            yield few_words("; ".join(f"{name} = {value}" for name, value in _pairs(raw["set"])))
        case "end":
            yield from _end(raw)
        case "compose" | "keep" | "call" | "start" | "do" | "lasts_until" | "freeze" | "thaw" | "wait":
            yield few_words(f"{kind.replace('_', ' ')} {raw[kind]}")
        case _:
            pass


def _end(raw: Mapping[str, Plain]) -> Iterator[str]:
    if "say" in raw:
        yield few_words(str(raw["say"]))
        if raw.get("to", "all") != "all":
            yield f"to {raw['to']}"
    if raw["end"] == "closed":
        yield "closed"


def label_of(raw: Mapping[str, Plain], key: str) -> str:
    """Return a label that the author gave, or nothing."""
    return str(raw.get(key, ""))


def deadline_of(raw: Mapping[str, Plain]) -> str:
    """Return when a stage's deadline comes."""
    if "within" in raw:
        return f"after {raw['within']}"
    wait = str(raw.get("wait", raw.get("until", "")))
    return f"after {wait}" if wait[:-1].isdecimal() else f"at {few_words(wait)}"


def _names(names: Plain) -> str:
    return ", ".join(map(str, names)) if isinstance(names, list) else str(names)


def _pairs(mapping: Plain) -> list[tuple[str, Plain]]:
    return list(mapping.items()) if isinstance(mapping, dict) else []
