"""What can be learned from Miyun's published inspections, and what cannot be claimed from them.

The model of `benchmarks/miyun` is trained on the store of Beijing's files as `xinfen train` would,
and nothing is tuned: the section shows what a report says where no draw has a known chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.pages import markdown_table
from benchmarks.real_features import Reached
from features import population
from features.firms import table_on
from models import definition as definitions
from records.errors import XinfenError
from records.store import Snapshot
from training import selection
from training.flow import train

MODEL = Path(__file__).parent / "miyun" / "model"
UNTIL = date(2024, 9, 1)
COMMAND = f"xinfen train var/beijing --model benchmarks/miyun/model --until {UNTIL}"
EVERYTHING = date(2026, 1, 1)
"""By then every file was known."""
OFFICE = "密云区应急管理局"
REGISTER = "北京市登记（内资）"
"""The source of the registrations that are more than the trace of an inspection."""


LEAD = """## 密云 · what can be learned from Miyun's inspections

`{command}`

安全生产检查是唯一有足够标签的来源。模型照常训练和校准，但抽取概率未公布：权重系估计所得，晋级门不予通过，
分类不能声称适用于所有企业。

The general model is not trained: {general}. So Miyun has a model of its own, of six indicators, its
settings not tuned: does a safety inspection find a problem? It trains and calibrates. The other
sources hold fewer than the {enough} problems that training asks for ({others}). Miyun's labels:
"""
JUDGED = """Judged on the last two blocks of time, by what was learned and calibrated before them;
intervals of 95 %, firms as units:
"""


@dataclass(frozen=True)
class Learned:
    """What training told, and what it rests on.

    `report` is that of `training.flow`; `general` is why the general model cannot be trained;
    `registered` of the `inspected` firms stand in the register; `lacking` names record tables
    that the general catalogue asks for and the store does not have; `others` tells office, visits
    and problems of the other sources.
    """

    report: Mapping[str, Any]
    general: str
    firms: int
    inspected: int
    registered: int
    lacking: list[str]
    others: list[tuple[str, int, int]]


def learn(records: Snapshot, reached: Reached) -> Learned:
    """Train Miyun's model on what was known, and ask the general one.

    Raises
    ------
    XinfenError : Miyun's model cannot be trained.
    """
    found = train(records, definitions.load(MODEL), UNTIL)
    try:
        train(records, definitions.load(definitions.folder_of("general")), UNTIL)
    except XinfenError as error:
        general = f"{error.what} ({error.hint})"
    else:
        raise AssertionError("the general model was trained: the page must be written anew")
    firms = population(records, UNTIL)
    named = table_on(records, "enterprises", UNTIL)
    visits = table_on(records, "inspections", UNTIL)
    inspected = set(visits["entity_id"]) & set(firms["entity_id"])
    registered = set(named.loc[named["source"] == REGISTER, "entity_id"])
    return Learned(
        report=found.report,
        general=general,
        firms=len(firms),
        inspected=len(inspected),
        registered=len(inspected & registered),
        others=_others(records),
        lacking=sorted({one.lacks for one in reached.found if one.lacks and "." not in one.lacks}),
    )


def _others(records: Snapshot) -> list[tuple[str, int, int]]:
    """Offices that are not Miyun's: how many visits, and how many found a problem."""
    visits = table_on(records, "inspections", EVERYTHING)
    visits = visits[visits["office"] != OFFICE].assign(
        found=visits["result"].str.startswith("problem")
    )
    told = visits.groupby("office")["found"].agg(["size", "sum"])
    return [(str(office), int(size), int(found)) for office, size, found in told.itertuples()]


def section(learned: Learned) -> list[str]:
    """Lines of the page: labels, figures with their intervals, and the statement."""
    return [
        LEAD.format(
            command=COMMAND,
            general=learned.general,
            enough=selection.ENOUGH,
            others="; ".join(
                f"{office}: {found:,} of {visits:,}" for office, visits, found in learned.others
            ),
        ),
        _labels(learned.report),
        JUDGED,
        _figures(learned.report),
        "What this cannot claim 不能声称的：\n",
        *(f"- {one}" for one in cannot_claim(learned)),
        "",
    ]


