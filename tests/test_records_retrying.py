"""What a mapping tells again, what was mended by hand, and what was given, one over the other."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from records import quarantine, retrying
from records.errors import BadInput, NotFound, NotPossible
from records.intake import ingest
from records.store import Store
from tests.a_store import opaque

FINES = """
table: penalties
source: {name: 局, id: "{no}"}
columns: {entity_id: firm, event_time: day, amount: fine}
constants: {authority_field: tax}
units: {amount: yuan}
known_time: {after: event_time, days: 7}
"""


def _refused(folder: Path, line: str, text: str = FINES) -> tuple[Store, Path]:
    """A store that refused the one row of a file, and its mapping."""
    (folder / "fines.csv").write_text(f"no,firm,day,fine,kind\n{line}\n", "utf-8")
    (folder / "fines.yaml").write_text(text, "utf-8")
    store = opaque(folder)
    assert ingest(store, "penalties", folder / "fines.csv", folder / "fines.yaml").quarantined == 1
    return store, folder / "fines.yaml"


def _mended(store: Store, folder: Path, **cells: str) -> Path:
    """The report of the one open row, mended."""
    quarantine.export(store, "penalties", folder / "out.xlsx")
    book = load_workbook(folder / "out.xlsx")
    sheet = book.worksheets[0]
    headings = [str(cell.value).split()[-1] for cell in sheet[1]]
    for name, value in cells.items():
        sheet.cell(2, headings.index(name) + 1).value = value
    book.save(folder / "mended.xlsx")
    return folder / "mended.xlsx"


def _stored(store: Store, *columns: str) -> list[str]:
    kept = store.rows("penalties", list(columns))
    assert kept is not None
    (row,) = kept.to_pylist()
    return [str(value) for value in row.values()]


def test_what_one_mapping_made_the_next_makes_anew(tmp_path: Path) -> None:
    """Only people's hands are kept: a wrong unit of the first retry does not stick."""
    store, mapping = _refused(tmp_path, "1,F1,05.01.2024,3,-")
    mapping.write_text(FINES.replace("yuan", "wan"), "utf-8")
    assert retrying.retry(store, "penalties", mapping=mapping).quarantined == 1
    mapping.write_text(FINES + 'dates: ["%d.%m.%Y"]\n', "utf-8")
    assert retrying.retry(store, "penalties", mapping=mapping).stored == 1
    assert _stored(store, "amount", "event_time") == ["300", "2024-01-05"]


def test_a_day_mended_twice_moves_the_day_of_knowing_with_it(tmp_path: Path) -> None:
    store, mapping = _refused(tmp_path, "1,F1,2062-01-05,three,-")
    report = retrying.retry(
        store, "penalties", _mended(store, tmp_path, event_time="2024-02-01"), mapping
    )
    assert report.reasons == {"amount cannot be read": 1}
    mended = _mended(store, tmp_path, event_time="2024-03-01", amount="3元")
    assert retrying.retry(store, "penalties", mended, mapping).stored == 1
    assert _stored(store, "amount", "event_time", "known_time") == [
        "300", "2024-03-01", "2024-03-08",
    ]  # fmt: skip


def test_a_day_of_knowing_that_was_mended_stays(tmp_path: Path) -> None:
    store, mapping = _refused(tmp_path, "1,F1,2024-01-05,three,-")
    mended = _mended(store, tmp_path, known_time="2024-05-05")
    assert retrying.retry(store, "penalties", mended).quarantined == 1
    mapping.write_text(FINES + "values: {amount: {three: 3}}\n", "utf-8")
    assert retrying.retry(store, "penalties", mapping=mapping).stored == 1
    assert _stored(store, "amount", "known_time") == ["300", "2024-05-05"]


def test_an_id_that_lacked_what_was_mended_has_it_and_one_that_was_whole_stays(
    tmp_path: Path,
) -> None:
    by_day = FINES.replace('"{no}"', '"{firm}/{day}"')
    store, mapping = _refused(tmp_path, "1,F1,,3,-", by_day)
    mended = _mended(store, tmp_path, event_time="2024-02-01")
    assert retrying.retry(store, "penalties", mended, mapping).stored == 1
    assert _stored(store, "source_id", "known_time") == ["F1/2024-02-01", "2024-02-08"]
    (tmp_path / "b").mkdir()
    store, mapping = _refused(tmp_path / "b", "1,F1,2062-01-05,3,-", by_day)
    mended = _mended(store, tmp_path / "b", event_time="2024-02-01")
    assert retrying.retry(store, "penalties", mended, mapping).stored == 1
    assert _stored(store, "source_id", "known_time") == ["F1/2062-01-05", "2024-02-08"]


ASKS = FINES + "given: {taken_on: {fills: [event_time], zh: 日, en: day}}\n"


def test_what_was_given_stays_given(tmp_path: Path) -> None:
    (tmp_path / "fines.csv").write_text("no,firm,day,fine\n1,F1,,three\n", "utf-8")
    mapping = tmp_path / "fines.yaml"
    mapping.write_text(ASKS, "utf-8")
    store, day = opaque(tmp_path), {"taken_on": "2024-06-30"}
    ingest(store, "penalties", tmp_path / "fines.csv", mapping, values=day)
    mapping.write_text(ASKS + "values: {amount: {three: 3}}\n", "utf-8")
    assert retrying.retry(store, "penalties", mapping=mapping).stored == 1
    assert _stored(store, "amount", "event_time", "known_time") == [
        "300", "2024-06-30", "2024-07-07",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"taken": "2024-06-30"}, NotFound, "did you mean 'taken_on'"),
        ({"taken_on": "June"}, BadInput, "--given taken_on: event_time cannot be read"),
    ],
)
def test_a_wrong_value_leaves_all_as_it_is(
    tmp_path: Path, values: dict[str, str], error: type[Exception], message: str
) -> None:
    store, mapping = _refused(tmp_path, "1,F1,,3,-", ASKS)
    with pytest.raises(error, match=message):
        retrying.retry(store, "penalties", mapping=mapping, values=values)
    assert quarantine.counts(store, "penalties") == {"refused": 1, "open": 1, "resolved": 0}


def test_a_column_that_nobody_read_before_is_not_there_to_be_mapped(tmp_path: Path) -> None:
    store, mapping = _refused(tmp_path, "1,F1,05.01.2024,3,fine")
    mapping.write_text(FINES.replace("amount: fine", "amount: fine, penalty: kind"), "utf-8")
    with pytest.raises(NotPossible, match=r"fines\.yaml, line 4: columns that no[^:]*: kind"):
        retrying.retry(store, "penalties", mapping=mapping)
    assert quarantine.counts(store, "penalties")["open"] == 1
