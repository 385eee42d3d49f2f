"""``./run crashtest``: which counts break a promise, and how they are told."""

import json
from collections import Counter

import pytest

from bench.crashtest import __main__ as program
from bench.crashtest.loopback import AT_MOST_ONCE, KINDS, REDELIVERING, Kind
from bench.crashtest.promises import broken
from bench.crashtest.report import as_json, tables, written_into
from bench.crashtest.verdict import Sends, Turns, Verdict

UNHARMED = Verdict(
    turns=Turns(taken=9), resend=Sends(shown=8, outdated=1), drop=Sends(shown=2), killed=Counter(idle=3)
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_nothing_is_broken_when_everything_came(kind: Kind):
    assert broken(kind, UNHARMED) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    "verdict",
    [
        Verdict(turns=Turns(lost=1)),
        Verdict(turns=Turns(doubled=1)),
        Verdict(turns=Turns(misplaced=1)),
        Verdict(resend=Sends(lost=1)),
        Verdict(drop=Sends(lost=1)),
        Verdict(drop=Sends(doubled=1)),
        Verdict(wrong=["a worker ended by itself"]),
    ],
)
def test_what_is_promised_everywhere_is_broken_everywhere(kind: Kind, verdict: Verdict):
    assert len(broken(kind, verdict)) == 1


@pytest.mark.parametrize("verdict", [Verdict(resend=Sends(doubled=1)), Verdict(drop=Sends(uncertain=1))])
def test_what_a_nonce_keeps_single_is_promised_where_there_is_one(verdict: Verdict):
    assert broken(REDELIVERING, verdict) == []
    assert len(broken(AT_MOST_ONCE, verdict)) == 1


@pytest.mark.parametrize(("verdict", "code"), [(UNHARMED, 0), (Verdict(turns=Turns(lost=1)), 1)])
def test_it_ends_with_1_when_a_promise_was_broken(
    verdict: Verdict, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def play(*_args: object, **_options: object) -> Verdict:
        return verdict

    monkeypatch.setattr(program, "play", play)
    monkeypatch.setattr(program, "warm_up", lambda: None)
    assert program.main(["--kills", "2", "--json"]) == code
    told = capsys.readouterr()
    assert bool(json.loads(told.err)["broken"]) is bool(code)
    assert [json.loads(line)["platform"] for line in told.out.splitlines()] == [
        kind.name for kind in KINDS for _ in "123"
    ]


def test_counts_are_told_as_json_and_as_tables():
    came = {REDELIVERING: UNHARMED}
    turns, resend, drop = map(json.loads, as_json(came))
    assert (turns["turns"]["kills"], turns["turns"]["taken"], turns["turns"]["lost"]) == (3, 9, 0)
    assert (resend["policy"], resend["sends"]["shown"], drop["policy"]) == ("resend", 8, "drop")
    assert "| redelivering | 3     | 9           | 0    | 0       | 0         |" in tables(came)


def test_a_table_takes_the_place_of_the_one_that_was_there():
    page = "a\n<!-- one -->\nold\n<!-- end -->\nb\n<!-- two -->\n<!-- end -->\n"
    assert written_into(page, "one", "new") == page.replace("old", "new")
