"""One firm's ladder, read straight from a run folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from models import definition as definitions
from models.ladder import ladder
from models.peers import Peers
from records.errors import NotFound
from serving.runs import signed
from serving.telling import languages


def ladder_of(run: Path, entity_id: str, lang: str) -> dict[str, Any]:
    """The ladder of a firm in a run.

    Raises
    ------
    NotFound : there is no such run, or the firm is not in it.
    BadInput : an unknown language.
    """
    languages.checked(lang)
    firm, reasons = firm_of(run, entity_id)
    definition = definitions.load(run / "model")
    return ladder(firm, reasons, definition, lang, Peers.of(run / "model", definition))


def firm_of(run: Path, entity_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A firm's row of `classes.parquet`, and its rows of `reasons.parquet`.

    Raises
    ------
    NotFound : there is no such run, or the firm is not in it.
    BadInput : the run is not as it was signed.
    """
    if not (run / "classes.parquet").is_file():
        raise NotFound(f"no run at {run}", hint="`xinfen score` writes one")
    signed.check(run)
    firm = _rows(run / "classes.parquet", entity_id)
    if not firm:
        raise NotFound(
            f"enterprise {entity_id!r} is not in this run",
            allowed="enterprises live and in scope on the run's date",
            hint="check the code; a firm that has closed or is out of scope has no class",
        )
    return firm[0], _rows(run / "reasons.parquet", entity_id)


def _rows(path: Path, entity_id: str) -> list[dict[str, Any]]:
    table = pq.read_table(path, filters=pc.field("entity_id") == entity_id)
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows
