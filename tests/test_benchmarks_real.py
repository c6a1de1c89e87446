"""Real regulators' records through the shipped mappings: counts, values, days of knowing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks import real, real_data, real_miyun
from benchmarks.real import CITIES, Taken
from benchmarks.real_features import general
from records.errors import NotFound
from records.folder import Done
from records.intake import Report
from records.quality import Quality
from records.schema import TABLES

try:
    FILES = {city.name: real_data.folder(city.name) for city in CITIES}
except NotFound as absent:
    pytest.skip(str(absent), allow_module_level=True)

COUNTS = {  # read, stored, corrected, duplicate, quarantined
    ("beijing", "abnormal_operation_list"): (100_036, 0, 0, 0, 100_036),
    ("beijing", "credit_grade_car_rental"): (1_176, 1_176, 0, 0, 0),
    ("beijing", "credit_grade_tour_transport"): (414, 401, 0, 0, 13),
    ("beijing", "inspections_civil_affairs"): (622, 38, 0, 0, 584),
    ("beijing", "inspections_huairou_double_random"): (916, 916, 0, 0, 0),
    ("beijing", "inspected_firms"): (4_270, 3_656, 0, 614, 0),
    ("beijing", "inspections_miyun_emergency"): (4_270, 4_251, 0, 19, 0),
    ("beijing", "penalties_environment"): (1_906, 91, 0, 0, 1_815),
    ("beijing", "penalties_tax"): (2_332, 2_321, 0, 9, 2),
    ("beijing", "registrations_domestic"): (8_376, 8_376, 0, 0, 0),
    ("beijing", "registrations_links"): (8_376, 8_376, 0, 0, 0),
    ("chicago", "burglaries"): (66_932, 66_931, 0, 1, 0),
    ("chicago", "complaints_311"): (74_401, 74_031, 5, 370, 0),
    ("chicago", "heat_burglary"): (27_600, 27_600, 0, 0, 0),
    ("chicago", "heat_garbage"): (27_600, 27_600, 0, 0, 0),
    ("chicago", "heat_sanitation"): (27_600, 27_600, 0, 0, 0),
    ("chicago", "inspectors"): (67_029, 22_400, 0, 0, 44_629),
    ("chicago", "licences"): (27_600, 17_430, 0, 7_324, 2_846),
    ("chicago", "model_scores"): (18_712, 18_712, 0, 0, 0),
    ("chicago", "other_licences"): (331_200, 331_200, 0, 0, 0),
    ("chicago", "outcomes"): (27_600, 27_600, 0, 0, 0),
    ("chicago", "past_visits"): (165_600, 165_600, 0, 0, 0),
    ("chicago", "registrations"): (27_600, 17_488, 58, 7_266, 2_846),
    ("chicago", "risk_tiers"): (27_600, 17_450, 20, 7_304, 2_846),
    ("chicago", "violation_counts"): (82_800, 82_800, 0, 0, 0),
    ("chicago", "violation_counts_all_types"): (292_296, 0, 0, 82_800, 209_496),
    ("chicago", "violations"): (1_214_400, 1_214_400, 0, 0, 0),
    ("chicago", "visits"): (67_497, 67_081, 0, 211, 205),
    ("chicago", "weather_daily"): (5_240, 5_240, 0, 0, 0),
}
NO_DAY = "event_time is missing"
NOBODY = "entity_id is missing"
NO_ID = "source_id is missing"
REASONS = {
    "abnormal_operation_list": {
        "listed_on was not given: 名单取得日期 · day the list was taken": 100_036
    },
    "credit_grade_tour_transport": {"grade is missing": 13},
    "inspections_civil_affairs": {NO_DAY: 584},
    "penalties_environment": {NO_DAY: 1_815},
    "penalties_tax": {NO_DAY: 2},
    "inspectors": {NOBODY: 44_629, NO_DAY: 44_629},
    "licences": {NOBODY: 2_846, NO_DAY: 2_846, NO_ID: 2_846},
    "registrations": {NO_DAY: 2_846, NO_ID: 2_846, "name is missing": 2_846},
    "risk_tiers": {NO_DAY: 2_846, NO_ID: 2_846},
    "violation_counts_all_types": {NOBODY: 209_496, NO_DAY: 209_496},
    "visits": {NOBODY: 205},
}
LATE = "known_time - event_time"
BY_FILE = pytest.mark.parametrize(("city", "mapping"), COUNTS)


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Taken]:
    place = tmp_path_factory.mktemp("real")
    return {city.name: real.take(city, FILES[city.name], place / city.name) for city in CITIES}


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return real.dated(FILES["beijing"], tmp_path_factory.mktemp("dated") / "store")


def _quality(done: list[Done], mapping: str) -> Quality:
    (found,) = (one.quality for one in done if one.step.name == mapping)
    assert found is not None
    return found


def _report(done: list[Done], mapping: str) -> Report:
    return _quality(done, mapping).report


def test_every_file_has_its_mappings_and_every_mapping_its_file(taken: dict[str, Taken]) -> None:
    assert {(city, one.step.name) for city, what in taken.items() for one in what.first} == set(
        COUNTS
    )
    files = {city: {one.step.file.name for one in what.first} for city, what in taken.items()}
    assert {city: len(names) for city, names in files.items()} == {"beijing": 9, "chicago": 14}


@BY_FILE
def test_a_file_is_wholly_accounted_for(taken: dict[str, Taken], city: str, mapping: str) -> None:
    found = _report(taken[city].first, mapping)
    figures = (found.read, found.stored, found.corrected, found.duplicate, found.quarantined)
    assert figures == COUNTS[city, mapping]
    assert found.read == found.stored + found.duplicate + found.quarantined
    assert found.reasons == REASONS.get(mapping, {})


@BY_FILE
def test_taken_in_again_it_holds_nothing_new(
    taken: dict[str, Taken], city: str, mapping: str
) -> None:
    first, again = (_report(done, mapping) for done in (taken[city].first, taken[city].again))
    assert (again.stored, again.corrected) == (0, 0)
    assert again.duplicate == first.stored + first.duplicate
    assert (again.read, again.quarantined) == (first.read, first.quarantined)


@pytest.mark.parametrize(
    ("city", "mapping", "first", "last"),
    [
        ("beijing", "inspections_miyun_emergency", "2023-01-04", "2024-06-21"),
        ("beijing", "penalties_tax", "2020-09-01", "2021-09-30"),
        ("chicago", "violations", "2011-09-02", "2014-12-30"),
        ("chicago", "weather_daily", "2011-04-01", "2014-10-31"),
    ],
)
def test_days_of_a_file(
    taken: dict[str, Taken], city: str, mapping: str, first: str, last: str
) -> None:
    found = _quality(taken[city].first, mapping)
    assert str(found.first["event_time"]) == first
    assert str(found.last["event_time"]) == last


VALUES: list[tuple[str, str, str, str, list[tuple[Any, ...]]]] = [
    (
        "beijing",
        "inspections",
        "true",
        "office, result, count(*)",
        [
            ("北京市怀柔区市场监督管理局", "no_problem", 893),
            ("北京市怀柔区市场监督管理局", "not_carried_on", 19),
            ("北京市怀柔区市场监督管理局", "problem_pending", 4),
            ("北京市民政局", "no_problem", 36),
            ("北京市民政局", "problem_pending", 2),
            ("密云区应急管理局", "no_problem", 3_600),
            ("密云区应急管理局", "problem_corrected", 651),
        ],
    ),
    (
        "beijing",
        "penalties",
        "true",
        "authority_field, count(*), count(amount), cast(sum(amount) as bigint)",
        [("environment", 91, 0, None), ("tax", 2_321, 86, 1_022_900_401)],
    ),
    (
        "chicago",
        "inspections",
        "item = 'overall'",
        "result, count(*)",
        [("no_problem", 18_494), ("problem_corrected", 3_651), ("problem_pending", 5_455)],
    ),
    (
        "chicago",
        "external_signals",
        "true",
        f"kind, count(*), count(entity_id), count(amount), min({LATE}), max({LATE})",
        [
            ("burglary", 66_931, 0, 0, 8, 1_216),
            ("critical_violation_score", 18_712, 18_712, 18_712, 1_157, 2_312),
            ("heat_burglary", 27_600, 27_600, 27_490, 8, 8),
            ("heat_garbage", 27_600, 27_600, 27_490, 1, 1),
            ("heat_sanitation", 27_600, 27_600, 27_490, 1, 1),
            ("humidity", 1_310, 0, 1_310, 1, 1),
            ("precipitation", 1_310, 0, 1_310, 1, 1),
            ("temperature_max", 1_310, 0, 1_310, 1, 1),
            ("wind_speed", 1_310, 0, 1_310, 1, 1),
        ],
    ),
    (
        "chicago",
        "external_signals",
        "kind = 'temperature_max'",
        "unit, max(amount)",
        [("°F", 98.99)],
    ),
    (
        "chicago",
        "field_records",
        "field = 'violations'",
        f"kind, cast(sum(amount) as bigint), min({LATE})",
        [("critical", 5_471, 1), ("minor", 100_044, 1), ("serious", 9_643, 1)],
    ),
    (
        "chicago",
        "field_records",
        "field = 'past_visit'",
        f"kind, cast(sum(amount) as bigint), min({LATE})",
        [
            ("critical_violations", 2_768, 1),
            ("failed", 2_764, 1),
            ("first_on_record", 12_367, 1),
            ("minor_violations", 55_673, 1),
            ("serious_violations", 4_838, 1),
            ("years_since", 38_907, 1),
        ],
    ),
    (
        "chicago",
        "field_records",
        "field = 'other_licence' and value = 'held'",
        "min(known_time) > date '2019-04-09', count(distinct kind)",
        [(True, 12)],
    ),
    (
        "chicago",
        "licences",
        "true",
        f"count(distinct licence_no), count(status), max({LATE})",
        [(11_406, 0, 0)],
    ),
    (
        "chicago",
        "complaints",
        "true",
        "count(*), count(entity_id), count(latitude), count(settled_on)",
        [(74_031, 0, 74_007, 0)],
    ),
]


@pytest.mark.parametrize(("city", "table", "where", "columns", "expected"), VALUES)
def test_values_are_what_the_files_say(
    taken: dict[str, Taken],
    city: str,
    table: str,
    where: str,
    columns: str,
    expected: list[tuple[Any, ...]],
) -> None:
    with duckdb.connect() as db:
        db.read_parquet(taken[city].store.files(table), union_by_name=True).create_view("t")
        query = f"select {columns} from t where {where} group by all order by all"  # noqa: S608
        found = db.sql(query)
        assert found.fetchall() == expected


def test_the_undated_list_is_taken_once_its_day_is_given(dated: Report) -> None:
    assert (dated.read, dated.stored, dated.quarantined) == (100_036, 100_036, 0)


KNOWN = {  # what the general catalogue can say of their firms: all else must be null
    "beijing": {
        "G1-09", "G1-11", "G1-15", "G1-16", "G3-12", "G3-14", "G3-15", "G3-16", "G3-16a", "G3-18",
        "G3-19", "G3-20", "G3-21", "G3-22", "G3-23", "G3-24", "G3-25", "G3-25a",
    },
    "chicago": {
        "G1-06", "G1-09", "G1-10", "G1-11", "G1-12", "G1-15", "G1-16", "G3-18", "G3-19", "G3-20",
        "G3-21", "G3-22", "G3-23", "G3-24", "G3-25", "G3-25a", "G4-07",
    },
}  # fmt: skip


@pytest.mark.parametrize("city", KNOWN)
def test_what_no_record_speaks_of_is_null_and_never_zero(
    taken: dict[str, Taken], city: str
) -> None:
    found = taken[city].reached.found
    assert {one.indicator for one in found if not one.lacks} == KNOWN[city]
    assert len(found) == len(general().indicators)
    for one in found:
        if one.lacks:
            assert (one.known, one.nonzero, one.low) == (0, 0, None), one
            assert one.lacks.split(".")[0] in TABLES


@pytest.fixture(scope="module")
def learned(taken: dict[str, Taken]) -> real_miyun.Learned:
    return real.learn(taken["beijing"])


def test_miyun_trains_and_calibrates_on_what_there_is(learned: real_miyun.Learned) -> None:
    report = learned.report
    assert sum(row["positive"] + row["negative"] for row in report["tally"]) == 3_871
    assert report["labels"] == {"drawn": 67, "targeted": 417, "unknown": 3_387, "censored": 0}
    low, high = report["limits"]["expected_over_observed"]
    assert low < 1 < high
    assert report["rates"]["labelled"]["low"] < 572 / 3_871 < report["rates"]["labelled"]["high"]


def test_miyun_states_what_it_cannot_claim(learned: real_miyun.Learned) -> None:
    report = learned.report
    assert report["reference"]["basis"] == "propensity"
    assert report["reference"]["positives"] == 572
    *_, nothing = report["rates"]["bounds"]
    assert nothing["factor"] is None
    assert nothing["low"] < 0.05
    assert nothing["high"] > 0.8
    assert not report["gate"]["promoted"]
    assert "labels drawn with known chance 0" in report["gate"]["text"]
    assert {"public_grades", "annual_reports", "complaints"} <= set(learned.lacking)
    assert (learned.inspected, learned.registered) == (2_022, 18)
    claims = real_miyun.cannot_claim(learned)
    for said in ("No known chance", "bounded, not known", "Not promoted", "`public_grades`"):
        assert sum(said in claim for claim in claims) == 1, said


def test_what_has_too_few_labels_is_not_learned_from(learned: real_miyun.Learned) -> None:
    assert learned.general.startswith("entity type 'unknown' is in no scope")
    assert learned.others == [
        ("北京市怀柔区市场监督管理局", 916, 4),
        ("北京市民政局", 38, 2),
    ]


def test_the_page_is_what_the_files_became(
    taken: dict[str, Taken], dated: Report, learned: real_miyun.Learned, tmp_path: Path
) -> None:
    back = real.returned(FILES["beijing"], tmp_path / "returned")
    told = real.page(taken, dated, learned, back)
    assert real.PAGE.read_text("utf-8") == told, "run `make real`"
