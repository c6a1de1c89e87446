"""Draws of a small known population, by numpy alone: what estimates are held against.

The design is the shared one (docs/proof.md): a slice spread over bureaus in proportion, then the
plan in strata of class and bureau among the eligible who are left. The truth is a label a firm.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from supervision.sample import Index

RATES = {"A": 0.01, "B": 0.08, "C": 0.18, "D": 0.3}
SHARES = (0.7, 0.2, 0.07, 0.03)
RATIOS = {"A": 0.02, "B": 0.04, "C": 0.12, "D": 0.35}


def population(firms: int = 6000, seed: int = 1) -> pd.DataFrame:
    """Firms with class, bureau, industry, label; one in twenty is not eligible for the plan."""
    rng = np.random.default_rng(seed)
    classes = rng.choice(list(RATES), firms, p=SHARES)
    bureau = rng.choice(["2301", "2302", "2303"], firms, p=[0.6, 0.3, 0.1])
    chance = np.array([RATES[name] for name in classes]) * np.where(bureau == "2302", 1.3, 1.0)
    return pd.DataFrame({
        "entity_id": [f"F{number:05d}" for number in range(firms)],
        "frame_hash": "f" * 64,
        "risk_class": classes,
        "bureau": bureau,
        "industry": rng.choice(list("CFHI"), firms, p=[0.5, 0.3, 0.15, 0.05]),
        "stratum": [f"class {name}/{code}" for name, code in zip(classes, bureau, strict=True)],
        "eligible": rng.random(firms) > 0.05,
        "label": (rng.random(firms) < chance).astype(float),
    })  # fmt: skip


def drawn(
    firms: pd.DataFrame, rng: np.random.Generator, slice_ratio: float = 0.03, on_site: float = 1.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A draw's frame, and the visits: every one done, `alike` for the share `on_site`."""
    total = len(firms)
    size = round(total * slice_ratio)
    way = np.full(total, None, dtype=object)
    bureaus = firms["bureau"].to_numpy()
    names, counts = np.unique(bureaus, return_counts=True)
    ends = np.floor(np.cumsum(size * counts / total) + rng.random() + 1e-9).astype(int)
    for name, taken in zip(names, np.diff(ends, prepend=0), strict=True):
        way[rng.choice(np.flatnonzero(bureaus == name), taken, replace=False)] = "slice"
    chance = np.zeros(total)
    eligible = firms["eligible"].to_numpy()
    strata: dict[str, Index] = {
        str(k): np.asarray(v) for k, v in firms.groupby("stratum").indices.items()
    }
    for stratum, at in strata.items():
        able = at[eligible[at]]
        count = min(int(np.ceil(len(at) * RATIOS[stratum[6]])), len(able))
        chance[able] = count / len(able) if len(able) else 0
        free = able[[one is None for one in way[able]]]
        way[rng.choice(free, min(count, len(free)), replace=False)] = "plan"
    frame = firms.drop(columns="label").assign(
        slice_probability=size / total, plan_probability=chance, top_up_probability=0.0,
        inclusion_probability=size / total + chance, alike_share=on_site,
        drawn=[one is not None for one in way], drawn_by=way,
    )  # fmt: skip
    visits = pd.DataFrame(
        {"entity_id": firms["entity_id"], "drawn_by": way, "state": "visited",
         "label": firms["label"]}
    )[frame["drawn"]]  # fmt: skip
    alike = (visits["drawn_by"] == "slice") | (rng.random(len(visits)) < on_site)
    return frame, visits.assign(alike=alike).reset_index(drop=True)
