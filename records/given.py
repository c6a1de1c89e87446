"""What whoever ingests says of a whole file, because the file itself does not say it.

    given:
      listed_on: {fills: [event_time], zh: 名单取得日期, en: day the list was taken}

`xinfen ingest … --given listed_on=2024-06-30` fills these columns of ours in every row that has
nothing there, before `known_time` is derived. A value is written as our column holds it, is
checked before anything is stored, is part of the batch's identity and stands in its log.

Without it the rows are refused with a reason that names it, and are taken in later by
`xinfen quarantine retry … --mapping M --given listed_on=…`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType

import pandas as pd
from pydantic import Field

from records import cells, checks, wordings
from records.entries import Strict
from records.errors import BadInput, NotFound
from records.faults import Fault
from records.schema import Table

FORM = "name=value, such as listed_on=2024-06-30"

Values = Mapping[str, str]
"""Values by their names, for all rows of a file."""

NOTHING: Values = MappingProxyType({})


class Given(Strict):
    """A value that whoever ingests supplies: the columns of ours it fills, and what it is."""

    fills: list[str] = Field(min_length=1)
    zh: str
    en: str


def parsed(pairs: Iterable[str]) -> dict[str, str]:
    """Values as the front door takes them, each `name=value`.

    Raises
    ------
    BadInput : a pair is not of that form, or a name comes twice.
    """
    values: dict[str, str] = {}
    for pair in pairs:
        name, _, value = (part.strip() for part in pair.partition("="))
        if not name or not value or name in values:
            what = f"--given {name} comes twice" if name in values else "--given cannot be read"
            raise BadInput(what, found=pair, allowed=FORM, hint="nothing was stored")
        values[name] = value
    return values


def known(values: Iterable[str], declared: Iterable[str], told: str) -> None:
    """Refuse a value that nothing asks for, which would be lost without a word.

    Raises
    ------
    NotFound : a name is not among the declared ones; `told` says of what.
    """
    names = list(declared)
    for name in values:
        if name not in names:
            hint = f"{told}; nothing was stored"
            raise NotFound.among("given value", name, names, hint=hint)


def accepted(
    values: Values,
    declared: Mapping[str, Given],
    table: Table,
    *,
    id_scheme: str,
    today: date,
    date_formats: Sequence[str],
    time_zone: str,
) -> dict[str, str]:
    """The values as the table's checks allow them, by name, dates in ISO spelling.

    Raises
    ------
    BadInput : a value cannot be read, or is not allowed in a column that it fills.
    """
    ours = {column: value for name, value in values.items() for column in declared[name].fills}
    row = pd.DataFrame({column: [value] for column, value in ours.items()}, dtype="str")
    checked = checks.check(
        row, table, id_scheme=id_scheme, today=today, date_formats=date_formats,
        time_zone=time_zone, between=False,
    )  # fmt: skip
    for fault in checked.faults.get(0, []):
        if fault.field in ours:
            name = next(name for name in values if fault.field in declared[name].fills)
            raise BadInput(
                f"--given {name}: {fault.problem}",
                found=values[name],
                allowed=fault.allowed,
                hint=f"it is the {declared[name].en}; nothing was stored",
            )
    dates = {column.name for column in table.columns if column.kind == "date"}
    return {
        name: str(checked.columns[declared[name].fills[0]][0])
        if declared[name].fills[0] in dates
        else value
        for name, value in sorted(values.items())
    }


def filled(rows: pd.DataFrame, values: Values, declared: Mapping[str, Given]) -> pd.DataFrame:
    """Rows with our column names, the values where a row has nothing of its own."""
    columns = {}
    for name, one in declared.items():
        value = pd.Series([values.get(name)] * len(rows), index=rows.index, dtype="str")
        for ours in one.fills:
            columns[ours] = cells.texts(rows[ours]).fillna(value) if ours in rows else value
    return rows.assign(**columns)


def unfilled(values: Values, declared: Mapping[str, Given]) -> dict[str, Fault]:
    """By column of ours, the reason to tell where a declared value was not given."""
    return {
        ours: Fault(
            ours,
            "",
            wordings.NOT_SUPPLIED(name=name, told=one.zh, what=one.en),
            wordings.SUPPLIED(name=name),
            wordings.SUPPLY_IT(name=name),
        )
        for name, one in declared.items()
        if name not in values
        for ours in one.fills
    }
