"""Answers about many firms as tables, on the terminal and in files; cells are texts, none runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa

from records import sheets
from records.errors import BadInput
from records.files import write_parquet
from serving.runs.matching import WHY

WORDS: dict[str, tuple[str, str]] = {
    "row": ("行", "Row"),
    "code": ("所给代码", "Code given"),
    "name_given": ("所给名称", "Name given"),
    "status": ("比对结果", "Status"),
    "why": ("说明", "Why"),
    "candidates": ("可能企业数", "Candidates"),
    "same_as": ("与第几行重复", "Same as row"),
    "entity_id": ("统一社会信用代码", "Enterprise"),
    "name": ("企业名称", "Name"),
    "division": ("行政区划", "Division"),
    "industry": ("行业", "Industry"),
    "risk_class": ("风险类别", "Risk class"),
    "class_name": ("类别名称", "Class in words"),
    "public_grade": ("公共信用等级", "Public grade"),
    "public_score": ("公共信用得分", "Public score"),
    "previous_class": ("上期类别", "Previous class"),
    "as_of": ("分类日期", "Class as of"),
    "headline": ("主要原因", "Main reasons"),
}
LISTED = ("entity_id", "name", "division", "industry", "risk_class", "class_name", "public_grade",
          "public_score", "previous_class", "as_of", "headline")  # fmt: skip
COMPARED = ("row", "code", "name_given", "status", "why", "candidates", "same_as", *LISTED)

STATUS: dict[str, tuple[str, str]] = {
    "matched": ("匹配", "matched"),
    "empty": ("空行", "empty"),
    "bad_check_digit": ("代码校验不符", "bad check digit"),
    "unknown_code": ("代码不存在", "unknown code"),
    "unknown_name": ("名称不存在", "unknown name"),
    "ambiguous_name": ("名称不唯一", "ambiguous name"),
    "name_differs": ("名称与代码不符", "name differs"),
}


def answered(matched: pd.DataFrame, told: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The rows of a list in order, each with its firm's class, date and reason, or why not."""
    en = lang == "en"
    why = [
        WHY[status][en].format(detail)
        for status, detail in zip(matched["status"], matched["detail"], strict=True)
    ]
    mine = matched.rename(columns={"name": "name_given"}).drop(columns="detail").assign(why=why)
    rows = mine.merge(told, on="entity_id", how="left")
    return rows.sort_values("row", ignore_index=True)[list(COMPARED)]


def ending(out: Path | None) -> None:
    """That a file can be written, before anything is looked up.

    Raises
    ------
    BadInput : its ending is none of ours.
    """
    if out is not None and out.suffix.lower() not in (".xlsx", ".csv", ".parquet"):
        raise BadInput("unknown kind of file", found=out.name, allowed=".xlsx, .csv, .parquet")


def write(out: Path, rows: pd.DataFrame, columns: Sequence[str], lang: str) -> None:
    """The answers as Excel or CSV with headings in a language, or as Parquet with our names."""
    match out.suffix.lower():
        case ".xlsx":
            title = "比对结果" if "row" in columns else "企业名单"
            sheets.write(out, title, headings(columns, lang), _lines(rows, columns, lang))
        case ".csv":
            lines = list(_lines(rows, columns, lang))
            cells = {
                name: pa.array([line[at] for line in lines], pa.string())
                for at, name in enumerate(headings(columns, lang))
            }
            sheets.write_csv(out, pa.table(cells))
        case _:
            write_parquet(out, pa.Table.from_pandas(rows[list(columns)], preserve_index=False))


def headings(columns: Sequence[str], lang: str) -> list[str]:
    """The names of columns in a language."""
    return [WORDS[name][lang == "en"] for name in columns]


def texts(rows: pd.DataFrame, columns: Sequence[str], lang: str) -> list[list[str]]:
    """Rows as texts; '' for null."""
    return list(_lines(rows, columns, lang))


def _lines(rows: pd.DataFrame, columns: Sequence[str], lang: str) -> Iterator[list[str]]:
    told = rows[list(columns)].astype(object)
    told = told.where(told.notna(), "")
    if "status" in columns:
        told["status"] = [STATUS[status][lang == "en"] for status in told["status"]]
    for name in ("public_score", "same_as"):  # whole numbers, also where some are null
        if name in told:
            told[name] = [str(int(value)) if value != "" else "" for value in told[name]]
    for row in told.itertuples(index=False):
        yield [str(value) for value in row]
