"""What is packed tells the same ladder to the bit, whatever the rows hold."""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models import definition
from models.definition import SHIPPED, ModelDefinition
from models.ladder import ladder, sent, sums, tell
from records.errors import BadInput
from serving.results import freezing, loading
from serving.results.unpacking import Lists
from serving.results.wordlists import Wordlists
from serving.runs import runfolder
from serving.runs.runfolder import CLASSES, REASONS, RunFolder
from tests import a_run


@cache
def _model() -> ModelDefinition:
    return definition.load(SHIPPED / "general")


def _day(chance: random.Random) -> date | None:
    return None if chance.random() < 0.2 else date(1969, 6, 1) + timedelta(chance.randrange(30_000))


def _records(chance: random.Random, least: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "table": chance.choice(["penalties", "complaints"]),
            "source": chance.choice([None, "", "道里区市场监督管理局", "12315平台"]),
            "source_id": chance.choice([None, "", "哈里市监罚〔2024〕214号", "x" * 300]),
            "event_time": _day(chance),
        }
        for _ in range(chance.randrange(least, 6))
    ]


def _reasons(chance: random.Random, code: str) -> list[dict[str, Any]]:
    """Contributions with many ties, exact opposites, zeros and sums that cancel."""
    names = chance.sample(_model().fitted, chance.randrange(1, 60))
    numbers = [0.0, 0.1, -0.1, 0.3, -0.3, 1e-9, 0.7, -0.2, 1e8, -1e8, 0.05, -0.05]
    rows: list[dict[str, Any]] = [
        {
            "entity_id": code, "indicator": name, "group": name[:2],
            "value": chance.choice([None, 0.0, 1.0, 2.5, 117.0]),
            "contribution": chance.choice(numbers), "records": _records(chance, 1),
        }
        for name in names
    ]  # fmt: skip
    rows.sort(key=lambda row: -abs(row["contribution"]))
    return [row | {"rank": rank} for rank, row in enumerate(rows, 1)]


def _steps(chance: random.Random, letter: str) -> list[dict[str, Any]]:
    steps = a_run.classes().to_pylist()[0]["steps"]
    return [
        step | {
            "class": letter, "months": chance.choice([1, 7]),
            "margin": chance.choice([None, 0.0, 0.25]), "since": _day(chance),
            "until": _day(chance), "records": _records(chance),
            "given": chance.choice([None, "B", "异议〔2026〕12号"]),
        }
        for step in steps
    ]  # fmt: skip


def _run(folder: Path, seed: int) -> Path:
    chance = random.Random(seed)
    a_run.write(folder)
    like = a_run.classes().to_pylist()[0]
    firms, reasons = [], []
    for at in range(40):
        code = f"9123{at:05d}"
        told = _reasons(chance, code)
        reasons += told
        raw = like["base"] + sum(row["contribution"] for row in told)
        letter = chance.choice("ABCD")
        firms.append(like | {
            "entity_id": code, "raw": raw, "model_class": letter, "risk_class": letter,
            "steps": _steps(chance, letter),
            "probability": chance.choice([like["base_probability"], 0.3, 0.02]),
            "probability_low": chance.choice([None, 0.01]),
        })  # fmt: skip
    pq.write_table(pa.Table.from_pylist(firms, CLASSES), folder / "classes.parquet")
    pq.write_table(pa.Table.from_pylist(reasons, REASONS), folder / "reasons.parquet")
    return folder


def _packed(folder: RunFolder) -> tuple[list[bytes], Lists]:
    lists = Wordlists()
    packed = [one for batch in loading.batches(folder, lists) for one in batch.packed.to_pylist()]
    return packed, freezing.lists_of(freezing.written(lists, folder))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("at_once", [7, 1_000_000])
def test_the_ladder_is_the_same_to_the_bit(
    tmp_path: Path, seed: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runfolder, "AT_ONCE", at_once)
    folder = runfolder.opened(_run(tmp_path / "run", seed))
    packed, lists = _packed(folder)
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in pq.read_table(folder.path / "reasons.parquet").to_pylist():
        rows.setdefault(row["entity_id"], []).append(row)
    for firm, content in zip(folder.classes.to_pylist(), packed, strict=True):
        own = {name: firm[name] for name in loading.TOLD}
        for lang in ("zh", "en"):
            found = lists.unpack(content, lang)
            assert found.firm["steps"] == sent(firm["steps"], lang)
            assert found.groups == sums(rows[firm["entity_id"]], _model())
            whole = ladder(firm, rows[firm["entity_id"]], _model(), lang)
            told = tell({**own, **found.firm}, found.reasons, found.groups, _model(), lang)
            assert orjson.dumps(told) == orjson.dumps(whole)


def test_what_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    folder = a_run.write(tmp_path / "run")
    rows = a_run.reasons().to_pylist()
    rows[0]["records"][0]["source_id"] = "x" * 70_000
    pq.write_table(pa.Table.from_pylist(rows, REASONS), folder / "reasons.parquet")
    with pytest.raises(BadInput, match="id of a record is too long"):
        _packed(runfolder.opened(folder))
