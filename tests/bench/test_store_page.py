"""The tables about the store in docs/benchmarks.md."""

from bench.store.page import rendered

PAGE = "<!-- store-empty -->\nold\n<!-- store-end -->\n\n<!-- store-full -->\nkept\n<!-- store-end -->\n"
LINE = {"case": "turn-16", "value": 1234.5, "ratio": 0.256, "against": "raw", "p50_ms": 1.24, "p99_ms": 20.0}


def test_a_table_takes_the_place_of_its_own_and_of_no_other():
    page = rendered(PAGE, 0, [LINE | {"syncs_a_turn": 0.125}, LINE])
    assert "old" not in page
    assert "| turn-16 | 1,234 | 0.26 x raw | 1.2 | 20.0 | 0.12 |" in page
    assert "| turn-16 | 1,234 | 0.26 x raw | 1.2 | 20.0 |  |" in page
    assert page.endswith("<!-- store-full -->\nkept\n<!-- store-end -->\n")
    assert rendered(page, 0, []) != page
    assert "kept" not in rendered(PAGE, 1_000_000, [LINE])
