"""What is handed to another flow keeps its author and their consent; a lane shows what was granted to its person."""

import pytest

from bot.engine.effects import StartFlow
from bot.engine.events import Signal
from bot.engine.model import SlotClass, SlotType
from bot.engine.session import Given
from tests.engine.rehearsal import Rehearsal, flow_of

OFFERING = """
    flow: offering
    version: 1
    title: Offering
    roles: {me: one}
    with_partner: true
    slots:
      words: {type: text, class: draft, max: 100}
      what: {type: choice, class: private, options: {offer: "Offer", hand: "Hand on"}}
    steps:
      - {id: write, ask: "Write.", save: words}
      - id: what
        ask: "What now?"
        save: what
        next:
          - {when: "what == 'offer'", go: offer}
          - {else: hand}
      - {id: offer, grant: words, to: partner, ask: "Show it?", kept: what}
      - {id: again, when: "what == 'offer'", ask: "Once more?", save: words, optional: true}
      - {id: hand, start: reading, roles: {sender: me, reader: partner}, give: {card: words}}
      - {id: x, end: true}
"""

READING = """
    flow: reading
    version: 1
    title: Reading
    roles: {sender: one, reader: one}
    slots:
      card: {type: text, class: draft, of: sender, max: 100, given: true, granted: true}
      day: {type: date, class: private, of: reader, within: 30d}
      well: {type: choice, class: private, of: reader, options: {yes: "Yes", no: "No"}}
    steps:
      - id: stage
        lanes:
          reader:
            - {id: now, gate: "Read it?"}
            - {id: words, reveal: card, to: self, say: "It says: {card}", missing: gone}
            - {id: well, ask: "Well?", save: well}
            - {id: day, ask: "Which day?", save: day, suggest: ["Tomorrow"]}
            - {id: later, start: reminder, roles: {me: self}, give: {day: day, card: card}}
            - {id: again, ask: "And now?", save: well, next: over}
            - {id: gone, say: "Gone.", to: reader, end: closed}
            - {id: over, end: true}
        within: 3d
        expired: x
      - {id: x, end: true}
"""


def handed(run: Rehearsal) -> Given:
    (started,) = [effect for effect in run.turn.effects if isinstance(effect, StartFlow)]
    return started.given["card"]


def offering() -> Rehearsal:
    run = Rehearsal(flow_of(OFFERING), me=("ann",), partner=("bob",))
    run.types("ann", "My words.")
    return run


def reading(given: Given | None) -> Rehearsal:
    return Rehearsal(flow_of(READING), {"card": given} if given else {}, sender=("ann",), reader=("bob",))


CONSENTED = Given(data="My words.", author="ann", shown_to=("bob",), type=SlotType.TEXT, cls=SlotClass.DRAFT)


def test_what_was_granted_is_handed_on_with_its_author_and_their_consent() -> None:
    run = offering()
    run.picks("ann", "offer")
    run.picks("ann", "share")
    run.signals("ann", Signal.SKIP)
    assert handed(run) == CONSENTED


def test_what_was_kept_private_is_handed_on_without_any_consent() -> None:
    run = offering()
    run.picks("ann", "offer")
    run.picks("ann", "keep")
    run.picks("ann", "hand")
    assert handed(run).shown_to == ()


def test_consent_to_words_that_were_changed_afterwards_is_not_handed_on() -> None:
    run = offering()
    for choice in ("offer", "share"):
        run.picks("ann", choice)
    run.types("ann", "Other words.")
    assert handed(run) == Given(data="Other words.", author="ann", type=SlotType.TEXT, cls=SlotClass.DRAFT)


def test_what_comes_with_consent_is_shown_to_those_who_were_named() -> None:
    run = reading(CONSENTED)
    run.picks("bob", "yes")
    assert run.heard("bob") == ["It says: My words.", "Well?"]
    assert run.heard("ann") == []


@pytest.mark.parametrize(
    "given",
    [None, Given(data="My words.", author="ann"), Given(data="My words.", author="ann", shown_to=("kim", "ann"))],
    ids=["nothing", "without consent", "for somebody else"],
)
def test_without_consent_for_this_reader_nothing_is_shown(given: Given | None) -> None:
    run = reading(given)
    run.picks("bob", "yes")
    assert run.heard("bob") == ["Gone."]


def test_a_slot_that_does_not_ask_for_it_takes_no_consent_along() -> None:
    run = Rehearsal(
        flow_of(READING.replace(", granted: true", "")), {"card": CONSENTED}, sender=("ann",), reader=("bob",)
    )
    run.picks("bob", "yes")
    assert run.heard("bob") == ["Gone."]


def test_what_was_taken_back_before_it_was_read_is_not_shown() -> None:
    run = reading(CONSENTED)
    run.signals("ann", Signal.STOP)
    run.picks("bob", "yes")
    assert run.heard("bob") == ["Gone."]


def test_nobody_goes_back_to_before_what_they_have_read() -> None:
    run = reading(CONSENTED)
    run.picks("bob", "yes")
    run.signals("bob", Signal.BACK)
    assert run.heard("bob") == ["<back.first>\nWell?"]
    run.picks("bob", "no")
    run.signals("bob", Signal.BACK)
    assert run.heard("bob") == ["Well?"]


def test_a_flow_started_in_a_lane_gets_its_own_person_and_their_values_alone_and_only_once() -> None:
    run = reading(CONSENTED)
    run.now = 1_795_341_600_000  # 2026-11-22T10:00Z
    for choice in ("yes", "no", "=0"):
        run.picks("bob", choice)
    (started,) = [effect for effect in run.turn.effects if isinstance(effect, StartFlow)]
    assert started.roles == {"me": ("bob",)}
    assert started.given == {"day": Given(data="2026-11-23", author="bob", type=SlotType.DATE, cls=SlotClass.PRIVATE)}
    assert run.heard("bob")[-1] == "And now?"
    run.signals("bob", Signal.BACK)
    assert [effect for effect in run.turn.effects if isinstance(effect, StartFlow)] == []
    assert run.heard("bob") == ["<back.first>\nAnd now?"]
