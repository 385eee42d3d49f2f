"""Who can read what: told to whoever asks."""

from bot.conversation.scene import Scene
from bot.conversation.units import Person
from bot.engine.effects import PHRASES, Text


def tell_who_can_read(scene: Scene, person: Person) -> None:
    """Say who can read what somebody writes here: the other, the operator, the app."""
    told = [Text(flow=PHRASES, key="privacy")]
    if scene.operator.name:
        told += [
            Text(flow=PHRASES, key="privacy.operator", args={"operator": scene.operator.name}),
            Text(flow=PHRASES, key="privacy.chat"),
            Text(flow=PHRASES, key="privacy.yours"),
        ]
    scene.say(person, tuple(told))


def welcome(scene: Scene, person: Person) -> None:
    """Greet somebody who has never written before, and name whoever could read what is kept."""
    told = [Text(flow=PHRASES, key="welcome")]
    if scene.operator.name:
        told.append(Text(flow=PHRASES, key="welcome.operator", args={"operator": scene.operator.name}))
    scene.say(person, tuple(told))
