"""Makes discord-api.json: of Discord's own description, what the double answers to, without its prose.

python -m tests.discord.specs.condense DESCRIPTION.json > tests/discord/specs/discord-api.json
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

Json = dict[str, Any]

OPERATIONS = (
    ("GET", "/users/@me"),
    ("GET", "/users/{user_id}"),
    ("POST", "/users/@me/channels"),
    ("GET", "/oauth2/applications/@me"),
    ("GET", "/gateway"),
    ("GET", "/gateway/bot"),
    ("GET", "/applications/{application_id}/commands"),
    ("PUT", "/applications/{application_id}/commands"),
    ("GET", "/guilds/{guild_id}"),
    ("GET", "/guilds/{guild_id}/members/{user_id}"),
    ("GET", "/channels/{channel_id}"),
    ("POST", "/channels/{channel_id}/typing"),
    ("GET", "/channels/{channel_id}/messages"),
    ("POST", "/channels/{channel_id}/messages"),
    ("GET", "/channels/{channel_id}/messages/{message_id}"),
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"),
    ("DELETE", "/channels/{channel_id}/messages/{message_id}"),
    ("POST", "/interactions/{interaction_id}/{interaction_token}/callback"),
    ("POST", "/webhooks/{webhook_id}/{webhook_token}"),
    ("GET", "/webhooks/{webhook_id}/{webhook_token}/messages/@original"),
    ("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/@original"),
    ("DELETE", "/webhooks/{webhook_id}/{webhook_token}/messages/@original"),
    ("GET", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"),
    ("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"),
    ("DELETE", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"),
)
REF = "#/components/schemas/"
PROSE = frozenset({"description", "title", "x-discord-union", "examples", "default", "format", "contentEncoding"})


def condensed(description: Json) -> Json:
    """Return the operations that the double answers to, and the schemas that those need."""
    schemas: Json = description["components"]["schemas"]
    operations: Json = {}
    for verb, path in OPERATIONS:
        operations.setdefault(path, {})[verb] = _operation(description["paths"][path], verb.lower())
    wanted: Json = {}
    waiting = list(_named(operations))
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted[name] = _plain(schemas[name])
            waiting += _named(wanted[name])
    return {
        "version": description["info"]["version"],
        "operations": operations,
        "schemas": dict(sorted(wanted.items())),
    }


def lines(table: Json) -> str:
    """Return the table as JSON with one entry a line, so that a new version reads well as a difference."""
    parts = [
        f"{json.dumps(name)}: {{\n"
        + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in entries.items())
        + "\n}"
        for name in ("operations", "schemas")
        for entries in [cast("Json", table[name])]
    ]
    return f'{{"version": {json.dumps(table["version"])},\n' + ",\n".join(parts) + "}\n"


def _operation(path: Json, verb: str) -> Json:
    operation: Json = path[verb]
    parameters: list[Json] = [*path.get("parameters", ()), *operation.get("parameters", ())]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return {
        "query": {one["name"]: _plain(one["schema"]) for one in parameters if one["in"] == "query"},
        "body": _plain(body) if body is not None else None,
        "answers": {
            status: _plain(schema) if schema is not None else None
            for status, answer in operation["responses"].items()
            if status.isdecimal() and status.startswith("2")
            for schema in [answer.get("content", {}).get("application/json", {}).get("schema")]
        },
    }


def _plain(schema: Any) -> Any:
    """The schema without prose; a choice of constants is an enum."""
    if isinstance(schema, list):
        return [_plain(one) for one in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    found: Json = {}
    for key, value in cast("Json", schema).items():
        if key == "properties":
            found[key] = {name: _plain(one) for name, one in value.items()}
        elif key not in PROSE:
            found[key] = _plain(value)
    if "enum" in found:
        found.pop("allOf", None)
    options = found.get("oneOf")
    if options and all(set(one) == {"const"} for one in options):
        found["enum"] = [one["const"] for one in found.pop("oneOf")]
    return found


def _named(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for one in cast("list[Any]", schema):
            yield from _named(one)
    elif isinstance(schema, dict):
        for key, value in cast("Json", schema).items():
            if key == "$ref":
                yield str(value).removeprefix(REF)
            else:
                yield from _named(value)


if __name__ == "__main__":
    sys.stdout.write(lines(condensed(json.loads(Path(sys.argv[1]).read_text("utf-8")))))
