"""Makes bot-api.json, which the double judges by, from the machine-readable description of Telegram's Bot API.

    python tests/telegram/specs/condense.py DESCRIPTION.json > tests/telegram/specs/bot-api.json

What is kept: names, types, what is required, and the values that a field is said to be limited to.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

LITERAL = re.compile(r'(?:always|must be) "?([a-z_]+)"?$')
LISTED = re.compile(r"(?:can be(?: either)?|one of) (.*)")
NAMING = ("type", "status", "source")


def literals(name: str, description: str) -> list[str] | list[int]:
    """Return the values that a field is limited to; nothing where they are not told."""
    if description.startswith("Always 0."):
        return [0]
    if name not in NAMING or "full list" in description:
        return []
    if one := LITERAL.search(description):
        return [one[1]]
    listed = LISTED.search(description)
    return re.findall(r'"([a-z_]+)"', listed[1]) if listed else []


def field(described: dict[str, Any]) -> dict[str, Any]:
    """Return a field without its words."""
    kept: dict[str, Any] = {"types": described["types"]}
    if described["required"]:
        kept["required"] = True
    if values := literals(described["name"], described["description"]):
        kept["values"] = values
    return kept


def fields(described: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a method or a type by name."""
    return {one["name"]: field(one) for one in described.get("fields", [])}


def lines(entries: dict[str, Any]) -> str:
    """Return an object with one entry a line, so that a new version of the API reads well as a difference."""
    return ",\n".join(f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in entries.items())


def condensed(description: dict[str, Any]) -> str:
    """Return the table as JSON."""
    methods = {n: {"returns": m["returns"], "fields": fields(m)} for n, m in description["methods"].items()}
    types = {
        n: {"subtypes": t["subtypes"]} if t.get("subtypes") else {"fields": fields(t)}
        for n, t in description["types"].items()
    }
    version = json.dumps(description["version"])
    return f'{{"version": {version},\n"methods": {{\n{lines(methods)}\n}},\n"types": {{\n{lines(types)}\n}}}}\n'


if __name__ == "__main__":
    sys.stdout.write(condensed(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
