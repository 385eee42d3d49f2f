"""Questions outside of any step, such as "With whom?": to type a label answers the newest of them, as a press does.

Otherwise it would count as an answer to what waits behind, and could be shown to somebody.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.conversation.scene import Scene
from bot.conversation.units import Person
from bot.conversation.wording import label_of
from bot.engine.answers import pick_by_words
from bot.engine.effects import Choice, NameRef

SHORT_LIVED = 10 * 60_000
"""Milliseconds after which such a question is no longer what somebody has in mind."""


def typed_choice(scene: Scene, person: Person, text: str) -> tuple[str, int] | None:
    """Return the prompt's token and the index of the choice that was typed, by its label; None for no choice."""
    asked = person.asked
    if asked is None or scene.now - asked.at > SHORT_LIVED or text.strip().isdecimal():
        return None
    names = _names(scene, asked.choices)
    labels = [
        (str(index), label_of(scene.library, choice.label, None, person, names=names))
        for index, choice in enumerate(asked.choices)
    ]
    picked = pick_by_words(text, labels, begun=False)
    return (asked.token, int(picked)) if picked is not None else None


def keep_asked(scene: Scene) -> None:
    """Note for everybody what they were asked last in this turn; another question takes its place."""
    for person_id, asked in scene.asked.items():
        person = scene.ledger.person(person_id)
        if person.asked != asked:
            scene.ledger.put(replace(person, asked=asked))


def _names(scene: Scene, choices: Sequence[Choice]) -> dict[str, str]:
    named = (argument for choice in choices for argument in choice.label.args.values())
    people = {argument.person for argument in named if isinstance(argument, NameRef)}
    return {person: scene.ledger.person(person).name for person in sorted(people)}
