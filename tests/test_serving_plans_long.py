"""A plan has the same bytes whether its lists are short or long, CSV or Parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from serving.plans import plans
from tests import a_plan


def _long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is long, and nothing fits in one part."""
    for module in ("canonical", "draws.ids", "draws.tickets"):
        monkeypatch.setattr(f"supervision.{module}.LONG", 0)
    monkeypatch.setattr("supervision.jsonlines.ROWS", 64)
    monkeypatch.setattr("supervision.jsonlines.BYTES", 2000)
    monkeypatch.setattr("supervision.proofs.framefile.ROWS", 64)


def _lists(folder: Path, *, even: bool) -> None:
    """Lists in no order, with ids of one length or of two."""
    lists = a_plan.enrich(a_plan.make(folder)) / "lists"
    enough = a_plan.EVERYTHING.replace("{2301: 10}", "{2301: 20}")
    (folder / "plan.yaml").write_text(enough, "utf-8")
    for path in sorted(lists.glob("*.csv")):
        read = pd.read_csv(path, dtype=str, keep_default_na=False)
        if even and path.stem == "objects":
            read["entity_id"] = read["entity_id"].str.replace(r"^N(\d)$", r"N000\1", regex=True)
        read.sample(frac=1, random_state=3).to_csv(path, index=False)


def _parquet(lists: Path) -> None:
    """The same lists as Parquet, whose texts that recur are read as categories."""
    for path in sorted(lists.glob("*.csv")):
        pd.read_csv(path, dtype=str).to_parquet(path.with_suffix(".parquet"))
        path.unlink()


def _made(folder: Path, out: str) -> dict[str, bytes]:
    """The files of a plan that is committed, drawn and verified; the second of its year."""
    at = folder / out
    for name, start in (("february", "2026-02-01"), ("august", "2026-08-01")):
        told = plans.commit(
            folder / "run", folder / "plan.yaml", folder / "lists", folder / "seed", at / name,
            start=pd.Timestamp(start).date(),
        )  # fmt: skip
        assert told["firms"] == 600
        plans.draw(at / name, a_plan.PUBLIC + name)
        assert plans.verify(at / name)["verdict"] == "provably random"
    return {f"{path.parent.name}/{path.name}": path.read_bytes() for path in at.glob("*/*")}


@pytest.mark.parametrize("even", [True, False])
def test_long_lists_lead_to_the_bytes_of_short_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, even: bool
) -> None:
    _lists(tmp_path, even=even)
    short = _made(tmp_path, "short")
    for name in ("history", "exclusions", "classes", "strata", "drawn"):
        assert short[f"august/{name}.jsonl"]
    with monkeypatch.context() as patched:
        _long(patched)
        _parquet(tmp_path / "lists")
        long = _made(tmp_path, "long")
        assert plans.verify(tmp_path / "short" / "august")["verdict"] == "provably random"
    assert plans.verify(tmp_path / "long" / "august")["verdict"] == "provably random"
    assert {name for name in short if short[name] != long.get(name)} == set()
    assert set(long) == set(short)
