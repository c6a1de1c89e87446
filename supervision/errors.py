"""The one error of this room: a plan, list or draw that cannot stand, and how to mend it.

It has the four fields of the errors of `records` without importing them: this room stands alone.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Self


class PlanError(Exception):
    """A plan, list or draw cannot stand.

    Parameters
    ----------
    what : where and what is wrong (entry and field, or list, row and column).
    found : the offending value as text; empty if there is none.
    allowed : what would have been accepted; empty if that cannot be listed.
    hint : the next thing to do; empty if nothing helps.
    """

    def __init__(self, what: str, *, found: str = "", allowed: str = "", hint: str = "") -> None:
        self.what, self.found, self.allowed, self.hint = what, found, allowed, hint
        told = (("found", found), ("allowed", allowed), ("hint", hint))
        super().__init__("\n  ".join([what, *(f"{key}: {text}" for key, text in told if text)]))

    @classmethod
    def among(cls, what: str, found: str, known: Iterable[str]) -> Self:
        """A value is none of those known; the hint names the nearest."""
        names = list(known)
        close = difflib.get_close_matches(found, names, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else ""
        return cls(what, found=repr(found), allowed=", ".join(names), hint=hint)

    @classmethod
    def row(cls, listed: str, number: int, column: str, found: str, allowed: str) -> Self:
        """A row of a list (counted from 1, without the header) holds a value it may not hold."""
        return cls(f"{listed}, row {number}, {column}", found=found, allowed=allowed)
