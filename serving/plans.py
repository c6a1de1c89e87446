"""Plans on disk: commit, draw and verify plan folders.

A plan folder holds no clock time: the same inputs give the same bytes. When things happened
stands in the register beside the folders. docs/proof.md describes each file.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import supervision
from records.errors import BadInput, NotFound, NotPossible
from records.files import canonical, replacing, write_bytes
from serving import planinputs
from serving.register import Register
from supervision import drawing, proof
from supervision.canonical import lines
from supervision.compare import Difference

Files = dict[str, bytes]

SHIPPED = Path(supervision.__file__).parent / "plan.yaml"
"""The plan that comes with Xinfen."""

_TYPES = {"drawn": pa.bool_()} | {
    name: pa.float64() for name in drawing.FRAME if name.endswith("_probability")
}
_FRAME = pa.schema([(name, _TYPES.get(name, pa.string())) for name in drawing.FRAME])


def commit(run: Path, plan: Path, lists: Path, seed_file: Path, out: Path) -> dict[str, Any]:
    """Fix a plan before anybody can know whom it will draw.

    Parameters
    ----------
    run : folder written by `xinfen score`.
    plan : YAML, `supervision.plan.PlanDefinition`.
    lists : folder with objects and inspectors, each .csv (UTF-8, with header) or .parquet.
    seed_file : the sealed seed, at least 16 bytes of text; white space around it is dropped.
    out : the plan folder to make; it must not exist. The register stands beside it.

    Returns
    -------
    `plan` (the folder), `number`, `commitment`, `firms`, `inspectors`, and `groups`: how many
    firms of each class, grade, and `unclassified` (listed but without either in the run).
    """
    if out.exists():
        raise NotPossible(f"{out} is there already", hint="name a new folder for the plan")
    files = planinputs.read(run, plan, lists, seed_file)
    out.parent.mkdir(parents=True, exist_ok=True)
    with Register.held(out.parent) as register:
        committed = proof.commitment(register.next_number(), files)
        files[proof.COMMITMENT] = canonical(committed) + b"\n"
        _lodge(out, files, register, committed)
    return {
        "plan": str(out),
        "number": committed["number"],
        "commitment": committed["commitment"],
        **proof.sizes(files),
    }


def draw(plan: Path, public_value: str | None) -> dict[str, Any]:
    """Open a committed plan with a value nobody could know before, once.

    A second draw is refused and the refusal recorded; a draw that was cut off may be finished
    with the same value. Without a public value the draw can be replayed but proves nothing.

    Returns
    -------
    `plan`, `number`, `commitment`, `public_value`, `firms`, `size` (firms drawn), `drawn_by`.
    """
    public = public_value if public_value is None else public_value.strip()
    if public == "":
        raise BadInput("the public value is empty", hint="give the value drawn in public")
    files = _files(plan)
    broken = proof.broken(files)
    if broken:
        raise NotPossible(
            f"{plan}/{broken.file} is not what was committed",
            found=str(broken.recomputed), allowed=str(broken.stored), hint="commit a new plan",
        )  # fmt: skip
    committed = json.loads(files[proof.COMMITMENT])
    opening = canonical(proof.opening(files, public)) + b"\n"
    with Register.held(plan.resolve().parent) as register:
        other = files.get(proof.OPENING, opening) != opening
        before = register.openings(committed["commitment"])
        if other or proof.PROOF in files or any(value != public for value in before):
            register.add("refused", plan, committed, public_value=public)
            raise NotPossible(
                f"{plan} is drawn already",
                found=f"public value {public!r}", allowed="one draw for each commitment",
                hint="commit a new plan; the register keeps both",
            )  # fmt: skip
        files[proof.OPENING] = opening
        with planinputs.told(NotPossible, plan):
            outcome = proof.carry_out(files)
        register.add("drawn", plan, committed, public_value=public)
        _write_draw(plan, opening, outcome)
    return _facts(plan, committed, public, outcome.proof)


def verify(plan: Path) -> dict[str, Any]:
    """Recompute a draw from the files of its folder alone.

    Returns
    -------
    `verdict`: `provably random`, `replayable, not provably random` or `differs`; `difference`:
    null, or the first one as {file, row, field, stored, recomputed}; and, where nothing differs,
    the facts that `draw` returns.
    """
    files = _files(plan)
    if not {proof.OPENING, proof.DRAWN, proof.PROOF} & set(files):
        raise NotPossible(f"{plan} is committed, not drawn", hint=f"xinfen draw {plan}")
    try:
        frame = pq.read_table(plan / proof.FRAME).to_pandas()
    except (OSError, pa.ArrowInvalid):
        lost = Difference(proof.FRAME, None, "file", "missing or not readable", "present")
        return {"verdict": proof.DIFFERS, "difference": asdict(lost), "plan": str(plan)}
    verdict, difference = proof.verify(files, frame)
    if difference:
        return {"verdict": verdict, "difference": asdict(difference), "plan": str(plan)}
    start, result = json.loads(files[proof.OPENING]), json.loads(files[proof.PROOF])
    facts = _facts(plan, json.loads(files[proof.COMMITMENT]), start["public_value"], result)
    return {"verdict": verdict, "difference": None, **facts}


def _lodge(out: Path, files: Files, register: Register, committed: dict[str, Any]) -> None:
    """Write the folder whole beside its place, record the commitment, then let it appear."""
    building = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    building.chmod(0o755)
    try:
        for name, content in files.items():
            path = building / name
            path.touch(mode=0o600 if name == "sealed_seed" else 0o644)
            path.write_bytes(content)
        register.add("committed", out, committed)
        try:
            building.rename(out)
        except OSError:
            register.add("aborted", out, committed)
            raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _write_draw(plan: Path, opening: bytes, outcome: proof.Outcome) -> None:
    """proof.json comes last: where it stands, the draw is whole."""
    write_bytes(plan / proof.OPENING, opening)
    write_bytes(plan / proof.DRAWN, lines(outcome.drawn))
    table = pa.Table.from_pandas(outcome.frame, schema=_FRAME, preserve_index=False)
    with replacing(plan / proof.FRAME) as path:
        pq.write_table(table.replace_schema_metadata(None), path)
    write_bytes(plan / proof.PROOF, canonical(outcome.proof) + b"\n")


def _facts(
    plan: Path, committed: dict[str, Any], public: str | None, result: dict[str, Any]
) -> dict[str, Any]:
    return {
        "plan": str(plan),
        "number": committed["number"],
        "commitment": committed["commitment"],
        "public_value": public,
        "firms": result["firms"],
        "size": result["drawn"],
        "drawn_by": result["drawn_by"],
    }


def _files(plan: Path) -> Files:
    if not (plan / proof.COMMITMENT).is_file():
        raise NotFound(f"{plan} is not a plan folder", hint="`xinfen commit` makes one")
    names = (*proof.COMMITTED.values(), proof.COMMITMENT, proof.OPENING, proof.DRAWN, proof.PROOF)
    return {name: (plan / name).read_bytes() for name in names if (plan / name).is_file()}
