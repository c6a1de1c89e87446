"""A run folder of any number of synthetic firms, with the shipped general model's indicators.

One block of firms is drawn; each further block has its reasons and steps under other codes, names,
divisions and industries. Four of five firms are classified, as in a province; a classified one
has a contribution for every fitted indicator, and about a dozen records behind them.
"""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from models import definition
from models.definition import FILES, SHIPPED
from models.policy import STEPS
from serving.runs.runfolder import CLASSES, REASONS

BLOCK = 10_000
CLASSIFIED = 8_000
"""Of a block; the rest only carries a public grade."""
RECORDS = (5, 3, 2, 1, 1)
"""Records behind the strongest reasons of a firm."""

_BASE, _AS_OF = -2.0, date(2026, 7, 1)
_GRID = 2.0**-12  # contributions on a grid, so that sums are exact
_PLACES = ("哈尔滨市", "道里区", "南岗区", "绥化市", "北林区", "齐齐哈尔市")
_TRADES = ("商贸有限公司", "餐饮管理有限公司", "科技有限公司", "建筑工程有限公司", "食品加工厂")
_LETTERS = 3_000
_DIVISIONS, _INDUSTRIES = 130, 90


def write(folder: Path, firms: int, seed: int) -> Path:
    """Write a run of `firms`, a multiple of BLOCK, and return its folder."""
    (folder / "model").mkdir(parents=True)
    for name in FILES:
        shutil.copyfile(SHIPPED / "general" / name, folder / "model" / name)
    (folder / "summary.json").write_text(json.dumps({"synthetic": True}), "utf-8")
    random = np.random.default_rng(seed)
    block = _Block(random)
    classes = pq.ParquetWriter(folder / "classes.parquet", CLASSES, compression="lz4")
    reasons = pq.ParquetWriter(folder / "reasons.parquet", REASONS, compression="lz4")
    with classes, reasons:
        for first in range(0, firms, BLOCK):
            ids = codes(first)
            classes.write_table(block.classes(ids, random))
            reasons.write_table(block.reasons(ids))
    return folder


def codes(first: int, count: int = BLOCK) -> list[str]:
    """The codes of a block's firms, ascending."""
    return [f"91{23_000_000 + at // 10:08d}MA{at:08d}" for at in range(first, first + count)]


class _Block:
    """What the blocks have in common."""

    def __init__(self, random: np.random.Generator) -> None:
        fitted = definition.load(SHIPPED / "general").fitted
        k = len(fitted)
        told = random.normal(0, 0.08, (CLASSIFIED, k)) * (random.random((CLASSIFIED, k)) < 0.5)
        told = np.round(told / _GRID) * _GRID
        order = np.argsort(-np.abs(told), axis=1, kind="stable")
        contributions = np.take_along_axis(told, order, axis=1)
        self.raw = _BASE + contributions.sum(axis=1)
        self.fitted = k
        names = pa.array(fitted).take(pa.array(order.ravel()))
        values = np.where(random.random(contributions.size) < 0.1, 0.0, 1.0 + random.integers(0, 9))
        self._columns: dict[str, Any] = {
            "rank": np.tile(np.arange(1, k + 1), CLASSIFIED),
            "indicator": names,
            "group": pa.array([name[:2] for name in names.to_pylist()]),
            "value": values,
            "contribution": contributions.ravel(),
            "records": _records(k, random),
        }
        self._steps = pa.array([_steps("ABCD"[at % 4]) for at in range(CLASSIFIED)]
                               + [None] * (BLOCK - CLASSIFIED),
                               CLASSES.field("steps").type)  # fmt: skip

    def reasons(self, ids: list[str]) -> pa.Table:
        """The rows of reasons.parquet of a block."""
        owner = pa.array(np.repeat(np.arange(CLASSIFIED), self.fitted))
        return pa.table({"entity_id": pa.array(ids).take(owner), **self._columns}, REASONS)

    def classes(self, ids: list[str], random: np.random.Generator) -> pa.Table:
        """The rows of classes.parquet of a block; its last firms are outside the model's scope."""
        modelled = np.arange(BLOCK) < CLASSIFIED

        def own(values: npt.ArrayLike) -> pa.Array:
            whole = np.resize(np.asarray(values), BLOCK)
            return pa.array(whole, mask=~modelled)

        chance = 1 / (1 + np.exp(-self.raw))
        letters = own(np.array([*"ABCD"])[np.arange(CLASSIFIED) % 4])
        grades = np.array([*"ABCDE"])[random.integers(0, 5, BLOCK)]
        columns: dict[str, Any] = {
            "entity_id": ids, "name": names(BLOCK, random),
            "division": _numbered(230_000, _DIVISIONS, random),
            "industry": _numbered(10, _INDUSTRIES, random),
            "entity_type": ["1130"] * BLOCK, "status": ["live"] * BLOCK,
            "scope": np.where(modelled, "model", "grade_only"), "as_of": [_AS_OF] * BLOCK,
            "raw": own(self.raw), "base": own(np.full(CLASSIFIED, _BASE)),
            "base_probability": own(np.full(CLASSIFIED, 1 / (1 + np.exp(-_BASE)))),
            "probability": own(chance), "probability_low": own(chance * 0.9),
            "probability_high": own(np.minimum(chance * 1.1, 1)), "model_class": letters,
            "public_score": random.integers(500, 950, BLOCK), "public_grade": grades,
            "previous_class": letters, "held_class": letters,
            "held_months": own(np.zeros(CLASSIFIED, np.int64)), "risk_class": letters,
            "steps": self._steps, "model_name": ["general"] * BLOCK,
            "model_version": ["1"] * BLOCK, "catalogue_version": ["1.0.0"] * BLOCK,
            "catalogue_hash": ["3f9a5c77" * 8] * BLOCK, "policy_version": ["1.0.0"] * BLOCK,
            "snapshot": ["9e1b" * 16] * BLOCK,
        }  # fmt: skip
        return pa.table(
            {name: pa.array(columns[name]).cast(CLASSES.field(name).type) for name in CLASSES.names}
        )


