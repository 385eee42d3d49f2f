from collections.abc import Awaitable, Callable
from datetime import tzinfo

from apscheduler.triggers.date import DateTrigger

class AsyncIOScheduler:
    def __init__(self, *, timezone: tzinfo) -> None: ...
    @property
    def running(self) -> bool: ...
    def start(self) -> None: ...
    def shutdown(self, *, wait: bool) -> None: ...
    def add_job(
        self,
        func: Callable[[], Awaitable[None]],
        trigger: DateTrigger,
        *,
        id: str,
        replace_existing: bool,
        misfire_grace_time: int | None,
    ) -> object: ...
