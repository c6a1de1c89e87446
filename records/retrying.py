"""Refused rows taken in once more, mended in the report or by the mapping.

A retry is an ingest of its own: its file holds the rows as mended, and read = stored + duplicate
+ quarantined holds for it. The file is named by its content, and what it refused counts only once
the retry is on record, so that a retry that was killed is completed by doing it again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import yaml

from records import reshape, sheets
from records.errors import BadInput, NotFound, NotPossible
from records.files import fingerprint, write_parquet
from records.given import NOTHING, Values
from records.intake import Report, ingest
from records.mapping import Mapping
from records.quarantine import KEY, RESOLVED, Refusal, refusals
from records.schema import Table, declared
from records.store import Store

Row = tuple[Refusal, dict[str, str]]
"""A refusal, and its row's values as text by our column names; '' for none."""


def retry(
    store: Store,
    table: str,
    file: Path | None = None,
    mapping: Path | None = None,
    values: Values = NOTHING,
) -> Report:
    """Take refused rows in once more; the originals stay on record as resolved.

    Parameters
    ----------
    file : the report as mended, rows left out of it stay open; None tries all open rows as
        they are, which helps where the mapping or the declarations were what had to be mended.
    mapping : the mapping the rows came with, perhaps mended; its values, constants, dates and
        derived known_time apply again, to the rows of its own source, and its templates are
        filled where what they are made of was missing.
    values : what the mapping's `given` asks for.

    Raises
    ------
    NotFound : nothing is open, or no such file.
    BadInput : the report lacks a column or names a refusal that is not ours; nothing is stored.
    NotPossible : the mapping is of another table, or of another source than the report's rows.
    """
    rules = declared(table)
    applied = _applied(mapping, rules)
    with store.writing(f"_retry-{table}"):
        known = refusals(store, table)
        again = (
            [(one, one.texts(rules)) for one in known if one.open]
            if file is None
            else _mended(file, rules, known)
        )
        if applied is not None:
            again = _own(applied, again, file)
        if not again:
            of = f" from {applied.source.name}" if applied else ""
            raise NotFound(
                f"nothing of {table}{of} is left to retry", hint="`xinfen quarantine list`"
            )
        if applied is not None:
            again = _filled(applied, again)
        return _ingested(store, rules, again, _repeated(applied, rules), values)


def _ingested(
    store: Store,
    rules: Table,
    again: Sequence[Row],
    mapping: str,
    values: Values,
) -> Report:
    rows_tried = [[one.batch, one.at, texts] for one, texts in again]
    named = fingerprint([mapping, rows_tried, *([dict(values)] if values else [])])
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
        report = ingest(store, rules.name, file, rules_file if mapping else None, values=values)
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


def _mended(file: Path, rules: Table, known: Sequence[Refusal]) -> list[Row]:
    """Rows of a mended report; a cell that shows what it showed keeps its exact value."""
    by_key = {one.key: one for one in known}
    again: dict[str, Row] = {}
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


def _applied(mapping: Path | None, rules: Table) -> Mapping | None:
    if mapping is None:
        return None
    given = Mapping.load(mapping)
    if given.table != rules.name:
        raise NotPossible(
            f"{mapping.name} maps to {given.table}, not to {rules.name}",
            hint=f"give the mapping that {rules.name} came with",
        )
    return given


def _own(mapping: Mapping, again: Sequence[Row], file: Path | None) -> list[Row]:
    """The rows of the mapping's source; it would put its own name and constants on any other."""
    source = mapping.source.name
    others = sorted({texts["source"] for _, texts in again} - {source, ""})
    if file is not None and others:
        raise NotPossible(
            f"{file.name} holds rows of another source than the mapping's",
            found=", ".join(others),
            allowed=source,
            hint="retry each source's rows with the mapping they came with; nothing was stored",
        )
    return [(one, texts) for one, texts in again if texts["source"] not in others]


def _filled(mapping: Mapping, again: Sequence[Row]) -> list[Row]:
    """Rows with the ids and templates that what was missing kept from being made."""
    kept = {
        theirs: ours
        for ours, theirs in mapping.columns.items()
        if ours not in {*mapping.values, *mapping.units, *mapping.hmac, *mapping.split}
    }
    frame = pd.DataFrame([texts for _, texts in again]).replace("", None)
    for name, template in mapping.made().items():
        fields = reshape.fields(template)
        if fields and set(fields) <= set(kept):
            raw = pd.DataFrame({theirs: frame[kept[theirs]] for theirs in fields})
            frame[name] = frame[name].fillna(reshape.filled(raw, template))
    whole = frame.astype("object").where(frame.notna(), "")
    texts = (dict(zip(frame.columns, row, strict=True)) for row in whole.itertuples(index=False))
    return [(one, made) for (one, _), made in zip(again, texts, strict=True)]


def _repeated(given: Mapping | None, rules: Table) -> str:
    """The part of a mapping that applies to rows already under our names, as YAML; '' for none."""
    if given is None:
        return ""
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
        "given": {name: one.model_dump() for name, one in given.given.items()},
        "known_time": given.known_time.model_dump() if given.known_time else None,
    }
    return yaml.safe_dump(repeated, allow_unicode=True, sort_keys=False)