def cannot_claim(learned: Learned) -> list[str]:
    """What the labels cannot carry, told from the report."""
    report = learned.report
    told = report["reference"]["propensity"]
    *factors, nothing = report["rates"]["bounds"]
    wrong = "; ".join(f"{one['factor']:g}: {_between(one)}" for one in factors)
    looked = ", ".join(one["factor"].replace("_", " ") for one in report["nuisance"])
    gate = report["gate"]["text"].removeprefix("not promoted: ")
    chance = "Risk is not told apart" if report["limits"]["auc"][0] <= 0.5 else "Risk is told apart"
    lacking = ", ".join(f"`{name}`" for name in learned.lacking)
    claims = (
        f"""**No known chance of being drawn.** 双随机 visits are marked as drawn, but with what
        probability is not published; of 日常 visits it is not even told how they came about. All
        weights are estimated ({report["reference"]["basis"]}): visited firms can be told from all
        by their records (AUC {told["apart"]:.2f}), and the weights leave a difference of
        {told["left"]:.2f} standard deviations where there were {told["before"]:.2f}. What
        inspectors knew besides stays in the labels.""",
        f"""**The rate of all firms is bounded, not known.** With weights wrong by a factor of
        {wrong}; with nothing assumed of firms that nobody visited: {_between(nothing)}.""",
        f"""**Not promoted.** The gate: {gate}.""",
        f"""**{chance}**: AUC {_ends(report, "auc")} on later visits. {learned.inspected:,} firms
        share all visits, and for as many visits no earlier one is on record.""",
        f"""**All firms are not all of Miyun's.** Of {learned.inspected:,} inspected firms
        {learned.registered:,} stand in the published register, which holds new ones of one year;
        the others are known by their inspections alone, without type, industry or size. The
        {learned.firms:,} firms that are weighted to are what both name together.""",
        f"""**Unequal looking is corrected in part.** Given, and averaged out: {looked}. Neither
        inspector nor team is published; how strict each is stays in the labels.""",
        f"""**Absent tables**: {lacking}. No indicator rests on them, and no class can be held
        against a public grade or score.""",
    )
    return [" ".join(claim.split()) for claim in claims]


def _labels(report: Mapping[str, Any]) -> str:
    head = ("year 年", "way 方式", "problem 有问题", "none 无问题", "no label 无标签")
    rows = [
        (
            str(row["year"]),
            str(row["way"]),
            f"{row['positive']:,}",
            f"{row['negative']:,}",
            f"{row['censored'] + row['off_basket']:,}",
        )
        for row in report["tally"]
    ]
    return markdown_table(head, rows)


def _figures(report: Mapping[str, Any]) -> str:
    reference, rates, metrics = report["reference"], report["rates"], report["metrics"]
    rows = [
        (
            "labels learned and calibrated on",
            (
                f"{reference['n']:,}, {reference['positives']:,} with a problem, "
                f"worth {reference['effective']:,.0f}"
            ),
        ),
        ("problem rate of the labels", _rate(rates["labelled"])),
        ("problem rate of all firms, weights estimated", _rate(rates["weighted"])),
        ("the same, doubly robust", _rate(rates["doubly_robust"])),
        ("judged on", f"{metrics['n']:,} later visits, {metrics['positives']:,} with a problem"),
        ("AUC", _ends(report, "auc")),
        ("calibration slope", _ends(report, "slope")),
        ("expected / observed", _ends(report, "expected_over_observed")),
        ("Brier skill over the base rate", _ends(report, "skill_over_base_rate")),
        *(
            (f"observed in class {one['class']}, expected {one['expected']:.1%}", _rate(one))
            for one in report["model_classes"]
        ),
    ]
    return markdown_table(("figure", "found"), rows)


def _between(ends: Mapping[str, float]) -> str:
    return f"{ends['low']:.1%} to {ends['high']:.1%}"


def _rate(rate: Mapping[str, Any]) -> str:
    if rate["rate"] is None:
        return "–"
    return f"{rate['rate']:.1%} [{rate['low']:.1%}, {rate['high']:.1%}]"


def _ends(report: Mapping[str, Any], name: str) -> str:
    low, high = report["limits"][name]
    return f"{report['metrics'][name]:.3f} [{low:.3f}, {high:.3f}]"
