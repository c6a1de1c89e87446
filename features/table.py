"""From a spine of (firm, date) rows to the indicator table, as it was known on each date.

What rests on many firms is found once; the rest a range of firms at a time, each range a file
that is whole or absent, so that memory is bounded and a killed build goes on where it was.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from features import cache, pieces
from features.cache import Folder
from features.catalogue import Catalogue
from features.clocks import ROW
from features.engine import engine
from features.indicator import Indicator
from features.known import Asked, Known
from features.pieces import Piece, tables_of
from features.spine import Spine
from records.errors import NotPossible
from records.schema import TABLES
from records.store import Snapshot

FIRM = ["name", "entity_type", "industry", "division", "address", "status", "established_on"]
"""What a population tells of a firm besides its id."""

SYNTHETIC = "合成"
"""How the name of a synthetic province's source begins."""

CELLS = 40_000_000
"""Values of one part: at 8 bytes and some copies of each, a part takes some 2 GB."""

Progress = Callable[[int, int, str], None]
"""Told how much is done, of how much, and what comes next."""


class MissingTable(UserWarning):
    """A table of the catalogue has no records; its indicators are null."""


@dataclass(frozen=True)
class FeatureTable:
    """Indicators by firm and date, in Parquet files sorted by firm and date.

    Columns are `entity_id`, `as_of` (a date) and one float64 an indicator (null: unknown).
    """

    folder: Folder

    @property
    def parts(self) -> tuple[Path, ...]:
        """Its files, in the order of the rows."""
        return self.folder.parts

    @property
    def snapshot(self) -> str:
        """The records it was made from."""
        return self.folder.about["snapshot"]

    @property
    def version(self) -> str:
        """The catalogue's version, and `hash` its content."""
        return self.folder.about["catalogue_version"]

    @property
    def hash(self) -> str:
        return self.folder.about["catalogue_hash"]

    @property
    def as_of(self) -> str:
        """Its date, or the first and the last of several."""
        return self.folder.about["as_of"]

    @property
    def day(self) -> date | None:
        """Its one date, or None where there are several."""
        return None if ".." in self.as_of else date.fromisoformat(self.as_of)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All rows at once."""
        return _with_dates(pa.concat_tables(cache.rows_of(self.parts)).to_pandas())

    def write(self, path: Path) -> None:
        """Write as one Parquet file, with the names of its origin in the file's metadata."""
        cache.joined(self.parts, path)


def build(
    records: Snapshot,
    spine: pd.DataFrame,
    catalogue: Catalogue,
    *,
    on: str = "duckdb",
    progress: Progress = lambda *_: None,
) -> FeatureTable:
    """Compute every indicator of a catalogue for every row of a spine.

    The same records, spine and catalogue give the same files, bit for bit; they are kept under
    a name made of these and not computed twice.

    Parameters
    ----------
    records : the snapshot to read; only records with ``known_time < as_of`` count.
    spine : rows of `entity_id` (text) and `as_of` (date); repeated rows count once.
    catalogue : the indicators.
    on : the engine, ``duckdb`` or ``spark``.

    Raises
    ------
    BadInput : the spine is empty or lacks a column.
    NotPossible : an as-of date before the first record was known, or no such engine here.
    """
    asked = Spine.of(spine)
    folder = cache.folder(records, asked, catalogue, on)
    if not folder.whole:
        with engine(on) as running:
            Building(Known(records, running), asked, catalogue).into(folder, progress)
    for table, ids in folder.absent.items():
        warnings.warn(f"no records in {table}: {', '.join(ids)} are null", MissingTable, 2)
    return FeatureTable(folder)


