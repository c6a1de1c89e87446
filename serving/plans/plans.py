"""Plans on disk: commit, draw, abort and verify plan folders.

A plan folder holds no clock time: the same inputs give the same bytes. When things happened
stands in the register beside the folders. docs/proof.md describes each file.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import supervision
from records.errors import BadInput, NotFound, NotPossible
from records.files import canonical, write_bytes
from serving.plans import lodged, planfolder, planhistory, planinputs, plansizes
from serving.plans.register import ABORTED, COMMITTED, DRAWN, REFUSED, About, Register
from supervision.canonical import Pieces
from supervision.proofs import framefile, proof
from supervision.proofs.compare import Differs

SHIPPED = Path(supervision.__file__).parent / "plan.yaml"
"""The plan that comes with Xinfen."""


def commit(
    run: Path,
    plan: Path,
    lists: Path,
    seed_file: Path,
    out: Path,
    *,
    start: date | None = None,
    lodge: Path | None = None,
) -> dict[str, Any]:
    """Fix a plan before anybody can know whom it will draw.

    Parameters
    ----------
    run : folder written by `xinfen score`.
    plan : YAML, `supervision.plans.plan.PlanDefinition`.
    lists : folder with objects and inspectors and, optionally, history and exclusions, each .csv
        (UTF-8, with header) or .parquet. What was drawn by the plans beside joins the history.
    seed_file : the sealed seed, at least 16 bytes of text; white space around it is dropped.
    out : the plan folder to make; it must not exist. The register stands beside it.
    start : a day of the period to draw for; without, the run's as-of date.
    lodge : folder outside that gets a copy of the commitment before the plan appears.

    Returns
    -------
    `plan` (the folder), `number`, `commitment`, `lodged` (the copy's path, or null), and the sizes
    of `plansizes.told`.
    """
    if out.exists():
        raise NotPossible(f"{out} is there already", hint="name a new folder for the plan")
    inputs = planinputs.read(run, plan, lists, seed_file, start, _earlier(out.parent))
    with _building(out) as building, ThreadPoolExecutor(1) as pool:
        listed = pool.submit(_written, building, inputs.files())
        with planinputs.told(NotPossible, plan):
            ready = proof.prepare(inputs.about, inputs.lists)
        hashes = {**_written(building, ready.files()), **listed.result()}
        with Register.held(out.parent) as register:
            number = register.next_number()
            if lodge is not None:
                lodged.check(lodge, number)
            committed = proof.commitment(number, hashes)
            _put(building / proof.COMMITMENT, [canonical(committed) + b"\n"])
            copy = _appear(building, out, register, committed, lodge)
    return {
        "plan": str(out),
        "number": number,
        "commitment": committed["commitment"],
        "lodged": None if copy is None else str(copy),
        **plansizes.told(ready),
    }


def draw(plan: Path, public_value: str | None) -> dict[str, Any]:
    """Open a committed plan with a value nobody could know before, once.

    What is refused is recorded: a second draw, one after an abort, and a value that was known
    before. A draw that was cut off may be finished with the same value. Without a public value
    the draw can be replayed but proves nothing.

    Returns
    -------
    `plan`, `number`, `commitment`, `public_value`, `firms`, `size` (visits), `drawn_by`.
    """
    public = public_value if public_value is None else public_value.strip()
    files = planfolder.Folder(plan)
    broken = proof.broken(files)
    if broken:
        raise NotPossible(
            f"{plan}/{broken.file} is not what was committed",
            found=str(broken.stored), allowed=str(broken.recomputed), hint="commit a new plan",
        )  # fmt: skip
    about = planfolder.about(plan, files)
    with Register.held(plan.resolve().parent) as register:
        reason = _refusal(register, about, files, public)
        if reason:
            register.add(REFUSED, about, public_value=public, reason=reason)
            raise NotPossible(
                f"{plan} is not drawn: {reason}",
                found=f"public value {public!r}",
                allowed="one draw of each commitment, with a value nobody could know before it",
                hint="the register keeps this refusal",
            )
        opening = canonical(proof.opening(files, public)) + b"\n"
        with planinputs.told(NotPossible, plan):
            outcome = proof.carry_out(files.having(proof.OPENING, opening))
        register.add(DRAWN, about, public_value=public)
        stated = _write_draw(plan, opening, outcome)
    return planfolder.facts(plan, about, public, stated)


def abort(plan: Path, reason: str) -> dict[str, Any]:
    """Record that a plan is void; it cannot be drawn any more, and its visits are not made.

    The folder stays. A folder that is gone is known from the register by its name.

    Returns
    -------
    `plan`, `number`, `commitment`, `reason`, and the register's `register` and `earlier`.
    """
    if not reason.strip():
        raise BadInput("an abort needs a reason", hint="--reason 'the list was wrong'")
    folder = plan.resolve().parent
    if not folder.is_dir():
        raise NotFound(f"{plan} is not a plan folder", hint="`xinfen commit` makes one")
    about = planfolder.about(plan, planfolder.Folder(plan)) if plan.exists() else None
    with Register.held(folder) as register:
        about = about or planfolder.remembered(plan, register)
        planfolder.known(plan, register, about)
        before = register.of(about.commitment, ABORTED)
        if before:
            what = f"{plan} is aborted already: {before[0]['reason']}"
            raise NotPossible(what, found=before[0]["time"])
        register.add(ABORTED, about, reason=reason.strip())
        facts = {"plan": str(plan), "number": about.number, "commitment": about.commitment}
        return {**facts, "reason": reason.strip(), **register.told(about)}


def verify(plan: Path, lodged_copy: Path | None = None) -> dict[str, Any]:
    """Recompute a draw from the files of its folder, and look into the register beside it.

    Parameters
    ----------
    lodged_copy : the copy of the commitment that was lodged outside, to compare with.

    Returns
    -------
    `verdict`: `provably random`, `replayable, not provably random` or `differs`; `difference`:
    null, or the first one as {file, row, field, stored, recomputed}; where nothing differs, the
    facts that `draw` returns; and `register` and `earlier` (`Register.told`; null without one).
    """
    files = planfolder.Folder(plan)
    try:
        register = Register.beside(plan)
        if lodged_copy is not None:
            lodged.compare(lodged_copy, planfolder.committed(files), register)
        if not {proof.OPENING, proof.DRAWN, proof.PROOF} & set(files):
            raise planfolder.undrawn(plan, files, register)
        verdict, difference = proof.verify(files)
        if difference:
            return {"verdict": verdict, "difference": asdict(difference), "plan": str(plan)}
        about, public = (
            planfolder.about(plan, files),
            json.loads(files[proof.OPENING])["public_value"],
        )
        on_record = planfolder.on_record(register, about, public)
    except Differs as found:
        difference = found.difference
        return {"verdict": proof.DIFFERS, "difference": asdict(difference), "plan": str(plan)}
    facts = planfolder.facts(plan, about, public, json.loads(files[proof.PROOF]))
    return {"verdict": verdict, "difference": None, **facts, **on_record}


def _earlier(folder: Path) -> Any:
    if not folder.is_dir():
        return None
    with Register.held(folder) as register:
        return planhistory.visits(folder, register)


@contextmanager
def _building(out: Path) -> Iterator[Path]:
    """A folder beside the place of another; gone after the block, as is a parent made in vain."""
    fresh = not out.parent.exists()
    out.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    building.chmod(0o755)
    try:
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)
        if fresh:
            with suppress(OSError):  # the plan is there
                out.parent.rmdir()


def _written(folder: Path, files: Mapping[str, Pieces]) -> dict[str, str]:
    """Write files; their hashes."""
    with ThreadPoolExecutor(2) as pool:  # the long lists side by side
        found = pool.map(lambda name: _put(folder / name, files[name]), files)
        return dict(zip(files, found, strict=True))


def _put(path: Path, pieces: Pieces) -> str:
    """Write a file piece by piece, and hash it on the way."""
    path.touch(mode=0o600 if path.name == "sealed_seed" else 0o644)
    hashed = hashlib.sha256()
    with path.open("wb") as handle:
        for piece in pieces:
            handle.write(piece)
            hashed.update(piece)
    return hashed.hexdigest()


def _appear(
    building: Path,
    out: Path,
    register: Register,
    committed: Mapping[str, Any],
    lodge: Path | None,
) -> Path | None:
    """Record and lodge the commitment of a folder that is whole, and let it appear."""
    about = planfolder.about(out, planfolder.Folder(building))
    entry = register.add(COMMITTED, about)
    try:
        copy = None if lodge is None else lodged.lodge(lodge, committed, entry)
        building.rename(out)
    except OSError as error:
        register.add(ABORTED, about, reason=f"the folder could not be made: {error}")
        raise
    return copy


def _refusal(
    register: Register, about: About, files: Mapping[str, bytes], public: str | None
) -> str | None:
    """Why a plan is not drawn with a value, if so."""
    planfolder.known(Path(about.plan), register, about)
    aborted = register.of(about.commitment, ABORTED)
    if aborted:
        return f"it was aborted: {aborted[0]['reason']}"
    before = [entry["public_value"] for entry in register.of(about.commitment, DRAWN)]
    opening = files.get(proof.OPENING)
    other = opening not in (None, canonical(proof.opening(files, public)) + b"\n")
    if other or proof.PROOF in files or any(value != public for value in before):
        return "it is drawn already"
    if public is None:
        return None
    if not public:
        return "the public value is empty"
    if public in register.values_before(about.commitment):
        return "the public value was on record before the commitment"
    known = proof.foreseeable(public, files)
    return None if known is None else f"the public value could have been known: {known}"


def _write_draw(plan: Path, opening: bytes, outcome: proof.Outcome) -> dict[str, Any]:
    """proof.json comes last: where it stands, the draw is whole."""
    write_bytes(plan / proof.OPENING, opening)
    write_bytes(plan / proof.DRAWN, outcome.drawn)
    frame = framefile.write(outcome.frame)
    write_bytes(plan / proof.FRAME, frame)
    stated = proof.sealed(outcome.proof, frame)
    write_bytes(plan / proof.PROOF, canonical(stated) + b"\n")
    return stated
