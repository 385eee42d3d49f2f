"""Languages: which one a person gets, how far each is translated, and whether it may be offered."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from bot.engine.session import ENGLISH
from bot.flows.problems import Problem

_CODE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a language stands: of so many sentences these have no translation, so that English is shown for them."""

    language: str
    sentences: int
    untranslated: tuple[Problem, ...]
    reviewed_by: str = ""
    """The native speaker who has reviewed it; empty when nobody has yet."""


def may_be_offered(standing: Standing) -> bool:
    """Return whether people may be offered the language: all of it is translated, and reviewed (rule A4).

    Demo, chat and play offer every language, for looking at it.
    """
    return not standing.untranslated and bool(standing.reviewed_by)


def best_language(known: Collection[str], *wanted: str) -> str:
    """Return the known language nearest to the first of these, such as ``es-AR`` or ``es_AR``, that has one.

    Of variants of one language it is the one that shares most of the code, then the plainest. Without any: English.
    """
    return _best(tuple(known), wanted)


@lru_cache(maxsize=1_000)  # a message asks for every reader's language
def _best(known: tuple[str, ...], wanted: tuple[str, ...]) -> str:
    for locale in wanted:
        parts = re.split(r"[-_]", locale.casefold())
        near = {code: _shared(code.casefold().split("-"), parts) for code in known}
        best = min(known, key=lambda code: (-near[code], len(code), code), default=ENGLISH)
        if near.get(best):
            return best
    return ENGLISH


def _shared(code: list[str], wanted: list[str]) -> int:
    """How many parts of the code are the same, from its beginning."""
    same = [a == b for a, b in zip(code, wanted, strict=False)]
    return same.index(False) if False in same else len(same)


def is_language(code: str) -> bool:
    """Return whether it names a language, such as ``es`` or ``pt-BR``, in the way in which folders are named."""
    if not _CODE.match(code):
        return False
    try:
        Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True


def name_of(code: str) -> str:
    """Return what a language is called in that language itself, such as ``Español``."""
    name = Locale.parse(code, sep="-").get_display_name() or code
    return name[:1].upper() + name[1:]
