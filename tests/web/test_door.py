import httpx2
import pytest
from starlette.types import Message

from bot.adapters.web.security import BODY_LIMIT, HEADERS
from tests.web.fakes import HOME, PORT, Page

SAY = {"pane": "alex", "person": "alex", "text": "Hello."}


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}", f"[::1]:{PORT}", f"LocalHost:{PORT}"])
def test_this_computers_own_names_are_answered(page: Page, host: str) -> None:
    assert page.browser.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "localhost:80", f"127.0.0.1.evil.example:{PORT}", ""],
)
@pytest.mark.parametrize("path", ["/", "/live", "/static/page.js", "/nowhere"])
def test_any_other_host_is_refused(page: Page, host: str, path: str) -> None:
    response = page.browser.get(path, headers={"Host": host})

    assert response.status_code == 421
    assert "evil" not in response.text


def test_any_other_host_cannot_act(page: Page) -> None:
    response = page.browser.post("/say", json=SAY, headers={"Host": f"evil.example:{PORT}"})

    assert response.status_code == 421
    assert page.stage.taken == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": f"http://evil.example:{PORT}"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": f"https://127.0.0.1:{PORT}"},
        {"Origin": f"http://127.0.0.1:{PORT + 1}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
@pytest.mark.parametrize("path", ["/say", "/press", "/change", "/travel", "/restart"])
def test_another_sites_page_cannot_act(page: Page, headers: dict[str, str], path: str) -> None:
    assert page.browser.post(path, json=SAY, headers=headers).status_code == 403
    assert page.stage.taken == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": HOME},
        {"Origin": f"http://localhost:{PORT}", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin"},
        {},
    ],
)
def test_the_own_page_can_act(page: Page, headers: dict[str, str]) -> None:
    assert page.browser.post("/say", json=SAY, headers=headers).status_code == 204
    assert len(page.stage.taken) == 1


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_a_foreign_form_could_send_is_not_read(page: Page, kind: str) -> None:
    response = page.browser.post("/say", content=b'{"pane":"alex"}', headers={"Content-Type": kind})

    assert response.status_code == 415


def check_headers(response: httpx2.Response) -> None:
    for name, value in HEADERS.items():
        assert response.headers.get_list(name) == [value]


def test_every_answer_carries_the_protecting_headers(page: Page) -> None:
    check_headers(page.browser.get("/"))
    check_headers(page.browser.get("/static/page.css"))
    check_headers(page.browser.get("/nowhere"))
    check_headers(page.browser.get("/", headers={"Host": "evil.example"}))
    check_headers(page.browser.post("/say", json=SAY))
    check_headers(page.browser.post("/say", json=SAY, headers={"Origin": "null"}))


def test_the_content_policy_allows_nothing_inline_and_nothing_foreign(page: Page) -> None:
    policy = page.browser.get("/").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in policy
    assert "http" not in policy


def test_too_large_a_body_is_refused_kindly(page: Page) -> None:
    response = page.browser.post(
        "/say", content=b" " * (BODY_LIMIT + 1), headers={"Content-Type": "application/json"}
    )

    assert response.status_code == 413
    assert response.text == "That is too much at once; try it in smaller pieces."
    assert page.stage.taken == []


async def test_a_body_of_unknown_length_is_measured_as_it_comes(page: Page) -> None:
    pieces = 0
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal pieces
        pieces += 1
        return {"type": "http.request", "body": b" " * 1024, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", f"127.0.0.1:{PORT}".encode()), (b"content-type", b"application/json")]
    await page.app({"type": "http", "method": "POST", "path": "/say", "headers": headers}, receive, send)

    assert sent[0]["status"] == 413
    assert pieces == BODY_LIMIT // 1024 + 1


@pytest.mark.parametrize("length", ["-1", "x", "9" * 400, "²"])
def test_a_length_that_is_none_is_refused(page: Page, length: str) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", length.encode())]
    response = page.browser.post("/say", content=b"{}", headers=headers)

    assert response.status_code == 413
