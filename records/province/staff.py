"""The inspectors: who they are, how strict, and which two go together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from records.province.arrays import Index, Reals
from records.province.names import counties
from records.province.parts import Bureau

LENIENT, STERN = 0.3, 1.7

SPECIALTIES = ("food", "special_equipment", "hazardous_chemicals")
SURE = 1  # inspectors of each county who are qualified and present
UNQUALIFIED = 0.06  # of the others: new, or their certificate has lapsed [guess]
SPECIALISED = 0.35  # chance of each specialty beside the one a county sees to having [guess]
ON_LEAVE, LONG_LEAVE = 0.15, 0.02  # in the two months after the lists; all of both [guess]
LONGEST_LEAVE = 10  # days of the others [guess]


@dataclass(frozen=True)
class Staff:
    """Inspectors sorted by county; arrays of shape (inspectors,).

    `county` is a position in `counties()`; `strict` multiplies the chance of a finding and has
    mean 1 in each county.
    """

    county: Index
    strict: Reals

    @classmethod
    def hired(cls, bureau: Bureau, firms: Index, rng: np.random.Generator) -> Staff:
        """Inspectors for the firms' counties, given as positions of shape (n,)."""
        in_county = np.bincount(firms, minlength=len(counties()))
        size = np.maximum(bureau.inspectors.each_county, in_county / bureau.inspectors.firms_each)
        county = np.repeat(np.arange(len(size)), size.astype(np.int64))
        strict = np.clip(rng.normal(1, bureau.strictness, len(county)), LENIENT, STERN)
        mean = np.bincount(county, strict) / np.bincount(county)
        return cls(county, strict / mean[county])

    @cached_property
    def size(self) -> Index:
        """Inspectors of each county."""
        return np.bincount(self.county, minlength=len(counties()))

    @cached_property
    def first(self) -> Index:
        """Position of each county's first inspector."""
        return np.cumsum(self.size) - self.size

    def pairs(self, county: Index, rng: np.random.Generator) -> tuple[Index, Index]:
        """Two different inspectors of each county, all pairs alike; two arrays of shape (n,)."""
        size, first = self.size[county], self.first[county]
        one = rng.integers(0, size)
        two = (one + 1 + rng.integers(0, size - 1)) % size
        return first + one, first + two

    def strictness(self, one: Index, two: Index) -> Reals:
        """Mean strictness of pairs."""
        mean: Reals = (self.strict[one] + self.strict[two]) / 2
        return mean

    def pair(self, one: Index, two: Index) -> Index:
        """A number for each pair, the same whoever is named first."""
        return np.minimum(one, two) * len(self.strict) + np.maximum(one, two)

    def papers(self, rng: np.random.Generator, since: int) -> pa.Table:
        """The roll with each inspector's qualification, specialties and leave.

        Parameters
        ----------
        since : day the lists are of, since 1970-01-01; leave lies in the 62 days from it.
        """
        n = len(self.county)
        within = np.arange(n) - self.first[self.county]
        sure = within < SURE
        lacking, leaving, first, length = rng.random(n), rng.random(n), rng.random(n), rng.random(n)
        roll = self.roll()
        number = pc.binary_join_element_wise("执法证", roll["inspector_id"], "-")
        qualified = pa.array(sure | (lacking >= UNQUALIFIED))
        chosen = rng.random((n, len(SPECIALTIES))) < SPECIALISED
        chosen[np.arange(n), within % len(SPECIALTIES)] = True
        held = [
            ";".join(name for name, has in zip(SPECIALTIES, row, strict=True) if has)
            for row in chosen.tolist()
        ]
        away = since + (first * (62 - LONGEST_LEAVE)).astype(np.int64)
        back = away + (length * LONGEST_LEAVE).astype(np.int64)
        long = leaving < LONG_LEAVE
        spell = _spells(np.where(long, since, away), np.where(long, since + 61, back))
        leave = pc.if_else(pa.array(~sure & (leaving < ON_LEAVE)), spell, None)
        columns = {
            "qualification": pc.if_else(qualified, number, None),
            "specialties": pa.array(held),
        }
        for name, column in (columns | {"leave": leave}).items():
            roll = roll.append_column(name, column)
        return roll

    def roll(self) -> pa.Table:
        """Every inspector and the county it belongs to."""
        unit = counties().code.take(pa.array(self.county))
        within = np.arange(len(self.county)) - self.first[self.county] + 1
        number = pc.utf8_lpad(pc.cast(pa.array(within), pa.string()), 2, "0")
        return pa.table(
            {"inspector_id": pc.binary_join_element_wise(unit, number, "-"), "unit": unit}
        )


def _spells(first: Index, last: Index) -> pa.Array:
    """`2026-07-03/2026-07-09`, from days since 1970-01-01."""
    days = [pc.cast(pa.array(day, pa.int32()), pa.date32()) for day in (first, last)]
    return pc.binary_join_element_wise(*(pc.cast(day, pa.string()) for day in days), "/")
