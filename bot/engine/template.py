"""Templates: an author's words with plain named placeholders, such as ``{card}``.

People's own words are only ever values, never templates, so nothing that someone types is parsed here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


class TemplateInvalid(ValueError):
    """A brace that opens nothing, or a placeholder that is not a plain name; ``offset`` counts characters."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A hole in a template, filled by the value of that name."""

    name: str


@dataclass(frozen=True, slots=True)
class Template:
    """Literal text and placeholders, in order."""

    parts: tuple[str | Placeholder, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every placeholder's name, in order of appearance, repeats included."""
        return tuple(part.name for part in self.parts if isinstance(part, Placeholder))

    @property
    def literal(self) -> str:
        """The words without what the placeholders stand for."""
        return "".join(part for part in self.parts if isinstance(part, str))

    @property
    def source(self) -> str:
        """The words as an author writes them: ``parse_template`` makes the same template of them."""
        return "".join(
            part.replace("{", "{{").replace("}", "}}") if isinstance(part, str) else f"{{{part.name}}}"
            for part in self.parts
        )


def parse_template(source: str) -> Template:
    """Return the template; ``{{`` and ``}}`` are literal braces. Raises TemplateInvalid."""
    return Template(tuple(_parts(source)))


def _parts(source: str) -> Iterator[str | Placeholder]:
    literal = ""
    end = 0
    for found in _PART.finditer(source):
        literal += source[end : found.start()]
        end = found.end()
        whole, name = found.group(0), found.group(1)
        if whole in {"{{", "}}"}:
            literal += whole[0]
        elif name is None:
            message = f"a lone '{whole}': write '{whole * 2}' for a literal brace"
            raise TemplateInvalid(message, found.start())
        elif not _NAME.match(name):
            message = f"'{{{name}}}' is not a placeholder: only plain names such as '{{name}}' are allowed"
            raise TemplateInvalid(message, found.start())
        else:
            if literal:
                yield literal
            literal = ""
            yield Placeholder(name)
    literal += source[end:]
    if literal:
        yield literal
