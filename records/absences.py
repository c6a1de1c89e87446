"""Why something is missing: the one thing to mend, instead of all that follows from it.

A mapping makes columns from others: `known_time` from a day, an id from a firm and a day. Where
the day is missing they are missing too, and telling that hides the one cell to be filled.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from records import wordings
from records.checks import Checked
from records.faults import Fault


def explain(
    checked: Checked, follows: Mapping[str, Set[str]], unfilled: Mapping[str, Fault]
) -> None:
    """Leave of each row's faults those that can be mended, in place; never none of them.

    Parameters
    ----------
    follows : our column → our columns that it is made from.
    unfilled : our column → the fault to tell where it is missing, in place of the plain one.
    """
    if not (follows or unfilled):
        return
    for row, faults in checked.faults.items():
        wrong = {fault.field for fault in faults}
        checked.faults[row] = [
            unfilled.get(fault.field, fault) if _missing(fault) else fault
            for fault in faults
            if not (_missing(fault) and follows.get(fault.field, frozenset()) & wrong)
        ]


def _missing(fault: Fault) -> bool:
    return fault.problem == wordings.MISSING(column=fault.field)
