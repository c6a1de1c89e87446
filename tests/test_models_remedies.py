from __future__ import annotations

from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import features
from benchmarks import mending
from features.catalogue import Catalogue
from features.indicator import OF_GROUPS, OF_TIES
from models import remedies, telling
from models.classifier import RiskClassifier
from models.definition import SHIPPED
from models.policy import CLASSES
from models.remedies import Firm, WhatIf, changed, open_acts, what_would_change
from records.errors import BadDefinition, BadInput
from records.store import Store
from tests.a_store import opaque, put, rows

GENERAL = Catalogue.load(SHIPPED / "general" / "indicators.yaml")
ACTS = [name for name, act in GENERAL.acts.items() if act.makes]
AS_OF = date(2026, 7, 1)

STANDING: dict[str, tuple[str, dict[str | None, list[str]]]] = {
    "enterprises": ("source_id name entity_type status established_on term_ends_on", {
        None: ["E{n} 甲 1130 live 2024-03-01 -"],
        "file_annual_reports": ["E{n} 甲 1130 live 2010-03-01 -"],
        "renew_term": ["E{n} 甲 1130 live 2024-03-01 2025-12-31"],
    }),
    "annual_reports": ("source_id year late amendments net_profit unpaid_pension unpaid_injury", {
        None: ["R{n} 2024 false 0 5000 - -"],
        "file_annual_reports": ["R{n} 2023 true 1 -7000 - -"],
        "pay_social_insurance": ["R{n} 2024 false 2 5000 120000 3000"],
    }),
    "licences": ("source_id licence_no expires_on status", {
        "renew_licences": ["L{n} X{n} 2026-01-31 valid", "M{n} Y{n} 2026-07-15 valid",
                           "N{n} Z{n} 2029-01-01 valid", "O{n} V{n} - valid"],
    }),
    "abnormal_listings": ("source_id cause removed_on", {
        "leave_abnormal_list": ["A{n} unreachable -", "B{n} annual_report -",
                                "C{n} not_published 2026-02-01"],
    }),
    "serious_listings": ("source_id cause removed_on", {
        "leave_serious_list": ["S{n} 生产销售不合格食品 -"],
    }),
    "court_records": ("source_id kind role ended_on", {
        "comply_with_judgment": ["D{n} defaulter - -", "H{n} consumption_limit - -",
                                 "K{n} lawsuit defendant -"],
    }),
    "penalties": ("source_id authority_field violation penalty amount", {
        "repair_penalties": ["P{n} market_regulation 商标侵权 fine 1000000",
                             "Q{n} market_regulation 商标侵权 warning 0",
                             "T{n} tax 其他 confiscation 500000"],
    }),
    "special_equipment": ("source_id equipment_id next_inspection_on status hazards", {
        "inspect_equipment": ["U{n} a{n} 2026-03-01 in_use 2", "V{n} b{n} 2027-03-01 in_use 0"],
        "remove_hazards": ["U{n} a{n} 2027-03-01 in_use 2"],
    }),
}  # fmt: skip
"""What stands against the firm that is to do each act; None: of every firm that is not named."""

pytestmark = pytest.mark.filterwarnings("ignore::features.table.MissingTable")


def _standing(folder: Path) -> Store:
    store = opaque(folder)
    for table, (columns, of) in STANDING.items():
        lines = [
            f"{act} {day} {day} {line.format(n=n)}"
            for n, act in enumerate(ACTS)
            for line in of.get(act, of.get(None, []))
            for day in ["2025-04-01"]
        ]
        put(store, table, rows(f"entity_id event_time known_time {columns}", *lines), table)
    return store


def _indicators(store: Store) -> dict[str, pd.Series]:
    """All that rests on a firm's own records, by firm."""
    spine = pd.DataFrame({"entity_id": ACTS, "as_of": AS_OF})
    own = [one.id for one in GENERAL.indicators if one.measure not in (*OF_TIES, *OF_GROUPS)]
    built = features.build(store.snapshot(), spine, GENERAL.only(own)).frame
    return by_firm(built)


def by_firm(built: pd.DataFrame) -> dict[str, pd.Series]:
    """The indicators of each firm."""
    values = built.drop(columns=["entity_id", "as_of"])
    return {firm: values.iloc[at] for at, firm in enumerate(built["entity_id"])}


