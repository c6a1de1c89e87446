"""Small stores for tests: rows as text, ingested like any bureau's file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from records.intake import Report, ingest
from records.store import Store

CODES = ("91110108551385082Q", "91350100M000100Y43")
"""Two codes with true check digits (python-stdnum's own examples)."""


def rows(columns: str, *lines: str) -> list[dict[str, Any]]:
    """Rows from blank-separated lines; `-` is null."""
    names = columns.split()
    return [
        {
            name: None if value == "-" else value
            for name, value in zip(names, line.split(), strict=True)
        }
        for line in lines
    ]


def put(store: Store, table: str, given: Sequence[dict[str, Any]], name: str = "file") -> Report:
    """Write rows as CSV beside the store and ingest them; `source` is filled in."""
    frame = pd.DataFrame(given)
    if "source" not in frame:
        frame.insert(0, "source", "bureau")
    path = store.path.parent / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(path, index=False)
    return ingest(store, table, path)


def opaque(folder: Path) -> Store:
    """A store whose firms are called F1, F2, …"""
    return Store.create(folder / "store", id_scheme="opaque")
