"""Whoever runs the bot: people are told who could read what is kept."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who runs the bot."""

    name: str = ""
    """A name that people know; empty where it is the reader's own computer."""
    accounts: frozenset[tuple[str, str]] = frozenset()
    """Their own accounts: platforms and ids there."""


UNNAMED = Operator()
"""Whoever runs it on a computer of their own, for themselves."""
