"""When something should come, as people write it, in English and Spanish."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.recurrence import recurrence_of
from bot.engine.spoken_times import read_recurrence

NOW = datetime(2026, 3, 2, 18, 5)  # noqa: DTZ001  # where somebody is; a Monday

READ = {
    "tomorrow 20:00": "2026-03-03T20:00",
    "every Friday 21:30": "2026-03-06T21:30 FREQ=WEEKLY;BYDAY=FR",
    "20:00": "2026-03-02T20:00",
    "8:00": "2026-03-03T08:00",
    "at 8": "2026-03-03T08:00",
    "tomorrow at 8pm": "2026-03-03T20:00",
    "tonight": "2026-03-02T20:00",
    "tonight at 8": "2026-03-02T20:00",
    "this evening at 7:30": "2026-03-02T19:30",
    "every day at 9": "2026-03-03T09:00 FREQ=DAILY",
    "every day 8 am": "2026-03-03T08:00 FREQ=DAILY",
    "every other day at 10:00": "2026-03-03T10:00 FREQ=DAILY;INTERVAL=2",
    "every 3 days at 10:00": "2026-03-03T10:00 FREQ=DAILY;INTERVAL=3",
    "every week at 10:00": "2026-03-03T10:00 FREQ=WEEKLY;BYDAY=TU",
    "every 2 weeks on monday at 18:00": "2026-03-09T18:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
    "every other friday at 9pm": "2026-03-06T21:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
    "fridays at 21:30": "2026-03-06T21:30 FREQ=WEEKLY;BYDAY=FR",
    "on fridays 21:30": "2026-03-06T21:30 FREQ=WEEKLY;BYDAY=FR",
    "friday 21:30": "2026-03-06T21:30",
    "mondays and thursdays at 7": "2026-03-05T07:00 FREQ=WEEKLY;BYDAY=MO,TH",
    "every monday, wednesday and friday 07:15": "2026-03-04T07:15 FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "weekdays at 8:00": "2026-03-03T08:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "every weekday at 8:00": "2026-03-03T08:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "every weekend at 11:00": "2026-03-07T11:00 FREQ=WEEKLY;BYDAY=SA,SU",
    "monthly on the 31st at 9:00": "2026-03-31T09:00 FREQ=MONTHLY;BYMONTHDAY=31",
    "on the 5th of every month at 9": "2026-03-05T09:00 FREQ=MONTHLY;BYMONTHDAY=5",
    "every month at noon": "2026-03-03T12:00 FREQ=MONTHLY;BYMONTHDAY=3",
    "the last day of every month at 18:00": "2026-03-31T18:00 FREQ=MONTHLY;BYMONTHDAY=31",
    "every 2 months on the 1st at 10:00": "2026-04-01T10:00 FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1",
    "12 may 20:00": "2026-05-12T20:00",
    "may 12 at 20:00": "2026-05-12T20:00",
    "2026-05-12 20:00": "2026-05-12T20:00",
    "in 20 minutes": "2026-03-02T18:25",
    "in an hour": "2026-03-02T19:05",
    "in half an hour": "2026-03-02T18:35",
    "in 3 days at 9": "2026-03-05T09:00",
    "in a week at 18:00": "2026-03-09T18:00",
    "today 19:00": "2026-03-02T19:00",
    "sunday evening": "2026-03-08T20:00",
    "tomorrow morning": "2026-03-03T09:00",
    "mañana 20:00": "2026-03-03T20:00",
    "mañana a las 20:00": "2026-03-03T20:00",
    "mañana por la mañana": "2026-03-03T09:00",
    "mañana por la tarde a las 5": "2026-03-03T17:00",
    "cada viernes 21:30": "2026-03-06T21:30 FREQ=WEEKLY;BYDAY=FR",
    "todos los viernes a las 21:30": "2026-03-06T21:30 FREQ=WEEKLY;BYDAY=FR",
    "los viernes a las 21:30": "2026-03-06T21:30 FREQ=WEEKLY;BYDAY=FR",
    "el viernes a las 21:30": "2026-03-06T21:30",
    "todos los días a las 8": "2026-03-03T08:00 FREQ=DAILY",
    "cada día 8:00": "2026-03-03T08:00 FREQ=DAILY",
    "cada dos días a las 10": "2026-03-03T10:00 FREQ=DAILY;INTERVAL=2",
    "cada 2 semanas los lunes a las 18:00": "2026-03-09T18:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
    "cada dos semanas el lunes 18:00": "2026-03-09T18:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
    "lunes y jueves a las 7": "2026-03-05T07:00 FREQ=WEEKLY;BYDAY=MO,TH",
    "los lunes y jueves a las 7": "2026-03-05T07:00 FREQ=WEEKLY;BYDAY=MO,TH",
    "cada mes el 31 a las 9": "2026-03-31T09:00 FREQ=MONTHLY;BYMONTHDAY=31",
    "el 5 de cada mes a las 9:00": "2026-03-05T09:00 FREQ=MONTHLY;BYMONTHDAY=5",
    "el último día de cada mes a las 18:00": "2026-03-31T18:00 FREQ=MONTHLY;BYMONTHDAY=31",
    "esta noche": "2026-03-02T20:00",
    "esta noche a las 9": "2026-03-02T21:00",
    "en 20 minutos": "2026-03-02T18:25",
    "dentro de una hora": "2026-03-02T19:05",
    "pasado mañana 9:00": "2026-03-04T09:00",
    "el 12 de mayo a las 20:00": "2026-05-12T20:00",
    "entre semana a las 8": "2026-03-03T08:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "de lunes a viernes a las 8:00": "2026-03-03T08:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "hoy 19:00": "2026-03-02T19:00",
    "a las 9 de la noche": "2026-03-02T21:00",
    "a las 9 de la mañana": "2026-03-03T09:00",
    "a mediodía": "2026-03-03T12:00",
    "los fines de semana a las 11": "2026-03-07T11:00 FREQ=WEEKLY;BYDAY=SA,SU",
    "10.30 pm tomorrow": "2026-03-03T22:30",
    "9pm every sunday": "2026-03-08T21:00 FREQ=WEEKLY;BYDAY=SU",
    "every sunday at 9 in the evening": "2026-03-08T21:00 FREQ=WEEKLY;BYDAY=SU",
    "sábados a las 10:00": "2026-03-07T10:00 FREQ=WEEKLY;BYDAY=SA",
}


@pytest.mark.parametrize(("written", "meant"), READ.items())
def test_what_people_write_is_read(written: str, meant: str) -> None:
    found = read_recurrence(written, NOW)
    assert found is not None
    assert found.text == meant
    assert recurrence_of(meant) == found


@pytest.mark.parametrize(
    "written",
    [
        "",
        "hello",
        "tomorrow",  # at what time?
        "every",
        "every friday",
        "today 17:00",  # has passed
        "today at 18:05",
        "2026-02-28 20:00",
        "at 25",
        "at 20:61",
        "every blue moon at 9:00",
        "every 0 days at 9:00",
        "every 99 days at 9:00",
        "monthly on the 32nd at 9:00",
        "cada viernes a las 21:30 y algo",
        "every day at 20:00 and more",
        "20:00 21:00",
        "call mum at 8",
        "in 3 days",
    ],
)
def test_what_is_no_time_or_not_all_of_it_is_nothing(written: str) -> None:
    assert read_recurrence(written, NOW) is None


@given(st.text(st.sampled_from("every caday díafriviernes 0123456789:hampt of las,mes"), max_size=40))
def test_nothing_that_is_written_breaks_it_and_what_is_read_is_still_to_come(written: str) -> None:
    found = read_recurrence(written, NOW)
    if found is not None:
        assert recurrence_of(found.text) == found
        assert found.next_day() == found.start
        assert (found.start, found.minutes) > (NOW.date(), NOW.hour * 60 + NOW.minute)
