"""Labels: item-level inspection results become one outcome a visit.

A problem in the fixed basket is positive; a visit whose basket showed none is negative; closed,
moved or revoked firms and visits without the basket have no label (censored). Tokens are
compared exactly. A label counts only after the maturity period: pending is not clean.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from features.firms import population, table_on
from models.definition import Outcome
from models.policy import Policy
from records.errors import NotPossible
from records.store import Snapshot

VISIT = [
    "way",
    "drawn_by",
    "inclusion_probability",
    "class_run_on",
    "method",
    "office",
    "inspector",
]
COLUMNS = [
    "inspection_id",
    "entity_id",
    "as_of",
    "visited_on",
    *VISIT,
    "items",
    "label",
    "unreachable",
]


def labels(records: Snapshot, outcome: Outcome, until: date) -> pd.DataFrame:
    """One row a visit known and matured on a day.

    Returns
    -------
    frame of COLUMNS sorted by visit day and id: `label` is 1.0, 0.0 or null (censored);
    `as_of` is the class run before the plan's commitment (else the first of the visit's
    month), or the day of the visit, as the definition says.

    Raises
    ------
    NotPossible : no visit was known and matured by then.
    """
    if "inspections" not in records.tables:
        raise NotPossible(
            "the store has no inspections, so there is nothing to learn from",
            hint="ingest inspections first",
        )
    items = table_on(records, "inspections", until).sort_values(["source", "source_id"])
    items["visited_on"] = pd.to_datetime(items["event_time"])
    mature = items["visited_on"] <= pd.Timestamp(until - timedelta(days=outcome.maturity_days))
    items = items[mature.to_numpy(bool)]
    if items.empty:
        raise NotPossible(
            f"no inspection was known and matured on {until}",
            found=str(until),
            allowed=f"results at least {outcome.maturity_days} days old",
            hint="choose a later --until",
        )
    return _visits(items, outcome)


def in_scope(visits: pd.DataFrame, records: Snapshot, policy: Policy, until: date) -> pd.DataFrame:
    """Visits to firms that the model classifies; others carry the public grade alone.

    A firm that no registration names is not classified either.
    """
    firms = population(records, until)
    scored = firms.loc[policy.scope.of(firms["entity_type"]) == "model", "entity_id"]
    kept = visits[visits["entity_id"].isin(scored)].reset_index(drop=True)
    if kept.empty:
        raise NotPossible(
            "no inspected enterprise is in the model's scope",
            found=f"{len(visits)} visits, {len(firms)} registered enterprises",
            hint="ingest the registrations, or widen `scope` in policy.yaml",
        )
    return kept


def _visits(items: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    basket = (
        items["item"].isin(outcome.basket) if outcome.basket else pd.Series(True, index=items.index)
    )
    flags = items.assign(
        positive=basket & items["result"].isin(outcome.positive),
        negative=basket & items["result"].isin(outcome.negative),
        unreachable=items["result"].eq("unreachable"),
    )
    visits = (
        flags.groupby("inspection_id", sort=True)
        .agg(
            entity_id=("entity_id", "first"),
            visited_on=("visited_on", "max"),
            **{name: (name, "first") for name in VISIT},
            items=("item", "size"),
            positive=("positive", "any"),
            negative=("negative", "any"),
            unreachable=("unreachable", "any"),
        )
        .reset_index()
    )
    visits["label"] = np.where(visits["positive"], 1.0, np.where(visits["negative"], 0.0, np.nan))
    visits["as_of"] = _as_of(visits, outcome)
    return visits[COLUMNS].sort_values(["visited_on", "inspection_id"], ignore_index=True)


def _as_of(visits: pd.DataFrame, outcome: Outcome) -> pd.Series:
    if outcome.as_of == "visit":
        return pd.Series(visits["visited_on"].dt.date)
    month = visits["visited_on"].dt.to_period("M").dt.to_timestamp()
    run: pd.Series = pd.to_datetime(visits["class_run_on"]).fillna(month).dt.date
    return run
