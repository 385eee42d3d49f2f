"""The parts of the reference page that are about no key: what introduces it, and expressions and placeholders."""

INTRODUCTION = """\
# The language of flows

Made from `bot/flows/schema.py` by `docs/make_reference.py`; to change a sentence here, change it there.
[Your first flow in ten minutes](first-flow.md) is the gentler way in.

A flow is a file under `dialogues/flows`. It says who takes part, what is remembered and who may read it, and what
happens step by step. `./run check` tells everything that is wrong with it, with line and column.

Quoted are the flows under [examples](examples), which the tests load and play, and those that ship. To try one out:
`./run chat --flows docs/examples`."""

STEPS = """\
## Steps

Steps at the top follow one another for everybody. Where a step waits, those whom it waits for answer in their own
chats, each in a *lane* that nobody else sees; the flow goes on when their lanes have joined. With several people
every wait has a deadline. A step is of the kind whose key it has."""

PLACEHOLDERS = """\
### Placeholders

In [words](#words), `{name}` stands for a slot's value, for the person who has a role, or for an outcome.

| placeholder | stands for |
| --- | --- |
| `{card}` | the value of a slot, where its reader may read it |
| `{other}` | the name of the person who has that role |
| `{partner}` | in a flow with `with_partner`: the other of the pair |
| `{author}` | in `reveal`: the name of whose words are shown |
| `{idea}` | inside of `each`: the item at hand, under the name that `each` gives it |
| `{{` and `}}` | a brace |

Nothing else can stand in braces. What people write is never read as a template."""

EXPRESSIONS = """\
## Expressions

Guards and values are written in a small part of Python's expressions. They are checked when the flow is loaded: every
name is known, kinds fit each other, options exist. An answer that is missing equals nothing, and is false.

| expression | holds |
| --- | --- |
| `mood == 'good'`, `mood != 'good'` | if an option, a number, a length, a date or a time is that one, or is not |
| `strength >= 7`, `back_at > now` | if a number, a length, a date or a time is so much: `<`, `<=`, `>`, `>=` |
| `mood in ['good', 'fine']`, `'tired' in also` | if it is one of these; if it is among several choices |
| `card`, `not card` | if there is an answer; if there is none |
| `partner`, `invitee` | if somebody has the role |
| `a and b`, `a or b`, `not a`, `(a)` | as they say |
| `now + length`, `today + days(7)` | a time, a date or a length, and a length more |
| `now`, `today` | the moment; the date where the person lives |
| `zone_known` | in a flow for one person: whether it is known where they live |
| `item` | in `where`: the item or option at hand |
| `True`, `False` | always; never |

For one person (in a lane, or a flow for one) a name is that person's own answer. At the top of a flow for several,
what each person has one of is asked of everybody, as in `all(mood == 'good')`. What people write cannot be compared:
only whether it is there. What is private steers others by an [outcome](#inside-of-outcomes) only."""

PRIVACY = """\
## Privacy

Nobody is shown a value that its class keeps from them, and nothing that others notice hangs on a private answer: not
whether it comes, not how often, and not when. `./run check` follows answers through copies, texts that are built of
them, loops, other flows and the question of whether a step comes at all. There are four ways out, and each is told
beforehand or by the author's own choice:

- A [grant](#grant) lets others read exactly the words that its author saw. Words that are asked for because of a
  private answer can be skipped, so that it tells nothing if there are none.
- An [outcome](#inside-of-outcomes) lets answers steer what others see. Its `told` has three words or more, and they
  stand in every question that it hangs on: also in those that only decide whether something is set, cleared or
  asked. A question that only some are asked needs to say it for itself alone where not being asked looks like one of
  its answers: it can be skipped, or an option of it is compared with nothing. A value from a record, from the start
  or from another flow is told of in a question before every step that it steers. What is never kept is in no outcome,
  nor is a copy of it.
- `end: closed` looks like silence. It may hang on an answer of the same stage, if nothing that others see comes
  between the answer and the end; whoever sees it go on knows that it was not that answer. What is never kept closes
  a lane only where its own volatile section leads there.
- What one person [starts with others](#start) because of a private answer is told by `told`
  of that step: in the question, or on the button that leads there.

In a flow for one person a private answer may decide what waits, and for how long. What comes by itself after that,
until somebody is asked something more, comes at that time: it stays with that person. It is the same for a flow that
calls one which ends at such a time."""

ACTIONS = """\
## Actions

What `do` may name, and the roles that a flow has for it."""

PROBLEMS = """\
## Problems

What `./run check` can tell, by the code in brackets at the end of its line."""
