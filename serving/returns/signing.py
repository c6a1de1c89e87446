"""The table that supervisors sign, from a plan folder: on the terminal, as Excel, as a page of A4.

It names the plan's number, commitment and the verdict of `xinfen verify`, and the day it was made.
Cells of Excel are texts, so that none of them can run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from records import sheets
from records.errors import BadInput, NotPossible
from records.files import write_bytes
from serving.fieldwork.taskwords import METHODS
from serving.plans import planinputs, plans
from serving.returns import returns
from serving.returns.planned import Planned, ours
from serving.returns.signwords import DRAWN_BY, SIGN
from serving.telling import groupwords, languages, leaf
from serving.telling.rendering import render
from supervision.proofs import proof
from supervision.returns import accountability as account
from supervision.returns import steering as judged
from supervision.returns.resultcodes import STATES


@dataclass(frozen=True)
class Account:
    """What a plan did: tables of `supervision.returns`, its `accountability` and `steering`."""

    about: dict[str, Any]
    groups: pd.DataFrame
    methods: pd.DataFrame
    exceptions: pd.DataFrame
    steering: pd.DataFrame


def account_of(folder: Path, on: date) -> Account:
    """The account of a drawn plan as its results stand.

    Raises
    ------
    NotPossible : the plan was drawn elsewhere, so that nobody knows what was planned.
    """
    plan = ours(folder)
    frame = pq.read_table(folder / proof.FRAME, columns=["entity_id", "bureau", "stratum"])
    firms = frame.to_pandas()
    with planinputs.told(NotPossible, folder):
        state = returns.state_of(plan)
    visits = account.grouped(plan.drawn, state.visits, firms)
    batches, asked = _asked(folder)
    groups = account.table(visits, firms, batches, asked)
    return Account(
        about=_about(plan, on, groups, state.calendar.unpublished()),
        groups=groups,
        methods=account.methods(visits),
        exceptions=account.exceptions(visits),
        steering=judged.steering(groups),
    )


def write(told: Account, out: Path, lang: str) -> None:
    """The account as Excel (.xlsx) or as a page for printing (.html).

    Raises
    ------
    BadInput : another ending, or an unknown language.
    """
    languages.checked(lang)
    if out.suffix.lower() == ".xlsx":
        sheets.write_book(out, dict(_book(told, lang)))
    elif out.suffix.lower() in (".html", ".htm"):
        html = render("accountability.html", **_page(told, lang))
        write_bytes(out, html.encode())
    else:
        raise BadInput("unknown kind of file", found=out.name, allowed=".xlsx, .html")


def lines(told: Account, lang: str, *, whole: bool = False) -> list[list[str]]:
    """The main table as texts; without `whole`, only the rows over all bureaus."""
    rows = told.groups
    if not whole:
        rows = rows[rows["bureau"].eq(account.ALL)]
    return [_line(row, lang) for row in rows.to_dict("records")]


def plain(told: Account) -> dict[str, Any]:
    """The account as JSON values."""
    return {
        **told.about,
        "groups": leaf.plain(told.groups),
        "methods": leaf.plain(told.methods),
        "exceptions": leaf.plain(told.exceptions),
        "steering": leaf.plain(told.steering),
    }


def headings(lang: str) -> list[str]:
    """The names of the main table's columns."""
    return [_t(f"col_{name}", lang) for name in _SHOWN]


def pointed_out(told: Account, lang: str) -> list[str]:
    """Where the class was not used, or was used the wrong way round."""
    bad = told.steering[told.steering["verdict"].isin(["flat", "falls"])]
    said = []
    for row in bad.to_dict("records"):
        verdict = judged.VERDICTS[row["verdict"]]
        where = f" ({row['where']})" if row["where"] else ""
        bureau = _bureau(row["bureau"], lang)
        scale = _t(f"scale_{row['scale']}", lang)
        text = verdict.zh if lang == "zh" else verdict.en
        said.append(f"{bureau} {scale}: {text}{where}; {row['ratios']}")
    return said


_SHOWN = (
    "bureau", "group", "firms", "planned", "executed", "late", "not_visited", "swapped", "missing",
    "changed", "recheck", "planned_ratio", "executed_ratio", "asked_a_year", "planned_a_year",
    "executed_a_year",
)  # fmt: skip


def _line(row: dict[Any, Any], lang: str) -> list[str]:
    texts = [_bureau(row["bureau"], lang), groupwords.drawn(row["group"], lang)]
    texts += [f"{row[name]:,}" for name in _SHOWN[2:11]]
    texts += ["–" if pd.isna(row[name]) else f"{row[name]:.2%}" for name in _SHOWN[11:13]]
    texts += ["–" if pd.isna(row[name]) else f"{row[name]:.3f}" for name in _SHOWN[13:]]
    return texts


