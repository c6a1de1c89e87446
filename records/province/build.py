"""From parameters and a seed to a province on disk, the same bytes every time.

OUT/records/<table>.parquet    what a bureau's sources send, dirt included
OUT/truth/truth.parquet        the true probabilities, for evaluation alone
OUT/truth/dirt.parquet         which rows were spoilt
OUT/lists/*.csv                live firms and inspectors, for plans
OUT/province.json              parameters, seed, months; `synthetic: true`
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
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
from records.province.dirt import soil
from records.province.events import Events
from records.province.filings import Filings
from records.province.ledger import PREFIXES
from records.province.listings import Listings
from records.province.names import address_text, counties
from records.province.parameters import Parameters
from records.province.process import World, advance, found, generator
from records.province.renewals import Equipment, Licences
from records.province.reports import Reports
from records.province.visits import Inspectorate

FEWEST_FIRMS, FEWEST_MONTHS, MOST_MONTHS = 200, 6, 120
TRUTH_MONTHS = 18  # and the month to score
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
    progress: Progress | None = None,
) -> None:
    """Write a synthetic province whose last day is 2026-06-30.

    Parameters
    ----------
    out : folder to write; a province that stands there is replaced once the new one is whole.
    enterprises : firms ever registered, at least 200; about nine in ten live at the end.
    months : months of inspections, 6 to 120; other records reach further back.
    seed : fixes every bit.
    progress : called with (months done, months in all).

    Raises
    ------
    BadInput : a number is out of range, or `out` holds something that is not a province.
    """
    _check(out, enterprises, months, seed)
    parameters = parameters or Parameters.load()
    calendar = Calendar(history=12 * parameters.history_years, months=months)
    world, truth, inspectorate = _live(found(parameters, calendar, enterprises, seed), progress)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder:
        whole = Path(folder) / out.name
        _write(whole, world, truth, inspectorate)
        if out.exists():
            shutil.rmtree(out)
        whole.replace(out)


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


def _live(world: World, progress: Progress | None) -> tuple[World, pa.Table, Inspectorate]:
    """Let the province live month by month; keep the truth of its last months."""
    listings, events = Listings(world), Events(world)
    credit = Credit(world, listings, events)
    inspectorate = Inspectorate(world, Bureau(world, credit, events), listings)
    # The bureau comes first: what it chooses rests on what was known when the month began.
    reports, licences, equipment = Reports(world, listings), Licences(world), Equipment(world)
    rooms: list[Monthly] = [inspectorate, Filings(world), events, listings, reports]
    rooms += [licences, equipment, credit]
    truth, end = [], world.calendar.end
    for month in range(end + 1):
        advance(world)
        if month < end:
            for room in rooms:
                room.month(world)
        if month >= end - TRUTH_MONTHS:
            truth.append(_truth(world))
        if progress:
            progress(month, end)
    return world, pa.concat_tables(truth).combine_chunks(), inspectorate


def _truth(world: World) -> pa.Table:
    """entity_id, month, true_probability of every operating firm in scope."""
    firm = np.flatnonzero(world.operating & world.firms.in_scope)
    month = np.full(len(firm), world.calendar.start[world.month], np.int32)
    return pa.table(
        {
            "entity_id": world.firms.codes.take(pa.array(firm)),
            "month": pa.array(month).cast(pa.date32()),
            "true_probability": world.probability[firm],
        }
    )


def _write(out: Path, world: World, truth: pa.Table, inspectorate: Inspectorate) -> None:
    for name in ("records", "truth", "lists"):
        (out / name).mkdir(parents=True)
    notes = []
    for table in PREFIXES:
        rng = generator(world.seed, f"dirt:{table}")
        rows, dirty = soil(table, world.ledger.close(table), world.parameters.dirt, rng)
        parquet.write_table(rows.drop_columns("number"), out / "records" / f"{table}.parquet")
        notes.append(dirty)
    parquet.write_table(truth, out / "truth" / "truth.parquet")
    parquet.write_table(pa.concat_tables(notes), out / "truth" / "dirt.parquet")
    csv.write_csv(_objects(world), out / "lists" / "objects.csv")
    csv.write_csv(inspectorate.roll(), out / "lists" / "inspectors.csv")
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