def test_an_act_makes_of_indicators_what_its_records_make_of_them(tmp_path: Path) -> None:
    store = _standing(tmp_path)
    before, records = _indicators(store), store.snapshot()
    for act in ACTS:
        mending.mend(store, records, (act,), act, AS_OF)
    after = _indicators(store)
    # A table that had no record at all was unknown of everybody, and that is no act's doing.
    known_since = [
        name for name in ("G3-08", "G3-08a") if all(np.isnan(one[name]) for one in before.values())
    ]
    for act in ACTS:
        assert act in open_acts(GENERAL, before[act]), act
        assumed = changed(before[act], [GENERAL.acts[act]])
        if act != "repair_penalties":
            assumed[known_since] = assumed[known_since].fillna(0)
        differ = [
            (name, assumed[name], after[act][name])
            for name in assumed.index
            if not np.array_equal(assumed[name], after[act][name], equal_nan=True)
        ]
        assert not differ, act
        assert act not in open_acts(GENERAL, after[act]), act


def test_every_act_has_its_records() -> None:
    assert set(mending.ACTS) == set(ACTS)


@pytest.fixture(scope="module")
def model(demo: Path) -> RiskClassifier:
    return RiskClassifier.load(demo / "run" / "model")


@pytest.fixture(scope="module")
def firms(demo: Path, model: RiskClassifier) -> list[tuple[Firm, WhatIf]]:
    """Firms of classes B to D that can do something, thirty at most, and what was found."""
    run = pd.read_parquet(demo / "run" / "classes.parquet")
    run = run[run["risk_class"].isin([*"BCD"])].head(300).set_index("entity_id", drop=False)
    definition = model.definition
    fitted = pd.read_parquet(demo / "run" / "reasons.parquet").pivot(
        index="entity_id", columns="indicator", values="value"
    )
    more = definition.catalogue.only(set(remedies.asked(definition)) - {*definition.fitted})
    records = Store.open(demo / "store").snapshot()
    built = features.build(records, run[["entity_id", "as_of"]], more).frame
    values = fitted.loc[run.index].join(built.set_index("entity_id").drop(columns="as_of"))
    told = [
        Firm(
            pd.Series(values.loc[row["entity_id"]]),
            row["risk_class"],
            int(row["held_months"]),
            row["public_grade"],
        )
        for row in run.astype(object).where(run.notna(), None).to_dict("records")
    ]
    catalogue = definition.catalogue
    able = [firm for firm in told if len(open_acts(catalogue, firm.values)) > 1]
    return [(firm, what_would_change(model, firm)) for firm in able[:30]]


def test_the_fewest_acts_are_found_and_none_that_cannot_be_taken(
    model: RiskClassifier, firms: list[tuple[Firm, WhatIf]]
) -> None:
    moved = 0
    for firm, found in firms:
        able = open_acts(model.definition.catalogue, firm.values)
        assert found.exact
        assert set(found.alone) == set(able)
        sets = [chosen for size in range(len(able) + 1) for chosen in combinations(able, size)]
        outcomes = remedies.tried(model, firm, sets)
        better = [
            len(chosen)
            for chosen, one in zip(sets, outcomes, strict=True)
            if CLASSES.index(one.risk_class) < CLASSES.index(firm.risk_class)
        ]
        if found.acts is None or found.then is None:
            assert not better
            continue
        moved += 1
        assert set(found.acts) <= set(able)
        assert len(found.acts) == min(better)
        assert outcomes[sets.index(found.acts)] == found.then
    assert moved > 1


def test_what_is_told_is_what_the_model_says(
    model: RiskClassifier, firms: list[tuple[Firm, WhatIf]]
) -> None:
    for firm, found in firms:
        if not found.acts or found.then is None:
            continue
        acts = [model.definition.catalogue.acts[name] for name in found.acts]
        row = model.matrix(changed(firm.values, acts).to_frame().T)
        assert found.then.raw == float(model.raw(row)[0])
        level = int(np.searchsorted(model.boundaries, found.then.raw, side="right"))
        assert found.then.model_class == CLASSES[level]


def test_the_distance_ends_where_the_class_does(
    model: RiskClassifier, firms: list[tuple[Firm, WhatIf]]
) -> None:
    for _, found in firms:
        for way, sign in ((found.better, -1), (found.worse, 1)):
            if way is None:
                assert found.now.model_class == ("A" if sign < 0 else "D")
                continue
            end = found.now.raw + way.log_odds
            level = int(np.searchsorted(model.boundaries, end + sign * 1e-9, side="right"))
            assert CLASSES[level] == way.model_class
            assert way.log_odds * sign >= 0
            assert way.points * sign >= 0


