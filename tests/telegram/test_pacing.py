"""How fast messages may follow one another."""

from bot.adapters.telegram.pacing import ALL, GROUP, PERSON, SECOND, Pace

NOW = 1_700_000_000_000


def sent_in(pace: Pace, chat: str, start: int, length: int, *, group: bool) -> list[int]:
    """When messages to a chat go, of which there are always more."""
    now, times = start, list[int]()
    while now < start + length:
        delay = pace.delay(chat, now, group=group)
        if delay:
            now += delay
        else:
            times.append(now)
    return times


def test_a_person_gets_a_few_at_once_and_then_one_a_second() -> None:
    times = sent_in(Pace(), "7", NOW, 10 * SECOND, group=False)
    assert times[: PERSON[1]] == [NOW] * PERSON[1]
    assert len(times) == PERSON[1] + 9


def test_a_group_gets_twenty_a_minute() -> None:
    times = sent_in(Pace(), "-7", NOW, 60 * SECOND, group=True)
    assert len(times) == 20 + GROUP[1] - 1


def test_one_chat_that_waits_holds_no_other_up() -> None:
    pace = Pace()
    sent_in(pace, "7", NOW, SECOND, group=False)
    assert pace.delay("7", NOW + SECOND - 1, group=False) > 0
    assert pace.delay("8", NOW + SECOND - 1, group=False) == 0


def test_all_together_get_thirty_a_second() -> None:
    pace, sent = Pace(), 0
    for now in range(NOW, NOW + 10 * SECOND, 10):
        for chat in range(5):
            sent += pace.delay(f"{now}{chat}", now, group=False) == 0
    assert 9 * SECOND // ALL[0] < sent <= 300 + ALL[1]


def test_a_chat_rests_for_as_long_as_the_platform_wants() -> None:
    pace = Pace()
    pace.hold("7", NOW + 40 * SECOND)
    assert pace.delay("7", NOW, group=False) == 40 * SECOND
    assert pace.delay("8", NOW, group=False) == 0
    assert pace.delay("7", NOW + 40 * SECOND, group=False) == 0


def test_what_has_to_wait_takes_no_turn() -> None:
    pace = Pace()
    sent_in(pace, "7", NOW, 1, group=False)
    delays = {pace.delay("7", NOW, group=False) for _ in range(100)}
    assert len(delays) == 1
