"""Forms of codes that can be checked without a register: divisions, industries, persons' hashes.

The division inside a credit code is where the firm was first registered, not where it is now,
so the two are never held against each other (domain.md §8.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from records import wordings
from records.columns import Form
from records.wordings import SEND_AGAIN, Said, Wording

_DIGIT = "[0-9０-９]"
_MONTH_DAY = "(?:[0０][1-9１-９]|[1１][0-2０-２])(?:[012０１２][0-9０-９]|[3３][01０１])"
IDENTITY = (
    rf"{_DIGIT}{{6}}(?:[12１２]{_DIGIT}{{3}}{_MONTH_DAY}{_DIGIT}{{3}}[0-9０-９XxＸｘ]"
    rf"|{_DIGIT}{{2}}{_MONTH_DAY}{_DIGIT}{{3}})"
)
"""An identity number of 18 or, as they were until 1999, 15 characters."""

MOBILE = rf"(?:[+＋]?[8８][6６])?[1１][3-9３-９]{_DIGIT}{{9}}"
"""The number of a mobile telephone."""

OPEN = rf"(?:{IDENTITY}|{MOBILE})"
"""What tells in the open who somebody is."""

VEILED = r"\*{8,}"
"""What `records.people` leaves of a number that came in the open."""

REWRITTEN = r"(?:^|[^0-9A-Za-z.])[0-9](?:\.[0-9]+)?[eE]\+[0-9]+(?:$|[^0-9A-Za-z])"
"""What a spreadsheet makes of a long code: 9.13E+17."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A form: the pattern its values match (or, if `forbidden`, must not hold) and what to say."""

    pattern: str
    problem: Wording
    allowed: Said
    hint: Said = SEND_AGAIN
    everywhere: bool = False
    forbidden: bool = False


RULES: dict[Form, Rule] = {
    # The first two digits are the province's; GB/T 2260.
    "division": Rule(
        r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])[0-9]{4}",
        wordings.NO_DIVISION,
        wordings.A_DIVISION(),
    ),
    "industry": Rule(
        r"[A-T](?:0[1-9]|[1-9][0-9])[0-9]{0,2}",
        wordings.NO_INDUSTRY,
        wordings.AN_INDUSTRY(),
    ),
    "currency": Rule(
        r"[A-Z]{3}",
        wordings.NO_CURRENCY,
        wordings.A_CURRENCY(),
        wordings.MAP_IT(),
        everywhere=True,
    ),
    "code": Rule(
        REWRITTEN,
        wordings.REWRITTEN,
        wordings.AS_ISSUED(),
        wordings.AS_TEXT(),
        everywhere=True,
        forbidden=True,
    ),
    "person": Rule(
        rf"^(?:{VEILED}|{OPEN})$",
        wordings.IN_THE_OPEN,
        wordings.A_HASH(),
        wordings.HASH_IT(),
        everywhere=True,
        forbidden=True,
    ),
}


def refused(
    values: pa.Array, form: Form, id_scheme: Literal["uscc", "opaque"] | str
) -> npt.NDArray[np.bool_]:
    """Which given values do not have a form; an opaque store's own codes are its own affair.

    Returns an array of shape (n,); a null is never refused.
    """
    rule = RULES.get(form)
    if rule is None or not (rule.everywhere or id_scheme == "uscc"):
        return np.zeros(len(values), dtype=np.bool_)
    pattern = rule.pattern if rule.forbidden else f"^(?:{rule.pattern})$"
    matched = pc.match_substring_regex(values, pattern)
    wrong = matched if rule.forbidden else pc.invert(matched)
    return np.asarray(pc.fill_null(wrong, False), dtype=bool)
