"""What each drawn visit tells of the slice's basket: its state, and whether it was to be alike.

A slice visit is on site with the whole basket. A plan visit is alike if it was *drawn* to be so:
the method by its ticket, every item of the basket among its own. What it then was decides only
whether it is measured: a visit made otherwise, or with an item of the basket left out, is
`unlike` and counts as missing. A problem outside the basket is none here, for the slice would
not have looked for it. A plan without a slice has a basket too: the items that it inspects at
every firm it is about (`of`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

import numpy as np
import pandas as pd

from supervision.errors import PlanError
from supervision.estimates.sample import DONE, WAYS, Mask
from supervision.plans.plan import PlanDefinition

ON_SITE = "on_site"

VISITS = (
    "visit", "entity_id", "drawn_by", "state", "items", "items_done", "method", "method_drawn",
)  # fmt: skip
"""What is read of the visits; items are ids joined by `;`. A swapped visit was not visited."""

RESULTS = ("visit", "item", "label")
"""What is read of the items: 1 a problem, 0 none, null where the item tells neither."""

_STATES = {"swapped": "not_visited"}


def of(plan: PlanDefinition) -> tuple[str, ...]:
    """The items by which a plan's visits are measured: the slice's, else those of every firm.

    Without a slice these are the items without a field, and those of the scope's field if it has
    one alone; where visits are not joint, the first of them.

    Raises
    ------
    PlanError : there is none: what is looked at differs from firm to firm.
    """
    if plan.blind_slice is not None:
        return plan.blind_slice.basket
    fields = plan.scope.fields or () if plan.scope else ()
    common = [
        item.id for item in plan.items if item.field is None or (item.field,) == tuple(fields)
    ]
    if not common:
        raise PlanError(
            "no item of the plan is inspected at every firm",
            found=", ".join(f"{item.id}: {item.field}" for item in plan.items),
            allowed="an item without a field, or a scope of that field alone",
            hint="what is looked at differs from firm to firm: rates would not be of one thing",
        )  # fmt: skip
    return tuple(common if plan.joint_visits else common[:1])


def measured(visits: pd.DataFrame, results: pd.DataFrame, basket: Collection[str]) -> pd.DataFrame:
    """The visits as `sample.of` takes them.

    Parameters
    ----------
    visits : columns `VISITS`, a row a drawn visit; others (swapped in, re-checks) are left out.
    results : columns `RESULTS`, a row an item of a visit.
    basket : the ids of its items, `of`.

    Returns
    -------
    A row a drawn firm, in the order of `visits`: `entity_id`, `drawn_by`, `state`, `label`,
    `on_site` (drawn to be) and `alike` (on site, with the whole basket). `label` is 1 if an item
    of the basket had a problem, 0 if one had none and no other had, null if no item told either.
    """
    _needed("visits", visits, VISITS)
    _needed("results", results, RESULTS)
    own = visits[visits["drawn_by"].isin(WAYS)].reset_index(drop=True)
    blind = (own["drawn_by"] == "slice").to_numpy(bool)
    asked = (own["method_drawn"] == ON_SITE).to_numpy(bool)
    whole = _holds(own["items"], basket)
    state = own["state"].replace(_STATES)
    done = state.isin(DONE).to_numpy(bool)
    kept = (own["method"] == ON_SITE).to_numpy(bool) & _holds(own["items_done"], basket)
    inside = results[results["item"].isin(list(basket))]
    each = inside["label"].astype(float).groupby(inside["visit"]).max()
    label = own["visit"].map(each)
    return pd.DataFrame({
        "entity_id": own["entity_id"],
        "drawn_by": own["drawn_by"],
        "state": state.mask(done & ~kept, "unlike"),
        "label": label.where(done & kept),
        "on_site": blind | asked,
        "alike": blind | (asked & whole),
    })  # fmt: skip


def shares(
    frame: pd.DataFrame, visits: pd.DataFrame, on_site: Mapping[str, Decimal | float]
) -> pd.Series[float]:
    """The share of the plan visits of a firm's stratum that is to be alike (`alike_share`).

    Parameters
    ----------
    frame : the draw's, with `entity_id` and `stratum`.
    visits : what `measured` made of the draw's visits.
    on_site : the share of a group (`class A`) that is drawn to be on site.

    Returns
    -------
    Shares in the order of the frame: that of the group; 0 in a stratum where a visit drawn to be
    on site lacks an item of the basket, for there the chance to be alike hangs on which items
    were due, which differs from firm to firm.
    """
    codes, strata = pd.factorize(frame["stratum"])
    each = [float(on_site.get(str(name).partition("/")[0], 0)) for name in strata]
    planned = visits[visits["drawn_by"] != "slice"]
    stratum = planned["entity_id"].map(frame.set_index("entity_id")["stratum"])
    partial = stratum[(planned["on_site"] & ~planned["alike"]).to_numpy(bool)]
    left_out = set(partial)
    kept = [0.0 if name in left_out else share for name, share in zip(strata, each, strict=True)]
    return pd.Series(np.array(kept)[codes], index=frame.index)


def _holds(items: pd.Series[str], basket: Collection[str]) -> Mask:
    """Whether every item of the basket is among the items, told as `;`-joined text."""
    padded = ";" + items.fillna("").astype("str") + ";"
    held = np.ones(len(padded), dtype=bool)
    for item in basket:
        held &= padded.str.contains(f";{item};", regex=False).to_numpy(bool)
    return held


def _needed(name: str, given: pd.DataFrame, columns: Collection[str]) -> None:
    for column in columns:
        if column not in given:
            raise PlanError.among(f"{name}: no column {column}", column, map(str, given))
