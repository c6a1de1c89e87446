from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from features.catalogue import Catalogue
from models import telling
from models.changes import Change, between
from models.classifier import RiskClassifier
from models.definition import SHIPPED
from records.errors import BadInput
from records.store import Store
from tests import a_small_model
from tests.a_small_model import moments
from tests.a_store import opaque, put, rows

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)

pytestmark = pytest.mark.filterwarnings("ignore::features.table.MissingTable")


FIRMS = ("F1", "F2", "F3")
HEAD = "entity_id source_id event_time known_time"
PENALTY = f"{HEAD} authority_field violation penalty amount"
LISTING = f"{HEAD} cause removed_on"


def _put_june(store: Store) -> None:
    registered = [f"{firm} E{firm} 2015-01-01 2015-01-01 甲 1130 live 2015-01-01" for firm in FIRMS]
    put(store, "enterprises",
        rows(f"{HEAD} name entity_type status established_on", *registered), "e")  # fmt: skip
    put(store, "penalties", rows(
        PENALTY,
        "F1 P1 2023-06-15 2023-06-20 market_regulation 其他 fine 100000",
        "F1 P2 2025-01-15 2025-01-20 market_regulation 其他 fine 200000",
        "F1 P3 2025-02-15 2025-02-20 market_regulation 其他 fine 300000",
        "F2 P5 2026-02-15 2026-02-20 market_regulation 其他 fine 300000",
    ), "p")  # fmt: skip
    put(store, "abnormal_listings",
        rows(LISTING, "F1 A1 2026-02-01 2026-02-02 unreachable -"), "a")  # fmt: skip
    put(store, "serious_listings", rows(f"{HEAD} cause", "F9 S9 2026-01-01 2026-01-01 其他"), "s")


def _put_july(store: Store) -> None:
    put(store, "penalties", rows(
        PENALTY,
        "F1 P3 2025-02-15 2026-06-10 market_regulation 其他 fine 900000",
        "F1 P4 2026-06-15 2026-06-20 market_regulation 其他 fine 5000000",
    ), "p2")  # fmt: skip
    put(store, "abnormal_listings", rows(
        LISTING,
        "F1 A1 2026-02-01 2026-06-12 unreachable 2026-06-11",
        "F2 A2 2026-06-11 2026-06-12 unreachable -",
    ), "a2")  # fmt: skip
    complaints = [f"F2 C{n} 2026-06-{n:02d} 2026-06-20 complaint" for n in range(10, 14)]
    put(store, "complaints", rows(f"{HEAD} kind", *complaints), "c")
    put(store, "serious_listings", rows(f"{HEAD} cause", "F3 S1 2026-06-11 2026-06-12 其他"), "s2")


def another(model: RiskClassifier) -> RiskClassifier:
    """The next version: other trees and boundaries, shorter windows, no margin."""
    declared = model.definition.catalogue.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for entry in declared["indicators"]:
        if entry["id"] in ("G3-11", "G3-12", "G5-01"):
            entry["window"] = "6m"
    new = a_small_model.fitted(type(model.definition.catalogue).model_validate(declared), seed=2)
    hysteresis = new.definition.policy.hysteresis.model_copy(update={"margin_log_odds": 0.0})
    policy = new.definition.policy.model_copy(update={"hysteresis": hysteresis})
    definition = new.definition.model_copy(update={"policy": policy})
    return replace(new, definition=definition, boundaries=new.boundaries - 0.3)


@pytest.fixture(scope="module")
def changes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Change]]:
    """Three firms between June and July, by one model, and with all of it replaced."""
    store = opaque(tmp_path_factory.mktemp("changes"))
    model = a_small_model.fitted()
    _put_june(store)
    then = moments(store.snapshot(), model, FIRMS, JUNE)
    _put_july(store)
    now = moments(store.snapshot(), model, FIRMS, JULY, then)
    new = moments(store.snapshot(), another(model), FIRMS, JULY, then)
    return {
        "firm": {firm: between(then[firm], now[firm]) for firm in FIRMS},
        "all": {firm: between(then[firm], new[firm]) for firm in FIRMS},
    }


def test_the_parts_add_up_to_the_whole(changes: dict[str, dict[str, Change]]) -> None:
    for found in [*changes["firm"].values(), *changes["all"].values()]:
        before, after = found.before.firm, found.after.firm
        whole = after["raw"] - before["raw"]
        assert math.fsum(part.log_odds for part in found.parts) == pytest.approx(whole, abs=1e-9)
        points = 100 * (after["probability"] - before["probability"])
        assert math.fsum(part.points for part in found.parts) == pytest.approx(points, abs=1e-9)
        told = math.fsum(one.contribution for one in found.indicators)
        assert told == pytest.approx(found.parts[0].log_odds, abs=1e-9)
        assert found.parts[-1].risk_class == after["risk_class"]


def test_what_was_not_replaced_has_no_part(changes: dict[str, dict[str, Change]]) -> None:
    for found in changes["firm"].values():
        assert found.replaced == ()
        assert [part.what for part in found.parts] == ["firm", "catalogue", "model", "policy"]
        assert [part.log_odds for part in found.parts[1:]] == [0.0, 0.0, 0.0]
    for found in changes["all"].values():
        assert found.replaced == ("catalogue", "model", "policy")
        assert found.parts[2].log_odds != 0
    assert any(found.parts[1].log_odds for found in changes["all"].values())


