"""People: who stands behind an account."""

from bot.conversation.scene import Scene
from bot.conversation.units import Person


def new_person(scene: Scene, platform: str, account: str, name: str) -> Person:
    """Create the person behind an account that was never seen."""
    person = Person(id=scene.ids.id(), platform=platform, account=account, name=name, seal=scene.ids.id())
    scene.ledger.create(person, (platform, f"account:{account}"))
    return person
