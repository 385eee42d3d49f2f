"""Which answers stand for all: some of each kind that an expression can tell apart, and no more than that."""

from dataclasses import replace

import pytest

from bot.engine.model import Flow
from bot.flows.exploration.bounds import Bounds
from bot.flows.exploration.exploring import explore, explored_space
from bot.flows.exploration.stood import Stood, stood_in
from bot.flows.flow_compiler import compile_flow, read_flow
from bot.flows.library import ACTIONS
from bot.flows.yaml_source import parse_source
from tests.flows.declared import kinds

HEAD = """
flow: two
version: 1
title: Two
roles: {a: one, b: one}
start: {command: two}
slots:
  n: {type: number, class: private, of: a, max: 9}
  m: {type: number, class: private, of: a, max: 9}
  scale: {type: scale, class: private, of: a}
  long: {type: duration, class: private, of: a, min: 10m, max: 3h}
  pace: {type: duration, class: private, of: a, options: {10m: "10", 1h: "60", 2h: "120", 1d: "A day"}}
  day: {type: date, class: private, of: a, within: 30d}
  then: {type: date, class: private, of: a, within: 30d}
  at: {type: time, class: private, of: a}
  mood: {type: choice, class: private, of: a, options: {fine: "Fine", good: "Good", bad: "Bad", odd: "Odd"}}
  wish: {type: choice, class: private, of: a, options: {tea: "Tea", bad: "Bad", good: "Good"}}
  some: {type: choices, class: private, of: a, options: {tea: "Tea", good: "Good", sun: "Sun", rain: "Rain"}}
  list: {type: list, class: private, of: a, most: 5}
  land: {type: country, class: private, of: a}
  copy: {type: choice, class: private, of: a, options: {fine: "Fine", bad: "Bad"}}
"""

LEAK = """
steps:
  - id: both
    lanes:
      a:
{asks}
        - {{id: there, say: "{{a}} has answered.", to: b}}
        - {{id: x, when: "{guard}", end: closed}}
    within: 1d
    expired: late
  - {{id: tell, say: "One thing.", to: b, next: over}}
  - {{id: late, say: "Another.", to: b}}
  - {{id: over, say: "Bye.", end: true}}
"""
"""What is asked decides when somebody else hears what: whatever the expression is, it has to be found."""


def read(yaml: str) -> Flow:
    """A flow that may leak: nothing that the load would refuse is looked for."""
    compiled, _ = read_flow(parse_source(yaml.encode(), "test.yaml"), ACTIONS, kinds())
    assert compiled is not None
    return compiled.flow


def leaking(guard: str, *slots: str) -> Flow:
    asks = "\n".join(f'        - {{id: q_{slot}, ask: "What?", save: {slot}}}' for slot in slots)
    return read(HEAD + LEAK.format(asks=asks, guard=guard))


def stood(flow: Flow) -> Stood:
    """What stood for all answers."""
    return stood_in(explored_space(flow, {flow.id: flow}, Bounds())[0])


@pytest.mark.parametrize(
    ("guard", "slots", "stands"),
    [
        # Bounds
        ("n > 3", "n", "0, 9"),
        ("n >= 9", "n", "0, 9"),
        ("n < 1", "n", "0, 9"),
        ("n == 4", "n", "0, 4, 9"),
        ("n in [4, 6]", "n", "0, 4, 5, 6, 9"),
        ("not n", "n", "0, 9"),
        ("scale >= 7", "scale", "0, 10"),
        ("long > hours(1)", "long", "10m, 3h"),
        ("long == hours(1)", "long", "10m, 1h, 3h"),
        ("long + minutes(20) < hours(2)", "long", "10m, 3h"),
        ("pace == hours(1)", "pace", "10m, 1h, 2h"),
        ("pace > hours(1)", "pace", "10m, 2h"),
        # Days and times of day, held to the clock and to each other
        ("day > today + days(7)", "day", "tomorrow, in 8 days"),
        ("day == today", "day", "today, tomorrow"),
        ("on(day, '17:00') > now", "day", "today, tomorrow"),
        ("on(day, '19:00') > now + days(2)", "day", "tomorrow, in 2 days"),
        ("now > on(today, '17:00') + long", "long", "10m, 3h"),
        ("day in [today, today + days(2)]", "day", "today, tomorrow, in 2 days, in 3 days"),
        # By name, also where it is not written at the question
        ("mood == 'bad'", "mood", "fine, bad"),
        ("mood in ['bad', 'odd']", "mood", "fine, bad, odd"),
        ("'sun' in some", "some", "tea, sun"),
        ("land == 'PE'", "land", "PE, ES"),
        # Counts
        ("size(some) > 2", "some", "tea, good, sun"),
        ("size(list) > 3", "list", "up to 4 items a person"),
    ],
)
def test_answers_that_a_bound_parts_are_tried_and_no_others(guard: str, slots: str, stands: str) -> None:
    flow = leaking(guard, slots)
    assert stood(flow).answers[slots] == stands
    assert "bob can tell apart what others did in private." in [f.told for f in explore(flow, {flow.id: flow}).faults]