class Building:
    """The making of a table: what rests on many firms once, the firms' own records in parts."""

    def __init__(self, known: Known, spine: Spine, catalogue: Catalogue) -> None:
        self.known, self.spine, self.catalogue = known, spine, catalogue
        self.absent: dict[str, list[str]] = {}
        self.chosen: list[Indicator] = []
        for one in catalogue.indicators:
            lacking = [name for name in tables_of(one, catalogue) if not known.has(name)]
            if lacking:
                self.absent.setdefault(min(lacking), []).append(one.id)
            else:
                self.chosen.append(one)

    def into(self, folder: Folder, progress: Progress) -> None:
        """Write the parts that are not there yet, then declare the table whole.

        Raises
        ------
        NotPossible : an as-of date before the first record was known.
        """
        engine = self.known.engine
        _check_dates(self.known, self.spine)
        ranges = self.spine.ranges(
            CELLS // len(self.catalogue.indicators) if engine.parts else None
        )
        for at, part in enumerate(ranges):
            progress(at, len(ranges), f"{part.rows.num_rows:,} of {self.spine.rows.num_rows:,}")
            if not folder.part(part).exists():
                engine.write(self.part(part), folder.part(part), folder.about)
        folder.finish(ranges, self.absent)

    @cached_property
    def of_many(self) -> list[Piece]:
        """What rests on many firms."""
        asked = self.spine.asked(self.known.engine, "all")
        return list(pieces.of_many(self.known, asked, self.catalogue, self.chosen))

    def part(self, part: Spine) -> ir.Table:
        """The rows of a range of firms, in order."""
        asked = part.asked(self.known.engine, "part", whole=self.spine)
        found = [_within(piece, asked) for piece in self.of_many] + list(self.own(asked))
        rows = pieces.filled(pieces.joined(asked.rows, found), self.chosen)
        rows = pieces.derived(rows, self.chosen)
        never = {name: ibis.null("float64") for ids in self.absent.values() for name in ids}
        columns = [one.id for one in self.catalogue.indicators]
        return rows.mutate(**never).select(*ROW, *columns).order_by(ROW)

    def own(self, asked: Asked) -> Iterator[Piece]:
        """What rests on the firms' own records."""
        for piece in pieces.own(self.known, asked, self.chosen):
            yield replace(piece, rows=self.settled(piece.name, piece.rows))
        yield from self.in_python(asked)

    def in_python(self, asked: Asked) -> Iterator[Piece]:
        """What is measured in Python."""
        for piece in pieces.in_python(self.known, asked, self.chosen):
            yield replace(piece, rows=self.settled(piece.name, piece.rows))

    def settled(self, name: str, rows: ir.Table) -> ir.Table:
        """Rows of the part at hand, computed."""
        return self.known.engine.settle(f"part_{name}", rows)


def _within(piece: Piece, asked: Asked) -> Piece:
    if asked.between is None:
        return piece
    return replace(piece, rows=piece.rows.filter(piece.rows.entity_id.between(*asked.between)))


def population(records: Snapshot, as_of: date) -> pd.DataFrame:
    """Every enterprise registered and known on a date.

    Returns a frame with `entity_id`, `as_of`, the columns of FIRM, and the newest known
    `public_score` and `public_grade` (null: none yet), sorted by `entity_id`.
    """
    if "enterprises" not in records.tables:
        raise NotPossible("the store has no enterprises", hint="ingest the registrations first")
    with engine("duckdb") as running:
        known = Known(records, running)
        day = Spine.of(pd.DataFrame({"entity_id": [""], "as_of": [as_of]}))
        _check_dates(known, day)
        asked = replace(day.asked(running, "day"), everyone=True)
        firms = known.newest("enterprises", asked, FIRM)
        if known.has("public_grades"):
            grades = known.newest("public_grades", asked, ["score", "grade"])
            firms = firms.left_join(grades, ROW).select(
                firms, public_score=grades.score, public_grade=grades.grade
            )
        else:
            firms = firms.mutate(public_score=ibis.null("int64"), public_grade=ibis.null("string"))
        return _with_dates(firms.order_by("entity_id").to_pandas())


def table_on(records: Snapshot, name: str, as_of: date) -> pd.DataFrame:
    """All records of a table in force on a date, with their declared columns."""
    with engine("duckdb") as running:
        known = Known(records, running)
        day = Spine.of(pd.DataFrame({"entity_id": [""], "as_of": [as_of]}))
        rows = known.rows(name, replace(day.asked(running, "day"), everyone=True))
        frame: pd.DataFrame = rows.select(*TABLES[name].known).to_pandas()
        return frame


def synthetic(records: Snapshot) -> bool:
    """Whether any registration comes from a source that calls itself synthetic (合成)."""
    if "enterprises" not in records.tables:
        return False
    with engine("duckdb") as running:
        source = Known(records, running).versions("enterprises").source
        return bool(source.startswith(SYNTHETIC).any().execute())


def _with_dates(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(as_of=pd.to_datetime(frame["as_of"]).dt.date)


def _check_dates(known: Known, spine: Spine) -> None:
    first = known.first_known()
    if first is None or spine.first <= first:
        raise NotPossible(
            f"nothing was known yet on {spine.first}",
            found=str(spine.first),
            allowed=f"a date after {first}, when the first record became known",
            hint="choose a later --as-of, or ingest older records",
        )
