"""A plan's folder and what the register beside it says of it: read, never changed here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from records.errors import NotFound, NotPossible
from serving.plans.register import ABORTED, COMMITTED, DRAWN, NAME, About, Register
from supervision.proofs import proof
from supervision.proofs.compare import Differs, parsed

FILES = (
    *proof.COMMITTED.values(), proof.COMMITMENT, proof.OPENING, proof.DRAWN, proof.FRAME,
    proof.PROOF,
)  # fmt: skip
"""The files of a plan, in the order in which they come to be."""


class Folder(Mapping[str, bytes]):
    """The bytes of the files that a plan has so far, each read when it is asked for.

    Lists of millions would take a gigabyte if they were all held. What is `added` stands for a
    file that is not written yet.
    """

    def __init__(self, plan: Path, **added: bytes) -> None:
        if not (plan / proof.COMMITMENT).is_file():
            raise NotFound(f"{plan} is not a plan folder", hint="`xinfen commit` makes one")
        self.plan, self.added = plan, added

    def having(self, name: str, content: bytes) -> Folder:
        """The same with one file more."""
        return Folder(self.plan, **{**self.added, name: content})

    def __getitem__(self, name: str) -> bytes:
        if name in self.added:
            return self.added[name]
        if name not in FILES:
            raise KeyError(name)
        try:
            return (self.plan / name).read_bytes()
        except (FileNotFoundError, IsADirectoryError):
            raise KeyError(name) from None

    def __contains__(self, name: object) -> bool:
        return name in self.added or (name in FILES and (self.plan / str(name)).is_file())

    def __iter__(self) -> Iterator[str]:
        return (name for name in FILES if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def committed(files: Mapping[str, bytes]) -> dict[str, Any]:
    """The content of commitment.json; `Differs` if it is none."""
    stored = parsed(proof.COMMITMENT, files[proof.COMMITMENT])
    if not isinstance(stored.get("number"), int) or not isinstance(stored.get("commitment"), str):
        raise Differs(proof.COMMITMENT, "content", "not readable", "a number and a commitment")
    return stored


def about(plan: Path, files: Mapping[str, bytes]) -> About:
    """What the register says of a plan, from its files; they must be as committed."""
    stored, named = committed(files), json.loads(files[proof.COMMITTED["plan"]])
    return About(
        number=stored["number"],
        commitment=stored["commitment"],
        plan=plan.resolve().name,
        task=named["plan"]["task"],
        period=f"{named['period']['start']}/{named['period']['end']}",
    )


def remembered(plan: Path, register: Register) -> About:
    """The same of a folder that is gone, by its name."""
    named = [entry for entry in register.entries if entry["plan"] == plan.resolve().name]
    if not named:
        raise NotFound(f"{plan} is not a plan folder, nor is it on record")
    return About(**{name: named[-1][name] for name in About.__dataclass_fields__})


def known(plan: Path, register: Register, told: About) -> None:
    """Refuse a plan whose commitment the register does not hold."""
    if not register.of(told.commitment, COMMITTED):
        raise NotPossible(
            f"the register beside {plan} knows nothing of its commitment",
            found=told.commitment,
            hint="put the plan, or the register, back where it was",
        )


def on_record(register: Register | None, told: About, public: str | None) -> dict[str, Any]:
    """What the register says of a drawn plan; `Differs` where it knows it otherwise, or not."""
    if register is None:
        return {"register": None, "earlier": None}
    if not register.of(told.commitment, COMMITTED):
        raise Differs(NAME, COMMITTED, "missing", "present", told.commitment)
    values = [entry["public_value"] for entry in register.of(told.commitment, DRAWN)]
    if not values:
        raise Differs(NAME, DRAWN, "missing", "present", told.commitment)
    if public not in values:
        raise Differs(proof.OPENING, "public_value", public, values[0])
    return register.told(told)


def undrawn(plan: Path, files: Mapping[str, bytes], register: Register | None) -> NotPossible:
    """Why a plan without a draw cannot be verified; `Differs` if it is not as committed."""
    broken = proof.broken(files)
    if broken:
        raise Differs(broken.file, broken.field, broken.stored, broken.recomputed, broken.row)
    aborted = register.of(about(plan, files).commitment, ABORTED) if register else []
    if aborted:
        return NotPossible(f"{plan} was aborted: {aborted[0]['reason']}", found=aborted[0]["time"])
    return NotPossible(f"{plan} is committed, not drawn", hint=f"xinfen draw {plan}")


def facts(plan: Path, told: About, public: str | None, stated: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of a draw; `stated` is the content of proof.json."""
    return {
        "plan": str(plan),
        "number": told.number,
        "commitment": told.commitment,
        "public_value": public,
        "firms": stated["firms"],
        "size": stated["visits"],
        "drawn_by": stated["drawn_by"],
    }
