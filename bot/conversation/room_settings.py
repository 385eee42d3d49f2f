"""Settings of a room: whether it can be paused, and for how long at most. Whoever manages it sets them.

Who that is the platform says, each time: nobody keeps a power here that they have lost there. A room of two has no
manager: what holds there the two agree on themselves.
"""

from dataclasses import replace

from bot.conversation.envelope import Place
from bot.conversation.pausing import LONGEST, SHORTEST, TWO
from bot.conversation.scene import Scene
from bot.conversation.units import Person, Room
from bot.conversation.wording import language_of
from bot.engine.effects import PHRASES, Computed, Text
from bot.engine.model import SlotType
from bot.engine.session import ENGLISH
from bot.engine.spoken import read_length
from bot.flows.words import acting, bare


def set_room(scene: Scene, person: Person, room: Room, place: Place, wish: str) -> None:
    """Change what somebody wishes to change, before everybody; or tell them how it stands when they wish nothing."""
    if room.count == TWO:
        scene.reply(person, "room.two")
    elif not wish:
        scene.say(person, (*_standing(room), Text(flow=PHRASES, key="room.set")))
    elif not place.managed:
        scene.reply(person, "room.not_manager")
    else:
        changed = _changed(scene, person, room, wish)
        if changed is None:
            scene.reply(person, "room.set")
        else:
            scene.ledger.put(changed)
            scene.tell_room(changed, _standing(changed))


def _changed(scene: Scene, person: Person, room: Room, wish: str) -> Room | None:
    """The room as it is wished; None when that cannot be read."""
    if _means(scene, person, wish, "word.room.off"):
        return replace(room, off=True)
    if _means(scene, person, wish, "word.room.on"):
        return replace(room, off=False)
    length = read_length(wish)
    return None if length is None else replace(room, off=False, longest=min(max(length, SHORTEST), LONGEST))


def _means(scene: Scene, person: Person, wish: str, key: str) -> bool:
    languages = (language_of(scene.library, person), ENGLISH)
    return any(bare(wish) in acting(scene.library.template(PHRASES, key, one)) for one in languages)


def _standing(room: Room) -> tuple[Text, ...]:
    if room.off:
        return (Text(flow=PHRASES, key="room.is_off"),)
    longest = Computed(type=SlotType.DURATION, data=room.longest or LONGEST)
    return (Text(flow=PHRASES, key="room.longest", args={"length": longest}),)
