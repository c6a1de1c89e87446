from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from records.columns import Form
from records.forms import refused
from records.intake import Report
from records.store import Store
from tests.a_store import CODES, opaque, put, rows


@pytest.mark.parametrize(
    ("form", "value", "wrong"),
    [
        ("division", "230102", False),
        ("division", "110000", False),
        ("division", "820000", False),
        ("division", "990102", True),
        ("division", "160102", True),
        ("division", "23010", True),
        ("division", "2301020", True),
        ("division", "道里区", True),
        ("industry", "C13", False),
        ("industry", "A01", False),
        ("industry", "F5211", False),
        ("industry", "T97", False),
        ("industry", "U10", True),
        ("industry", "C1", True),
        ("industry", "C00", True),
        ("industry", "13", True),
        ("industry", "C13111", True),
        ("person", "ab12" * 8, False),
        ("person", "1101051949123100", False),
        ("person", "11010519491231002X", True),
        ("person", "110105491231002", True),
        ("person", "13800138000", True),
        ("person", "8613800138000", True),
        ("person", "12800138000", False),
        ("person", "1380013800", False),
        ("person", "********", True),
        ("", "anything", False),
    ],
)
def test_a_code_has_its_form(form: Form, value: str, wrong: bool) -> None:
    assert refused(pa.array([value, None]), form, "uscc").tolist() == [wrong, False]


@pytest.mark.parametrize("form", ["division", "industry"])
def test_an_opaque_stores_codes_are_its_own_affair(form: Form) -> None:
    assert refused(pa.array(["Restaurant", "60614"]), form, "opaque").tolist() == [False, False]


FIRMS = "source_id entity_id event_time known_time name entity_type status industry division"


def _registered(store: Store, firm: str, division: str) -> Report:
    line = f"1 {firm} 2024-01-01 2024-01-05 甲 1130 live C1 {division}"
    return put(store, "enterprises", rows(FIRMS, line))


def test_wrong_codes_are_quarantined_with_all_their_reasons(tmp_path: Path) -> None:
    report = _registered(Store.create(tmp_path / "store"), CODES[0], "23")
    assert report.quarantined == 1
    assert report.reasons == {
        "not a division code (GB/T 2260)": 1,
        "not an industry code (GB/T 4754)": 1,
    }
    assert _registered(opaque(tmp_path / "opaque"), "F1", "23").stored == 1


def test_a_division_is_not_held_against_the_one_inside_the_code(tmp_path: Path) -> None:
    # The code was given in another county, or another province; the firm has moved since.
    store = Store.create(tmp_path / "store")
    line = f"1 {CODES[0]} 2024-01-01 2024-01-05 甲 1130 live C13 440106"
    assert put(store, "enterprises", rows(FIRMS, line)).stored == 1


def test_an_end_before_its_beginning_is_refused(tmp_path: Path) -> None:
    report = put(
        opaque(tmp_path),
        "abnormal_listings",
        rows(
            "source_id entity_id event_time known_time cause removed_on",
            "1 F1 2024-03-01 2024-03-05 unreachable 2024-02-01",
            "2 F1 2024-03-01 2024-03-05 unreachable 2024-03-01",
            "3 F1 2024-03-01 2024-03-05 unreachable -",
            "4 F1 - 2024-03-05 unreachable 2024-02-01",
        ),
    )
    assert (report.stored, report.quarantined) == (2, 2)
    assert report.reasons == {"event_time is missing": 1, "removed_on lies before event_time": 1}
