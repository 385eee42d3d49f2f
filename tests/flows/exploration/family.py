"""A family of flows that grows: so many people, each with so many questions, and what comes of them together."""

from bot.engine.model import Flow
from bot.flows.flow_compiler import compile_flow
from bot.flows.library import ACTIONS
from bot.flows.yaml_source import parse_source


def family(people: int, questions: int, *, anew: bool = True) -> Flow:
    """Return a flow in which each writes, is asked in private, and may show; then it goes one of two ways.

    ``anew`` asks the first question once more at the end, so that what hangs on it is not settled before.
    """
    roles = [f"r{number}" for number in range(people)]
    slots = ["words: {type: text, class: draft, of: each}"]
    slots += [
        f"q{n}: {{type: choice, class: private, of: each, options: {{yes: Yes, no: No}}}}" for n in range(questions)
    ]
    slots += ["last: {type: choice, class: private, of: each, options: {yes: Yes, no: No}}"]
    asked = [f"- {{id: a{n}, ask: 'Question {n}?', save: q{n}}}" for n in range(questions)]
    lines = [
        "flow: family",
        "version: 1",
        "title: Family",
        f"roles: {{{', '.join(f'{role}: one' for role in roles)}}}",
        "slots:",
        *(f"  {slot}" for slot in slots),
        "outcomes:",
        "  agreed: {when: \"all(q0 == 'yes')\", told: 'It says whether all said yes.'}",
        "steps:",
        "  - id: together",
        "    lanes:",
        *(f"      {line}" for line in asked),
        "      - {id: w, ask: 'It says whether all said yes.', save: words, shown_to: all, optional: true}",
        "    within: 1d",
        "    expired: over",
        "  - {id: shown, reveal: words, say: '{author}: {words}'}",
        "  - {id: so, when: 'agreed', say: 'All said yes.'}",
        "  - id: again",
        f"    lanes: [{{id: b, ask: 'And now?', save: {'q0' if anew else 'last'}}}]",
        "    within: 1d",
        "    expired: over",
        "  - {id: over, say: 'Bye.', end: true}",
    ]
    return compile_flow(parse_source("\n".join(lines).encode(), "family.yaml"), ACTIONS).flow
