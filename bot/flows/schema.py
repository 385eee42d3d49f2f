"""The shape of a flow file: every key that an author may write is a field here; its docstring is the reference."""

from typing import Annotated, Any, Literal, Self, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    Tag,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from bot.flows.problems import MOST_PROBLEMS

UNKNOWN_KEYS = "unknown_keys"
"""The type of the error that names a mapping's unknown keys, and those that it knows."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
"""A name: small letters, digits and underscores."""

Duration = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}[mhdw]$")]
"""A length of time such as ``20m``, ``24h``, ``7d`` or ``2w``."""

LONGEST_LABEL, LONGEST_TITLE, LONGEST_ABOUT = 40, 60, 120
"""Characters, in every language."""

Label = Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL)]
"""What stands on a button."""

OptionName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=40)]
"""An option as it is stored: small letters, digits and underscores."""

FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", max_length=81)]
"""A record's field, such as ``pause_rule.length``."""

Words = Annotated[str, Field(min_length=1, max_length=1500)]
"""A sentence or two, with placeholders such as ``{card}``."""

Expression = Annotated[str, Field(min_length=1, max_length=500)]
"""A guard, such as ``answer == 'yes'``."""


class Strict(BaseModel):
    """A mapping that knows all its keys; an unknown one does not hide what else is wrong in it."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_unknown_keys(cls, data: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        # pydantic hands over whatever the file holds
        known = [field.alias or name for name, field in cls.model_fields.items()]
        held = list(cast("dict[object, object]", data)) if isinstance(data, dict) else []
        unknown = [str(key) for key in held if key not in known][:MOST_PROBLEMS]
        if not unknown:
            return validate(data)
        fault = PydanticCustomError(UNKNOWN_KEYS, "unknown keys", {"unknown": unknown, "known": known})
        told = [InitErrorDetails(type=fault, loc=(), input=data)]
        try:
            validate(data)
        except ValidationError as more:
            told += [_again(error) for error in more.errors(include_url=False)[:MOST_PROBLEMS]]
        raise ValidationError.from_exception_data(cls.__name__, told)


def _again(error: ErrorDetails) -> InitErrorDetails:
    """An error as it was, to be raised together with another."""
    context = error.get("ctx", {})
    same = (
        PydanticCustomError(UNKNOWN_KEYS, "unknown keys", context) if error["type"] == UNKNOWN_KEYS else error["type"]
    )
    return InitErrorDetails(type=same, loc=error["loc"], input=error["input"], ctx=context)


class BranchSource(Strict):
    """One way on: ``{when: GUARD, go: STEP}``, and last ``{else: STEP}``."""

    when: Expression | None = None
    """The guard: this way is taken if it holds, and none before it did."""
    go: Name | None = None
    """The step that this way leads to."""
    otherwise: Name | None = Field(default=None, alias="else")
    """The step to go to when no guard held. It comes last, and is always there."""


class StepSource(Strict):
    """What every step may have."""

    id: Name
    """The step's name: stable, since running conversations stand at it."""
    when: Expression | None = None
    """The step is passed over unless this holds."""
    next: Name | Annotated[list[BranchSource], Field(max_length=12)] | None = None
    """Where it leads; without it, to the step that follows."""


class WaitingSource(StepSource):
    """What a step that waits for somebody may have at the top of a flow."""

    of: Name | None = None
    """The role that it waits for."""
    within: Duration | None = None
    """Its deadline, from when it begins."""
    expired: Name | None = None
    """Where the deadline leads."""


class SaySource(StepSource):
    """Tells somebody something."""

    say: Words
    """What is said."""
    to: Name = "all"
    """A role, ``all`` (each in their own chat), ``room``; in a lane also ``self`` and ``others`` (everyone else)."""
    neutral: bool = False
    """Its words may stand on a lock screen, so they come without an [Open]: no names, no topic, no placeholder."""
    nudge: bool = False
    """In a flow for one person: when it comes by itself, it is a nudge, never in quiet hours and behind an [Open]."""


