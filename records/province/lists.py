"""The lists to plan with: objects to draw from, and inspectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from records import sheets
from records.province.clock import AS_OF
from records.province.names import address_text, counties
from records.province.staff import Staff
from records.province.texts.registration import name_of
from records.province.world import World


def write_lists(folder: Path, world: World, staff: Staff) -> None:
    """Write `objects.csv` and `inspectors.csv`."""
    sheets.write_csv(folder / "objects.csv", _objects(world))
    sheets.write_csv(folder / "inspectors.csv", staff.roll())


def _objects(world: World) -> pa.Table:
    """Firms live as far as the bureau knows."""
    firms = world.firms
    live = np.flatnonzero((world.registered_known < AS_OF) & (world.struck_known >= AS_OF))
    county = firms.county[live]
    table = pa.table(
        {
            "entity_id": firms.codes.take(pa.array(live)),
            "name": name_of(firms, live, firms.name[live]),
            "division": counties().code.take(pa.array(county)),
            "address": address_text(county, firms.address[live]),
            "status": pa.repeat("live", len(live)),
        }
    )
    return table.sort_by("entity_id")
