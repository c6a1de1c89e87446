"""The lists to plan with: objects to draw from, and inspectors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from records import sheets
from records.province.arrays import Flags
from records.province.clock import AS_OF, YEAR
from records.province.names import address_text, counties
from records.province.staff import Staff
from records.province.streams.equipment import Equipment
from records.province.streams.licences import Licences
from records.province.texts.registration import LICENCES, name_of
from records.province.world import World

FOOD_TRADES = ("C13", "C14", "H62")
FOOD_LICENCES = ("食品经营许可", "食品生产许可")
CHEMICAL_LICENCES = ("危险化学品经营许可",)


@dataclass(frozen=True)
class Kept:
    """What the registers of licences and of special equipment hold at the end."""

    licences: Licences
    equipment: Equipment

    def fields(self, world: World) -> dict[str, Flags]:
        """Which firms fall under each professional field, shape (n,), by the field's name."""
        codes = np.array([trade.code for trade in world.firms.trades])
        food = np.isin(codes, FOOD_TRADES)[world.firms.industry]
        used = ~self.equipment.gone & (self.equipment.due - YEAR < AS_OF)
        equipped = np.zeros(len(world.firms), dtype=bool)
        equipped[self.equipment.owner[used]] = True
        return {
            "food": food | self._licensed(world, FOOD_LICENCES),
            "hazardous_chemicals": self._licensed(world, CHEMICAL_LICENCES),
            "special_equipment": equipped,
        }

    def _licensed(self, world: World, kinds: tuple[str, ...]) -> Flags:
        held = np.isin(self.licences.kind, [LICENCES.index(kind) for kind in kinds])
        holders = np.zeros(len(world.firms), dtype=bool)
        held &= ~self.licences.gone & (self.licences.starts < AS_OF)
        holders[self.licences.holder[held]] = True
        return holders


def write_lists(folder: Path, world: World, staff: Staff, kept: Kept) -> None:
    """Write `objects.csv` and `inspectors.csv`."""
    sheets.write_csv(folder / "objects.csv", _objects(world, kept))
    papers = staff.papers(world.rng("inspectors:papers"), AS_OF)
    sheets.write_csv(folder / "inspectors.csv", papers)


def _objects(world: World, kept: Kept) -> pa.Table:
    """Firms live as far as the bureau knows."""
    firms = world.firms
    live = np.flatnonzero((world.registered_known < AS_OF) & (world.struck_known >= AS_OF))
    county = firms.county[live]
    codes = pa.array([trade.code for trade in firms.trades])
    table = pa.table(
        {
            "entity_id": firms.codes.take(pa.array(live)),
            "name": name_of(firms, live, firms.name[live]),
            "division": counties().code.take(pa.array(county)),
            "address": address_text(county, firms.address[live]),
            "status": pa.repeat("live", len(live)),
            "fields": _joined({name: in_it[live] for name, in_it in kept.fields(world).items()}),
            "industry": codes.take(pa.array(firms.industry[live])),
        }
    )
    return table.sort_by("entity_id")


def _joined(fields: dict[str, Flags]) -> pa.Array:
    """The names of the fields that hold, joined by `;`; null where none does."""
    which = sum(held.astype(np.int64) << bit for bit, held in enumerate(fields.values()))
    names = [
        ";".join(name for bit, name in enumerate(fields) if number >> bit & 1) or None
        for number in range(1 << len(fields))
    ]
    return pa.array(names).take(pa.array(which))
