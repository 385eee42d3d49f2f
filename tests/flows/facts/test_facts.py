"""Each fact, of a small flow that has it; and how the page tells it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.app import app
from bot.flows.facts.finding import facts_of
from bot.flows.facts.flow_facts import FlowFacts, Joins
from bot.flows.facts.page import page_of
from bot.flows.facts.slot_facts import By, Exposure, From, Late, Refusal
from bot.flows.flow_compiler import Compiled, compile_flow
from bot.flows.library import ACTIONS
from bot.flows.noticing import Notice
from bot.flows.releases import Yes
from bot.flows.yaml_source import parse_source
from tests.flows.declared import kinds

TWO = """
flow: two
version: 1
title: Two
roles: {a: one, b: one}
start: {command: two}
"""


def compiled(yaml: str) -> Compiled:
    return compile_flow(parse_source(yaml.encode(), "test.yaml"), ACTIONS, kinds())


def facts(*yaml: str) -> FlowFacts:
    """The facts of the first of these flows."""
    found = [compiled(one) for one in yaml]
    return facts_of({one.flow.id: one for one in found}, found[0].flow.id, kinds())


# Who reads what


GRANT = f"""{TWO}
slots:
  word: {{type: text, class: draft, of: a, name: "A word"}}
  seen: {{type: choice, class: signal, of: b, options: {{yes: "Yes"}}}}
steps:
  - {{id: word, of: a, ask: "A word?", save: word}}
  - {{id: share, of: a, grant: word, to: b, ask: "Show it?", kept: done}}
  - {{id: gate, of: b, gate: "Read it?", within: 2d, expired: done}}
  - {{id: shown, reveal: word, to: b, say: "{{word}}"}}
  - {{id: seen, of: b, ask: "{{word}}\\n\\nSeen?", save: seen, within: 1d, expired: done}}
  - {{id: done, end: true}}
"""


def test_a_draft_is_read_by_whom_it_was_granted_to_where_it_is_revealed() -> None:
    word = facts(GRANT).slot("word")
    (release,) = word.releases
    assert word.exposure is Exposure.RELEASED
    assert (release.yes, release.at and release.at.step, release.pairs) == (Yes.ASKED, "share", (("a", "b"),))
    assert [at.step for at in release.shown] == ["shown"]
    assert [(one.of, one.at.step) for one in release.first] == [("b", "gate")]
    assert [reach.pair for reach in word.reaches] == [("a", "b")]
    assert [(telling.at.step, telling.pairs) for telling in word.tellings] == [
        ("shown", (("a", "b"),)),
        ("seen", (("a", "b"),)),
    ]


def test_the_line_of_a_step_is_that_of_the_file() -> None:
    (release,) = facts(GRANT).slot("word").releases
    assert release.at is not None
    assert GRANT.split("\n")[release.at.line - 1].startswith("  - {id: share")


def test_a_draft_that_is_never_granted_stays_with_its_author() -> None:
    alone = facts(
        f"""{TWO}
slots: {{word: {{type: text, class: draft, of: a, name: "A word"}}}}
steps:
  - {{id: word, of: a, ask: "A word?", save: word}}
  - {{id: done, end: true}}
"""
    ).slot("word")
    assert (alone.exposure, alone.reaches, alone.draft) == (Exposure.AUTHOR, (), True)


def test_keeping_private_and_time_that_runs_out_are_told() -> None:
    (release,) = facts(GRANT).slot("word").releases
    assert (release.refusal, release.kept and release.kept.step) == (Refusal.ELSEWHERE, "done")
    assert release.late is Late.NOT_SHOWN
    assert not release.at_once
    told = page_of(facts(GRANT))
    assert "Until then Stop takes the yes back; what was shown cannot be taken back." in told
    line = GRANT.split("\n").index("  - {id: done, end: true}") + 1
    assert f"[Keep private] leads to `done` (line {line}); nothing that comes at once tells the other." in told


ANSWERED = f"""{TWO}
take_back: never_mind
slots:
  line: {{type: text, class: draft, of: each, name: "A line"}}
  more: {{type: text, class: draft, of: a, name: "More"}}
steps:
  - id: write
    lanes: [{{id: line, ask: "A line?", save: line, shown_to: all, optional: true}}]
    within: 1d
    expired: done
  - {{id: shown, reveal: line, say: "{{author}}: {{line}}"}}
  - id: more
    of: a
    ask: "More?"
    save: more
    grant_to: b
    reveal: "{{more}}"
    kept: closed
    within: 1d
    expired: done
  - {{id: done, end: true}}
