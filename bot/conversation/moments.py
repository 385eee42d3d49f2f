"""Times, days, lengths, countries, cities and lists as a language writes them, by Unicode's CLDR (Babel)."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, cast

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_location
from babel.lists import format_list
from babel.units import format_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_IN_MINUTES = 90
"""Beyond these minutes a length of time is told in hours."""


def clock(minutes: int, language: str) -> str:
    """Return a time of day, given in minutes after midnight, such as ``20:40``."""
    return format_time(time(minutes // 60, minutes % 60), "HH:mm", locale=_locale(language))


def weekday(day: date, language: str) -> str:
    """Return the name of a day of the week, such as ``Friday``."""
    return format_date(day, "EEEE", locale=_locale(language))


def weekday_name(number: int, language: str) -> str:
    """Return the name of a day of the week by its number, Monday being 0."""
    return weekday(date(1970, 1, 5) + timedelta(days=number), language)


def month(day: date, language: str) -> str:
    """Return the name of a month as it stands in a date, such as ``May``."""
    return format_date(day, "MMMM", locale=_locale(language))


def length(milliseconds: int, language: str) -> str:
    """Return a length of time, such as ``20 minutes``, rounded to what people say."""
    minutes = round(milliseconds / 60_000)
    for unit, size in (("week", 10_080), ("day", 1440), ("hour", 60)):
        if minutes >= size and minutes % size == 0:
            return _counted(minutes // size, unit, language)
    if minutes > LONGEST_IN_MINUTES:
        return _counted(round(minutes / 60), "hour", language)
    return _counted(minutes, "minute", language)


def country(code: str, language: str) -> str:
    """Return what a country of that ISO 3166 code is called, such as ``Spain``."""
    names = cast("Mapping[str, str]", _locale(language).territories)
    return names.get(code, code)


def city(zone: str, language: str) -> str:
    """Return the city that a time zone is named after, such as ``Lima``."""
    return get_timezone_location(zone, locale=_locale(language), return_city=True)


def listed(items: Sequence[str], language: str) -> str:
    """Return the items as a list in a sentence, such as ``rest, quiet, and time alone``."""
    return format_list(items, locale=_locale(language))


def _counted(number: int, unit: str, language: str) -> str:
    return format_unit(number, f"duration-{unit}", locale=_locale(language))


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")
