"""Questions outside of any step, such as "With whom?": to type a label answers the newest of them, as a press does.

Otherwise it would count as an answer to what waits behind, and could be shown to somebody.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.conversation.scene import Scene
from bot.conversation.units import Person, PromptKind
from bot.conversation.wording import label_of
from bot.engine.answers import pick_by_words
from bot.engine.effects import Choice, NameRef

OFFERS = frozenset({PromptKind.COMING, PromptKind.END, PromptKind.MORE})
"""What stands below a record asks nothing: a number that is written meanwhile is meant for something else."""


def typed_choice(scene: Scene, person: Person, text: str) -> tuple[str, int] | None:
    """Return the prompt's token and the index of the choice that was typed, by label or number; None for no choice.

    However long ago it was asked: what was meant for it is never taken for words to somebody.
    """
    asked = person.asked
    prompt = scene.ledger.prompt(asked.token) if asked is not None else None
    if asked is None or prompt is None or (prompt.kind in OFFERS and text.strip().isdecimal()):
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
