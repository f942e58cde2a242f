"""The load benchmark's arithmetic and tables: readers would believe wrong ones."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.benchmarks.load import behind, database, fair, search, versus
from tests.benchmarks.load.figures import bend, per_turn, percentile, ratio, show, spread, summary, table, total
from tests.benchmarks.load.stock import OURS, STOCK, pool, verdict


@pytest.mark.parametrize(
    ("count", "share", "rank"),
    [(1, 0.99, 1), (2, 0.5, 1), (10, 0.9, 9), (100, 0.99, 99), (101, 0.99, 100), (200, 0.99, 198), (200, 1.0, 200)],
)
def test_a_percentile_is_the_nearest_rank(count: int, share: float, rank: int) -> None:
    """The reported p99 would not be the slowest turn in a hundred."""
    assert percentile([float(value) for value in range(count, 0, -1)], share) == rank


def test_a_summary_is_in_milliseconds() -> None:
    """A figure would be wrong by a factor of a thousand."""
    assert summary([0.004, 0.001, 0.002]) == {"n": 3, "median_ms": 2.0, "p90_ms": 4.0, "p99_ms": 4.0, "longest_ms": 4.0}


def test_nothing_measured_has_no_figures() -> None:
    """A level at which every turn failed would stop the benchmark, or look fast."""
    assert set(summary([]).values()) == {0, None}
    assert per_turn({"desk": 1.0}, 0) == {"desk": None}


def test_processor_time_is_shared_out_over_the_turns() -> None:
    """The cost of one turn would be the cost of all turns."""
    assert per_turn({"desk": 1.5, "bot": 3.0}, 100) == {"desk": 15.0, "bot": 30.0}


def test_the_bend_is_where_more_clients_bring_nothing() -> None:
    """The capacity would be read at a level where customers only wait longer."""
    speeds = {1: 20.0, 2: 38.0, 4: 60.0, 8: 61.0, 16: 59.0}
    levels = [{"clients": clients, "turns_per_second": speed} for clients, speed in speeds.items()]
    assert bend(levels)["clients"] == 4


def test_a_ratio_tells_how_much_more_the_second_is() -> None:
    """A log that slows the desk down would seem to make it faster, or a system without turns would stop the benchmark."""
    assert ratio(2.0, 3.0) == 1.5
    assert ratio(0.0, 3.0) == math.inf


def test_a_total_with_an_unknown_part_is_unknown() -> None:
    """Memory that the kernel does not report would count as zero."""
    memory: dict[str, dict[str, float | None]] = {"desk": {"rss": 100.0, "pss": None}, "bot": {"rss": 500.0, "pss": 400.0}}
    assert total(memory, ("desk", "bot"), "rss") == 600.0
    assert total(memory, ("desk", "bot"), "pss") is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        (0, "0"),
        (1_000_000, "1,000,000"),
        (0.0, "0.0"),
        (0.01234, "0.012"),
        (1.234, "1.23"),
        (12.34, "12.3"),
        (1234.5, "1,234"),
        (math.inf, "inf"),
        ("desk", "desk"),
    ],
)
def test_a_figure_has_three_digits(value: Any, shown: str) -> None:
    """A table would claim more than was measured, or less."""
    assert show(value) == shown


def test_a_table_is_markdown() -> None:
    """The output would not be a table when pasted into the documentation."""
    assert table("Turns", ["what", "ms"], [["stream", 12.5]]) == "**Turns**\n\n| what | ms |\n| --- | --- |\n| stream | 12.5 |"


def side(turns: int, desk: float | None, others: float) -> dict[str, Any]:
    """The figures of one system, in the form of the part `stock`."""
    block = {"turns": turns, "seconds": 10.0, "errors": 1, "cpu_seconds": {"bot": turns / 50}}
    names = ("bot", "action server") if desk is None else ("desk", "bot", "PostgreSQL")
    return {**pool([block, block]), "memory_mb": {name: {"rss": others + 10, "pss": others} for name in names}}


def test_blocks_of_a_system_are_taken_together() -> None:
    """Each system would be judged by one of its blocks only."""
    pooled = side(300, 100.0, 100.0)
    assert (pooled["turns"], pooled["turns_per_second"], pooled["errors"]) == (600, 30.0, 2)
    assert pooled["cpu_ms_per_turn"] == {"bot": 20.0}


def test_the_verdict_compares_ours_with_stock() -> None:
    """The bars would be compared in the wrong direction, or with the database counted on one side only."""
    found = verdict({OURS: side(300, 100.0, 100.0), STOCK: side(50, None, 400.0)})
    assert found["throughput_ratio"] == 6.0
    assert found["memory_kind"] == "pss"
    assert found["memory_mb"] == {OURS: 200.0, f"{OURS}, with PostgreSQL": 300.0, STOCK: 800.0}


def test_an_interval_covers_the_ratio_and_is_narrow_when_blocks_agree() -> None:
    """A random difference would be reported as one of the code, or the reverse."""
    old = [[1.0, 1.1, 1.2]] * 10
    same, slower = spread(old, old), spread([[1.5, 1.65, 1.8]] * 10, old)
    assert same == (1.0, 1.0)
    assert slower == pytest.approx((1.5, 1.5))
    low, high = spread([[1.0], [3.0], [1.0], [3.0]], [[1.0], [1.0], [3.0], [3.0]])
    assert low < 1.0 < high


def pages(arrived: int, pause: float) -> list[dict[str, Any]]:
    """One page of the part `behind`."""
    return [{"arrived": arrived, "seconds": 2.0, "longest_pause": pause}]


@pytest.mark.parametrize(
    ("part", "result", "count"),
    [
        (behind, {"events": 100, "stream": pages(100, 0.1), "poll": pages(100, 0.1)}, 0),
        (behind, {"events": 100, "stream": pages(99, 0.1), "poll": pages(100, 0.1)}, 1),
        (behind, {"events": 100, "stream": pages(100, 0.1), "poll": pages(100, 1.1)}, 1),
        (fair, {"n": 100, "median_ms": 100.0, "p99_ms": 300.0, "errors": {}}, 0),
        (fair, {"n": 100, "median_ms": 100.0, "p99_ms": 301.0, "errors": {}}, 1),
        (fair, {"n": 100, "median_ms": 100.0, "p99_ms": 100.0, "errors": {"status 503": 1}}, 1),
        (fair, {"n": 0, "median_ms": None, "p99_ms": None, "errors": {}}, 1),
        (database, {"killed": {"n": 50, "longest_ms": 999.0, "failures": {}}}, 0),
        (database, {"killed": {"n": 50, "longest_ms": 1001.0, "failures": {}}}, 1),
        (database, {"killed": {"n": 49, "longest_ms": 999.0, "failures": {"503": 1}}}, 1),
        (database, {"killed": {"n": 0, "longest_ms": None, "failures": {"503": 50}}}, 1),
        (versus, {"ratio": 1.05, "interval": (1.0, 1.1)}, 0),
        (versus, {"ratio": 1.051, "interval": (1.0, 1.1)}, 1),
    ],
)
def test_bars_are_broken_beyond_their_figures(part: Any, result: dict[str, Any], count: int) -> None:
    """A benchmark would pass with any figure, or fail at exactly its bar."""
    assert len(part.broken(result)) == count


def test_each_kind_of_search_has_the_bar() -> None:
    """A slow kind of search would hide among quick ones."""
    quick, slow = [0.1] * 100, [0.1] * 90 + [1.5] * 10
    kinds = {"a word": {"seconds": quick, "results": 3}, "a number": {"seconds": slow, "results": 0}}
    log = {"events": 10.0, "texts": 5.0, "episodes": 1.0, "events_mb": 1.0, "index_mb": 1.0, "indexing_seconds": 2.0}
    result = {"log": {**log, "loop_lag_p99_ms": 1.0}, "kinds": kinds}
    assert search.broken(result) == ["p95 of a number is 1.50 s (at most 1)"]
    assert "| a number | 100 | 0 | 100 |" in search.report(result)[1]
