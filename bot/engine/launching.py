"""Starting another flow from a running one: what is handed on keeps its author, and the author's consent."""

from bot.engine.effects import StartFlow
from bot.engine.model import Start
from bot.engine.move import Move
from bot.engine.session import Given


def launch(move: Move, step: Start, person: str | None = None) -> None:
    """Ask for the flow to be started; in a lane, ``person`` is the one who is in it, alone."""
    given: dict[str, Given] = {}
    for theirs, mine in step.give:
        for owner in ("", *(move.everyone() if person is None else (person,))):
            slot = move.flow.slots[mine]
            ref = move.ref(slot, owner)
            if ref is not None:
                grant = move.grant_for(ref)
                shown_to = grant.audience if grant is not None else ()
                given[theirs] = Given(
                    data=move.values[ref.key].data,
                    author=owner,
                    shown_to=shown_to,
                    type=slot.type,
                    cls=slot.cls,
                )
    roles = {role: move.frame.roles.get(mine, ()) if person is None else (person,) for role, mine in step.roles}
    move.effects.append(StartFlow(flow=step.flow, roles=roles, given=given, agreed=step.agreed))
