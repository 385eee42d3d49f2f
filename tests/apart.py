"""Running something in a process of its own, which may be short of room or of rights."""

import ctypes
import multiprocessing
import os
import resource
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

FORKED = multiprocessing.get_context("forkserver")
"""New processes begin with the flows loaded."""

FORKED.set_forkserver_preload(["tests.crash.warm"])

_OVERRIDING = 0b110
"""A superuser's two capabilities of reading and writing whatever the rights of a file say."""


def apart(what: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """Return what this returns in a process of its own. What it raises fails the test."""
    ours, theirs = FORKED.Pipe()
    process = FORKED.Process(target=_carry_out, args=(theirs, what, args, named), daemon=True)
    process.start()
    theirs.close()
    try:
        assert ours.poll(60), "it takes too long"
        result, raised = ours.recv()
    finally:
        process.kill()
        process.join()
    assert not raised, raised
    return result


def _carry_out(pipe: Any, what: Callable[..., T], args: Sequence[Any], named: Mapping[str, Any]) -> None:
    try:
        pipe.send((what(*args, **named), ""))
    except BaseException:  # noqa: BLE001  # it is told where it was asked for
        pipe.send((None, traceback.format_exc()))
    os._exit(0)  # a failure may leave a database's thread behind, which would keep the process for ever


def heed_rights() -> None:
    """Let the rights of files hold for this process, even if it is a superuser's."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)
        sets = (ctypes.c_uint32 * 6)()
        assert libc.capget(header, sets) == 0
        sets[0] &= ~_OVERRIDING
        assert libc.capset(header, sets) == 0


def limit_files(size: int) -> None:
    """Let no file of this process grow beyond that size, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def lift_limit() -> None:
    """Let files grow again."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
