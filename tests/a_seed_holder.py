"""Whoever holds the sealed seed and tries thousands before committing, to favour one firm.

Each try is a whole commitment: another sealed seed, so another hash. The holder sees what each
would draw without a public value, or with the one he expects, and may commit to any of them. Then
the public value joins, which nobody knew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from serving.plans import planinputs
from supervision.canonical import digest
from supervision.draws import drawing
from supervision.draws.spread import shares, spread, uniform
from supervision.draws.tickets import Tickets, opened
from supervision.proofs import proof
from tests import a_plan

Flags = NDArray[np.bool_]

EXPECTED, UNKNOWN = "体彩排列五 26077 期 27182", "体彩排列五 26078 期 31415"
"""The public value that the holder expects, and the one that is drawn."""

VALUES = {"without a public value": None, "with the value he expects": EXPECTED,
          "with the value nobody knew": UNKNOWN}  # fmt: skip


CHECKED = 3
"""Seeds whose short way is held against the whole draw."""


def tries(folder: Path, count: int) -> tuple[float, dict[str, Flags]]:
    """The favoured firm's inclusion probability, and whether it is drawn by each of the seeds."""
    a_plan.enrich(a_plan.make(folder))
    inputs = planinputs.read(
        folder / "run", folder / "plan.yaml", folder / "lists", folder / "seed"
    )
    ready = proof.prepare(inputs.about, inputs.lists)
    pieces = {**inputs.files(), **ready.files()}
    hashes = {name: digest(b"".join(pieces[name])) for name in pieces}
    frame = drawing.draw(ready.plan, ready.marked, ready.sized, "")
    chances = frame["inclusion_probability"].where(frame["eligible"])
    favoured = int((chances - 0.2).abs().to_numpy().argsort()[0])
    short = _Short(ready, favoured)
    drawn = {name: np.zeros(count, dtype=bool) for name in VALUES}
    for at in range(count):
        sealed = hashlib.sha256(f"the holder's try {at}".encode()).hexdigest()
        hashes["sealed_seed"] = digest(sealed.encode())
        commitment = proof.commitment(1, hashes)["commitment"]
        for name, value in VALUES.items():
            seed = opened(sealed, value, commitment)
            drawn[name][at] = short.drawn(seed)
            if at < CHECKED:
                whole = drawing.draw(ready.plan, ready.marked, ready.sized, seed)
                assert bool(whole["drawn"].iat[favoured]) == drawn[name][at]
    return float(chances[favoured]), drawn


class _Short:
    """Whether one firm is drawn, by its own bureau and stratum alone."""

    def __init__(self, ready: proof.Prepared, favoured: int) -> None:
        marked, self._ready, self._favoured = ready.marked, ready, favoured
        names = ("bureau", "stratum")
        self._bureau, self._stratum = (str(marked[name].tolist()[favoured]) for name in names)
        inside = (marked["bureau"] == self._bureau) & ~marked["barred"]
        self._members = np.flatnonzero(inside)
        self._eligible = np.flatnonzero((marked["stratum"] == self._stratum) & marked["eligible"])
        self._at = ready.sized.bureaus["bureau"].tolist().index(self._bureau)
        own = ready.sized.strata[ready.sized.strata["bureau"] == self._bureau]
        self._own = (own["eligible"] - own["planned"]).tolist()
        self._in_own = own["stratum"].tolist().index(self._stratum)
        self._planned = int(own["planned"].tolist()[self._in_own])
        self._ids = marked["entity_id"].tolist()

    def drawn(self, seed: str) -> bool:
        task, sized = self._ready.plan.task, self._ready.sized
        tickets = Tickets(seed, task, self._ids)

        def places(parts: Sequence[Fraction], name: str) -> list[int]:
            return spread(parts, uniform(seed, task, f"spread/{name}"))

        count = places(sized.slice_shares, "slice")[self._at]
        sliced = tickets.smallest("slice", self._members, count)
        more = places(sized.top_up_shares, "top_up")[self._at]
        parts = places(shares(more, self._own, self._own), f"top_up/{self._bureau}")
        left = self._eligible[~np.isin(self._eligible, sliced)]
        places_ = min(len(left), self._planned + parts[self._in_own])
        chosen = tickets.smallest(self._stratum, left, places_)
        return self._favoured in sliced or self._favoured in chosen
