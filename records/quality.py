"""How good the records of one ingest are: what became of them, gaps, lateness, coverage.

`Observed` counts the accepted rows (stored and duplicate alike) as intake shows them, chunk by
chunk, in memory that does not grow with their number; `summary` draws the counts together with
intake's own report. Repeating an ingest gives the same figures but for stored and duplicate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from records.given import NOTHING, Values
from records.intake import Report, ingest
from records.readers import Source
from records.references import Referred, Resolved
from records.schema import Table, declared
from records.store import Store

LATENESS = ((0, "当日"), (7, "1–7"), (30, "8–30"), (90, "31–90"), (180, "91–180"), (365, "181–365"))
"""Last day of a class of lateness and its name; what is later has the class below."""
LATER = "＞365"
REGIONS, MONTHS = 20, 24  # rows and columns of the coverage that are shown by themselves
EARLIER = "此前"
NO_REGION = "未注明"


class Observed:
    """Counts over the accepted rows of one table.

    `region` says where a row's region is read: its own `division`, else digits 3–8 of the
    credit code (the registering office's division, not always the present one), else nowhere.
    """

    def __init__(self, table: Table, id_scheme: str) -> None:
        self.table = table
        self.region = "division" if "division" in table.by_name else ""
        if not self.region and id_scheme == "uscc":
            self.region = "entity_id"
        self.rows = 0
        self.nulls: Counter[str] = Counter()
        self.late: Counter[int] = Counter()
        self.cells: Counter[tuple[str, str]] = Counter()
        self.span: dict[str, tuple[date, date]] = {}
        self.referred = Referred(table)

    def __call__(self, rows: pa.Table) -> None:
        """Count a chunk of typed rows with the table's columns."""
        if not rows.num_rows:
            return
        self.rows += rows.num_rows
        self.referred(rows)
        for name in self.table.by_name:
            self.nulls[name] += rows[name].null_count
        days = pc.days_between(rows["event_time"], rows["known_time"])
        for entry in pc.value_counts(days).to_pylist():
            self.late[entry["values"]] += entry["counts"]
        for clock in ("event_time", "known_time"):
            ends = pc.min_max(rows[clock]).as_py()
            known = self.span.get(clock, (ends["min"], ends["max"]))
            self.span[clock] = min(known[0], ends["min"]), max(known[1], ends["max"])
        cells = pa.table(
            {
                "region": self._regions(rows),
                "month": pc.strftime(rows["event_time"], "%Y-%m"),
            }
        )
        counted = cells.group_by(["region", "month"]).aggregate([([], "count_all")])
        for entry in counted.to_pylist():
            self.cells[entry["region"] or NO_REGION, entry["month"]] += entry["count_all"]

    def _regions(self, rows: pa.Table) -> Any:
        if self.region == "entity_id":
            return pc.utf8_slice_codeunits(rows["entity_id"], 2, 8)
        return rows[self.region] if self.region else pa.nulls(rows.num_rows, pa.string())


@dataclass(frozen=True)
class Quality:
    """A report's figures.

    `nulls` are shares of the accepted rows in the table's order; `lateness` holds days from
    `event_time` to `known_time` at the median, p90 and p99 (nearest rank; empty without rows);
    `late` counts rows by class of lateness; `coverage` counts rows by region, then month of
    `event_time`, over `months` without gaps; `first` and `last` are by clock; `references` are
    those of the accepted rows, looked up after they were stored.
    """

    report: Report
    accepted: int
    nulls: dict[str, float]
    lateness: dict[str, int]
    late: dict[str, int]
    region: str
    months: tuple[str, ...]
    coverage: dict[str, tuple[int, ...]]
    first: dict[str, date]
    last: dict[str, date]
    references: tuple[Resolved, ...] = ()


def summary(report: Report, observed: Observed, references: Sequence[Resolved] = ()) -> Quality:
    """The figures of one ingest."""
    ranks = {"median": 0.5, "p90": 0.9, "p99": 0.99}
    months = _months({month for _, month in observed.cells})
    return Quality(
        report=report,
        accepted=observed.rows,
        nulls={name: observed.nulls[name] / observed.rows for name in observed.table.by_name}
        if observed.rows
        else {},
        lateness={name: _quantile(observed.late, rank) for name, rank in ranks.items()}
        if observed.late
        else {},
        late=_classes(observed.late),
        region=observed.region,
        months=months,
        coverage=_coverage(observed.cells, months),
        first={clock: ends[0] for clock, ends in observed.span.items()},
        last={clock: ends[1] for clock, ends in observed.span.items()},
        references=tuple(references),
    )


def observed(
    store: Store, table: str, source: Source, mapping: Path | None = None, values: Values = NOTHING
) -> Quality:
    """Ingest a source and tell how good its records are (see `records.intake.ingest`)."""
    seen = Observed(declared(table), store.id_scheme)
    report = ingest(store, table, source, mapping, values=values, seen=seen)
    return summary(report, seen, seen.referred.resolved(store))


def _quantile(counts: Counter[int], rank: float) -> int:
    """The smallest value that at least `rank` of all do not exceed."""
    left = rank * counts.total()
    for value in sorted(counts):
        left -= counts[value]
        if left <= 1e-9:
            return value
    raise ValueError("a quantile of nothing")


def _classes(late: Counter[int]) -> dict[str, int]:
    found = dict.fromkeys([*(name for _, name in LATENESS), LATER], 0)
    for days, count in late.items():
        name = next((name for last, name in LATENESS if days <= last), LATER)
        found[name] += count
    return found


def _months(given: Iterable[str]) -> tuple[str, ...]:
    """The last months up to the newest, gaps included; older ones are one column."""
    given = sorted(given)
    if not given:
        return ()
    newest = int(given[-1][:4]) * 12 + int(given[-1][5:]) - 1
    oldest = int(given[0][:4]) * 12 + int(given[0][5:]) - 1
    shown = range(max(oldest, newest - MONTHS + 1), newest + 1)
    months = tuple(f"{month // 12:04d}-{month % 12 + 1:02d}" for month in shown)
    return (EARLIER, *months) if oldest < shown[0] else months


def _coverage(
    cells: Counter[tuple[str, str]], months: tuple[str, ...]
) -> dict[str, tuple[int, ...]]:
    """Rows by region and month; too many regions are summed, never left out."""
    if len({region for region, _ in cells}) > REGIONS + 1:
        counties, cells = cells, Counter()
        for (region, month), count in counties.items():
            cells[_prefecture(region), month] += count
    size: Counter[str] = Counter()
    for (region, _), count in cells.items():
        size[region] += count
    largest = sorted(size, key=lambda region: (-size[region], region))
    by_itself = set(largest if len(largest) <= REGIONS + 1 else largest[:REGIONS])
    rest = f"其余 {len(largest) - len(by_itself)} 个"
    found: dict[str, Counter[str]] = {}
    for (region, month), count in cells.items():
        row = found.setdefault(region if region in by_itself else rest, Counter())
        row[month if month in months else EARLIER] += count
    order = [*sorted(by_itself), *([rest] if rest in found else [])]
    return {region: tuple(found[region][month] for month in months) for region in order}


def _prefecture(division: str) -> str:
    """The prefecture's code of a county's (GB/T 2260); any other name as it is."""
    return f"{division[:4]}00" if len(division) == 6 and division.isdigit() else division
