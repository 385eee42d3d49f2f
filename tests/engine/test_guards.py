"""Guards: what may be written, what it means, and that neither reading nor evaluating one can do anything else."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.guard_grammar import LONGEST, GuardInvalid, compile_guard
from bot.engine.guards import Data, Guard, Kind, Names, SlotKind

SLOTS: Mapping[str, SlotKind] = {
    "mood": SlotKind(Kind.NAME, ("good", "bad"), each=True),
    "also": SlotKind(Kind.NAMES, ("tired", "hurt"), each=True),
    "card": SlotKind(Kind.TEXT, each=True),
    "length": SlotKind(Kind.DURATION, ("1200000", "3600000")),
    "back_at": SlotKind(Kind.INSTANT),
    "way": SlotKind(Kind.NAME, ("stay", "go")),
    "agreed": SlotKind(Kind.TRUTH),
}
ALONE = Names(SLOTS, ["a", "people"], ["talk", "rest"], person=True)
TOGETHER = Names(SLOTS, ["a", "people"], ["talk", "rest"], person=False)


@dataclass
class FixedScope:
    """A scope whose values were written down; ``people`` are everybody's, by role."""

    values: Mapping[str, Data] = field(default_factory=dict[str, Data])
    people: Mapping[str, Sequence["FixedScope"]] = field(default_factory=dict[str, Sequence["FixedScope"]])
    entered: Mapping[str, int] = field(default_factory=dict[str, int])
    now: int = 1_000_000
    zone: str = ""

    def value(self, name: str) -> Data:
        return self.values.get(name)

    def everybody(self, role: str | None) -> "Sequence[FixedScope]":
        roles = [role] if role is not None else list(self.people)
        return [scope for name in roles for scope in self.people.get(name, ())]

    def visits(self, step: str) -> int:
        return self.entered.get(step, 0)


def alone(source: str, **values: Data) -> bool:
    return compile_guard(source, ALONE).holds(FixedScope(values))


def together(source: str, *people: FixedScope, **values: Data) -> bool:
    return compile_guard(source, TOGETHER).holds(FixedScope(values, {"people": people}))


def refused(source: str, names: Names = ALONE) -> GuardInvalid:
    started = time.process_time()
    with pytest.raises(GuardInvalid) as caught:
        compile_guard(source, names)
    assert time.process_time() - started < 1
    assert 0 <= caught.value.offset <= len(source)
    return caught.value


# What it means


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("mood == 'good'", True),
        ("mood != 'good'", False),
        ("mood == 'bad' or mood == 'good'", True),
        ("mood == 'bad' and mood == 'good'", False),
        ("not mood == 'bad'", True),
        ("mood in ['good', 'bad']", True),
        ("mood not in ('bad',)", True),
        ("mood in []", False),
        ("'tired' in also", True),
        ("'hurt' in also", False),
        ("'hurt' not in also", True),
        ("mood", True),
        ("card", True),
        ("not card", False),
        ("length == minutes(20)", True),
        ("length < hours(1)", True),
        ("length + minutes(40) == hours(1)", True),
        ("length >= days(1)", False),
        ("back_at > now", True),
        ("back_at <= now + minutes(20)", False),
        ("visits(talk) < 2", False),
        ("visits(rest) < 2", True),
        ("agreed == True", True),
        ("(mood == 'good') == agreed", True),
    ],
)
def test_an_expression_means_what_it_says(source: str, *, expected: bool) -> None:
    values: dict[str, Data] = {
        "mood": "good",
        "also": ("tired",),
        "card": "words",
        "length": 20 * 60_000,
        "back_at": 10_000_000,
        "agreed": True,
    }
    scope = FixedScope(values, entered={"talk": 3})
    assert compile_guard(source, ALONE).holds(scope) is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("all(mood == 'good')", False),
        ("any(mood == 'good')", True),
        ("none(mood == 'good')", False),
        ("count(mood == 'good') == 1", True),
        ("count(mood == 'good', people) >= 2", False),
        ("all(mood == 'good', a)", True),
        ("none(mood == 'bad', a)", True),
        ("any('tired' in also, people)", True),
        ("way == 'stay' and any(mood == 'bad')", True),
    ],
)
def test_a_quantifier_asks_each_person(source: str, *, expected: bool) -> None:
    well = FixedScope({"mood": "good", "also": ("tired",)})
    ill = FixedScope({"mood": "bad"})
    scope = FixedScope({"way": "stay"}, {"people": [well, ill]})
    assert compile_guard(source, TOGETHER).holds(scope) is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("mood == 'good'", False),
        ("mood != 'good'", True),
        ("not mood", True),
        ("'tired' in also", False),
        ("'tired' not in also", True),
        ("mood in ['good']", False),
        ("length < hours(1)", False),
        ("length >= hours(1)", False),
        ("back_at > now + length", False),
        ("now + length == back_at", True),
        ("mood == mood", True),
    ],
)
def test_a_missing_answer_is_none_equals_only_none_and_has_no_order(source: str, *, expected: bool) -> None:
    assert alone(source) is expected


