"""What happens at every named point is what docs/reliability.md says: its tables are made of what happened."""

from bench.crashtest.loopback import AT_MOST_ONCE, REDELIVERING
from bench.crashtest.report import written_into
from docs.make_reliability import PAGE
from tests.crash import files, points
from tests.crash.points import POINTS, Cause

NOBODY_KNOWS = ("before_the_answer", "after_the_answer", "before_the_mark_is_committed")
"""A message was handed over, and that is not noted."""


def test_wherever_a_process_dies_an_event_counts_once_and_a_message_comes_as_promised():
    came = points.everything()
    assert [key for key, one in came.items() if not one.died or one.wrong] == []
    assert {one.stored for one in came.values()} == {1}

    replies = {(point, kind): one.shown for (point, cause, kind), one in came.items() if cause is Cause.WORDS}
    for point in POINTS:
        assert replies[point, AT_MOST_ONCE] == 1, point
        assert replies[point, REDELIVERING] == (2 if point in NOBODY_KNOWS else 1), point

    nudges = {(point, kind): one.shown for (point, cause, kind), one in came.items() if cause is Cause.TIME}
    for point in POINTS:
        assert nudges[point, AT_MOST_ONCE] == 1, point
        assert nudges[point, REDELIVERING] == (0 if point == "before_the_hand_over" else 1), point

    page = PAGE.read_text("utf-8")
    assert page == written_into(page, "points", points.points_table())


def test_what_is_done_to_a_file_is_done_whole_or_not_at_all():
    came = files.everything()
    assert [told for told, left in came.items() if not (left.died and left.as_before and left.done_next)] == []

    page = PAGE.read_text("utf-8")
    assert page == written_into(page, "files", files.files_table())