"""


def test_where_answering_is_the_yes_it_is_shown_when_all_are_through() -> None:
    (release,) = facts(ANSWERED).slot("line").releases
    assert (release.yes, release.stage and release.stage.step) == (Yes.ANSWERED, "write")
    assert release.pairs == (("a", "b"), ("b", "a"))
    assert (release.back, release.late, release.refusal) == (True, Late.NOT_SHOWN, Refusal.SKIP)
    assert "Until then Back or Stop takes the yes back" in page_of(facts(ANSWERED))


def test_what_is_shown_right_after_cannot_be_taken_back() -> None:
    (release,) = facts(ANSWERED).slot("more").releases
    assert (release.at_once, release.refusal) == (True, Refusal.SILENCE)
    assert "Shown right after. What was shown cannot be taken back. [Keep private] looks like silence" in page_of(
        facts(ANSWERED)
    )


SIGNALS = f"""{TWO}
slots:
  mood: {{type: choice, class: signal, of: a, options: {{good: "Good", bad: "Bad"}}}}
steps:
  - {{id: mood, of: a, ask: "How are you?", save: mood, next: [{{when: "mood == 'bad'", go: kind}}, {{else: done}}]}}
  - {{id: kind, say: "Be kind: {{mood}}.", to: b}}
  - {{id: done, end: true}}
"""


def test_a_signal_is_read_by_everybody_and_what_it_decides_is_noticed() -> None:
    mood = facts(SIGNALS).slot("mood")
    assert mood.exposure is Exposure.EVERYBODY
    assert [(one.at.step, one.notice) for one in mood.decisions] == [("mood", Notice.EVERYBODY)]
    assert [telling.pairs for telling in mood.tellings] == [(("a", "b"),)]


# What is steered


WEIGHED = f"""{TWO}
slots:
  way: {{type: choice, class: private, of: each, options: {{go: "Go", stay: "Stay"}}}}
  mood: {{type: choice, class: private, of: each, options: {{good: "Good", bad: "Bad", gone: "Gone"}}}}
outcomes:
  both: {{when: "all(way == 'go')", told: "You go if you both want to."}}
steps:
  - id: ask
    lanes:
      - {{id: way, ask: "Which way? You go if you both want to.", save: way}}
      - id: mood
        ask: "How are you?"
        save: mood
        next: [{{when: "mood == 'bad'", go: kind}}, {{when: "mood == 'gone'", go: gone}}, {{else: settled}}]
      - {{id: kind, say: "Be kind to yourself.", to: self}}
      - {{id: settled, end: true}}
      - {{id: gone, end: closed}}
    within: 1d
    expired: done
  - {{id: go, when: both, say: "You go."}}
  - {{id: done, say: "Bye.", to: a, neutral: true, end: true}}
"""


def test_a_private_answer_counts_in_the_outcome_that_its_question_tells() -> None:
    found = facts(WEIGHED)
    way, (both,) = found.slot("way"), found.outcomes
    assert (way.exposure, way.outcomes, way.reaches) == (Exposure.COUNTED, ("both",), ())
    assert (both.weighs, [at.step for at in both.told_at]) == (("way",), ["way"])
    assert [(at.step, roles) for at, roles in both.used_at] == [("go", ("a", "b"))]


def test_a_guard_on_ones_own_answer_decides_what_its_author_alone_sees() -> None:
    mood = facts(WEIGHED).slot("mood")
    assert mood.exposure is Exposure.AUTHOR
    assert [(one.at.step, one.notice) for one in mood.decisions] == [("mood", Notice.AUTHOR)]


def test_an_answer_by_which_a_part_ends_looks_like_silence() -> None:
    (decision,) = facts(WEIGHED).slot("mood").decisions
    assert decision.silence is not None
    assert decision.silence.step == "gone"
    (stage,) = facts(WEIGHED).stages
    assert [at.step for at in stage.closings] == ["gone"]
    assert (stage.joins, stage.deadline, stage.alone) == (Joins.ALL, "1d", False)
    assert stage.silence is not None
    assert (stage.silence.to.step, stage.silence.ends, [said.to for said in stage.silence.says]) == (
        "done",
        True,
        [("a",)],
    )


def test_whether_there_is_a_text_may_be_noticed_once_it_was_shown() -> None:
    yaml = GRANT.replace('say: "{word}"}', 'say: "{word}", next: [{when: "word", go: seen}, {else: done}]}')
    assert (Notice.READERS, "shown") in [(d.notice, d.at.step) for d in facts(yaml).slot("word").decisions]


# Nothing of it on any disk, and a free no


def test_what_a_volatile_section_asks_is_never_kept() -> None:
    found = facts(
        f"""{TWO}
slots:
  fear: {{type: choice, class: ephemeral, of: each, options: {{yes: "Yes", no: "No"}}}}
  calm: {{type: choice, class: private, of: each, options: {{yes: "Yes"}}}}
steps:
  - id: ask
    lanes:
      - id: section
        volatile:
          - {{id: fear, ask: "Afraid?", save: fear}}
          - {{id: note, when: "fear == 'no'", set: {{calm: "'yes'"}}}}
        results: [calm]
    within: 1d
    expired: done
  - {{id: done, end: true}}
"""
    )
    fear = found.slot("fear")
    assert fear.exposure is Exposure.NEVER_KEPT
    assert [question.hidden for question in fear.questions] == [True]
    assert [(source.by, source.what) for source in found.slot("calm").sources] == [(From.SET, "'yes'")]
    assert "It is never written down" in page_of(found)


GATES = f"""{TWO}
steps:
  - id: ask
    of: b
    gate: "Would you?"
    later: "Later"
    never: "Never"
    kindly: "No, kindly"
    told: kindly
    within: 72h
    expired: quiet
  - {{id: yes, say: "Yes.", end: true}}
  - {{id: kindly, say: "{{b}} can't.", to: a, end: true}}
  - {{id: quiet, say: "Quiet.", to: a, neutral: true, end: true}}
"""


def test_a_refusal_is_told_to_nobody_and_a_kind_one_at_once() -> None:
    (gate,) = facts(GATES).gates
    assert (gate.of, gate.later, gate.never, gate.deadline) == ("b", True, True, "72h")
    assert gate.silence is not None
    assert gate.kindly is not None
    assert [(said.at.step, said.to) for said in gate.silence.says] == [("quiet", ("a",))]
    assert [(said.at.step, said.to) for said in gate.kindly.says] == [("kindly", ("a",))]
    told = page_of(facts(GATES))
    assert (
        "A no is told to nobody, and changes nothing that others see. "
        "After 72 hours it is as if nobody had answered: `a` is told “Quiet.”; and it is over."
    ) in told
    assert "A kind no, which is a choice of its own, tells at once: `a` is told “{b} can't.”; and it is over." in told


def test_who_is_named_to_whom_is_told() -> None:
    assert facts(GATES).named == (("b", ("a",)),)
    assert facts(SIGNALS).named == ()
    assert "Nobody is named." in page_of(facts(SIGNALS))


# What is kept, and where it goes


KEPT = f"""{TWO}
slots:
  will: {{type: list, class: draft, of: each, most: 1, name: "What I will do"}}
  length: {{type: duration, class: private, of: each}}
outcomes:
  longest: {{is: "greatest(length)", told: "The longer one counts."}}
steps:
  - id: write
    lanes:
      - {{id: will, ask: "What will you do?", save: will, shown_to: all}}
      - {{id: length, ask: "How long? The longer one counts.", save: length}}
    within: 1d
    expired: done
  - {{id: shown, reveal: will, say: "{{will}}"}}
  - {{id: rule, keep: rule, fields: {{will: will, length: longest}}, until: "now + days(24)"}}
  - {{id: done, end: true}}
"""


def test_a_record_tells_who_reads_it_and_until_when() -> None:
    found = facts(KEPT)
    (keep,) = found.keeps
    assert (keep.kind, keep.pair, keep.until) == ("rule", True, "now + days(24)")
    assert [(field, source) for field, _, source in keep.fields] == [("will", "will"), ("length", "longest")]
    assert [(hop.by, hop.into) for hop in found.slot("will").hops] == [(By.KEPT, "rule.will")]
    (longest,) = found.outcomes
    assert [at.step for at, _ in longest.used_at] == ["rule"]
    assert "Read by both, and nobody else" in page_of(found)
    assert "It ends 24 days later" in page_of(found)


CALLER = f"""{TWO}
slots:
  word: {{type: text, class: draft, of: a, name: "A word"}}
steps:
  - {{id: word, of: a, ask: "A word?", save: word}}
  - {{id: call, call: callee, roles: {{x: a, y: b}}, give: {{theirs: word}}}}
  - {{id: done, end: true}}
"""
CALLEE = """
flow: callee
version: 1
title: Callee
roles: {x: one, y: one}
slots: {theirs: {type: text, class: draft, of: x, given: true, name: "Theirs"}}
steps:
  - {id: share, of: x, grant: theirs, to: y, ask: "Show it?", kept: done}
  - {id: shown, reveal: theirs, to: y, say: "{theirs}"}
  - {id: done, end: true}
