"""Class, date and headline reason of many firms of a run: what a list is answered with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from models import definition as definitions
from models.definition import ModelDefinition
from models.ladder import ladder
from models.reasons import LOOKED
from records.errors import BadInput, NotFound
from serving.runs import signed
from serving.runs.runfolder import CLASSES, REASONS
from serving.telling import languages

MOST = 50_000
"""Firms whose reasons are told in one answer: each takes a third of a millisecond."""

TOLD = (
    "entity_id",
    "name",
    "division",
    "industry",
    "risk_class",
    "class_name",
    "public_grade",
    "public_score",
    "previous_class",
    "as_of",
    "headline",
)
"""What is told of a firm; `headline` is null where reasons are not asked for."""

_PART = 2_000

Progress = Callable[[int, int], None]

_FIRMS = "from classes semi join wanted using (entity_id) order by entity_id"
_STRONGEST = """
select reasons.* from reasons semi join wanted using (entity_id)
qualify row_number() over (
    partition by entity_id, contribution > 0 order by abs(contribution) desc, indicator
) <= $most
order by entity_id, rank
"""


def classes(run: Path) -> ds.Dataset:
    """The firms of a run, a row each.

    Raises
    ------
    NotFound : there is no run there.
    BadInput : its classes cannot be read, or are not as they were signed.
    """
    path = run / "classes.parquet"
    if not path.is_file():
        raise NotFound(f"no run at {run}", hint="`xinfen score` writes one")
    signed.check(run)
    try:
        found = ds.dataset(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise BadInput(f"{path} cannot be read", found=str(error).splitlines()[0]) from None
    missing = [name for name in CLASSES.names if name not in found.schema.names]
    if missing:
        raise BadInput(f"{path}: no column {missing[0]}", hint="run `xinfen score` again")
    return found


def told(
    run: Path,
    ids: pa.Array,
    lang: str,
    *,
    reasons: bool = True,
    progress: Progress = lambda _done, _of: None,
) -> pd.DataFrame:
    """Firms of a run with class, date and headline: frame of `TOLD`, by `entity_id`.

    Parameters
    ----------
    ids : the firms, each once; one that is not in the run is left out.

    Raises
    ------
    BadInput : an unknown language, or reasons for more than `MOST` firms.
    """
    languages.checked(lang)
    if reasons and len(ids) > MOST:
        raise BadInput(
            "reasons are asked for too many enterprises at once", found=f"{len(ids):,}",
            allowed=f"up to {MOST:,}", hint="narrow the conditions, or leave them: --no-reasons",
        )  # fmt: skip
    classes(run)
    rows = _rows(run, ids)
    definition = definitions.load(run / "model")
    if not reasons:
        names = [name for name in TOLD if name in rows.column_names]
        frame: pd.DataFrame = rows.select(names).to_pandas()
        return frame.assign(headline=None, class_name=_names(frame, lang)).reindex(
            columns=list(TOLD)
        )
    parts = []
    for first in range(0, rows.num_rows, _PART):
        progress(first, rows.num_rows)
        part = rows.slice(first, _PART)
        parts += [_of(firm, own, definition, lang) for firm, own in _with_reasons(run, part)]
    return pd.DataFrame(parts, columns=list(TOLD))


def _rows(run: Path, ids: pa.Array) -> pa.Table:
    """The firms' rows of classes.parquet, by `entity_id`.

    By DuckDB, which decodes the steps of these firms and not those of a whole province.
    """
    with duckdb.connect() as connection:
        connection.register("wanted", pa.table({"entity_id": ids.cast(pa.string())}))
        connection.from_parquet(str(run / "classes.parquet")).create_view("classes")
        return connection.sql(_FIRMS).to_arrow_table()


def _of(
    firm: dict[str, Any], rows: list[dict[str, Any]], definition: ModelDefinition, lang: str
) -> dict[str, Any]:
    whole = ladder(firm, rows, definition, lang)
    return {name: whole.get(name, firm.get(name)) for name in TOLD} | {"as_of": firm["as_of"]}


def _names(frame: pd.DataFrame, lang: str) -> pd.Series:
    from models.wording import class_name

    return frame["risk_class"].map(lambda letter: class_name(letter, lang), na_action="ignore")


def _with_reasons(
    run: Path, rows: pa.Table
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each firm with the reasons that a ladder looks at, the strongest of each side."""
    with duckdb.connect() as connection:
        connection.register("wanted", rows.select(["entity_id"]))
        connection.from_parquet(str(run / "reasons.parquet")).create_view("reasons")
        strongest = connection.sql(_STRONGEST, params={"most": LOOKED}).to_arrow_table()
    own: dict[str, list[dict[str, Any]]] = {}
    for reason in strongest.select(REASONS.names).to_pylist():
        own.setdefault(reason["entity_id"], []).append(reason)
    for firm in rows.to_pylist():
        yield firm, own.get(firm["entity_id"], [])
