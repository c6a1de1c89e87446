"""Publishing a run: whole or not at all, once, and readers never see a mixture."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from models import definition
from models.definition import SHIPPED
from models.ladder import ladder
from records.errors import BadInput, NotFound, NotPossible
from serving.access.scope import WHOLE, Scope
from serving.results import publishing, results, shelves
from serving.results.results import NothingPublished, Search
from serving.runs import lookup, runfolder
from serving.runs.runfolder import REASONS
from serving.scoring import moves
from serving.store.database import loads, reading
from tests import a_run
from tests.a_database import engine

__all__ = ["engine"]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return a_run.write(tmp_path / "run")


def test_publish_serves_the_run(engine: Engine, run: Path) -> None:
    published = publishing.publish(run, engine=engine)
    assert published.about == {
        "as_of": "2026-03-31", "model": "general 3", "catalogue": "1.0.0+3f9a5c773f9a",
        "policy": "1.0.0", "snapshot": "9e1b" * 16, "synthetic": True, "firms": 5,
        "classes": {"A": 1, "B": 1, "C": 1, "D": 1},
    }  # fmt: skip
    with reading(engine) as connection:
        assert results.published(connection) == published
        told = results.firm(connection, published.load, a_run.D, WHOLE)
    assert told == {
        "entity_id": a_run.D, "name": "南岗云仓商贸有限公司", "division": "230103",
        "industry": "F52", "entity_type": "1130", "status": "live", "scope": "model",
        "risk_class": "D", "model_class": "B", "previous_class": "D", "public_grade": "E",
        "public_score": 612, "probability": pytest.approx(0.14555, abs=1e-5),
    }  # fmt: skip


def test_ladders_are_stored_ready_to_send(engine: Engine, run: Path) -> None:
    load = publishing.publish(run, engine=engine).load
    with reading(engine) as connection:
        zh = results.stored_ladder(connection, load, a_run.C, "zh", WHOLE)
        en = results.stored_ladder(connection, load, a_run.C, "en", WHOLE)
        assert results.stored_ladder(connection, load, "nobody", "zh", WHOLE) is None
    assert zh is not None
    assert en is not None
    told = orjson.loads(zh)
    assert (told["risk_class"], told["per_100"], told["lang"]) == ("C", 27, "zh")
    points = [group["points"] for group in told["groups"]]
    assert 100 * told["base"]["probability"] + sum(points) == pytest.approx(
        100 * told["probability"]
    )
    assert told["reasons_for"][0]["records"][0]["source_id"] == "哈里市监异列字〔2026〕第0118号"
    assert orjson.loads(en)["reasons_for"][0]["records"][0]["table_name"] == (
        "abnormal-operation list"
    )


@pytest.mark.parametrize("rows", [100, 1, 4])
def test_ladders_are_those_of_the_run(
    engine: Engine, tmp_path: Path, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where what is read at once ends within a firm."""
    monkeypatch.setattr(runfolder, "AT_ONCE", rows)
    model = definition.load(SHIPPED / "general")
    folder = a_run.write(tmp_path / "run")
    load = publishing.publish(folder, engine=engine).load
    for code in (a_run.A, a_run.B, a_run.C, a_run.D, a_run.COOP):
        for lang in ("zh", "en"):
            with reading(engine) as connection:
                told = results.stored_ladder(connection, load, code, lang, WHOLE)
            assert told == orjson.dumps(ladder(*lookup.firm_of(folder, code), model, lang))


def test_publishing_twice_does_nothing(engine: Engine, run: Path) -> None:
    first = publishing.publish(run, engine=engine)
    again = publishing.publish(run, engine=engine, progress=lambda *_: pytest.fail("loaded again"))
    assert again == first
    with reading(engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(loads)) == 1


def test_an_earlier_run_can_be_served_again(engine: Engine, run: Path, tmp_path: Path) -> None:
    march = publishing.publish(run, engine=engine)
    april = publishing.publish(
        a_run.write(tmp_path / "april", as_of=date(2026, 4, 30)), engine=engine
    )
    assert april.load != march.load
    assert publishing.publish(run, engine=engine) == march


def test_nothing_published_yet(engine: Engine) -> None:
    with (
        reading(engine) as connection,
        pytest.raises(NothingPublished, match="no run is published"),
    ):
        results.published(connection)


