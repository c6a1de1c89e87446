"""Labels: item-level inspection results become one outcome a visit.

A problem in the fixed basket is positive; closed, moved or revoked firms have no label (censored);
a visit whose basket showed nothing is negative; one without the basket has no label either. Tokens
are compared exactly. A label counts only after the maturity period: pending is not clean.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from features.firms import population, table_on
from models.policy import Policy
from models.settings import Outcome
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
    "basket_items",
    "state",
    "label",
    "unreachable",
]
"""Columns of visits; then one for each outcome told aside, `unreachable` if it is not among them.

`items` and `basket_items` count what was inspected; `state` is positive, negative, censored or
off_basket, and `label` its number.
"""
STATES = {"positive": 1.0, "negative": 0.0, "censored": np.nan, "off_basket": np.nan}


def labels(records: Snapshot, outcome: Outcome, until: date) -> pd.DataFrame:
    """One row a visit known and matured on a day.

    Returns
    -------
    frame of COLUMNS and a flag for each outcome told aside, sorted by visit day and id: `label`
    is 1.0, 0.0 or null (no label); `as_of` is the class run before the plan's commitment (else
    the first of the visit's month), or the day of the visit, as the definition says.

    Raises
    ------
    NotPossible : no visit was known and matured by then.
    """
    for name in ("inspections", "enterprises"):
        if name not in records.tables:
            raise NotPossible(
                f"the store has no {name}, so there is nothing to learn from",
                hint=f"ingest {name} first",
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


def tally(visits: pd.DataFrame) -> list[dict[str, int | str]]:
    """Visits counted by year, way and state, in that order; what was told aside, too."""
    named = visits.assign(year=visits["visited_on"].dt.year, way=visits["way"].fillna("unknown"))
    aside = [name for name in visits.columns if name not in COLUMNS or name == "unreachable"]
    rows: list[dict[str, int | str]] = []
    for (year, way), part in named.groupby(["year", "way"], sort=True):
        states = part["state"].value_counts()
        counted = {state: int(states.get(state, 0)) for state in STATES}
        told = {name: int(part[name].sum()) for name in aside}
        rows.append({"year": int(str(year)), "way": str(way), **counted, **told})
    return rows


def _visits(items: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    basket = (
        items["item"].isin(outcome.basket) if outcome.basket else pd.Series(True, index=items.index)
    )
    aside = {"unreachable": ["unreachable"], **outcome.aside}
    flags = items.assign(
        basket_item=items["item"].where(basket),
        positive=basket & items["result"].isin(outcome.positive),
        censored=items["result"].isin(outcome.censored),
        negative=basket & items["result"].isin(outcome.negative),
        **{name: basket & items["result"].isin(tokens) for name, tokens in aside.items()},
    )
    visits = (
        flags.groupby("inspection_id", sort=True)
        .agg(
            entity_id=("entity_id", "first"),
            visited_on=("visited_on", "max"),
            **{name: (name, "first") for name in VISIT},
            items=("item", "size"),
            basket_items=("basket_item", "nunique"),
            **{name: (name, "any") for name in ("positive", "censored", "negative", *aside)},
        )
        .reset_index()
    )
    said = [visits[state] for state in ("positive", "censored", "negative")]
    visits["state"] = np.select(said, ["positive", "censored", "negative"], "off_basket")
    visits["label"] = visits["state"].map(STATES)
    visits["as_of"] = _as_of(visits, outcome)
    columns = [*COLUMNS, *(name for name in aside if name != "unreachable")]
    return visits[columns].sort_values(["visited_on", "inspection_id"], ignore_index=True)


def _as_of(visits: pd.DataFrame, outcome: Outcome) -> pd.Series:
    if outcome.as_of == "visit":
        return pd.Series(visits["visited_on"].dt.date)
    month = visits["visited_on"].dt.to_period("M").dt.to_timestamp()
    run: pd.Series = pd.to_datetime(visits["class_run_on"]).fillna(month).dt.date
    return run