def test_nobody_at_all_makes_all_true_and_any_false() -> None:
    assert together("all(mood == 'good')")
    assert not together("any(mood == 'good')")
    assert together("none(mood == 'good')")
    assert together("count(mood == 'good') == 0")


def test_a_guard_tells_what_it_reads_and_counts() -> None:
    guard = compile_guard("mood == 'good' and (card or visits(talk) < 2) and now < back_at", ALONE)
    assert guard.reads == {"mood", "card", "back_at"}
    assert guard.counts == {"talk"}
    assert guard.kind is Kind.TRUTH
    assert compile_guard("now + length", ALONE).kind is Kind.INSTANT


# What is refused

HOSTILE = [
    "__import__('os')",
    "__import__('os').system('true')",
    "().__class__",
    "mood.__class__",
    "mood.upper()",
    "mood[0]",
    "also[0] == 'tired'",
    "lambda: 1",
    "(lambda: mood)()",
    "[m for m in also]",
    "{m for m in also}",
    "{m: m for m in also}",
    "any(m for m in also)",
    "f'{mood}'",
    "f'' == mood",
    "(x := 1)",
    "9**9**9",
    "9 ** 99999999",
    "'a' * 99999999 == mood",
    "1 << 99999",
    "-1 == visits(talk)",
    "~1",
    "visits(talk) - 1 < 2",
    "all(*also)",
    "all(**also)",
    "minutes(*also)",
    "minutes(amount=20) == length",
    "minutes(20, 30) == length",
    "minutes(0) == length",
    "minutes(-1) == length",
    "minutes(10001) == length",
    "minutes(True) == length",
    "minutes(visits(talk)) == length",
    "visits('talk') < 2",
    "visits() < 2",
    "visits(talk, rest) < 2",
    "mood if mood else card",
    "mood == 'good' == card",
    "0 < visits(talk) < 2",
    "mood is 'good'",
    "mood is not None",
    "mood == None",
    "mood == 1.5",
    "visits(talk) == 0x10",
    "visits(talk) == 1_0",
    "visits(talk) == 1e3",
    "visits(talk) == 1j",
    "mood == b'good'",
    "mood == ...",
    "None",
    "...",
    "b'good'",
    "visits(talk) == None",
    "visits(talk) == b'1'",
    "mood in {'good'}",
    "mood in {'good': 1}",
    "mood in [*also]",
    "await mood",
    "yield mood",
    "mood; mood",
    "mood = 'good'",
    "import os",
    "print(mood)",
    "eval('1')",
    "",
    " ",
    "#",
    "mood ==",
    "(mood",
    "mood)",
    "mood == 'good",
    "mood\n== 'good'",
    "mood == '\\x41'",
    "\\",
    "mood\\\n== 'good'",
    "mood == 'go\x00od'",
    "\x00",
    "\ufeffmood",
    "\uff4d\uff4f\uff4f\uff44 == 'good'",
    "\u043cood == 'good'",
    "mood\u00a0== 'good'",
    "mood == \u201cgood\u201d",
    "\ud800",
    "1and mood",
    "mood == mood == mood",
    "mood,",
    "(mood, card)",
    "[mood]",
    "not",
    "now()",
    "a",
    "people.card",
]


