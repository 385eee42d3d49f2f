"""The door: only this computer's own page gets in, and nothing foreign runs in it."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 64 * 1024
"""Bytes that a request's body may have."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What every answer carries."""

_SAFE = frozenset({"GET", "HEAD"})


class Door:
    """Lets a request through if it was meant for this server, came from its own page and is not too large."""

    def __init__(self, app: ASGIApp, *, port: int, limit: int = BODY_LIMIT) -> None:
        self._app = app
        self._limit = limit
        names = ("127.0.0.1", "localhost", "[::1]")
        self._hosts = {f"{name}:{port}" for name in names} | ({*names} if port == 80 else set[str]())  # noqa: PLR2004
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refusal, or hand the request on; either way with every header of ``HEADERS``."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        headers = Headers(scope=scope)
        refusal = self._refusal(scope["method"], headers)
        if refusal is None and scope["method"] not in _SAFE:
            body = await _read(receive, headers, self._limit)
            if body is None:
                refusal = _sentence("That is too much at once; try it in smaller pieces.", 413)
            else:
                receive = _replay(body, receive)
        await (refusal or self._app)(scope, receive, send_with_headers)

    def _refusal(self, method: str, headers: Headers) -> Response | None:
        # A page on another site whose name was made to point here (DNS rebinding) sends its own Host.
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return _sentence("This server answers only on this computer, under the address it printed.", 421)
        if method in _SAFE:
            return None
        origins = headers.getlist("origin")
        if origins:
            own = len(origins) == 1 and origins[0].lower() in self._origins
        else:
            own = headers.get("sec-fetch-site", "same-origin") == "same-origin"
        return None if own else _sentence("Only this server's own page may ask for that.", 403)


def _sentence(text: str, status: int) -> Response:
    return PlainTextResponse(text, status_code=status)


async def _read(receive: Receive, headers: Headers, limit: int) -> bytes | None:
    """Return the body, or None as soon as it is known to be too large."""
    announced = headers.get("content-length", "0")
    if not (announced.isascii() and announced.isdigit()) or int(announced) > limit:
        return None
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        more = message.get("more_body", False)
    return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    read = False

    async def replayed() -> Message:
        nonlocal read
        if read:
            return await receive()
        read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
