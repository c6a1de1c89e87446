"""Commitments lodged outside: with the discipline office, on a notice board, on another machine.

A lodged copy is the content of commitment.json and the register's line of it. Written before the
plan's folder appears, it proves that nothing was changed since, and that no line of the register
before it was left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from records.errors import BadInput, NotFound, NotPossible
from records.files import canonical, write_bytes
from serving.plans.register import NAME, Entry, Register
from supervision.proofs.compare import Differs, same
from supervision.proofs.proof import COMMITMENT

_NAMED = re.compile(r"(\d{4,})-[0-9a-f]{64}\.json")


def check(folder: Path, number: int) -> None:
    """Refuse a number that was lodged before: the register has lost lines, or is a new one."""
    taken = [int(found[1]) for path in _paths(folder) if (found := _NAMED.fullmatch(path.name))]
    if max(taken, default=0) >= number:
        raise NotPossible(
            f"{folder}: lodged up to number {max(taken)}, and this one would be {number}",
            hint=f"restore {NAME} beside the plans, or lodge these in a folder of their own",
        )


def lodge(folder: Path, committed: Mapping[str, Any], entry: Entry) -> Path:
    """Write the copy of a commitment, whole or not at all: NUMBER-COMMITMENT.json."""
    path = folder / f"{committed['number']:04d}-{committed['commitment']}.json"
    write_bytes(path, canonical({"commitment": dict(committed), "register": entry}) + b"\n")
    return path


def compare(path: Path, committed: Mapping[str, Any], register: Register | None) -> None:
    """Hold a plan and its register against the copy lodged of it; `Differs` names the first place.

    What is stored is the folder's, what is recomputed the lodged copy's.
    """
    copy = _read(path)
    same(COMMITMENT, committed, _causes_first(copy["commitment"]))
    if register is None:
        raise Differs(NAME, "file", "missing", "present")
    line = next((n for n, e in enumerate(register.entries) if e["event"] == "committed"
                 and e["commitment"] == committed["commitment"]), None)  # fmt: skip
    if line is None:
        raise Differs(NAME, "row", "missing", "present", committed["commitment"])
    same(NAME, register.entries[line], _causes_first(copy["register"]), f"line {line + 1}")


def _causes_first(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with the hashes of others last, so that what was changed is named."""
    last = ("commitment", "previous", "hash")
    return {name: fields[name] for name in sorted(fields, key=lambda name: (name in last, name))}


def _paths(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _read(path: Path) -> dict[str, Any]:
    try:
        copy = json.loads(path.read_bytes())
    except (FileNotFoundError, IsADirectoryError):
        hint = "a lodged copy is NUMBER-COMMITMENT.json"
        raise NotFound(f"no file {path}", hint=hint) from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read", found=str(error)) from None
    parts = ("commitment", "register")
    if not isinstance(copy, dict) or not all(isinstance(copy.get(part), dict) for part in parts):
        raise BadInput(f"{path} is no lodged copy", allowed="an object of commitment and register")
    return copy
