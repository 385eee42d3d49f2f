"""How updates reach the bot: long polling, or a webhook that the double posts to."""

import asyncio
import contextlib
import json
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from tests.telegram.server.refusals import polled_twice, refuse, webhook_is_set, webhook_was_set
from tests.telegram.server.spec import Json, out_of_spec
from tests.telegram.server.updates import Update
from tests.telegram.server.world import World

SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
AT_ONCE: Final = 100
CONNECTIONS: Final = 40
ANSWER_SECONDS: Final = 5.0


@dataclass(slots=True)
class Hook:
    """Where updates are posted to; no address where they are not."""

    url: str = ""
    secret: str = ""
    connections: int = CONNECTIONS
    failed_at: int | None = None
    failure: str = ""
    posts: int = 0


class Fetching:
    """Both ways, of which only one is open at a time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hook = Hook()

    async def get_updates(self, call: Json) -> list[Json]:
        """Return what is not confirmed, as soon as there is something or the time is over."""
        world, queue = self.world, self.world.queue
        if self.hook.url:
            raise webhook_is_set()
        limit: int = call.get("limit", AT_ONCE)
        if "allowed_updates" in call:
            queue.allow(call["allowed_updates"])
        queue.confirm(call.get("offset", 0))
        queue.poller = poller = object()
        world.bell.ring()  # ends a poll that waits
        over = world.clock.now() + 1000 * call.get("timeout", 0)
        while not queue.pending and world.clock.now() < over:
            await world.bell.heard()
            if self.hook.url:
                raise webhook_was_set()
            if queue.poller is not poller:
                raise polled_twice()
        return [one.body for one in queue.pending[: max(1, min(limit, AT_ONCE))]]

    def set_webhook(self, call: Json) -> bool:
        """Have updates posted to an address of this computer."""
        url, secret = call["url"], call.get("secret_token", "")
        if not url:
            return self.delete_webhook(call)
        if "certificate" in call or not url.startswith("http://127.0.0.1:"):
            out_of_spec("the double posts to http://127.0.0.1 only")
        if secret and not SECRET.fullmatch(secret):
            refuse("secret token contains unallowed characters")
        self._take(call)
        self.hook = Hook(url, secret, call.get("max_connections", CONNECTIONS))
        self.world.bell.ring()
        return True

    def delete_webhook(self, call: Json) -> bool:
        """Post no more."""
        self._take(call)
        self.hook = Hook()
        self.world.bell.ring()
        return True

    def _take(self, call: Json) -> None:
        if "allowed_updates" in call:
            self.world.queue.allow(call["allowed_updates"])
        if call.get("drop_pending_updates"):
            self.world.queue.drop()

    def get_webhook_info(self, _: Json) -> Json:
        """Return where updates are posted to, and how that goes."""
        hook, queue = self.hook, self.world.queue
        info: Json = {
            "url": hook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(queue.pending),
        }
        if hook.url:
            info |= {"max_connections": hook.connections, "ip_address": "127.0.0.1"}
        if queue.allowed:
            info["allowed_updates"] = list(queue.allowed)
        if hook.failed_at is not None:
            info |= {"last_error_date": hook.failed_at // 1000, "last_error_message": hook.failure}
        return info

    async def keep_posting(self) -> None:
        """Post each update, in order, until it is taken. One that was not is tried again as soon as time moves."""
        world = self.world
        while True:
            await world.bell.until(lambda: bool(self.hook.url and world.queue.pending))
            hook, update = self.hook, world.queue.pending[0]
            hook.posts += 1
            failure = await post(hook, update)
            if not failure:
                world.queue.settle(update)
                continue
            hook.failed_at, hook.failure = world.clock.now(), failure
            world.bell.ring()
            failed_at = world.clock.now()
            await world.bell.until(lambda h=hook, at=failed_at: self.hook is not h or world.clock.now() > at)


async def post(hook: Hook, update: Update) -> str:
    """Post an update; return an empty text if it was taken, else what went wrong."""
    address = urlsplit(hook.url)
    body = json.dumps(update.body).encode()
    secret = f"X-Telegram-Bot-Api-Secret-Token: {hook.secret}\r\n" if hook.secret else ""
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/json\r\n{secret}"
        f"Content-Length: {len(body)}\r\nAccept-Encoding: gzip, deflate\r\nConnection: close\r\n\r\n"
    )
    length = 0
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(address.hostname, address.port or 80)
            try:
                writer.write(head.encode() + body)
                status = (await reader.readline()).split()
                while (line := await reader.readline()).strip():
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.partition(b":")[2])
                await reader.readexactly(length)
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except TimeoutError:
        return "Read timeout expired"
    except ConnectionRefusedError:
        return "Connection refused"
    except (OSError, asyncio.IncompleteReadError):
        return "Connection reset by peer"
    if len(status) > 1 and status[1].startswith(b"2"):
        return ""
    return f"Wrong response from the webhook: {b' '.join(status[1:]).decode()}" if status else "Connection closed"