def test_readers_see_the_old_run_until_the_new_one_is_whole(
    engine: Engine, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    march = publishing.publish(run, engine=engine)
    april = a_run.write(tmp_path / "april", as_of=date(2026, 4, 30))
    monkeypatch.setattr(runfolder, "AT_ONCE", 4)
    seen: list[tuple[str, int]] = []

    def look(done: int, of: int) -> None:
        with reading(engine) as connection:
            now = results.published(connection)
            seen.append((now.run, results.search(connection, now.load, Search(), WHOLE).total))

    new = publishing.publish(april, engine=engine, progress=look)
    assert len(seen) > 1
    assert set(seen) == {(march.run, 5)}
    with reading(engine) as connection:
        assert results.published(connection) == new


def test_an_interrupted_publication_leaves_nothing(engine: Engine, run: Path) -> None:
    def fail(*_: int) -> None:
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        publishing.publish(run, engine=engine, progress=fail)
    with reading(engine) as connection, pytest.raises(NothingPublished):
        results.published(connection)
    publishing.publish(run, engine=engine)
    with reading(engine) as connection:
        assert connection.scalars(sa.select(loads.c.whole)).all() == [True]


def test_what_a_killed_publication_left_is_swept(
    engine: Engine, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    march = publishing.publish(run, engine=engine)
    monkeypatch.setattr(publishing, "_sweep", lambda *_: None)  # nobody is left to do it
    april = a_run.write(tmp_path / "april", as_of=date(2026, 4, 30))

    def killed(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publishing.publish(april, engine=engine, progress=killed)
    assert _shelves(engine) == {march.load, march.load + 1}
    with reading(engine) as connection:
        assert results.published(connection) == march
    monkeypatch.undo()
    new = publishing.publish(april, engine=engine)
    assert _shelves(engine) == {march.load, new.load}


def _shelves(engine: Engine) -> set[int]:
    """The loads whose firms are in the store."""
    if engine.dialect.name == "sqlite":
        folder = shelves.file_of(engine, 0).parent
        return {int(path.stem) for path in folder.iterdir()}
    names = sa.inspect(engine).get_table_names()
    return {int(name[6:]) for name in names if name.startswith("firms_")}


def test_two_publications_at_once_do_not_mix(engine: Engine, run: Path) -> None:
    other: list[results.Published] = []

    def overtaken(*_: int) -> None:
        if not other:
            other.append(publishing.publish(run, engine=engine))

    with pytest.raises(NotPossible, match="another publication"):
        publishing.publish(run, engine=engine, progress=overtaken)
    with reading(engine) as connection:
        assert results.published(connection) == other[0]
    assert _shelves(engine) == {other[0].load}


def test_of_old_runs_the_history_stays(engine: Engine, tmp_path: Path) -> None:
    days = [date(2026, month, 1) for month in (1, 2, 3, 4)]
    runs = [a_run.write(tmp_path / str(day), as_of=day) for day in days]
    told = [publishing.publish(run, engine=engine, keep=2) for run in runs]
    assert _shelves(engine) == {told[2].load, told[3].load}
    with reading(engine) as connection:
        past = results.past(connection, a_run.D, WHOLE)
        assert results.past(connection, "nobody", WHOLE) == []
    assert [row["as_of"] for row in past] == [str(day) for day in reversed(days)]
    assert past[0] | {"run": "", "published": ""} == {
        "run": "", "published": "", "as_of": "2026-04-01", "risk_class": "D", "model_class": "B",
        "public_grade": "E", "probability": pytest.approx(0.14555, abs=1e-5),
        "previous_class": "D", "cause": None, "rule": None, "indicators": None,
    }  # fmt: skip
    again = publishing.publish(runs[0], engine=engine, keep=2)
    with reading(engine) as connection:
        assert results.published(connection) == again
        assert len(results.past(connection, a_run.D, WHOLE)) == 4


def test_the_history_says_why(engine: Engine, tmp_path: Path) -> None:
    run = a_run.write(tmp_path / "run")
    change = {
        "indicator": "G3-01", "value_before": 0.0, "value": 1.0, "contribution_before": -0.1,
        "contribution": 0.66,
    }  # fmt: skip
    row = {
        "entity_id": a_run.C, "name": "", "division": None, "previous_class": "B",
        "risk_class": "C", "worse_by": 1, "cause": "indicators", "rule": None,
        "indicators": [change],
    }  # fmt: skip
    pq.write_table(pa.Table.from_pylist([row], moves.MOVES), run / "moves.parquet")
    publishing.publish(run, engine=engine)
    with reading(engine) as connection:
        (past,) = results.past(connection, a_run.C, WHOLE)
        (other,) = results.past(connection, a_run.A, WHOLE)
    assert (past["cause"], past["rule"], past["indicators"]) == ("indicators", None, [change])
    assert (other["cause"], other["indicators"]) == (None, None)


def test_firms_are_counted_by_class(engine: Engine, run: Path) -> None:
    load = publishing.publish(run, engine=engine).load
    with reading(engine) as connection:
        assert results.counts(connection, load, "division", WHOLE) == [
            {"value": "230102", "risk_class": "", "firms": 1},
            {"value": "230102", "risk_class": "A", "firms": 1},
            {"value": "230102", "risk_class": "C", "firms": 1},
            {"value": "230103", "risk_class": "D", "firms": 1},
            {"value": "231202", "risk_class": "B", "firms": 1},
        ]
        grades = results.counts(connection, load, "grade", WHOLE)
    assert {row["value"]: row["risk_class"] for row in grades if row["value"] != "D"} == {
        "A": "A", "B": "", "C": "C", "E": "D",
    }  # fmt: skip


def _lose(part: str) -> Callable[[Path], None]:
    def change(run: Path) -> None:
        path = run / part
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


def _text(part: str, text: str) -> Callable[[Path], None]:
    def change(run: Path) -> None:
        (run / part).write_text(text, "utf-8")

    return change


def _classes(**columns: Callable[[list[Any]], list[Any]]) -> Callable[[Path], None]:
    def change(run: Path) -> None:
        table = a_run.classes()
        for name, mend in columns.items():
            at = table.schema.names.index(name)
            field = table.schema.field(at)
            table = table.set_column(at, field, pa.array(mend(table[name].to_pylist()), field.type))
        pq.write_table(table, run / "classes.parquet")

    return change


def _few_reasons(run: Path) -> None:
    reasons = a_run.reasons()
    pq.write_table(reasons.filter(pc.field("indicator") != "G3-01"), run / "reasons.parquet")


def _bare(run: Path) -> None:
    rows = a_run.reasons().to_pylist()
    next(row for row in rows if row["indicator"] == "G3-11")["records"] = []
    pq.write_table(pa.Table.from_pylist(rows, REASONS), run / "reasons.parquet")


def _stranger(run: Path) -> None:
    reasons = a_run.reasons()
    pq.write_table(
        reasons.set_column(0, "entity_id", pa.array(["x"] * reasons.num_rows)),
        run / "reasons.parquet",
    )


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (_lose("reasons.parquet"), NotFound, "no reasons.parquet"),
        (_lose("model"), NotFound, "no model"),
        (_text("summary.json", "{"), BadInput, "summary.json: not JSON"),
        (_text("summary.json", "[]"), BadInput, "not a JSON object"),
        (_text("classes.parquet", "half"), BadInput, "classes.parquet: cannot be read"),
        (_classes(entity_id=lambda ids: ids[::-1]), BadInput, "entity_id out of order"),
        (_classes(entity_id=lambda ids: [ids[0], *ids[:-1]]), BadInput, "entity_id out of order"),
        (_classes(scope=lambda given: ["all", *given[1:]]), BadInput, "scope"),
        (_classes(risk_class=lambda given: ["E", *given[1:]]), BadInput, "risk_class"),
        (_classes(risk_class=lambda given: [*given[:-1], "A"]), BadInput, "risk_class"),
        (_classes(raw=lambda given: [0.0, *given[1:]]), BadInput, "do not add up"),
        (_classes(raw=lambda given: [None, *given[1:]]), BadInput, "raw"),
        (_classes(steps=lambda given: [None, *given[1:]]), BadInput, "steps"),
        (_classes(name=lambda given: ["\0", *given[1:]]), BadInput, "name with a NUL"),
        (_classes(name=lambda given: [None, *given[1:]]), BadInput, "name"),
        (_classes(entity_id=lambda given: [*given[:-1], "9" * 65]), BadInput, "1 to 64 bytes"),
        (_classes(public_grade=lambda given: ["F", *given[1:]]), BadInput, "public_grade"),
        (_classes(public_score=lambda given: [2**40, *given[1:]]), BadInput, "public_score"),
        (_classes(snapshot=lambda given: ["x", *given[1:]]), BadInput, "snapshot differs"),
        (_few_reasons, BadInput, f"do not add up[^?]*'{a_run.C}'"),
        (_stranger, BadInput, "entity_id"),
        (_bare, BadInput, f"a reason that names no record[^?]*'{a_run.C}'"),
        (lambda run: pq.write_table(a_run.classes()[:0], run / "classes.parquet"), BadInput,
         "no firm in it"),
        (lambda run: pq.write_table(a_run.classes().drop_columns("raw"), run / "classes.parquet"),
         BadInput, "raw"),
    ],
)  # fmt: skip
def test_a_broken_run_is_refused_whole(
    engine: Engine, run: Path, change: Callable[[Path], None],
    error: type[Exception], words: str,
) -> None:  # fmt: skip
    served = publishing.publish(run, engine=engine)
    change(run)
    with pytest.raises(error, match=words):
        publishing.publish(run, engine=engine)
    with reading(engine) as connection:
        assert results.published(connection) == served
        assert connection.scalar(sa.select(sa.func.count()).select_from(loads)) == 1


def test_a_changed_file_is_another_run(engine: Engine, run: Path) -> None:
    first = publishing.publish(run, engine=engine)
    (run / "summary.json").write_text(json.dumps({"synthetic": False}), "utf-8")
    second = publishing.publish(run, engine=engine)
    assert second.run != first.run
    assert second.about["synthetic"] is False


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Search(), [a_run.C, a_run.A, a_run.D, a_run.B, a_run.COOP]),
        (Search(q="餐饮"), [a_run.C]),
        (Search(q="９１２３０１０２ma1"), [a_run.C, a_run.A]),
        (Search(q="MA1"), []),
        (Search(q="%"), []),
        (Search(risk_class="D"), [a_run.D]),
        (Search(division="230102", industry="C40"), [a_run.A]),
        (Search(q="有限公司", division="230103"), [a_run.D]),
        (Search(q="小馆餐饮管理"), [a_run.C]),
        (Search(q="馆"), [a_run.C]),
        (Search(q="限公司 "), [a_run.C, a_run.A, a_run.D, a_run.B]),
        (Search(q="司"), [a_run.C, a_run.A, a_run.D, a_run.B]),
        (Search(q="公司有限"), []),
        (Search(q="有限司"), []),
        (Search(q="\ud800"), []),
        (Search(regions=("2301",)), [a_run.C, a_run.A, a_run.D, a_run.COOP]),
        (Search(regions=("230103", "23")), [a_run.C, a_run.A, a_run.D, a_run.B, a_run.COOP]),
        (Search(regions=()), []),
        (Search(q="公司", risk_class="B", regions=("2312",)), [a_run.B]),
        (Search(q="公司", risk_class="B", regions=("2301",)), []),
    ],
)
def test_search(engine: Engine, run: Path, wanted: Search, ids: list[str]) -> None:
    load = publishing.publish(run, engine=engine).load
    with reading(engine) as connection:
        found = results.search(connection, load, wanted, WHOLE)
    assert [row["entity_id"] for row in found.firms] == ids
    assert (found.total, found.after) == (len(ids), None)


def test_pages_of_a_search_hold_each_firm_once(engine: Engine, run: Path) -> None:
    load = publishing.publish(run, engine=engine).load
    pages, after = [], ""
    with reading(engine) as connection:
        while True:
            found = results.search(connection, load, Search(), WHOLE, after=after, limit=2)
            pages.append([row["entity_id"] for row in found.firms])
            if found.after is None:
                break
            after = found.after
    assert pages == [[a_run.C, a_run.A], [a_run.D, a_run.B], [a_run.COOP]]


def test_choices_are_those_of_the_run(engine: Engine, run: Path) -> None:
    load = publishing.publish(run, engine=engine).load
    with reading(engine) as connection:
        assert results.choices(connection, load, "division", WHOLE) == [
            "230102",
            "230103",
            "231202",
        ]
        assert results.choices(connection, load, "industry", Scope.of(["2312"])) == ["C13"]


def test_a_reader_is_not_held_up_by_a_writer(engine: Engine, run: Path) -> None:
    publishing.publish(run, engine=engine)
    done = threading.Event()

    def read() -> None:
        with reading(engine) as connection:
            results.published(connection)
        done.set()

    with engine.execution_options(writes=True).begin():
        threading.Thread(target=read).start()
        assert done.wait(5)
