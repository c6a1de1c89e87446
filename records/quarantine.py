"""Refused rows: listed, sent back to their source, and tried again once they are mended.

    STORE/_quarantine/<table>    every refusal, for ever: the row whole, with all its reasons
    STORE/_resolved/<table>      what became of each row that was tried again

A refusal is *open* until a retry has taken its row: then it was `accepted`, or refused `again`,
which is a new refusal that leads back to the first. A retry is an ingest of its own: its file
holds the rows as mended, and read = stored + duplicate + quarantined holds for it. The file is
named by its content, and what it refused counts only once the retry is on record, so that a
retry that was killed is completed by doing it again.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from records import faults, sheets
from records.errors import BadInput, NotFound, NotPossible
from records.files import fingerprint, write_parquet
from records.intake import Report, ingest
from records.mapping import Mapping
from records.schema import Table, declared
from records.store import Store

RESOLVED = pa.schema(
    [
        ("batch", pa.string()),  # with `row`, the refusal that was tried again
        ("row", pa.int64()),
        ("retry", pa.string()),  # the retry's file, which its own refusals name
        ("retry_row", pa.int64()),  # the row's position in it, from 1
        ("outcome", pa.string()),  # accepted | again
    ]
)
RETRY = re.compile(r"retry-[0-9a-f]{16}\.parquet")
KEY = "回执编号（请勿改动）"
ABOUT = ("文件", "行号", "字段", "原值", "问题", "允许的取值", "处理建议")


@dataclass(frozen=True)
class Refusal:
    """A refused row; `file` and `row` are where its source wrote it, however often it was tried.

    (`batch`, `at`) names the refusal. `record` is the row under our column names, still raw;
    `reasons` are its faults, with the fields of `records.checks.Fault`.
    """

    batch: str
    at: int
    file: str
    row: int
    record: Mapped[str, Any]
    reasons: tuple[Mapped[str, str], ...]
    open: bool

    @property
    def key(self) -> str:
        """What names the refusal in a report that leaves us and comes back."""
        return f"{self.batch[:12]}-{self.at}"

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
    before = {(step["retry"], step["retry_row"]): (step["batch"], step["row"]) for step in steps}
    written = {(row["batch"], row["row"]): (row["file"], row["row"]) for row in rows}

    def origin(at: tuple[str, int]) -> tuple[str, int]:
        while at in before:
            at = written[before[at]]
        return at

    found = []
    for row in rows:
        if RETRY.fullmatch(row["file"]) and row["file"] not in retries:
            continue  # of a retry that was killed; its rows are open where they were
        file, number = origin((row["file"], row["row"]))
        found.append(
            Refusal(
                row["batch"],
                row["row"],
                file,
                number,
                json.loads(row["record"]),
                tuple(row["reasons"]),
                (row["batch"], row["row"]) not in done,
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
    headings = [*ABOUT, *(faults.label(rules, name) for name in rules.by_name), KEY]
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


def retry(
    store: Store, table: str, file: Path | None = None, mapping: Path | None = None
) -> Report:
    """Take refused rows in once more; the originals stay on record as resolved.

    Parameters
    ----------
    file : the report as mended, rows left out of it stay open; None tries all open rows as
        they are, which helps where the mapping or the declarations were what had to be mended.
    mapping : the mapping the rows came with, perhaps mended; its values, constants, dates and
        derived known_time apply again.

    Raises
    ------
    NotFound : nothing is open, or no such file.
    BadInput : the report lacks a column or names a refusal that is not ours; nothing is stored.
    """
    rules = declared(table)
    with store.writing(f"_retry-{table}"):
        known = refusals(store, table)
        again = (
            [(one, one.texts(rules)) for one in known if one.open]
            if file is None
            else _mended(file, rules, known)
        )
        if not again:
            raise NotFound(f"nothing of {table} is left to retry", hint="`xinfen quarantine list`")
        return _ingested(store, rules, again, _repeated(mapping, rules))


def _ingested(
    store: Store, rules: Table, again: Sequence[tuple[Refusal, dict[str, str]]], mapping: str
) -> Report:
    named = fingerprint([mapping, [[one.batch, one.at, texts] for one, texts in again]])
    name = f"retry-{named[:16]}.parquet"
    # The name in the file's own metadata: no two retries are ever the same batch.
    schema = pa.schema([(column, pa.string()) for column in rules.by_name], {"retry": named})
    rows = pa.Table.from_pylist(
        [{column: text or None for column, text in texts.items()} for _, texts in again], schema
    )
    with tempfile.TemporaryDirectory() as folder:
        file, rules_file = Path(folder) / name, Path(folder) / "mapping.yaml"
        write_parquet(file, rows)
        rules_file.write_text(mapping, "utf-8")
        report = ingest(store, rules.name, file, rules_file if mapping else None)
    kept = store.refused(rules.name)
    refused = (
        set()
        if kept is None
        else {row["row"] for row in kept.select(["file", "row"]).to_pylist() if row["file"] == name}
    )
    resolved = [
        (one.batch, one.at, name, row, "again" if row in refused else "accepted")
        for row, (one, _) in enumerate(again, 1)
    ]
    columns = [list(column) for column in zip(*resolved, strict=True)]
    store.append_resolved(rules.name, pa.table(columns, schema=RESOLVED), name)
    return report


def _mended(
    file: Path, rules: Table, known: Sequence[Refusal]
) -> list[tuple[Refusal, dict[str, str]]]:
    """Rows of a mended report; a cell that shows what it showed keeps its exact value."""
    by_key = {one.key: one for one in known}
    again: dict[str, tuple[Refusal, dict[str, str]]] = {}
    for line, cells in sheets.read(file):
        own = {heading.split()[-1]: text for heading, text in cells.items() if heading.strip()}
        lost = [name for name in (*rules.by_name, KEY) if name not in own]
        if lost:
            raise BadInput(
                f"{file.name} lacks columns of the report",
                found=f"no {', '.join(lost)}",
                allowed="all columns that `xinfen quarantine export` wrote",
                hint="mend the cells and leave the headings; nothing was stored",
            )
        key = own[KEY]
        if key not in by_key or key in again:
            raise BadInput(
                f"{file.name}, line {line}, {KEY}",
                found=key or "nothing",
                allowed=f"a refusal of {rules.name}, once",
                hint="send lines of the exported report; nothing was stored",
            )
        exact = by_key[key].texts(rules)
        again[key] = (
            by_key[key],
            {
                name: text if own[name] == sheets.shown(text) else own[name]
                for name, text in exact.items()
            },
        )
    return list(again.values())


def _repeated(mapping: Path | None, rules: Table) -> str:
    """The part of a mapping that applies to rows already under our names, as YAML; '' for none."""
    if mapping is None:
        return ""
    given = Mapping.load(mapping)
    if given.table != rules.name:
        raise NotPossible(
            f"{mapping.name} maps to {given.table}, not to {rules.name}",
            hint=f"give the mapping that {rules.name} came with",
        )
    derived = given.known_time is not None and "known_time" not in given.columns
    skipped = {"source", "source_id"} | ({"known_time"} if derived else set())
    repeated = {
        "table": given.table,
        "source": {"name": given.source.name, "id": "{source_id}"},
        "columns": {name: name for name in rules.by_name if name not in skipped},
        "constants": dict(given.constants),
        # What was recoded already stays, even where `*` catches all the rest.
        "values": {
            name: {str(ours): ours for ours in codes.values() if ours is not None} | codes
            for name, codes in given.values.items()
        },
        "dates": list(given.dates),
        "known_time": given.known_time.model_dump() if given.known_time and derived else None,
    }
    return yaml.safe_dump(repeated, allow_unicode=True, sort_keys=False)


def _text(value: Any) -> str:
    """A raw value as the text a bureau would have written; '' for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else str(value)
