"""A drawn plan as its results are held against it: its visits, items, inspectors, deadlines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from records.errors import BadInput, NotFound, NotPossible
from records.files import write_json
from supervision import proof
from supervision.canonical import digest
from supervision.drawnvisits import VISITS, Drawn
from supervision.identified import NAMED
from supervision.visits import ENTER, PUBLISH

ELSEWHERE = "elsewhere.json"
"""Names a plan that was drawn outside Xinfen, in a folder that holds its results alone."""


@dataclass(frozen=True)
class Planned:
    """A plan whose results come back.

    Parameters
    ----------
    id : names the plan in records; its number and the start of its commitment.
    name, draw_type, class_run_on : as records of inspections have them; null: not known.
    enter, publish : working days after a visit.
    """

    folder: Path
    drawn: Drawn
    id: str
    name: str
    draw_type: str | None = None
    class_run_on: date | None = None
    enter: int = ENTER
    publish: int = PUBLISH
    commitment: str | None = None
    number: int | None = None


def planned(folder: Path, elsewhere: str | None = None) -> Planned:
    """A plan folder that was drawn; or, with `elsewhere` (a name), one drawn outside Xinfen.

    Raises
    ------
    NotFound : the folder is no plan.
    NotPossible : it is not drawn yet, or what was drawn is not what its proof names.
    BadInput : it is drawn by us and `elsewhere` is given, or has another name.
    """
    if (folder / proof.COMMITMENT).is_file():
        if elsewhere is not None:
            raise BadInput(
                f"{folder} was drawn by Xinfen", found=f"--elsewhere {elsewhere}",
                hint="leave --elsewhere out, or name another folder",
            )  # fmt: skip
        return _ours(folder)
    return _outside(folder, elsewhere)


def begin(plan: Planned) -> None:
    """Make the folder of a plan drawn elsewhere, as its first results come in."""
    if plan.drawn.elsewhere and not (plan.folder / ELSEWHERE).is_file():
        write_json(plan.folder / ELSEWHERE, {"name": plan.name})


def _outside(folder: Path, name: str | None) -> Planned:
    named = folder / ELSEWHERE
    known = json.loads(named.read_text("utf-8"))["name"] if named.is_file() else None
    if known is None and (name is None or not name.strip()):
        raise NotFound(
            f"{folder} is not a plan folder",
            allowed="a folder that `xinfen commit` made, or --elsewhere NAME",
            hint="for a plan drawn outside Xinfen, name it with --elsewhere",
        )
    if known is not None and name is not None and name.strip() != known:
        raise BadInput(f"{folder} holds another plan's results", found=name, allowed=known)
    if known is None and folder.is_dir() and any(folder.iterdir()):
        raise BadInput(f"{folder} holds something else", hint="name a new folder for the results")
    told = str(known or name).strip()
    return Planned(folder, Drawn.outside(), f"elsewhere/{told}", told)


def _standing(folder: Path, commitment: str) -> None:
    """Refuse a plan that the register beside it calls aborted: nobody was sent by it."""
    register = folder.resolve().parent / "register.jsonl"
    for line in register.read_bytes().splitlines() if register.is_file() else ():
        entry = json.loads(line)
        if entry["event"] == "aborted" and entry["commitment"] == commitment:
            raise NotPossible(
                f"{folder} was aborted", found=str(entry.get("reason") or "no reason on record"),
                hint="results belong to the plan that was carried out",
            )  # fmt: skip


def _ours(folder: Path) -> Planned:
    missing = [name for name in (proof.DRAWN, proof.PROOF) if not (folder / name).is_file()]
    if missing:
        raise NotPossible(
            f"{folder} is not drawn yet", found=f"no {missing[0]}", hint=f"xinfen draw {folder}"
        )
    committed, result, about = (
        _json(folder / name) for name in (proof.COMMITMENT, proof.PROOF, "plan.json")
    )
    written = (folder / proof.DRAWN).read_bytes()
    if digest(written) != result.get("drawn_hash"):
        raise NotPossible(
            f"{folder / proof.DRAWN} is not what was drawn", found=digest(written),
            allowed=str(result.get("drawn_hash")), hint=f"xinfen verify {folder}",
        )  # fmt: skip
    _standing(folder, committed["commitment"])
    plan, period = about["plan"], about.get("period") or {}
    limits = plan.get("deadlines") or {}
    return Planned(
        folder=folder,
        drawn=Drawn(
            visits=_visits(written),
            items={str(item["id"]): _name(item) for item in plan.get("items") or ()},
            inspectors=_inspectors(folder / "inspectors.jsonl"),
            start=_day(period.get("start")),
            end=_day(period.get("end")),
        ),
        id=f"{committed['number']}-{committed['commitment'][:NAMED]}",
        name=plan["task"],
        draw_type=plan.get("type"),
        class_run_on=_day(about["run"].get("as_of")),
        enter=int(limits.get("enter", ENTER)),
        publish=int(limits.get("publish", PUBLISH)),
        commitment=committed["commitment"],
        number=committed["number"],
    )


def _visits(written: bytes) -> pd.DataFrame:
    rows = [json.loads(line) for line in written.splitlines()]
    frame = pd.DataFrame(rows).reindex(columns=[*VISITS, "ticket"]).astype(object)
    named = frame["ticket"].map(lambda ticket: str(ticket)[:NAMED])
    frame["visit"] = frame["visit"].where(frame["visit"].notna(), named)
    plain: pd.DataFrame = frame.where(frame.notna(), None)[list(VISITS)]
    return plain


def _inspectors(path: Path) -> dict[str, frozenset[str]]:
    told = {}
    for line in path.read_bytes().splitlines():
        one = json.loads(line)
        told[one["inspector_id"]] = frozenset(filter(None, (one.get("conflicts") or "").split(";")))
    return told


def _name(item: Mapping[str, Any]) -> str:
    """An item's name in Chinese, as records have it."""
    name = item["name"]
    return str(name["zh"] if isinstance(name, dict) else name)


def _json(path: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read", found=str(error)) from None
    return told


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
