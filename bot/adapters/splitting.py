"""Long texts in parts that a platform takes, each cut where something ends. Every platform splits by this."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bot.conversation.message import Span

DEAREST = 2
"""What a character costs at most."""


def split(spans: Sequence[Span], limit: int, cost: Callable[[str], int]) -> Iterator[list[Span]]:
    """Yield parts that fit, each cut where a paragraph, a line or a word ends, whatever comes first from behind.

    ``cost`` is what a character counts for of the ``limit``: 1 or 2.
    """
    left = [span for span in spans if span.text]
    while left:
        text = "".join(span.text for span in left)
        part, left = _cut_spans(left, _cut(text, limit, cost))
        part, left = _trimmed(part, from_end=True), _trimmed(left, from_end=False)
        if part:
            yield part


def _cut(text: str, limit: int, cost: Callable[[str], int]) -> int:
    """Where to end a part: as many characters as fit, or fewer, so that it ends where something ends."""
    fits = _fitting(text, limit, cost)
    if fits == len(text):
        return fits
    for end in ("\n\n", "\n", " "):
        found = text.rfind(end, limit // 4, fits + 1)
        if found > 0:
            return found
    while fits > 1 and _is_inside(text, fits):
        fits -= 1
    return fits


def _fitting(text: str, limit: int, cost: Callable[[str], int]) -> int:
    """How many characters fit: none of them is ever cut in two."""
    if len(text) * DEAREST <= limit:
        return len(text)
    spent = 0
    for number, char in enumerate(text):
        spent += cost(char)
        if spent > limit:
            return number
    return len(text)


def _is_inside(text: str, cut: int) -> bool:
    """Whether what stands on both sides of a cut is one sign: joined, a variant or a tone of it, or half a flag."""
    char = text[cut]
    if char in "\u200d\ufe0e\ufe0f" or "\u0300" <= char <= "\u036f" or "\U0001f3fb" <= char <= "\U0001f3ff":
        return True
    flags = cut - len(text[:cut].rstrip(_FLAGS))
    return text[cut - 1] == "\u200d" or (char in _FLAGS and flags % 2 == 1)


_FLAGS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
"""Letters of which two are a flag."""


def _cut_spans(spans: Sequence[Span], length: int) -> tuple[list[Span], list[Span]]:
    before: list[Span] = []
    for number, span in enumerate(spans):
        if len(span.text) > length:
            rest = [replace(span, text=span.text[length:]), *spans[number + 1 :]]
            return ([*before, replace(span, text=span.text[:length])] if length else before), rest
        before.append(span)
        length -= len(span.text)
    return before, []


def _trimmed(spans: Sequence[Span], *, from_end: bool) -> list[Span]:
    """Spans without the spaces and empty lines at one end, which platforms take away."""
    left = list(spans)
    while left:
        at = -1 if from_end else 0
        text = left[at].text.rstrip() if from_end else left[at].text.lstrip()
        if text:
            left[at] = replace(left[at], text=text)
            break
        left.pop(at)
    return left
