import re
from html.parser import HTMLParser

import pytest

from bot.adapters.web.cast import DEMO, Cast, Person, Room
from bot.adapters.web.fragments import HERE, Fragments
from bot.adapters.web.panes import FromBot, Panes
from bot.conversation.message import Message, Span, SpanKind
from tests.web.fakes import EVENING, message, words

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)> ' onmouseover='alert(1)",
    "</textarea></article><b>",
    "{{ 7 * 7 }} {% raw %}",
    "&lt;b&gt; &amp;amp;",
)


class Parsed(HTMLParser):
    """What a browser would make of it: the tags with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def names(self) -> list[str]:
        return [tag for tag, _ in self.tags]

    def attributes(self) -> set[str]:
        return {name for _, attributes in self.tags for name in attributes}


def lang_of(html: str, text: str) -> str:
    """In which language a browser takes the text to be."""
    before = html[: html.index(text)]
    open_tags: list[str] = []
    for closing, tag, attributes in re.findall(r"<(/?)(\w+)([^>]*)>", before):
        if closing:
            open_tags.pop()
        elif tag not in {"circle", "path", "br"}:
            lang = re.search(r'lang="([^"]*)"', attributes)
            open_tags.append(lang.group(1) if lang else "inherited")
    return next((lang for lang in reversed(open_tags) if lang != "inherited"), "")


def page(cast: Cast, *, entries: int = 0) -> Panes:
    panes = Panes(cast, start="s1")
    for number in range(entries):
        panes.say(cast.panes[0], cast.people[0].id, f"Line {number}", command=False)
    return panes


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_come_out_as_the_words_they_are(hostile: str) -> None:
    panes = page(DEMO)
    panes.say("den", "sam", hostile, command=False)
    panes.show("den", words(hostile), key="")
    panes.show("den", message("Choose.", hostile), key="", only="sam")
    chosen = panes.show("den", message("Choose."), key="")
    panes.retire("den", chosen, hostile)
    panes.press("den", "sam", hostile)
    tame = page(DEMO)
    tame.say("den", "sam", "tame", command=False)
    tame.show("den", words("tame"), key="")
    tame.show("den", message("Choose.", "tame"), key="", only="sam")
    tame.retire("den", tame.show("den", message("Choose."), key=""), "tame")
    tame.press("den", "sam", "tame")

    html = Parsed(Fragments(DEMO).log(panes.entries("den")))
    like = Parsed(Fragments(DEMO).log(tame.entries("den")))

    assert html.names() == like.names()
    assert html.attributes() == like.attributes()
    assert html.text.count(hostile) == 5


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_and_titles_come_out_as_the_words_they_are(hostile: str) -> None:
    def parsed(name: str) -> Parsed:
        cast = Cast(people=(Person(id="alex", name=name), DEMO.people[1]), room=Room(id="den", title=name))
        panes = page(cast, entries=1)
        panes.say("den", "alex", "Hi.", command=False)
        panes.press("den", "alex", "Yes")
        panes.show("den", message("Only you."), key="", only="alex")
        return Parsed(Fragments(cast).page(panes, EVENING))

    html = parsed(hostile)

    assert html.names() == parsed("Alex").names()
    assert html.attributes() == parsed("Alex").attributes()
    assert html.text.count(hostile) >= 5


def test_the_page_holds_nothing_that_its_content_policy_would_refuse() -> None:
    html = Parsed(Fragments(DEMO).page(page(DEMO, entries=2), EVENING))

    assert "style" not in html.names()
    assert not {name for name in html.attributes() if name == "style" or name.startswith("on")}
    scripts = [attributes.get("src") for tag, attributes in html.tags if tag == "script"]
    assert scripts == ["/static/page.js"]
    addresses = [
        value for _, attributes in html.tags for name, value in attributes.items() if name in {"src", "href"}
    ]
    assert all(address is not None and re.fullmatch(r"/static/[a-z.]+|/save", address) for address in addresses)


def test_without_its_script_a_form_would_not_put_words_into_an_address() -> None:
    forms = [
        attributes for tag, attributes in Parsed(Fragments(DEMO).page(page(DEMO), EVENING)).tags if tag == "form"
    ]

    assert len(forms) == 3
    assert all(form.get("method") == "post" for form in forms)


def test_every_choice_looks_the_same() -> None:
    html = Parsed(Fragments(DEMO).entry(FromBot(ref="m1", message=message("Pair?", "Pair", "Not now", "Later"))))

    choices = [attributes for tag, attributes in html.tags if tag == "button"]
    assert len(choices) == 3
    assert {tuple(sorted(set(choice) - {"data-token"})) for choice in choices} == {("class", "dir", "type")}
    assert {choice["class"] for choice in choices} == {"choice"}


def test_lines_and_spaces_are_kept_as_they_were_written() -> None:
    panes = page(DEMO)
    panes.say("alex", "alex", "  two\n\n   lines ", command=False)

    assert '<p dir="auto" class="text">  two\n\n   lines </p>' in Fragments(DEMO).log(panes.entries("alex"))


def test_a_paragraph_of_nothing_but_own_words_is_set_apart() -> None:
    plain = (Span(text="Sam wrote:"),)
    own = (Span(text="It hurt.", kind=SpanKind.OWN_WORDS),)
    html = Fragments(DEMO).entry(FromBot(ref="m1", message=Message(paragraphs=(plain, own))))

    assert '<p dir="auto">Sam wrote:</p>' in html
    assert '<p dir="auto" class="quote"><bdi class="words" lang="">It hurt.</bdi></p>' in html


def test_every_control_has_a_name() -> None:
    html = Fragments(DEMO).page(page(DEMO, entries=1), EVENING)

    for control in re.findall(r"<(?:textarea|button)\b[^>]*>.*?</(?:textarea|button)>", html, re.DOTALL):
        opening = control[: control.index(">")]
        assert "aria-label" in opening or Parsed(control).text.strip(), opening
    assert len(re.findall(r'role="log" aria-live="polite" aria-label="', html)) == 3


@pytest.mark.parametrize("count", [1, 3, 5, 7])
def test_there_is_a_pane_for_each_person_and_one_for_the_room(count: int) -> None:
    people = tuple(Person(id=f"p{number}", name=f"Person {number}") for number in range(count))
    cast = Cast(people=people, room=DEMO.room)
    html = Parsed(Fragments(cast).page(page(cast), EVENING))
    panes = [attributes["data-pane"] for _, attributes in html.tags if "data-pane" in attributes]
    speakers = [attributes["value"] for tag, attributes in html.tags if tag == "input"]

    assert panes == [*(person.id for person in people), "den"]
    assert speakers == [person.id for person in people]


def test_all_that_the_page_loads_weighs_less_than_100_kilobytes() -> None:
    files = sum(path.stat().st_size for path in (HERE / "static").iterdir())

    assert files + len(Fragments(DEMO).page(page(DEMO), EVENING).encode()) < 100_000


def test_a_message_is_marked_with_its_language_and_what_people_wrote_with_none() -> None:
    spans = (Span(text="Alex dice: "), Span(text="Hello.", kind=SpanKind.OWN_WORDS))
    asked = Message(paragraphs=(spans,), buttons=message("", "Guardar").buttons, language="es")
    html = Fragments(DEMO).entry(FromBot(ref="m1", message=asked))
    assert [lang_of(html, text) for text in ("Alex dice", "Guardar", "Hello.", "The bot")] == ["es", "es", "", "en"]
    chosen = FromBot(ref="m1", message=Message(paragraphs=(), language="es"), chosen="Guardar")
    html = Fragments(DEMO).entry(chosen)
    assert [lang_of(html, text) for text in ("Guardar", "Chosen")] == ["es", "en"]
