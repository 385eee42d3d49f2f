"""People: who stands behind an account."""

from bot.conversation.envelope import Actor
from bot.conversation.scene import Scene
from bot.conversation.units import Person


def new_person(scene: Scene, platform: str, actor: Actor) -> Person:
    """Create the person behind an account that was never seen."""
    person = Person(
        id=scene.ids.id(),
        platform=platform,
        account=actor.id,
        name=actor.name,
        locale=actor.locale,
        zone=actor.zone,
        seal=scene.ids.id(),
    )
    scene.ledger.create(person, (platform, f"account:{actor.id}"))
    return person
