"""Rows that wait on disk come back as they were, and nothing stays behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from records.files import file_hash
from records.province import Parameters, generate
from records.province.clock import LAST_DAY, Calendar, as_date
from records.province.ledger import Ledger
from records.province.process import found
from records.province.spill import BLOCK, HELD, Spill


def numbers(*given: int) -> pa.Table:
    return pa.table({"number": pa.array(given, pa.int64()), "text": [str(n) for n in given]})


@pytest.mark.parametrize("held", [0, 60, HELD])
def test_blocks_keep_the_order_of_entry(tmp_path: Path, held: int) -> None:
    with Spill(tmp_path, held) as spill:
        spill.put("a", numbers(1, 3 * BLOCK, 0))
        spill.put("b", numbers(7))
        spill.put("a", numbers(3 * BLOCK, 1))
        found = {block: rows["text"].to_pylist() for block, rows in spill.blocks("a")}
        assert found == {0: ["1", "0", "1"], 3: [str(3 * BLOCK)] * 2}
        assert [rows["number"].to_pylist() for _, rows in spill.blocks("b")] == [[7]]
        assert list(spill.blocks("c")) == []


def test_waiting_rows_have_no_name_on_disk(tmp_path: Path) -> None:
    spill = Spill(tmp_path, held=0)
    spill.put("a", numbers(1, 2))
    assert len(spill.files) == 1
    assert list(tmp_path.iterdir()) == []
    spill.__exit__(None, None, None)
    assert spill.files["a"].closed


@pytest.mark.parametrize("held", [0, HELD])
def test_ledger_keeps_versions_in_order_and_drops_what_nobody_knows(
    tmp_path: Path, held: int
) -> None:
    day = LAST_DAY - 100
    firms = found(Parameters.load(), Calendar(12, 6), 200, 0, Spill(tmp_path)).firms
    with Spill(tmp_path, held) as spill:
        _versions(Ledger(firms, spill), day)


def _versions(ledger: Ledger, day: int) -> None:
    add: dict[str, Any] = {"field": "food", "result": "pass", "maker": 0}
    firm = np.array([0, 1])
    number = ledger.add(
        "product_samples", firm, np.array([day, day]), np.array([day + 9, day + 1]), **add
    )
    ledger.add("product_samples", firm[:1], np.array([day]), np.array([day + 4]),
               number=number[:1], field="food", result="fail", maker=0)  # fmt: skip
    for late in ((LAST_DAY + 1, LAST_DAY + 2), (LAST_DAY, LAST_DAY + 61)):
        ledger.add("product_samples", firm[:1], np.array(late[:1]), np.array(late[1:]), **add)
    ((block, rows),) = ledger.close("product_samples")
    closed = rows.to_pandas()
    assert block == 0
    assert list(ledger.close("product_samples")) == []
    assert closed["source_id"].tolist() == ["CJ-00000000", "CJ-00000000", "CJ-00000001"]
    assert closed["entity_id"].tolist() == ledger.firms.codes.take(pa.array([0, 0, 1])).to_pylist()
    assert closed["known_time"].tolist() == [as_date(day + 9), as_date(day + 10), as_date(day + 1)]
    with pytest.raises(KeyError, match="no column colour"):
        ledger.add("product_samples", firm, firm, firm, colour="red")


def test_what_waits_on_disk_changes_no_bit(tmp_path: Path) -> None:
    def hashes(name: str, held: int) -> dict[str, str]:
        generate(tmp_path / name, enterprises=2000, months=6, seed=3, held=held)
        files = (p for p in sorted((tmp_path / name).rglob("*")) if p.is_file())
        return {str(p.relative_to(tmp_path / name)): file_hash(p) for p in files}

    assert hashes("memory", HELD) == hashes("some", 1_000_000) == hashes("disk", 0)


def test_a_province_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(done: int, of: int) -> None:
        if done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path / "out", enterprises=300, months=6, seed=3, held=0, progress=fail)
    assert list(tmp_path.iterdir()) == []
