"""Starting flows: by command, or from another flow."""

from collections.abc import Mapping
from dataclasses import replace

from bot.conversation.keeping import Drawn, about, recall
from bot.conversation.scene import PromptAbout, Scene
from bot.conversation.seats import open_next
from bot.conversation.units import Pair, Person, PromptKind, Seat
from bot.engine.effects import PHRASES, Choice, NameRef, StartFlow, Text
from bot.engine.events import Begun, Signal, Signalled
from bot.engine.machine import new_session
from bot.engine.model import EACH, EVERYONE, PARTNER, Flow, Gate, SlotClass, SlotType, may_pass
from bot.engine.session import Given, Session, key_parts
from bot.engine.standing import takes_part

INVITATIONS_A_WEEK = 2
WEEK = 7 * 86_400_000


def start_by_command(scene: Scene, person: Person, flow: Flow, chosen: str = "") -> None:
    """Start a flow in a person's own chat; a flow for two needs a pair, ``chosen`` when there are several."""
    names = list(flow.roles)
    solo = len(names) == 1
    pairs = [pair for pair in map(scene.ledger.pair, person.pairs) if pair.active]
    if not pairs and not solo:
        scene.reply(person, "pair.needed")
        return
    pair = next((p for p in pairs if p.id == chosen), pairs[0] if len(pairs) == 1 else None)
    if pair is None and (flow.with_pair or not solo) and pairs:
        _ask_which(scene, person, flow, pairs)
        return
    roles: dict[str, tuple[str, ...]] = {names[0]: (person.id,)}
    if pair is not None and flow.with_pair:
        roles[PARTNER] = (other_of(pair, person.id),)
    if pair is not None and not solo:
        roles[names[1]] = (other_of(pair, person.id),)
    unit = person.id if solo or pair is None else pair.id
    running = next((s for s in scene.ledger.sessions_of(unit) if _is_at(scene, s, flow, person)), None)
    if running is not None:
        open_next(scene, person, Seat(unit=unit, session=running.id))
        return
    if pair is not None and not solo and not may_start(scene, pair, flow, person.id):
        scene.reply(person, "frozen.resting" if pair.pause else "invite.wait")
        return
    begin(scene, flow, unit=unit, place=None, starter=person.id, roles=roles, given={})


def take_back(scene: Scene, person: Person, flow: Flow, chosen: str = "") -> None:
    """End what the person began in that flow, with its grants; ``chosen`` is the pair when there are several.

    Whether anybody has read it by then makes no difference to what the person is told (P3).
    """
    pairs = [pair for pair in map(scene.ledger.pair, person.pairs) if pair.active]
    running = [(p, s) for p in pairs for s in scene.ledger.sessions_of(p.id) if _began(s, flow, person.id)]
    found = [(pair, session) for pair, session in running if chosen in {"", pair.id}]
    if not found:
        scene.reply(person, "back.none")
    elif len(found) > 1:
        _ask_which(scene, person, flow, [pair for pair, _ in found], kind=PromptKind.TAKE_BACK)
    else:
        scene.reply(person, "back.taken")
        scene.later(found[0][1], Signalled(person=person.id, signal=Signal.STOP))


def other_of(pair: Pair, person: str) -> str:
    """Return the other member."""
    return next(member for member in pair.members if member != person)


def _ask_which(
    scene: Scene, person: Person, flow: Flow, pairs: list[Pair], *, kind: PromptKind = PromptKind.START
) -> None:
    choices = tuple(
        Choice(
            value=pair.id,
            label=Text(flow=PHRASES, key="names.one", args={"name": NameRef(person=other_of(pair, person.id))}),
        )
        for pair in pairs
    )
    question = (Text(flow=PHRASES, key="pair.which"),)
    scene.say(person, question, choices=choices, prompt=PromptAbout(kind=kind, flow=flow.id))


def may_start(scene: Scene, pair: Pair, flow: Flow, inviter: str) -> bool:
    """Return whether the pair is not paused and the inviter is within N4: one open a flow, two a week.

    The limits count from sending and are blind to what the other did with the invitation.
    """
    if pair.pause:
        return False
    if not any(isinstance(step, Gate) and step.invitation for step in flow.steps.values()):
        return True
    recent = [i for i in pair.invited if i.inviter == inviter and scene.now - i.at < WEEK]
    open_already = any(_runs(scene, s, flow, inviter) for s in scene.ledger.sessions_of(pair.id))
    return len(recent) < INVITATIONS_A_WEEK and not open_already


