"""The synthetic province: canonical, repeatable, difficult, and true to what it promises."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import rfc8785
import yaml

from records.errors import BadInput
from records.files import file_hash
from records.identity import valid_uscc
from records.intake import ingest
from records.province import Parameters, generate
from records.province.clock import AS_OF, LAST_DAY, Calendar, as_date
from records.province.ledger import HAPPENED, PREFIXES, source_ids
from records.province.names import _organisation_check, address_text
from records.province.randomness import strike
from records.province.world import logistic
from records.schema import TABLES
from records.store import Store
from tests.a_clean_province import clean as clean_settings

BASKET = ["住所", "公示信息", "年报", "登记事项", "许可"]
PROBLEMS = [
    "not_published",
    "false_information",
    "unreachable",
    "problem_corrected",
    "obstructed",
    "problem_pending",
]
NEVER_FILLED: dict[str, set[str]] = {
    "complaints": {"latitude", "longitude"},
    "external_signals": {"address", "latitude", "longitude"},  # all of them speak of a firm
}
"""Columns that no row of the synthetic sources fills."""


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("province") / "out"
    generate(out, enterprises=8000, months=24, seed=7)
    return out


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same province without dirt: parameters given from outside."""
    parameters = Parameters.model_validate(clean_settings())
    out = tmp_path_factory.mktemp("clean") / "out"
    generate(out, enterprises=8000, months=24, seed=7, parameters=parameters)
    return out


def rows(province: Path, table: str) -> pd.DataFrame:
    frame: pd.DataFrame = pd.read_parquet(province / "records" / f"{table}.parquet")
    return frame


def truth(province: Path) -> pd.DataFrame:
    frame: pd.DataFrame = pd.read_parquet(province / "truth" / "truth.parquet")
    return frame


def visits(province: Path) -> pd.DataFrame:
    """One row a visit, with the truth of its month where the truth is kept."""
    items = rows(province, "inspections").drop_duplicates("source_id", keep="last")
    items["problem"] = items["result"].isin(PROBLEMS)
    items["unreachable"] = items["result"] == "unreachable"
    items["month"] = pd.to_datetime(items["event_time"]).dt.to_period("M").dt.to_timestamp()
    found = items.groupby("inspection_id").agg(
        **{name: (name, "first") for name in ("entity_id", "month", "event_time", "method", "way")},
        drawn_by=("drawn_by", "first"),
        chance=("inclusion_probability", "first"),
        run=("class_run_on", "first"),
        items=("item", lambda item: tuple(sorted(item))),
        problem=("problem", "any"),
        unreachable=("unreachable", "any"),
    )
    true = truth(province)
    true["month"] = pd.to_datetime(true["month"])
    return found.merge(true, on=["entity_id", "month"], how="left")


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    def hashes(name: str, seed: int) -> dict[str, str]:
        generate(tmp_path / name, enterprises=400, months=6, seed=seed)
        files = (p for p in sorted((tmp_path / name).rglob("*")) if p.is_file())
        return {str(p.relative_to(tmp_path / name)): file_hash(p) for p in files}

    first, again, other = hashes("a", 3), hashes("b", 3), hashes("c", 4)
    assert first == again
    assert len(first) == 33
    differ = {name for name in first if first[name] != other[name]}
    assert {"records/enterprises.parquet", "truth/truth.parquet", "province.json"} <= differ


@pytest.mark.parametrize("table", sorted(PREFIXES))
def test_tables_have_the_declared_columns(province: Path, table: str) -> None:
    assert pq.read_schema(province / "records" / f"{table}.parquet").equals(TABLES[table].arrow)
    assert len(rows(province, table)) > 50


def test_every_declared_table_is_filled() -> None:
    assert sorted(PREFIXES) == sorted(TABLES)


@pytest.mark.parametrize("table", sorted(PREFIXES))
def test_a_column_is_empty_only_where_nobody_would_fill_it(province: Path, table: str) -> None:
    frame = rows(province, table)
    empty = {name for name in frame if frame[name].isna().all()}
    assert empty <= NEVER_FILLED.get(table, set()) | {"valid_to"}


@pytest.mark.parametrize("table", sorted(PREFIXES))
def test_nothing_happens_after_the_last_day(clean: Path, table: str) -> None:
    frame = rows(clean, table)
    assert frame["event_time"].max() <= date(2026, 6, 30)
    assert frame["known_time"].max() <= date(2026, 8, 29)
    assert (frame["known_time"] >= frame["event_time"]).all()
    for name in HAPPENED & set(frame.columns):
        assert frame[name].dropna().max() <= date(2026, 6, 30)


