"""The routes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import ValidationError
from sse_starlette.sse import EventSourceResponse
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.adapters.web.forms import LONGEST, Change, Form, Press, Restart, Say, Travel
from bot.adapters.web.fragments import HERE, Fragments
from bot.adapters.web.live import stream
from bot.adapters.web.panes import Panes
from bot.adapters.web.player import Player, Refused, Stage
from bot.adapters.web.security import Door

F = TypeVar("F", bound=Form)

SAVED = "saved.chat"
"""The name under which a browser keeps a saved chat."""

_log = logging.getLogger(__name__)


def make_app(stage: Stage, panes: Panes, *, port: int) -> Starlette:
    """Return the web application that plays on ``stage`` and shows ``panes`` to whoever is on this computer."""
    # At debug level it would log every fragment, and with it what people wrote.
    logging.getLogger("sse_starlette").setLevel(logging.WARNING)
    fragments = Fragments(panes.cast)
    player = Player(stage, panes)
    one_at_a_time = asyncio.Lock()

    async def page(_: Request) -> Response:
        return HTMLResponse(fragments.page(panes, stage.now(), saves=stage.saved() is not None))

    async def save(_: Request) -> Response:
        chat = stage.saved()
        if chat is None:
            why = "This chat is kept, with a secret of its own: a demo without --data can save one."
            return PlainTextResponse(why, status_code=409)
        return PlainTextResponse(chat, headers={"Content-Disposition": f'attachment; filename="{SAVED}"'})

    async def live(request: Request) -> Response:
        after = request.headers.get("last-event-id") or request.query_params.get("after", "")
        return EventSourceResponse(stream(panes, fragments, stage.now, after))

    def action(path: str, form: type[F], carry_out: Callable[[F], Awaitable[None]]) -> Route:
        async def endpoint(request: Request) -> Response:
            asked = await _read(request, form)
            if isinstance(asked, Response):
                return asked
            async with one_at_a_time:
                return await _answer(path, carry_out(asked))

        return Route(path, endpoint, methods=["POST"])

    return Starlette(
        routes=[
            Route("/", page),
            Route("/live", live),
            Route("/save", save),
            action("/say", Say, player.say),
            action("/change", Change, player.change),
            action("/press", Press, player.press),
            action("/travel", Travel, player.travel),
            action("/restart", Restart, player.restart),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(Door, port=port)],
    )


async def _read(request: Request, form: type[F]) -> F | Response:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return PlainTextResponse("Send that as JSON.", status_code=415)
    try:
        return form.model_validate_json(await request.body())
    except ValidationError as invalid:
        faults = {error["type"] for error in invalid.errors(include_url=False, include_context=False)}
        if "string_too_long" in faults:
            return PlainTextResponse(f"That is too long: at most {LONGEST:,} characters, please.", status_code=400)
        return PlainTextResponse("That was not understood; reload the page and try again.", status_code=400)


async def _answer(path: str, done: Awaitable[None]) -> Response:
    try:
        await done
    except Refused as refused:
        return PlainTextResponse(str(refused), status_code=400)
    except Exception as fault:  # noqa: BLE001 - the edge: one page's fault must not end the demo
        # The class only: the message could hold what people wrote.
        _log.error("web_action_failed path=%s fault=%s", path, type(fault).__qualname__)
        return PlainTextResponse("Something went wrong on this computer; try again, or restart.", status_code=500)
    return Response(status_code=204)
