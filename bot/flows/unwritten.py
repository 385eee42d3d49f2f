"""Checks on words that others come to see: that there are none tells nobody why they were not asked for."""

from bot.engine.model import Ask, Grant, SlotClass, Step
from bot.flows.deciding import Deciding
from bot.flows.flow_compiler import Compiled
from bot.flows.origins import deciders
from bot.flows.releases import reveals_of
from bot.flows.telling import tells, weighed


def check_unwritten(compiled: Compiled, deciding: Deciding) -> None:
    """Note every question for words that others would miss because of a private answer."""
    if compiled.work.solo:
        return
    for step in compiled.flow.steps.values():
        if isinstance(step, Ask) and _missed(compiled, step):
            shown = frozenset(reveal.id for reveal in reveals_of(compiled.flow, step.save))
            hidden = (one for one in deciders(compiled, deciding, step, shown) if _is_hidden(compiled, one))
            private = [one for one in hidden if not _is_told(compiled, one)]
            if private:
                why = f"it is asked because of '{private[0]}', which is private"
                told = f"others see whether this was written, and {why}: let it be skipped"
                compiled.work.problem((*compiled.places[step.id].path, "id"), told, "private-guard")


def _missed(compiled: Compiled, ask: Ask) -> bool:
    """Whether words are shown that cannot be skipped, nor kept as if there were none."""
    grants = [one for one in compiled.flow.steps.values() if isinstance(one, Grant) and one.item == ask.save]
    granted = ask.shown_to is not None or any(grant.kept is not None or grant.closes for grant in grants)
    return granted and not (ask.optional or min(ask.least) == 0)


def _is_hidden(compiled: Compiled, private: str) -> bool:
    """Whether nobody else ever reads it: what is shown of a draft, and whether, its author has chosen."""
    slot = compiled.flow.slots.get(private)
    return slot is not None and slot.cls in {SlotClass.PRIVATE, SlotClass.EPHEMERAL}


def _is_told(compiled: Compiled, private: str) -> bool:
    """Whether every question for an answer says that it steers what others see."""
    flow = compiled.flow
    outcomes = [name for name in flow.outcomes if private in weighed(compiled, name)]
    asks: list[Step] = [step for step in flow.steps.values() if isinstance(step, Ask) and step.save == private]
    return bool(asks) and all(any(tells(compiled, ask, name) for name in outcomes) for ask in asks)
