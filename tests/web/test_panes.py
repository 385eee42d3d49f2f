import pytest

from bot.adapters.web.cast import DEMO, Cast, Person, Room
from bot.adapters.web.fragments import Fragments
from bot.adapters.web.panes import FromBot, Panes, Said, TimePassed
from bot.adapters.web.platform import UnknownChat, WebPlatform
from bot.conversation.outbox import Target, TargetKind
from tests.web.fakes import EVENING, ROOM, aside, dm, message

HOUR = 3_600_000


@pytest.fixture
def panes() -> Panes:
    return Panes(DEMO, start="s1")


@pytest.fixture
def platform(panes: Panes) -> WebPlatform:
    return WebPlatform(panes)


def texts(panes: Panes, pane: str) -> list[str]:
    return [entry.message.text for entry in panes.entries(pane) if isinstance(entry, FromBot)]


def rendered(panes: Panes, pane: str) -> str:
    return Fragments(panes.cast).log(panes.entries(pane))


async def test_a_message_appears_in_its_own_pane_only(panes: Panes, platform: WebPlatform) -> None:
    await platform.send(dm("sam"), message("For Sam."), "k1")

    assert texts(panes, "sam") == ["For Sam."]
    assert texts(panes, "alex") == []
    assert texts(panes, "den") == []


async def test_a_resend_shows_nothing_new_and_returns_the_same_name(panes: Panes, platform: WebPlatform) -> None:
    first = await platform.send(dm("sam"), message("Once."), "k1")
    second = await platform.send(dm("sam"), message("Once."), "k1")

    assert first == second
    assert texts(panes, "sam") == ["Once."]


async def test_names_of_messages_differ_between_processes() -> None:
    first = await WebPlatform(Panes(DEMO, start="s1")).send(dm("sam"), message("Hi."), "k1")
    second = await WebPlatform(Panes(DEMO, start="s2")).send(dm("sam"), message("Hi."), "k1")

    assert first != second


async def test_retiring_takes_the_choices_away_and_echoes_the_chosen_one(panes: Panes, platform: WebPlatform) -> None:
    ref = await platform.send(dm("alex"), message("Share?", "Share it", "Keep it"), "k1")

    await platform.retire(dm("alex"), ref, "Keep it")

    html = rendered(panes, "alex")
    assert "<button" not in html
    assert "<bdi>Keep it</bdi>" in html
    assert "Share it" not in html


async def test_retiring_without_a_choice_echoes_nothing(panes: Panes, platform: WebPlatform) -> None:
    ref = await platform.send(dm("alex"), message("Share?", "Share it", "Keep it"), "k1")

    await platform.retire(dm("alex"), ref, "")

    html = rendered(panes, "alex")
    assert "<button" not in html
    assert "chosen" not in html


async def test_retiring_what_is_gone_does_nothing(panes: Panes, platform: WebPlatform) -> None:
    ref = await platform.send(dm("alex"), message("Share?", "Yes"), "k1")
    await platform.hide(dm("alex"), ())

    await platform.retire(dm("alex"), ref, "Yes")

    assert panes.entries("alex") == ()


async def test_hiding_removes_the_bots_messages_from_that_pane_alone(panes: Panes, platform: WebPlatform) -> None:
    await platform.send(dm("alex"), message("Secret of Alex.", "Yes"), "k1")
    await platform.send(dm("sam"), message("Secret of Sam."), "k2")
    panes.say("alex", "alex", "Hide", command=False)

    await platform.hide(dm("alex"), ())

    assert [type(entry) for entry in panes.entries("alex")] == [Said]
    assert texts(panes, "sam") == ["Secret of Sam."]


async def test_hiding_an_aside_leaves_the_other_persons_asides(panes: Panes, platform: WebPlatform) -> None:
    await platform.send(aside("alex"), message("For Alex."), "k1")
    await platform.send(aside("sam"), message("For Sam."), "k2")
    panes.press("den", "alex", "Ready")
    panes.press("den", "sam", "More time")

    await platform.hide(aside("alex"), ())

    html = rendered(panes, "den")
    assert "For Alex." not in html
    assert "Ready" not in html
    assert "For Sam." in html
    assert "More time" in html


async def test_an_aside_stands_in_the_room_marked_as_seen_by_one_person_only(
    panes: Panes, platform: WebPlatform
) -> None:
    await platform.send(aside("sam"), message("Noted."), "k1")
    await platform.send(ROOM, message("Pause is on."), "k2")

    noted, pause = (Fragments(DEMO).entry(entry) for entry in panes.entries("den"))
    assert 'data-only="sam"' in noted
    assert "Only <bdi>Sam</bdi> sees this" in noted
    assert "hue-1" in noted
    assert "data-only" not in pause
    assert panes.entries("sam") == ()


@pytest.mark.parametrize(
    "target",
    [
        dm("den"),
        dm("robin"),
        aside("robin"),
        Target(platform="web", kind=TargetKind.ROOM, chat="attic"),
        Target(platform="web", kind=TargetKind.ROOM, chat="alex"),
    ],
)
async def test_a_message_for_a_chat_without_a_pane_goes_nowhere(
    panes: Panes, platform: WebPlatform, target: Target
) -> None:
    with pytest.raises(UnknownChat):
        await platform.send(target, message("Lost."), "k1")

    assert not any(panes.entries(pane) for pane in DEMO.panes)


def test_only_its_author_can_change_a_message(panes: Panes) -> None:
    ref = panes.say("den", "alex", "First.", command=False)

    assert not panes.change("den", "sam", ref, "Not mine.")
    assert not panes.change("alex", "alex", ref, "Elsewhere.")
    assert panes.entries("den") == (Said(ref=ref, author="alex", text="First."),)
    assert panes.change("den", "alex", ref, "Second.")
    assert panes.entries("den") == (Said(ref=ref, author="alex", text="Second.", edited=True),)


def test_leaps_in_a_row_become_one_line(panes: Panes) -> None:
    panes.pass_time(HOUR, EVENING + HOUR)
    panes.pass_time(HOUR // 3, EVENING + HOUR + HOUR // 3)

    (line,) = panes.entries("sam")
    assert isinstance(line, TimePassed)
    assert line.ms == HOUR + HOUR // 3
    assert "1 hour 20 minutes later" in rendered(panes, "sam")
    assert "Mon 2 Mar 2026, 19:20" in rendered(panes, "sam")


def test_two_panes_with_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="an id of its own"):
        Cast(people=(Person(id="den", name="Den"),), room=Room(id="den", title="The room"))
