from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from records.rules import breaches
from records.schema import TABLES


def _broken(table: str, **values: object) -> list[tuple[str, str, str]]:
    """Column, problem and what is allowed of each rule that one typed row breaks."""
    schema = TABLES[table].arrow
    typed = {name: pa.array([values.get(name)], schema.field(name).type) for name in schema.names}
    return [(one.column, one.problem, one.allowed) for one in breaches(TABLES[table], typed)]


EARLY, LATE = date(2024, 1, 1), date(2024, 2, 1)


@pytest.mark.parametrize(
    ("table", "values", "problem", "allowed"),
    [
        ("abnormal_listings", {"event_time": LATE, "removed_on": EARLY},
         "removed_on lies before event_time", "event_time or later"),
        ("abnormal_listings", {"removal_reason": "补报"},
         "removal_reason is given without removed_on", "removal_reason only together with remov"),
        ("abnormal_listings", {"removal_office": "甲局"},
         "removal_office is given without removed_on", "removal_office only together with remov"),
        ("enterprises", {"event_time": EARLY, "established_on": LATE},
         "established_on lies after event_time", "event_time or earlier"),
        ("enterprises", {"term_starts_on": LATE, "term_ends_on": EARLY},
         "term_ends_on lies before term_starts_on", "term_starts_on or later"),
        ("enterprises", {"entity_id": "F1", "parent_id": "F1"},
         "parent_id is the same as entity_id", "another value than entity_id"),
        ("entity_links", {"entity_id": "F1", "linked_id": "F1"},
         "linked_id is the same as entity_id", "another value than entity_id"),
        ("annual_reports", {"event_time": EARLY, "year": 2025},
         "year lies after event_time", "event_time or earlier"),
        ("inspections", {"way": "targeted", "inclusion_probability": 0.5},
         "inclusion_probability does not go with way", "way being drawn"),
        ("inspections", {"event_time": EARLY, "class_run_on": LATE},
         "class_run_on lies after event_time", "event_time or earlier"),
        ("persons", {"role": "contact", "share": 0.5},
         "share does not go with role", "role being shareholder"),
        ("persons", {"role": "shareholder", "investor_type": "natural", "investor_id": "F1"},
         "investor_id does not go with investor_type",
         "investor_type being corporate, state, foreign, other"),
        ("product_samples", {"result": "pass", "failed_items": "铅"},
         "failed_items does not go with result", "result being fail"),
        ("repairs", {"kind": "removal_from_serious", "repaired_table": "penalties"},
         "kind does not go with repaired_table", "repaired_table being serious_listings"),
        ("repairs", {"event_time": EARLY, "applied_on": LATE},
         "applied_on lies after event_time", "event_time or earlier"),
        ("complaints", {"outcome": "pending", "settled_on": LATE},
         "settled_on does not go with outcome", "outcome being confirmed, unconfirmed, mediated"),
        ("court_records", {"kind": "defaulter", "role": "plaintiff"},
         "role does not go with kind", "kind being lawsuit"),
        ("equity_pledges", {"status": "valid", "cancelled_on": LATE},
         "cancelled_on does not go with status", "status being invalid"),
        ("field_records", {"amount": 1.5},
         "amount is given without unit", "amount only together with unit"),
        ("persons", {"role": "shareholder", "phone": "0" * 32},
         "phone does not go with role", "role being contact"),
        ("changes", {"item": "equity", "amount_before": 1},
         "amount_before does not go with item", "item being capital"),
        ("changes", {"item": "address", "amount_after": 1},
         "amount_after does not go with item", "item being capital"),
        ("complaints", {"latitude": 45.8},
         "latitude is given without longitude", "latitude only together with longitude"),
        ("external_signals", {"longitude": 126.5},
         "longitude is given without latitude", "longitude only together with latitude"),
        ("special_equipment", {"event_time": LATE, "next_inspection_on": EARLY},
         "next_inspection_on lies before event_time", "event_time or later"),
    ],
)  # fmt: skip
def test_a_row_at_odds_with_itself_is_named(
    table: str, values: dict[str, object], problem: str, allowed: str
) -> None:
    ((_, found, told),) = _broken(table, **values)
    assert found == problem
    assert told.startswith(allowed)


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("abnormal_listings", {"event_time": EARLY, "removed_on": EARLY, "removal_reason": "补"}),
        ("annual_reports", {"event_time": EARLY, "year": 2024}),
        ("inspections", {"way": "drawn", "inclusion_probability": 0.5, "drawn_by": "slice"}),
        ("inspections", {"inclusion_probability": 0.5}),  # a missing way is a fault by itself
        ("persons", {"role": "shareholder", "investor_type": "state", "investor_id": "F2"}),
        ("persons", {"role": "shareholder", "investor_id": "F2"}),
        ("persons", {"role": "contact", "phone": "0" * 32}),
        ("changes", {"item": "capital", "before": "-", "amount_before": 1, "amount_after": 2}),
        ("complaints", {"latitude": 45.8, "longitude": 126.5}),
        ("repairs", {"kind": "other", "repaired_table": "court_records"}),
        ("repairs", {"kind": "end_of_publication", "repaired_table": "penalties"}),
        ("complaints", {"outcome": "mediated", "settled_on": LATE}),
        ("complaints", {"settled_on": LATE}),
        ("equity_pledges", {"cancelled_on": LATE}),
        ("field_records", {"unit": "kg"}),
        ("product_samples", {"result": "pass"}),
    ],
)
def test_a_row_in_keeping_is_left_alone(table: str, values: dict[str, object]) -> None:
    assert _broken(table, **values) == []


def test_every_rule_speaks_of_columns_of_its_own_table() -> None:
    for table in TABLES.values():
        for column in table.columns:
            named = (column.not_before, column.not_after, column.needs, column.other_than)
            for name in (*filter(None, named), *(going.column for going in column.going)):
                assert name in table.by_name, (table.name, column.name)
                assert name != column.name
            for going in column.going:
                assert set(going.codes) <= set(table.by_name[going.column].allowed)
                assert set(going.of) <= set(column.allowed)
            for other in filter(None, (column.not_before, column.not_after)):
                assert table.by_name[other].kind == "date"