@pytest.mark.parametrize("table", sorted(PREFIXES))
def test_versions_of_a_record_become_known_one_after_another(clean: Path, table: str) -> None:
    frame = rows(clean, table)
    assert (frame.groupby("source_id")["source"].nunique() == 1).all()
    assert not frame.duplicated(["source_id", "known_time"]).any()


def test_corrections_are_there(clean: Path) -> None:
    corrected = {t for t in PREFIXES if rows(clean, t)["source_id"].duplicated().any()}
    assert corrected == {
        "enterprises", "persons", "licences", "liquidations", "equity_pledges", "ip_pledges",
        "chattel_mortgages", "equity_freezes", "abnormal_listings", "serious_listings",
        "inspections", "annual_reports", "complaints", "court_records", "special_equipment",
        "field_records",
    }  # fmt: skip
    last = rows(clean, "enterprises").drop_duplicates("source_id", keep="last")
    assert set(last["status"]) >= {"live", "deregistered", "revoked", "moved_out"}


def test_some_records_become_known_late(clean: Path) -> None:
    frame = rows(clean, "penalties")
    late = (pd.to_datetime(frame["known_time"]) - pd.to_datetime(frame["event_time"])).dt.days
    assert 8 <= late.median() <= 10
    assert late.max() > 100
    assert (frame["known_time"] >= date(2026, 7, 1)).sum() > 5


def test_firms_are_plainly_invented(clean: Path) -> None:
    frame = rows(clean, "enterprises").drop_duplicates("entity_id")
    assert len(frame) == 8000
    assert valid_uscc(frame["entity_id"].astype("str")).all()
    assert (frame["entity_id"].str[8:10] == "XF").all()
    assert frame["name"].str.startswith("（合成）").all()
    assert frame["source"].unique().tolist() == ["合成·省市场监督管理局"]
    prefix = frame.groupby("entity_type")["entity_id"].agg(lambda codes: codes.str[:2].unique()[0])
    assert prefix[["1130", "9500", "9100"]].tolist() == ["91", "92", "93"]


@pytest.fixture(scope="module")
def noted(province: Path) -> pd.DataFrame:
    """Which rows were spoilt, and how."""
    return pd.read_parquet(province / "truth" / "dirt.parquet")


@pytest.mark.parametrize("table", sorted(PREFIXES))
def test_intake_refuses_what_was_spoilt_and_nothing_else(
    province: Path, noted: pd.DataFrame, table: str, tmp_path: Path
) -> None:
    report = ingest(
        Store.create(tmp_path / "store"), table, province / "records" / f"{table}.parquet"
    )
    kinds = noted.loc[noted["table"] == table, "kind"].value_counts()
    assert report.duplicate == kinds.get("duplicate", 0)
    assert report.quarantined == kinds.drop(["duplicate", "repairable_code"], errors="ignore").sum()
    assert report.read == report.stored + report.duplicate + report.quarantined
    assert report.repaired >= kinds.get("repairable_code", 0)


def test_a_share_of_all_rows_is_dirty(province: Path, noted: pd.DataFrame) -> None:
    share = len(noted) / sum(len(rows(province, table)) for table in PREFIXES)
    assert 0.005 < share < 0.01
    assert set(noted["table"]) == set(PREFIXES)


def test_truth_covers_the_last_months_and_the_month_to_score(clean: Path) -> None:
    true = truth(clean)
    months = sorted(true["month"].unique())
    assert (len(months), months[0], months[-1]) == (19, date(2025, 1, 1), date(2026, 7, 1))
    assert not true.duplicated(["entity_id", "month"]).any()
    types = rows(clean, "enterprises").set_index("entity_id")["entity_type"]
    assert not set(types[true["entity_id"].unique()]) & {"9500", "9100", "7200"}
    assert true["true_probability"].between(0, 1, inclusive="neither").all()


