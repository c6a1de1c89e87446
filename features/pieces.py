"""Pieces: the values of indicators, a table at a time; `features.table` joins them.

A piece has `entity_id`, `as_of` and a column for each of its indicators, and rows only for
firms that have something to count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from features import groups, histories, measures
from features.catalogue import Catalogue
from features.clocks import ROW
from features.custom import custom
from features.indicator import OF_GROUPS, Indicator
from features.known import Asked, Known
from features.relations import Relations


@dataclass(frozen=True)
class Piece:
    """Values of some indicators; `rows` are settled or cheap to compute where they are used."""

    name: str
    rows: ir.Table
    indicators: tuple[str, ...]


def own(known: Known, asked: Asked, indicators: Iterable[Indicator]) -> Iterator[Piece]:
    """Pieces of indicators of the firms' own records: one for each table, the few others apart."""
    chosen = list(indicators)
    grouped: dict[tuple[str, str | None], list[Indicator]] = {}
    for one in chosen:
        if one.measure in measures.OWN:
            grouped.setdefault((str(one.table), one.last_of), []).append(one)
    for (table, last_of), few in grouped.items():
        rows = measures.wanted(_newest_of(known.rows(table, asked), last_of), few)
        values = rows.group_by(ROW).agg(
            **{one.id: measures.value(rows, one).cast("float64") for one in few}
        )
        name = f"{table}_{last_of}" if last_of else table
        yield Piece(name, values, tuple(one.id for one in few))
    for one in chosen:
        if one.measure in histories.HISTORIES:
            rows = _newest_of(known.rows(str(one.table), asked), one.last_of)
            yield _single(histories.value_of(rows, one), one)


def in_python(known: Known, asked: Asked, indicators: Iterable[Indicator]) -> Iterator[Piece]:
    """Pieces of the measures that are written in Python."""
    for one in indicators:
        if one.measure == "python":
            yield _single(custom(str(one.function)).function(known, asked), one)


def is_own(indicator: Indicator) -> bool:
    """Whether an indicator rests on a firm's own records, as YAML declares it."""
    return indicator.measure in measures.OWN or indicator.measure in histories.HISTORIES


def by_table(indicators: Iterable[Indicator]) -> dict[str, list[Indicator]]:
    """Indicators by the record table they rest on."""
    tables: dict[str, list[Indicator]] = {}
    for one in indicators:
        tables.setdefault(str(one.table), []).append(one)
    return tables


def of_many(
    known: Known, asked: Asked, catalogue: Catalogue, chosen: Sequence[Indicator]
) -> Iterator[Piece]:
    """Pieces of indicators of many firms: groups and relations. Rows are settled."""
    relations = Relations(known, catalogue, asked, chosen)
    grouped = [one for one in chosen if one.measure in OF_GROUPS]
    if grouped:
        for one, rates in groups.values_of(grouped, known, asked, relations.firms):
            yield _settled(known, _single(rates, one))
    for one in chosen:
        if one.measure == "firms_sharing":
            yield _settled(known, _single(relations.sharing(one), one))
        if one.measure == "pointed_at":
            yield _settled(known, _single(relations.pointed_at(one), one))

    def built(named: Sequence[Indicator], others: Asked) -> ir.Table:
        return joined(others, list(own(known, others, named)))

    related = [one for one in chosen if one.measure.startswith("related_")]
    for rows in relations.related(related, built) if related else ():
        ids = tuple(name for name in rows.columns if name not in ROW)
        yield _settled(known, Piece("related_" + ids[0], rows, ids))


def joined(asked: Asked, pieces: Sequence[Piece]) -> ir.Table:
    """Firms and dates with the values of pieces beside them; null where a piece has no row."""
    rows = whole = asked.rows
    for piece in pieces:
        on = [rows[name] == piece.rows[name] for name in (ROW if asked.day is None else ROW[:1])]
        whole = whole.left_join(piece.rows, on)
    values = {name: piece.rows[name] for piece in pieces for name in piece.indicators}
    return whole.select(*(rows[name] for name in ROW), **values) if pieces else rows


def filled(rows: ir.Table, indicators: Iterable[Indicator]) -> ir.Table:
    """Rows in which what no record counts towards has its declared value."""
    return rows.mutate(
        **{
            one.id: rows[one.id].fill_null(one.when_absent)
            for one in indicators
            if one.when_absent is not None and one.id in rows.columns
        }
    )


def derived(rows: ir.Table, indicators: Sequence[Indicator]) -> ir.Table:
    """Rows with the indicators that are made of other indicators."""
    values: dict[str, ir.Value] = {}
    for one in indicators:
        if one.measure == "quotient":
            divisor = rows[str(one.per)] + one.prior
            values[one.id] = rows[str(one.indicator)] / divisor.nullif(0)
    return filled(rows.mutate(**values), [one for one in indicators if one.id in values])


def _single(rows: ir.Table, indicator: Indicator) -> Piece:
    name = indicator.id
    return Piece(name, rows.select(*ROW, **{name: rows["value"].cast("float64")}), (name,))


def _settled(known: Known, piece: Piece) -> Piece:
    return Piece(piece.name, known.engine.settle(f"piece_{piece.name}", piece.rows),
                 piece.indicators)  # fmt: skip


def _newest_of(rows: ir.Table, column: str | None) -> ir.Table:
    """Only the newest record of each thing that a column names, such as each lift."""
    if column is None:
        return rows
    things = ibis.window(
        group_by=[*(rows[name] for name in ROW), rows[column]], order_by=rows.newness.desc()
    )
    placed = rows.mutate(place=ibis.row_number().over(things))
    return placed.filter((placed.place == 0) | placed[column].isnull()).drop("place")
