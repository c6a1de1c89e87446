"""Whatever a bureau sends, in whatever kind of file: nothing crashes, nothing vanishes, nothing is
silently changed, and what was refused comes back once it is mended."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from records import cells, quarantine, retrying
from records.columns import Column, Table
from records.errors import XinfenError
from records.intake import Report, ingest
from records.quarantine import Refusal
from records.queries import Query
from records.readers import Source
from records.schema import TABLES
from records.store import Store
from records.texts import BLANKS
from tests.a_bureau import HOSTILE, KINDS, written

Proved = Callable[[str, str, str], None]
TABLES_FUZZED = ("penalties", "enterprises", "annual_reports", "persons", "inspections", "repairs")
QUIET = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINFEN_PERSON_KEY", "0123456789abcdef")


def good(column: Column, at: int = 0) -> str:
    """A value that a column takes."""
    if column.name == "source_id":
        return f"G{at}"
    named = {
        "event_time": "2024-01-05", "known_time": "2024-06-01", "entity_id": "F1",
        "role": "shareholder", "investor_type": "corporate",
    }  # fmt: skip
    if column.name in named:
        return named[column.name]
    if column.allowed:
        return column.allowed[0]
    if column.form == "person":
        return "ab12" * 8
    text = "CNY" if column.form == "currency" else "甲"
    number = "2023" if column.name == "year" else "1"
    return {"date": "2024-01-05", "text": text}.get(column.kind, number)


def sent_rows(table: Table, chance: np.random.Generator, count: int) -> list[list[Any]]:
    """Rows of which most values are good, some are nothing, and some are hostile."""
    pick = chance.integers(0, 12 * len(HOSTILE), (count, len(table.columns)))

    def value(column: Column, row: int, at: int) -> Any:
        if at < len(HOSTILE):
            return HOSTILE[at]
        return good(column, row) if column.required or at % 2 else None

    return [
        [value(column, row, at) for column, at in zip(table.columns, line, strict=True)]
        for row, line in enumerate(pick.tolist())
    ]


def mapping_of(table: Table, folder: Path) -> Path:
    """A mapping under which every column has another name, and amounts are in 元."""
    own = [column for column in table.columns if column.name not in ("source", "source_id")]
    text = {
        "table": table.name,
        "source": {"name": "某局", "id": "{列source_id}"},
        "columns": {column.name: f"列{column.name}" for column in own},
        "units": {column.name: "yuan" for column in own if column.kind == "fen"},
        "known_time": {"after": "event_time", "days": 4},
    }
    (folder / "map.yaml").write_text(yaml.safe_dump(text, allow_unicode=True), "utf-8")
    return folder / "map.yaml"


def keeps_its_promises(
    folder: Path, kind: str, table: Table, rows: Sequence[Sequence[Any]], *, mapped: bool
) -> Report:
    """Take rows in from a kind of source, and hold intake to all that it promises."""
    names = [f"列{name}" if mapped else name for name in table.by_name]
    source, told = written(folder, kind, names, rows)
    mapping = mapping_of(table, folder) if mapped else None
    store = Store.create(folder / "store", id_scheme="opaque")
    report = ingest(store, table.name, source, mapping)
    assert report.read == len(told)
    assert report.read == report.stored + report.duplicate + report.quarantined
    kept = store.rows(table.name, [*table.by_name, "sequence"])
    assert report.stored == (0 if kept is None else kept.num_rows)
    found = quarantine.refusals(store, table.name)
    assert report.quarantined == len(found)
    refused = {one.row for one in found}
    for one in found:
        _is_whole(one, told[one.row - 1], table, mapped=mapped)
    taken = [row for at, row in enumerate(told, 1) if at not in refused]
    _is_what_was_sent([] if kept is None else kept.to_pylist(), taken, table, mapped=mapped)
    _stores_nothing_new(store, table, source, mapping, report)
    _comes_back_mended(folder, store, table)
    return report


def _is_whole(one: Refusal, sent: Sequence[str | None], table: Table, *, mapped: bool) -> None:
    """A refused row holds all that was sent, but for identity numbers in the open."""
    for column, text in zip(table.columns, sent, strict=True):
        if mapped:
            if column.form != "person" and column.name != "source":  # which it does not read
                assert one.sent is not None
                bare = None if text is None else text.strip(BLANKS) or None
                assert one.sent[f"列{column.name}"] == bare, column.name
        elif one.record[column.name] != "********":
            assert one.record[column.name] == text, column.name
    assert one.reasons
    assert all(part for reason in one.reasons for part in (reason["problem"], reason["hint"]))


def _is_what_was_sent(
    kept: list[dict[str, Any]],
    taken: Sequence[Sequence[str | None]],
    table: Table,
    *,
    mapped: bool,
) -> None:
    """Each stored row is one that was sent, each value what it says, up to declared repairs."""
    by_id: dict[tuple[str, str], list[Sequence[str | None]]] = {}
    own = list(table.by_name)
    for row in taken:
        source = "某局" if mapped else str(row[own.index("source")]).strip(BLANKS)
        by_id.setdefault((source, str(row[own.index("source_id")]).strip(BLANKS)), []).append(row)
    for stored in kept:
        candidates = by_id[stored["source"], stored["source_id"]]
        assert any(_means(row, stored, table, mapped=mapped) for row in candidates), stored
    assert {(row["source"], row["source_id"]) for row in kept} == set(by_id)  # none has vanished


def _means(
    sent: Sequence[str | None], stored: dict[str, Any], table: Table, *, mapped: bool
) -> bool:
    return all(
        column.name == "known_time"  # a correction that does not say when is known from today
        or (mapped and column.name == "source")
        or _same(text, stored[column.name], column, mapped=mapped)
        for column, text in zip(table.columns, sent, strict=True)
    )


def _same(text: str | None, value: Any, column: Column, *, mapped: bool) -> bool:
    """Whether a stored value is what a text says, told without the code that is tested."""
    bare = None if text is None else text.strip(BLANKS)
    if not bare or value is None:
        return not bare and value is None
    plain = unicodedata.normalize("NFKC", bare).strip(BLANKS)
    match column.kind:
        case "text":
            return bool(value == bare)
        case "date":
            if plain.endswith("Z"):  # the evening in Greenwich is the next morning in Shanghai
                return bool(value == date(2024, 1, 6))
            digits = re.findall(r"\d+", plain)
            joined = digits[0] if len(digits[0]) == 8 else "".join(d.zfill(2) for d in digits[:3])
            return bool(value.strftime("%Y%m%d").zfill(8) == joined)
        case "flag":
            return bool(value == (plain.casefold() in ("true", "1", "是", "y", "yes")))
    number = Decimal(re.sub(r"[,¥元万]", "", plain))
    if column.kind == "float":
        return bool(float(number) == value)
    unit = 100 if "¥" in plain or "元" in plain or (mapped and column.kind == "fen") else 1
    return bool(number * unit * (10_000 if "万" in plain else 1) == value)


def _stores_nothing_new(
    store: Store, table: Table, source: Source, mapping: Path | None, first: Report
) -> None:
    again = ingest(store, table.name, source, mapping)
    assert (again.stored, again.corrected) == (0, 0)
    assert again.duplicate == first.stored + first.duplicate
    assert again.quarantined == first.quarantined
    assert len(quarantine.refusals(store, table.name)) == first.quarantined


def _comes_back_mended(folder: Path, store: Store, table: Table) -> None:
    """The report is text alone, and mended it takes every row in."""
    for _ in range(4):  # a mended day may show that another lies before it
        still = quarantine.counts(store, table.name)["open"]
        if not still:
            return
        out = folder / "out.xlsx"
        assert quarantine.export(store, table.name, out) == still
        _mend(out, quarantine.refusals(store, table.name), table)
        report = retrying.retry(store, table.name, out)
        assert report.read == still == report.stored + report.duplicate + report.quarantined
    assert quarantine.counts(store, table.name)["open"] == 0


def _mend(out: Path, found: list[Refusal], table: Table) -> None:
    book = load_workbook(out)
    sheet = book.worksheets[0]
    cells = [cell for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    headings = [str(cell.value).split()[-1] for cell in sheet[1]]
    by_key = {one.key: one for one in found}
    for line in range(2, sheet.max_row + 1):
        one = by_key[str(sheet.cell(line, len(headings)).value)]
        for reason in one.reasons:
            column = table.by_name[reason["field"]]
            beside = column.not_after or column.not_before  # which may be the wrong one of the two
            for each in (column, *([table.by_name[beside]] if beside else [])):
                mended = good(each, 10**6 + line) if table.requires(each) else None
                sheet.cell(line, headings.index(each.name) + 1).value = mended
    book.save(out)


@pytest.mark.parametrize("mapped", [False, True], ids=["straight", "mapped"])
@pytest.mark.parametrize("kind", KINDS)
@QUIET
@given(seed=st.integers(0, 2**32), table=st.sampled_from(TABLES_FUZZED), rows=st.integers(1, 25))
def test_intake_keeps_its_promises(
    tmp_path_factory: pytest.TempPathFactory, kind: str, mapped: bool, seed: int, table: str,
    rows: int,
) -> None:  # fmt: skip
    chance = np.random.default_rng(seed)
    given_rows = sent_rows(TABLES[table], chance, rows)
    if kind == "xlsx" and not any(value not in (None, "", b"") for r in given_rows for value in r):
        return
    keeps_its_promises(
        tmp_path_factory.mktemp("fuzz"), kind, TABLES[table], given_rows, mapped=mapped
    )


TYPED: tuple[tuple[pa.DataType, list[Any]], ...] = (
    (pa.int64(), [0, -1, 20240105, 2**53 + 1, -(2**63)]),
    (pa.uint64(), [1, 2**64 - 1]),
    (pa.float64(), [1.0, 0.5, 20240105.0, 9.13e17, float("inf"), float("-inf")]),
    (pa.float32(), [0.5, 3.0]),
    (pa.bool_(), [True, False]),
    (pa.decimal128(20, 2), [Decimal("1.00"), Decimal("-7.25")]),
    (pa.date32(), [date(2024, 1, 5), date(1, 1, 1), date(9999, 12, 31)]),
    (pa.date64(), [date(2024, 1, 5)]),
    (pa.timestamp("us"), [datetime.fromisoformat("0001-01-01")]),
    (pa.timestamp("ns", "UTC"), [datetime(2024, 1, 5, 18, 30, tzinfo=UTC)]),
    (pa.time64("us"), [time(9, 30)]),
    (pa.duration("s"), [timedelta(hours=30)]),
    (pa.binary(), [b"x", b"\xe5\xb1\x80", b"\xff"]),
    (pa.list_(pa.string()), [["a", None], []]),
    (pa.struct([("a", pa.int8())]), [{"a": 1}]),
    (pa.dictionary(pa.int8(), pa.string()), ["tax", "=1+1"]),
    (pa.large_string(), ["2024-01-05", "\x00"]),
    (pa.string_view(), ["tax", "9.13E+17"]),
    (pa.null(), []),
)
"""Types that a column of Parquet may have, and values of each."""


@pytest.mark.parametrize("mapped", [False, True], ids=["straight", "mapped"])
@QUIET
@given(chance=st.randoms(use_true_random=False), table=st.sampled_from(TABLES_FUZZED))
def test_columns_of_any_type_keep_the_promises(
    tmp_path_factory: pytest.TempPathFactory, mapped: bool, chance: Random, table: str
) -> None:
    folder, rules, size = tmp_path_factory.mktemp("typed"), TABLES[table], 6
    columns = {}
    for column in rules.columns:
        kind, values = chance.choice(TYPED)
        if chance.random() < 0.5:
            kind, values = pa.string(), [good(column)]
        picked = [chance.choice([None, *values]) for _ in range(size)]
        columns[f"列{column.name}" if mapped else column.name] = pa.array(picked, kind)
    pq.write_table(pa.table(columns), folder / "file.parquet")
    store = Store.create(folder / "store", id_scheme="opaque")
    mapping = mapping_of(rules, folder) if mapped else None
    report = ingest(store, table, folder / "file.parquet", mapping)
    assert report.read == size == report.stored + report.duplicate + report.quarantined
    found = quarantine.refusals(store, table)
    assert report.quarantined == len(found)
    for one in found:
        for name, values in columns.items():
            expected = cells.text(values[one.row - 1].as_py())
            if mapped:
                assert one.sent is not None
                assert name not in one.sent or (one.sent[name] is None) == (expected is None)
            elif one.record[name] != "********":
                assert one.record[name] == expected
    again = ingest(store, table, folder / "file.parquet", mapping)
    assert (again.stored, again.duplicate) == (0, report.stored + report.duplicate)


def _spoilt(content: bytes, chance: Random) -> bytes:
    """A file cut, with bytes turned over, or with others in their place."""
    spoilt = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(spoilt))
        spoilt[at] = chance.choice(b'",\n\r0a\0' if chance.random() < 0.9 else b"\xff\xd6")
    return bytes(spoilt[: chance.randint(1, len(spoilt))] if chance.random() < 0.3 else spoilt)


@pytest.mark.parametrize("kind", ["utf8", "gb18030", "xlsx"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False))
def test_a_spoilt_file_is_taken_in_or_named(
    tmp_path_factory: pytest.TempPathFactory, kind: str, chance: Random
) -> None:
    folder, table = tmp_path_factory.mktemp("spoilt"), TABLES["penalties"]
    rows = sent_rows(table, np.random.default_rng(chance.randrange(9)), 5)
    source, _ = written(folder, kind, list(table.by_name), rows)
    assert isinstance(source, Path)
    source.write_bytes(_spoilt(source.read_bytes(), chance))
    _is_taken_in_or_named(folder, source)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "sql"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_any_bytes_are_taken_in_or_named(
    tmp_path_factory: pytest.TempPathFactory, ending: str, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    file = folder / f"file.{ending}"
    file.write_bytes(content)
    source = Query(file, "sqlite://") if ending == "sql" else file
    _is_taken_in_or_named(folder, source)


def _is_taken_in_or_named(folder: Path, source: Source) -> None:
    """Nothing but an error of ours, which leaves nothing behind, or a report that adds up."""
    store = Store.create(folder / "store", id_scheme="opaque")
    report = None
    with suppress(XinfenError):
        report = ingest(store, "penalties", source)
    if report is None:
        assert store.rows("penalties", ["source"]) is None
        assert store.refused("penalties") is None
    else:
        assert report.read == report.stored + report.duplicate + report.quarantined > 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_intake_keeps_its_promises_over_many_rows(
    tmp_path: Path, kind: str, proved: Proved
) -> None:
    told: list[Report] = []
    for table in TABLES_FUZZED:
        for mapped in (False, True):
            folder = tmp_path / f"{table}-{mapped}"
            folder.mkdir()
            rows = sent_rows(TABLES[table], np.random.default_rng(len(told)), 2_000)
            told.append(keeps_its_promises(folder, kind, TABLES[table], rows, mapped=mapped))
    read, stored, again, refused = (
        sum(getattr(report, part) for report in told)
        for part in ("read", "stored", "duplicate", "quarantined")
    )
    proved(
        f"hostile rows through {kind}, six tables, straight and mapped: accounted for, kept whole, "
        "stored as sent, nothing new when sent again, taken in once mended",
        f"{read:,} read = {stored:,} stored + {again:,} duplicate + {refused:,} quarantined",
        "all of them",
    )