class AskSource(WaitingSource):
    """Asks somebody and waits for the answer."""

    ask: Words
    """The question."""
    save: Name
    """The slot for the answer; its type says what counts as one."""
    optional: bool = False
    """Offers [Skip]."""
    skip: Label | None = None
    """Offers to skip it in words of its own, such as ``Nothing from me``."""
    retry: Words | None = None
    """What is said when an answer cannot be read, in place of the standing words for its type."""
    place: Literal["room"] | None = Field(default=None, alias="in")
    """``room``: the question stands in the room, and each person's press is answered in private."""
    stays: bool = False
    """Stays open after a press, until the stage ends."""
    offer: list[str] = []
    """The options offered here, when they are not all of the slot's."""
    suggest: list[Label] = Field(default=[], max_length=5)
    """Suggested texts, as choices beside free text."""
    replies: dict[str, Words] = {}
    """What the chooser of an option is told, in private."""
    signals: dict[Literal["resume", "not_now"], str] = {}
    """Which option a signal stands for while this waits."""
    grant_to: Name | None = None
    """Shows the answer to its author once more, asks for the grant, and reveals it to that role."""
    reveal: Words | None = None
    """With ``grant_to``: how the answer is shown; it must hold the slot's placeholder."""
    kept: Name | None = None
    """With ``grant_to``: where [Keep private] leads; ``closed`` closes the lane, which looks like silence."""
    shown_to: Name | None = None
    """Answering is the grant: the question says that this role, or ``all``, will see exactly what is written."""
    ways: dict[Name, Label] = Field(default={}, max_length=2)
    """Choices beside the answer that lead to another step, such as ``{feelings: "Add more"}``."""
    least: "Annotated[int, Field(ge=0, le=5)] | LeastSource" = 1
    """Of a list or of several choices: how many are wanted before one can go on."""
    most: Annotated[int, Field(ge=1, le=5)] | None = None
    """Of a list or of several choices: goes on by itself when so many are there, fewer than the slot could hold."""
    suggest_from: Name | None = None
    """A list, or an outcome that selects from one: what it holds can be taken on as one's own words, by number."""
    nudge: bool = False
    """In a flow for one person: when it comes by itself, it is a nudge, never in quiet hours."""


class LeastSource(Strict):
    """How many items of a list are wanted: at the first visit, and at later ones."""

    first: Annotated[int, Field(ge=0, le=5)]
    """At the first visit."""
    again: Annotated[int, Field(ge=0, le=5)]
    """At every later one."""


class EachSource(WaitingSource):
    """Walks steps once for every item of a list that somebody may read, or for every choice that they picked."""

    each: dict[Name, Name] = Field(min_length=1, max_length=1)
    """The placeholder of the item at hand, and what is gone through: a list, several choices, or an outcome."""
    others: bool = False
    """Leaves out the items that this person wrote."""
    steps: "LaneSteps"
    """What is walked for each of them."""


class GateSource(WaitingSource):
    """Asks for a free yes. A refusal is told to nobody."""

    gate: Words
    """What is asked for."""
    yes: Label | None = None
    """The label of the yes, in place of the usual one."""
    not_now: Label | None = None
    """The label of the no, which is as large, and costs as little."""
    later: Label | None = None
    """The label of a choice that leaves the gate open."""
    kindly: Label | None = None
    """The label of a choice that tells the others at once, in fixed words; goes to ``told``."""
    told: Name | None = None
    """With ``kindly``: the step that tells the others."""
    never: Label | None = None
    """The label of a refusal for good: the same asking is not brought up again."""
    refused: Words | None = None
    """What the refuser is told."""
    invitation: bool = False
    """Its message is an invitation: limited, and never in quiet hours."""


class ReviewSource(WaitingSource):
    """Shows somebody's own answers and lets them change any."""

    review: list[Name] = Field(min_length=1, max_length=5)
    """The slots that are shown, in this order."""
    ask: Words
    """What is asked below them."""


