"""The guide "Your first flow in ten minutes", followed word by word, in a copy, with the real commands."""

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import IO

import httpx2
import pytest

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "first-flow.md").read_text("utf-8")
NOT_COPIED = (".git", ".venv", ".venv.lock", "__pycache__", ".*_cache", ".hypothesis", "data")

FLOW, CHAT = "dialogues/flows/good_things.yaml", "tests/transcripts/good_things.chat"
PATIENCE = 120
"""Seconds that a command may take: many more than any does."""


@dataclass(frozen=True, slots=True)
class Block:
    """A code block of the guide, with the paragraph above it."""

    kind: str
    text: str
    above: str

    @property
    def file(self) -> Path:
        """The file that the paragraph above names."""
        named: list[str] = re.findall(r"`([\w/]+\.(?:yaml|chat))`", self.above)
        return Path(named[-1])


def blocks() -> list[Block]:
    found: list[Block] = []
    end = 0
    for one in re.finditer(r"^```(\w+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL):
        above = GUIDE[end : one.start()].strip().split("\n\n")[-1]
        found.append(Block(one[1], one[2], " ".join(above.split())))
        end = one.end()
    return found


def as_told(told: str, output: str) -> bool:
    """Whether the output is what the guide shows; where it has ``…``, anything."""
    lines = [
        ".*\n" if line == "…" else re.escape(line).replace("…", ".*") + "\n" for line in told.rstrip("\n").split("\n")
    ]
    pattern = "".join(f"(?:{line})*" if line == ".*\n" else line for line in lines)
    return re.fullmatch(pattern, output.rstrip("\n") + "\n") is not None


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "breathing-room"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    there = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in there}


def run(folder: Path, command: str) -> str:
    """Return what the command prints, problems included."""
    with started(folder, command) as (process, _, _):
        printed, _ = process.communicate(timeout=PATIENCE)
        return printed


def change(path: Path, diff: str) -> None:
    """Put the lines that begin with ``+`` in place of those that begin with ``-``."""
    old, new = (
        "".join(f"{line[1:]}\n" for line in diff.splitlines() if line.startswith(sign)) for sign in ("-", "+")
    )
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def test_the_guide_is_true_word_by_word(copy: Path) -> None:
    before = files(copy)
    commands: list[str] = []
    for block in blocks():
        match block.kind:
            case "sh":
                commands.append(block.text.strip())
            case "diff":
                change(copy / block.file, block.text)
            case _ if "Write this into" in block.above:
                (copy / block.file).write_text(block.text, "utf-8")
            case _ if commands[-1] == "./run chat":
                talk(copy, block.text.splitlines())
            case _ if commands[-1] == "./run demo":
                see(copy, block.text)
            case _:
                output = run(copy, commands[-1])
                assert as_told(block.text, output), f"{commands[-1]} printed:\n{output}"
    after = files(copy)
    assert {name for name in after if after[name] != before.get(name)} == {FLOW, CHAT}
    assert before.keys() <= after.keys()
    assert set(commands) == {
        f"./run check {FLOW}",
        f"./run play {CHAT}",
        "./run chat",
        "./run demo",
    }


def talk(folder: Path, lines: Sequence[str]) -> None:
    """Type what the guide types, with one's own code, and hold the answers to what it shows."""
    typed = [line for line in lines if re.match(r"\w+> ", line)]
    example = re.search(r"Your code is (\w+)", "\n".join(lines))
    assert example is not None
    with started(folder, "./run chat") as (process, into, out):
        heard = ""
        for line in typed:
            if example[1] in line:
                heard += read_until(out, "Your code is ")
            mine = re.search(r"Your code is (\w+)", heard)
            into.write((line.replace(example[1], mine[1]) if mine else line) + "\n")
            into.flush()
        into.close()
        heard += out.read()
        assert process.wait(PATIENCE) == 0
    told = "\n".join(line for line in lines if line not in typed)
    mine = re.search(r"Your code is (\w+)", heard)
    assert mine is not None
    assert as_told(told.replace(example[1], mine[1]), heard), f"the chat printed:\n{heard}"


def read_until(out: IO[str], words: str) -> str:
    heard = ""
    while words not in heard:
        line = out.readline()
        assert line, f"it ended before: {words}"
        heard += line
    return heard


@contextmanager
def started(folder: Path, command: str) -> Generator[tuple[subprocess.Popen[str], IO[str], IO[str]]]:
    with subprocess.Popen(
        command.split(),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process, process.stdin, process.stdout
        finally:
            process.kill()


# The page


def see(folder: Path, told: str) -> None:
    """Open the page, and play the first part of the conversation on it with both hands."""
    with started(folder, "./run demo --no-open --port 0") as (process, _, out):
        first = out.readline()
        assert as_told(told, first), first
        page = Page(first.split()[4])
        page.play((folder / CHAT).read_text("utf-8"))
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)


class Page:
    """The page of the demo, as somebody at a browser sees it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._code = ""

    def play(self, conversation: str) -> None:
        """Play what a ``.chat`` file has up to its second comment."""
        for line in conversation.split("\n# ", maxsplit=1)[0].splitlines():
            doer, sign, words = line.partition("> ")
            if sign and words.startswith("["):
                self._press(doer, words[1:-1])
            elif sign:
                self._send("say", doer, text=words.replace("{code}", self._code))
            elif "code is {code}" in line:
                found = re.search(r"Your code is (\w+)", self._words("alex"))
                assert found is not None
                self._code = found[1]
            elif "< " in line:
                reader, _, part = line.partition("< ")
                assert part in self._words(reader), f"{reader} does not see: {part}"

    def _pane(self, name: str) -> str:
        html = httpx2.get(self._address, timeout=PATIENCE).text
        panes = re.split(r'(?=<section[^>]*data-pane=")', html)
        return unescape(next(pane for pane in panes if f'data-pane="{name}"' in pane))

    def _words(self, name: str) -> str:
        return re.sub(r"<[^>]*>", "", self._pane(name))

    def _press(self, name: str, label: str) -> None:
        buttons: list[tuple[str, str]] = re.findall(
            r'<button[^>]*data-token="([^"]+)"[^>]*>\s*(.*?)\s*</button>', self._pane(name)
        )
        token = next(token for token, shown in reversed(buttons) if shown == label)
        self._send("press", name, token=token)

    def _send(self, path: str, name: str, **fields: str) -> None:
        body = json.dumps({"pane": name, "person": name, **fields}).encode()
        headers = {"Content-Type": "application/json", "Origin": self._address.rstrip("/")}
        answer = httpx2.post(f"{self._address}{path}", content=body, headers=headers, timeout=PATIENCE)
        assert answer.status_code == 204, answer.text
