"""A drawn plan, read for those who carry it out: definition, period, visits, inspectors."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

import pandas as pd
import pyarrow.parquet as pq

from records.errors import BadInput, NotFound, NotPossible, XinfenError
from serving.plans.planinputs import told
from serving.plans.register import ABORTED, Register
from serving.runs import runcolumns
from supervision.canonical import digest, untable
from supervision.draws import lists
from supervision.draws.pairing import PAIR
from supervision.fieldwork import tasks
from supervision.plans.period import Period
from supervision.plans.plan import PlanDefinition
from supervision.proofs import proof
from supervision.proofs.compare import Differs
from supervision.returns.results import reported

ELSEWHERE = "elsewhere.json"
"""Names a plan that was drawn outside Xinfen, in a folder that holds its results alone."""

RETURNED = Path("results") / "visits.parquet"
"""Where `xinfen results` keeps what became of each visit."""


_DRAWN = [
    "visit", "entity_id", "name", "division", "address", "bureau", "drawn_by", "ticket", "method",
    "items", *PAIR,
]  # fmt: skip
"""What is read of a visit: nothing that tells its class."""


@dataclass(frozen=True)
class DrawnPlan:
    """A plan that was drawn.

    `run` is what the class run said of itself; `drawn` has a row a visit, by ticket, with the
    columns of drawn.jsonl that tell no class; `inspectors` are the committed ones; `reported` the
    visits of which all results are in.
    """

    path: Path
    number: int
    definition: PlanDefinition
    period: Period
    run: dict[str, Any]
    drawn: pd.DataFrame
    inspectors: pd.DataFrame
    reported: Collection[str]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the folder of a plan.

        Raises
        ------
        NotFound : it is not a plan folder.
        NotPossible : it was committed and not drawn yet, or was aborted, or drawn elsewhere.
        BadInput : a file is not what was drawn, or cannot be read.
        """
        if not (path / proof.COMMITMENT).is_file():
            raise no_plan(path)
        if not (path / proof.PROOF).is_file():
            raise NotPossible(f"{path} is committed, not drawn", hint=f"xinfen draw {path}")
        with told(BadInput, path):
            try:
                return cls._read(path)
            except (OSError, ValueError, KeyError, TypeError, Differs) as error:
                what = f"{path} cannot be read as a plan"
                raise BadInput(what, found=repr(error), hint=f"xinfen verify {path}") from None

    @classmethod
    def _read(cls, path: Path) -> Self:
        committed = json.loads((path / proof.COMMITMENT).read_bytes())
        _standing(path, committed["commitment"])
        about = json.loads((path / "plan.json").read_bytes())
        drawn = (path / proof.DRAWN).read_bytes()
        stated = json.loads((path / proof.PROOF).read_bytes())["drawn_hash"]
        if digest(drawn) != stated:
            raise BadInput(
                f"{path / proof.DRAWN} is not what was drawn",
                found=digest(drawn), allowed=stated, hint=f"xinfen verify {path}",
            )  # fmt: skip
        return cls(
            path,
            committed["number"],
            PlanDefinition.checked(about["plan"]),
            Period.checked(about["period"]),
            about["run"],
            pd.DataFrame([json.loads(line) for line in drawn.splitlines()], columns=_DRAWN),
            untable((path / "inspectors.jsonl").read_bytes(), lists.INSPECTORS),
            _reported(path / RETURNED),
        )

    @property
    def blind(self) -> frozenset[str]:
        """The firms whose class has to stay hidden: not all their blind results are in."""
        hidden = tasks.hidden(self.drawn, self.reported)
        return frozenset(self.drawn.loc[hidden, "entity_id"])

    @property
    def as_of(self) -> date:
        """The day of the class run."""
        return date.fromisoformat(self.run["as_of"])

    def same_run(self, run: Path) -> None:
        """Refuse a run that is not the one the plan was committed over.

        Raises
        ------
        NotFound : there is no run.
        BadInput : another day, snapshot or model.
        """
        names = ["as_of", "snapshot", "model_name", "model_version"]
        table = runcolumns.classes(run, names)
        for name in names:
            found = sorted({str(one) for one in table[name].drop_null().unique().to_pylist()})
            wanted = self.run.get(name)
            if found != ([] if wanted is None else [str(wanted)]):
                raise BadInput(
                    f"{run} is not the run of the plan {self.path}: {name}",
                    found=", ".join(found) or "nothing", allowed=str(wanted or "nothing"),
                    hint="give the run that the plan was committed over",
                )  # fmt: skip


def no_plan(path: Path) -> XinfenError:
    """The error of a folder that holds no plan of ours."""
    if not (path / ELSEWHERE).is_file():
        return NotFound(f"{path} is not a plan folder", hint="`xinfen commit` makes one")
    return NotPossible(
        f"{path} was drawn elsewhere: only its results are known",
        allowed="a plan that Xinfen drew",
        hint="who was on its list, with which chance and until when, knows who drew it",
    )


def _reported(path: Path) -> Collection[str]:
    """The visits that were made and of which no item lacks its result."""
    if not path.is_file():
        return frozenset()
    names = ["visit", "state", "items_missing"]
    return frozenset(reported(pq.read_table(path, columns=names).to_pandas()))


def _standing(path: Path, commitment: str) -> None:
    """Refuse a plan that the register calls aborted."""
    register = Register.beside(path)
    aborted = register.of(commitment, ABORTED) if register else []
    if aborted:
        raise NotPossible(
            f"{path} was aborted", found=aborted[0].get("reason") or "no reason on record",
            hint="nobody is sent by an aborted plan; commit a new one",
        )  # fmt: skip
