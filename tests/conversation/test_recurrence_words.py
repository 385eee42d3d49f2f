"""What a recurrence is called can be written so, in every language: what is read back is what was meant."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.wording import NotReadable, Reading, told
from bot.engine.effects import Computed
from bot.engine.model import SlotType
from bot.engine.recurrence import Freq, Recurrence, recurrence_of
from bot.engine.spoken_times import read_recurrence
from tests.conversation.world import shipped
from tests.engine.test_recurrence import recurrences

NOW = datetime(2025, 12, 31, 23, 59, tzinfo=UTC)


def words_for(rule: str, language: str) -> str:
    reading = Reading(
        library=shipped(),
        reader="",
        zone="",
        session=None,
        names={},
        now=int(NOW.timestamp()) * 1000,
        language=language,
    )
    return told(Computed(type=SlotType.RECURRENCE, data=rule), reading)


@pytest.mark.parametrize(
    ("rule", "english", "spanish"),
    [
        ("2026-03-06T21:30", "Friday 6 March 2026 at 21:30", "viernes 6 de marzo de 2026 a las 21:30"),
        ("2026-03-06T08:05 FREQ=DAILY", "every day at 08:05", "cada día a las 08:05"),
        ("2026-03-06T08:00 FREQ=DAILY;INTERVAL=3", "every 3 days at 08:00", "cada 3 días a las 08:00"),
        ("2026-03-06T21:30 FREQ=WEEKLY;BYDAY=FR", "every Friday at 21:30", "cada viernes a las 21:30"),
        (
            "2026-03-06T21:30 FREQ=WEEKLY;BYDAY=MO,WE,FR",
            "every Monday, Wednesday, and Friday at 21:30",
            "cada lunes, miércoles y viernes a las 21:30",
        ),
        (
            "2026-03-06T21:30 FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
            "every 2 weeks on Friday at 21:30",
            "cada 2 semanas el viernes a las 21:30",
        ),
        (
            "2026-03-05T09:00 FREQ=MONTHLY;BYMONTHDAY=5",
            "on day 5 of each month at 09:00",
            "el día 5 de cada mes a las 09:00",
        ),
        (
            "2026-03-31T09:00 FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=31",
            "every 2 months on the last day at 09:00",
            "cada 2 meses el último día a las 09:00",
        ),
    ],
)
def test_it_is_called_what_people_call_it(rule: str, english: str, spanish: str) -> None:
    assert words_for(rule, "en") == english
    assert words_for(rule, "es") == spanish


@pytest.mark.parametrize("language", ["en", "es"])
@given(rule=recurrences)
def test_what_it_is_called_is_read_as_the_same(rule: Recurrence, language: str) -> None:
    found = read_recurrence(words_for(rule.text, language), NOW)
    assert found is not None
    if rule.freq is Freq.ONCE:
        assert found == rule
    else:
        assert replace(found, start=rule.start) == rule  # it begins with its next time


@given(st.text(max_size=30).filter(lambda text: recurrence_of(text) is None))
def test_what_is_no_recurrence_is_not_told(text: str) -> None:
    with pytest.raises(NotReadable):
        words_for(text, "en")