@pytest.mark.parametrize(
    ("guard", "slots"),
    [
        ("n == m", ("n", "m")),
        ("n < m", ("n", "m")),
        ("n > m", ("n", "m")),
        ("n < m and m < 3", ("n", "m")),
        ("long > pace + minutes(30)", ("long", "pace")),
        ("day == then + days(3)", ("day", "then")),
        ("on(day, at) > on(then, '12:00')", ("day", "at", "then")),
        ("on(day, at) > now", ("day", "at")),
        ("mood == wish", ("mood", "wish")),
        ("mood != wish", ("mood", "wish")),
        ("mood in [wish, 'odd']", ("mood", "wish")),
        ("wish in some", ("wish", "some")),
        ("size(some) == n", ("some", "n")),
        ("size(list) > n", ("list", "n")),
        ("count(n > 3) == m", ("n", "m")),
        ("(n == 4) == (m == 5)", ("n", "m")),
        ("not (n > 4 or m == 3)", ("n", "m")),
        ("any(n > 4)", ("n",)),
        ("greatest(n) > least(m)", ("n", "m")),
    ],
)
def test_answers_that_are_compared_with_each_other_are_tried_so_that_it_comes_out_in_each_way(
    guard: str, slots: tuple[str, ...]
) -> None:
    flow = leaking(guard, *slots)
    assert "bob can tell apart what others did in private." in [f.told for f in explore(flow, {flow.id: flow}).faults]


def test_picks_that_are_compared_with_what_everybody_reads_are_told_apart_until_then() -> None:
    public = HEAD.replace("wish: {type: choice, class: private", "wish: {type: choice, class: signal")
    leak = LEAK.format(asks='        - {id: w, ask: "What?", save: wish}', guard="wish in some")
    before = '\nsteps:\n  - {id: q, of: a, ask: "Which?", save: some, within: 1d, expired: late}'
    flow = read(public + leak.replace("\nsteps:", before))
    assert "bob can tell apart what others did in private." in [f.told for f in explore(flow, {flow.id: flow}).faults]


def test_what_nothing_tells_apart_is_one_answer() -> None:
    flow = leaking("n > 3", "n", "m", "long", "pace", "day", "at", "mood", "some", "list", "land")
    found = stood(flow).answers
    assert {name: one for name, one in found.items() if name != "n"} == {
        "m": "0",
        "long": "10m",
        "pace": "10m",
        "day": "tomorrow",
        "at": "9:00",
        "mood": "fine",
        "some": "tea",
        "list": "one item a person",
        "land": "ES",
    }


def test_where_it_counts_how_much_it_is_two_answers_are_tried() -> None:
    flow = read(
        HEAD
        + """
steps:
  - {id: q, of: a, ask: "How long?", save: long}
  - {id: w, wait: "now + long"}
  - {id: tell, say: "Hello.", to: b}
  - {id: over, say: "Bye.", end: true}
"""
    )
    assert stood(flow).answers["long"] == "10m, 3h"


COPIED = """
steps:
  - {id: q, of: a, ask: "How are you?", save: mood}
  - {id: put, set: {copy: "mood"}}
  - {id: tell, when: "copy == 'bad'", say: "Hello.", to: b}
  - {id: over, say: "Bye.", end: true}
"""


def test_what_is_put_into_another_slot_is_tried_by_what_that_is_compared_with() -> None:
    assert stood(read(HEAD + COPIED)).answers["mood"] == "fine, bad"


HANDED_ON = """
steps:
  - id: q
    of: a
    ask: "How many?"
    save: n
  - {id: put, set: {m: n}}
  - {id: more, set: {scale: m}}
  - {id: tell, when: "scale in [4, 6]", say: "Hello.", to: b}
  - {id: over, say: "Bye.", end: true}
"""


def test_a_number_is_tried_by_what_it_is_compared_with_wherever_it_was_put() -> None:
    assert stood(read(HEAD + HANDED_ON)).answers["n"] == "0, 4, 5, 6, 9"


CALLING = """
flow: calling
version: 1
title: Calling
roles: {a: one, b: one}
start: {command: calling}
slots:
  n: {type: number, class: private, of: a, max: 50}
  how: {type: choice, class: private, of: a, options: {good: "Good", fine: "Fine", bad: "Bad"}}
steps:
  - {id: q, of: a, ask: "How many?", save: n}
  - {id: h, of: a, ask: "How are you?", save: how}
  - {id: c, call: called, roles: {me: a}, give: {k: n, mood: how}}
  - {id: tell, say: "Next.", to: b}
  - {id: over, say: "Bye.", end: true}
"""