def names(count: int, random: np.random.Generator) -> list[str]:
    """Names of two to four characters of their own between a place and a trade."""
    weights = 1 / np.arange(1, _LETTERS + 1)
    own = random.choice(_LETTERS, (count, 4), p=weights / weights.sum()) + 0x4E00
    long = random.integers(2, 5, count)
    return [
        random_place + "".join(map(chr, row[:length])) + trade
        for random_place, row, length, trade in zip(
            np.array(_PLACES)[random.integers(0, len(_PLACES), count)].tolist(), own.tolist(),
            long.tolist(), np.array(_TRADES)[random.integers(0, len(_TRADES), count)].tolist(),
            strict=True,
        )
    ]  # fmt: skip


def _numbered(begin: int, count: int, random: np.random.Generator) -> list[str]:
    return [str(begin + at) for at in random.integers(0, count, BLOCK).tolist()]


def _records(k: int, random: np.random.Generator) -> pa.Array:
    counts = np.zeros((CLASSIFIED, k), np.int64)
    counts[:, :8] = 1  # the strongest name a record at least
    counts[:, : len(RECORDS)] = RECORDS
    count = int(counts.sum())
    rows = pa.StructArray.from_arrays(
        [
            pa.array(["penalties", "complaints"] * (count // 2 + 1))[:count],
            pa.array(["合成·省市场监督管理局", "合成·12315平台", "道里区市场监督管理局"]
                     * (count // 3 + 1))[:count],
            pa.array([f"哈里市监罚〔2024〕{at}号" for at in random.integers(0, 10**8, count)]),
            pa.array(random.integers(18_000, 20_000, count).astype(np.int32)).cast(pa.date32()),
        ],
        fields=list(REASONS.field("records").type.value_type),
    )  # fmt: skip
    ends = pa.array(np.cumsum([0, *counts.ravel()]), pa.int32())
    return pa.ListArray.from_arrays(ends, rows, type=REASONS.field("records").type)


def _steps(letter: str) -> list[dict[str, Any]]:
    empty = dict.fromkeys(("rule", "given", "months", "margin", "since", "until"))
    given = {"hysteresis": letter, "public_grade": "B"}
    return [
        {"step": name, "class": letter, **empty, "given": given.get(name), "records": []}
        for name in STEPS
    ]