def _exceptions(told: Account, lang: str) -> list[list[str]]:
    rows = []
    for row in told.exceptions.to_dict("records"):
        state = STATES[row["state"]]
        by = DRAWN_BY.get(row["drawn_by"])
        rows.append(
            [
                _bureau(row["bureau"], lang), groupwords.drawn(row["group"], lang), row["visit"],
                row["entity_id"], row["name"] or "", (by[lang == "en"] if by else ""),
                state.zh if lang == "zh" else state.en, row[f"what_{lang}"], row["reason"] or "",
                row["decided_by"] or "",
                " ".join(filter(None, (row["inspector_1"], row["inspector_2"]))),
                str(row["inspected_on"] or ""), str(row["days_late"] or ""),
            ]
        )  # fmt: skip
    return rows


_ODD = ("bureau", "group", "visit", "entity_id", "name", "drawn_by", "state", "what", "reason",
        "decided_by", "pair", "inspected_on", "days_late")  # fmt: skip


def _methods(told: Account, lang: str) -> list[list[str]]:
    return [
        [_bureau(row["bureau"], lang), groupwords.drawn(row["group"], lang),
         METHODS.get(row["method"], (row["method"],) * 2)[lang == "en"],
         f"{row['planned']:,}", f"{row['executed']:,}"]
        for row in told.methods.to_dict("records")
    ]  # fmt: skip


def _steering(told: Account, lang: str) -> list[list[str]]:
    return [
        [_bureau(row["bureau"], lang), _t(f"scale_{row['scale']}", lang),
         getattr(judged.VERDICTS[row["verdict"]], lang), row["where"], f"{row['p_rise']:.3g}",
         f"{row['p_fall']:.3g}", row["ratios"]]
        for row in told.steering.to_dict("records")
    ]  # fmt: skip


_USE = ("bureau", "scale", "verdict", "where", "p_rise", "p_fall", "ratios")
_WAYS = ("bureau", "group", "method", "planned", "executed")


def _book(told: Account, lang: str) -> Iterator[tuple[str, tuple[list[str], list[list[str]]]]]:
    front = [[_t("internal", lang), ""]]
    front += [[name, value] for name, value in _facts(told, lang)]
    front += [["", ""]] + [[_t("pointed_out", lang), line] for line in pointed_out(told, lang)]
    front += [["", ""]] + [[_t(f"sign_{who}", lang), ""] for who in _SIGNS]
    yield _t("sheet_front", lang), ([_t("title", lang), ""], front)
    parts = (
        ("sheet_groups", _SHOWN, lines(told, lang, whole=True)),
        ("sheet_methods", _WAYS, _methods(told, lang)),
        ("sheet_exceptions", _ODD, _exceptions(told, lang)),
        ("sheet_steering", _USE, _steering(told, lang)),
    )
    for name, columns, rows in parts:
        yield _t(name, lang), ([_t(f"col_{column}", lang) for column in columns], rows)


_SIGNS = ("made", "checked", "head")


def _page(told: Account, lang: str) -> dict[str, Any]:
    def named(columns: tuple[str, ...]) -> list[str]:
        return [_t(f"col_{name}", lang) for name in columns]

    return {
        "lang": lang,
        "t": {name: _t(name, lang) for name in SIGN},
        "facts": _facts(told, lang),
        "groups": (named(_SHOWN), lines(told, lang, whole=True)),
        "methods": (named(_WAYS), _methods(told, lang)),
        "exceptions": (named(_ODD), _exceptions(told, lang)),
        "steering": (named(_USE), _steering(told, lang)),
        "pointed_out": pointed_out(told, lang),
        "signs": [_t(f"sign_{who}", lang) for who in _SIGNS],
    }


def _facts(told: Account, lang: str) -> list[tuple[str, str]]:
    """What the head of the table says."""
    return [
        (_t(f"about_{name}", lang), _fact(name, value, lang))
        for name, value in told.about.items()
        if value not in (None, [])
    ]


def _fact(name: str, value: Any, lang: str) -> str:
    if name == "verdict":
        known = f"verdict_{value.split(',')[0].split()[0]}"
        return _t(known, lang) if known in SIGN else str(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _about(plan: Planned, on: date, groups: pd.DataFrame, years: list[int]) -> dict[str, Any]:
    whole = groups.iloc[-1]
    verdict = plans.verify(plan.folder)
    return {
        "task": plan.name,
        "number": plan.number,
        "commitment": plan.commitment,
        "verdict": verdict["verdict"],
        "period": f"{plan.drawn.start} – {plan.drawn.end}" if plan.drawn.start else None,
        "class_run_on": plan.class_run_on,
        "firms": int(whole["firms"]),
        "planned": int(whole["planned"]),
        "executed": int(whole["executed"]),
        "calendar": years,
        "on": str(on),
    }


def _asked(folder: Path) -> tuple[int, dict[str, Decimal]]:
    plan = json.loads((folder / "plan.json").read_bytes())["plan"]
    asked = {
        f"{scale} {letter}": Decimal(str(ratio))
        for scale in ("class", "grade")
        for letter, ratio in (plan.get(f"ratio_by_{scale}") or {}).items()
    }
    if floor := plan.get("overall_floor"):
        asked["unclassified"] = Decimal(str(floor))
    return int(plan.get("batches") or 1), asked


def _bureau(name: object, lang: str) -> str:
    return _t("all", lang) if name == account.ALL else str(name or "")


def _t(name: str, lang: str) -> str:
    return SIGN[name][lang == "en"]
