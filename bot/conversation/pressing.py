"""What a press does, and a form that was filled in: by the token of the message that it belongs to."""

from collections.abc import Callable, Mapping, Sequence

from bot.conversation.choosing_language import keep_language
from bot.conversation.coming import change_coming
from bot.conversation.nudging import react
from bot.conversation.outbox import MessageClass, OutboxRow, RowKind
from bot.conversation.pausing import pause_unit
from bot.conversation.scene import Scene
from bot.conversation.seats import bring_to_front, has_unread, open_next
from bot.conversation.starting import start_by_command, take_back
from bot.conversation.units import Person, PromptKind, Seat, SentPrompt
from bot.conversation.views import ask_end, end, show_older
from bot.engine.events import ChoicePicked, FormFilled, ShownAgain
from bot.engine.filling import words_of
from bot.engine.session import Session

SHORT_LIVED = 10 * 60_000
"""Milliseconds after which "which one?" is no longer the question."""

WHICH = frozenset({PromptKind.PAUSE, PromptKind.START, PromptKind.TAKE_BACK})
"""The kinds of prompt that ask which one is meant."""


def pressed(scene: Scene, person: Person, token: str, index: int) -> None:
    """Carry out the choice that was pressed in somebody's own chat."""
    prompt = scene.ledger.prompt(token)
    if prompt is None or not 0 <= index < len(prompt.values):
        scene.reply(person, "stale")
        show_front(scene, person)
    elif prompt.person not in {"", person.id}:
        scene.reply(person, "not.yours")
    elif prompt.kind in WHICH and scene.now - prompt.sent_at > SHORT_LIVED:
        scene.reply(person, "stale")
    elif prompt.unit and not scene.ledger.has_unit(prompt.unit):
        scene.reply(person, "stale")  # what it was about is erased
    else:
        _choose(scene, person, prompt, prompt.values[index])


def _choose(scene: Scene, person: Person, prompt: SentPrompt, choice: str) -> None:
    match prompt.kind:
        case PromptKind.LANE:
            _choose_in_lane(scene, person, prompt, choice)
        case PromptKind.OPEN:
            if open_next(scene, person, Seat(unit=prompt.unit, session=prompt.session)):
                _retire_now(scene, prompt)
        case PromptKind.END:
            ask_end(scene, person, prompt)
        case _:
            _DECIDED[prompt.kind](scene, person, prompt, choice)
            _retire_now(scene, prompt)


def _pause(scene: Scene, person: Person, _prompt: SentPrompt, choice: str) -> None:
    flow = scene.library.by_signal("pause")
    if flow is not None:
        pause_unit(scene, person, choice, flow)


def _start(scene: Scene, person: Person, prompt: SentPrompt, choice: str) -> None:
    start_by_command(scene, person, scene.library.flows[prompt.lane], chosen=choice)


def _take_back(scene: Scene, person: Person, prompt: SentPrompt, choice: str) -> None:
    take_back(scene, person, scene.library.flows[prompt.lane], chosen=choice)


def _older(scene: Scene, person: Person, prompt: SentPrompt, choice: str) -> None:
    show_older(scene, person, prompt.lane, int(choice))


def _language(scene: Scene, person: Person, _prompt: SentPrompt, choice: str) -> None:
    keep_language(scene, person, choice)


_DECIDED: Mapping[PromptKind, Callable[[Scene, Person, SentPrompt, str], None]] = {
    PromptKind.PAUSE: _pause,
    PromptKind.START: _start,
    PromptKind.TAKE_BACK: _take_back,
    PromptKind.END_SURE: end,
    PromptKind.MORE: _older,
    PromptKind.LANGUAGE: _language,
    PromptKind.NUDGE: react,
    PromptKind.COMING: change_coming,
}
"""What a choice does that is made once: its buttons go."""


def _choose_in_lane(scene: Scene, person: Person, prompt: SentPrompt, choice: str) -> None:
    session = scene.ledger.session(prompt.session, prompt.unit) or scene.ledger.any_session(prompt.session)
    drafts = prompt.lane.startswith("drafts:")
    if session is None or (session.ended and not drafts):
        scene.reply(person, "stale")
        show_front(scene, person)
        return
    if not drafts and prompt.person:
        scene.ledger.put(bring_to_front(scene.ledger.person(person.id), Seat(unit=prompt.unit, session=session.id)))
    event = ChoicePicked(person=person.id, lane=prompt.lane, entry=prompt.entry, choice=choice)
    scene.later(session, event)


def _retire_now(scene: Scene, prompt: SentPrompt) -> None:
    row = OutboxRow(
        id=scene.ids.id(),
        kind=RowKind.RETIRE,
        cls=MessageClass.REPLY,
        target=prompt.target,
        unit=prompt.unit,
        session="",
        recipient=prompt.person,
        token=prompt.token,
        queued_at=scene.now,
    )
    scene.ledger.outbox.append(row)


def filled_in(scene: Scene, person: Person, token: str, answers: Sequence[str]) -> None:
    """Hand a form in to the session that asked. Words that nothing asks for any more are given back."""
    prompt = scene.ledger.prompt(token)
    session = _asking(scene, person, prompt) if prompt is not None else None
    if prompt is None or session is None:
        words = words_of(answers)
        if words:
            scene.reply(person, "form.unused", words=words)
        show_front(scene, person)
        return
    scene.ledger.put(bring_to_front(scene.ledger.person(person.id), Seat(unit=prompt.unit, session=session.id)))
    filled = FormFilled(person=person.id, lane=prompt.lane, entry=prompt.entry, answers=tuple(answers))
    scene.later(session, filled)


def _asking(scene: Scene, person: Person, prompt: SentPrompt) -> Session | None:
    """The session that asked somebody, if it is there still."""
    if prompt.kind is not PromptKind.LANE or prompt.person != person.id or not scene.ledger.has_unit(prompt.unit):
        return None
    session = scene.ledger.session(prompt.session, prompt.unit)
    return session if session is not None and not session.ended else None


def show_front(scene: Scene, person: Person) -> None:
    """Show what is in front once more; what waits there to be opened comes first."""
    session = scene.ledger.readable_session(person.front)
    if session is not None and has_unread(person):
        open_next(scene, person, person.front)
    elif session is not None:
        scene.later(session, ShownAgain(person=person.id))
