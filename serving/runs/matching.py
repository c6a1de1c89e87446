"""Which firm of a run each row of an uploaded list speaks of; what cannot be told is not guessed.

A code decides; a name beside it must be that firm's, in any spelling that `records.names` takes for
one. Without a code the name decides, if only one firm has it: several candidates are counted, and
none of them is taken.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from records import identity, names
from serving.runs import headlines

MATCHED = "matched"

WHY: dict[str, tuple[str, str]] = {
    MATCHED: ("", ""),
    "empty": ("代码与名称均为空", "neither code nor name"),
    "bad_check_digit": ("统一社会信用代码校验位不符", "the check digit of the code is wrong"),
    "unknown_code": ("本期分类中没有该代码", "no enterprise of this run has the code"),
    "unknown_name": ("本期分类中没有该名称", "no enterprise of this run has the name"),
    "ambiguous_name": (
        "名称对应 {} 家企业，请给出代码",
        "{} enterprises have the name: give the code",
    ),
    "name_differs": ("名称与代码不符，该代码为：{}", "the code belongs to another name: {}"),
}
"""Why a row is answered or not, in Chinese and English."""

ANSWERED = ("row", "code", "name", "entity_id", "status", "candidates", "detail", "same_as")
"""A row of the list: the firm (null: none), `status` (a key of `WHY`), how many firms may be meant,
what the reason says besides, and the row of the list that speaks of the same firm before."""

_LOOKS = r"[0-9A-Z]{18}"


def match(run: Path, asked: pd.DataFrame) -> pd.DataFrame:
    """Match a list against a run.

    Parameters
    ----------
    asked : `uploads.read`'s.

    Returns
    -------
    Frame of `ANSWERED`, row for row in the order of the list.
    """
    known = headlines.classes(run).to_table(columns=["entity_id", "name"])
    return among(known, asked, checked=checked(known["entity_id"]))


def among(known: pa.Table, asked: pd.DataFrame, *, checked: bool) -> pd.DataFrame:
    """Match a list against firms; as `match`.

    Parameters
    ----------
    known : `entity_id` and `name` of all firms that the list may mean.
    checked : whether the run's own codes have check digits.
    """
    told = asked.assign(entity_id=None, status="", candidates=0, detail="").astype(
        {"entity_id": object, "candidates": "int64"}
    )
    told["code"] = spelled(told["code"])
    _by_code(told, known, checked)
    _by_name(told, known)
    empty = told["code"].isna() & told["name"].isna()
    told.loc[empty, "status"] = "empty"
    matched = told["entity_id"].where(told["status"].eq(MATCHED))
    told["entity_id"] = matched
    first = told["row"].groupby(matched).transform("first")
    told["same_as"] = first.where(matched.notna() & (first != told["row"])).astype("Int64")
    return told[list(ANSWERED)]


def spelled(codes: pd.Series) -> pd.Series:
    """Codes as a register writes them, if that makes codes of them; others as they are."""
    mended = identity.repair(codes)
    return codes.where(~mended.str.fullmatch(_LOOKS).fillna(False).astype(bool), mended)


def _by_code(told: pd.DataFrame, known: pa.Table, checked: bool) -> None:
    given = told["code"].notna()
    wanted = pa.array(told.loc[given, "code"].unique(), pa.string())
    found = known.filter(pc.is_in(known["entity_id"], value_set=wanted))
    name_of = dict(zip(found["entity_id"].to_pylist(), found["name"].to_pylist(), strict=True))
    there = given & told["code"].isin(name_of)
    told.loc[there, "entity_id"] = told.loc[there, "code"]
    told.loc[there, "status"] = MATCHED
    told.loc[there, "candidates"] = 1
    theirs = told["code"].map(name_of)
    both = there & told["name"].notna() & theirs.notna()
    differs = both & (_one_way(told["name"]) != _one_way(theirs))
    told.loc[differs, "status"] = "name_differs"
    told.loc[differs, "detail"] = theirs[differs]
    lost = given & ~there
    looks = told["code"].str.fullmatch(_LOOKS).fillna(False).astype(bool)
    broken = lost & looks & ~identity.valid_uscc(told["code"]) & checked
    told.loc[lost, "status"] = "unknown_code"
    told.loc[broken, "status"] = "bad_check_digit"


def checked(codes: pa.Array | pa.ChunkedArray) -> bool:
    """Whether a run's own codes have check digits, as its first ones tell."""
    some = codes.slice(0, 100).to_pandas()
    return bool(identity.valid_uscc(some).all())


def _by_name(told: pd.DataFrame, known: pa.Table) -> None:
    """Rows without a code by their name; where a code is not known, only how many have the name."""
    asked = told["name"].notna() & told["entity_id"].isna()
    if not asked.any():
        return
    mine = _one_way(told["name"])
    theirs = names.firms(known["name"])
    wanted = pa.array(mine[asked].unique(), pa.string())
    place = pc.is_in(theirs, value_set=wanted)
    found = pd.DataFrame(
        {
            "key": theirs.filter(place).to_pylist(),
            "id": known["entity_id"].filter(place).to_pylist(),
        }
    )
    count, first = found.groupby("key")["id"].size(), found.groupby("key")["id"].first()
    candidates = mine.map(count).fillna(0).astype("int64")
    told["candidates"] = np.where(asked, candidates, told["candidates"])
    only = asked & told["code"].isna()
    told.loc[only & (candidates == 0), "status"] = "unknown_name"
    several = only & (candidates > 1)
    told.loc[several, "status"] = "ambiguous_name"
    told.loc[several, "detail"] = candidates[several].astype("str")
    one = only & (candidates == 1)
    told.loc[one, "entity_id"] = mine[one].map(first)
    told.loc[one, "status"] = MATCHED


def _one_way(given: pd.Series) -> pd.Series:
    """Names written one way, the whole column at once."""
    texts = pa.array(given.astype("str"), pa.string(), from_pandas=True)
    return pd.Series(names.firms(texts).to_pandas(), dtype="str").set_axis(given.index)
