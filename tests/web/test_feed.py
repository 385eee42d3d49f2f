import asyncio
from collections.abc import AsyncIterator

from bot.adapters.web.feed import Afresh, Feed, News, Quiet

Item = News[str] | Afresh | Quiet


async def upcoming(following: AsyncIterator[Item], count: int) -> list[Item]:
    return [await anext(following) for _ in range(count)]


def told(items: list[Item]) -> list[str]:
    return [item.change if isinstance(item, News) else type(item).__name__ for item in items]


def follow(feed: Feed[str], after: str) -> AsyncIterator[Item]:
    return feed.follow(after, patience=0.01)


async def test_a_page_that_comes_back_gets_exactly_what_it_missed() -> None:
    feed: Feed[str] = Feed("s1")
    feed.publish("one")
    seen = feed.latest
    feed.publish("two")
    feed.publish("three")

    assert told(await upcoming(follow(feed, seen), 3)) == ["two", "three", "Quiet"]


async def test_every_id_is_one_to_come_back_with() -> None:
    feed: Feed[str] = Feed("s1")
    start = feed.latest
    for number in range(5):
        feed.publish(str(number))
    items = await upcoming(follow(feed, start), 5)

    for number, item in enumerate(items):
        assert isinstance(item, News)
        rest = [str(later) for later in range(number + 1, 5)]
        assert told(await upcoming(follow(feed, item.id), len(rest) + 1)) == [*rest, "Quiet"]


async def test_an_id_that_is_unknown_starts_afresh() -> None:
    feed: Feed[str] = Feed("s2")
    feed.publish("one")

    for unknown in ("", "s1-1", "s2-2", "s2--1", "s2-x", "s2-²", "s2-" + "9" * 5000, "-1", "1"):
        first, then = await upcoming(follow(feed, unknown), 2)
        assert first == Afresh(id=feed.latest), unknown
        assert then == Quiet()


async def test_who_was_away_for_too_long_starts_afresh_and_goes_on_from_there() -> None:
    feed: Feed[str] = Feed("s1", kept=2)
    long_ago = feed.latest
    feed.publish("one")
    lately = feed.latest
    feed.publish("two")
    feed.publish("three")

    assert told(await upcoming(follow(feed, lately), 2)) == ["two", "three"]
    late = follow(feed, long_ago)
    assert told(await upcoming(late, 1)) == ["Afresh"]
    feed.publish("four")
    assert told(await upcoming(late, 1)) == ["four"]


async def test_a_waiting_page_hears_at_once_and_so_does_the_next_one() -> None:
    feed: Feed[str] = Feed("s1")
    pages = [feed.follow(feed.latest, patience=60) for _ in range(2)]
    waiting = [asyncio.ensure_future(anext(page)) for page in pages]
    await asyncio.sleep(0)

    feed.publish("news")

    async with asyncio.timeout(1):
        assert told([await one for one in waiting]) == ["news", "news"]


async def test_what_was_dropped_is_not_told_again_and_who_saw_it_goes_on() -> None:
    feed: Feed[str] = Feed("s1")
    before = feed.latest
    feed.publish("secret")
    up_to_date = feed.latest

    feed.drop()
    feed.publish("hidden")

    assert told(await upcoming(follow(feed, before), 2)) == ["Afresh", "Quiet"]
    assert told(await upcoming(follow(feed, up_to_date), 2)) == ["hidden", "Quiet"]


async def test_after_forgetting_everybody_starts_afresh() -> None:
    feed: Feed[str] = Feed("s1")
    feed.publish("one")
    up_to_date = follow(feed, feed.latest)
    assert told(await upcoming(up_to_date, 1)) == ["Quiet"]

    feed.forget()

    assert told(await upcoming(up_to_date, 2)) == ["Afresh", "Quiet"]


async def test_closing_ends_every_stream() -> None:
    feed: Feed[str] = Feed("s1")
    page = feed.follow(feed.latest, patience=60)
    waiting = asyncio.ensure_future(anext(page, None))
    await asyncio.sleep(0)

    feed.close()

    async with asyncio.timeout(1):
        assert await waiting is None
        assert await anext(follow(feed, ""), None) is None