CALLED = """
flow: called
version: 1
title: Called
roles: {me: one}
slots:
  k: {type: number, class: private, given: true, max: 50}
  mood: {type: choice, class: private, given: true, options: {good: "Good", fine: "Fine", bad: "Bad"}}
steps:
  - {id: w, when: "k > 41 and mood == 'fine'", wait: 2d}
  - {id: over, end: true}
"""


def test_what_is_handed_to_a_flow_that_is_called_is_tried_by_what_it_is_compared_with_there() -> None:
    called, calling = read(CALLED), read(CALLING)
    calling = replace(calling, calls={called.id: called})
    found = explore(calling, {calling.id: calling})
    assert (found.stood.answers["n"], found.stood.answers["how"]) == ("0, 50", "good, fine")
    assert [fault.person for fault in found.faults] == ["bob"]


def test_an_option_that_a_loop_asks_for_by_name_is_tried() -> None:
    flow = read(
        HEAD
        + """
steps:
  - id: both
    lanes:
      a:
        - {id: q, ask: "Which?", save: some}
        - id: loop
          each: {one: some}
          steps:
            - {id: how, ask: "{one}?", save: mood}
            - {id: hint, when: "item == 'rain'", say: "It rains.", to: b}
        - {id: last, ask: "And?", save: wish}
    within: 1d
    expired: over
  - {id: over, say: "Bye.", end: true}
"""
    )
    assert stood(flow).answers["some"] == "tea, rain"
    assert "bob can tell apart what others did in private." in [f.told for f in explore(flow, {flow.id: flow}).faults]


DAYS_LATER = """
steps:
  - {id: q, of: a, ask: "Which day?", save: day}
  - {id: w, wait: 3d}
  - {id: tell, when: "day > today + days(2)", say: "Hello.", to: b}
  - {id: over, say: "Bye.", end: true}
"""


def test_a_day_is_tried_on_both_sides_of_what_it_is_held_to_days_later() -> None:
    assert stood(read(HEAD + DAYS_LATER)).answers["day"] == "tomorrow, in 3 days, in 6 days"
    again = DAYS_LATER.replace("wait: 3d", "wait: 3d, next: [{when: 'visits(w) < 2', go: w}, {else: tell}]")
    days = "tomorrow, in 3 days, in 6 days, in 9 days, in 12 days"
    assert stood(read(HEAD + again)).answers["day"] == days


ROUNDS = """
flow: rounds
version: 1
title: Rounds
roles: {me: one}
with_partner: true
start: {command: rounds}
slots: {n: {type: number, class: private, max: 3}}
steps:
  - {id: ask, ask: "How bad?", save: n}
  - {id: w, wait: 1d, next: [{when: "visits(w) < n", go: w}, {else: over}]}
  - {id: over, say: "Bye.", end: true}
"""


def test_rounds_are_counted_as_far_as_any_answer_lets_them_go() -> None:
    flow = compile_flow(parse_source(ROUNDS.encode(), "test.yaml"), ACTIONS).flow
    assert explore(flow, {flow.id: flow}).faults == ()
    found = stood(flow)
    assert (found.answers, found.counts) == ({"n": "0, 1, 2, 3"}, {"visits(w)": 3})


MANY = """
flow: many
version: 1
title: Many
roles: {{people: many}}
start: {{command: many}}
slots: {{mood: {{type: choice, class: private, of: each, options: {{good: "Good", bad: "Bad"}}}}}}
outcomes: {{most: {{when: "count(mood == 'bad') >= {count}", told: "It tells."}}}}
steps:
  - {{id: ask, of: each, ask: "How are you? It tells.", save: mood, within: 1d, expired: over}}
  - {{id: tell, when: most, say: "Many are low."}}
  - {{id: over, say: "Bye.", end: true}}
"""


@pytest.mark.parametrize(("count", "people"), [(2, 3), (4, 4)])
def test_there_are_as_many_people_as_an_expression_counts(count: int, people: int) -> None:
    flow = read(MANY.format(count=count))
    space, _ = explored_space(flow, {flow.id: flow}, Bounds(states=10))
    assert len(space.states[0].session.members) == people


def test_more_people_than_there_are_is_told_and_proves_nothing() -> None:
    flow = read(MANY.format(count=7))
    found = explore(flow, {flow.id: flow}, Bounds(states=10))
    assert found.stood.untried == ("the counts of people: there are 6 at most",)
    assert not found.holds
