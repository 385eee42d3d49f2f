"""What a flow has the bot do, beside talking: each action by its name."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.conversation.pairing import count_code, form_pair, never_ask
from bot.conversation.scene import Scene
from bot.conversation.scheduling import rezone
from bot.engine.deciding import NEVER_ASK
from bot.engine.effects import Act
from bot.engine.session import Session


def act(scene: Scene, session: Session, effect: Act) -> None:
    """Carry out an action."""
    _ACTIONS[effect.action](scene, session, effect)


def _set_zone(scene: Scene, session: Session, effect: Act) -> None:
    """Keep where somebody lives, as they said, and move what comes to them there."""
    person = scene.ledger.person(session.starter)
    said = effect.values.get(f"city.{person.id}") or effect.values.get("city")
    if said is not None:
        there = replace(person, zone=str(said.data))
        scene.ledger.put(there)
        rezone(scene, there)


_ACTIONS: Mapping[str, Callable[[Scene, Session, Act], None]] = {
    NEVER_ASK: never_ask,
    "count_code": count_code,
    "form_pair": form_pair,
    "set_zone": _set_zone,
}
