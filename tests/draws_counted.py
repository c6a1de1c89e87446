"""What is counted over many draws of the list on which everything binds, each a test by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from supervision import estimate, sample
from supervision.drawing import WAYS
from supervision.joint import joint
from tests.a_binding_list import Drawn, List
from tests.a_moment import Tested, against, together

Floats = npt.NDArray[np.float64]
Count = Callable[[Drawn], Tested]

LIST = List(count=1500, batches=4, room=16)
YEARLY = List(count=110, batches=12, room=6, seed=3, floor=0.7)


def inclusion(drawn: Drawn) -> Tested:
    """Every firm, in any way."""
    stated, free = joint(drawn.sized), _free(drawn)
    cells = stated.of(drawn.marked)[free]
    chance = drawn.frame["inclusion_probability"].to_numpy()[free]
    return against(drawn.by()[:, free], chance, stated.matrix(cells))


def by_slice(drawn: Drawn) -> Tested:
    """Every firm, in the blind slice."""
    stated, free = joint(drawn.sized), _free(drawn)
    cells = stated.of(drawn.marked)[free]
    chance = drawn.frame["slice_probability"].to_numpy()[free]
    pairs = stated.slice_pairs[np.ix_(cells, cells)].copy()
    np.fill_diagonal(pairs, chance)
    return against(drawn.by("slice")[:, free], chance, pairs)


def slice_and_plan(drawn: Drawn) -> Tested:
    """A firm in the slice and one of another stratum in the plan: independent."""
    strata = drawn.marked["stratum"].to_numpy()
    one, two = _pairs(drawn, lambda i, j: strata[i] != strata[j])
    frame = drawn.frame
    stated = frame["slice_probability"].to_numpy()[one] * frame["plan_probability"].to_numpy()[two]
    return together(drawn.by("slice")[:, one], drawn.by("plan")[:, two], stated)


def bureaus(drawn: Drawn) -> Tested:
    """Plans of two bureaus: independent."""
    bureau = drawn.marked["bureau"].to_numpy()
    one, two = _pairs(drawn, lambda i, j: bureau[i] != bureau[j])
    chance = drawn.frame["plan_probability"].to_numpy()
    by_plan = drawn.by("plan")
    return together(by_plan[:, one], by_plan[:, two], chance[one] * chance[two])


def joint_chances(drawn: Drawn) -> Tested:
    """Any two firms, in any way, against their joint chance."""
    one, two = _pairs(drawn, lambda i, j: i != j)
    stated = joint(drawn.sized)
    cells = stated.of(drawn.marked)
    every = drawn.by()
    return together(every[:, one], every[:, two], stated.pairs[cells[one], cells[two]])


def neighbours(drawn: Drawn) -> Tested:
    """Two eligible firms of one stratum, against their joint chance."""
    strata, eligible = drawn.marked["stratum"].to_numpy(), drawn.marked["eligible"].to_numpy()
    one, two = _pairs(drawn, lambda i, j: strata[i] == strata[j] and eligible[i] and eligible[j])
    stated = joint(drawn.sized)
    cells = stated.of(drawn.marked)
    every = drawn.by()
    return together(every[:, one], every[:, two], stated.pairs[cells[one], cells[two]])


INCLUSION: dict[str, Count] = {
    "inclusion, in any way": inclusion,
    "inclusion, by the slice": by_slice,
}
PAIRS: dict[str, Count] = {
    "two firms in any way, joint chances": joint_chances,
    "two firms of one stratum, joint chances": neighbours,
    "slice and the plan of another stratum, independent": slice_and_plan,
    "plans of two bureaus, independent": bureaus,
}


def _free(drawn: Drawn) -> npt.NDArray[np.bool_]:
    """The firms that no higher rule keeps out."""
    return ~drawn.marked["barred"].to_numpy()


def _pairs(
    drawn: Drawn, fit: Callable[[int, int], bool]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Pairs of firms that fit, no firm in two, matched by lot."""
    rng = np.random.default_rng(7)
    left = rng.permutation(np.flatnonzero(_free(drawn))).tolist()
    pairs = []
    while left:
        first = left.pop()
        found = next((at for at, other in enumerate(left) if fit(first, other)), None)
        if found is not None:
            pairs.append((first, left.pop(found)))
    one, two = zip(*pairs, strict=True)
    return np.array(one), np.array(two)


def covered(drawn: Drawn, basis: str, by: Sequence[str]) -> pd.DataFrame:
    """How often the intervals of a draw hold the truth, when every visit finds what there is.

    Parameters
    ----------
    by : columns whose groups are estimated; a rare cell, class A of one city, is one more.

    Returns
    -------
    a row a group: `name`, `true`, mean `rate`, and `covered`, the share of draws whose limits hold
    the truth.
    """
    firms = drawn.frame.assign(alike_share=1.0, label=drawn.marked["label"])
    rare = firms["risk_class"].eq("A") & firms["bureau"].eq("2303")
    firms["cell"] = pd.Series("rare", firms.index).where(rare)
    spoken = ~drawn.marked["barred"].to_numpy()  # who is out by a higher rule is in no estimate
    names = np.array([None, *WAYS], dtype=object)
    told = []
    for ways in drawn.ways:
        frame = firms.assign(drawn_by=names[ways])
        at = ways > 0
        visits = frame.loc[at, ["entity_id", "drawn_by", "label"]]
        visits = visits.assign(state="visited", alike=True)
        told.append(estimate.table(sample.of(frame, visits, basis), [*by, "cell"]))
    found = pd.concat(told)
    true = {("all", "all"): float(firms.loc[spoken, "label"].mean())}
    for name in (*by, "cell"):
        rates = firms[spoken].groupby(name)["label"].mean()
        true |= {(name, str(group)): float(rate) for group, rate in rates.items()}
    found["true"] = [true[key] for key in zip(found["by"], found["group"], strict=True)]
    near = 1e-9
    found["covered"] = found["true"].between(found["low"] - near, found["high"] + near)
    mean = found.groupby(["by", "group"])[["true", "rate", "covered"]].mean().reset_index()
    words = {"all": "of all", "cell": "of a rare cell", "risk_class": "of class "}
    told_of = [f"rate {words[str(by)]}" for by in mean["by"]]
    own = mean["group"].where(mean["by"] == "risk_class", "")
    return mean.assign(name=pd.Series(told_of) + own)
