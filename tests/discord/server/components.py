"""What may stand under a message and in a form, beyond what the description's types say."""

from typing import Final

from tests.discord.server.messages import BUTTON, ROW, STRING_SELECT, components_in
from tests.discord.server.refusals import refuse_form
from tests.discord.server.spec import Json

ROWS: Final = 5
BUTTONS: Final = 5
LINK: Final = 5


def judge_components(components: list[Json]) -> None:
    """Refuse what Discord refuses: too many rows, buttons beside a select, names that come twice or not at all."""
    if len(components) > ROWS or any(row["type"] != ROW for row in components):
        refuse_form("components: at most five rows")
    for row in components:
        kinds = [one["type"] for one in row["components"]]
        if STRING_SELECT in kinds and len(kinds) > 1:
            refuse_form("components: a select stands alone in its row")
    names = [one.get("custom_id") for one in components_in(components) if one.get("style") != LINK]
    if None in names or len(names) != len(set(names)):
        refuse_form("components: each has a custom_id of its own")
    for one in components_in(components):
        _judge_one(one)


def _judge_one(one: Json) -> None:
    if one["type"] == BUTTON and not (one.get("label") or one.get("emoji")):
        refuse_form("components: a button without a label")
    if one["type"] == STRING_SELECT:
        values = [option["value"] for option in one["options"]]
        if not values or len(values) != len(set(values)):
            refuse_form("components: options have values of their own")
        if (one.get("max_values") or 1) > len(values):
            refuse_form("components: more values than options")
