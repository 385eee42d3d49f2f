"""Who takes part, how each is kept, and what each says about itself where a probe finds it wanting."""

from collections.abc import Mapping
from dataclasses import dataclass, field

OURS, ENGINE, SISMIC, YARDSTICK = "ours", "engine", "sismic", "rows"

ROW = "its state as JSON in one row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to run a library when two messages come at once."""

    label: str
    variant: str = ""
    durable: bool = False
    asked_for: bool = False
    """Whether the library does it only when told to; then it is told, but is not the library's word."""


IN_THREADS = (Way(label="in two threads"),)
AS_TASKS = (Way(label="in memory"), Way(label="over a store that lets others run", durable=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of the tables: a library, or another way to use it."""

    key: str
    title: str
    adapter: str
    environment: str = ""
    """Whose environment it runs in, named as its lock; empty is this project's own."""
    library: str = ""
    """The distribution whose version is told."""
    variant: str = ""
    kind: str = ""
    """What a turn goes through; empty: it is not measured in memory."""
    durable: str = ""
    """How it is kept; empty: it is not measured durably."""
    ways: tuple[Way, ...] = AS_TASKS
    renames: str = ""
    """The variant in which the edited definition says what has another name."""
    probed: bool = True
    claims: Mapping[str, str] = field(default_factory=dict[str, str])
    """What there is to say beside what a probe saw, by the probe's name."""


WANTED: Mapping[str, tuple[str, ...]] = {
    "sismic": ("sismic",),
    "transitions": ("transitions",),
    "statemachine": ("python-statemachine[yaml]",),
    "aiogram": ("aiogram",),
    "telegram": ("python-telegram-bot",),
    # Its SQL store creates its tables in a way that SQLAlchemy 2.1 refuses.
    "chatsky": ("chatsky[sqlite]", "sqlalchemy<2.1"),
    # Its client imports aiohttp without asking for it.
    "botbuilder": ("botbuilder-dialogs", "aiohttp"),
}
"""What each environment is made of. Each peer has its own, as its users have it; so one that fails stops no other."""

KNOWS_EVENTS = "It knows events and no messages: which came before, its caller has to know."
CODE = "Definitions are Python code, which is its author's anyway."
NO_IDS = "It keeps no list of the messages that it took."

ENTRIES = (
    Entry(
        key=ENGINE,
        title="this engine",
        adapter="our_bot",
        variant="engine",
        kind="a definition, interpreted",
        probed=False,
    ),
    Entry(
        key=SISMIC,
        title="sismic",
        adapter="sismic_bot",
        environment="sismic",
        library="sismic",
        kind="a definition, interpreted",
        durable="its interpreter, pickled, in one row",
        ways=IN_THREADS,
        claims={
            "both": "It does not speak of threads; given events by one thread, it takes them one by one.",
            "redelivered": KNOWS_EVENTS,
            "killed": "Keeping it is left to its user.",
            "edited": "A pickled interpreter holds the chart that it began with, so an edit never reaches it.",
            "hostile": "Guards and actions are Python by design: load nobody's charts but your own.",
        },
    ),
    Entry(
        key="sismic-fast",
        title="sismic, one step an event, contracts off",
        adapter="sismic_bot",
        environment="sismic",
        variant="fast",
        kind="a definition, interpreted",
        probed=False,
    ),
    Entry(
        key="transitions",
        title="transitions",
        adapter="transitions_bot",
        environment="transitions",
        library="transitions",
        kind="a table of Python callbacks",
        durable=ROW,
        ways=(*IN_THREADS, Way(label="with `LockedMachine`", variant="locked", asked_for=True)),
        claims={
            "redelivered": KNOWS_EVENTS,
            "killed": "Keeping it is left to its user.",
            "hostile": "A condition in a definition may name any function that can be imported, "
            "and gets what the person wrote.",
        },
    ),
    Entry(
        key="statemachine",
        title="python-statemachine",
        adapter="statemachine_bot",
        environment="statemachine",
        library="python-statemachine",
        kind="a class of Python callbacks",
        durable=ROW,
        ways=IN_THREADS,
        claims={
            "both": "It promises this to threads.",
            "redelivered": KNOWS_EVENTS,
            "killed": "Keeping it is left to its user.",
            "hostile": "Loading is safe unless told otherwise (`trusted=True`); "
            "its documentation says that it does not vouch for an end.",
        },
    ),
    Entry(
        key=OURS,
        title="this project, the whole turn",
        adapter="our_bot",
        kind="routing, session, inbox, outbox, rendering; SQLite in memory",
        durable="its own store",
        renames="declared",
        claims={
            "both": "A reply that asks something is left out once its question is no longer the one in front.",
        },
    ),
    Entry(
        key="aiogram",
        title="aiogram",
        adapter="aiogram_bot",
        environment="aiogram",
        library="aiogram",
        kind="routing, session, a request to Telegram",
        durable="its port for a store over two rows, state and data, a commit each",
        ways=(
            *AS_TASKS,
            Way(label="with bare states as filters", variant="bare"),
            Way(label="with `SimpleEventIsolation`", variant="isolated", durable=True, asked_for=True),
        ),
        claims={
            "redelivered": NO_IDS,
            "hostile": CODE,
        },
    ),
    Entry(
        key="aiogram-bare",
        title="aiogram, bare states as filters",
        adapter="aiogram_bot",
        environment="aiogram",
        variant="bare",
        kind="the same, with a thread for each filter",
        probed=False,
    ),
    Entry(
        key="telegram",
        title="python-telegram-bot",
        adapter="telegram_bot",
        environment="telegram",
        library="python-telegram-bot",
        kind="routing, session, a request to Telegram",
        durable="its port for a store over two rows, state and data, a commit each; after the reply",
        claims={
            "both": "It takes updates one by one unless told otherwise, and advises against that here.",
            "redelivered": NO_IDS,
            "killed": "By itself it saves once a minute; here it was told to at the end of each turn.",
            "hostile": CODE,
        },
    ),
    Entry(
        key="chatsky",
        title="chatsky",
        adapter="chatsky_bot",
        environment="chatsky",
        library="chatsky",
        kind="session, all turns of the conversation kept",
        durable="its own SQL store",
        claims={
            "redelivered": NO_IDS,
            "hostile": "Its guide says that a file may name any object that can be imported (`external:`).",
        },
    ),
    Entry(
        key="botbuilder",
        title="botbuilder-dialogs",
        adapter="botbuilder_bot",
        environment="botbuilder",
        library="botbuilder-dialogs",
        kind="session, a stack of dialogs, a number understood from words",
        durable="its port for a store over one row; after the reply",
        claims={
            "redelivered": NO_IDS,
            "killed": "Whether a channel delivers again what was not acknowledged, the channel decides.",
            "hostile": CODE,
        },
    ),
    Entry(
        key="botbuilder-text",
        title="botbuilder-dialogs, prompt for text",
        adapter="botbuilder_bot",
        environment="botbuilder",
        variant="text",
        kind="session, a stack of dialogs",
        probed=False,
    ),
    Entry(
        key=YARDSTICK,
        title="one row, a commit a turn, nothing else",
        adapter="rows_bot",
        durable="the yardstick",
        probed=False,
    ),
)
