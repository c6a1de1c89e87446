"""A part of a bureau's file as rows under our names, by the steps of its mapping.

All steps work on texts, in the one spelling of `records.cells`: what a step does not understand
stays as it was sent, for the checks to refuse. The source's own values go along, so that a row
that is refused can be kept whole.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from records import cells, dates, people, reshape
from records.declarations import Entry
from records.entries import Derived
from records.errors import BadInput, NotFound, NotPossible
from records.given import NOTHING, Values, filled
from records.mapping import Mapping
from records.schema import MAPPED, Table

ROW = "row"
"""The row's number in the file, for templates; a column of that name of the file's own wins."""


class Translated(NamedTuple):
    """Rows under our names, and the values of the source's own columns that each was made of."""

    rows: pd.DataFrame
    sent: pd.DataFrame


def translated(
    mapping: Mapping,
    frame: pd.DataFrame,
    others: dict[str, pd.DataFrame],
    first: int = 0,
    zone: str | None = None,
    values: Values = NOTHING,
) -> Translated:
    """A part of a file, mapped; values are texts, and still raw.

    Parameters
    ----------
    others : the files of the joins by name, as texts (`Mapping.others`).
    first : the number of the part's first row.
    zone : the store's time zone, for moments that name another.
    values : the `given` ones.

    Raises
    ------
    NotFound : the file lacks a column that the mapping names.
    NotPossible : a step does not fit the file's columns, or `hmac` is asked for without a key.
    """
    frame = _texts(mapping, frame, zone)
    for at in range(len(mapping.joins)):
        frame = _joined(mapping, at, frame, others)
    number = pd.Series(np.arange(first, first + len(frame)), dtype="str")
    if ROW not in frame:
        frame = frame.assign(**{ROW: number})
    if mapping.unpivot is not None:
        turned = mapping.unpivot
        _require(mapping, frame, dict.fromkeys(turned.columns, ("unpivot", "columns")))
        _is_free(mapping, frame, {turned.item, turned.value}, ("unpivot",))
        frame = reshape.unpivoted(frame, **turned.model_dump())
    _require(mapping, frame, mapping.named())
    for name, marks in mapping.split.items():
        frame = reshape.split(frame, mapping.columns[name], marks)
    hidden = _hashed(mapping, frame)
    rows = filled(_ours(mapping, frame, hidden), values, mapping.given)
    if mapping.known_time is not None:
        rows["known_time"] = _known(rows, mapping.known_time, mapping.dates, zone)
    return Translated(people.veiled(rows, MAPPED[mapping.table]), _sent(mapping, hidden))


def _texts(mapping: Mapping, frame: pd.DataFrame, zone: str | None) -> pd.DataFrame:
    """The frame with the columns that the mapping reads as texts."""
    read = mapping.reads()
    return frame.reset_index(drop=True).assign(
        **{name: cells.texts(frame[name], zone) for name in frame if name in read}
    )


