"""Parameters in every form that the Bot API takes: query string, form, JSON, multipart."""

import json
from email import message_from_bytes
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl

from tests.telegram.server.refusals import refuse
from tests.telegram.server.spec import Upload

if TYPE_CHECKING:
    from email.message import Message as Part


def read_parameters(query: str, content_type: str, body: bytes) -> dict[str, object]:
    """Return the parameters by name: texts and files, and from JSON also other values."""
    given: dict[str, object] = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
    kind = content_type.partition(";")[0].strip().lower()
    if not body:
        return given
    match kind:
        case "application/x-www-form-urlencoded":
            return given | dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
        case "application/json":
            return given | from_json(body)
        case "multipart/form-data":
            return given | from_parts(content_type, body)
        case _:
            return refuse(f"unsupported content type {kind}")


def from_json(body: bytes) -> dict[str, object]:
    """Return the members of a JSON object."""
    try:
        read: object = json.loads(body)
    except ValueError:
        read = None
    if not isinstance(read, dict):
        refuse("can't parse JSON object")
    return cast("dict[str, object]", read)


def from_parts(content_type: str, body: bytes) -> dict[str, object]:
    """Return the parts of a multipart body; those with a file name are files."""
    whole = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    found: dict[str, object] = {}
    for part in cast("list[Part]", whole.get_payload()) if whole.is_multipart() else []:
        data = cast("bytes", part.get_payload(decode=True))
        name = str(part.get_param("name", header="content-disposition"))
        file_name = part.get_filename()
        found[name] = data.decode() if file_name is None else Upload(file_name, data)
    return found
