"""Words that act when they are all of what somebody typed, such as "stop": data, in every language."""

from collections.abc import Iterable, Mapping

from bot.engine.spoken import plain
from bot.engine.template import Template

PREFIX = "words."
"""What the addresses of their phrases begin with; the rest is what they do."""


def bare(text: str) -> str:
    """Return what was typed in the form in which it is compared: ``¡Para!`` is ``para``."""
    return plain(text).strip(" .!¡?¿…")


def acting(template: Template) -> tuple[str, ...]:
    """Return the words of a phrase, which stand there with commas between."""
    return tuple(word for part in template.literal.split(",") if (word := bare(part)))


def deeds_among(phrases: Iterable[tuple[str, Template]]) -> Mapping[str, str]:
    """Return what each of the words does, such as ``stop``. What comes first counts."""
    deeds: dict[str, str] = {}
    for key, template in phrases:
        for word in acting(template) if key.startswith(PREFIX) else ():
            deeds.setdefault(word, key.removeprefix(PREFIX))
    return deeds
