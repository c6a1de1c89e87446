"""From parameters and a seed to a province on disk, the same bytes every time.

OUT/records/<table>.parquet    what a bureau's sources send, dirt included
OUT/truth/*.parquet            the true probabilities and ends of firms, for evaluation alone
OUT/truth/dirt.parquet         which rows were spoilt
OUT/lists/*.csv                live firms and inspectors, for plans
OUT/province.json              parameters, seed, months; `synthetic: true`
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as parquet
import rfc8785

from records.errors import BadInput
from records.province.bureau import Bureau
from records.province.clock import AS_OF, LAST_DAY, Calendar, as_date
from records.province.dirt import NOTES, Soil
from records.province.folder import put, unfinished
from records.province.ledger import PREFIXES
from records.province.lists import Kept, write_lists
from records.province.parameters import Parameters
from records.province.process import advance, found
from records.province.spill import HELD, Spill
from records.province.streams.complaints import Complaints
from records.province.streams.courts import Courts
from records.province.streams.credit import Credit
from records.province.streams.endings import Endings
from records.province.streams.equipment import Equipment
from records.province.streams.evaluations import Evaluations
from records.province.streams.fields import Fields
from records.province.streams.filings import Filings
from records.province.streams.licences import Licences
from records.province.streams.listings import Listings
from records.province.streams.media import Media
from records.province.streams.penalties import Penalties
from records.province.streams.pledges import Pledges
from records.province.streams.reports import Reports
from records.province.streams.samples import Samples
from records.province.streams.signals import Signals
from records.province.truth import MONTHS, Truth, write_people
from records.province.visits import Inspectorate
from records.province.world import World
from records.province.written import words_of
from records.schema import TABLES

FEWEST_FIRMS, FEWEST_MONTHS, MOST_MONTHS = 200, 6, 120
Progress = Callable[[int, int], None]


class Monthly(Protocol):
    """A part of the province that does something every month."""

    def month(self, world: World) -> None: ...


def generate(
    out: Path,
    *,
    enterprises: int,
    months: int,
    seed: int,
    parameters: Parameters | None = None,
    truth_months: int = MONTHS,
    held: int = HELD,
    progress: Progress | None = None,
) -> None:
    """Write a synthetic province whose last day is 2026-06-30.

    Parameters
    ----------
    out : folder to write; a province that stands there is replaced once the new one is whole.
    enterprises : firms ever registered, at least 200; about nine in ten live at the end.
    months : months of inspections, 6 to 120; other records reach further back.
    seed : fixes every bit.
    parameters : the shipped ones if absent.
    truth_months : the truth is kept of so many last months and of the month to score.
    held : bytes of records to hold in memory before they wait on disk, beside `out`; no bit of
        the province depends on it.
    progress : called with (steps done, steps in all): the months, then the tables.

    Raises
    ------
    BadInput : a number is out of range, or `out` holds something that is not a province.
    """
    _check(out, enterprises, months, seed)
    if truth_months < 1:
        raise BadInput("too few months of truth", found=str(truth_months), allowed="1 or more")
    parameters = parameters or Parameters.load()
    calendar = Calendar(history=12 * parameters.history_years, months=months)
    told, of = progress or _nobody, calendar.end + 1 + len(PREFIXES)
    with unfinished(out) as folder, Spill(folder, held) as spill:
        whole = folder / "whole"
        for name in ("records", "truth", "lists"):
            (whole / name).mkdir(parents=True)
        world = found(parameters, calendar, enterprises, seed, spill)
        with ExitStack() as files:
            book = Truth(whole / "truth", files, truth_months)
            inspectorate, kept = _live(world, book, lambda done: told(done, of))
        write_people(whole / "truth", world, inspectorate.staff)
        write_lists(whole / "lists", world, inspectorate.staff, kept)
        _close(world, whole, lambda done: told(calendar.end + 1 + done, of))
        _describe(world, whole)
        put(whole, out, folder)


def _nobody(_done: int, _of: int) -> None:
    """Nobody watches the progress."""


def _check(out: Path, enterprises: int, months: int, seed: int) -> None:
    if enterprises < FEWEST_FIRMS:
        raise BadInput(
            "too few enterprises", found=str(enterprises), allowed=f"{FEWEST_FIRMS} or more"
        )
    if not FEWEST_MONTHS <= months <= MOST_MONTHS:
        raise BadInput(
            "months out of range", found=str(months), allowed=f"{FEWEST_MONTHS} to {MOST_MONTHS}"
        )
    if seed < 0:
        raise BadInput("negative seed", found=str(seed), allowed="0 or more")
    foreign = out.is_dir() and any(out.iterdir()) and not (out / "province.json").exists()
    if out.is_file() or foreign:
        raise BadInput(
            f"{out} holds something that is not a province",
            allowed="a new or empty folder, or an earlier province",
            hint="name another folder",
        )


def _live(world: World, book: Truth, told: Callable[[int], None]) -> tuple[Inspectorate, Kept]:
    """Let the province live month by month; write down the truth of its last months."""
    inspectorate, kept, rooms = _rooms(world)
    for month in range(world.calendar.end + 1):
        advance(world)
        if month < world.calendar.end:
            for room in rooms:
                room.month(world)
        book.month(world)
        told(month + 1)
    return inspectorate, kept


def _rooms(world: World) -> tuple[Inspectorate, Kept, list[Monthly]]:
    """Everything that happens in a month, in its order, and the registers kept beside the records.

    The bureau comes first: what it chooses rests on what was known when the month began.
    """
    listings, complaints, courts = Listings(world), Complaints(world), Courts(world)
    licences, filings = Licences(world), Filings(world)
    penalties, credit = Penalties(world, licences), Credit(world, listings, courts)
    bureau = Bureau(world, credit, complaints)
    inspectorate = Inspectorate(world, bureau, listings, penalties)
    reports = Reports(world, listings, filings.holders)
    rooms: list[Monthly] = [inspectorate, filings, penalties, complaints, Samples(world), courts]
    equipment = Equipment(world)
    rooms += [Fields(world), listings, reports, licences, equipment, Pledges(world)]
    rooms += [Media(world), Evaluations(world), Signals(world), Endings(world), credit]
    return inspectorate, Kept(licences, equipment), rooms


def _close(world: World, out: Path, told: Callable[[int], None]) -> None:
    """Close the books table by table, a row group a block, and note what was spoilt."""
    with parquet.ParquetWriter(out / "truth" / "dirt.parquet", NOTES) as notes:
        for done, table in enumerate(PREFIXES):
            for spoilt in _write(world, table, out / "records" / f"{table}.parquet"):
                notes.write_table(spoilt)
            told(done + 1)


def _write(world: World, table: str, path: Path) -> Iterator[pa.Table]:
    """Write a table; what was spoilt in it."""
    number = world.ledger.numbers.get(table, 0)
    soil = Soil(table, world.parameters.dirt, world.seed, number)
    with ExitStack() as files:
        file: parquet.ParquetWriter | None = None
        for block, rows in world.ledger.close(table):
            sent = soil.spoil(block, rows)
            file = file or files.enter_context(_file(path, sent))
            file.write_table(sent)
        if file is None:
            files.enter_context(_file(path, TABLES[table].arrow.empty_table()))
        elif soil.extra:
            file.write_table(pa.concat_tables(soil.extra).cast(file.schema))
    if soil.notes:
        yield pa.concat_tables(soil.notes)


def _file(path: Path, rows: pa.Table) -> parquet.ParquetWriter:
    """A file for rows like these. It holds plain texts: their dictionaries are only how the words
    wait; names of records differ by a few digits each, which is what the encoding is for."""
    return parquet.ParquetWriter(
        path, rows.schema, store_schema=False,
        use_dictionary=words_of(rows), column_encoding={"source_id": "DELTA_BYTE_ARRAY"},
    )  # fmt: skip


def _describe(world: World, out: Path) -> None:
    """What the province is."""
    described = {
        "synthetic": True,
        "enterprises": len(world.firms),
        "months": world.calendar.months,
        "seed": world.seed,
        "first_month": as_date(int(world.calendar.start[world.calendar.inspected])).isoformat(),
        "first_record_month": as_date(int(world.calendar.start[0])).isoformat(),
        "last_month": as_date(int(world.calendar.start[world.calendar.end - 1])).isoformat(),
        "last_day": as_date(LAST_DAY).isoformat(),
        "as_of": as_date(AS_OF).isoformat(),
        "parameters": world.parameters.model_dump(mode="json"),
    }
    (out / "province.json").write_bytes(rfc8785.dumps(described))
