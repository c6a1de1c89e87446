"""Forms of codes that can be checked without a register: divisions, industries, persons' hashes.

The division inside a credit code is where the firm was first registered, not where it is now,
so the two are never held against each other (domain.md §8.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from records.columns import Form

_DIGIT = "[0-9０-９]"
_MONTH_DAY = "(?:[0０][1-9１-９]|[1１][0-2０-２])(?:[012０１２][0-9０-９]|[3３][01０１])"
IDENTITY = (
    rf"{_DIGIT}{{6}}(?:[12１２]{_DIGIT}{{3}}{_MONTH_DAY}{_DIGIT}{{3}}[0-9０-９XxＸｘ]"
    rf"|{_DIGIT}{{2}}{_MONTH_DAY}{_DIGIT}{{3}})"
)
"""An identity number of 18 or, as they were until 1999, 15 characters."""

VEILED = r"\*{8,}"
"""What `records.people` leaves of an identity number that came in the open."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A form: the pattern its values match (or, if `forbidden`, must not) and what to say."""

    pattern: str
    problem: str
    allowed: str
    hint: str
    everywhere: bool = False
    forbidden: bool = False


_SOURCE = "correct it at the source and send the row again"
RULES: dict[Form, Rule] = {
    # The first two digits are the province's; GB/T 2260.
    "division": Rule(
        r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])[0-9]{4}",
        "not a division code (GB/T 2260)",
        "six digits, the first two a province's, such as 230102",
        _SOURCE,
    ),
    "industry": Rule(
        r"[A-T](?:0[1-9]|[1-9][0-9])[0-9]{0,2}",
        "not an industry code (GB/T 4754)",
        "a section letter A–T and two to four digits, such as C13 or F5211",
        _SOURCE,
    ),
    "person": Rule(
        rf"{VEILED}|{IDENTITY}",
        "an identity number in the open",
        "a keyed hash of the identity number",
        "name the column under `hmac` in the mapping and ingest the file again",
        everywhere=True,
        forbidden=True,
    ),
}


def refused(
    values: pd.Series, form: Form, id_scheme: Literal["uscc", "opaque"] | str
) -> npt.NDArray[np.bool_]:
    """Which given values do not have a form; an opaque store's own codes are its own affair.

    Returns an array of shape (n,); a null is never refused.
    """
    rule = RULES.get(form)
    if rule is None or not (rule.everywhere or id_scheme == "uscc"):
        return np.zeros(len(values), dtype=np.bool_)
    matched = values.astype("str").str.fullmatch(rule.pattern).eq(True).to_numpy(bool)
    given = values.notna().to_numpy(bool)
    wrong: npt.NDArray[np.bool_] = given & (matched if rule.forbidden else ~matched)
    return wrong
