"""``/language``: showing the languages that there are, and keeping the one that a person chooses."""

from dataclasses import replace

from bot.conversation.scene import PromptAbout, Scene
from bot.conversation.units import Person, PromptKind
from bot.engine.answers import pick_by_words
from bot.engine.effects import PHRASES, Choice, Text
from bot.flows.languages import name_of


def ask_language(scene: Scene, person: Person, wanted: str) -> None:
    """Keep the language that was named, or show those that there are."""
    names = [(code, name_of(code)) for code in scene.library.languages]
    chosen = pick_by_words(wanted, names)
    if chosen is not None:
        keep_language(scene, person, chosen)
        return
    choices = tuple(
        Choice(value=code, label=Text(flow=PHRASES, key="names.one", args={"name": name})) for code, name in names
    )
    question = Text(flow=PHRASES, key="language.unknown" if wanted else "language.which")
    scene.say(person, (question,), choices=choices, prompt=PromptAbout(kind=PromptKind.LANGUAGE))


def keep_language(scene: Scene, person: Person, code: str) -> None:
    """Keep a person's own choice; the answer comes in that language already."""
    if code not in scene.library.languages:
        scene.reply(person, "stale")
        return
    scene.ledger.put(replace(scene.ledger.person(person.id), language=code))
    scene.reply(person, "language.set")
