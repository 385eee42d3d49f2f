"""The page above all pages of facts: what holds in every flow, and where each flow's page is."""

from collections.abc import Mapping, Sequence

from bot.flows.facts.flow_facts import FlowFacts
from bot.flows.facts.markup import table
from bot.flows.facts.slot_facts import Exposure

INTRODUCTION = """\
# Who may read what

A page a flow: who may ever read what somebody answers there, when and by whose yes; what others can notice; what a no
and silence come to; what is kept. `./run facts FLOW` tells the same of any flow, also of one that you write.

No page is written by hand: `docs/make_reference.py` makes them from the flows, with the analysis that refuses a flow
when it is loaded. Tests go through everything that can come of the shorter flows, and hold their facts to it
(`tests/flows/facts`): nobody was shown, or could read, what they do not say, and what they say does come about."""

COLUMNS: Mapping[Exposure, str] = {
    Exposure.AUTHOR: "its author alone",
    Exposure.COUNTED: "its author alone, counted in a result",
    Exposure.RELEASED: "others, once its author has said yes",
    Exposure.EVERYBODY: "everybody in it",
    Exposure.NEVER_KEPT: "its author alone, never written down",
}
"""How far answers get, each with what it is called in the table."""

RULES = """\
## What holds in every flow

- **A yes is to the very words, and to the people who are named.** When the words change, it ends; where answering was
  the yes, the changed answer is the new one.
- **Stop** can be said at any time, without a reason. It takes back what was not shown yet, and nobody is told.
  Whoever stops is asked whether their drafts are kept or erased.
- **A no, leaving and silence look alike** to everybody else, until the time is over. Only a kind no tells, and it is
  a choice of its own.
- **What was shown stays shown**, in the chats of those who read it.
- **That somebody is through** can be seen by whoever waits for them, and how long that took.
- **Drafts** are shown to their author alone, in their own chat, when they ask for them.
- **A pause** stops the time of everything between people. What is typed meanwhile is kept for its author.
- **That nobody else reads it** is said of people in conversations. Whoever runs the program has its disk. What was
  answered is stored there, also when a conversation is over and nobody is shown it any more; only what is never
  written down is not.

Steps are called as in the flow's file, and lead to their lines. *Each person's own* means that everyone there has an
answer of their own."""


def index_of(found: Sequence[FlowFacts], pages: Mapping[str, str]) -> str:
    """Return the page; ``pages`` says where each flow's own is."""
    head = ("flow", "what", *COLUMNS.values())
    rows = [(f"[{one.title}]({pages[one.flow]})", one.about or "", *_counts(one)) for one in found]
    counted = "How many of its answers, and of what else it notes, are read by:"
    return "\n\n".join((INTRODUCTION, counted, table(head, rows), RULES)) + "\n"


def _counts(facts: FlowFacts) -> list[str]:
    exposed = [slot.exposure for slot in facts.slots]
    return [str(exposed.count(exposure) or "") for exposure in COLUMNS]