class GrantSource(WaitingSource):
    """Shows the exact text and the audience, and asks for consent."""

    grant: Name
    """The slot whose value would be shown; of a list, the items that were not granted yet."""
    to: Name
    """The role that would see it, or ``all``."""
    ask: Words
    """What is said above the exact text."""
    change: Name | None = None
    """The step that changes it."""
    kept: Name | None = None
    """Where [Keep private] leads; ``closed`` closes the lane, which looks like silence to others."""


class PartSource(Strict):
    """A sentence of a composed text that may be left out."""

    when: Expression
    """The sentence is there if this holds."""
    text: Words
    """The sentence, with placeholders of its author's answers."""


class ComposeSource(StepSource):
    """Builds a text out of its author's own answers."""

    compose: Name
    """The slot for the text."""
    parts: list[Words | PartSource] = Field(min_length=1, max_length=12)
    """Its sentences, each a text or a mapping, set one below the other."""


class SetSource(StepSource):
    """Sets signal slots to the values of expressions."""

    set: dict[Name, Expression] = Field(min_length=1)
    """Slots, each with the expression for its value; an option has quotes of its own, such as ``"'yes'"``."""


class ClearSource(StepSource):
    """Forgets answers, before they are asked for once more.

    Of a list of drafts it forgets what was shown. Other drafts cannot be cleared: grants are bound to them.
    """

    clear: list[Name] = Field(min_length=1)
    """The slots that are forgotten, everybody's answers in them."""


class VolatileSource(StepSource):
    """A section whose answers live in memory only; disk knows no more than that it is open."""

    volatile: "LaneSteps"
    """The steps of the section: they ask, say and set."""
    results: list[Name] = []
    """The slots that it writes, and nothing else."""


class LaneSource(Strict):
    """One role's lane, for those for whom ``when`` holds."""

    when: Expression
    """Who has the lane at all."""
    steps: "LaneSteps"
    """Its steps."""


class LanesSource(StepSource):
    """A stage with a private lane for each person."""

    lanes: "Annotated[dict[Name, LaneSource | LaneSteps], Field(min_length=1)] | LaneSteps"
    """The steps by role; a plain list is for every role."""
    join: Literal["all", "any"] | Annotated[int, Field(ge=1, le=20)] = "all"
    """How many lanes have to be done before the flow goes on."""
    again: Literal["all", "missing"] = "all"
    """Entered once more: everybody walks their lane anew, or only who was not done the time before."""
    join_when: Expression | None = None
    """Goes on as soon as this holds."""
    within: Duration | None = None
    """Its deadline, from when it begins."""
    until: Expression | None = None
    """The deadline as a time, such as ``back_at``."""
    expired: Name | None = None
    """Where the deadline leads. What people wrote and did not share stays theirs, as drafts."""


class WaitSource(StepSource):
    """Waits for a time."""

    wait: Duration | Expression
    """How long, such as ``2d``, or until when, such as ``back_at``."""


class RevealSource(StepSource):
    """Shows granted items. The only step that widens who may read them. In a lane, ``to: self``."""

    reveal: Name | list[Name]
    """The slot, or slots, whose granted values are shown."""
    to: Name = "all"
    """A role, or ``all``; the author does not get their own words."""
    say: Words | None = None
    """How it is shown; ``{author}`` is the name of whose words they are. Without it, a later step names them."""
    missing: Name | None = None
    """Where to go when nothing is granted."""


class KeepSource(StepSource):
    """Keeps a record: copies of values, each with its author, that outlive the session.

    What belongs to the pair is kept at the top of a flow for two; what is one person's own, in that person's lane.
    """

    keep: Name
    """The kind of record; records.yaml declares it."""
    fields: dict[Name, Name] = Field(min_length=1)
    """The record's fields, each with the slot or outcome that fills it; in an ``each``, also with its item."""
    until: Expression | None = None
    """An earlier end than the kind's own, as a time."""
    missing: Name | None = None
    """Where to go when there is nothing to keep, or somebody has left."""


class LastsSource(StepSource):
    """In a flow that reviews a record: says until when that record stands."""

    lasts_until: Expression
    """A time, not later than its kind may last from now on; ``now`` ends it."""


