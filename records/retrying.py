"""Refused rows taken in once more, mended in the report or by the mapping.

A retry is an ingest of its own: its file holds the rows as mended, and read = stored + duplicate
+ quarantined holds for it. The file is named by its content, and what it refused counts only once
the retry is on record, so that a retry that was killed is completed by doing it again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import yaml

from records import sheets
from records.errors import BadInput, NotFound, NotPossible
from records.files import fingerprint, write_parquet
from records.intake import Report, ingest
from records.mapping import Mapping
from records.quarantine import KEY, RESOLVED, Refusal, refusals
from records.schema import Table, declared
from records.store import Store
from records.translate import translated

Again = list[tuple[Refusal, dict[str, str]]]
"""Refusals, and the values under our names with which each is tried again."""


def retry(
    store: Store, table: str, file: Path | None = None, mapping: Path | None = None
) -> Report:
    """Take refused rows in once more; the originals stay on record as resolved.

    Parameters
    ----------
    file : the report as mended, rows left out of it stay open; None tries all open rows as
        they are, which helps where the mapping or the declarations were what had to be mended.
    mapping : the mapping the rows came with, mended; it is applied again to what was sent, but
        for its joins, unpivot and split. What was mended in the report stays as it is there.

    Raises
    ------
    NotFound : nothing is open, or no such file.
    NotPossible : a row came without a mapping, or the mapping is of another table.
    BadInput : the report lacks a column or names a refusal that is not ours; nothing is stored.
    """
    rules = declared(table)
    given = None if mapping is None else _of(rules, mapping)
    with store.writing(f"_retry-{table}"):
        known = refusals(store, table)
        again = (
            [(one, one.texts(rules)) for one in known if one.open]
            if file is None
            else _mended(file, rules, known)
        )
        if not again:
            raise NotFound(f"nothing of {table} is left to retry", hint="`xinfen quarantine list`")
        if given is not None:
            again = _mapped(again, rules, given, store.time_zone)
        return _ingested(store, rules, again, _days(rules, given))


def _ingested(store: Store, rules: Table, again: Again, mapping: str) -> Report:
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


def _mended(file: Path, rules: Table, known: Sequence[Refusal]) -> Again:
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


def _of(rules: Table, mapping: Path) -> Mapping:
    given = Mapping.load(mapping)
    if given.table != rules.name:
        raise NotPossible(
            f"{mapping.name} maps to {given.table}, not to {rules.name}",
            hint=f"give the mapping that {rules.name} came with",
        )
    return given


def _mapped(again: Again, rules: Table, given: Mapping, zone: str) -> Again:
    """The rows as a mapping makes them of what was sent; what was mended by hand stays."""
    sent = [one.sent for one, _ in again]
    if None in sent:
        raise NotPossible(
            f"some of the refused rows of {rules.name} came without a mapping",
            hint="mend them in the report, or leave --mapping out",
        )
    frame = pd.DataFrame(sent, dtype="str")
    # What was looked up, cut and hashed already stays; persons' numbers were not kept.
    columns = {
        name: theirs
        for name, theirs in given.columns.items()
        if theirs in frame and name not in given.hmac
    }
    none: dict[str, Any] = {"joins": [], "unpivot": None, "split": {}, "hmac": []}
    made = translated(
        given.model_copy(update=none | {"columns": columns}), frame, {}, zone=zone
    ).rows
    texts = made.astype("object").where(made.notna(), "").to_dict("records")
    mapped = []
    for (one, own), told in zip(again, texts, strict=True):
        exact, before = one.texts(rules), one.mended(rules)
        by_hand = {name for name in own if name in before or own[name] != exact[name]}
        mapped.append((one, own | {n: told[n] for n in told if n in own and n not in by_hand}))
    return mapped


def _days(rules: Table, given: Mapping | None) -> str:
    """A mapping of our own columns that reads days as another does, as YAML; '' for none."""
    if given is None or not given.dates:
        return ""
    own = [name for name in rules.by_name if name not in ("source", "source_id")]
    repeated = {
        "table": given.table,
        "source": {"name": given.source.name, "id": "{source_id}"},
        "columns": {name: name for name in own},
        "dates": list(given.dates),
    }
    return yaml.safe_dump(repeated, allow_unicode=True, sort_keys=False)
