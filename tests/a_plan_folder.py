"""The files of every plan folder, written by hand: what the hand-made plans of tests share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from supervision.canonical import digest, document, lines
from supervision.plans.period import Period
from supervision.plans.plan import PlanDefinition
from supervision.proofs import proof

COMMITMENT = "c" * 64


def write(
    folder: Path,
    plan: PlanDefinition,
    day: date,
    run: Mapping[str, Any],
    number: int = 7,
    commitment: str = COMMITMENT,
) -> None:
    """Make the folder: a plan committed over a run, for the batch that a day lies in."""
    folder.mkdir(parents=True)
    period = Period.containing(day, plan.batches)
    about = {"plan": plan.plain(), "period": period.plain(), "run": dict(run)}
    put(folder, proof.COMMITTED["plan"], about)
    put(folder, proof.COMMITMENT, {"number": number, "commitment": commitment})


def write_drawn(folder: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Say what was drawn, in place of what was said before."""
    written = lines(rows)
    (folder / proof.DRAWN).write_bytes(written)
    put(folder, proof.PROOF, {"drawn_hash": digest(written)})


def put(folder: Path, name: str, content: Mapping[str, Any]) -> None:
    """One file of the folder that is a document."""
    (folder / name).write_bytes(document(content) + b"\n")
