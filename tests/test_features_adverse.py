"""Adding an adverse record moves no indicator of the general catalogue against its direction.

Unless the catalogue says that it may: each exception it lists is seen here, and no other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import pandas as pd
import pytest

import features
from features.catalogue import Catalogue
from models.definition import SHIPPED
from tests.a_store import opaque, put

GENERAL = Catalogue.load(SHIPPED / "general" / "indicators.yaml")
DAY = date(2026, 7, 1)

Row = dict[str, Any]


class Ago(NamedTuple):
    """A year so many before that in which a record falls."""

    years: int

    def on(self, day: str) -> int:
        return int(day[:4]) - self.years


class After(NamedTuple):
    """A day so long after that of a record."""

    days: int

    def on(self, day: str) -> str:
        return str(pd.Timestamp(day) + pd.Timedelta(days=self.days))[:10]


ADVERSE: dict[str, list[Row]] = {
    "penalties": [
        {"authority_field": "market_regulation", "violation": "价格违法", "penalty": "revocation",
         "amount": 900},
        {"authority_field": "tax", "violation": "发票违法", "penalty": "fine", "amount": 1},
        {"authority_field": "market_regulation", "violation": "商标侵权", "penalty": "warning"},
        {"authority_field": "market_regulation", "violation": "计量违法", "penalty": "fine"},
    ],
    "abnormal_listings": [{"cause": "unreachable"}, {"cause": "annual_report"}],
    "serious_listings": [{"cause": "生产销售不合格食品"}, {"cause": "其他"}],
    "inspections": [
        {"inspection_id": "new", "item": "住所", "result": result, "way": "drawn"}
        for result in ("not_published", "false_information", "unreachable", "problem_corrected",
                       "obstructed", "problem_pending")
    ],
    "complaints": [
        {"kind": "complaint", "outcome": outcome, "filer": "f" * 32}
        for outcome in ("confirmed", "unconfirmed", "mediation_failed", "mediated", "pending")
    ],
    "court_records": [
        {"kind": "defaulter"},
        {"kind": "consumption_limit"},
        {"kind": "lawsuit", "role": "defendant", "amount": 5_000},
    ],
    "product_samples": [{"field": field, "result": "fail"} for field in ("food", "product")],
    "special_equipment": [
        {"equipment_id": "lift", "next_inspection_on": After(5), "status": "in_use",
         "hazards": hazards}
        for hazards in (3, 1)
    ],
    "annual_reports": [
        {"year": Ago(1), "late": "true", "employees": 1, "assets": 100, "liabilities": 900,
         "revenue": 1, "net_profit": -500, "amendments": 3, "unpaid_pension": 70},
        {"year": Ago(3), "late": "true", "employees": 0, "assets": 0, "liabilities": 0,
         "revenue": 0, "net_profit": -1},
    ],
    "changes": [{"item": item} for item in ("legal_rep", "name", "address", "equity")],
    "licences": [
        {"licence_no": "N9", "status": "revoked"},
        {"licence_no": "N8", "status": "valid", "expires_on": "2026-03-01"},
    ],
    "liquidations": [{"kind": "bankruptcy_liquidation"}, {"kind": "reorganisation"}],
    "equity_pledges": [{"status": "valid", "share": 0.4}],
    "equity_freezes": [{"state": "frozen"}],
    "chattel_mortgages": [{"status": "valid", "amount": 10_000}],
    "media_items": [{"outlet": "x", "sentiment": "negative"}],
    "field_records": [
        {"field": "x", "kind": kind}
        for kind in ("即时信息逾期公示", "缺陷产品召回", "特种设备事故", "广告监测线索")
    ],
    "external_signals": [{"provider": "department", "kind": "任职受限人员"}],
    "external_evaluations": [
        {"kind": "commitment_broken", "grade": "违诺"},
        {"kind": "tax_credit", "grade": "D"},
    ],
}  # fmt: skip
"""What speaks against a firm, by record table."""

DAYS = ("2023-09-15", "2025-03-01", "2025-08-01", "2026-02-10", "2026-06-20")
"""On which it happens: in each window, before the firm's newest records and after them."""