"""


@pytest.mark.parametrize(("how", "by"), [("call", By.CALLED), ("start", By.STARTED)])
def test_what_is_handed_on_is_read_by_whoever_reads_it_there(how: str, by: By) -> None:
    found = facts(CALLER.replace("call: callee", f"{how}: callee"), CALLEE)
    word = found.slot("word")
    assert [(hop.by, hop.flow, hop.into) for hop in word.hops] == [(by, "callee", "theirs")]
    assert [(reach.pair, [hop.into for hop in reach.by]) for reach in word.reaches] == [(("a", "b"), ["theirs"])]
    assert word.exposure is Exposure.RELEASED
    assert [link.call for link in found.links] == [how == "call"]


def test_a_flow_that_is_started_tells_what_it_was_given_by_whom() -> None:
    found = facts_of({"two": compiled(CALLER), "callee": compiled(CALLEE)}, "callee", kinds())
    assert [(flow, at.step, called) for flow, at, called in found.started_by] == [("two", "call", True)]
    assert [(source.by, source.what) for source in found.slot("theirs").sources] == [(From.STARTED, "two")]


def test_what_comes_back_from_a_called_flow_is_read_by_whoever_reads_it_here() -> None:
    caller = f"""{TWO}
slots: {{back: {{type: text, class: draft, of: a, name: "Back"}}}}
steps:
  - {{id: call, call: callee, roles: {{x: a, y: b}}, returns: {{back: theirs}}}}
  - {{id: share, of: a, grant: back, to: b, ask: "Show it?", kept: done}}
  - {{id: shown, reveal: back, to: b, say: "{{back}}"}}
  - {{id: done, end: true}}
"""
    callee = CALLEE.replace("given: true, ", "").replace(
        '{id: share, of: x, grant: theirs, to: y, ask: "Show it?", kept: done}',
        '{id: ask, of: x, ask: "A word?", save: theirs}',
    )
    callee = callee.replace('  - {id: shown, reveal: theirs, to: y, say: "{theirs}"}\n', "")
    found = facts_of({"two": compiled(caller), "callee": compiled(callee)}, "callee")
    assert [(hop.by, hop.flow, hop.into) for hop in found.slot("theirs").hops] == [(By.RETURNED, "two", "back")]
    assert [reach.pair for reach in found.slot("theirs").reaches] == [("x", "y")]


BUILT = """
flow: built
version: 1
title: Built
roles: {me: one}
with_partner: true
start: {command: built}
slots:
  did: {type: text, class: draft, name: "What I did"}
  tone: {type: choice, class: private, options: {soft: "Soft", plain: "Plain"}}
  letter: {type: text, class: draft, name: "A letter"}
steps:
  - {id: did, ask: "What did you do?", save: did}
  - {id: tone, ask: "How shall it sound?", save: tone}
  - id: build
    compose: letter
    parts: ["{did}", {when: "tone == 'soft'", text: "I am sorry."}]
  - {id: share, grant: letter, to: partner, ask: "Show it?", kept: done}
  - {id: shown, reveal: letter, to: partner, say: "{letter}"}
  - {id: done, end: true}
"""


def test_what_a_text_is_built_of_is_read_with_it() -> None:
    found = facts(BUILT)
    did, tone = found.slot("did"), found.slot("tone")
    assert [(one.pair, [hop.into for hop in one.by]) for one in did.reaches] == [(("me", "partner"), ["letter"])]
    assert (tone.exposure, [hop.into for hop in tone.sentences_of]) == (Exposure.AUTHOR, ["letter"])
    told = "It decides which sentences `letter` is built of, as `partner` can tell when that is shown"
    assert told in page_of(found)


def test_what_is_everybodys_among_many_people_is_read_by_everybody() -> None:
    found = facts(
        """
flow: crowd
version: 1
title: Crowd
roles: {people: many}
slots: {until: {type: instant, class: signal, of: all}}
steps:
  - {id: clock, set: {until: "now + minutes(5)"}}
  - {id: rest, wait: until}
  - {id: done, end: true}
