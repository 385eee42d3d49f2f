"""``./run serve`` on Telegram: as a process of its own, with the real client, killed and started again."""

import asyncio
import signal
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.adapters.clocks import SystemClock
from bot.adapters.stopped import Stopped
from bot.wiring.dialogues import library_of
from bot.wiring.settings import Settings
from bot.wiring.telegram import telegram
from tests.served import PATIENCE, on_telegram, serving
from tests.telegram.server.api import BotApi
from tests.telegram.server.faults import Raw, Say
from tests.telegram.server.people import Person
from tests.telegram.server.refusals import too_many

LANGUAGES = 2
"""What everybody sees whose language there is not, and English: the same, so that it is not set once more."""


async def told(api: BotApi, person: Person, words: str) -> None:
    """Wait until the bot has written something to a person."""
    async with asyncio.timeout(PATIENCE):
        await api.bell.until(lambda: any(words in one.text for one in person.from_bot))


async def test_two_people_pair_by_a_link_and_nothing_is_lost_or_doubled_when_the_bot_is_killed(
    tmp_path: Path,
) -> None:
    async with BotApi() as api:
        alex, sam = api.person("Alex"), api.person("Sam")
        async with serving(on_telegram(api), tmp_path / "data"):
            alex.start()
            await told(api, alex, "Kim runs me")
            alex.write("/pair")
            await told(api, alex, "five small rules")
            alex.press(alex.from_bot[-1], "Yes, gladly")
            await told(api, alex, "whose idea")
            alex.press(alex.from_bot[-1], "My own idea")
            await told(api, alex, "Your code is")
        on_its_way = alex.from_bot[-1].text
        code = alex.from_bot[-1].text.split("?start=")[1].split()[0]
        sam.start(code)  # while nobody is there
        async with serving(on_telegram(api), tmp_path / "data"):
            await told(api, sam, "Alex")
            sam.press(sam.from_bot[-1], "Pair")
            await told(api, sam, "whose idea")
            sam.press(sam.from_bot[-1], "My own idea")
            await told(api, alex, "are paired now")
        for person in (alex, sam):
            texts = [one.text for one in person.from_bot]
            assert {one for one in texts if texts.count(one) > 1} <= {on_its_way}


async def test_menus_and_what_it_says_of_itself_are_set_once(tmp_path: Path) -> None:
    async with BotApi() as api:
        calls: list[int] = []
        for times in (1, 2):
            before = len(api.calls)
            async with serving(on_telegram(api), tmp_path / "data"), asyncio.timeout(PATIENCE):
                await api.bell.until(lambda n=times: len(api.calls_of("getMyShortDescription")) == n * LANGUAGES)
            made = [call.method for call in api.calls[before:]]
            calls.append(sum(method.startswith("set") for method in made))
        assert calls[0] > 0
        assert calls[1] == 0


async def test_it_ends_at_once_when_it_is_asked_to(tmp_path: Path) -> None:
    async with BotApi() as api:
        alex = api.person("Alex")
        async with serving(on_telegram(api), tmp_path / "data") as process:
            alex.start()
            await told(api, alex, "Hi")
            process.send_signal(signal.SIGTERM)
            out, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
            printed = out.decode()
        assert process.returncode == 0
        assert printed.splitlines()[-1] == "Stopped."
        assert api.token not in printed
        assert "Alex" not in printed


async def test_a_token_that_telegram_does_not_know_is_said_in_one_sentence(api: BotApi) -> None:
    settings = Settings(telegram_api=api.base_url.removesuffix("/bot"))
    token = SecretStr("123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0")
    with pytest.raises(Stopped, match="set BREATHING_ROOM_TELEGRAM_TOKEN"):
        async with telegram(token, settings, SystemClock(), library_of(None)):
            pass


async def test_it_serves_while_its_menus_cannot_be_set(tmp_path: Path) -> None:
    async with BotApi() as api:
        api.faults.add("getMyCommands", Say(too_many(600)), times=99)
        api.faults.add("deleteWebhook", Raw(502))
        alex = api.person("Alex")
        async with serving(on_telegram(api), tmp_path / "data"):
            alex.start()
            await told(api, alex, "Hi")
