"""Pairing: single-use codes, and forming the pair once both have said yes."""

from dataclasses import replace

from bot.conversation.scene import Scene
from bot.conversation.seats import open_next
from bot.conversation.starting import WEEK, begin
from bot.conversation.units import JOIN_CODE, Consent, Invite, Pair, Person, Seat
from bot.engine.effects import Act
from bot.engine.events import Joined
from bot.engine.model import Flow
from bot.engine.session import Given, Session
from bot.engine.standing import takes, waits_for

CODES_A_WEEK = 2
DAY = 86_400_000


def invite(scene: Scene, person: Person, flow: Flow) -> None:
    """Begin pairing as the one who invites. A third code within a week has to wait."""
    running = [(unit, s) for unit in person.pairs for s in scene.ledger.sessions_of(unit) if s.flow == flow.id]
    running = [(unit, s) for unit, s in running if scene.can_go_on(s)]
    mine = next(((unit, s) for unit, s in running if s.starter == person.id), None)
    if mine is not None:
        unit, session = mine
        code = next((v.data for key, v in session.values.items() if key.startswith(f"0.{JOIN_CODE}.")), None)
        if waits_for(scene.flow(session), session, person.id) or not isinstance(code, str):
            open_next(scene, person, Seat(unit=unit, session=session.id))
        else:
            # The same whether it was typed in already or not (P3).
            scene.reply(person, "pair.again", code=code)
        return
    recent = tuple(at for at in person.codes if scene.now - at < WEEK)
    if len(recent) >= CODES_A_WEEK:
        scene.reply(person, "pair.wait")
        return
    code = scene.ids.code()
    pair = _never_formed(scene, person)
    if pair is None:
        pair = Pair(id=scene.ids.id(), members=(person.id,))
        scene.ledger.create(pair)
    pairs = tuple(dict.fromkeys((*person.pairs, pair.id)))
    scene.ledger.put(replace(person, pairs=pairs, codes=recent))
    session = begin(
        scene,
        flow,
        unit=pair.id,
        place=None,
        starter=person.id,
        roles={"inviter": (person.id,)},
        given={JOIN_CODE: Given(data=code)},
    )
    expires = scene.now + flow.lifetime
    scene.ledger.put_invite(
        Invite(digest=scene.ids.digest(code), unit=pair.id, session=session.id, expires_at=expires)
    )


def _never_formed(scene: Scene, person: Person) -> Pair | None:
    """A pair of theirs that nobody has come into, and in which nothing goes on any more."""
    for pair in map(scene.ledger.pair, person.pairs):
        if pair.members == (person.id,) and not pair.consents and not scene.ledger.sessions_of(pair.id):
            return pair
    return None


def accept(scene: Scene, person: Person, code: str) -> None:
    """Take a typed code: the first person who types it takes the invitee's part."""
    found = scene.ledger.invite(scene.ids.digest(code))
    if found is not None and not scene.ledger.has_unit(found.unit):
        found = None  # whoever made it is erased
    session = scene.ledger.session(found.session, found.unit) if found is not None else None
    if found is None or session is None or session.ended:
        scene.reply(person, "pair.wrong")
        return
    if session.starter == person.id:
        scene.reply(person, "pair.own")
        return
    if found.used_by == person.id:
        open_next(scene, person, Seat(unit=found.unit, session=found.session))
        return
    inviter = scene.ledger.person(session.starter)
    if any(inviter.id in scene.ledger.pair(pair).members for pair in person.pairs if scene.ledger.pair(pair).active):
        scene.reply(person, "pair.already")
        return
    if inviter.id in person.never:
        scene.reply(person, "pair.never")
        return
    if found.used_by or found.expires_at <= scene.now or not takes(scene.flow(session), session, "invitee"):
        scene.reply(person, "pair.wrong")
        return
    scene.ledger.put_invite(replace(found, used_by=person.id))
    elsewhere = tuple(dict.fromkeys((*person.elsewhere, found.unit)))
    scene.ledger.put(replace(person, elsewhere=elsewhere))
    scene.later(session, Joined(person=person.id, role="invitee", member=scene.member(person.id)))


def never_ask(scene: Scene, session: Session, effect: Act) -> None:
    """Keep that somebody does not want to be asked by this person again."""
    person = scene.ledger.person(effect.roles["refuser"][0])
    scene.ledger.put(replace(person, never=tuple(dict.fromkeys((*person.never, session.starter)))))


def count_code(scene: Scene, session: Session, _effect: Act) -> None:
    """Count a code that was given out."""
    person = scene.ledger.person(session.starter)
    scene.ledger.put(replace(person, codes=(*person.codes, scene.now)))


def form_pair(scene: Scene, session: Session, act: Act) -> None:
    """Make the pair: two recorded consents to one revision of the rules (C1). Whoever has left has not consented."""
    pair = scene.ledger.pair(session.unit)
    members = tuple(person for role in ("inviter", "invitee") for person in act.roles[role])
    if any(member in session.gone for member in members) or _paired(scene, members):
        return
    quiet = tuple(
        person
        for person in members
        if (value := act.values.get(f"setting.{person}")) is not None and value.data == "off"
    )
    consents = tuple(
        Consent(person=p, revision=session.revision, at=scene.now, language=session.members[p].language)
        for p in members
    )
    scene.ledger.put(replace(pair, members=members, active=True, quiet=quiet, consents=consents))
    with_operator = any(_runs_the_bot(scene, member) for member in members)
    for member in members:
        person = scene.ledger.person(member)
        pairs = tuple(dict.fromkeys((*person.pairs, pair.id)))
        never = tuple(other for other in person.never if other not in members)
        session_only = person.session_only or (with_operator and not _runs_the_bot(scene, member))
        scene.ledger.put(replace(person, pairs=pairs, never=never, session_only=session_only))


def _runs_the_bot(scene: Scene, person: str) -> bool:
    """Whether they could read what is kept: whoever is paired with them has nothing kept, to begin with."""
    found = scene.ledger.person(person)
    return (found.platform, found.account) in scene.operator.accounts


def _paired(scene: Scene, members: tuple[str, ...]) -> bool:
    """Whether these two are a pair already: two codes may have crossed."""
    pairs = [scene.ledger.pair(pair) for pair in scene.ledger.person(members[0]).pairs]
    return any(pair.active and set(pair.members) == set(members) for pair in pairs)
