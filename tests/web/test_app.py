import json
import logging

import pytest

from bot.adapters.web.forms import LONGEST
from bot.adapters.web.panes import FromBot, Pressed, Said
from bot.conversation.envelope import (
    ChoicePressed,
    Command,
    Envelope,
    Place,
    PlaceKind,
    TextChanged,
    TextSaid,
)
from tests.web.fakes import EVENING, ROOM, TOKEN, Page, aside, dm, message

DAY = 24 * 3_600_000
MARKED = "marked-words-7391"


@pytest.fixture
def page() -> Page:
    return Page()


def test_what_is_typed_appears_and_is_taken_in(page: Page) -> None:
    assert page.ask("/say", pane="alex", person="alex", text="I felt <alone>.") == (204, "")

    (said,) = page.panes.entries("alex")
    assert isinstance(said, Said)
    (envelope,) = page.stage.taken
    assert envelope.platform == "web"
    assert (envelope.actor.id, envelope.actor.name) == ("alex", "Alex")
    assert envelope.place == Place(kind=PlaceKind.DM, id="alex")
    assert envelope.at == EVENING
    assert envelope.content == TextSaid(text="I felt <alone>.", message=said.ref)
    assert "I felt &lt;alone&gt;." in page.html()


def test_what_is_typed_in_the_room_is_said_by_whoever_speaks(page: Page) -> None:
    page.ask("/say", pane="den", person="sam", text="Hello.")

    (envelope,) = page.stage.taken
    assert envelope.actor.id == "sam"
    assert envelope.place == Place(kind=PlaceKind.ROOM, id="den")


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/pair", Command(name="pair")),
        ("/pair AB12CD34", Command(name="pair", args="AB12CD34")),
        ("/Pause 1 hour \n", Command(name="pause", args="1 hour")),
        ("/say_it\nand more", Command(name="say_it", args="and more")),
    ],
)
def test_a_line_that_begins_with_a_slash_is_a_command(page: Page, line: str, command: Command) -> None:
    page.ask("/say", pane="alex", person="alex", text=line)

    assert page.stage.contents == [command]


@pytest.mark.parametrize("line", ["/", "/ pair", "5/6", " /pair", "Stop"])
def test_any_other_line_is_text(page: Page, line: str) -> None:
    page.ask("/say", pane="alex", person="alex", text=line)

    (content,) = page.stage.contents
    assert isinstance(content, TextSaid)
    assert content.text == line


def test_an_answer_comes_after_what_it_answers() -> None:
    page = Page()

    async def answer(envelope: Envelope) -> None:
        await page.platform.send(dm(envelope.actor.id), message("Thank you."), "k1")

    page.stage.answer = answer
    page.ask("/say", pane="alex", person="alex", text="Hello.")

    assert [type(entry) for entry in page.panes.entries("alex")] == [Said, FromBot]


def test_events_have_ids_of_their_own_in_every_process() -> None:
    first, second = Page(start="s1"), Page(start="s2")
    for page in (first, second):
        page.ask("/say", pane="alex", person="alex", text="Hello.")
        page.ask("/say", pane="alex", person="alex", text="Hello.")

    ids = [envelope.event_id for page in (first, second) for envelope in page.stage.taken]
    assert len(set(ids)) == 4


async def test_a_press_hands_over_the_token_and_which_choice(page: Page) -> None:
    await page.platform.send(dm("alex"), message("Pair?", "Pair", "Not now"), "k1")

    assert page.ask("/press", pane="alex", person="alex", token=f"v1:{TOKEN}:1") == (204, "")

    assert page.stage.contents == [ChoicePressed(token=TOKEN, index=1)]


async def test_a_press_in_the_room_is_shown_as_that_persons(page: Page) -> None:
    await page.platform.send(ROOM, message("Pause is on.", "I'm here", "A little longer"), "k1")

    page.ask("/press", pane="den", person="sam", token=f"v1:{TOKEN}:1")

    pressed = page.panes.entries("den")[-1]
    assert isinstance(pressed, Pressed)
    assert (pressed.author, pressed.label) == ("sam", "A little longer")
    assert page.stage.taken[0].place == Place(kind=PlaceKind.ROOM, id="den")


async def test_a_press_on_a_choice_that_is_gone_is_left_to_the_conversation(page: Page) -> None:
    ref = await page.platform.send(ROOM, message("Pause is on.", "I'm here"), "k1")
    await page.platform.retire(ROOM, ref, "")
    before = page.panes.entries("den")

    assert page.ask("/press", pane="den", person="alex", token=f"v1:{TOKEN}:0") == (204, "")

    assert page.stage.contents == [ChoicePressed(token=TOKEN, index=0)]
    assert page.panes.entries("den") == before


@pytest.mark.parametrize(
    "token",
    ["", TOKEN, f"v2:{TOKEN}:0", f"v1:{TOKEN}:", f"v1:{TOKEN}:x", f"v1:{TOKEN}:-1", f"v1:{TOKEN}a:0", "v1::0"],
)
def test_what_is_no_token_is_refused(page: Page, token: str) -> None:
    status, sentence = page.ask("/press", pane="alex", person="alex", token=token)

    assert (status, page.stage.taken) == (400, [])
    assert sentence == "That was not understood; reload the page and try again."


def test_ones_own_message_can_be_changed(page: Page) -> None:
    page.ask("/say", pane="sam", person="sam", text="Before.")
    (said,) = page.panes.entries("sam")

    assert page.ask("/change", pane="sam", person="sam", message=said.ref, text="First.") == (204, "")

    assert page.stage.contents[1] == TextChanged(text="First.", message=said.ref)
    assert "Before." not in page.html()