class FreezeSource(StepSource):
    """Freezes what the room, or the pair, holds between people."""

    freeze: Literal["room"]
    """What is frozen."""


class ThawSource(StepSource):
    """Lifts the freeze."""

    thaw: Literal["room"]
    """What is thawed."""


class CallSource(StepSource):
    """Runs another flow and comes back."""

    call: Name
    """The flow that is run; this one goes on when it has ended."""
    roles: dict[Name, Name]
    """The callee's roles, each with the role here that takes it."""
    give: dict[Name, Name] = {}
    """The callee's slots, each with the slot here that fills it."""
    returns: dict[Name, Name] = {}
    """Slots here, each with the callee's slot that fills it."""


class StartSource(StepSource):
    """Starts another flow, which runs on its own. In a lane, it is one for its person alone."""

    start: Name
    """The flow that is started; this one goes on at once."""
    roles: dict[Name, Name]
    """The other flow's roles, each with the role here that takes it; in a lane ``self``, who is in it."""
    give: dict[Name, Name] = {}
    """The other flow's slots, which say ``given: true``, each with the slot here that fills it."""
    agreed: bool = False
    """Everybody in it has just said yes: it counts as no invitation."""
    told: Words | None = None
    """In a flow for one person that starts one with others because of a private answer: what the question it hangs on
    says of that, or the button that leads there, in these very words."""


class DoSource(StepSource):
    """Has the bot act: see the list of actions."""

    do: Name
    """What is done; see [actions](#actions)."""


class EndSource(StepSource):
    """Ends the lane that it stands in, or the whole flow."""

    end: Literal[True, "closed"]
    """``closed``: the lane ends without being done. It looks like silence: see [privacy](#privacy)."""
    drafts: Literal["keep"] | None = None
    """Words that were granted and never shown are drafts of their authors again: where nobody can have read them."""
    say: Words | None = None
    """What is said at the end."""
    to: Name = "all"
    """Who is told; as for ``say``."""
    neutral: bool = False
    """As for ``say``."""


KINDS: dict[str, type[StepSource]] = {
    "lanes": LanesSource,
    "volatile": VolatileSource,
    "grant": GrantSource,
    "review": ReviewSource,
    "gate": GateSource,
    "compose": ComposeSource,
    "set": SetSource,
    "clear": ClearSource,
    "keep": KeepSource,
    "lasts_until": LastsSource,
    "freeze": FreezeSource,
    "thaw": ThawSource,
    "wait": WaitSource,
    "call": CallSource,
    "start": StartSource,
    "do": DoSource,
    "end": EndSource,
    "each": EachSource,
    "ask": AskSource,
    "reveal": RevealSource,
    "say": SaySource,
}
"""Kind to its shape. A step is of the first kind whose key it has (an ``end`` may also ``say``)."""


def kind_of(data: Any) -> str | None:  # pydantic hands over whatever the file holds
    """Return the kind of a step: the first of KINDS that is a key of it."""
    if isinstance(data, StepSource):
        return next(kind for kind, shape in KINDS.items() if isinstance(data, shape))
    return next((kind for kind in KINDS if isinstance(data, dict) and kind in data), None)


AnyStep = Annotated[
    Annotated[LanesSource, Tag("lanes")]
    | Annotated[GrantSource, Tag("grant")]
    | Annotated[ReviewSource, Tag("review")]
    | Annotated[GateSource, Tag("gate")]
    | Annotated[ComposeSource, Tag("compose")]
    | Annotated[SetSource, Tag("set")]
    | Annotated[ClearSource, Tag("clear")]
    | Annotated[KeepSource, Tag("keep")]
    | Annotated[LastsSource, Tag("lasts_until")]
    | Annotated[FreezeSource, Tag("freeze")]
    | Annotated[ThawSource, Tag("thaw")]
    | Annotated[WaitSource, Tag("wait")]
    | Annotated[CallSource, Tag("call")]
    | Annotated[StartSource, Tag("start")]
    | Annotated[DoSource, Tag("do")]
    | Annotated[EndSource, Tag("end")]
    | Annotated[EachSource, Tag("each")]
    | Annotated[AskSource, Tag("ask")]
    | Annotated[RevealSource, Tag("reveal")]
    | Annotated[SaySource, Tag("say")],
    Discriminator(kind_of),
]
"""A step at the top of a flow."""

