"""What the general catalogue knows of a city's firms, and what its records lack."""

from __future__ import annotations

import warnings
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import features
from benchmarks.pages import markdown_table
from features.coverage import Coverage, coverage
from features.page import figure, share
from features.table import MissingTable
from models.definition import folder_of
from records.store import Snapshot


@dataclass(frozen=True)
class Reached:
    """The coverage of every indicator over a city's live firms, as known on a day."""

    day: date
    firms: int
    found: list[Coverage]


def general() -> features.Catalogue:
    """The general catalogue."""
    return features.Catalogue.load(folder_of("general") / "indicators.yaml")


def reached(records: Snapshot, day: date) -> Reached:
    """Compute the whole catalogue for the live firms; what is lacking stands in the coverage."""
    firms = features.population(records, day)
    live = firms[firms["status"] == "live"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MissingTable)
        table = features.build(records, live, general())
    return Reached(day, len(live), coverage(table, general()))


def section(what: Reached) -> list[str]:
    """Lines of the page: the indicators that are known, and what keeps the others from it."""
    catalogue = general()
    known = [one for one in what.found if not one.lacks]
    lacking: dict[str, list[str]] = defaultdict(list)
    for one in what.found:
        if one.lacks:
            lacking[one.lacks].append(one.indicator)
    rows = [
        (
            one.indicator,
            catalogue[one.indicator].name.zh,
            catalogue[one.indicator].name.en,
            share(one.known),
            share(one.nonzero),
            *("–" if value is None else figure(value) for value in (one.low, one.middle, one.high)),
        )
        for one in known
    ]
    head = ("id", "指标", "indicator", "known 有值", "nonzero 非零", "least 最小", "median 中位",
            "greatest 最大")  # fmt: skip
    lead = (
        f"The records can speak of {len(known)} of the general catalogue's {len(what.found)} "
        f"indicators, here for the {what.firms:,} live firms as of {what.day}. "
        "通用指标目录中有记录可据的指标：\n"
    )
    return [
        lead,
        markdown_table(head, rows),
        "The others are null, never zero, for want of 其余为空值，缺：\n",
        *(f"- `{lack}`: {', '.join(ids)}" for lack, ids in sorted(lacking.items())),
        "",
    ]