def _is_at(scene: Scene, session: Session, flow: Flow, person: Person) -> bool:
    """Whether the command leads to that session: the person began it, or was brought to it and takes part."""
    if not scene.can_go_on(session):
        return False
    if _began(session, flow, person.id):
        return True
    shared = flow.trigger is not None and flow.trigger.shared and session.flow == flow.id
    if not shared or not takes_part(scene.flow(session), scene.whole(session), person.id):
        return False
    seated = Seat(unit=session.unit, session=session.id) in {person.front, *person.queue}
    return seated or any(key_parts(key)[2] == person.id for key in session.values)


def _began(session: Session, flow: Flow, starter: str) -> bool:
    return session.flow == flow.id and session.starter == starter and starter not in session.gone


def _runs(scene: Scene, session: Session, flow: Flow, starter: str) -> bool:
    return _began(session, flow, starter) and scene.can_go_on(session)


def start_from_flow(scene: Scene, session: Session, effect: StartFlow) -> None:
    """Start the flow that another flow leads to, in its present revision, within the same limits."""
    people = list(dict.fromkeys(person for members in effect.roles.values() for person in members))
    starter = next(iter(effect.roles.values()))[0]
    person = scene.ledger.person(starter)
    flow = scene.library.flows.get(effect.flow)
    if flow is None or not fits(flow, effect, starter):
        if starter == scene.actor:
            scene.reply(person, "start.changed")
        return
    if len(people) == 1:
        begin(scene, flow, unit=starter, place=None, starter=starter, roles=effect.roles, given=effect.given)
        return
    shared = [scene.ledger.pair(pair) for pair in person.pairs]
    pair = next((p for p in shared if p.active and set(people) <= set(p.members)), None)
    refusal = ""
    if pair is None:
        refusal = "pair.needed"
    elif pair.pause or not (effect.agreed or may_start(scene, pair, flow, starter)):
        refusal = "frozen.resting" if pair.pause else "invite.wait"
    elif not flow.reviews or about(scene, flow, session):
        record = about(scene, flow, session) if flow.reviews else ""
        roles, given = effect.roles, effect.given
        drawn = Drawn(record=record)
        begin(scene, flow, unit=pair.id, place=None, starter=starter, roles=roles, given=given, drawn=drawn)
    if refusal and starter == scene.actor:
        scene.reply(person, refusal)
        if effect.given:
            scene.reply(person, "drafts.kept")


def fits(flow: Flow, effect: StartFlow, starter: str) -> bool:
    """Return whether a flow takes the people and the words that it is started with.

    The load checks see to it for flows of one time; who starts it may be pinned to an earlier revision, which knew it
    otherwise. Nobody's words go where they would be read by more people, or count as somebody else's.
    """
    needed = {role.name for role in flow.roles.values() if not role.joins}
    if not needed <= set(effect.roles) <= set(flow.roles):
        return False
    if any(len(people) > 1 and not flow.roles[role].many for role, people in effect.roles.items()):
        return False
    return all(_takes(flow, effect, name, value, starter) for name, value in effect.given.items())


def _takes(flow: Flow, effect: StartFlow, name: str, value: Given, starter: str) -> bool:
    slot = flow.slots.get(name)
    if slot is None or not slot.given:
        return False
    if value.type and (slot.type != value.type or not may_pass(SlotClass(value.cls), slot.cls)):
        return False
    owner = {EACH: starter, EVERYONE: ""}.get(slot.of, next(iter(effect.roles.get(slot.of, ())), ""))
    names = {str(option.value) for option in slot.options}
    data = value.data if isinstance(value.data, tuple) else (value.data,)
    known = slot.type not in {SlotType.CHOICE, SlotType.CHOICES} or all(str(one) in names for one in data)
    return known and value.author in {"", owner}


def begin(
    scene: Scene,
    flow: Flow,
    *,
    unit: str,
    place: str | None,
    starter: str,
    roles: Mapping[str, tuple[str, ...]],
    given: Mapping[str, Given],
    drawn: Drawn | None = None,
) -> Session:
    """Create a session and put its beginning on the agenda. ``drawn`` says what it draws on beside its own unit."""
    drawn = drawn or Drawn()
    people = dict.fromkeys(person for members in roles.values() for person in members)
    session = new_session(
        flow,
        session_id=scene.ids.id(),
        unit=unit,
        place=place,
        starter=starter,
        roles=roles,
        now=scene.now,
        members={person: scene.member(person) for person in people},
    )
    session = replace(session, record=drawn.record)
    scene.ledger.put_session(session)
    scene.later(session, Begun(given=given, recalled=recall(scene, flow, session, drawn.pair)))
    return session
