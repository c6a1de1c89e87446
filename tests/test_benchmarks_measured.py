"""Figures of a fresh process: what it tells, and a memory that is its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import features_own, measured
from records.errors import NotPossible


def test_a_function_is_run_in_a_process_of_its_own(demo: Path, tmp_path: Path) -> None:
    arguments = {"store": demo / "store", "count": 10, "out": tmp_path / "spine.parquet"}
    told = measured.fresh(features_own.inspected, tmp_path, **arguments)
    assert told.facts == {"rows": 10}
    assert (tmp_path / "spine.parquet").exists()
    assert told.seconds > 0
    assert told.cpu > 0


TELL = """
import json
{before}
from benchmarks.measured import peak
print(json.dumps(dict(seconds=0, cpu=0, peak=peak(), facts=dict())))
"""


def test_memory_that_the_asker_holds_is_not_counted() -> None:
    held = bytearray(700_000_000)
    held[::4096] = b"x" * len(held[::4096])  # every page of it
    told = measured.run([sys.executable, "-c", TELL.format(before="")], {})
    assert measured.peak() > 0.7
    assert 0.005 < told.peak < 0.5


def test_memory_is_the_most_that_was_held() -> None:
    before = "x = bytearray(300_000_000); x[::4096] = b'x' * len(x[::4096]); del x"
    told = measured.run([sys.executable, "-c", TELL.format(before=before)], {})
    assert 0.3 < told.peak < 0.8


def test_a_process_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(NotPossible, match="no store"):
        measured.fresh(features_own.inspected, tmp_path, store=tmp_path, count=1, out="x")


def test_the_last_line_is_what_counts() -> None:
    told = {"seconds": 1.5, "cpu": 2.5, "peak": 0.1, "facts": {"a": 1}}
    command = [sys.executable, "-c", f"print('noise'); print({json.dumps(json.dumps(told))})"]
    assert measured.run(command, {}).facts == {"a": 1}
