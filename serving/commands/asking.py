"""The front door's commands that ask for many firms at once: `list` and `compare`.

Both tell classes, so both are recorded in the audit with every firm they tell, before they tell it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from records.console import AsJson, bar, table, tell
from serving.commands.runs import Lang, Run

if TYPE_CHECKING:
    import pandas as pd

Out = Annotated[Path | None, typer.Option(help="File to write: .xlsx, .csv or .parquet.")]
Purpose = Annotated[str, typer.Option(help="Why it is asked; kept in the audit.")]
Reasons = Annotated[bool, typer.Option("--reasons/--no-reasons", help="Tell the headline reason.")]

SHOWN = 20
"""Rows that the terminal shows; a file holds all."""


def list_(
    run: Run,
    classes: Annotated[str, typer.Option("--class", help="Classes, such as C,D.")] = "",
    grades: Annotated[str, typer.Option("--grade", help="Public grades, such as D,E.")] = "",
    divisions: Annotated[str, typer.Option("--division", help="Starts of codes: 2301,2302.")] = "",
    industries: Annotated[str, typer.Option("--industry", help="Starts of codes: H,F52.")] = "",
    where: Annotated[
        list[str] | None, typer.Option(help="Any column: probability>=0.3, previous_class=A,B.")
    ] = None,
    out: Out = None,
    reasons: Reasons = True,
    lang: Lang = "zh",
    purpose: Purpose = "",
    as_json: AsJson = False,
) -> None:
    """Tell the firms of a run that meet conditions, with class, date and reason; it is recorded.

    Example: xinfen list var/run --class C,D --division 2301 --industry H --out firms.xlsx
    """
    from serving.access.recorded import record
    from serving.runs import answering, headlines
    from serving.runs.conditions import condition

    answering.ending(out)
    asked = condition(
        classes=classes, grades=grades, divisions=divisions, industries=industries,
        where=where or [],
    )  # fmt: skip
    found = headlines.classes(run).to_table(columns=["entity_id"], filter=asked)["entity_id"]
    ids = found.combine_chunks().sort()
    told_of = ids if out is not None or as_json else ids.slice(0, SHOWN)
    with bar("list") as progress:
        rows = headlines.told(run, told_of, lang, reasons=reasons, progress=progress)
    record(run, "search", told_of.to_pylist(), purpose)
    if out is not None:
        answering.write(out, rows, answering.LISTED, lang)
    facts: dict[str, Any] = {"run": str(run), "found": len(ids), "told": len(rows)}
    facts |= {"as_of": str(rows["as_of"].iloc[0])} if len(rows) else {}
    facts |= {"out": str(out)} if out is not None else {}
    _show(facts, rows, answering.LISTED, lang, as_json, "enterprises")


def compare(
    run: Run,
    file: Annotated[Path, typer.Argument(help="List of codes and/or names: Excel, CSV, Parquet.")],
    code: Annotated[
        str | None, typer.Option(help="Heading of the codes, if not a usual one.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Heading of the names, if not a usual one.")
    ] = None,
    out: Out = None,
    reasons: Reasons = True,
    lang: Lang = "zh",
    purpose: Purpose = "",
    as_json: AsJson = False,
) -> None:
    """Answer an uploaded list with class, date and reason; rows that match none say why.

    Example: xinfen compare var/run list.xlsx --out answered.xlsx --lang zh
    """
    import pyarrow as pa

    from serving.access.recorded import record
    from serving.runs import answering, headlines, matching, uploads

    answering.ending(out)
    matched = matching.match(run, uploads.read(file, code, name))
    ids = pa.array(sorted(matched["entity_id"].dropna().unique()), pa.string())
    with bar("compare") as progress:
        told = headlines.told(run, ids, lang, reasons=reasons, progress=progress)
    record(run, "batch", ids.to_pylist(), purpose)
    rows = answering.answered(matched, told, lang)
    if out is not None:
        answering.write(out, rows, answering.COMPARED, lang)
    statuses = matched["status"].value_counts()
    facts: dict[str, Any] = {
        "run": str(run), "rows": len(matched), "enterprises": len(ids),
        "duplicates": int(matched["same_as"].notna().sum()),
        "status": {str(status): int(n) for status, n in statuses.items()},
    }  # fmt: skip
    facts |= {"out": str(out)} if out is not None else {}
    _show(facts, rows, answering.COMPARED, lang, as_json, "answers")


def _show(
    facts: dict[str, Any], rows: pd.DataFrame, columns: Sequence[str], lang: str, as_json: bool,
    name: str,
) -> None:  # fmt: skip
    from serving.runs import answering
    from serving.telling import leaf

    if as_json:
        tell(facts | {name: leaf.plain(rows)}, as_json)
        return
    tell(facts, as_json)
    texts = answering.texts(rows.head(SHOWN), columns, lang)
    if "out" in facts:
        return
    if texts:
        table(texts, answering.headings(columns, lang))
    if len(rows) > SHOWN or facts.get("found", 0) > len(rows):
        typer.echo("… 其余见文件 the rest: --out X.xlsx")
