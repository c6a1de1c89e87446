"""Xinfen's plan of a month (TEMPORARY adapter until the new draw is there)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

PLAN = Path(__file__).with_name("loop.yaml")


def drawn(firms: pd.DataFrame, run: pd.DataFrame, visited: pd.DataFrame, day: date, seed: int) -> pd.DataFrame:
    plan = yaml.safe_load(PLAN.read_text("utf-8"))
    told = firms[["entity_id"]].merge(run, on="entity_id", how="left")
    group = np.where(told["risk_class"].notna(), "class " + told["risk_class"].astype("str"),
        np.where((told["scope"] == "grade_only") & told["public_grade"].notna(), "grade " + told["public_grade"].astype("str"), "unclassified"))
    frame = firms[["entity_id"]].assign(group=group, risk_class=told["risk_class"].to_numpy())
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x20, day.toordinal()]))
    n, b, B = len(frame), day.month, 12
    def size(x: Fraction) -> int:
        return ceil(x * b / B) - ceil(x * (b - 1) / B)
    s = size(n * Fraction(str(plan["blind_slice"]["ratio"])))
    way = np.full(n, None, object)
    way[rng.choice(n, s, replace=False)] = "slice"
    this_year = visited[pd.to_datetime(visited["visited_on"]).dt.year == day.year]
    free = ~frame["entity_id"].isin(this_year["entity_id"]).to_numpy() | (group == "class D")
    p = np.zeros(n)
    for g in np.unique(group):
        kind, _, letter = g.partition(" ")
        r = plan[f"ratio_by_{kind}"][letter] if letter else plan["overall_floor"]
        members = group == g
        m = size(int(members.sum()) * Fraction(str(r)))
        eligible = members & free
        e = int(eligible.sum())
        m = min(m, e)
        left = np.flatnonzero(eligible & (way != "slice"))
        got = rng.choice(left, min(m, len(left)), replace=False)
        way[got] = "plan"
        if e:
            p[eligible] = m / e
    return frame.assign(drawn_by=way, slice_probability=s / n, plan_probability=p, inclusion_probability=s / n + p)
