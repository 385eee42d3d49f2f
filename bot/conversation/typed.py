"""What somebody wrote, handed to the session that it is for: as a choice of one of its prompts, or as their words."""

from bot.conversation.places import places_named
from bot.conversation.scene import Scene
from bot.conversation.units import Person
from bot.conversation.wording import label_of, language_of
from bot.engine.answers import pick_by_words, pick_several
from bot.engine.effects import PHRASES, Text
from bot.engine.events import ChoicePicked, TextTyped
from bot.engine.prompts import Prompt
from bot.engine.session import ENGLISH, Session
from bot.engine.standing import prompts_of, waits_for


def hand_over(scene: Scene, person: Person, session: Session, text: str, message: str = "") -> None:
    """Put what somebody wrote on the agenda of a session; ``message`` names the platform's message, if it is one."""
    places = places_named(text, language_of(scene.library, person))
    typed = TextTyped(person=person.id, text=text, message=message, places=places)
    if session.frozen_at is not None:
        _while_it_rests(scene, person, session, typed)
        return
    whole = scene.whole(session)
    prompts = prompts_of(scene.flow(session), whole, person.id, scene.now)
    picked = next((event for prompt in prompts if (event := _picked(scene, person, whole, prompt, text))), None)
    resting = None if picked or any(prompt.typed for prompt in prompts) else _resting(scene, person, session)
    if resting is not None:
        # Who calls a pause and writes on, writes to what rests: that is kept, like everybody's words.
        scene.later(resting, typed)
    else:
        scene.later(session, picked or typed)


def _while_it_rests(scene: Scene, person: Person, session: Session, typed: TextTyped) -> None:
    """What is written to something that rests is kept, unless it is a choice of the pause itself, such as "Ready"."""
    for other in map(scene.ledger.readable_session, person.queue):
        if other is None or other.frozen_at is not None or not scene.can_go_on(other) or not scene.flow(other).signal:
            continue
        whole = scene.whole(other)
        prompts = prompts_of(scene.flow(other), whole, person.id, scene.now)
        picked = next((event for one in prompts if (event := _picked(scene, person, whole, one, typed.text))), None)
        if picked is not None:
            scene.later(other, picked)
            return
    scene.later(session, typed)


def names_a_choice(scene: Scene, person: Person, text: str) -> bool:
    """Return whether the question in front offers exactly this word, such as one's own word for a break: "Pause"."""
    session = scene.ledger.readable_session(person.front)
    if session is None or session.frozen_at is not None or not scene.can_go_on(session):
        return False
    whole = scene.whole(session)
    prompts = prompts_of(scene.flow(session), whole, person.id, scene.now)
    labels = [
        (choice.value, label_of(scene.library, choice.label, whole, person))
        for prompt in prompts
        for choice in prompt.choices
    ]
    return pick_by_words(text, labels, begun=False) is not None


def _picked(scene: Scene, person: Person, session: Session, prompt: Prompt, text: str) -> ChoicePicked | None:
    """The choice of that prompt that was written: by its label, or by its number.

    A choice's standing label ("Yes") stands for what a flow calls it ("Gladly"). So does its English, which a room
    may show, unless free text is an answer too: then it is somebody's own word.
    """
    phrases = scene.library.phrases
    labels = [(c.value, label_of(scene.library, c.label, session, person)) for c in prompt.choices]
    standing = [(c.value, f"choice.{c.value}") for c in prompt.choices if f"choice.{c.value}" in phrases]
    also = [(v, label_of(scene.library, Text(flow=PHRASES, key=key), session, person)) for v, key in standing]
    if not prompt.typed:
        also += [(c.value, label_of(scene.library, c.label, session, person, ENGLISH)) for c in prompt.choices]
    choice = pick_by_words(text, labels, also=also, begun=not prompt.typed)
    if choice is None and prompt.several:
        choice = pick_several(text, labels)
    if choice is None:
        return None
    return ChoicePicked(person=person.id, lane=prompt.fence.lane, entry=prompt.fence.entry, choice=choice)


def _resting(scene: Scene, person: Person, front: Session) -> Session | None:
    """The paused session behind a signal that is in front, if something of it waits for this person."""
    if not scene.flow(front).signal:
        return None
    for session in map(scene.ledger.readable_session, person.queue):
        rests = session is not None and session.frozen_at is not None and scene.can_go_on(session)
        if session is not None and rests and waits_for(scene.flow(session), session, person.id):
            return session
    return None
