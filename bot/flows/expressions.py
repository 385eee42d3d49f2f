"""What can be told of an expression from how it is written."""

import ast
from collections.abc import Iterator

from bot.engine.guards import Guard


def parsed(source: str) -> ast.expr | None:
    """Return the expression; None for one that is broken, which was told already."""
    try:
        return ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def parts_of(source: str) -> Iterator[ast.expr]:
    """Yield what holds whenever an expression does: the expression itself, or all that are joined by ``and``."""
    whole = parsed(source)
    match whole:
        case None:
            return
        case ast.BoolOp(op=ast.And(), values=values):
            yield from values
        case _:
            yield whole


def is_same(value: object, wanted: ast.expr) -> bool:
    """Return whether something is a guard, and that very expression."""
    found = parsed(value.source) if isinstance(value, Guard) else None
    return found is not None and ast.dump(found) == ast.dump(wanted)


def option_of(part: ast.expr) -> tuple[str, str] | None:
    """Return the name and the option of ``name == 'option'``."""
    match part:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Eq()], comparators=[ast.Constant(value=str() as result)]):
            return name, result
        case _:
            return None


def options_named(guard: Guard, slot: str) -> set[str] | None:
    """Return the options with which a guard compares a slot; None if it reads the slot in other ways too."""
    whole = parsed(guard.source)
    if whole is None:
        return None
    named: set[str] = set()
    compared = 0
    for node in ast.walk(whole):
        if isinstance(node, ast.Compare) and len(node.comparators) == 1:
            sides = (node.left, node.comparators[0])
            options = [found for found in map(_constants, sides) if found is not None]
            if len(options) == 1 and any(isinstance(side, ast.Name) and side.id == slot for side in sides):
                named |= options[0]
                compared += 1
    reads = sum(isinstance(node, ast.Name) and node.id == slot for node in ast.walk(whole))
    return named if reads == compared else None


def _constants(node: ast.expr) -> set[str] | None:
    """The options that are written out."""
    match node:
        case ast.Constant(value=str() as option):
            return {option}
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            found = [_constants(element) for element in elements]
            return None if None in found else {option for one in found if one is not None for option in one}
        case _:
            return None
