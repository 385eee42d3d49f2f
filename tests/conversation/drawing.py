"""Drawing moves: as many runs from each beginning, shrunk when one fails."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.conversation.walking import Move


def lists_of_moves(kinds: int, length: int) -> st.SearchStrategy[list[Move]]:
    """So many moves of so many kinds, drawn evenly; a shrunk move is kind -1, which does nothing."""
    sizes = (kinds + 1, 4, 32, 8)
    move = st.tuples(*(st.sampled_from(range(size)) for size in sizes)).map(lambda drawn: (drawn[0] - 1, *drawn[1:]))
    return st.lists(move, min_size=length, max_size=length)


def draw_runs(
    runs: int,
    beginnings: int,
    moves: st.SearchStrategy[list[Move]],
    take: Callable[[int, list[Move]], None],
    *,
    anew: bool,
) -> None:
    """Take at least ``runs`` runs, as many from each beginning: the same ones every time, unless ``anew``.

    What is drawn first is always the simplest, in which nobody does anything: it is left out.
    """
    limits = settings(
        max_examples=-(-runs // beginnings) + 1,
        deadline=None,
        database=None,
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example),
    )
    for beginning in range(beginnings):

        @limits
        @given(st.just(beginning), moves)
        def take_runs(at: int, drawn: list[Move]) -> None:
            if any(kind >= 0 for kind, *_ in drawn):
                take(at, drawn)

        (take_runs if anew else seed(beginning)(take_runs))()