@pytest.mark.parametrize("source", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_plain_comparison_is_refused(source: str) -> None:
    refused(source)


@pytest.mark.parametrize(
    "source",
    [
        "(" * 10_000 + "mood" + ")" * 10_000,
        "(" * 240 + "mood" + ")" * 240,
        "[" * 400,
        "not " * 10_000 + "mood",
        "mood == 'good' or " * 5_000 + "mood",
        "mood == '" + "a" * 1_000_000 + "'",
        "visits(talk) == " + "9" * 100_000,
        "a" * 100_000,
    ],
    ids=["parens", "short_parens", "brackets", "nots", "ors", "text", "digits", "name"],
)
def test_a_huge_expression_is_refused_at_once(source: str) -> None:
    refused(source)


def test_a_long_expression_with_many_parentheses_is_read() -> None:
    source = "(" * 60 + "mood == 'good'" + ")" * 60
    source += " or mood == 'bad'" * ((LONGEST - len(source)) // len(" or mood == 'bad'"))
    assert LONGEST - 20 < len(source) <= LONGEST
    guard = compile_guard(source, ALONE)
    assert guard.holds(FixedScope({"mood": "bad"}))
    assert not guard.holds(FixedScope({}))


def test_nested_nots_up_to_the_longest_expression_are_evaluated() -> None:
    guard = compile_guard("not " * 122 + "mood", ALONE)
    assert guard.holds(FixedScope({"mood": "good"}))


@pytest.mark.parametrize(
    ("source", "message", "offset"),
    [
        ("mood == 'goood'", "'goood' is not an option of 'mood', did you mean 'good'?", 8),
        ("'baad' != mood", "'baad' is not an option of 'mood', did you mean 'bad'?", 0),
        ("mood in ['good', 'baad']", "'baad' is not an option of 'mood', did you mean 'bad'?", 17),
        ("'tird' in also", "'tird' is not an option of 'also', did you mean 'tired'?", 0),
        ("moood == 'good'", "unknown name 'moood', did you mean 'mood'?", 0),
        ("mood == 'good' or visit(talk) < 2", "unknown function 'visit', did you mean 'visits'?", 18),
        ("visits(tlk) < 2", "'tlk' is no step that waits, did you mean 'talk'?", 7),
    ],
)
def test_a_typo_is_told_with_its_place_and_what_was_meant(source: str, message: str, offset: int) -> None:
    fault = refused(source)
    assert str(fault) == message
    assert fault.offset == offset


def test_an_unknown_role_is_told_with_what_was_meant() -> None:
    fault = refused("all(mood == 'good', peopple)", TOGETHER)
    assert str(fault) == "unknown role 'peopple', did you mean 'people'?"
    assert fault.offset == 20


def test_an_offset_counts_characters_behind_words_of_other_alphabets() -> None:
    names = Names({**SLOTS, "plan": SlotKind(Kind.NAME, ("später", "für immer"))}, [], [], person=True)
    fault = refused("plan == 'für immer' or plan == 'nie'", names)
    assert fault.offset == 31
    assert compile_guard("plan == 'später'", names).holds(FixedScope({"plan": "später"}))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("card == 'yes'", "what people write cannot be compared"),
        ("'yes' == card", "what people write cannot be compared"),
        ("card in ['yes', 'no']", "what people write cannot be compared"),
        ("card == card", "what people write cannot be compared"),
        ("mood in [card]", "what people write cannot be compared"),
        ("card in also", "before it, one choice"),
        ("also in also", "before it, one choice"),
        ("also == 'tired'", "several choices cannot be compared with a choice"),
        ("'tired' in mood", "after 'in' comes a slot of several choices"),
        ("length == '20m'", "a duration cannot be compared with a choice"),
        ("mood in [1, 2]", "a choice cannot be compared with a number"),
        ("mood == visits(talk)", "a choice cannot be compared with a number"),
        ("mood < 'good'", "a choice has no order"),
        ("also != also or mood <= mood", "a choice has no order"),
        ("now + mood == back_at", "only a time, a date or a duration plus a duration"),
        ("length + now == back_at", "only a time, a date or a duration plus a duration"),
        ("visits(talk) + 1 < 2", "only a time, a date or a duration plus a duration"),
        ("all(any(mood == 'good'))", "it cannot stand in another"),
        ("greatest(mood)", "greatest(...) is of a duration or a number"),
        ("latest(length)", "latest(...) is of a date or a time or a time of day"),
        ("size(mood)", "size(...) is of a list or of several choices"),
        ("on(now, '09:00')", "on(...) takes a date and a time of day"),
        ("on(today, 'noonish')", "'noonish' is no time of day"),
    ],
)
def test_only_what_is_of_one_kind_is_compared(source: str, message: str) -> None:
    assert message in str(refused(source))


def test_one_value_a_person_needs_a_quantifier_where_there_is_no_person() -> None:
    assert "write all(...), any(...), none(...) or count(...)" in str(refused("mood == 'good'", TOGETHER))
    assert "write all(...)" in str(refused("way == 'stay' and card", TOGETHER))
    assert not compile_guard("way == 'stay'", TOGETHER).holds(FixedScope())


