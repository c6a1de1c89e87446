"""The proof: a commitment to everything that decides a draw, and its recomputation by anybody.

docs/proof.md describes the files for an auditor who brings a verifier of their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from supervision import compare, drawing, lists
from supervision.canonical import JSON, digest, document, lines, untable
from supervision.compare import Difference, Differs
from supervision.pairing import pair
from supervision.plan import PlanDefinition
from supervision.tickets import opened

COMMITTED = {
    "plan": "plan.json",
    "objects": "objects.jsonl",
    "inspectors": "inspectors.jsonl",
    "classes": "classes.jsonl",
    "sealed_seed": "sealed_seed",
}
"""What a commitment names, and the file whose SHA-256 it holds."""

COMMITMENT, OPENING, DRAWN, PROOF = "commitment.json", "opening.json", "drawn.jsonl", "proof.json"
FRAME = "frame.parquet"

RANDOM = "provably random"
REPLAYABLE = "replayable, not provably random"
DIFFERS = "differs"

_TELLING = ("risk_class", "public_grade", "plan_probability", "inclusion_probability")
"""What would tell the pair of a slice visit the firm's class."""


@dataclass(frozen=True)
class Outcome:
    """What an opened plan leads to.

    `frame` has a row for every eligible firm (`drawing.FRAME`); `drawn` are the rows of
    drawn.jsonl, by ticket; `proof` is the content of proof.json.
    """

    frame: pd.DataFrame
    drawn: list[dict[str, JSON]]
    proof: dict[str, JSON]


def commitment(number: JSON, files: Mapping[str, bytes]) -> dict[str, JSON]:
    """The content of commitment.json: the number, the hash of each committed file, and of these."""
    hashes = {name: digest(files[file]) for name, file in COMMITTED.items()}
    named: dict[str, JSON] = {"number": number, **hashes}
    return {**named, "commitment": digest(document(named))}


def opening(files: Mapping[str, bytes], public_value: JSON) -> dict[str, JSON]:
    """The content of opening.json: what turns a committed plan into one draw, and only one."""
    return {
        "sealed_seed": files["sealed_seed"].decode(),
        "public_value": public_value,
        "commitment": json.loads(files[COMMITMENT])["commitment"],
    }


def sizes(files: Mapping[str, bytes]) -> dict[str, JSON]:
    """How many firms and inspectors a plan is committed over, and firms by group."""
    groups = _eligible(files)["group"].value_counts().sort_index()
    return {
        "firms": int(groups.sum()),
        "inspectors": files["inspectors.jsonl"].count(b"\n"),
        "groups": {str(group): int(count) for group, count in groups.items()},
    }


def carry_out(files: Mapping[str, bytes]) -> Outcome:
    """Draw firms and pairs: everything follows from the committed files and opening.json."""
    plan = PlanDefinition.checked(json.loads(files["plan.json"])["plan"])
    start = json.loads(files[OPENING])
    seed = opened(start["sealed_seed"], start["public_value"], start["commitment"])
    frame_hash = digest(document([digest(files["objects.jsonl"]), digest(files["classes.jsonl"])]))

    eligible = _eligible(files)
    frame = drawing.draw(plan, eligible, seed, frame_hash)
    visits = frame.join(eligible[["name", "division", "address"]])[frame["drawn"]]
    inspectors = untable(files["inspectors.jsonl"], lists.INSPECTORS)
    drawn = _tasks(visits, pair(visits, inspectors, seed, plan.task))
    counts = frame["drawn_by"].value_counts()
    proof: dict[str, JSON] = {
        "commitment": start["commitment"],
        "seed": seed,
        "frame_hash": frame_hash,
        "firms": len(frame),
        "drawn": len(drawn),
        "drawn_by": {way: int(counts.get(way, 0)) for way in drawing.WAYS},
        "drawn_hash": digest(lines(drawn)),
    }
    return Outcome(frame, drawn, proof)


def broken(files: Mapping[str, bytes]) -> Difference | None:
    """The first committed file that is missing or not what was committed, if any."""
    try:
        _check_committed(files)
    except Differs as found:
        return found.difference
    return None


def verify(files: Mapping[str, bytes], frame: pd.DataFrame) -> tuple[str, Difference | None]:
    """Recompute a draw from its files and compare.

    Parameters
    ----------
    files : the bytes of the files of a plan, by name.
    frame : the content of frame.parquet.

    Returns
    -------
    The verdict (`RANDOM`, `REPLAYABLE` or `DIFFERS`), and the first difference if they differ.
    """
    try:
        _check_committed(files)
        _check_drawn(files, frame)
    except Differs as found:
        return DIFFERS, found.difference
    public = json.loads(files[OPENING])["public_value"]
    return (REPLAYABLE if public is None else RANDOM), None


def _check_committed(files: Mapping[str, bytes]) -> None:
    compare.present(files, [COMMITMENT, *COMMITTED.values()])
    stored = compare.read(files, COMMITMENT)
    computed = commitment(stored.get("number"), files)
    for name, file in COMMITTED.items():
        if stored.get(name) != computed[name]:
            raise Differs(file, "sha256", stored.get(name), computed[name])
    compare.same(COMMITMENT, stored, computed)


def _check_drawn(files: Mapping[str, bytes], frame: pd.DataFrame) -> None:
    compare.present(files, [OPENING, DRAWN, PROOF])
    start = compare.read(files, OPENING)
    compare.same(OPENING, start, opening(files, start.get("public_value")))
    outcome = carry_out(files)
    compare.same_frame(FRAME, frame, outcome.frame)
    compare.same_rows(DRAWN, compare.read_lines(files, DRAWN), outcome.drawn)
    written = digest(files[DRAWN])
    if written != outcome.proof["drawn_hash"]:  # the same rows in another order or spelling
        raise Differs(DRAWN, "sha256", written, outcome.proof["drawn_hash"])
    compare.same(PROOF, compare.read(files, PROOF), outcome.proof)


def _eligible(files: Mapping[str, bytes]) -> pd.DataFrame:
    listed = untable(files["objects.jsonl"], lists.OBJECTS)
    return lists.join(listed, untable(files["classes.jsonl"], lists.CLASSES))


def _tasks(visits: pd.DataFrame, pairs: pd.DataFrame) -> list[dict[str, JSON]]:
    """The rows of drawn.jsonl, by ticket. Nothing in the row of a slice visit tells the class."""
    told = visits.drop(columns=["frame_hash", "drawn"]).join(pairs).sort_values("ticket")
    told = told.astype(object).where(told.notna(), None)
    rows: list[dict[str, JSON]] = [
        dict(zip(told.columns, row, strict=True)) for row in told.to_numpy().tolist()
    ]
    for row in rows:
        if row["drawn_by"] == drawing.SLICE:
            row.update(dict.fromkeys(_TELLING), stratum=drawing.SLICE)
    return rows