def test_prevalence_and_public_grades(clean: Path) -> None:
    now = truth(clean).query("month == @date(2026, 7, 1)", local_dict={"date": date})
    assert 0.09 < now["true_probability"].mean() < 0.135
    grades = rows(clean, "public_grades")
    last = grades[grades["event_time"] == date(2026, 4, 1)].merge(now, on="entity_id")
    share = last["grade"].value_counts(normalize=True)
    assert share["A"] + share["B"] == pytest.approx(0.73, abs=0.03)
    assert share[["C", "D", "E"]].to_numpy() == pytest.approx([0.19, 0.05, 0.03], abs=0.02)
    risk = last.groupby("grade")["true_probability"].mean()
    assert risk.is_monotonic_increasing
    tail = last.loc[last["score"] < 670, "true_probability"].mean()
    assert 2.3 < tail / now["true_probability"].mean() < 4.5


def test_public_score_sees_only_part_of_the_risk(clean: Path) -> None:
    def auc(score: Any, probability: Any) -> float:
        p = np.asarray(probability)[np.argsort(score)]
        q = 1 - p
        return float((p * (np.cumsum(q) - q / 2)).sum() / (p.sum() * q.sum()))

    now = truth(clean).query("month == @date(2026, 7, 1)", local_dict={"date": date})
    grades = rows(clean, "public_grades").query("event_time == @date(2026, 4, 1)",
                                                local_dict={"date": date})  # fmt: skip
    both = now.merge(grades, on="entity_id")
    assert 0.74 < auc(both["true_probability"], both["true_probability"]) < 0.81
    assert 0.65 < auc(-both["score"], both["true_probability"]) < 0.72


def test_blind_slice_is_measured_alike(clean: Path) -> None:
    blind = visits(clean).query("drawn_by == 'slice'")
    assert set(blind["items"]) == {tuple(sorted(BASKET))}
    assert blind["method"].unique().tolist() == ["on_site"]
    assert (blind.groupby("run")["chance"].nunique() == 1).all()
    run = pd.to_datetime(blind["run"])
    assert (run.dt.day == 1).all()
    wait = (pd.to_datetime(blind["event_time"]) - run).dt.days
    assert (wait.min(), wait.max()) == (5, 54)


def test_blind_slice_finds_the_true_rate(clean: Path) -> None:
    """Within four standard errors of the mean true probability of the visited firms."""
    blind = visits(clean).query("drawn_by == 'slice'").dropna(subset="true_probability")
    p = blind["true_probability"]
    error = np.sqrt((p * (1 - p)).sum()) / len(p)
    assert abs(blind["problem"].mean() - p.mean()) < 4 * error


def test_other_labels_are_selected(clean: Path) -> None:
    found = visits(clean)
    chosen = found[found["drawn_by"].ne("slice").fillna(True)]
    now = truth(clean)["true_probability"].mean()
    assert chosen["problem"].mean() > 1.6 * now
    targeted = found[found["way"] == "targeted"]
    assert targeted["chance"].isna().all()
    assert targeted["run"].isna().all()
    planned = found[found["drawn_by"] == "plan"]
    assert planned["chance"].between(0, 0.06, inclusive="neither").all()
    assert planned["chance"].nunique() > 4
    assert 0.4 < found["unreachable"].sum() / found["problem"].sum() < 0.65


def test_lists_hold_live_firms_and_two_inspectors_a_county(clean: Path) -> None:
    objects = pd.read_csv(clean / "lists" / "objects.csv", dtype="str")
    inspectors = pd.read_csv(clean / "lists" / "inspectors.csv", dtype="str")
    told = ["entity_id", "name", "division", "address", "status", "fields", "industry"]
    assert objects.columns.tolist() == told
    assert objects["entity_id"].is_unique
    assert set(objects["status"]) == {"live"}
    assert 0.8 * 8000 < len(objects) < 0.95 * 8000
    staff = inspectors.groupby("unit").size()
    assert staff.min() >= 2
    assert set(objects["division"]) <= set(staff.index)
    known = rows(clean, "enterprises").query("known_time < @date(2026, 7, 1)",
                                             local_dict={"date": date})  # fmt: skip
    live = known.drop_duplicates("source_id", keep="last").query("status == 'live'")
    assert set(live["entity_id"]) == set(objects["entity_id"])


