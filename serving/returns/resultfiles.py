"""A bureau's file of results as rows of our form, typed, each with the number of its row.

Any file that `xinfen ingest` reads, in our columns or through a mapping. A mapping makes rows of
`visit_results`; one of `inspections` serves too, such as the publicity system's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from records import cells, checks, faults, identity, readers, reshape
from records.entries import Source
from records.errors import BadInput, NotFound
from records.files import file_hash, fingerprint
from records.mapping import Mapping, find
from records.schema import VISIT_RESULTS
from records.translate import ROW, straight, translated
from supervision.returns.drawnvisits import Drawn
from supervision.returns.refusals import REFUSED
from supervision.returns.results import FORM

MARKS = ";；"
"""Part several result codes in one cell."""

OF_RECORDS = {"event_time": "inspected_on", "inspection_id": "visit", "known_time": "entered_on"}
"""Columns of a mapping to `inspections` as the form has them. Its visits and days of knowing are
the sender's own, and count only for a plan that was drawn elsewhere."""

ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Read:
    """A file's rows: `rows` (`returns.results.FORM`) are well formed, `refused` are not.

    `count` is how many there are, `hash` names the file's and the mapping's content.
    """

    rows: pd.DataFrame
    refused: pd.DataFrame
    count: int
    hash: str


def read(file: Path, mapping: Path | None, drawn: Drawn, on: date, zone: str = ZONE) -> Read:
    """Read a file of results.

    Parameters
    ----------
    mapping : a mapping file or the name of a shipped one; null: the file has our columns.
    on : the day of taking in.

    Raises
    ------
    NotFound, BadInput, BadDefinition : file or mapping cannot be read; nothing is taken in.
    """
    found = find(mapping) if mapping is not None else None
    rules = _rules(found) if found is not None else None
    raw = pd.concat(list(_parts(file, rules, drawn, zone)), ignore_index=True)
    if "result" in raw:
        raw = reshape.split(raw.assign(result=cells.texts(raw["result"])), "result", MARKS)
    raw = _known_ids(raw, drawn)
    checked = checks.check(
        raw, VISIT_RESULTS, id_scheme="opaque", today=on, time_zone=zone,
        date_formats=rules.dates if rules else (),
    )  # fmt: skip
    rows = pd.DataFrame({name: column.to_pylist() for name, column in checked.columns.items()})
    rows = rows.astype(object).assign(row=raw["row"].astype("int64"))
    bad = rows["row"].isin(rows["row"].iloc[list(checked.faults)])  # a row is whole, or refused
    named = [file_hash(file), file_hash(found) if found else ""]
    return Read(
        rows=rows[~bad].reindex(columns=list(FORM)).reset_index(drop=True),
        refused=_refused(checked, raw["row"]),
        count=rows["row"].nunique(),
        hash=fingerprint(named),
    )


def _rules(path: Path) -> Mapping:
    rules = Mapping.load(path)
    if rules.table not in (VISIT_RESULTS.name, "inspections"):
        raise NotFound(
            f"{path.name} maps to {rules.table}, not to results",
            allowed=f"a mapping to {VISIT_RESULTS.name} or inspections",
        )
    if rules.given:
        raise BadInput(
            f"{path.name} asks for given values", found=", ".join(rules.given),
            hint="results say every row's day themselves",
        )  # fmt: skip
    # The row's number goes along as its id, whatever the mapping's steps make of the rows.
    numbered = Source(name=rules.source.name, id=f"{{{ROW}}}", file=rules.source.file)
    return rules.model_copy(update={"source": numbered})


def _parts(file: Path, rules: Mapping | None, drawn: Drawn, zone: str) -> Iterator[pd.DataFrame]:
    first = 0
    others = rules.others(file.parent, zone) if rules else {}
    for frame in readers.batches(file, header=rules.header if rules else 1):
        if rules is None:
            rows = straight(frame, VISIT_RESULTS, file.name).reset_index(drop=True)
            rows = rows.loc[:, [name for name in rows if name in VISIT_RESULTS.by_name]]
            numbers = pd.Series(range(first + 1, first + len(rows) + 1))
        else:
            rows = translated(rules, frame, others, first, zone).rows.reset_index(drop=True)
            numbers = pd.Series(range(first + 1, first + len(rows) + 1))
            if ROW not in frame:  # else it is the file's own column
                numbers = rows["source_id"].astype("int64") + 1
            if rules.table == "inspections":
                rows = _of_records(rows, drawn)
        yield rows.assign(row=numbers.astype("int64"))
        first += len(frame)


def _of_records(rows: pd.DataFrame, drawn: Drawn) -> pd.DataFrame:
    own = {"inspection_id", "known_time"}
    names = {
        theirs: ours for theirs, ours in OF_RECORDS.items() if drawn.elsewhere or theirs not in own
    }
    kept = rows.drop(columns=[name for name in own if name in rows and name not in names])
    return kept.rename(columns=names)


def _known_ids(raw: pd.DataFrame, drawn: Drawn) -> pd.DataFrame:
    """Credit codes with spaces, wide or small letters undone, where that finds a drawn firm."""
    firms, told = set(drawn.visits["entity_id"]), {}
    for name in ("entity_id", "swapped_for"):
        if name in raw:
            given = cells.texts(raw[name])
            mended = identity.repair(given)
            told[name] = given.where(given.isin(firms) | ~mended.isin(firms), mended)
    return raw.assign(**told)


def _refused(checked: checks.Checked, numbers: pd.Series) -> pd.DataFrame:
    """The faults of the form, in both languages."""
    at_rows = numbers.astype("int64").tolist()
    rows = [
        {
            "row": at_rows[at],
            "field": fault.field,
            "found": fault.found,
            "problem_zh": faults.zh(fault.problem, VISIT_RESULTS, fault.field),
            "problem_en": fault.problem,
            "allowed_zh": faults.zh(fault.allowed, VISIT_RESULTS, fault.field),
            "allowed_en": fault.allowed,
        }
        for at, told in sorted(checked.faults.items())
        for fault in told
    ]
    told = pd.DataFrame(rows, columns=list(REFUSED)).astype({"row": "int64"})
    return told.drop_duplicates(ignore_index=True)
