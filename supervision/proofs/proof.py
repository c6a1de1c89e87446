"""The proof: a commitment to everything that decides a draw, and its recomputation by anybody.

docs/proof.md describes the files for an auditor who brings a verifier of their own.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from supervision.canonical import (
    JSON,
    NotCanonical,
    Pieces,
    arrow,
    digest,
    document,
    table,
    untable,
)
from supervision.draws import drawing, eligible, lists, staffing, visiting
from supervision.draws.ids import rising
from supervision.draws.pairing import PAIR, pair
from supervision.draws.sizes import Sizes, sizes
from supervision.draws.tickets import opened
from supervision.errors import PlanError
from supervision.plans.period import Period
from supervision.plans.plan import PlanDefinition
from supervision.proofs import beforehand, compare, framefile
from supervision.proofs.compare import Difference, Differs

Files = Mapping[str, bytes]
"""The bytes of the files of a plan, by name."""

LISTS = {
    "objects": lists.OBJECTS,
    "inspectors": lists.INSPECTORS,
    "classes": lists.CLASSES,
    "history": lists.HISTORY,
    "exclusions": lists.EXCLUSIONS,
}
"""The committed lists, with their columns; each is the file NAME.jsonl."""

COMMITTED = {
    "plan": "plan.json",
    **{name: f"{name}.jsonl" for name in LISTS},
    "strata": beforehand.STRATA,
    "sizes": beforehand.SIZES,
    "sealed_seed": "sealed_seed",
}
"""What a commitment names, and the file whose SHA-256 it holds."""

COMMITMENT, OPENING, DRAWN, PROOF = "commitment.json", "opening.json", "drawn.jsonl", "proof.json"
FRAME = framefile.NAME

SHORTEST = 4
"""Letters and digits a public value must have."""

_DATE = re.compile(r"\d{4}[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?")

RANDOM = "provably random"
REPLAYABLE = "replayable, not provably random"
DIFFERS = "differs"


@dataclass(frozen=True)
class Prepared:
    """What the committed files lead to before any seed is opened.

    `marked` is `eligible.mark` of every live firm; `sized` how many of them will be visited.
    """

    plan: PlanDefinition
    period: Period
    marked: pd.DataFrame
    inspectors: pd.DataFrame
    sized: Sizes

    def files(self) -> dict[str, Pieces]:
        """strata.jsonl and sizes.json, which are committed too."""
        return {
            beforehand.STRATA: [beforehand.strata(self.marked, self.sized)],
            beforehand.SIZES: [beforehand.sizes(self.sized)],
        }


@dataclass(frozen=True)
class Outcome:
    """What an opened plan leads to.

    `frame` has a row for every firm (`framefile.table`); `drawn` are the bytes of drawn.jsonl;
    `proof` is what proof.json says of them.
    """

    frame: pa.Table
    drawn: bytes
    proof: dict[str, JSON]


def commitment(number: JSON, hashes: Mapping[str, str]) -> dict[str, JSON]:
    """The content of commitment.json: the number, the hash of each committed file, and of these.

    `hashes` are by file.
    """
    named: dict[str, JSON] = {
        "number": number,
        **{name: hashes[file] for name, file in COMMITTED.items()},
    }
    return {**named, "commitment": digest(document(named))}


def hashes(files: Files) -> dict[str, str]:
    """The hash of each committed file."""
    with ThreadPoolExecutor() as pool:  # the long lists side by side
        found = pool.map(lambda file: digest(files[file]), COMMITTED.values())
        return dict(zip(COMMITTED.values(), found, strict=True))


def foreseeable(public_value: str, files: Files) -> str | None:
    """Why a public value could have been known when the plan was committed; None if not plainly.

    It proves nothing that it could not: only who reads the record can tell when a value was known.
    """
    told = "".join(unicodedata.normalize("NFKC", public_value).split()).casefold()
    bare = "".join(letter for letter in told if letter.isalnum())
    sealed_seed = "".join(files["sealed_seed"].decode(errors="replace").split()).casefold()
    if len(bare) < SHORTEST:
        return "it is so short that all its values can be tried beforehand"
    if sealed_seed in told or told in sealed_seed:
        return "it is the sealed seed, or holds it"
    if told in json.loads(files[COMMITMENT]).values():
        return "it stands in the commitment"
    if _DATE.fullmatch(told):
        return "it is a date"
    return None


def opening(files: Files, public_value: JSON) -> dict[str, JSON]:
    """The content of opening.json: what turns a committed plan into one draw, and only one."""
    return {
        "sealed_seed": files["sealed_seed"].decode(errors="replace"),
        "public_value": public_value,
        "commitment": json.loads(files[COMMITMENT])["commitment"],
    }


def prepare(about: Mapping[str, JSON], read: Mapping[str, pd.DataFrame]) -> Prepared:
    """Everything that can be known of a draw before its seed.

    Parameters
    ----------
    about : the content of plan.json.
    read : the committed lists by name, as `lists` checked them.

    Raises
    ------
    PlanError : the plan does not stand, or lists, history or capacity do not allow it, or a firm
        would be left without a pair.
    """
    plan, period = PlanDefinition.checked(about["plan"]), Period.checked(about["period"])
    firms = lists.join(read["objects"], read["classes"])
    marked = eligible.mark(plan, firms, read["history"], read["exclusions"], period)
    inspectors = read["inspectors"]
    sized = sizes(plan, marked, period, inspectors)
    days = (period.start, period.end)
    staffing.check(marked["entity_id"], inspectors, days, rechecked=sized.recheck > 0)
    return Prepared(plan, period, marked, inspectors, sized)


def carry_out(files: Files) -> Outcome:
    """Draw firms and pairs: everything follows from the committed files and opening.json."""
    start = json.loads(files[OPENING])
    seed = opened(start["sealed_seed"], start["public_value"], start["commitment"])
    committed = json.loads(files[COMMITMENT])
    frame_hash = digest(document([committed[name] for name in LISTS if name != "inspectors"]))
    with ThreadPoolExecutor(2) as pool:
        read = dict(zip(LISTS, pool.map(lambda name: _list(files, name), LISTS), strict=True))
        ready = prepare(json.loads(files[COMMITTED["plan"]]), read)
        follows = pool.submit(ready.files)
        frame = drawing.draw(ready.plan, ready.marked, ready.sized, seed, frame_hash)
    for name, pieces in follows.result().items():
        if files[name] != b"".join(pieces):
            raise PlanError(f"{name} is not what follows from plan and lists")
    visits = visiting.visits(ready.plan, ready.marked, frame, ready.sized, seed)
    pairs = pair(
        visits,
        ready.inspectors,
        seed,
        ready.plan.task,
        period=(ready.period.start, ready.period.end),
        specialties={item.id: item.specialty for item in ready.plan.items},
    )
    drawn = table(visits.join(pairs), (*visiting.VISITS, *PAIR))
    ways = visits["drawn_by"].value_counts()
    proof: dict[str, JSON] = {
        "commitment": start["commitment"],
        "seed": seed,
        "frame_hash": frame_hash,
        "firms": len(frame),
        "visits": len(visits),
        "drawn_by": {way: int(ways.get(way, 0)) for way in visiting.WAYS},
        "drawn_hash": digest(drawn),
    }
    return Outcome(framefile.table(frame), drawn, proof)


def sealed(proof: Mapping[str, JSON], frame_file: bytes) -> dict[str, JSON]:
    """The content of proof.json: also the hash of frame.parquet, and of all that it says itself."""
    named = {**proof, "frame_file_hash": digest(frame_file)}
    return {**named, "proof_hash": digest(document(named))}


def broken(files: Files) -> Difference | None:
    """The first committed file that is missing or not what was committed, if any."""
    try:
        _check_committed(files)
    except Differs as found:
        return found.difference
    return None


def verify(files: Files) -> tuple[str, Difference | None]:
    """Recompute a draw from its files and compare.

    Returns
    -------
    The verdict (`RANDOM`, `REPLAYABLE` or `DIFFERS`), and the first difference if they differ.
    """
    try:
        _check_committed(files)
        _check_drawn(files)
    except Differs as found:
        return DIFFERS, found.difference
    public = json.loads(files[OPENING])["public_value"]
    return (REPLAYABLE if public is None else RANDOM), None


def _check_committed(files: Files) -> None:
    compare.present(files, [COMMITMENT, *COMMITTED.values()])
    stored = compare.parsed(COMMITMENT, files[COMMITMENT])
    computed = commitment(stored.get("number"), hashes(files))
    for name, file in COMMITTED.items():
        if stored.get(name) != computed[name] and _whole(stored, "commitment"):
            raise Differs(file, "sha256", computed[name], stored.get(name))
    compare.same(COMMITMENT, stored, computed)
    compare.read(files, COMMITMENT)


def _check_drawn(files: Files) -> None:
    compare.present(files, [OPENING, DRAWN, FRAME, PROOF])
    start = compare.read(files, OPENING)
    public = start.get("public_value")
    if not isinstance(public, str | None):
        raise Differs(OPENING, "public_value", public, "a text or null")
    compare.same(OPENING, start, opening(files, public))
    stored = compare.read(files, PROOF)
    whole = _whole(stored, "proof_hash")
    seed = opened(start["sealed_seed"], public, start["commitment"])
    if whole and stored.get("seed") != seed:
        wanted = f"one that leads to the seed {stored.get('seed')}, not {seed}"
        raise Differs(OPENING, "public_value", public, wanted)
    outcome = _recomputed(files)
    framefile.same(files[FRAME], outcome.frame)
    compare.same_lines(DRAWN, files[DRAWN], outcome.drawn, "visit")
    computed = sealed(outcome.proof, files[FRAME])
    if whole and stored.get("frame_file_hash") != computed["frame_file_hash"]:
        was, now = stored.get("frame_file_hash"), computed["frame_file_hash"]
        raise Differs(FRAME, "sha256", now, was)
    compare.same(PROOF, stored, computed)


def _whole(stored: Mapping[str, JSON], field: str) -> bool:
    """Whether a document's hash of itself holds: if so, what differs from it is another file."""
    named = {key: value for key, value in stored.items() if key != field}
    return bool(digest(document(named)) == stored.get(field))


def _recomputed(files: Files) -> Outcome:
    try:
        return carry_out(files)
    except PlanError as error:
        raise Differs(COMMITMENT, "committed", error.what, "files to draw from") from None


def _list(files: Files, name: str) -> pd.DataFrame:
    """A committed list, written as it was checked: canonical, and who has an id stands once."""
    file = COMMITTED[name]
    try:
        read = untable(files[file], LISTS[name])
    except NotCanonical as found:
        raise PlanError(f"{file}, line {found.line}: not canonical") from None
    key = LISTS[name][0]
    if name in ("objects", "inspectors", "classes") and not rising(arrow(read[key])):
        raise PlanError(f"{file}: not sorted by {key}, each once")
    return read