def test_lists_tell_fields_and_who_may_inspect_them(clean: Path) -> None:
    objects = pd.read_csv(clean / "lists" / "objects.csv", dtype="str").set_index("entity_id")
    fields = objects["fields"].str.split(";").explode().dropna()
    assert {*fields} == {"food", "hazardous_chemicals", "special_equipment"}
    assert objects.loc[objects["industry"].isin(["C13", "C14", "H62"]), "fields"].str.contains(
        "food").all()  # fmt: skip
    equipment = rows(clean, "special_equipment")
    scrapped = equipment.loc[equipment["status"] == "scrapped", "source_id"]
    in_use = set(equipment.loc[~equipment["source_id"].isin(scrapped), "entity_id"])
    listed = set(fields[fields == "special_equipment"].index)
    assert in_use & set(objects.index) <= listed
    assert len(listed - in_use) <= 0.01 * len(listed)  # records that nobody has seen yet
    staff = pd.read_csv(clean / "lists" / "inspectors.csv", dtype="str")
    able = staff[staff["qualification"].notna() & staff["leave"].isna()]
    assert set(able["unit"]) == set(staff["unit"])
    assert 0 < staff["qualification"].isna().mean() < 0.1
    assert staff["specialties"].notna().all()
    spells = staff["leave"].dropna().str.split("/", expand=True).astype("datetime64[s]")
    assert (spells[0] <= spells[1]).all()
    assert spells[0].min() >= pd.Timestamp("2026-07-01")


def test_complaints_jump_at_the_drift_month(clean: Path) -> None:
    days = rows(clean, "complaints").drop_duplicates("source_id")["event_time"]
    before = ((days >= date(2025, 1, 1)) & (days < date(2025, 10, 1))).sum()
    after = (days >= date(2025, 10, 1)).sum()
    assert 1.4 < after / before < 2.0  # nine months each


def test_province_json(province: Path) -> None:
    text = (province / "province.json").read_bytes()
    described = yaml.safe_load(text)
    assert text == rfc8785.dumps(described)
    assert {k: v for k, v in described.items() if k != "parameters"} == {
        "synthetic": True,
        "enterprises": 8000,
        "months": 24,
        "seed": 7,
        "first_month": "2024-07-01",
        "first_record_month": "2021-07-01",
        "last_month": "2026-06-01",
        "last_day": "2026-06-30",
        "as_of": "2026-07-01",
    }
    assert Parameters.model_validate(described["parameters"]) == Parameters.load()


def test_progress_and_replacement(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    for _ in range(2):
        generate(
            tmp_path / "out", enterprises=200, months=6, seed=0,
            progress=lambda done, of: seen.append((done, of)),
        )  # fmt: skip
    assert seen[42] == (43, 68)  # months, with the one to score
    assert seen[-1] == (68, 68)  # tables
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"enterprises": 199}, "too few enterprises"),
        ({"months": 5}, "months out of range"),
        ({"months": 121}, "months out of range"),
        ({"seed": -1}, "negative seed"),
    ],
)
def test_bad_numbers_are_refused(tmp_path: Path, change: dict[str, int], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        generate(tmp_path / "out", **{"enterprises": 200, "months": 6, "seed": 0} | change)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_strange_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("not a province", encoding="utf-8")
    with pytest.raises(BadInput, match="not a province"):
        generate(tmp_path, enterprises=200, months=6, seed=0)
    assert (tmp_path / "thesis.txt").exists()


def test_calendar_is_anchored_at_its_end() -> None:
    calendar = Calendar(history=36, months=24)
    assert as_date(int(calendar.start[0])) == date(2021, 7, 1)
    assert as_date(int(calendar.start[calendar.inspected])) == date(2024, 7, 1)
    assert (as_date(AS_OF), as_date(LAST_DAY)) == (date(2026, 7, 1), date(2026, 6, 30))
    assert calendar.start[calendar.end] == AS_OF


def test_strike_hits_only_where_there_is_a_rate() -> None:
    hit = strike(np.random.default_rng(1), np.array([0.0, 50.0, 0.0, 150.0, 0.0]))
    assert set(hit.tolist()) == {1, 3}
    assert 150 < len(hit) < 250
    assert (np.diff(hit) >= 0).all()
    assert strike(np.random.default_rng(1), np.zeros(3)).tolist() == []


def test_logistic() -> None:
    assert logistic(np.array([0.0, -2.0])) == pytest.approx([0.5, 0.119203], abs=1e-6)


def test_names_of_things() -> None:
    assert source_ids("penalties", np.array([17])).to_pylist() == ["CF-00000017"]
    assert address_text(np.array([6]), np.array([60])).to_pylist() == ["哈尔滨市呼兰区和平街2号"]
    # The example of GB 11714-1997: D2143569-X.
    assert _organisation_check(np.array(["D2143569"])).tolist() == ["X"]
