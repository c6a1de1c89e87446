"""The making of an indicator table on an engine: pieces computed, joined, filled and written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property

import ibis
import ibis.expr.types as ir

from features import pieces
from features.cache import Folder
from features.catalogue import Catalogue
from features.clocks import ROW
from features.indicator import Indicator
from features.known import Asked, Known
from features.pieces import Piece
from features.reach import survey
from features.spine import Spine
from records.errors import NotPossible

CELLS = 90_000_000
"""Values of one part: at 8 bytes and some copies of each, a part takes some 3 GB."""

Progress = Callable[[int, int, str], None]
"""Told how much is done, of how much, and what comes next."""


class Building:
    """The making of a table: what rests on many firms once, the firms' own records in parts.

    Raises
    ------
    NotPossible : a date before the first record of all was known.
    """

    def __init__(self, known: Known, spine: Spine, catalogue: Catalogue) -> None:
        self.known, self.spine, self.catalogue = known, spine, catalogue
        self.reach = survey(known, catalogue)
        if spine.first <= self.reach.begins:
            raise NotPossible(
                f"nothing was known yet on {spine.first}",
                found=str(spine.first),
                allowed=f"a date after {self.reach.begins}, when the first record became known",
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

    def into(self, folder: Folder, progress: Progress) -> None:
        """Write the parts that are not there yet, then declare the table whole."""
        engine = self.known.engine
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
        rows = pieces.filled(pieces.joined(asked, found), self.chosen)
        rows = pieces.derived(rows, self.chosen)
        columns = {one.id: self._known(rows, one) for one in self.catalogue.indicators}
        return rows.select(*ROW, **columns).order_by(ROW)

    def _known(self, rows: ir.Table, one: Indicator) -> ir.Value:
        """An indicator's values, null on the dates that its records do not reach."""
        since = self.reach.since(one, self.catalogue)
        if since is None or since >= self.spine.days[-1]:
            return ibis.null("float64")
        if since < self.spine.first:
            return rows[one.id]
        return (rows.as_of > since).ifelse(rows[one.id], ibis.null("float64"))

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
