"""Countries and time zones as people name them, in their own language or in English, by Unicode's CLDR (Babel).

A name that fits two of them names none: the question is asked again, and nothing is guessed.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import cast
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global

from bot.conversation import moments
from bot.engine.events import NOWHERE, Places
from bot.engine.session import ENGLISH

LONGEST = 60
"""No country or city has a longer name."""

_ALSO = {"uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "usa": "US"}
"""What people write, and CLDR does not have."""

_WITHOUT_A_ZONE = "XK"
"""Kosovo, the one country that no time zone is named after."""

_WORLD = "001"
"""What is no country's, such as the zones of oceans."""

_ARTICLES = ("the ", "el ", "la ", "los ", "las ")


def places_named(text: str, language: str) -> Places:
    """Return the country and the time zone that a text names: by itself, by a city, or by a country that has but one.

    The country is an ISO 3166 code such as ``ES``, the zone an IANA name; empty when the text names none.
    """
    if len(text) > LONGEST:
        return NOWHERE
    name = _plain(text)
    names = (name, next((name.removeprefix(article) for article in _ARTICLES if name.startswith(article)), name))
    country = _named(names, _countries(language), _countries(ENGLISH), _ALSO)
    zone = _named(names, _zones(), _cities(language), _cities(ENGLISH))
    return Places(country=country, zone=zone or _only_zones().get(country.casefold(), ""))


def _named(names: tuple[str, str], *tables: Mapping[str, str]) -> str:
    return next((table[name] for table in tables for name in names if name in table), "")


@cache
def _countries(language: str) -> Mapping[str, str]:
    names = cast("Mapping[str, str]", Locale.parse(language, sep="-").territories)
    known = {_WITHOUT_A_ZONE, *_country_of().values()} & names.keys()
    return _clear((name, code) for code in known for name in (names[code], code))


@cache
def _cities(language: str) -> Mapping[str, str]:
    return _clear((moments.city(zone, language), zone) for zone in _country_of())


@cache
def _zones() -> Mapping[str, str]:
    return _clear((zone.replace("_", " "), zone) for zone in (*_country_of(), "UTC"))


@cache
def _only_zones() -> Mapping[str, str]:
    """The zone of each country that has but one."""
    return _clear((code, zone) for zone, code in _country_of().items())


@cache
def _country_of() -> Mapping[str, str]:
    """The country of each time zone that there are rules for."""
    named = cast("Mapping[str, str]", get_global("zone_territories"))
    return {zone: named[zone] for zone in available_timezones() & named.keys() if named[zone] != _WORLD}


def _clear(named: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """The names that mean one thing alone."""
    meant: dict[str, set[str]] = {}
    for name, one in named:
        meant.setdefault(_plain(name), set()).add(one)
    return {name: next(iter(ones)) for name, ones in meant.items() if len(ones) == 1}


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    kept = (char if char.isalnum() or char == "/" else " " for char in folded if not unicodedata.combining(char))
    return " ".join("".join(kept).split())