def test_a_direct_rule_ends_with_its_evidence(
    model: RiskClassifier, firms: list[tuple[Firm, WhatIf]]
) -> None:
    firm = min(firms, key=lambda pair: pair[1].now.raw)[0]
    values = firm.values.copy()
    values["G3-09"] = 1.0
    found = what_would_change(model, Firm(values, "D", 0, firm.public_grade))
    assert found.now.risk_class == "D"
    assert found.now.model_class != "D"
    assert found.acts == ("comply_with_judgment",)
    # A year must pass before an early removal can be applied for.
    for days, able in ((364.0, False), (365.0, True)):
        values["G3-05"], values["G3-05a"], values["G3-09"] = 1.0, days, 0.0
        listed = what_would_change(model, Firm(values, "D", 0, firm.public_grade))
        assert ("leave_serious_list" in listed.alone) is able
        assert (listed.acts is not None) is able


def test_a_firm_that_nothing_stands_against_is_proposed_nothing(model: RiskClassifier) -> None:
    catalogue = model.definition.catalogue
    clean = Firm(pd.Series({one.id: 0.0 for one in catalogue.indicators}), "A")
    found = what_would_change(model, clean)
    assert found.alone == {}
    assert found.acts is None
    with pytest.raises(BadInput, match="no G1-01"):
        what_would_change(model, Firm(clean.values.drop("G1-01"), "A"))


def test_with_many_acts_the_search_is_greedy_and_says_so(
    model: RiskClassifier, firms: list[tuple[Firm, WhatIf]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remedies, "EXACT", 0)
    for firm, best in firms[:15]:
        found = what_would_change(model, firm)
        assert not found.exact
        assert (found.acts is None) == (best.acts is None)
        if found.acts is not None and best.acts is not None:
            assert len(found.acts) >= len(best.acts)
            for act in found.acts:  # none of them is there for nothing
                fewer = tuple(other for other in found.acts if other != act)
                one = remedies.tried(model, firm, [fewer])[0]
                assert CLASSES.index(one.risk_class) >= CLASSES.index(firm.risk_class)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("makes: {G2-04: 0}", "makes: {G2-44: 0}",
         r"acts.renew_term.makes.G2-44: unknown indicator(?s:.*)found: G2-44"),
        ("needs: {G3-16: 365}", "needs: {G3-166: 365}",
         r"repair_penalties.needs.G3-166: unknown indicator"),
        ("{adds: [G3-11, G3-15]}", "{adds: [G3-11b, G3-15]}",
         r"repair_penalties.makes.G3-08.adds: unknown indicator"),
        ("{adds: [G2-20]}", "{adds: [G2-20], becomes: 1}", r"says exactly one thing"),
        ("remedy: renew_term", "remedy: renew_terms",
         r"G2-04.remedy: unknown act(?s:.*)did you mean 'renew_term'"),
        ("    remedy: renew_term\n", "", r"acts.renew_term: no indicator names it"),
        ("record: repairs", "record: repair", r"unknown table 'repair'"),
    ],
)  # fmt: skip
def test_a_mistake_in_an_act_is_named(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    text = (SHIPPED / "general" / "indicators.yaml").read_text("utf-8")
    assert before in text
    path = tmp_path / "indicators.yaml"
    path.write_text(text.replace(before, after), "utf-8")
    with pytest.raises(BadDefinition, match=message):
        Catalogue.load(path)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_is_told_without_a_promise(
    model: RiskClassifier, firms: list[tuple[Firm, WhatIf]], lang: str
) -> None:
    catalogue = model.definition.catalogue
    for firm, found in firms:
        told = telling.what_if(found, firm.risk_class, catalogue, lang)
        assert told["caveat"].startswith(telling.CAVEAT[lang])
        assert len(told["acts"]) == len(found.alone)
        if found.acts and found.then is not None:
            assert f"{found.then.probability:.1%}" in told["sentence"]
            assert f"{found.then.risk_class} 类" in told["sentence"] or lang == "en"
            assert all(catalogue.acts[act].in_(lang) in told["sentence"] for act in found.acts)
        texts = [told["sentence"], *told["distances"], *(act["sentence"] for act in told["acts"])]
        assert not any("None" in text or "nan" in text for text in texts)
