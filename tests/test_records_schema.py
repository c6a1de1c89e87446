from __future__ import annotations

import pytest

from records.columns import Table
from records.errors import NotFound
from records.schema import TABLES, declared
from records.store import OWN

BY_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)


def test_the_canonical_tables_are_these() -> None:
    assert sorted(TABLES) == [
        "abnormal_listings",
        "annual_reports",
        "changes",
        "chattel_mortgages",
        "complaints",
        "court_records",
        "enterprises",
        "entity_links",
        "equity_freezes",
        "equity_pledges",
        "external_evaluations",
        "external_signals",
        "field_records",
        "inspections",
        "ip_pledges",
        "licences",
        "liquidations",
        "media_items",
        "penalties",
        "persons",
        "product_samples",
        "public_grades",
        "repairs",
        "serious_listings",
        "special_equipment",
    ]
    codes = {table.code for table in TABLES.values()} - {""}
    assert codes == {f"E{number:02}" for number in range(1, 22)}


@BY_TABLE
def test_a_column_says_all_that_is_derived_from_it(table: Table) -> None:
    for column in table.columns:
        assert column.zh
        assert column.en
        assert column.required or column.null
        assert column.kind not in ("fen", "int", "float") or column.unit
        assert column.kind != "fen" or column.unit == "分"
        assert column.minimum is None or column.kind in ("fen", "int", "float")
        assert column.not_before == "" or table.by_name[column.not_before].kind == "date"
        assert column.name not in OWN.names


@BY_TABLE
def test_a_table_says_which_day_its_event_is(table: Table) -> None:
    assert all(table.event)
    assert len(table.by_name) == len(table.columns)
    assert set(table.clocks) <= {"event_time", "known_time"}


def test_no_table_has_a_place_for_a_complainant() -> None:
    from records.people import personal

    assert [
        c.name for c in TABLES["complaints"].columns if personal(c.zh) or personal(c.name)
    ] == []


def test_an_unknown_table_is_told_the_nearest() -> None:
    with pytest.raises(NotFound, match="did you mean 'equity_pledges'"):
        declared("equity_pledge")
