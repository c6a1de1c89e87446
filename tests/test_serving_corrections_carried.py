"""What was granted reaches the next scoring: a record's new version, a class's row in a file."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

import features
import xinfen
from models.corrections import Corrections
from records.errors import BadInput, NotFound
from records.store import Store
from serving.access import audit
from serving.access.scope import WHOLE
from serving.commands import correcting
from serving.corrections import carrying, cases
from serving.store.database import reading
from tests import a_run
from tests.a_catalogue import catalogue, spine
from tests.a_served_run import local, published
from tests.a_store import opaque, put
from tests.test_serving_corrections import CLASS, DAY, PENALTY, ask, decide

__all__ = ["local", "published"]

ROW = {
    "source": PENALTY.source, "source_id": PENALTY.source_id, "entity_id": a_run.C,
    "event_time": "2024-09-12", "known_time": "2024-09-20", "authority_field": "market_regulation",
    "amount": "500000",
}  # fmt: skip
FIRM = {
    "source": "s", "source_id": "1", "entity_id": a_run.C, "event_time": "2020-01-01",
    "known_time": "2020-01-01", "name": "松江小馆", "entity_type": "1130", "status": "live",
}  # fmt: skip


@pytest.fixture
def records(tmp_path: Path) -> Store:
    """A store of records with the firm and its penalty."""
    made = opaque(tmp_path)
    put(made, "enterprises", [FIRM], "firms")
    put(made, "penalties", [ROW], "penalties")
    return made


def penalties(records: Store, as_of: str) -> tuple[float, float]:
    """How many penalties are known of the firm on a date, and their amounts in yuan."""
    wanted = catalogue(
        {"measure": "count", "when_absent": 0},
        {"measure": "sum", "column": "amount", "when_absent": 0},
    )
    frame = features.build(records.snapshot(), spine((a_run.C, as_of)), wanted).frame
    count, amount = frame[["G3-01", "G3-02"]].iloc[0]
    return float(count), float(amount) / 100


def rows(records: Store) -> list[dict[str, Any]]:
    found = records.rows("penalties", ["amount", "known_time", "valid_to", "corrects", "sequence"])
    assert found is not None
    return sorted(found.to_pylist(), key=lambda row: row["sequence"])


def test_a_struck_record_no_longer_counts_from_the_day_after(local: Engine, records: Store) -> None:
    one = decide(local, ask(local))
    before = records.snapshot()
    assert carrying.carry(local, records, DAY).carried == [one.number]
    assert penalties(records, "2026-04-02") == (1, 5_000)
    assert penalties(records, "2026-04-03") == (0, 0)
    assert rows(records)[1] == {
        "amount": 500000, "known_time": DAY, "valid_to": date(2024, 9, 12), "corrects": 0,
        "sequence": 1,
    }  # fmt: skip
    with reading(local) as connection:
        assert cases.case(connection, one.number, WHOLE, DAY).state == "carried"
    assert records.named(before.id).id == before.id  # what was known stays
    assert audit.verify(local).holds


def test_carrying_again_and_the_source_s_old_file_change_nothing(
    local: Engine, records: Store
) -> None:
    decide(local, ask(local))
    carrying.carry(local, records, DAY)
    again = carrying.carry(local, records, DAY)
    assert (again.carried, again.left) == ([], {})
    old = put(records, "penalties", [ROW, {**ROW, "source_id": "another"}], "again")
    assert (old.duplicate, old.stored) == (1, 1)
    assert penalties(records, "2026-04-03") == (1, 5_000)  # the other one


def test_a_mended_record_says_what_is_right(local: Engine, records: Store) -> None:
    wanted = replace(PENALTY, kind="record_wrong", changes={"amount": "3000元"})
    decide(local, ask(local, wanted))
    carrying.carry(local, records, DAY)
    assert [row["amount"] for row in rows(records)] == [500000, 300000]  # in 分
    assert penalties(records, "2026-04-03") == (1, 3_000)


def test_what_cannot_be_carried_is_left_and_told(local: Engine, tmp_path: Path) -> None:
    records = opaque(tmp_path)
    put(records, "enterprises", [FIRM], "firms")
    one = decide(local, ask(local))
    done = carrying.carry(local, records, DAY)
    assert (done.carried, list(done.left)) == ([], [one.number])
    assert "penalties" in done.left[one.number]
    # Later than it could be known: only the whole row shows that.
    put(records, "penalties", [ROW], "penalties")
    late = replace(PENALTY, kind="record_wrong", changes={"event_time": "2026-04-20"})
    two = decide(local, ask(local, late))
    done = carrying.carry(local, records, DAY)
    assert done.carried == [one.number]
    assert "time" in done.left[two.number]
    with reading(local) as connection:
        assert cases.case(connection, two.number, WHOLE, DAY).state == "granted"


def test_classes_go_into_the_next_scoring_for_their_time(local: Engine, tmp_path: Path) -> None:
    decide(local, ask(local))
    decide(local, ask(local, CLASS))
    later = date(2026, 5, 10)
    decide(local, ask(local, replace(CLASS, risk_class="A"), on=later), on=later)
    out = tmp_path / "corrections.csv"
    assert carrying.export(local, out, later) == 2
    frame = carrying.read(out)
    assert list(frame["evidence"]) == ["更正-2 会议纪要 3 号", "更正-3 会议纪要 3 号"]
    given = Corrections.of(frame, [a_run.C])
    for day, letter in (
        ("2026-04-02", None), ("2026-04-03", "B"), ("2026-05-10", "B"), ("2026-05-11", "A"),
        ("2026-07-31", "A"), ("2026-08-01", None),
    ):  # fmt: skip
        firms = pd.DataFrame({"entity_id": [a_run.C], "as_of": [day]})
        assert list(given.in_force(firms)[1]["risk_class"]) == [letter][: letter is not None], day
    with pytest.raises(NotFound):
        carrying.read(tmp_path / "none.csv")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput):
        carrying.read(tmp_path / "bytes.csv")


def test_the_commands(
    local: Engine, records: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINFEN_RESULTS", str(local.url))
    monkeypatch.setattr(correcting, "_today", lambda: DAY)
    decide(local, ask(local))
    run = CliRunner().invoke
    told = json.loads(run(xinfen.app, ["correction", "list", "--json"]).stdout)
    assert (told["total"], told["corrections"][0]["state"]) == (1, "granted")
    assert "王敏" in run(xinfen.app, ["correction", "list", "--state", "granted"]).stdout
    assert audit.who_looked(local, a_run.C)[-1].user.startswith("terminal:")
    carried = run(xinfen.app, ["correction", "carry", str(records.path), "--json"])
    assert (carried.exit_code, json.loads(carried.stdout)) == (0, {"carried": [1], "left": {}})
    out = tmp_path / "c.csv"
    assert run(xinfen.app, ["correction", "export", "--out", str(out)]).exit_code == 0
    assert len(carrying.read(out)) == 0
    wrong = run(xinfen.app, ["correction", "list", "--state", "king"])
    assert isinstance(wrong.exception, NotFound)
