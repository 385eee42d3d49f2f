"""The double: what Telegram reads as formatting, and what it refuses."""

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, MessageEntity
from telegram.error import BadRequest

from tests.telegram.server.api import BotApi
from tests.telegram.server.entities import cut, marked, read_html, units
from tests.telegram.server.refusals import Refusal

READ = {
    "<b>a</b><strong>b</strong>": [("bold", "a"), ("bold", "b")],
    "<i>a</i><em>b</em>": [("italic", "a"), ("italic", "b")],
    "<u>a</u><ins>b</ins>": [("underline", "a"), ("underline", "b")],
    "<s>a</s><strike>b</strike><del>c</del>": [
        ("strikethrough", "a"),
        ("strikethrough", "b"),
        ("strikethrough", "c"),
    ],
    '<tg-spoiler>a</tg-spoiler><span class="tg-spoiler">b</span>': [("spoiler", "a"), ("spoiler", "b")],
    "<code>a</code>": [("code", "a")],
    "<pre>a</pre>": [("pre", "a")],
    '<pre><code class="language-python">a</code></pre>': [("pre", "a")],
    "<blockquote>a</blockquote><blockquote expandable>b</blockquote>": [
        ("blockquote", "a"),
        ("expandable_blockquote", "b"),
    ],
    '<a href="https://example.org/">a</a>': [("text_link", "a")],
    '<a href="nowhere">a</a>': [],
    '<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>': [("custom_emoji", "👍")],
    '<tg-time unix="1772474400" format="wDT">18:00</tg-time>': [("date_time", "18:00")],
    "😀<b>😀<i>é</i></b>": [("bold", "😀é"), ("italic", "é")],
    "<b> </b>a": [],
    "a &lt;b&gt; &amp; &quot;c&quot; &#233; & > &copy;": [],
    "/pause @sam_42 #den https://t.me/x": [
        ("bot_command", "/pause"),
        ("mention", "@sam_42"),
        ("hashtag", "#den"),
        ("url", "https://t.me/x"),
    ],
    "<code>/pause</code> and/or a/b": [("code", "/pause")],
}


@pytest.mark.parametrize("source", READ)
async def test_what_is_allowed_is_marked_in_utf_16_units(api: BotApi, bot: Bot, source: str) -> None:
    alex = api.person("Alex", started=True)
    sent = await bot.send_message(alex.id, source, parse_mode="HTML")
    assert [(one.type, text) for one, text in sent.parse_entities().items()] == READ[source]


async def test_references_are_read(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    sent = await bot.send_message(
        alex.id, "a &lt;b&gt; &amp; &quot;c&quot; &#233;&#xe9; & > &copy;", parse_mode="HTML"
    )
    assert sent.text == 'a <b> & "c" éé & > &copy;'


async def test_the_language_of_code_is_kept(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    sent = await bot.send_message(alex.id, '<pre><code class="language-python">a</code></pre>', parse_mode="HTML")
    assert sent.entities == (MessageEntity("pre", 0, 1, language="python"),)


REFUSED = {
    "<b>a": """can't find end tag corresponding to start tag "b\"""",
    "a</b>": "unexpected end tag at byte offset 1",
    "é<b>a</i>": 'unmatched end tag at byte offset 6, expected "</b>", found "</i>"',
    "é<h1>a</h1>": 'unsupported start tag "h1" at byte offset 2',
    "a < b": "unclosed start tag at byte offset 2",
    "I <3 you": "unclosed start tag at byte offset 2",
    '<b class="x">a</b>': 'unsupported attribute "class" at byte offset 0',
    "<span>a</span>": 'tag "span" must have class "tg-spoiler" at byte offset 0',
    '<tg-time unix="soon">a</tg-time>': "wrong date-time entity",
}


@pytest.mark.parametrize("source", REFUSED)
async def test_what_is_not_is_refused(api: BotApi, bot: Bot, source: str) -> None:
    alex = api.person("Alex", started=True)
    with pytest.raises(BadRequest) as refused:
        await bot.send_message(alex.id, source, parse_mode="HTML")
    assert refused.value.message.lower() == f"can't parse entities: {REFUSED[source]}"
    assert not alex.from_bot


async def test_marks_can_be_given_apart_from_the_text(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    sent = await bot.send_message(alex.id, " 😀a<b> ", entities=[MessageEntity("bold", 1, 3)])
    assert (sent.text, sent.entities) == ("😀a<b>", (MessageEntity("bold", 0, 3),))
    with pytest.raises(BadRequest, match=r"(?i)entity_bounds_invalid"):
        await bot.send_message(alex.id, "abc", entities=[MessageEntity("bold", 1, 3)])


def reading(source: str) -> tuple[str, list[dict[str, object]]] | Refusal:
    try:
        return read_html(source)
    except Refusal as refusal:
        return refusal


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escaped_text_comes_through_as_it_is(text: str) -> None:
    assert read_html(escape(text)) == (text, [])


@given(
    st.lists(
        st.sampled_from(["<b>", "</b>", "<i>", "</i>", "<", ">", "&", "&lt;", "é", "😀", " ", "\n", '<a href="'])
    )
)
def test_any_text_is_read_or_refused(pieces: list[str]) -> None:
    read = reading("".join(pieces))
    if isinstance(read, Refusal):
        assert read.description.startswith("Bad Request: can't parse entities: ")
        return
    text, entities = marked(*read)
    assert text == text.strip()
    for one in entities:
        assert 0 <= one["offset"] < one["offset"] + one["length"] <= units(text)
        assert cut(text, one["offset"], one["length"])


async def test_markup_that_telegram_does_not_know_is_refused(api: BotApi, bot: Bot) -> None:
    alex = api.person("Alex", started=True)
    with pytest.raises(BadRequest, match="Unsupported parse_mode"):
        await bot.send_message(alex.id, "a", parse_mode="rtf")
    with pytest.raises(BadRequest):
        await bot.send_message(alex.id, "a", parse_mode="MarkdownV2")
    assert api.forgive() == ["the double reads HTML only"]
