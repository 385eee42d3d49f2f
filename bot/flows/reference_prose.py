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
| `item` | in `where`: the item or option at hand |
| `True`, `False` | always; never |

For one person (in a lane, or a flow for one) a name is that person's own answer. At the top of a flow for several,
what each person has one of is asked of everybody, as in `all(mood == 'good')`. What people write cannot be compared:
only whether it is there. What is private steers others by an [outcome](#inside-of-outcomes) only."""

ACTIONS = """\
## Actions

What `do` may name, and the roles that a flow has for it."""

PROBLEMS = """\
## Problems

What `./run check` can tell, by the code in brackets at the end of its line."""
