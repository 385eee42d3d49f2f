"""Catalogues as text: what is read is what is there, with its place; what is written is read by every tool."""

import io
from pathlib import Path

import pytest
from babel.messages.pofile import read_po as read_as_babel
from hypothesis import given
from hypothesis import strategies as st

from bot.flows.po_file import Entry, PoFile, Written, parse_po, write_po
from bot.flows.problems import FlowInvalid, Mark
from bot.wiring.dialogues import DIALOGUES

SHIPPED = sorted((DIALOGUES / "locales").rglob("*.po*"))

EVERYTHING = r"""# Who did it.
#
msgid ""
msgstr ""
"Language: es\n"
"X-Reviewed-By: Ana Ruiz\n"

# Mine.
#. For the translator.
#: flows/talk.yaml
#, fuzzy, no-wrap
#| msgid "Thanks."
msgctxt "talk:done.say"
msgid "Thank "
"\"you\".\tBye."
msgstr ""
"Gracias,\n"
"C:\\temp.\n"

#~ msgctxt "talk:gone.say"
#~ msgid "Gone."
#~ msgstr ""
#~ "Se "
#~ "fue."
"""


def read(text: str) -> PoFile:
    return parse_po(text.encode(), "x.po")


def header() -> Written:
    return Written(address="", words="", translation="Language: es\n")


def plain(entry: Entry) -> tuple[str, str, str, bool, tuple[str, ...]]:
    return entry.address.text, entry.words.text, entry.translation.text, entry.fuzzy, entry.comments


def test_everything_that_a_tool_writes_is_read() -> None:
    found = read(EVERYTHING)
    assert found.field("language") == "es"
    assert found.field("X-Reviewed-By") == "Ana Ruiz"
    assert found.field("X-Generator") == ""
    assert found.header is not None
    assert found.header.comments == ("Who did it.", "")
    assert [plain(entry) for entry in found.entries] == [
        ("talk:done.say", 'Thank "you".\tBye.', "Gracias,\nC:\\temp.\n", True, ("Mine.",))
    ]
    assert [plain(entry) for entry in found.obsolete] == [("talk:gone.say", "Gone.", "Se fue.", False, ())]


def test_a_file_of_another_system_is_the_same_file() -> None:
    other = b"\xef\xbb\xbf" + EVERYTHING.replace("\n", "\r\n").encode()
    assert [plain(entry) for entry in parse_po(other, "x.po").entries] == [plain(e) for e in read(EVERYTHING).entries]


@pytest.mark.parametrize(
    ("offset", "mark"),
    [(0, (17, 2)), (8, (17, 10)), (9, (18, 2)), (11, (18, 4)), (12, (18, 6)), (17, (18, 11)), (99, (18, 13))],
)
def test_every_character_of_a_text_has_its_place_in_the_file(offset: int, mark: tuple[int, int]) -> None:
    (entry,) = read(EVERYTHING).entries
    assert entry.translation.mark(offset) == Mark(line=mark[0], column=mark[1])


def test_nothing_is_a_catalogue_without_entries() -> None:
    assert read("").entries == ()
    assert read("# Only a remark.\n").field("Language") == ""


def test_a_file_that_is_no_text_or_much_too_long_is_refused() -> None:
    for raw, code in ((b'msgid "\xff"', "not-utf8"), (b"#" * (4 * 1024 * 1024 + 1), "too-large")):
        with pytest.raises(FlowInvalid) as refused:
            parse_po(raw, "x.po")
        assert [problem.code for problem in refused.value.problems] == [code]


def test_one_wrong_line_does_not_hide_the_next_entry() -> None:
    wrong = 'msgctxt "a:b"\nmsgid "One.\n"more"\nmsgstr "Uno."\n'
    with pytest.raises(FlowInvalid) as refused:
        read(f"{wrong}\n{wrong.replace('a:b', 'a:c')}")
    assert [problem.line for problem in refused.value.problems] == [2, 7]
    assert {problem.code for problem in refused.value.problems} == {"po-syntax"}


words = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Zl", "Zp")) | st.sampled_from('\n"\\'))
addresses = st.from_regex(r"[a-z]{1,9}:[a-z.]{1,9}", fullmatch=True)
entries = st.builds(Written, address=addresses, words=words.filter(bool), translation=words, fuzzy=st.booleans())


@given(st.lists(entries, unique_by=lambda entry: entry.address, max_size=5))
def test_what_is_written_is_read_as_it_was(written: list[Written]) -> None:
    text = write_po(header(), written, written)
    found = read(text)
    expected = [(e.address, e.words, e.translation, e.fuzzy) for e in written]
    assert [plain(entry)[:4] for entry in found.entries] == expected
    assert [plain(entry)[:4] for entry in found.obsolete] == expected


@given(st.lists(entries, unique_by=lambda entry: (entry.address, entry.words), max_size=5))
def test_babel_reads_what_is_written(written: list[Written]) -> None:
    told = as_babel(write_po(header(), written))
    assert told == {(e.address, e.words): (e.translation, e.fuzzy) for e in written}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.parent.name}/{path.name}")
def test_babel_reads_in_what_ships_what_is_read_here(path: Path) -> None:
    text = path.read_text("utf-8")
    found = read(text)
    assert len(found.entries) > 250
    assert as_babel(text) == {
        (entry.address.text, entry.words.text): (entry.translation.text, entry.fuzzy) for entry in found.entries
    }


def as_babel(text: str) -> dict[tuple[str, str], tuple[str, bool]]:
    """What Babel finds in a catalogue, by address and English."""
    catalogue = read_as_babel(io.BytesIO(text.encode()), abort_invalid=True)
    return {(str(m.context), str(m.id)): (str(m.string), m.fuzzy) for m in catalogue if m.id}
