"""Who visits: a pair of inspectors for each drawn firm, drawn like the firms.

The pair are the two smallest tickets, SHA-256 of the JSON of [seed, task, `pair/` + entity_id,
inspector_id], among the inspectors of the firm's unit who have no conflict with it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from supervision.errors import PlanError
from supervision.lists import area
from supervision.tickets import Indices, Tickets

LEVELS = ("county", "city", "all")
"""From near to far: inspectors whose unit lies in the firm's county, in its city, anywhere."""

PAIR = ("inspector_1", "inspector_2", "pair_level")


def pair(drawn: pd.DataFrame, inspectors: pd.DataFrame, seed: str, task: str) -> pd.DataFrame:
    """Draw a pair for each firm.

    Parameters
    ----------
    drawn : frame with `entity_id` and `division`.
    inspectors : `lists.inspectors`.
    seed, task : as in the draw.

    Returns
    -------
    Frame of shape (len(drawn), 3), columns `PAIR`, in the order of `drawn`. `pair_level` says how
    far one had to go: the nearest level with two who have no conflict. Raises `PlanError` where
    even the whole list has no two.
    """
    names = inspectors["inspector_id"].tolist()
    tickets = Tickets(seed, task, names)
    near = _Near(inspectors)
    rows = []
    for firm, division in zip(drawn["entity_id"], drawn["division"], strict=True):
        level, free = near.free(str(firm), str(division))
        first, second = tickets.smallest(f"pair/{firm}", free, 2).tolist()
        rows.append((names[first], names[second], level))
    return pd.DataFrame(rows, columns=list(PAIR), index=drawn.index)


class _Near:
    """The inspectors of a division, level by level, remembered because divisions recur."""

    def __init__(self, inspectors: pd.DataFrame) -> None:
        self._units = inspectors["unit"].astype("str")
        self._pools: dict[str, Indices] = {}
        self._aside: dict[str, set[int]] = {}
        for position, firms in enumerate(inspectors["conflicts"].fillna("")):
            for firm in filter(None, firms.split(";")):
                self._aside.setdefault(firm, set()).add(position)

    def free(self, firm: str, division: str) -> tuple[str, Indices]:
        """The nearest level with two who need not step aside, and who they are."""
        aside = list(self._aside.get(firm, ()))
        for level in LEVELS:
            pool = self._pool("" if level == "all" else area(division, level))
            free = pool[~np.isin(pool, aside)] if aside else pool
            if len(free) >= 2:
                return level, free
        raise PlanError(
            f"inspectors: no pair for {firm}: all but {len(free)} must step aside",
            allowed="two without a conflict",
            hint="add inspectors to the list",
        )

    def _pool(self, start: str) -> Indices:
        if start not in self._pools:
            self._pools[start] = np.flatnonzero(self._units.str.startswith(start))
        return self._pools[start]
