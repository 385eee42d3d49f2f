"""The JSON Schemas by which editors complete and check the files of flows."""

import json
from pathlib import Path

from bot.flows import editor_schema
from bot.flows.library import shown
from bot.wiring.dialogues import DIALOGUES


def write_schemas(folder: Path | None) -> list[str]:
    """Write the JSON Schemas of flow files and of records.yaml for editors, and return where."""
    home = folder if folder is not None else DIALOGUES / "schema"
    home.mkdir(parents=True, exist_ok=True)
    schemas = {
        editor_schema.FLOW_FILE: editor_schema.flow_schema(),
        editor_schema.RECORDS_FILE: editor_schema.records_schema(),
    }
    for name, schema in schemas.items():
        (home / name).write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return [shown(home / name) for name in schemas]
