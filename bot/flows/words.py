"""Words that act when they are all of what somebody typed, such as "stop": data, in every language."""

from collections.abc import Iterable, Iterator
from functools import cache

from bot.engine.spoken import plain
from bot.engine.template import Template

PREFIX = "words."
"""What the addresses of their phrases begin with; the rest is what they do."""


def bare(text: str) -> str:
    """Return what was typed in the form in which it is compared: ``¡Para!`` is ``para``."""
    return plain(text).strip(" .!¡?¿…")


def acting(template: Template) -> tuple[str, ...]:
    """Return the words of a phrase, which stand there with commas between."""
    return _words(template.literal)


@cache  # there are as many as phrases, and whatever anybody writes is held to all of them
def _words(phrase: str) -> tuple[str, ...]:
    return tuple(word for part in phrase.split(",") if (word := bare(part)))


def deed_of(text: str, phrases: Iterable[tuple[str, Template]]) -> str | None:
    """Return what a typed word does, such as ``stop``, or None for any other text."""
    typed = bare(text)
    return next((deed for deed, word in _all(phrases) if word == typed), None) if typed else None


def _all(phrases: Iterable[tuple[str, Template]]) -> Iterator[tuple[str, str]]:
    for key, template in phrases:
        if key.startswith(PREFIX):
            yield from ((key.removeprefix(PREFIX), word) for word in acting(template))