def test_a_contribution_is_the_mean_step_over_all_orders(
    changes: dict[str, dict[str, Change]],
) -> None:
    """Of the two firms: Shapley's sum over all subsets of what changed, by the booster alone."""
    for found in changes["firm"].values():
        model = found.before.classifier
        then, now = (moment.fitted.to_numpy(np.float64) for moment in (found.before, found.after))
        differ = [at for at in range(len(then)) if not np.array_equal(then[at], now[at], True)]
        assert differ
        sets = np.arange(2 ** len(differ))
        grid = np.tile(then, (len(sets), 1))
        for place, at in enumerate(differ):
            grid[(sets >> place) & 1 == 1, at] = now[at]
        raw = model.raw(grid)
        told = {one.indicator: one.contribution for one in found.indicators}
        for place, at in enumerate(differ):
            without = sets[(sets >> place) & 1 == 0]
            taken = [int(each).bit_count() for each in without]
            orders = [1 / (len(differ) * math.comb(len(differ) - 1, each)) for each in taken]
            exact = float(np.array(orders) @ (raw[without | (1 << place)] - raw[without]))
            name = model.definition.fitted[at]
            assert told.get(name, 0.0) == pytest.approx(exact, abs=1e-6)


def test_each_indicator_names_its_new_ended_and_corrected_records(
    changes: dict[str, dict[str, Change]],
) -> None:
    told = {
        firm: {
            one.indicator: {record.source_id: record.how for record in one.records}
            for one in found.indicators
        }
        for firm, found in changes["firm"].items()
    }
    fines = {"P1": "ended", "P3": "corrected", "P4": "new"}  # P1 is more than three years old
    assert told["F1"]["G3-12"] == fines
    assert told["F1"]["G3-01"] == {"A1": "ended"}
    assert told["F2"]["G5-01"] == {f"C{n}": "new" for n in range(10, 14)}
    assert told["F2"]["G3-01"] == {"A2": "new"}
    assert "G3-12" not in told["F2"]
    for found in changes["firm"].values():
        assert all((one.cause == "records") == bool(one.records) for one in found.indicators)
    sentences = [one["sentence"] for one in
                 telling.change(changes["firm"]["F1"], "zh")["indicators"]]  # fmt: skip
    assert any("新增 1 条（P4, 2026-06-15）" in sentence for sentence in sentences)


def test_what_only_the_policy_reads_is_told(changes: dict[str, dict[str, Change]]) -> None:
    found = changes["firm"]["F3"]
    assert found.parts[0].risk_class == "D" == found.after.firm["risk_class"]
    ruled = next(one for one in found.indicators if one.indicator == "G3-05")
    assert (ruled.contribution, ruled.cause) == (0.0, "records")
    assert [(record.how, record.source_id) for record in ruled.records] == [("new", "S1")]


def test_what_people_corrected_is_a_part_of_its_own(
    changes: dict[str, dict[str, Change]],
) -> None:
    found = changes["firm"]["F2"]
    firm: dict[str, Any] = {**found.after.firm, "risk_class": "A"}
    told = between(found.before, replace(found.after, firm=firm))
    assert [part.what for part in told.parts][-1] == "correction"
    assert told.parts[-1].risk_class == "A"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_is_told_whole(changes: dict[str, dict[str, Change]], lang: str) -> None:
    for found in [*changes["firm"].values(), *changes["all"].values()]:
        told = telling.change(found, lang)
        texts = [told["sentence"], *(part["sentence"] for part in told["parts"])]
        texts += [one["sentence"] for one in told["indicators"]]
        assert not any("nan" in text or "None" in text or "{" in text for text in texts)
        assert json.loads(json.dumps(told, allow_nan=False)) == told
        points = math.fsum(one["points"] for one in told["indicators"])
        assert points == pytest.approx(found.parts[0].points, abs=1e-6)


def test_two_firms_have_no_change_between_them(changes: dict[str, dict[str, Change]]) -> None:
    one, other = changes["firm"]["F1"], changes["firm"]["F2"]
    with pytest.raises(BadInput, match="a change is of one firm"):
        between(one.before, other.after)
    left: dict[str, Any] = {**one.after.firm, "risk_class": None, "scope": "grade_only"}
    with pytest.raises(BadInput, match="was not classified"):
        between(one.before, replace(one.after, firm=left))


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("G3-01", 1.0, "是", "yes"),
        ("G3-02", 0.0, "无", "none"),
        ("G5-10", 5.0, "D", "D"),
        ("G5-10", math.nan, "未知", "unknown"),
        ("G3-11", 2.0, "2", "twice"),
    ],
)
def test_a_value_is_said_in_words(name: str, value: float, zh: str, en: str) -> None:
    one = Catalogue.load(SHIPPED / "general" / "indicators.yaml")[name]
    assert [telling._value(value, one, lang) for lang in ("zh", "en")] == [zh, en]