LaneStep = Annotated[
    Annotated[VolatileSource, Tag("volatile")]
    | Annotated[GrantSource, Tag("grant")]
    | Annotated[ReviewSource, Tag("review")]
    | Annotated[GateSource, Tag("gate")]
    | Annotated[ComposeSource, Tag("compose")]
    | Annotated[SetSource, Tag("set")]
    | Annotated[KeepSource, Tag("keep")]
    | Annotated[EndSource, Tag("end")]
    | Annotated[StartSource, Tag("start")]
    | Annotated[EachSource, Tag("each")]
    | Annotated[AskSource, Tag("ask")]
    | Annotated[RevealSource, Tag("reveal")]
    | Annotated[SaySource, Tag("say")],
    Discriminator(kind_of),
]
"""A step in a lane."""

LaneSteps = Annotated[list[LaneStep], Field(min_length=1)]


class RoleSource(Strict):
    """A role that is filled later: ``{joins: code}``."""

    joins: Literal["code"]
    """Vacant at the start, and filled by whoever enters the code that the flow gave out."""


class SlotSource(Strict):
    """A remembered value."""

    type: Literal[
        "text",
        "list",
        "item",
        "choice",
        "choices",
        "number",
        "scale",
        "time",
        "date",
        "duration",
        "instant",
        "recurrence",
        "country",
        "time zone",
    ]
    """What counts as an answer.

    * ``text``: free words.
    * ``list``: texts, each granted by itself.
    * ``item``: one picked from a list.
    * ``choice``, ``choices``: one option, or several.
    * ``number``, ``scale``: a whole number; a scale goes from 0 to 10.
    * ``time``, ``date``, ``duration``: in the words that people use for them, and told back.
    * ``instant``: a moment, which expressions set and no question asks for.
    * ``recurrence``: when something comes, once or again and again, such as ``every Friday 21:30``; told back.
    * ``country``: by its code, such as ``PE``. ``time zone``: by its name, such as ``America/Lima``.
    """
    cls: Literal["ephemeral", "private", "draft", "shared", "joint", "signal"] = Field(alias="class")
    """Who may read it (privacy class).

    * ``ephemeral``: used at once and never stored; asked for in a volatile section only.
    * ``private``: its author. There is no way to another person.
    * ``draft``: its author, until they grant exactly that text to somebody.
    * ``shared``: as a draft; said of what exists to be shown.
    * ``joint``: everybody in the flow: what several confirmed together.
    * ``signal``: everybody in the flow. It holds no free text of anybody.
    """
    of: Name | None = None
    """``each`` (one a person), a role, or ``all`` (one for everybody). In a flow for one person, that person's."""
    name: Label | None = None
    """What it is called when its author reviews it."""
    options: dict[OptionName, Label] = Field(default={}, max_length=5)
    """The answers of a choice, each with its label."""
    min: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] | Duration | None = None
    """The least that a number may be (0 without it), or the shortest duration."""
    max: Annotated[int, Field(ge=1, le=1_000_000)] | Duration | None = None
    """The most characters of a text (500 without it), the most that a number may be, or the longest duration."""
    within: Duration | None = None
    """How far ahead a date may be, such as ``30d``."""
    most: Annotated[int, Field(ge=1, le=5)] | None = None
    """The most items that somebody may write into a list, or the most of several choices that they may pick."""
    per: Name | None = None
    """One value for every item of that list, or option of that slot: asked for where ``each`` goes through them."""
    over: Name | None = None
    """What an ``item`` is picked from: a list, or an outcome that selects from one."""
    signed: bool = False
    """Of a list: each item is told with its author's name."""
    given: bool | FieldName = False
    """It can come with the start of the flow. A record's field, such as ``pause_rule.length``, fills it from the
    newest record that stands, when nothing else gives it."""
    granted: bool = False
    """With ``given``: it comes with its author's grant, and can be shown here without another."""


