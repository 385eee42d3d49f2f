"""A person's kept words, shown to themselves."""

from bot.conversation.scene import Scene
from bot.conversation.units import Person, Seat
from bot.engine.effects import PHRASES, Text, ValueRef
from bot.engine.model import READ_BY_ALL, WRITTEN
from bot.engine.session import key_parts


def tell_drafts(scene: Scene, person: Person) -> None:
    """List a person's kept words, on their own fresh request only (P11)."""
    shown = False
    for kept in person.drafts:
        session = scene.ledger.any_session(kept.session)
        if session is None:
            continue
        paragraphs: list[Text] = []
        flows = {number: scene.flow(session).named(name) for number, name in session.flows.items()}
        erased = {grant.item for grant in session.grants if grant.erased}
        for key, value in session.values.items():
            number, name, owner, _ = key_parts(key)
            flow = flows.get(number)
            slot = flow.slots.get(name) if flow is not None else None
            own = slot is not None and slot.type in WRITTEN and slot.cls not in READ_BY_ALL
            if flow is not None and key not in erased and owner == person.id and own:
                ref = ValueRef(flow=flow.id, slot=name, key=key, owner=owner, rev=value.rev)
                title = Text(flow=flow.id, key=f"slots.{name}.name")
                args = {"title": title, "words": ref}
                paragraphs.append(Text(flow=PHRASES, key="drafts.item", args=args))
        if paragraphs:
            intro = () if shown else (Text(flow=PHRASES, key="drafts.list"),)
            shown = True
            scene.say(
                person,
                (*intro, *paragraphs),
                shows=Seat(unit=session.unit, session=session.id),
                revisions=session.revisions,
            )
    if not shown:
        scene.reply(person, "drafts.none")
