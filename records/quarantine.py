"""Refused rows: listed, and sent back to their source.

    STORE/_quarantine/<table>    every refusal, for ever: the row whole, with all its reasons
    STORE/_resolved/<table>      what became of each row that was tried again

A refusal is *open* until a retry has taken its row: then it was `accepted`, or refused `again`,
which is a new refusal that leads back to the first (`records.retrying`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping as Mapped
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from records import faults, sheets
from records.errors import NotFound
from records.schema import Column, Table, declared
from records.staging import SENT
from records.store import Store

RESOLVED = pa.schema(
    [
        ("batch", pa.string()),  # with `row`, the refusal that was tried again
        ("row", pa.int64()),
        ("retry", pa.string()),  # the retry's file, which its own refusals name
        ("retry_row", pa.int64()),  # the row's position in it, from 1
        ("outcome", pa.string()),  # accepted | again
        ("by_hand", pa.list_(pa.string())),  # our columns mended in a report, then or before
    ]
)
RETRY = re.compile(r"retry-[0-9a-f]{16}\.parquet")
KEY = "回执编号（请勿改动）"
ABOUT = ("文件", "行号", "字段", "原值", "问题", "允许的取值", "处理建议")


@dataclass(frozen=True)
class Refusal:
    """A refused row; `file` and `row` are where its source wrote it, however often it was tried.

    (`batch`, `at`) names the refusal. `record` is the row under our column names, still raw, and
    `reasons` are its faults, with the fields of `records.faults.Fault`. `first` is the record
    before it was ever tried again, and `by_hand` are our columns that were mended in a report
    since.
    """

    batch: str
    at: int
    file: str
    row: int
    record: Mapped[str, Any]
    first: Mapped[str, Any]
    by_hand: frozenset[str]
    reasons: tuple[Mapped[str, str], ...]
    open: bool

    @property
    def key(self) -> str:
        """What names the refusal in a report that leaves us and comes back."""
        return f"{self.batch[:12]}-{self.at}"

    @property
    def sent(self) -> Mapped[str, str | None] | None:
        """What its source wrote under its own names, where a mapping made the record of it."""
        return self.first.get(SENT)

    def texts(self, table: Table) -> dict[str, str]:
        """The row's values as text, by our column names; '' for none."""
        return {name: _text(self.record.get(name)) for name in table.by_name}


def refusals(store: Store, table: str) -> list[Refusal]:
    """Every refusal of a table, open and resolved, by file and row."""
    declared(table)
    kept, tried = store.refused(table), store.resolved(table)
    rows = [] if kept is None else kept.to_pylist()
    steps = [] if tried is None else tried.to_pylist()
    retries = {step["retry"] for step in steps}
    done = {(step["batch"], step["row"]) for step in steps}
    before = {(step["retry"], step["retry_row"]): step for step in steps}
    written = {(row["batch"], row["row"]): (row["file"], row["row"]) for row in rows}
    records = {(row["batch"], row["row"]): json.loads(row["record"]) for row in rows}

    def origin(at: tuple[str, int]) -> tuple[str, int]:
        while written[at] in before:
            at = before[written[at]]["batch"], before[written[at]]["row"]
        return at

    found = []
    for row in rows:
        if RETRY.fullmatch(row["file"]) and row["file"] not in retries:
            continue  # of a retry that was killed; its rows are open where they were
        at = row["batch"], row["row"]
        file, number = written[origin(at)]
        step = before.get(written[at])
        found.append(
            Refusal(
                row["batch"],
                row["row"],
                file,
                number,
                records[at],
                records[origin(at)],
                frozenset(step["by_hand"] if step else ()),
                tuple(row["reasons"]),
                at not in done,
            )
        )
    return sorted(found, key=lambda one: (one.file, one.row, one.batch, one.at))


def counts(store: Store, table: str) -> dict[str, int]:
    """How many rows of a table were refused, and how many of the refusals are open or resolved."""
    found = refusals(store, table)
    still = sum(one.open for one in found)
    return {"refused": len(found), "open": still, "resolved": len(found) - still}


def by_fault(store: Store, table: str) -> list[dict[str, Any]]:
    """Open refusals by file, field and problem, with an example, the most frequent first.

    Keys: `file`, `field`, `problem`, `found`, `rows`.
    """
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in refusals(store, table):
        for fault in one.reasons if one.open else ():
            key = (one.file, fault["field"], fault["problem"])
            entry = {"file": key[0], "field": key[1], "problem": key[2], "found": fault["found"]}
            found.setdefault(key, {**entry, "rows": 0})["rows"] += 1
    return sorted(found.values(), key=lambda entry: (-entry["rows"], entry["file"]))


def export(store: Store, table: str, out: Path, file: str | None = None) -> int:
    """Write the open refusals as Excel for their source; returns how many there are.

    Each line says in Chinese what is wrong with a row and holds the row whole, under headings
    that end in our column names. Mended there, it goes back through `retry`. `file` takes one
    file's rows.

    Raises
    ------
    NotFound : nothing of that kind is open.
    """
    rules = declared(table)
    rows = [one for one in refusals(store, table) if one.open and file in (None, one.file)]
    if not rows:
        raise NotFound(
            f"no open refusal of {table}" + (f" from {file}" if file else ""),
            hint="`xinfen quarantine list` shows what there is",
        )
    headings = [*ABOUT, *(_heading(column) for column in rules.columns), KEY]
    lines = (
        [
            one.file,
            str(one.row),
            *faults.told(rules, one.reasons).values(),
            *one.texts(rules).values(),
            one.key,
        ]
        for one in rows
    )
    sheets.write(out, rules.zh, headings, lines)
    return len(rows)


def _heading(column: Column) -> str:
    """A column's heading; amounts say that they count 分 here, whatever they came in."""
    unit = "（分）" if column.kind == "fen" else ""
    return f"{column.zh}{unit} {column.name}"


def _text(value: Any) -> str:
    """A raw value as the text a bureau would have written; '' for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else str(value)
