"""Services and limits, and reminders: from records in force alone."""

from __future__ import annotations

import inspect
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from supervision.errors import PlanError
from supervision.fieldwork import entitlements
from supervision.fieldwork.entitlements import ENTITLED, Entitlements, entitled
from supervision.fieldwork.letters import Letters, reminders, talks
from supervision.fieldwork.standing import Kind, standing

RULES = Entitlements.from_yaml(Path("supervision/entitlements.yaml").read_text("utf-8"))
LETTERS = Letters.from_yaml(Path("supervision/letters.yaml").read_text("utf-8"))
ON = date(2026, 7, 1)


def records(columns: str, *rows: tuple[Any, ...]) -> pd.DataFrame:
    """Records of a table: `entity_id`, `event_time`, `valid_to`, `repaired` and some more."""
    names = ["entity_id", "event_time", "valid_to", "repaired", *columns.split()]
    frame = pd.DataFrame(rows, columns=names)
    ids = [f"R{number}" for number in range(len(frame))]
    return frame.assign(source="省局", source_id=ids)


GRADES = records(
    "grade",
    ("GOOD", date(2026, 3, 1), None, False, "E"),
    ("GOOD", date(2026, 6, 1), None, False, "B"),  # the newest counts
    ("BAD", date(2026, 6, 1), None, False, "E"),
    ("BARRED", date(2026, 6, 1), None, False, "A"),
    ("MIDDLE", date(2026, 6, 1), None, False, "C"),
)
SERIOUS = records(
    "removed_on",
    ("LISTED", date(2025, 1, 1), None, False, None),
    ("LEFT", date(2025, 1, 1), None, False, ON),  # removed on the day itself
    ("LEAVES", date(2025, 1, 1), None, False, date(2026, 7, 2)),
    ("REPAIRED", date(2025, 1, 1), None, True, None),
    ("LAPSED", date(2025, 1, 1), ON, False, None),
)
ABNORMAL = records(
    "removed_on cause",
    ("BARRED", date(2026, 1, 1), None, False, None, "annual_report"),
    ("UNREACHABLE", date(2026, 1, 1), None, False, None, "unreachable"),
)
TABLES = {"public_grades": GRADES, "serious_listings": SERIOUS, "abnormal_listings": ABNORMAL}


def test_services_and_limits_name_record_and_clause() -> None:
    told = entitled(RULES, TABLES, ON)
    assert list(told.columns) == list(ENTITLED)
    assert {*zip(told["entity_id"], told["kind"], strict=True)} == {
        ("BAD", "limit"), ("GOOD", "service"), ("LEAVES", "limit"), ("LISTED", "limit"),
    }  # fmt: skip
    good = told[told["entity_id"] == "GOOD"]
    assert good["zh"].tolist() == ["绿色通道", "容缺受理", "告知承诺", "简化程序"]
    first = good.iloc[0]
    assert (first["table"], first["source_id"], first["says"]) == ("public_grades", "R1", "B")
    assert first["clause_zh"].endswith("（八）")
    listed = told[told["entity_id"] == "LISTED"]
    assert listed["measure"].tolist() == [
        "campaign_target", "no_notify_and_commit", "procurement", "public_funds",
    ]  # fmt: skip
    assert set(listed["table"]) == {"serious_listings"}
    assert listed["says"].isna().all()


def test_no_class_can_be_asked() -> None:
    """The function has no argument for a class, and its settings name none."""
    assert list(inspect.signature(entitled).parameters) == ["rules", "records", "on"]
    text = Path("supervision/entitlements.yaml").read_text("utf-8")
    assert "risk_class:" not in text
    assert "class:" not in text
    assert "risk_class" not in inspect.getsource(entitlements)


def test_firms_without_records() -> None:
    empty = {name: table.head(0) for name, table in TABLES.items()}
    assert entitled(RULES, empty, ON).empty


PENALTIES = records(
    "penalty amount published_until",
    ("B1", date(2026, 2, 1), None, False, "warning", None, None),
    ("B2", date(2026, 2, 1), None, False, "fine", 1_000_000, date(2026, 7, 1)),  # its last day
    ("B3", date(2026, 2, 1), None, False, "fine", 1_000_001, None),
    ("B4", date(2026, 2, 1), None, False, "fine", None, None),  # nobody knows how much
    ("B5", date(2026, 2, 1), None, False, "fine", 1, date(2026, 6, 30)),
    ("B6", date(2025, 7, 1), None, False, "warning", None, None),  # twelve months are over
    ("B7", date(2026, 2, 1), None, True, "warning", None, None),
    ("C1", date(2026, 2, 1), None, False, "warning", None, None),
)


def test_reminders_need_class_b_and_a_minor_record_in_force() -> None:
    firms = [f"B{number}" for number in range(1, 8)]
    classes = pd.DataFrame(
        {"entity_id": [*firms, "BARRED", "UNREACHABLE", "C1", "N"],
         "risk_class": [*"BBBBBBB", "B", "B", "C", None]}
    )  # fmt: skip
    told = reminders(LETTERS, classes, {"abnormal_listings": ABNORMAL, "penalties": PENALTIES}, ON)
    assert told["entity_id"].tolist() == ["B1", "B2", "BARRED"]
    assert told["zh"].tolist() == ["警告、通报批评", "小额罚没", "因未按期公示列入经营异常名录"]
    assert told["mend_zh"].iat[0] == "履行处罚决定后，申请信用修复"
    assert talks(LETTERS, classes) == ["C1"]


def test_a_kind_that_names_no_column() -> None:
    kind = Kind(table="penalties", ended_on="removedon")
    with pytest.raises(PlanError, match="penalties: no column removedon") as refused:
        standing(kind, SERIOUS, ON)
    assert "did you mean 'removed_on'" in str(refused.value)


def test_wrong_settings_are_named() -> None:
    text = Path("supervision/letters.yaml").read_text("utf-8")
    with pytest.raises(PlanError, match=r"letters: reminder\.class"):
        Letters.from_yaml(text.replace("class: B", "class: E"))