"""
    )
    assert found.slot("until").exposure is Exposure.EVERYBODY


# The page and the command


def facts_command(*args: str) -> Result:
    return CliRunner().invoke(app, ["facts", *args])


def test_the_command_prints_the_page() -> None:
    result = facts_command("one_word")
    assert result.exit_code == 0
    assert result.stdout.startswith("# One word · `one_word`\n")
    assert "| **One word** · `word`: “One word on how that was?” | each person's own | nothing |" in result.stdout


def test_the_command_prints_the_facts_as_data_in_one_line() -> None:
    result = facts_command("hear_it_back", "--json")
    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    data = json.loads(line)
    (card,) = (slot for slot in data["slots"] if slot["name"] == "card")
    assert (data["flow"], card["exposure"]) == ("hear_it_back", "others, after a yes")
    assert card["releases"][0]["pairs"] == [["speaker", "listener"]]


def test_an_unknown_flow_is_told_with_the_nearest_one() -> None:
    result = facts_command("hear_it_bak")
    assert result.exit_code == 2
    assert "there is no flow 'hear_it_bak', did you mean 'hear_it_back'?" in result.stderr


def test_a_flow_with_problems_has_no_facts(tmp_path: Path) -> None:
    (tmp_path / "two.yaml").write_text(GRANT.replace("kept: done", "kept: dones"))
    result = facts_command("two", "--flows", str(tmp_path))
    assert result.exit_code == 1
    assert "[unknown-step]" in result.stderr


def test_nothing_that_an_author_writes_breaks_a_table() -> None:
    page = page_of(facts(WEIGHED.replace("Which way?", "Which | way <b>*`?")))
    rows = [line for line in page.split("\n") if line.startswith("| **Way**")]
    assert len(rows) == 1
    assert rows[0].replace("\\|", "").count("|") == 4
    assert "\\<b>\\*\\`" in page


# What hangs on an answer by way of others

COPIED = f"""{TWO}
slots:
  mood: {{type: choice, class: private, of: a, options: {{good: "Good", bad: "Bad"}}}}
  copy: {{type: choice, class: private, of: a, options: {{good: "Good", bad: "Bad"}}}}
  ok: {{type: choice, class: private, of: a, options: {{ok: "Ok"}}}}
outcomes: {{low: {{when: "any(copy == 'bad')", told: "The other hears of it."}}}}
steps:
  - id: both
    lanes:
      a:
        - {{id: mood, ask: "How are you? The other hears of it.", save: mood}}
        - {{id: noted, when: "mood == 'bad'", set: {{copy: "'bad'"}}}}
        - {{id: ok, ask: "Ok?", save: ok}}
    within: 1d
    expired: done
  - {{id: tell, when: low, say: "Not well.", to: b}}
  - {{id: done, end: true}}
"""


def test_an_answer_counts_in_a_result_of_what_it_decides() -> None:
    found = facts(COPIED)
    mood, (low,) = found.slot("mood"), found.outcomes
    assert (mood.exposure, mood.outcomes) == (Exposure.COUNTED, ("low",))
    assert [at.step for at in low.told_at] == ["mood"]
    assert page_of(found).count("It counts in the result `low`, which others can notice") == 2


def test_an_answer_that_closes_by_way_of_a_copy_looks_like_silence_until_it_goes_on() -> None:
    closing = COPIED.replace(
        "    within", "        - {id: gone, when: \"copy == 'bad'\", end: closed}\n    within", 1
    )
    mood = facts(closing).slot("mood")
    assert [(one.silence.step, one.reads) for one in mood.decisions if one.silence is not None] == [("gone", False)]
    told = "that looks like silence, and whoever sees it go on knows that it was not that answer."
    assert page_of(facts(closing)).count(told) >= 2
    assert "That looks like silence; whoever sees it go on knows that it did not come to that." in page_of(
        facts(closing)
    )


def test_what_one_person_begins_with_others_by_way_of_a_copy_is_said_of_the_answer() -> None:
    begins = """
flow: begins
version: 1
title: Begins
roles: {me: one}
with_partner: true
slots:
  mood: {type: choice, class: private, options: {good: "Good", bad: "Bad"}}
  copy: {type: choice, class: private, options: {good: "Good", bad: "Bad"}}
steps:
  - {id: mood, ask: "How are you? If not, a talk begins.", save: mood}
  - {id: noted, when: "mood == 'bad'", set: {copy: "'bad'"}}
  - {id: again, ask: "Is that so? If not, a talk begins.", save: mood}
  - {id: talk, when: "copy == 'bad'", start: two, roles: {a: me, b: partner}, told: "A talk begins"}
  - {id: done, end: true}
"""
    found = facts(begins, COPIED)
    assert [(one.at.step, one.begins) for one in found.slot("mood").decisions if one.begins] == [("talk", "two")]
    assert "may begin by it, as its author is told when they answer" in page_of(found)
    assert "Others can notice nothing of it." not in page_of(found)
