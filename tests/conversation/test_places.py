"""Countries and time zones as people name them."""

import pytest

from bot.conversation.places import LONGEST, places_named
from bot.engine.events import NOWHERE, Places


@pytest.mark.parametrize(
    ("text", "language", "country", "zone"),
    [
        ("Spain", "en", "ES", ""),
        ("ESPAÑA", "es", "ES", ""),
        ("espana", "es", "ES", ""),
        ("Spain", "es", "ES", ""),
        ("the Netherlands", "en", "NL", "Europe/Amsterdam"),
        ("UK", "en", "GB", "Europe/London"),
        ("us", "en", "US", ""),
        ("Peru.", "en", "PE", "America/Lima"),
        ("Kosovo", "en", "XK", ""),
        ("Lima", "en", "", "America/Lima"),
        ("Nueva York", "es", "", "America/New_York"),
        ("new york", "es", "", "America/New_York"),
        ("America/New_York", "en", "", "America/New_York"),
        ("america/new york", "en", "", "America/New_York"),
        ("UTC", "en", "", "UTC"),
    ],
)
def test_a_place_is_known_by_what_people_call_it(text: str, language: str, country: str, zone: str) -> None:
    assert places_named(text, language) == Places(country=country, zone=zone)


@pytest.mark.parametrize(
    "text", ["", "Atlantis", "I", "I live in Spain with my cat", "Congo", "x" * (LONGEST + 1), "/"]
)
def test_what_names_no_place_or_two_of_them_is_not_guessed(text: str) -> None:
    assert places_named(text, "en") == NOWHERE
