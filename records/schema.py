"""The record tables, each declared once: checks, docs and the empty table derive from here.

What a column and a table are stands in `records.columns`, the declarations in `records.tables`.
"""

from __future__ import annotations

from records.columns import ARROW, COMMON, Column, FileForm, Kind, Table
from records.errors import NotFound
from records.tables.encumbrances import ENCUMBRANCES
from records.tables.oversight import METHODS, OVERSIGHT, RESULTS
from records.tables.registration import REGISTRATION
from records.tables.returned import VISIT_RESULTS
from records.tables.society import SOCIETY

__all__ = [
    "ARROW",
    "COMMON",
    "MAPPED",
    "METHODS",
    "RESULTS",
    "TABLES",
    "VISIT_RESULTS",
    "Column",
    "FileForm",
    "Kind",
    "Table",
    "declared",
]

TABLES: dict[str, Table] = {
    table.name: table for table in (*REGISTRATION, *ENCUMBRANCES, *OVERSIGHT, *SOCIETY)
}

MAPPED: dict[str, Table] = {**TABLES, VISIT_RESULTS.name: VISIT_RESULTS}
"""What a mapping can make rows of: the record tables, and the form that results come back in."""


def declared(name: str) -> Table:
    """The declaration of a record table; an unknown name is told the nearest known one."""
    if name not in TABLES:
        raise NotFound.among("table", name, TABLES)
    return TABLES[name]
