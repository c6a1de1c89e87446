"""From parameters and a seed to a province on disk, the same bytes every time.

OUT/records/<table>.parquet    what a bureau's sources send, dirt included
OUT/truth/*.parquet            the true probabilities and ends of firms, for evaluation alone
OUT/truth/dirt.parquet         which rows were spoilt
OUT/lists/*.csv                live firms and inspectors, for plans
OUT/province.json              parameters, seed, months; `synthetic: true`
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as parquet
import rfc8785

from records.errors import BadInput
from records.province.bureau import Bureau
from records.province.clock import AS_OF, LAST_DAY, Calendar, as_date
from records.province.credit import Credit
from records.province.dirt import NOTES, Soil
from records.province.events import Events
from records.province.filings import Filings
from records.province.ledger import PREFIXES
from records.province.listings import Listings
from records.province.names import address_text, counties
from records.province.parameters import Parameters
from records.province.process import World, advance, found
from records.province.renewals import Equipment, Licences
from records.province.reports import Reports
from records.province.spill import HELD, Spill
from records.province.truth import Truth, write_people
from records.province.visits import Inspectorate
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
    held : bytes of records to hold in memory before they wait on disk, beside `out`; no bit of
        the province depends on it.
    progress : called with (steps done, steps in all): the months, then the tables.

    Raises
    ------
    BadInput : a number is out of range, or `out` holds something that is not a province.
    """
    _check(out, enterprises, months, seed)
    parameters = parameters or Parameters.load()
    calendar = Calendar(history=12 * parameters.history_years, months=months)
    told, of = progress or _nobody, calendar.end + 1 + len(PREFIXES)
    out.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder,
        Spill(Path(folder), held) as spill,
    ):
        whole = Path(folder) / out.name
        for name in ("records", "truth", "lists"):
            (whole / name).mkdir(parents=True)
        world = found(parameters, calendar, enterprises, seed, spill)
        inspectorate = _live(world, whole / "truth", lambda done: told(done, of))
        write_people(whole / "truth", world, inspectorate.staff)
        _close(world, whole, lambda done: told(calendar.end + 1 + done, of))
        _describe(world, whole, inspectorate)
        if out.exists():
            shutil.rmtree(out)
        whole.replace(out)


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


def _live(world: World, truth: Path, told: Callable[[int], None]) -> Inspectorate:
    """Let the province live month by month; write down the truth of its last months."""
    listings, events = Listings(world), Events(world)
    credit = Credit(world, listings, events)
    inspectorate = Inspectorate(world, Bureau(world, credit, events), listings)
    # The bureau comes first: what it chooses rests on what was known when the month began.
    reports, licences, equipment = Reports(world, listings), Licences(world), Equipment(world)
    rooms: list[Monthly] = [inspectorate, Filings(world), events, listings, reports]
    rooms += [licences, equipment, credit]
    with ExitStack() as files:
        book = Truth(truth, files)
        for month in range(world.calendar.end + 1):
            advance(world)
            if month < world.calendar.end:
                for room in rooms:
                    room.month(world)
            book.month(world)
            told(month + 1)
    return inspectorate


def _close(world: World, out: Path, told: Callable[[int], None]) -> None:
    """Close the books table by table, a row group a block, and note what was spoilt."""
    with parquet.ParquetWriter(out / "truth" / "dirt.parquet", NOTES) as notes:
        for done, table in enumerate(PREFIXES):
            number = world.ledger.numbers.get(table, 0)
            soil = Soil(table, world.parameters.dirt, world.seed, number)
            path = out / "records" / f"{table}.parquet"
            with parquet.ParquetWriter(path, TABLES[table].arrow) as file:
                for block, rows in world.ledger.close(table):
                    file.write_table(soil.spoil(block, rows).drop_columns("number"))
                if soil.extra:
                    file.write_table(pa.concat_tables(soil.extra).drop_columns("number"))
            if soil.notes:
                notes.write_table(pa.concat_tables(soil.notes))
            told(done + 1)


def _describe(world: World, out: Path, inspectorate: Inspectorate) -> None:
    """The lists to plan with, and what the province is."""
    csv.write_csv(_objects(world), out / "lists" / "objects.csv")
    csv.write_csv(inspectorate.staff.roll(), out / "lists" / "inspectors.csv")
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


def _objects(world: World) -> pa.Table:
    """The list of objects to draw from: firms live as far as the bureau knows."""
    firms = world.firms
    live = np.flatnonzero((world.registered_known < AS_OF) & (world.struck_known >= AS_OF))
    rows, county = pa.array(live), firms.county[live]
    table = pa.table(
        {
            "entity_id": firms.codes.take(rows),
            "name": firms.names.take(rows),
            "division": counties().code.take(pa.array(county)),
            "address": address_text(county, firms.address[live]),
            "status": pa.repeat("live", len(live)),
        }
    )
    return table.sort_by("entity_id")
