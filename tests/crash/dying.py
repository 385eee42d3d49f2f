"""Where a process dies: each function makes its own process kill itself when it comes to that point."""

import os
import signal
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from functools import partial, wraps
from typing import Any, NoReturn

from bench.crashtest.wire import Call, FromWorker
from bench.crashtest.worker import Outward, Worker
from bot.conversation.batch import Arrival, Batches, Taken
from bot.conversation.ports import Settled, Transaction
from bot.conversation.sending import Sender
from bot.conversation.service import Conversation
from storage import migrations
from storage.sealed_rows import SealedRows
from storage.transaction import SqliteTransaction


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _before(owner: type, name: str) -> None:
    async def die(*_args: object) -> None:
        _die()

    setattr(owner, name, die)


def _after(owner: object, name: str) -> None:
    does: Callable[..., Awaitable[object]] = getattr(owner, name)

    @wraps(does)
    async def then_die(*args: object) -> None:
        await does(*args)
        _die()

    setattr(owner, name, then_die)


# One event, or one deadline, on its way


def before_its_turn() -> None:
    _before(Conversation, "_taken")


def before_the_commit() -> None:
    _after(Batches, "take")


def after_the_commit() -> None:
    _after(Conversation, "_taken")


def before_the_hand_over() -> None:
    _before(Outward, "send")


def before_the_answer() -> None:
    tell = Worker.tell

    def tell_and_die(self: Worker, what: FromWorker) -> None:
        tell(self, what)
        if isinstance(what, Call):
            _die()

    Worker.tell = tell_and_die


def after_the_answer() -> None:
    _after(Outward, "send")


def before_the_mark_is_committed() -> None:
    settle = SqliteTransaction.settle

    async def settle_and_die(self: SqliteTransaction, rows: Sequence[Settled]) -> None:
        await settle(self, rows)
        if rows:
            _die()

    SqliteTransaction.settle = settle_and_die


def before_the_acknowledgement() -> None:
    taken: list[Sequence[Arrival]] = []
    take, say = Batches.take, Sender.drain

    async def take_and_note(self: Batches, tx: Transaction, arrivals: Sequence[Arrival], now: int) -> Taken:
        taken.append(arrivals)
        return await take(self, tx, arrivals, now)

    async def say_and_die(self: Sender) -> None:
        await say(self)
        if taken:  # a process that starts has nothing to say
            _die()

    Batches.take, Sender.drain = take_and_note, say_and_die


# What is done to a whole file


def in_a_migration() -> None:
    seal = migrations.seal_what_is_plain

    def seal_and_die(connection: sqlite3.Connection, rows: SealedRows) -> None:
        seal(connection, rows)
        _die()

    migrations.seal_what_is_plain = seal_and_die


def in_a_backup() -> None:
    fsync = os.fsync

    def sync_and_die(file: int) -> None:
        fsync(file)
        _die()

    os.fsync = sync_and_die


def in_a_restore() -> None:
    link = os.link

    def link_and_die(*args: Any) -> None:
        link(*args)
        _die()

    os.link = link_and_die


def in_a_rotation() -> None:
    class Dying(sqlite3.Connection):
        def executemany(self, *args: Any) -> sqlite3.Cursor:
            super().executemany(*args)
            _die()

    sqlite3.connect = partial(sqlite3.connect, factory=Dying)
