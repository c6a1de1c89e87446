"""Which rows are new records, copies of known ones, or corrections of them.

A record is named by (`source`, `source_id`). The same content again (the clock of knowing
aside) is a duplicate; other content is a correction: a new version, in force from its own
`known_time`, while the past as it was known stays what it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

KEY = ["source", "source_id"]
CLOCK = "known_time"


@dataclass(frozen=True)
class Sorted:
    """Rows to append with their `content`, `sequence` and `revision`, and what else there was."""

    rows: pa.Table
    duplicate: int
    corrected: int


def fingerprints(rows: pa.Table) -> pa.Array:
    """A hash of each row's content, all columns but `known_time`; equal content, equal hash.

    Only what is given counts, by name: a column declared later and null changes no hash.
    """
    parts = ", ".join(
        f"'{name}' || chr(1) || cast(\"{name}\" as varchar)"
        for name in sorted(rows.column_names)
        if name != CLOCK
    )
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        query = f"select sha256(concat_ws(chr(2), {parts})) from rows"  # noqa: S608 - our own names
        hashes = connection.sql(query).to_arrow_table()
    return hashes.column(0).combine_chunks()


def sort_out(rows: pa.Table, stored: pd.DataFrame, today: date) -> Sorted:
    """Tell new records, duplicates and corrections apart.

    Parameters
    ----------
    rows : typed rows in the order of the file.
    stored : KEY, `content`, `known_time`, `revision` of every stored version of any record.
    today : a correction that does not say when it became known is known from today.
    """
    content = fingerprints(rows)
    new = rows.select([*KEY, CLOCK]).to_pandas()
    new["content"] = content.to_pandas()
    fate, revision, known = _decide(new, stored, today)
    keep = fate != "duplicate"
    order = np.arange(len(stored), len(stored) + int(keep.sum()))
    kept = rows.set_column(rows.column_names.index(CLOCK), CLOCK, pa.array(known, pa.date32()))
    kept = (
        kept.append_column("content", content)
        .append_column("revision", pa.array(revision, pa.int64()))
        .filter(pa.array(keep))
    )
    kept = kept.append_column("sequence", pa.array(order, pa.int64()))
    return Sorted(kept, int((~keep).sum()), int((fate == "corrected").sum()))


def _decide(
    new: pd.DataFrame, stored: pd.DataFrame, today: date
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.int64], npt.NDArray[np.object_]]:
    """Fate, revision and known_time of each row; the common cases a column at a time."""
    fate = np.full(len(new), "new", dtype=object)
    revision = np.zeros(len(new), dtype=np.int64)
    known = new[CLOCK].to_numpy(dtype=object, copy=True)

    latest = stored.groupby(KEY)[CLOCK].max().rename("latest").reset_index()
    joined = new.merge(latest, on=KEY, how="left")
    copies = (
        new.merge(
            stored[[*KEY, "content"]].drop_duplicates(),
            on=[*KEY, "content"],
            how="left",
            indicator=True,
        )["_merge"]
        .eq("both")
        .to_numpy()
    )
    seen = joined["latest"].notna().to_numpy()
    old = pd.to_datetime(joined[CLOCK]).le(pd.to_datetime(joined["latest"])).to_numpy(bool)
    fate[copies & old] = "duplicate"

    # What is left needs its record's history: a later version, or a key twice in this file.
    rest = (seen | new.duplicated(KEY, keep=False).to_numpy()) & (fate == "new")
    if not rest.any():
        return fate, revision, known
    histories: dict[tuple[str, str], list[tuple[str, date]]] = {}
    touched = stored.merge(new.loc[rest, KEY].drop_duplicates(), on=KEY)
    for source, source_id, content, day in touched.sort_values("revision", kind="stable")[
        [*KEY, "content", CLOCK]
    ].itertuples(index=False):
        histories.setdefault((source, source_id), []).append((content, day))
    by_clock = new[rest].sort_values(CLOCK, kind="stable")
    for row, source, source_id, content, day in by_clock[[*KEY, "content", CLOCK]].itertuples():
        history = histories.setdefault((source, source_id), [])
        fate[row], known[row] = _next_version(history, content, day, today)
        if fate[row] != "duplicate":
            revision[row] = len(history)
            history.append((content, known[row]))
    return fate, revision, known


def _next_version(
    history: list[tuple[str, date]], content: str, day: date, today: date
) -> tuple[str, date]:
    if not history:
        return "new", day
    last_content, last_day = history[-1]
    if content == last_content:
        return "duplicate", day
    if day > last_day:
        return "corrected", day
    if any(content == earlier for earlier, _ in history):
        return "duplicate", day
    # It does not say when it became known; backdating it would rewrite the known past.
    return "corrected", max(today, last_day)