def _joined(
    mapping: Mapping, at: int, frame: pd.DataFrame, others: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    join = mapping.joins[at]
    other = others[join.file]
    by = ("joins", at, "by")
    theirs: dict[str, Entry] = {
        name: ("joins", at, "columns", new) for new, name in join.columns.items()
    }
    _require(mapping, frame, dict.fromkeys(join.pairs, by))
    _require(mapping, other, dict.fromkeys(join.pairs.values(), by) | theirs)
    _is_free(mapping, frame, set(join.columns), ("joins", at, "columns"))
    return reshape.joined(frame, other, join.pairs, join.columns, join.file)


def _is_free(mapping: Mapping, frame: pd.DataFrame, names: set[str], entry: Entry) -> None:
    """New columns must not take the place of the file's own."""
    taken = names & set(frame)
    if taken:
        raise NotPossible(
            f"{mapping.where(entry)}: the file has such a column already",
            found=", ".join(sorted(taken)),
            hint="give the new column another name; nothing was stored",
        )


def _hashed(mapping: Mapping, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without an identity number in the open, for ids and for what is kept as sent."""
    numbers = {mapping.columns[name] for name in mapping.hmac if name in mapping.columns}
    if not numbers:
        return frame
    secret = people.key()
    return frame.assign(**{name: people.hashed(frame[name], secret) for name in numbers})


def _ours(mapping: Mapping, frame: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    size = len(frame)
    ours = {
        name: (frame if name in mapping.hmac else hidden)[theirs]
        for name, theirs in mapping.columns.items()
    }
    ours |= {name: _same(cells.text(value), size) for name, value in mapping.constants.items()}
    ours |= {name: reshape.filled(hidden, text) for name, text in mapping.templates.items()}
    for name, addends in mapping.sums.items():
        unit = mapping.units.get(name, "yuan")
        ours[name] = reshape.total(frame[addends].apply(reshape.in_fen, unit=unit))
    ours["source"] = _same(mapping.source.name, size)
    ours["source_id"] = reshape.filled(hidden, mapping.source.id)
    for name, codes in mapping.values.items():
        ours[name] = reshape.recoded(ours[name], codes)
    for name, unit in mapping.units.items():
        if name not in mapping.sums:
            ours[name] = reshape.in_fen(ours[name], unit)
    if mapping.hmac:
        secret = people.key()
        ours |= {name: people.hashed(ours[name], secret) for name in mapping.hmac}
    return pd.DataFrame(ours)


def _same(value: str | None, size: int) -> pd.Series:
    return pd.Series([value] * size, dtype="str")


def _known(rows: pd.DataFrame, derived: Derived, formats: list[str], zone: str | None) -> pd.Series:
    """The day a record could be known: as told (lifted to the floor), else so many days after.

    What is told but cannot be read is for the checks to refuse, not for us to guess.
    """
    after = dates.days(cells.column(rows[derived.after]), formats, zone)
    shift = pa.scalar(derived.days, pa.int32())
    later = pc.add(after.cast(pa.int32()), shift).cast(pa.date32())
    if "known_time" not in rows:
        return pd.Series(cells.spelled(later), dtype="str")
    told = cells.column(rows["known_time"])
    days = dates.days(told, formats, zone)
    if derived.floor:
        days = pc.if_else(pc.fill_null(pc.less(days, later), False), later, days)
    known = pc.coalesce(cells.spelled(days), cells.spelled(told), cells.spelled(later))
    return pd.Series(known, dtype="str")


def _sent(mapping: Mapping, hidden: pd.DataFrame) -> pd.DataFrame:
    """The source's columns that were read, but for persons' that are not hashed."""
    own = MAPPED[mapping.table].by_name
    persons = {
        theirs
        for name, theirs in mapping.columns.items()
        if own[name].form == "person" and name not in mapping.hmac
    }
    read = mapping.reads() - persons
    return hidden[[name for name in hidden if name in read]]


def _require(mapping: Mapping, frame: pd.DataFrame, named: dict[str, Entry]) -> None:
    for name, entry in sorted(named.items()):
        if name not in frame:
            raise NotFound.among(
                "column",
                name,
                map(str, frame.columns),
                hint=f"{mapping.where(entry)} names a column that the file does not have",
            )
        if f"{name}.1" in frame and f"{name}.1" not in named:
            raise BadInput(
                f"the file has several columns {name}",
                found=f"{name}, {name}.1",
                allowed="one column of a name that the mapping reads",
                hint=f"rename the one that {mapping.where(entry)} means; nothing was stored",
            )


def straight(frame: pd.DataFrame, table: Table, file: str) -> pd.DataFrame:
    """A file that already has our columns, unchanged; a column without name or value is left.

    Raises
    ------
    BadInput : a required column is absent, or a column is not ours (its values would be lost).
    """
    own = table.by_name
    absent = [name for name, column in own.items() if table.requires(column) and name not in frame]
    foreign = [
        str(name) for name in frame if name not in own and not _is_nothing(str(name), frame[name])
    ]
    if absent or foreign:
        told = {"missing": absent, "unknown": foreign}
        raise BadInput(
            f"{file} does not have the columns of {table.name}",
            found="; ".join(f"{what} {', '.join(names)}" for what, names in told.items() if names),
            allowed=", ".join(own),
            hint="rename the columns, or give a mapping file with --mapping",
        )
    return people.veiled(frame, table)


def _is_nothing(name: str, values: pd.Series) -> bool:
    return cells.UNNAMED.fullmatch(name) is not None and values.isna().all().item()
