"""Where a command keeps what is said: in a data folder that it holds, or nowhere."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.refusing import refused

if TYPE_CHECKING:
    from collections.abc import Generator

    from bot.wiring.data_folder import Keeping


@contextmanager
def usable() -> "Generator[None]":
    """End with one sentence when what is stored cannot be used as it is."""
    import sqlite3

    from bot.conversation.erasing import NotErased
    from bot.conversation.ports import Damaged, OutOfService
    from bot.wiring.settings import SettingWrong
    from storage.faults import StoreUnusable, is_of_files, told, told_of_file

    try:
        yield
    except (StoreUnusable, OutOfService, Damaged, NotErased, SettingWrong) as fault:
        raise refused(str(fault)) from None
    except sqlite3.Error as fault:
        raise refused(told(fault, "the database")) from None
    except OSError as fault:
        if not is_of_files(fault):
            raise
        raise refused(told_of_file(fault, "the data folder")) from None


@contextmanager
def holding_data(data: Path, what: str) -> "Generator[Keeping]":
    """Hold a data folder while the block runs, as ``what``."""
    from bot.wiring.data_folder import kept_in

    with usable(), kept_in(data, what) as kept:
        yield kept


@contextmanager
def keeping(data: Path | None, what: str) -> "Generator[Keeping]":
    """Give what keeps a conversation while the block runs: a data folder that it holds, or nothing."""
    from bot.wiring.data_folder import nothing_kept

    if data is None:
        yield nothing_kept()
    else:
        with holding_data(data, what) as kept:
            yield kept
