"""Forms by name: what a platform needs to open one is found by its name alone, at once and without the store.

A form has to be shown in answer to the press that asks for it, within moments, whatever else goes on.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.engine.effects import FormAt
from bot.engine.model import Ask, Flow
from bot.engine.session import Session
from bot.engine.template import Template
from bot.flows.library import Library

REVISION = 12
"""Characters of a revision that tell it from the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A question of a form."""

    label: str
    question: str
    """The whole question; empty when it speaks of something that is not known beforehand."""
    most: int
    """Characters that are taken."""
    optional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form as it is shown."""

    title: str
    fields: tuple[Field, ...]


def name_of(session: Session, form: FormAt, language: str) -> str:
    """Return the name of a session's form in a language."""
    return f"{language}.{session.revision[:REVISION]}.{form.flow}.{form.step}"


def form_by_name(library: Library, name: str) -> Form | None:
    """Return the form of that name, or None when its revision is not there any more."""
    language, _, rest = name.partition(".")
    revision, _, rest = rest.partition(".")
    flow_name, _, step = rest.partition(".")
    for root in (*library.flows.values(), *library.earlier.values()):
        if revision and root.revision.startswith(revision) and flow_name in {root.id, *root.calls}:
            flow = root.named(flow_name)
            steps = flow.forms.get(step, ())
            title = flow.template("title", language).literal if "title" in flow.texts else flow.title
            return Form(title=title, fields=tuple(_fields(flow, steps, language))) if steps else None
    return None


def _fields(flow: Flow, steps: tuple[str, ...], language: str) -> Iterator[Field]:
    for name in steps:
        step = flow.steps[name]
        if isinstance(step, Ask):
            slot = flow.slots[step.save]
            yield Field(
                label=flow.template(f"slots.{slot.name}.name", language).literal,
                question=_whole(flow.template(f"{name}.ask", language)),
                most=slot.max,
                optional=step.optional,
            )


def _whole(template: Template) -> str:
    """The text, or nothing when it has placeholders: what fills them is not known here."""
    return "" if template.names else template.literal
