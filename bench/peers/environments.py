"""An environment of its own for each peer, from a lock with hashes, in a folder that git ignores."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.peers.roster import WANTED

HERE = Path(__file__).resolve().parent
PLACE = HERE / ".venv"
"""What every tool that reads the repository passes over, as it does the project's own environment."""

LOCKS = HERE / "locks"
MAKER = HERE.parents[1] / ".venv" / "made-with"
"""The Python that ./run took: it has pip where the environment that it made has none."""

AGAIN = "./run bench peers --lock"


class CannotInstall(Exception):
    """The environment could not be made; the text says at which step."""


def lock_of(name: str) -> Path:
    """Return the lock of an environment."""
    return LOCKS / f"{name}.lock"


def made(name: str) -> Path:
    """Return the Python of that environment, made or brought up to date first. Raises CannotInstall."""
    folder = PLACE / name
    python, stamp = folder / "bin" / "python", folder / "installed"
    wanted = hashlib.sha256(lock_of(name).read_bytes() + sys.version.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return python
    sys.stderr.write(f"bench: setting up {name} (at the first time and when its lock changes) ...\n")
    shutil.rmtree(folder, ignore_errors=True)
    for step, command in steps(folder, lock_of(name), uv=shutil.which("uv"), maker=maker()):
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
            raise CannotInstall(step)
    stamp.write_text(wanted, "utf-8")
    return python


def maker() -> str:
    """Return a Python whose pip installs into environments that have none; empty if there is none."""
    python = MAKER.read_text("utf-8").strip() if MAKER.is_file() else sys.executable
    helped = subprocess.run([python, "-m", "pip", "--help"], capture_output=True, text=True, check=False)
    return python if "--python " in helped.stdout else ""


def steps(folder: Path, lock: Path, *, uv: str | None, maker: str) -> list[tuple[str, Sequence[str | Path]]]:
    """Return the commands that make an environment, each with what it is; with the same means as ./run."""
    base = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    python = folder / "bin" / "python"
    if uv is not None:
        install = [uv, "pip", "sync", "--quiet", "--compile-bytecode", "--python", python, "--require-hashes", lock]
        return [("venv", [uv, "venv", "--quiet", "--python", base, folder]), ("install", install)]
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "-r", lock]
    if maker:
        install = [maker, "-m", "pip", "--python", python, "install", *options]
        return [("venv", [base, "-m", "venv", "--without-pip", folder]), ("install", install)]
    return [("venv", [base, "-m", "venv", folder]), ("install", [python, "-m", "pip", "install", *options])]


def make_locks() -> None:
    """Make all locks anew, with the newest versions. Raises CannotInstall."""
    uv = shutil.which("uv")
    if uv is None:
        message = "making the locks needs uv, which is not installed here; everything else works without it"
        raise CannotInstall(message)
    LOCKS.mkdir(exist_ok=True)
    options = [
        "--quiet",
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--upgrade",
        "--no-annotate",
    ]
    hidden = ["--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", AGAIN]
    for name, wants in WANTED.items():
        command = [uv, "pip", "compile", *options, *hidden, "--output-file", lock_of(name), "-"]
        if subprocess.run(
            command, input="\n".join(wants), text=True, stdout=subprocess.DEVNULL, check=False
        ).returncode:
            raise CannotInstall(name)
