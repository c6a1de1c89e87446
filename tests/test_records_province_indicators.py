"""Every indicator of the draft catalogue can be computed, varies, and says a little of the risk."""

# ruff: noqa: S608 - queries of our own words
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from records.province import Parameters, generate
from tests.a_clean_province import clean
from tests.a_known_province import known
from tests.an_indicator_set import DIRECTION_SQL, UNKNOWN_IF_ABSENT, WARNINGS

WEAK = 0.16
"""No indicator but the public grade is further than this from an AUC of one half."""
GRADE = 0.22
NOISE = 0.008
"""Two standard errors or so of the AUC over 15,000 firms."""


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A province without dirt as known on the day to score."""
    out: Path = tmp_path_factory.mktemp("whole") / "out"
    given = Parameters.model_validate(clean())
    generate(out, enterprises=20_000, months=36, seed=3, parameters=given)
    with known(out) as connection:
        yield connection


def test_the_set_is_the_whole_draft_catalogue() -> None:
    groups = {"G1": 14, "G2": 35, "G3": 36, "G4": 11, "G5": 10}
    expected = [f"{group}-{n:02}" for group, size in groups.items() for n in range(1, size + 1)]
    assert list(DIRECTION_SQL) == expected


@pytest.mark.parametrize("name", DIRECTION_SQL)
def test_an_indicator_varies_and_says_a_little(db: duckdb.DuckDBPyConnection, name: str) -> None:
    direction, sql = DIRECTION_SQL[name]
    frame = db.execute(
        f"""select p, value::double as value
            from truth left join ({sql}) using (entity_id) order by entity_id"""
    ).df()
    frame = frame.dropna() if name in UNKNOWN_IF_ABSENT else frame.fillna(0)
    assert len(frame) > 6_000
    common = frame["value"].value_counts(normalize=True).iloc[0]
    assert common < 0.9997, "it hardly ever differs"
    auc = area(frame["value"].to_numpy(), frame["p"].to_numpy())
    assert abs(auc - 0.5) < (GRADE if name == "G5-07" else WEAK)
    if direction != "~":
        assert (auc - 0.5) * (1 if direction == "+" else -1) > -NOISE


@pytest.mark.parametrize("name", WARNINGS)
def test_a_warning_finds_firms_and_not_too_many(db: duckdb.DuckDBPyConnection, name: str) -> None:
    sql, at_least = WARNINGS[name]
    warned = {firm for (firm,) in db.execute(sql).fetchall()}
    assert at_least <= len(warned) < 0.12 * 20_000


def area(score: np.ndarray, chance: np.ndarray) -> float:
    """The chance that a firm with a problem has a higher score than one without; ties are half."""
    _, place = np.unique(score, return_inverse=True)
    bad, good = np.bincount(place, chance), np.bincount(place, 1 - chance)
    below = np.cumsum(good) - good
    return float((bad * (below + good / 2)).sum() / (bad.sum() * good.sum()))
