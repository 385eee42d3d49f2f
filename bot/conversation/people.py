"""People: who stands behind an account."""

import unicodedata

from bot.conversation.envelope import Actor
from bot.conversation.scene import Scene
from bot.conversation.units import Person

LONGEST_NAME = 64
"""Characters of a name that are shown."""


def plain_name(name: str) -> str:
    """Return a platform's name for somebody on one line, without characters that cannot be seen or turn the text."""
    seen = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in name)
    return " ".join(seen.split())[:LONGEST_NAME].rstrip()


def new_person(scene: Scene, platform: str, actor: Actor) -> Person:
    """Create the person behind an account that was never seen."""
    person = Person(
        id=scene.ids.id(),
        platform=platform,
        account=actor.id,
        name=plain_name(actor.name),
        locale=actor.locale,
        zone=actor.zone,
        seal=scene.ids.id(),
    )
    scene.ledger.create(person, (platform, f"account:{actor.id}"))
    return person