def test_a_quantifier_is_yes_or_no_and_a_count_a_number() -> None:
    assert "yes or no cannot be compared with a number" in str(refused("all(mood == 'good') == 1", TOGETHER))
    assert compile_guard("all(mood == 'good') == True", TOGETHER).holds(FixedScope())
    assert compile_guard("count(mood == 'good')", TOGETHER).kind is Kind.NUMBER


def test_a_role_is_the_last_of_two_arguments() -> None:
    fault = refused("all(mood == 'good', people, a)", TOGETHER)
    assert str(fault) == "all(...) takes a condition, and a role after it if it is not for everyone"
    assert str(refused("all(mood == 'good', 'people')", TOGETHER)) == "unknown role"


def test_what_stands_on_the_wrong_side_of_in_is_the_place() -> None:
    assert refused("'tired' in mood").offset == 11
    assert refused("not card in also").offset == 4


def test_a_quantifier_is_no_condition_of_another() -> None:
    assert "it cannot stand in another" in str(refused("all(any(mood == 'good'))", TOGETHER))


# Evaluation is total

_names = st.sampled_from(["mood", "way", "also", "card", "length", "back_at", "agreed"])
_duration = st.deferred(
    lambda: st.one_of(
        st.just("length"),
        st.sampled_from(["minutes(20)", "hours(1)", "days(10000)"]),
        st.builds("{} + {}".format, _duration, _duration),
    )
)
_instant = st.deferred(
    lambda: st.one_of(st.sampled_from(["now", "back_at"]), st.builds("{} + {}".format, _instant, _duration))
)
_order = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
_compared = st.one_of(
    st.builds("{} {} '{}'".format, st.just("mood"), st.sampled_from(["==", "!="]), st.sampled_from(["good", "bad"])),
    st.builds("{} {} {}".format, _duration, _order, _duration),
    st.builds("{} {} {}".format, _instant, _order, _instant),
    st.builds("visits({}) {} {}".format, st.sampled_from(["talk", "rest"]), _order, st.integers(0, 10**6)),
    st.builds("'{}' {} also".format, st.sampled_from(["tired", "hurt"]), st.sampled_from(["in", "not in"])),
    st.builds("mood {} ['good', 'bad']".format, st.sampled_from(["in", "not in"])),
    _names,
)
_truth = st.recursive(
    _compared,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not {}".format, inner),
    ),
    max_leaves=8,
)
_quantified = st.one_of(
    st.builds("{}({})".format, st.sampled_from(["all", "any", "none"]), _truth),
    st.builds("{}({}, people)".format, st.sampled_from(["all", "any", "none"]), _truth),
    st.builds("count({}) {} {}".format, _truth, _order, st.integers(0, 5)),
)

_data = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=5),
    st.sampled_from(["good", "bad", "stay", "go"]),
    st.lists(st.sampled_from(["tired", "hurt", ""]), max_size=3).map(tuple),
)
_values = st.dictionaries(_names, _data)
_person = st.builds(FixedScope, _values)


def _compiled(source: str, names: Names) -> Guard | None:
    """The guard, or None for an expression that grew too long."""
    return compile_guard(source, names) if len(source) <= LONGEST else None


@settings(deadline=None)
@given(source=_truth, values=_values, entered=st.dictionaries(st.sampled_from(["talk", "rest"]), st.integers()))
def test_every_expression_has_a_value_for_one_person(
    source: str, values: Mapping[str, Data], entered: Mapping[str, int]
) -> None:
    guard = _compiled(source, ALONE)
    if guard is not None:
        assert guard.holds(FixedScope(values, entered=entered)) in {True, False}


@settings(deadline=None)
@given(source=_quantified, values=_values, people=st.lists(_person, max_size=4))
def test_every_expression_has_a_value_for_everybody(
    source: str, values: Mapping[str, Data], people: Sequence[FixedScope]
) -> None:
    guard = _compiled(source, TOGETHER)
    if guard is not None:
        assert guard.holds(FixedScope(values, {"people": people})) in {True, False}


@settings(deadline=None)
@given(source=st.text(max_size=60) | st.text("mod='gbad()[]{}.:,<>&|+-*/%^~#@!\\\n\t \"01", max_size=60))
def test_any_text_is_an_expression_or_refused(source: str) -> None:
    offset: int | None = None
    try:
        compile_guard(source, ALONE).holds(FixedScope())
    except GuardInvalid as fault:
        offset = fault.offset
    assert offset is None or 0 <= offset <= len(source)