def test_somebody_elses_message_and_a_command_cannot_be_changed(page: Page) -> None:
    page.ask("/say", pane="den", person="sam", text="Mine.")
    page.ask("/say", pane="den", person="sam", text="/pause")
    said, command = page.panes.entries("den")

    for person, ref in (("alex", said.ref), ("sam", command.ref), ("sam", "p99.s1")):
        status, sentence = page.ask("/change", pane="den", person=person, message=ref, text="Changed.")
        assert status == 400
        assert "reload" in sentence
    assert len(page.stage.taken) == 2
    assert page.panes.entries("den") == (said, command)


@pytest.mark.parametrize(
    ("pane", "person"), [("alex", "robin"), ("attic", "alex"), ("alex", "sam"), ("alex", "den"), ("den", "den")]
)
@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/say", {"text": MARKED}),
        ("/press", {"token": f"v1:{TOKEN}:0"}),
        ("/change", {"message": "p1.s1", "text": MARKED}),
    ],
)
def test_nobody_speaks_who_is_not_there_or_not_in_that_chat(
    page: Page, pane: str, person: str, path: str, more: dict[str, str]
) -> None:
    status, sentence = page.ask(path, pane=pane, person=person, **more)

    assert (status, page.stage.taken) == (400, [])
    assert sentence.endswith(".")
    assert MARKED not in page.html()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"pane": "alex", "person": "alex"}',
        b'{"pane": "alex", "person": "alex", "text": ""}',
        b'{"pane": "alex", "person": "alex", "text": " \\n "}',
        b'{"pane": "alex", "person": "alex", "text": 7}',
        b'{"pane": "alex", "person": "alex", "text": "hi", "more": 1}',
        b'{"pane": "alex", "person": "alex", "text": "\\ud800"}',
        b'{"pane": "alex", "person": "alex", "text": "\xff"}',
        b"[" * 60_000,
    ],
)
def test_a_body_that_is_not_understood_is_refused_in_one_sentence(page: Page, body: bytes) -> None:
    response = page.browser.post("/say", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code == 400
    assert response.text == "That was not understood; reload the page and try again."
    assert page.stage.taken == []


def test_too_long_a_text_is_told_how_long_it_may_be(page: Page) -> None:
    status, sentence = page.ask("/say", pane="alex", person="alex", text="x" * (LONGEST + 1))

    assert (status, sentence) == (400, "That is too long: at most 16,000 characters, please.")
    assert page.ask("/say", pane="alex", person="alex", text="x" * LONGEST) == (204, "")


def test_time_moves_and_every_pane_says_so(page: Page) -> None:
    assert page.ask("/travel", by="1d") == (204, "")

    assert page.stage.leaps == [DAY]
    html = page.html()
    assert html.count("1 day later") == 3
    assert "Tuesday 3 March 2026" in html


@pytest.mark.parametrize("by", ["", "-20m", "2d", "1000"])
def test_time_moves_only_by_the_offered_leaps(page: Page, by: str) -> None:
    assert page.ask("/travel", by=by)[0] == 400
    assert page.stage.leaps == []
    assert page.panes.entries("alex") == ()


async def test_restarting_empties_the_panes_and_begins_afresh(page: Page) -> None:
    await page.platform.send(dm("alex"), message(MARKED), "k1")
    await page.platform.send(aside("sam"), message(MARKED), "k2")

    assert page.ask("/restart") == (204, "")

    assert page.stage.restarts == 1
    assert MARKED not in page.html()
    await page.platform.send(dm("alex"), message("Hello again."), "k1")
    assert "Hello again." in page.html()


def test_a_fault_is_told_without_what_was_written(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_: Envelope) -> None:
        raise RuntimeError(MARKED)

    page = Page(answer=fail)
    with caplog.at_level(logging.DEBUG):
        status, sentence = page.ask("/say", pane="alex", person="alex", text=MARKED)

    assert (status, sentence) == (500, "Something went wrong on this computer; try again, or restart.")
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("bot.")]
    assert logged == ["web_action_failed path=/say fault=RuntimeError"]
    assert MARKED not in caplog.text


def test_after_a_fault_the_page_goes_on() -> None:
    page = Page()

    async def fail_once(_: Envelope) -> None:
        page.stage.answer = calm
        raise RuntimeError

    async def calm(_: Envelope) -> None:
        pass

    page.stage.answer = fail_once
    assert page.ask("/say", pane="alex", person="alex", text="One.")[0] == 500
    assert page.ask("/say", pane="alex", person="alex", text="Two.")[0] == 204


def test_what_was_written_is_in_no_answer_but_the_page(page: Page) -> None:
    bodies = [
        {"pane": "alex", "person": MARKED, "text": MARKED},
        {"pane": "alex", "person": "alex", "text": MARKED, "more": MARKED},
        {"pane": "alex", "person": "alex", "text": MARKED * 4000},
    ]
    for body in bodies:
        for path in ("/say", "/change", "/press", "/travel", "/restart"):
            response = page.browser.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})
            assert response.status_code in {400, 413}
            assert MARKED not in response.text


@pytest.mark.parametrize(
    ("path", "kind"),
    [("page.js", "text/javascript"), ("page.css", "text/css"), ("logo.svg", "image/svg+xml")],
)
def test_what_the_page_loads_has_its_type(page: Page, path: str, kind: str) -> None:
    response = page.browser.get(f"/static/{path}")

    assert response.status_code == 200
    assert response.headers["content-type"].partition(";")[0] == kind


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/", "/templates/page.html"])
def test_nothing_else_is_served(page: Page, path: str) -> None:
    assert page.browser.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/say", "/press", "/change", "/travel", "/restart"])
def test_nothing_is_done_by_an_address(page: Page, path: str) -> None:
    assert page.browser.get(f"{path}?pane=alex&person=alex&text=hi").status_code == 405
    assert page.stage.taken == []