class CaseSource(Strict):
    """One result of an outcome: ``{when: GUARD, is: RESULT}``, and last ``{else: RESULT}``."""

    when: Expression | None = None
    """The guard of this result."""
    result: OptionName | None = Field(default=None, alias="is")
    """The result, which guards can compare: ``plan == 'park'``."""
    otherwise: OptionName | None = Field(default=None, alias="else")
    """The result when no guard held. It comes last, and is always there."""


class OutcomeSource(Strict):
    """How private values may steer what others see: whether something holds, a value, a choice or a selection."""

    when: Expression | None = None
    """It holds or not."""
    value: Expression | None = Field(default=None, alias="is")
    """A number, a length or a time, such as ``greatest(pause_length)``, which texts can name."""
    cases: list[CaseSource] | None = Field(default=None, min_length=2, max_length=5)
    """One of several results, the first whose guard holds."""
    select: Name | None = None
    """A list, or a slot of several choices: those of its items or options for which ``where`` holds."""
    where: Expression | None = None
    """With ``select``: a guard about the ``item`` at hand, such as ``none(mark == 'refused')``."""
    told: Words
    """What everybody is told beforehand, in these very words, three or more: see [privacy](#privacy)."""


class MigrateSource(Strict):
    """How running conversations of an older version come along; ``{}``: as they are."""

    steps: dict[Name, Name] = {}
    """Steps that have another name now: ``old: new``."""
    slots: dict[Name, Name] = {}
    """Slots that have another name now: ``old: new``, or ``old: drop``, which forgets what is in it."""


class TriggerSource(Strict):
    """How a flow is started."""

    command: Name | None = None
    """The command, without its slash."""
    signal: Literal["pause"] | None = None
    """The word that starts it wherever it is said, before anything else is looked at."""
    argument: Name | None = None
    """The slot that the command's argument fills."""
    shared: bool = False
    """The command brings people to the one that they take part in already, whoever of them began it."""


class FlowSource(Strict):
    """A flow file."""

    flow: Name
    """Its name, which is also the name of its file."""
    version: Annotated[int, Field(ge=1)]
    """Its number, raised when conversations that run in an older one are to come along: see ``migrate``."""
    migrate: dict[Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}$")], MigrateSource] = {}
    """The older versions whose running conversations come along; those of any other end as they began."""
    title: Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)]
    """What people see it called."""
    about: Annotated[str, Field(max_length=LONGEST_ABOUT)] = ""
    """One line for lists and menus."""
    roles: dict[Name, Literal["one", "many"] | RoleSource] = Field(min_length=1, max_length=10)
    """Its parts: for ``one`` person, ``many``, or somebody who joins. Who starts it takes the first."""
    partner: bool = Field(default=False, alias="with_partner")
    """A flow for one person who can name and share with ``partner``, the other of the pair."""
    start: TriggerSource | None = None
    """How people start it. Without it, only another flow can."""
    reviews: list[Name] = Field(default=[], max_length=5)
    """The kinds of record that it may be about. A flow that has just kept one starts it: what it recalls comes from
    that very record, and it ends when somebody ends that."""
    signal: bool = False
    """Its messages are signals: shown at once to everyone in it."""
    take_back: Name | None = None
    """The command by which whoever began it ends it, and with it what they granted and nobody has read yet."""
    lifetime: Duration = "7d"
    """The longest that a session of it lasts."""
    expired: Name | None = None
    """The step that says goodbye when the lifetime is over."""
    slots: dict[Name, SlotSource] = Field(default={}, max_length=200)
    """What it remembers."""
    outcomes: dict[Name, OutcomeSource] = Field(default={}, max_length=50)
    """How private answers may steer what others see."""
    steps: list[AnyStep] = Field(min_length=1)
    """What happens, one after another."""


for _model in (VolatileSource, EachSource, AskSource, LaneSource, LanesSource, FlowSource):
    _model.model_rebuild()
