"""How many visits a committed plan will make, told by group and by bureau before any seed."""

from __future__ import annotations

from typing import Any

from supervision.proofs.proof import Prepared

_GROUPS = ("firms", "eligible", "asked", "wanted", "planned", "top_up")
_BUREAUS = ("firms", "slice_most", "recheck_most", "planned", "top_up_most", "visits_most",
            "capacity")  # fmt: skip


def told(ready: Prepared) -> dict[str, Any]:
    """The sizes of a plan.

    Returns
    -------
    `period`, `firms` (live), `inspectors`, `slice`, `recheck`, `planned`, `top_up`, `floor`
    (visits), and three tables: `groups` by group, `bureaus` by bureau, `sizes` by bureau/group.
    In `groups` and `sizes`: the firms the plan is for, those eligible, visits asked by the ratio,
    wanted of who is eligible, planned after capacity, and expected by top-up.
    """
    sized, strata = ready.sized, ready.sized.strata
    both = strata.assign(place=strata["bureau"] + "/" + strata["group"])
    columns = list(_GROUPS)
    bureaus = sized.bureaus.set_index("bureau").reindex(columns=list(_BUREAUS))
    return {
        "period": f"{ready.period.start}/{ready.period.end}",
        "firms": len(ready.marked),
        "inspectors": len(ready.inspectors),
        "slice": sized.slice,
        "recheck": sized.recheck,
        "planned": int(strata["planned"].sum()),
        "top_up": sized.top_up,
        "floor": sized.floor,
        "groups": _rows(strata.groupby("group")[columns].sum()),
        "bureaus": _rows(bureaus),
        "sizes": _rows(both.groupby("place")[columns].sum()),
    }


def _rows(table: Any) -> dict[str, dict[str, Any]]:
    """A table as plain data: whole numbers, parts of visits to a tenth, no limit as null."""
    return {
        str(name): {column: _plain(value) for column, value in row.items()}
        for name, row in table.astype(object).where(table.notna(), None).to_dict("index").items()
    }


def _plain(value: Any) -> Any:
    return round(value, 1) if isinstance(value, float) else value
