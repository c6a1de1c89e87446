"""The front door's command for what comes back from a plan: `results`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from records.console import AsJson, stages, table, tell
from serving.commands.runs import Lang

Plan = Annotated[Path, typer.Argument(help="Plan folder that was drawn.")]
On = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day; today if left out.")
]

ELSEWHERE = (
    "外部抽取：概率与期限未知，不判逾期，不作估计 · drawn elsewhere: no chances, no deadlines, "
    "nothing to estimate from"
)
"""What is not known of a plan drawn elsewhere, told with its name."""
SHOWN = 20
"""Refused rows and overdue pairs that the terminal shows; files hold all."""
WIDTH = 78
"""Signs of a text that stand in a cell of the terminal."""


def results(
    plan: Plan,
    file: Annotated[
        Path | None, typer.Argument(help="Results: CSV, Excel or Parquet, a row an item.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="YAML that maps the file's columns, or results/form.")
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="Store that takes the results as inspection records.")
    ] = None,
    elsewhere: Annotated[
        str | None, typer.Option(help="Name of a plan drawn outside Xinfen; PLAN is made for it.")
    ] = None,
    chase: Annotated[bool, typer.Option("--chase", help="Tell what is overdue, by pair.")] = False,
    form: Annotated[
        Path | None, typer.Option(help="Excel to write for results to be filled in.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Excel of the refused rows, or of what is overdue.")
    ] = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Take results back into a plan; every row is accepted, duplicate, or refused with its reason.

    Example: xinfen results var/plan results.xlsx --mapping results/form --store var/store
    Example: xinfen results var/plan --chase --on 2026-08-20 --out overdue.xlsx
    Example: xinfen results var/huairou checks.parquet --elsewhere 怀柔双随机 --mapping M.yaml
    """
    from records.store import Store, past
    from serving.returns import chasing, returns

    for path in filter(None, (out, form)):
        chasing.check(path)
    if chase or form is not None:
        if file is not None or (chase and form is not None):
            raise typer.BadParameter("give FILE, or --chase, or --form")
        day = chasing.day(on.date() if on else None, None)
        told = chasing.chase(plan, day, out) if chase else chasing.form(plan, form or Path())
        _chased(told, as_json)
        return
    if file is None and store is None:
        raise typer.BadParameter("give FILE, or --store for what is there, or --chase, or --form")
    opened = Store.open(store) if store is not None else None
    taken_on = past(chasing.day(on.date() if on else None, opened), chasing.day(None, opened))
    with stages("results", 1) as stage:
        stage(file.name if file else str(store))
        done = returns.take_in(
            plan, file, on=taken_on, mapping=mapping, store=opened, elsewhere=elsewhere
        )
    reasons: list[dict[str, Any]] = done.pop("reasons")
    if out is not None:
        chasing.write_refused(out, reasons)
        done["refused rows"] = str(out)
    if as_json:
        tell(done | {"reasons": reasons}, as_json)
    else:
        tell(_plain(done), as_json)
        _refused(reasons)
    if done.get("refused"):
        raise typer.Exit(1)


def _plain(done: dict[str, Any]) -> dict[str, Any]:
    """The facts without what is empty; unpublished years, and what is not known, in words."""
    told = {name: value for name, value in done.items() if value not in ({}, [], None)}
    if name := told.get("elsewhere"):
        told["elsewhere"] = f"{name}（{ELSEWHERE}）"
    if years := told.pop("calendar", None):
        told["calendar"] = _unpublished(years)
    return told


def _unpublished(years: list[int]) -> str:
    named = ", ".join(map(str, years))
    return (
        f"{named} 年放假安排未公布，仅计周末与法定节假日 · holidays of {named} are not published: "
        "weekends and statutory days only"
    )


def _refused(reasons: list[dict[str, Any]]) -> None:
    from serving.returns.chasing import field_name

    if not reasons:
        return
    columns = ("行 row", "字段 field", "原值 found", "问题 problem", "允许 allowed")
    rows = [
        [
            str(one["row"]), field_name(one["field"]), one["found"][:40],
            f"{one['problem_zh']} · {one['problem_en']}",
            f"{_short(one['allowed_zh'])} · {_short(one['allowed_en'])}",
        ]
        for one in reasons[:SHOWN]
    ]  # fmt: skip
    table(rows, columns, title="未接收 refused")
    if len(reasons) > SHOWN:
        typer.echo(f"… {len(reasons) - SHOWN:,} 条 more; --out X.xlsx")


def _short(text: str) -> str:
    """As much of a text as the terminal has room for; files hold all."""
    return text if len(text) <= WIDTH else f"{text[:WIDTH]}…"


def _chased(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        tell(told, as_json)
        return
    pairs = told.pop("pairs", [])
    told.pop("rows", None)
    tell(_plain(told), as_json)
    if pairs:
        rows = [
            [*(str(one[name] or "") for name in ("bureau", "inspector_1", "inspector_2")),
             str(one["visits"]), str(one["days"])]
            for one in pairs[:SHOWN]
        ]  # fmt: skip
        columns = ("机构 bureau", "检查人员 pair", "", "检查 visits", "最长逾期工作日 days overdue")
        table(rows, columns)
    if len(pairs) > SHOWN:
        typer.echo(f"… {len(pairs) - SHOWN:,} 对 more pairs; --out X.xlsx")


def accountability(
    plan: Plan,
    out: Annotated[
        Path | None, typer.Option(help="Excel (.xlsx), or a page for printing (.html).")
    ] = None,
    lang: Lang = "zh",
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """Tell what of a plan was done, by class and bureau: the table that supervisors sign.

    Example: xinfen accountability var/plan --out signed.xlsx --on 2026-09-01
    """
    from serving.returns import chasing, signing

    day = chasing.day(on.date() if on else None, None)
    with stages("accountability", 1) as stage:
        stage(plan.name)
        told = signing.account_of(plan, day)
        if out is not None:
            signing.write(told, out, lang)
    if as_json:
        tell(signing.plain(told), as_json)
        return
    tell(_plain({**told.about, "out": out and str(out)}), as_json)
    table(signing.lines(told, lang), signing.headings(lang))
    for line in signing.pointed_out(told, lang):
        typer.echo(f"须说明 to be explained: {line}")
    counts = told.exceptions["state"].value_counts()
    if len(counts):
        typer.echo(f"未执行与变更 exceptions: {len(told.exceptions):,}; --out X.xlsx")
