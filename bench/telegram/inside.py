"""The real client and the double in one process, without a socket between them."""

from urllib.parse import urlencode, urlsplit

from telegram import Bot
from telegram.error import NetworkError
from telegram.request import BaseRequest, RequestData

from tests.telegram.server.api import BotApi
from tests.telegram.server.wire import Lost, Request

HEADERS = {"content-type": "application/x-www-form-urlencoded"}


class Inside(BaseRequest):
    """Hands each request of the client to the double."""

    def __init__(self, api: BotApi) -> None:
        self._api = api

    @property
    def read_timeout(self) -> float | None:
        """Nothing is waited for."""
        return None

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_args: object, **_more: object
    ) -> tuple[int, bytes]:
        """Return what the double answers. Raises NetworkError when it does not."""
        given = urlencode(request_data.json_parameters).encode() if request_data else b""
        answer = await self._api.handle(Request(method, urlsplit(url).path, HEADERS, given))
        if isinstance(answer, Lost):
            raise NetworkError(answer.value)
        return answer.status, answer.body


def inside_client(api: BotApi) -> Bot:
    """Return the real client; its requests never leave the process."""
    return Bot(api.token, base_url="http://inside/bot", request=Inside(api), get_updates_request=Inside(api))
