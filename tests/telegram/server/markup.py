"""Buttons: what Telegram refuses of them. What the description can judge was judged before."""

import re
from typing import Final

from tests.telegram.server.refusals import refuse
from tests.telegram.server.spec import Json

DATA_BYTES: Final = 64
IN_ALL: Final = 100
IN_A_ROW: Final = 8
ACTIONS: Final = (
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
OPENABLE: Final = re.compile(r"(https?://[^\s/?#.]+(\.[^\s/?#.]+)+([/?#]\S*)?|tg://\S+)")


def check_markup(markup: Json) -> Json | None:
    """Return the inline keyboard to keep with the message, or None; refuse what Telegram does."""
    if "inline_keyboard" not in markup:
        return None
    rows: list[list[Json]] = [row for row in markup["inline_keyboard"] if row]
    if sum(map(len, rows)) > IN_ALL or any(len(row) > IN_A_ROW for row in rows):
        refuse("reply markup is too long")
    for row in rows:
        for button in row:
            check_button(button)
    return {"inline_keyboard": rows} if rows else None


def check_button(button: Json) -> None:
    """Refuse a button that Telegram refuses."""
    if not button["text"].strip():
        refuse("can't parse inline keyboard button: button text must be non-empty")
    actions = [name for name in ACTIONS if name in button]
    if not actions:
        refuse("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:  # stricter than Telegram, which takes one of them
        refuse("can't parse inline keyboard button: exactly one action is wanted")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= DATA_BYTES:
        refuse("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not OPENABLE.fullmatch(url):
        refuse(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