FAIR = {"year": 2024, "employees": 5, "assets": 100, "liabilities": 50, "revenue": 100}

CASES = [(table, more, day) for table, kinds in ADVERSE.items() for more in kinds for day in DAYS]


class Firms:
    """Pairs of firms, alike but for one record more.

    The firms of a pair have one legal representative; `own` has a little of every table, `other`
    nothing but its registration.
    """

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {"enterprises": []}
        self._number = 0

    def pair(self, name: str) -> tuple[str, str]:
        own, other = f"{name}own", f"{name}other"
        for firm in (own, other):
            about = {
                "name": firm, "entity_type": "1130", "industry": "C13", "status": "live",
                "legal_rep": name, "address": f"{firm}街1号", "established_on": "2015-01-01",
                "registered_capital": 10**9,
            }  # fmt: skip
            self.put("enterprises", firm, "2015-01-01", about)
        self.put("annual_reports", own, "2025-01-15", FAIR)
        for table, kinds in ADVERSE.items():
            for at, more in enumerate(kinds if table != "annual_reports" else kinds[:1]):
                self.put(table, own, "2022-03-01", more)
                self.put(table, own, f"2025-11-{20 - at}", more)  # the first is the newest
        return own, other

    def put(self, table: str, firm: str, day: str, more: Row) -> None:
        self._number += 1
        known = str(pd.Timestamp(day) + pd.Timedelta(days=3))[:10]
        row: Row = {"source_id": str(self._number), "entity_id": firm, "event_time": day}
        for name, value in more.items():
            row[name] = value.on(day) if isinstance(value, Ago | After) else value
        self.rows.setdefault(table, []).append(row | {"known_time": known})


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Indicators that an adverse record moved against their direction, and by which."""
    firms = Firms()
    plain = firms.pair("plain")
    alike: list[tuple[str, str, str]] = []
    for at, (table, more, day) in enumerate(CASES):
        for side in (0, 1):  # a record of the firm itself, or of the firm tied to it
            own = firms.pair(f"c{at}{'ab'[side]}")
            firms.put(table, own[side], day, more)
            alike.append((plain[0], own[0], f"{table} {more} on {day}, side {side}"))
    store = opaque(tmp_path_factory.mktemp("adverse"))
    for table, rows in firms.rows.items():
        report = put(store, table, rows, table)
        assert report.quarantined == 0, report.reasons
    asked = sorted({name for one in alike for name in one[:2]})
    spine = pd.DataFrame({"entity_id": asked, "as_of": DAY})
    frame = features.build(store.snapshot(), spine, GENERAL).frame.drop(columns="as_of")
    built: dict[str, Row] = frame.set_index("entity_id").to_dict("index")  # type: ignore[assignment]
    found: dict[str, set[str]] = {}
    for before, after, why in alike:
        for name in _against(built[before], built[after]):
            found.setdefault(name, set()).add(why)
    return found


def _against(before: Row, after: Row) -> Iterator[str]:
    for one in GENERAL.indicators:
        was, now = before[one.id], after[one.id]
        if math.isnan(was):
            wrong = one.use == "fit" and not math.isnan(now) and not one.first_is_free
        else:
            wrong = math.isnan(now) or (now - was) * one.monotone < 0
        if one.monotone and wrong:
            yield one.id


EXCEPTIONS = {one.id for one in GENERAL.indicators if one.exception is not None}


@pytest.mark.filterwarnings("ignore::features.table.MissingTable")
def test_only_listed_exceptions_move_against_their_direction(moved: dict[str, set[str]]) -> None:
    assert {name: why for name, why in moved.items() if name not in EXCEPTIONS} == {}


@pytest.mark.filterwarnings("ignore::features.table.MissingTable")
@pytest.mark.parametrize("name", sorted(EXCEPTIONS))
def test_each_listed_exception_is_seen(moved: dict[str, set[str]], name: str) -> None:
    assert moved.get(name), "no adverse record shows it: it need not be listed"


def test_every_record_table_of_the_catalogue_is_tried() -> None:
    directed = {one.table for one in GENERAL.indicators if one.monotone and one.table}
    assert directed - set(ADVERSE) <= {"enterprises", "persons", "public_grades"}
