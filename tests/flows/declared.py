"""The kinds of record that the flows of these folders may keep."""

from functools import cache
from pathlib import Path

from bot.flows.record_kinds import Records
from bot.flows.records import load_records


@cache
def kinds() -> Records:
    """Return them, loaded by the first test that needs them."""
    return load_records(Path(__file__).parent / "faults" / "beside" / "records.yaml")
