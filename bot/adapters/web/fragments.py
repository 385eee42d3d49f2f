"""Panes as HTML. Everything that came from outside is escaped by the templates; nothing is ever marked as safe."""

from pathlib import Path
from typing import assert_never

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.adapters.web import clock
from bot.adapters.web.cast import Cast
from bot.adapters.web.panes import Entry, FromBot, Panes, Pressed, Said, TimePassed
from bot.conversation.message import Span, SpanKind

HERE = Path(__file__).parent
"""Where the templates and the static files are."""

_OWN_WORDS = ("Stop", "Back", "Not now")


class Fragments:
    """Renders the page, one pane's log and one entry, always in the same way."""

    def __init__(self, cast: Cast) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._given: dict[str, object] = {
            "cast": cast,
            "clock": clock,
            "leaps": tuple(clock.Leap),
            "is_quote": is_quote,
            "is_own": is_own,
            "template_of": template_of,
        }

    def page(self, panes: Panes, now: int, *, saves: bool = True) -> str:
        """Return the whole page as it is now, with the id from which its live half goes on.

        ``saves``: whether it offers to save the chat.
        """
        logs = {pane: panes.entries(pane) for pane in panes.cast.panes}
        return self._render(
            "page.html",
            logs=logs,
            latest=panes.feed.latest,
            now=now,
            saves=saves,
            rows=_rows(panes.cast),
            problems=panes.problems,
        )

    def chips(self, panes: Panes) -> dict[str, str]:
        """Return the rows of quick replies below each pane."""
        return {pane: self._render("chips.html", rows=rows) for pane, rows in _rows(panes.cast).items()}

    def problems(self, panes: Panes) -> str:
        """Return what is wrong with the files of the flows; nothing when they are right."""
        return self._render("problems.html", problems=panes.problems)

    def log(self, entries: tuple[Entry, ...]) -> str:
        """Return all entries of a pane."""
        return self._render("log.html", entries=entries)

    def entry(self, entry: Entry) -> str:
        """Return one entry."""
        return self._render(template_of(entry), entry=entry)

    def _render(self, template: str, **values: object) -> str:
        return self._environment.get_template(template).render(self._given | values)


def _rows(cast: Cast) -> dict[str, tuple[tuple[str, ...], ...]]:
    """What can be pressed below each pane instead of writing it."""
    own = {person.id: (cast.own_chips, _OWN_WORDS) for person in cast.people}
    return {**own, cast.room.id: (cast.room_chips,)}


def template_of(entry: Entry) -> str:
    """Return which template shows an entry."""
    match entry:
        case FromBot():
            return "from_bot.html"
        case Said():
            return "said.html"
        case Pressed():
            return "pressed.html"
        case TimePassed():
            return "time_passed.html"
        case _:
            assert_never(entry)


def is_own(span: Span) -> bool:
    """Return whether a person wrote this span."""
    return span.kind is SpanKind.OWN_WORDS


def is_quote(spans: tuple[Span, ...]) -> bool:
    """Return whether a paragraph is nothing but a person's own words."""
    spoken = [span for span in spans if span.text.strip()]
    return bool(spoken) and all(is_own(span) for span in spoken)
