"""A list that somebody uploads to have it compared: which column holds codes, and which names.

Headings are known as bureaux write them, whatever stands around them. A list of codes without any
heading is known by its codes.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pandas as pd

from records import cells, identity, readers
from records.errors import BadInput, NotFound

CODES = (
    "统一社会信用代码",
    "社会信用代码",
    "统一信用代码",
    "信用代码",
    "统一代码",
    "企业代码",
    "主体代码",
    "单位代码",
    "统一社会信用代码注册号",
    "注册号",
    "entityid",
    "uscc",
    "usci",
    "usccode",
    "uniscid",
    "socialcode",
    "creditcode",
    "unifiedsocialcreditcode",
    "code",
    "id",
    "entitykey",
)
NAMES = (
    "企业名称",
    "市场主体名称",
    "经营主体名称",
    "主体名称",
    "单位名称",
    "机构名称",
    "商户名称",
    "公司名称",
    "字号名称",
    "企业",
    "单位",
    "公司",
    "名称",
    "被检查对象",
    "检查对象",
    "当事人",
    "name",
    "entityname",
    "entname",
    "company",
    "companyname",
    "enterprise",
    "enterprisename",
    "firm",
    "firmname",
)
"""Headings, without blanks, brackets and case; the first that a list has counts."""

_REMARK = re.compile(r"[(（\[【].*?[)）\]】]")
_AROUND = re.compile(r"[\s()\[\]{}【】<>《》:：*_/、.\-]+")

ASKED = ("row", "code", "name")
"""A row of the list: its number (from 1, without the heading), code and name; null: not given."""


def read(
    file: Path, code: str | None = None, name: str | None = None, *, most: int | None = None
) -> pd.DataFrame:
    """The list, frame of `ASKED`, in its order.

    Parameters
    ----------
    code, name : headings of the columns, where they are not known ones.
    most : rows it may have; null: any number.

    Raises
    ------
    NotFound, BadInput : the file cannot be read, is too long, or none of its columns holds codes or
        names.
    """
    frame = _rows(file, most)
    headings = [str(heading) for heading in frame.columns]
    if code is None and name is None and _headless(headings):
        first = pd.DataFrame([headings], columns=frame.columns)
        frame = pd.concat([first, frame.astype("str")], ignore_index=True)
        code = headings[0]
    found = {
        "code": _column(headings, code, CODES),
        "name": _column(headings, name, NAMES),
    }
    if found["code"] is None and found["name"] is None:
        raise BadInput(
            f"{file.name}: no column holds codes or names", found=", ".join(headings),
            allowed=f"a heading such as {', '.join((*CODES[:3], *NAMES[:3], 'uscc', 'name'))}",
            hint="name the column with --code or --name",
        )  # fmt: skip
    told = {
        what: cells.texts(frame[column]) if column is not None else None
        for what, column in found.items()
    }
    rows = pd.DataFrame({"row": range(1, len(frame) + 1), **told}, columns=list(ASKED))
    return rows.astype({"code": "str", "name": "str"})


def _rows(file: Path, most: int | None) -> pd.DataFrame:
    """All rows of a file; of one that is too long no more than shows it."""
    frames: list[pd.DataFrame] = []
    for frame in readers.batches(file, header=readers.header_row(file)):
        frames.append(frame)
        if most is not None and sum(map(len, frames)) > most:
            raise BadInput(
                f"{file.name} has too many rows", found=f"more than {most:,}",
                allowed=f"up to {most:,}", hint="cut the list into parts",
            )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def _column(headings: list[str], given: str | None, known: tuple[str, ...]) -> str | None:
    if given is not None:
        if given not in headings:
            raise NotFound.among("column", given, headings)
        return given
    plain = {_plain(_REMARK.sub("", heading)): heading for heading in reversed(headings)}
    plain |= {_plain(heading): heading for heading in reversed(headings)}
    return next((plain[name] for name in known if name in plain), None)


def _headless(headings: list[str]) -> bool:
    """Whether what should be a heading is a credit code: the list has none."""
    codes = identity.repair(pd.Series(headings[:1], dtype="str"))
    return bool(identity.valid_uscc(codes).all())


def _plain(heading: str) -> str:
    return _AROUND.sub("", unicodedata.normalize("NFKC", heading)).lower()
