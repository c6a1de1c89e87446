"""Made-up records of a handful of firms, for laws that must hold whatever the records are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

FIRMS = [f"F{at}" for at in range(8)]
FIRST, LAST = date(2023, 1, 1), date(2026, 7, 1)

Row = dict[str, Any]


class History:
    """Rows of record tables, drawn by chance from a seed."""

    def __init__(self, seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self._number = 0
        self.rows: dict[str, list[Row]] = {"enterprises": [], "repairs": []}
        for firm in FIRMS:
            self._registration(firm)
        for _ in range(60):
            self._event(FIRST, LAST)

    def more(self, since: date, count: int = 15) -> dict[str, list[Row]]:
        """Records that come later: new ones, late ones, corrections and repairs."""
        kept, self.rows = self.rows, {"enterprises": [], "repairs": []}
        for _ in range(count):
            self._event(since - timedelta(days=200), since + timedelta(days=60))
        for table, rows in kept.items():
            for row in rows:
                if table not in ("repairs", "enterprises") and self._one_of(range(12)) == 0:
                    self._corrected(table, row, since)
                if table == "penalties" and self._one_of(range(8)) == 0:
                    self._repair(row, since)
        added, self.rows = self.rows, kept
        return {table: rows for table, rows in added.items() if rows}

    def _one_of(self, values: Any) -> Any:
        return list(values)[int(self._chance.integers(len(list(values))))]

    def _day(self, begin: date, end: date) -> date:
        return begin + timedelta(days=int(self._chance.integers((end - begin).days)))

    def _row(self, firm: str, happened: date) -> Row:
        self._number += 1
        late = int(self._chance.choice([0, 1, 9, 90]))
        return {
            "source_id": str(self._number),
            "entity_id": firm,
            "event_time": str(happened),
            "known_time": str(happened + timedelta(days=late)),
        }

    def _registration(self, firm: str) -> None:
        row = self._row(firm, self._day(date(2015, 1, 1), LAST))
        row |= {
            "name": firm,
            "entity_type": "1130",
            "industry": self._one_of(["H62", "C13", "F52"]),
            "address": self._one_of(["西街1号", "西街一号", "东街2号", ""]),
            "legal_rep": self._one_of(["r1", "r2", "r3"]),
            "status": self._one_of(["live", "live", "live", "revoked"]),
            "registered_capital": str(self._chance.integers(10**9)),
            "established_on": row["event_time"],
        }
        self.rows["enterprises"].append(row)

    def _event(self, begin: date, end: date) -> None:
        row = self._row(self._one_of(FIRMS), self._day(begin, end))
        ended = self._day(date.fromisoformat(row["event_time"]), date(2027, 1, 1))
        open_end = self._one_of(["", str(ended)])
        of: dict[str, Row] = {
            "penalties": {
                "authority_field": self._one_of(["market_regulation", "tax"]),
                "violation": self._one_of(["广告", "价格", "无照"]),
                "penalty": self._one_of(["warning", "fine", "revocation"]),
                "amount": str(self._chance.integers(10**6)),
                "valid_to": open_end,
            },
            "abnormal_listings": {
                "cause": self._one_of(["annual_report", "unreachable"]),
                "removed_on": open_end,
            },
            "annual_reports": {
                "year": row["event_time"][:4],
                "employees": self._one_of(["", "3", "10"]),
                "assets": str(self._chance.integers(3) * 100),
                "liabilities": str(self._chance.integers(300)),
                "revenue": self._one_of(["", "100", "250"]),
                "net_profit": str(self._chance.integers(-100, 100)),
            },
            "inspections": {
                "inspection_id": f"v{self._chance.integers(30)}",
                "item": self._one_of(["登记", "住所"]),
                "result": self._one_of(["no_problem", "no_problem", "unreachable"]),
                "way": self._one_of(["drawn", "targeted"]),
            },
            "complaints": {
                "kind": "complaint",
                "outcome": self._one_of(["confirmed", "unconfirmed", "pending"]),
            },
            "licences": {
                "licence_no": self._one_of(["N1", "N2"]),
                "status": "valid",
                "expires_on": open_end,
            },
            "persons": {
                "role": self._one_of(["shareholder", "officer"]),
                "person_id": self._one_of(["p1", "p2", "p3", "p4"]),
                "investor_id": self._one_of(["", *FIRMS]),
                "left_on": open_end,
            },
            "public_grades": {
                "score": str(self._chance.integers(500, 1000)),
                "grade": self._one_of("ABCDE"),
            },
        }
        table = self._one_of(of)
        self.rows.setdefault(table, []).append(row | of[table])

    def _corrected(self, table: str, row: Row, since: date) -> None:
        day = max(date.fromisoformat(row["known_time"]) + timedelta(days=1), since)
        other = self._one_of([row["entity_id"], *FIRMS])  # it may have been another firm's
        known = str(day + timedelta(days=int(self._chance.integers(40))))
        changed = {**row, "known_time": known, "entity_id": other}
        self.rows.setdefault(table, []).append(changed)

    def _repair(self, row: Row, since: date) -> None:
        repair = self._row(row["entity_id"], since)
        repair |= {"repaired_table": "penalties", "repaired_source_id": row["source_id"]}
        self.rows["repairs"].append(repair)
