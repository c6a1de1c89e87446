from __future__ import annotations

import csv
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from records import quarantine, readers
from records.errors import BadInput, NotFound
from records.intake import ingest
from records.schema import TABLES
from records.store import Store
from tests.a_store import CODES, opaque, put, rows

PENALTY = "source_id entity_id event_time known_time authority_field amount"


def test_every_row_is_stored_duplicate_or_quarantined(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    report = put(
        store,
        "penalties",
        rows(
            PENALTY,
            f"1 {CODES[0]} 2024-01-01 2024-01-05 tax 100",
            f"2 {CODES[1].lower()} 2024/1/1 20240105 tax -",
            f"3 {CODES[0][:-1]}R 2062-01-01 2063-01-05 taxx 1.5",
            f"1 {CODES[0]} 2024-01-01 2024-01-05 tax 100",
        ),
    )
    assert (
        report.read,
        report.stored,
        report.duplicate,
        report.corrected,
        report.quarantined,
        report.repaired,
    ) == (4, 2, 1, 0, 1, 1)
    refused = store.refused("penalties")
    assert refused is not None
    (row,) = refused.to_pylist()
    assert {reason["field"] for reason in row["reasons"]} == {
        "entity_id",
        "event_time",
        "known_time",
        "authority_field",
        "amount",
    }
    assert all(reason["allowed"] and reason["hint"] for reason in row["reasons"])
    assert '"amount": "1.5"' in row["record"]


def test_the_same_file_again_stores_nothing_new(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    given = rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 100", "2 F1 2024-01-01 2024-01-05 no 1")
    first = put(store, "penalties", given)
    again = put(store, "penalties", given)
    assert (first.stored, first.quarantined) == (1, 1)
    assert (again.stored, again.duplicate, again.quarantined) == (0, 1, 1)
    refused = store.refused("penalties")
    assert refused is not None
    assert refused.num_rows == 1


def test_new_content_is_a_correction_from_its_own_known_time(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    put(store, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 100"))
    report = put(store, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-03-05 tax 200"))
    assert (report.stored, report.corrected) == (1, 1)
    stored = store.rows("penalties", ["known_time", "amount", "sequence", "corrects"])
    assert stored is not None
    assert sorted(stored.to_pylist(), key=lambda row: row["sequence"]) == [
        {"known_time": date(2024, 1, 5), "amount": 100, "sequence": 0, "corrects": None},
        {"known_time": date(2024, 3, 5), "amount": 200, "sequence": 1, "corrects": 0},
    ]


def test_a_correction_that_does_not_say_when_is_known_from_today(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    put(store, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 100"))
    put(store, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 200"))
    stored = store.rows("penalties", ["known_time", "amount"])
    assert stored is not None
    assert {row["known_time"] for row in stored.to_pylist() if row["amount"] == 200} == {
        store.today()
    }


def test_an_old_file_after_a_correction_is_a_duplicate(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    old = rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 100")
    put(store, "penalties", old, "old")
    put(store, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-03-05 tax 200"), "new")
    assert put(store, "penalties", old, "old").duplicate == 1


def test_versions_in_one_file_follow_their_clocks(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    report = put(
        store,
        "penalties",
        rows(PENALTY, "1 F1 2024-01-01 2024-03-05 tax 200", "1 F1 2024-01-01 2024-01-05 tax 100"),
    )
    assert (report.stored, report.corrected) == (2, 1)


def test_a_snapshot_names_content_and_not_only_versions(tmp_path: Path) -> None:
    one, two = opaque(tmp_path / "one"), opaque(tmp_path / "two")
    put(one, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 100"))
    put(two, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 101"))
    assert one.snapshot().id != two.snapshot().id
    three = opaque(tmp_path / "three")
    put(three, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 100"))
    assert one.snapshot().id == three.snapshot().id


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "has no rows"),
        ("source,source_id\n", "has no rows"),
        ("source,source_idd,entity_id\na,b,c\n", "missing source_id"),
    ],
)
def test_a_file_that_cannot_be_taken_leaves_nothing(
    tmp_path: Path, content: str, message: str
) -> None:
    store, file = opaque(tmp_path), tmp_path / "file.csv"
    file.write_text(content)
    with pytest.raises(BadInput, match=message):
        ingest(store, "penalties", file)
    assert not store.path.exists()


def test_unknown_tables_and_files_are_named(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    with pytest.raises(NotFound, match="did you mean 'penalties'"):
        ingest(store, "penalty", tmp_path / "file.csv")
    with pytest.raises(NotFound, match=r"no file .*file\.csv"):
        ingest(store, "penalties", tmp_path / "file.csv")


def test_gb18030_is_told_from_utf8(tmp_path: Path) -> None:
    head = "source,source_id,entity_id,event_time,known_time,kind"
    text = f"{head}\n局,1,F1,2024年1月2日,2024/1/3,report\n"
    file = tmp_path / "gb.csv"
    file.write_bytes(text.encode("gb18030"))
    store = opaque(tmp_path)
    assert ingest(store, "complaints", file).stored == 1
    stored = store.rows("complaints", ["source", "event_time"])
    assert stored is not None
    assert stored.to_pylist() == [{"source": "局", "event_time": date(2024, 1, 2)}]


_hostile = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.sampled_from(
        ["2024-01-01", "F1", "tax", "=1+1", "1e400", "-5", "true", "２０２４", "\x00", "😀", "NaN"]
    ),
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.fixed_dictionaries(dict.fromkeys(TABLES["penalties"].by_name, _hostile)),
        min_size=1,
        max_size=8,
    )
)
def test_nothing_vanishes_whatever_comes(
    tmp_path_factory: pytest.TempPathFactory, given_rows: list[dict[str, str | None]]
) -> None:
    _takes_all(tmp_path_factory.mktemp("fuzz"), given_rows)


@pytest.mark.slow
def test_ten_thousand_fuzzed_rows_do_not_vanish(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    words = ["2024-01-01", "2024年1月2日", "F1", "tax", "fine", "=cmd|'/c calc'!A1", "1e400", "-5"]
    words += ["9" * 400, "２０２４", "\x00", "😀", "NaN", "\n", '"', "\ufffe", "x" * 5000, "1.5"]
    words += ["局".encode("gb18030").decode("latin-1"), "", " ", "٣", "inf", "0x1F", "1_000"]
    chance = random.integers(0, 2 * len(words), (10_000, len(TABLES["penalties"].by_name)))
    given_rows: list[dict[str, str | None]] = [
        {
            name: words[at] if at < len(words) else GOOD.get(name)
            for name, at in zip(TABLES["penalties"].by_name, row, strict=True)
        }
        for row in chance.tolist()
    ]
    _takes_all(tmp_path, given_rows)


GOOD = {
    "source": "局", "source_id": "1", "entity_id": "F1", "event_time": "2024-01-01",
    "known_time": "2024-01-05", "authority_field": "tax",
}  # fmt: skip


def _takes_all(folder: Path, given_rows: list[dict[str, str | None]]) -> None:
    """Whatever the rows, from CSV and Parquet: each is stored, duplicate or quarantined."""
    columns = list(TABLES["penalties"].by_name)
    frame = pd.DataFrame(given_rows, columns=columns, dtype="str")
    frame.to_parquet(folder / "file.parquet")
    frame.to_csv(folder / "file.csv", index=False, quoting=csv.QUOTE_ALL)  # a bare CR ends a row
    for kind in ("parquet", "csv"):
        store = Store.create(folder / f"store-{kind}", id_scheme="opaque")
        report = ingest(store, "penalties", folder / f"file.{kind}")
        assert report.read == len(given_rows)
        assert report.read == report.stored + report.duplicate + report.quarantined
        kept, refused = store.rows("penalties", ["source_id"]), store.refused("penalties")
        assert report.stored == (0 if kept is None else kept.num_rows)
        assert report.quarantined == (0 if refused is None else refused.num_rows)


def _in_parts(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(readers.batches, "__defaults__", (size,))


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_the_parts_of_a_file_do_not_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Copies, corrections and refused rows are found across the parts, by their file's rows."""
    _in_parts(monkeypatch, size)
    store = opaque(tmp_path)
    given_rows = rows(
        PENALTY,
        "1 F1 2024-01-01 2024-03-05 tax 200",
        "2 F1 2024-01-01 2024-01-05 no 1",
        "3 F1 2024-01-01 2024-01-05 tax 300",
        "1 F1 2024-01-01 2024-01-05 tax 100",
        "3 F1 2024-01-01 2024-01-05 tax 300",
        "4 F1 2024-01-01 2024-01-05 no 1",
    )
    report = put(store, "penalties", given_rows)
    assert (report.read, report.stored, report.duplicate) == (6, 3, 1)
    assert (report.corrected, report.quarantined) == (1, 2)
    assert report.reasons == {"not a known value of authority_field": 2}
    stored = store.rows("penalties", ["source_id", "amount", "sequence", "corrects"])
    assert stored is not None
    assert stored.to_pylist() == [
        {"source_id": "1", "amount": 200, "sequence": 0, "corrects": 2},
        {"source_id": "3", "amount": 300, "sequence": 1, "corrects": None},
        {"source_id": "1", "amount": 100, "sequence": 2, "corrects": None},
    ]
    refused = store.refused("penalties")
    assert refused is not None
    assert refused.column("row").to_pylist() == [2, 6]
    assert list((store.path / "_staging").iterdir()) == []
    again = put(store, "penalties", given_rows)
    assert (again.stored, again.duplicate, again.quarantined) == (0, 4, 2)


def test_what_a_killed_writer_left_is_swept(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    left = store.path / "_staging" / "penalties" / "good-000000.parquet"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    assert put(store, "penalties", rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 1")).stored == 1
    assert not left.exists()


def test_a_batch_cut_off_between_its_commits_is_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_rows = rows(PENALTY, "1 F1 2024-01-01 2024-01-05 tax 1", "2 F1 2024-01-01 - tax 1")
    whole = opaque(tmp_path / "whole")
    put(whole, "penalties", given_rows)
    store = opaque(tmp_path / "cut")
    with monkeypatch.context() as cut:
        cut.setattr(Store, "append", lambda *_: pytest.fail("power is gone", pytrace=False))
        with pytest.raises(pytest.fail.Exception):
            put(store, "penalties", given_rows)
    assert store.rows("penalties", ["source_id"]) is None
    report = put(store, "penalties", given_rows)
    assert (report.read, report.stored, report.quarantined) == (2, 1, 1)
    refused = store.refused("penalties")
    assert refused is not None
    assert refused.num_rows == 1
    assert store.snapshot().id == whole.snapshot().id


def test_a_file_that_a_lookup_now_completes_is_stored(tmp_path: Path) -> None:
    """The batch is there already, but its rows were not: they must not vanish."""
    (tmp_path / "rows.csv").write_text("id,firm,day\n1,a,2024-01-01\n2,b,2024-01-01\n")
    (tmp_path / "map.yaml").write_text(
        'table: penalties\nsource: {name: s, id: "{id}"}\n'
        "columns: {entity_id: code, event_time: day}\nconstants: {authority_field: tax}\n"
        "known_time: {after: event_time, days: 1}\n"
        "joins: [{file: codes.csv, by: [firm], columns: {code: code}}]\n"
    )
    store, files = opaque(tmp_path), (tmp_path / "rows.csv", tmp_path / "map.yaml")
    (tmp_path / "codes.csv").write_text("firm,code\na,F1\n")
    assert ingest(store, "penalties", *files).stored == 1
    (tmp_path / "codes.csv").write_text("firm,code\na,F1\nb,F2\n")
    report = ingest(store, "penalties", *files)
    assert (report.stored, report.duplicate, report.quarantined) == (1, 1, 0)
    stored = store.rows("penalties", ["entity_id"])
    assert stored is not None
    assert sorted(stored.column("entity_id").to_pylist()) == ["F1", "F2"]


WRITER = """
import sys
from pathlib import Path
from records.intake import ingest
from records.store import Store
store = Store.create(Path(sys.argv[1]), id_scheme="opaque")
for file in sys.argv[2:]:
    ingest(store, "penalties", Path(file))
"""


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    for name in range(4):
        lines = "".join(f"b,{name}-{at},F1,2024-01-01,2024-01-05,tax\n" for at in range(500))
        head = "source,source_id,entity_id,event_time,known_time,authority_field\n"
        (tmp_path / f"{name}.csv").write_text(head + lines + "b,0-0,F1,2024-01-01,2024-01-05,no\n")
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "store")]
            + [str(tmp_path / f"{name}.csv") for name in names]
        )
        for names in ((0, 1), (2, 3))
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    store = Store.open(tmp_path / "store")
    stored, refused = store.rows("penalties", ["source_id", "sequence"]), store.refused("penalties")
    assert stored is not None
    assert refused is not None
    assert len(set(stored.column("source_id").to_pylist())) == stored.num_rows == 2000
    assert sorted(stored.column("sequence").to_pylist()) == list(range(2000))
    assert refused.num_rows == 4


INGEST = """
import sys
from pathlib import Path
from records.intake import ingest
from records.store import Store
ingest(Store.open(Path(sys.argv[1])), sys.argv[2], Path(sys.argv[3]))
"""
RETRY = """
import sys
from pathlib import Path
from records.retrying import retry
from records.store import Store
retry(Store.open(Path(sys.argv[1])), sys.argv[2], Path(sys.argv[3]))
"""


def _file(folder: Path, name: str, table: str, rows: int, refused: int) -> Path:
    """A CSV of good rows, and of rows with a word that nobody knows."""
    own = {"penalties": ("authority_field", "tax"), "complaints": ("kind", "report")}[table]
    lines = [f"b,{name}-{at},F1,2024-01-01,2024-01-05,{own[1]}" for at in range(rows)]
    lines += [f"b,{name}-bad-{at},F1,2024-01-01,2024-01-05,no" for at in range(refused)]
    head = f"source,source_id,entity_id,event_time,known_time,{own[0]}"
    (folder / f"{name}.csv").write_text("\n".join([head, *lines]))
    return folder / f"{name}.csv"


def test_many_writers_and_a_retry_at_once_lose_nothing(tmp_path: Path) -> None:
    """Two files of one table, one of another, and a mended report, all at the same time."""
    store = opaque(tmp_path)
    ingest(store, "penalties", _file(tmp_path, "before", "penalties", 10, 100))
    quarantine.export(store, "penalties", tmp_path / "out.xlsx")
    book = load_workbook(tmp_path / "out.xlsx")
    sheet = book.worksheets[0]
    column = [str(cell.value) for cell in sheet[1]].index("处罚领域 authority_field") + 1
    for line in range(2, 92):  # the last ten are sent back as they were
        sheet.cell(line, column).value = "tax"
    book.save(tmp_path / "mended.xlsx")
    words = [
        (INGEST, "penalties", _file(tmp_path, "one", "penalties", 3000, 30)),
        (INGEST, "penalties", _file(tmp_path, "two", "penalties", 3000, 30)),
        (INGEST, "complaints", _file(tmp_path, "three", "complaints", 3000, 30)),
        (RETRY, "penalties", tmp_path / "mended.xlsx"),
    ]
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(store.path), table, str(file)])
        for code, table, file in words
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0] * 4
    for table, stored, counts in (
        ("penalties", 6100, {"refused": 170, "open": 70, "resolved": 100}),
        ("complaints", 3000, {"refused": 30, "open": 30, "resolved": 0}),
    ):
        kept = store.rows(table, ["source_id", "sequence"])
        assert kept is not None
        assert len(set(kept["source_id"].to_pylist())) == kept.num_rows == stored
        assert sorted(kept["sequence"].to_pylist()) == list(range(stored))
        assert quarantine.counts(store, table) == counts
    assert list((store.path / "_staging").iterdir()) == []
    assert quarantine.export(store, "penalties", tmp_path / "again.xlsx") == 70


def test_two_retries_of_one_report_at_once_are_one(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    ingest(store, "penalties", _file(tmp_path, "before", "penalties", 0, 50))
    quarantine.export(store, "penalties", tmp_path / "out.xlsx")
    words = [sys.executable, "-c", RETRY, str(store.path), "penalties", str(tmp_path / "out.xlsx")]
    writers = [subprocess.Popen(words) for _ in range(2)]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    counts = quarantine.counts(store, "penalties")
    assert counts == {"refused": 100, "open": 50, "resolved": 50}


def test_a_moment_becomes_the_civil_day_of_the_stores_zone(tmp_path: Path) -> None:
    evening = pd.Timestamp("2024-01-05 18:30", tz="UTC")  # the 6th in Shanghai
    frame = pd.DataFrame(
        {"source": ["b"], "source_id": ["1"], "entity_id": ["F1"], "event_time": [evening],
         "known_time": [evening], "authority_field": ["tax"]}
    )  # fmt: skip
    frame.to_parquet(tmp_path / "file.parquet")
    store = opaque(tmp_path)
    assert ingest(store, "penalties", tmp_path / "file.parquet").stored == 1
    stored = store.rows("penalties", ["event_time"])
    assert stored is not None
    assert stored.to_pylist() == [{"event_time": date(2024, 1, 6)}]
