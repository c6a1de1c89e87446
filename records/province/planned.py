"""What inspectors would find on visits that somebody else has planned.

It works from what `generate` left on disk: the truth, the ends of firms, the inspectors and the
parameters. Detection is that of the province's own history. The province does not live on:
nothing found here mends a problem, lists a firm or moves a risk.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from records.errors import BadInput, NotFound
from records.province.arrays import Flags, Index
from records.province.asked import BLIND, DRAWN_BY, TARGETED, Asked
from records.province.clock import NO_DAY, Days
from records.province.detection import Ends, Looks, chance_found, main_result
from records.province.findings import choose_items, item_results, item_rows
from records.province.ledger import REGISTER
from records.province.names import numbered
from records.province.parameters import Parameters
from records.province.randomness import generator
from records.province.rows import NOBODY, Rows
from records.province.staff import Staff
from records.province.texts.oversight import about_plan
from records.province.truth import Visited, read_staff, read_visited
from records.province.world import delay, logit
from records.province.written import code, dense, entered, written


def inspect(province: Path, plan: pd.DataFrame, month: date, seed: int) -> pa.Table:
    """Visit the firms of a plan and write down what is found.

    Parameters
    ----------
    province : a folder written by `generate`.
    plan : one row a visit, shape (n, columns), a firm perhaps in several. Columns:
        `entity_id`; `method`, one of the parameters' methods; `items`, how many are inspected, 1
        to 11 (a slice and a re-check take those of the fixed basket first); `class_seen`, the
        class A to D the pair knows, null if it is hidden from them; `drawn_by`, slice, plan,
        top_up (written as plan) or recheck, null for a targeted visit that follows a lead;
        `inclusion_probability`, null where not drawn.
        If given: `inspector_1` and `inspector_2` of the roll, both null for two drawn from the
        firm's county; `plan_id`; `class_run_on`, a date, else the month's first day; `item_names`,
        the items to inspect with `;` between them (`items` is then how many there are).
    month : any day of the month in which the visits are made; its truth must have been kept.
    seed : fixes every bit, whatever the order of the plan's rows.

    Returns
    -------
    Rows of table `inspections`, an item each, with days in the month. They become known as late
    as others: who simulates a loop holds a row back until its `known_time`.
    Firms that have ended by the day of their visit give `closed`, or how they were struck off.
    Record names carry month and seed: take a seed of its own for each plan of a month.

    Raises
    ------
    NotFound : there is no province there.
    BadInput : a column is missing, a value is not allowed, a firm or an inspector is unknown, or
        the truth of the month was not kept.
    """
    if seed < 0:
        raise BadInput("negative seed", found=str(seed), allowed="0 or more")
    parameters, start = _parameters(province), month.replace(day=1)
    asked = Asked.read(plan, tuple(parameters.bureau.methods), start)
    fates = tuple(parameters.population.fates)
    firms, staff = read_visited(province, asked.entity, start, fates), read_staff(province)
    rng, n = generator(seed, f"inspect:{start}"), len(asked)
    day = rng.integers(_day(start, 0), _day(start, 1), n)
    one, two = _pairs(province, staff, asked, firms.county, rng)
    looks = Looks(
        method=pd.Index(parameters.bureau.methods).get_indexer(pd.Index(asked.method)),
        items=asked.items,
        strict=staff.strictness(one, two),
        seen=asked.seen,
        led=asked.way == TARGETED,
    )
    problem = rng.random(n) < chance_found(parameters.bureau, firms.probability, looks)
    excess = logit(firms.probability) - parameters.latent.base
    ends = Ends(firms.closed <= day, firms.struck <= day, firms.fate)
    outcome = main_result(parameters, excess, problem, ends, rng)
    blind = np.isin(asked.way, [list(DRAWN_BY).index(name) for name in BLIND])
    results = item_results(_items(asked, blind, rng), outcome, rng)
    known = day + delay(parameters.lateness, n, rng)
    return _written(f"{start:%Y%m}-{seed}", asked, firms, staff.pair(one, two), day, known, results)


def _items(asked: Asked, blind: Flags, rng: np.random.Generator) -> Flags:
    """Which items each visit inspects: those it names, else what inspectors choose."""
    items = choose_items(blind, asked.items, rng)
    named = asked.named.any(axis=1)
    if not named.any():
        return items
    chosen = np.pad(items, ((0, 0), (0, asked.named.shape[1] - items.shape[1])))
    return np.asarray(np.where(named[:, None], asked.named, chosen))


def _written(
    label: str,
    asked: Asked,
    firms: Visited,
    pair: Index,
    day: Days,
    known: Days,
    results: Index,
) -> pa.Table:
    visit, own = item_rows(
        results, day,
        method=_codes("method", asked.method),
        way=code("inspections", "way", "drawn", "targeted")[(asked.way == TARGETED).astype(int)],
        drawn_by=np.append(code("inspections", "drawn_by", *DRAWN_BY.values()), NOBODY)[asked.way],
        inclusion_probability=np.where(asked.way == TARGETED, np.nan, asked.chance),
        class_run_on=np.where(asked.way == TARGETED, NO_DAY, asked.run),
        inspector=pair,
    )  # fmt: skip
    clocks = (day[visit], known[visit], None)
    entity = pa.array(asked.entity, pa.string()).take(pa.array(visit))
    county = firms.county[visit]
    rows = Rows(entered("inspections", len(visit), clocks, **own), entity, county)
    plan = pa.array(asked.plan, pa.string(), from_pandas=True).take(pa.array(visit))
    table = written(
        "inspections", rows, REGISTER, numbered(f"JC-{label}", np.arange(len(visit))),
        inspection_id=numbered(f"RW-{label}", visit),
        plan_id=plan,
        **about_plan(plan, county),
    )  # fmt: skip
    return dense(table, "inspections")


def _codes(column: str, words: pd.Series) -> Index:
    known, place = np.unique(words.to_numpy(str), return_inverse=True)
    return np.asarray(code("inspections", column, *known)[place])


def _parameters(province: Path) -> Parameters:
    path = province / "province.json"
    if not path.is_file():
        raise NotFound(f"no province in {province}", hint="make one with `xinfen province`")
    return Parameters.model_validate(json.loads(path.read_text("utf-8"))["parameters"])


def _pairs(
    province: Path, staff: Staff, asked: Asked, county: Index, rng: np.random.Generator
) -> tuple[Index, Index]:
    """Positions of each visit's two inspectors: those named, else two of the county."""
    one, two = staff.pairs(county, rng)
    roll = pd.Index(staff.roll().column("inspector_id").to_pylist())
    named = asked.one.notna().to_numpy()
    for names, drawn in ((asked.one, one), (asked.two, two)):
        position = roll.get_indexer(pd.Index(names[named]))
        if (position < 0).any():
            raise BadInput(
                "plan: unknown inspector",
                found=str(names[named].iloc[int(position.argmin())]),
                allowed=f"those of {province / 'lists' / 'inspectors.csv'}",
            )
        drawn[named] = position
    return one, two


def _day(start: date, later: int) -> int:
    """The first day of a month, or of one `later`, since 1970-01-01."""
    return int((np.datetime64(start, "M") + later).astype("datetime64[D]").astype(np.int64))
