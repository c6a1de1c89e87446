"""The making of an indicator table on an engine: pieces computed, joined, filled and written.

What rests on many firms is found once. For the rest one plan is made and gone through for one
range of firms after another, each range a file that is whole or absent, so that memory is
bounded and a making that was cut off goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import ibis
import ibis.expr.types as ir

from features import pieces
from features.cache import Folder
from features.catalogue import Catalogue
from features.clocks import ROW
from features.engine import FIRST, LAST, settled
from features.indicator import Indicator
from features.known import Asked, Known
from features.pieces import Piece
from features.reach import registered_columns, survey
from features.spine import Spine
from records.errors import NotPossible

CELLS = 90_000_000
"""Values of one part: at 8 bytes and some copies of each, a part takes some 3 GB."""

Progress = Callable[[int, int, str], None]
"""Told how much is done, of how much, and what comes next."""


@dataclass(frozen=True)
class Plan:
    """How a range of firms becomes rows: expressions to settle under names, then the rows."""

    steps: list[tuple[str, ir.Table]]
    rows: ir.Table


class Building:
    """The making of a table.

    Parameters
    ----------
    covered : tables that hold all there is, whatever their records give: a firm without a record
        in them has none.

    Raises
    ------
    NotPossible : a date before the first record of all was known.
    """

    def __init__(
        self, known: Known, spine: Spine, catalogue: Catalogue, covered: Collection[str] = ()
    ) -> None:
        self.known, self.spine, self.catalogue = known, spine, catalogue
        self.reach = survey(known, catalogue, spine.first).covering(covered, catalogue, spine.first)
        if min(self.reach.tables.values(), default=spine.first) >= spine.first:
            begins = min(self.reach.tables.values(), default=None)
            raise NotPossible(
                f"nothing was known yet on {spine.first}",
                found=str(spine.first),
                allowed=f"a date after {begins}, when the first record became known",
                hint="choose a later --as-of, or ingest older records",
            )
        self.absent: dict[str, list[str]] = {}
        self.chosen: list[Indicator] = []
        for one in catalogue.indicators:
            lacking = self.reach.lacks(one, catalogue, spine.days[-1])
            if lacking:
                self.absent.setdefault(lacking, []).append(one.id)
            else:
                self.chosen.append(one)
        self._steps: list[tuple[str, ir.Table]] = []

    def into(self, folder: Folder, progress: Progress) -> None:
        """Write the parts that are not there yet, then declare the table whole."""
        engine = self.known.engine
        ranges = self.spine.ranges(
            CELLS // len(self.catalogue.indicators) if engine.parts else None
        )
        for at, part in enumerate(ranges):
            progress(at, len(ranges), f"{part.rows.num_rows:,} of {self.spine.rows.num_rows:,}")
            if folder.part(part).exists():
                continue
            engine.give("part", part.rows)
            engine.within(*part.ends)
            for name, expression in self.plan.steps:
                engine.settle(name, expression)
            engine.write(self.plan.rows, folder.part(part), folder.about)
        folder.finish(ranges, self.absent)

    @cached_property
    def plan(self) -> Plan:
        """The plan of all parts."""
        rows = ibis.table(self.spine.rows.schema, name="part")
        asked = replace(self.asked, rows=rows, between=(FIRST, LAST))
        found = [_within(piece, asked) for piece in self.of_many] + list(self.own(asked))
        values = pieces.filled(pieces.joined(asked, found), self.chosen)
        values = pieces.derived(values, self.chosen)
        columns = {one.id: self._known(values, one) for one in self.catalogue.indicators}
        return Plan(self._steps, values.select(*ROW, **columns).order_by(ROW))

    @cached_property
    def of_many(self) -> list[Piece]:
        """What rests on many firms."""
        return list(pieces.of_many(self.known, self.asked, self.catalogue, self.chosen))

    @cached_property
    def asked(self) -> Asked:
        """All firms and dates of the spine."""
        asked = self.spine.asked(self.known.engine, "all")
        if asked.everyone and self.known.has("enterprises"):
            self.known.register(asked, registered_columns(self.catalogue))
        return asked

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
        """Rows that the plan settles for each part."""
        self._steps.append((f"part_{name}", rows))
        return settled(f"part_{name}", rows)

    def _known(self, rows: ir.Table, one: Indicator) -> ir.Value:
        """An indicator's values, null on the dates that its records do not reach."""
        since = self.reach.since(one, self.catalogue)
        if since is None or since >= self.spine.days[-1]:
            return ibis.null("float64")
        if since < self.spine.first:
            return rows[one.id]
        return (rows.as_of > since).ifelse(rows[one.id], ibis.null("float64"))


def _within(piece: Piece, asked: Asked) -> Piece:
    """A piece's rows of the range at hand."""
    rows = piece.rows
    return replace(piece, rows=rows.filter(rows.entity_id.between(*asked.between or ("", ""))))
