"""The kinds of record: what flows keep beyond a session, as declared in one file for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.engine.model import Slot
from bot.engine.template import Template
from bot.flows.yaml_source import Source
from bot.nudges.schedule import Manner


@dataclass(frozen=True, slots=True, kw_only=True)
class Comes:
    """How the records of a kind come by themselves; what they say is at ``<name>.comes``."""

    at: str
    """The field that says when."""
    manner: Manner
    zone: str | None = None
    shown: str | None = None
    starts: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind:
    """A kind of record. Its texts are at ``<name>.title``, ``.row``, ``.empty`` and ``.fields.<field>…``."""

    name: str
    pair: bool
    """Whether it belongs to a pair, both of whom can read it, or to one person alone."""
    fields: Mapping[str, Slot]
    lasts: int
    """The longest that a record stands, in milliseconds."""
    key: tuple[str, ...] = ()
    latest: bool = False
    rows: tuple[str, ...] = ()
    """The addresses of what is said of one record."""
    command: str | None = None
    """The command that shows the records of this kind."""
    comes: Comes | None = None
    digest: str = ""
    """What it was declared as: part of the revision of every flow that names it."""


@dataclass(frozen=True, slots=True)
class Records:
    """Every kind of record by name, and their texts by address. ``source`` is the file, for checks beside flows."""

    kinds: Mapping[str, RecordKind] = field(default_factory=dict[str, RecordKind])
    texts: Mapping[str, Template] = field(default_factory=dict[str, Template])
    source: Source | None = None
    translations: Mapping[str, Mapping[str, Template]] = field(default_factory=dict[str, Mapping[str, Template]])
    """The texts in other languages, by language and address."""

    def template(self, key: str, language: str) -> Template:
        """Return a text by its address in a language, else in English."""
        translated = self.translations.get(language)
        return translated[key] if translated is not None and key in translated else self.texts[key]


NO_RECORDS = Records()
"""Where nothing is kept beyond a session."""
