"""Plans tried on a run and its lists before anybody is visited, as they stand and changed.

A change is `path=value`, a path into the plan's YAML with dots: `blind_slice.ratio=0.01`,
`ratio_by_class.D=0.5`, `capacity.by_bureau.2301=200`, `method_by_class.A={on_site: 1}`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from records.errors import BadDefinition, BadInput
from serving.estimates import grouped
from serving.plans import planinputs, planlists
from serving.plans.plans import SHIPPED
from serving.runs import runcolumns
from serving.telling.leaf import plain as rows
from supervision.draws import lists as listed
from supervision.foresight import simulator
from supervision.foresight.simulator import Lists, Simulated
from supervision.plans.plan import PlanDefinition

BY = ("class", "grade", "county", "industry", "ownership")
"""Groups that burden and precision are told for, unless asked otherwise."""


@dataclass(frozen=True)
class Tried:
    """Plans and what each would do in a year; `assumed` firms had no probability of their own."""

    about: dict[str, Any]
    plans: dict[str, PlanDefinition]
    simulated: dict[str, Simulated]


def simulate(
    run: Path,
    lists: Path,
    plans: Sequence[Path] = (),
    changes: Sequence[str] = (),
    *,
    by: Sequence[str] = BY,
    year: int | None = None,
    effect: Mapping[str, float] | None = None,
) -> Tried:
    """Try plans.

    Parameters
    ----------
    run : folder written by `xinfen score`.
    lists : folder of the lists, as `xinfen commit` takes them.
    plans : YAML files; none is the shipped plan.
    changes : `path=value`; each plan is tried as it stands and, if there are any, with them all.
    year : calendar year; None is the one of the run's as-of date.
    effect : see `supervision.foresight.simulator.simulate`.

    Raises
    ------
    BadDefinition : a plan cannot stand, before or after its changes.
    BadInput, NotFound : a run, list, change or group is wrong.
    """
    if "bureau" in by:
        raise BadInput("--by bureau: plans differ in their bureaus", hint="take city or county")
    defined = _defined(plans or [SHIPPED], changes)
    firms, as_of, assumed = _firms(run, lists, by)
    with planinputs.told(BadInput, lists):
        objects = firms[list(listed.OBJECTS)]
        given = Lists(
            firms,
            listed.history(planlists.optional(lists, "history", listed.HISTORY), objects),
            listed.exclusions(planlists.optional(lists, "exclusions", listed.EXCLUSIONS), objects),
            listed.inspectors(planlists.required(lists, "inspectors", listed.INSPECTORS)),
            tuple(grouped.BY[name] for name in by),
        )
    when = as_of.year if year is None else year
    about = {
        "run": str(run), "lists": str(lists), "as_of": str(as_of), "year": when,
        "firms": len(firms), "assumed": assumed, "effect": dict(effect or {}),
    }  # fmt: skip
    tried = {name: simulator.simulate(plan, given, when, effect) for name, plan in defined.items()}
    return Tried(about, defined, tried)


def effects(given: Iterable[str]) -> dict[str, float]:
    """`method=share` texts as `effect`; a share is at least 0."""
    told = {}
    for one in given:
        method, equals, share = one.partition("=")
        try:
            told[method.strip()] = float(share)
        except ValueError:
            equals = ""
        if not equals or not 0 <= told[method.strip()] < float("inf"):
            raise BadInput(f"--effect {one}", allowed="METHOD=SHARE, such as written=0.6")
    return told


def changed(data: dict[str, Any], changes: Iterable[str]) -> dict[str, Any]:
    """A plan's data with changes made; an entry on the way that is null or absent is made.

    Raises
    ------
    BadInput : a change has no `=`, its value is not YAML, or its path leads through a value.
    """
    told = copy.deepcopy(data)
    for change in changes:
        path, equals, text = change.partition("=")
        *way, last = path.strip().split(".")
        if not equals or not all([*way, last]):
            raise BadInput(f"--set {change}", allowed="PATH=VALUE, such as blind_slice.ratio=0.01")
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise BadInput(f"--set {change}", found=str(error), allowed="a YAML value") from None
        at = told
        for name in way:
            if at.get(name) is None:
                at[name] = {}
            at = at[name]
            if not isinstance(at, dict):
                raise BadInput(f"--set {change}: {name} holds a value, not entries", found=repr(at))
        at[last] = value
    return told


def plain(told: Tried) -> dict[str, Any]:
    """All of it as JSON."""
    return {
        **told.about,
        "plans": {
            name: {
                "totals": one.totals, "unfit": one.unfit,
                "by_class": rows(simulator.by_class(one)), "visits": rows(one.visits),
                "burden": rows(grouped.by_name(one.burden)),
                "precision": rows(grouped.by_name(one.precision)),
            }
            for name, one in told.simulated.items()
        },
    }  # fmt: skip


def _defined(plans: Sequence[Path], changes: Sequence[str]) -> dict[str, PlanDefinition]:
    """Each plan as it stands, and as changed, by a name of its own."""
    told: dict[str, PlanDefinition] = {}
    for path in plans:
        text = planinputs.text(path)
        name = path.stem if path.stem not in told else str(path)
        with planinputs.told(BadDefinition, path):
            told[name] = PlanDefinition.from_yaml(text)
        if changes:
            data = changed(yaml.safe_load(text), changes)
            with planinputs.told(BadDefinition, path):
                told[f"{name} + {' '.join(changes)}"] = PlanDefinition.checked(data)
    return told


def _firms(run: Path, lists: Path, by: Sequence[str]) -> tuple[pd.DataFrame, date, int]:
    """The listed firms with class, probability and groups; the run's day; how many were assumed."""
    needed = [*listed.CLASSES, "probability", "as_of"]
    table = runcolumns.classes(run, needed).to_pandas()
    if table.empty:
        raise BadInput(f"{run}: no firm is in the run")
    with planinputs.told(BadInput, lists):
        objects = listed.objects(planlists.required(lists, "objects", listed.OBJECTS))
    with planinputs.told(BadInput, run):
        classes = listed.classes(table[list(listed.CLASSES)], objects)
        joined = listed.join(objects, classes)
        scored = table.drop_duplicates("entity_id").set_index("entity_id")["probability"]
        joined["probability"] = joined["entity_id"].map(scored)
        joined["probability"], assumed = simulator.unknown_filled(joined)
    return grouped.grouped(joined, by, run), pd.Timestamp(table["as_of"].iloc[0]).date(), assumed
