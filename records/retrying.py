"""Refused rows taken in once more, mended in the report or by the mapping.

A retry is an ingest of its own: its file holds the rows as mended, and read = stored + duplicate
+ quarantined holds for it. The file is named by its content, and what it refused counts only once
the retry is on record, so that a retry that was killed is completed by doing it again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import yaml

from records import sheets
from records.errors import BadInput, NotFound, NotPossible
from records.files import fingerprint, write_parquet
from records.given import NOTHING, Values
from records.intake import Report, ingest
from records.mapping import Mapping
from records.quarantine import KEY, RESOLVED, Refusal, refusals
from records.schema import Table, declared
from records.store import Store
from records.translate import translated


class Tried(NamedTuple):
    """A refusal that is tried again, with these values of our columns ('' for none), and those
    of the columns that somebody mended in a report."""

    refusal: Refusal
    texts: dict[str, str]
    by_hand: frozenset[str]


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
    mapping : the mapping the rows came with, perhaps mended; it is applied again to what its
        source sent, but for its joins, unpivot, split and hmac. What was mended in a report
        stays as it is there, and fills the ids and templates that lacked it.
    values : what the mapping's `given` asks for.

    Raises
    ------
    NotFound : nothing is open, no such file, or the mapping does not ask for a value.
    NotPossible : a row came without a mapping, or the mapping is of another table, or of another
        source than the report's rows.
    BadInput : the report lacks a column or names a refusal that is not ours, or a value is given
        that is not allowed; nothing is stored.
    """
    rules = declared(table)
    applied = None if mapping is None else _of(rules, mapping)
    with store.writing(f"_retry-{table}"):
        known = refusals(store, table)
        again = (
            [Tried(one, one.texts(rules), one.by_hand) for one in known if one.open]
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
            again = _mapped(again, rules, applied, store.time_zone)
        return _ingested(store, rules, again, _last_steps(rules, applied), values)


def _ingested(
    store: Store, rules: Table, again: Sequence[Tried], mapping: str, values: Values
) -> Report:
    tried = [[one.refusal.batch, one.refusal.at, one.texts] for one in again]
    named = fingerprint([mapping, tried, *([dict(values)] if values else [])])
    name = f"retry-{named[:16]}.parquet"
    # The name in the file's own metadata: no two retries are ever the same batch.
    schema = pa.schema([(column, pa.string()) for column in rules.by_name], {"retry": named})
    rows = pa.Table.from_pylist(
        [{column: text or None for column, text in one.texts.items()} for one in again], schema
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
        (
            *(one.refusal.batch, one.refusal.at, name, row),
            "again" if row in refused else "accepted",
            sorted(one.by_hand),
        )
        for row, one in enumerate(again, 1)
    ]
    columns = [list(column) for column in zip(*resolved, strict=True)]
    store.append_resolved(rules.name, pa.table(columns, schema=RESOLVED), name)
    return report


def _mended(file: Path, rules: Table, known: Sequence[Refusal]) -> list[Tried]:
    """Rows of a mended report; a cell that shows what it showed keeps its exact value."""
    by_key = {one.key: one for one in known}
    again: dict[str, Tried] = {}
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
        one = by_key[key]
        exact = one.texts(rules)
        mended = {name for name, text in exact.items() if own[name] != sheets.shown(text)}
        texts = exact | {name: own[name] for name in mended}
        again[key] = Tried(one, texts, one.by_hand | mended)
    return list(again.values())


def _of(rules: Table, mapping: Path) -> Mapping:
    given = Mapping.load(mapping)
    if given.table != rules.name:
        raise NotPossible(
            f"{mapping.name} maps to {given.table}, not to {rules.name}",
            hint=f"give the mapping that {rules.name} came with",
        )
    return given


def _own(mapping: Mapping, again: Sequence[Tried], file: Path | None) -> list[Tried]:
    """The rows of the mapping's source; it would put its own name and constants on any other."""
    source = mapping.source.name
    others = sorted({one.texts["source"] for one in again} - {source, ""})
    if file is not None and others:
        raise NotPossible(
            f"{file.name} holds rows of another source than the mapping's",
            found=", ".join(others),
            allowed=source,
            hint="retry each source's rows with the mapping they came with; nothing was stored",
        )
    return [one for one in again if one.texts["source"] not in others]


def _mapped(again: Sequence[Tried], rules: Table, mapping: Mapping, zone: str) -> list[Tried]:
    """The rows as a mapping makes them of what was sent; what was mended by hand stays."""
    sent = [one.refusal.sent for one in again]
    if None in sent:
        raise NotPossible(
            f"some of the refused rows of {rules.name} came without a mapping",
            hint="mend them in the report, or leave --mapping out",
        )
    frame = pd.DataFrame(sent, dtype="str")
    # What was looked up, cut and hashed already stays; persons' numbers were not kept.
    columns = {
        name: theirs
        for name, theirs in mapping.columns.items()
        if name not in mapping.hmac and (theirs in frame or rules.by_name[name].form != "person")
    }
    lost = sorted(set(columns.values()) - set(frame))
    if lost:
        raise NotPossible(
            f"{mapping.where(('columns',))}: columns that no mapping read when the rows came",
            found=", ".join(lost),
            hint="ingest the file again with this mapping; what is stored already is a duplicate",
        )
    for name in set(columns) - {*mapping.values, *mapping.units, *mapping.split}:
        # What was missing from an id, and is filled in by hand, is now part of it.
        by_hand = [one.texts[name] or None if name in one.by_hand else None for one in again]
        frame[columns[name]] = frame[columns[name]].fillna(pd.Series(by_hand, dtype="str"))
    left: dict[str, Any] = {"joins": [], "unpivot": None, "split": {}, "hmac": []}
    left |= {"given": {}, "known_time": None}  # steps that are still to come
    made = translated(mapping.model_copy(update=left | {"columns": columns}), frame, {}, zone=zone)
    told = made.rows.astype("object").where(made.rows.notna(), "").to_dict("records")
    return [
        one._replace(texts=_laid_over(one, texts, mapping))
        for one, texts in zip(again, told, strict=True)
    ]


def _laid_over(one: Tried, told: Mapped[Any, str], mapping: Mapping) -> dict[str, str]:
    """What a mapping tells of a row over what it was, under what was mended by hand."""
    if mapping.known_time is not None:
        told = {"known_time": "", **told}  # derived anew, where nobody wrote it
    given_before = {name for name in mapping.fills() if not told.get(name)}
    kept = one.by_hand | given_before
    return {
        name: text if name in kept else told.get(name, text) for name, text in one.texts.items()
    }


def _last_steps(rules: Table, mapping: Mapping | None) -> str:
    """The steps of a mapping that rows under our names still go through, as YAML; '' for none."""
    if mapping is None:
        return ""
    last = {
        "table": mapping.table,
        "source": {"name": mapping.source.name, "id": "{source_id}"},
        "columns": {name: name for name in rules.by_name if name not in ("source", "source_id")},
        "dates": list(mapping.dates),
        "given": {name: one.model_dump() for name, one in mapping.given.items()},
        "known_time": mapping.known_time.model_dump() if mapping.known_time else None,
    }
    return yaml.safe_dump(last, allow_unicode=True, sort_keys=False)
