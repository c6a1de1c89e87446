"""The shipped mappings, on real files of Beijing and on rows as the publicity system names them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from records.intake import Report, ingest
from records.mapping import SHIPPED, Mapping
from records.store import Store
from tests.a_store import CODES, opaque

BEIJING = Path(__file__).parents[2] / "shared" / "real" / "beijing"
FILES = {"registrations_links": "registrations_domestic"}
COUNTS = {  # read, stored, duplicate, quarantined
    "abnormal_operation_list": (100036, 0, 0, 100036),
    "credit_grade_car_rental": (1176, 1176, 0, 0),
    "credit_grade_tour_transport": (414, 401, 0, 13),
    "inspections_civil_affairs": (622, 38, 0, 584),
    "inspections_huairou_double_random": (916, 916, 0, 0),
    "inspections_miyun_emergency": (4270, 4251, 19, 0),
    "penalties_environment": (1906, 91, 0, 1815),
    "penalties_tax": (2332, 2321, 9, 2),
    "registrations_domestic": (8376, 8376, 0, 0),
    "registrations_links": (8376, 8376, 0, 0),
}


def test_every_mapping_that_ships_loads() -> None:
    names = sorted(str(path.relative_to(SHIPPED)) for path in SHIPPED.rglob("*.yaml"))
    assert len([Mapping.load(SHIPPED / name) for name in names]) == 22


def test_every_file_of_beijing_has_a_mapping() -> None:
    if not BEIJING.is_dir():
        pytest.skip(f"no real records at {BEIJING}")
    assert {path.stem for path in BEIJING.glob("*.parquet")} <= set(COUNTS)
    assert {path.stem for path in (SHIPPED / "beijing").glob("*.yaml")} == set(COUNTS)


@pytest.mark.parametrize("name", COUNTS)
def test_a_file_of_beijing_is_wholly_accounted_for(name: str, tmp_path: Path) -> None:
    file = BEIJING / f"{FILES.get(name, name)}.parquet"
    if not file.is_file():
        pytest.skip(f"no real records at {file}")
    mapping, store = SHIPPED / "beijing" / f"{name}.yaml", opaque(tmp_path)
    table = Mapping.load(mapping).table
    report = ingest(store, table, file, mapping)
    found = (report.read, report.stored, report.duplicate, report.quarantined)
    assert found == COUNTS[name]
    assert report.read == report.stored + report.duplicate + report.quarantined
    again = ingest(store, table, file, mapping)
    assert (again.stored, again.corrected, again.quarantined) == (0, 0, report.quarantined)


def test_an_undated_list_is_taken_once_its_day_is_known(tmp_path: Path) -> None:
    file = BEIJING / "abnormal_operation_list.parquet"
    if not file.is_file():
        pytest.skip(f"no real records at {file}")
    text = (SHIPPED / "beijing" / "abnormal_operation_list.yaml").read_text("utf-8")
    dated = tmp_path / "dated.yaml"
    given = "constants: {event_time: 2024-06-30, known_time: 2024-06-30, cause: unreachable}\n"
    dated.write_text(text + given, "utf-8")
    part = tmp_path / "part.parquet"
    pd.read_parquet(file).head(1000).to_parquet(part)
    assert ingest(opaque(tmp_path), "abnormal_listings", part, dated).stored == 1000


def _published(name: str, folder: Path, *given: dict[str, Any]) -> tuple[Report, dict[str, Any]]:
    """Ingest rows with the publicity system's names; the report and the first stored row."""
    mapping = SHIPPED / "gsxt" / f"{name}.yaml"
    rules = Mapping.load(mapping)
    frame = pd.DataFrame(given).assign(uniscId=CODES[0])
    for absent in set(rules.named()) - set(frame.columns):
        frame[absent] = None
    file = folder / f"{name}.csv"
    frame.to_csv(file, index=False)
    store = Store.create(folder / "store")
    report = ingest(store, rules.table, file, mapping)
    stored = store.rows(rules.table, [*rules.columns, *rules.sums, "known_time", "source_id"])
    assert stored is not None, report.reasons
    return report, stored.sort_by("source_id").to_pylist()[0]


GSXT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "registrations": (
        {"entName": "（合成）安润商贸有限公司", "entType": "有限责任公司(自然人投资或控股)",
         "apprDate": "2021年03月04日", "estDate": "2019年3月4日", "opTo": "长期", "regCap": "50.5",
         "regCapCur": "人民币", "regState": "存续（在营、开业、在册）", "industryCo": "F5211"},
        {"entity_type": "1130", "status": "live", "registered_capital": 50_500_000,
         "term_ends_on": None, "currency": "CNY", "known_time": date(2021, 3, 11)},
    ),
    "changes": (
        {"altDate": "2022-05-06", "altItem": "住所（经营场所）变更", "altBe": "甲", "altAf": "乙"},
        {"item": "address", "before": "甲", "after": "乙", "event_time": date(2022, 5, 6)},
    ),
    "licences": (
        {"licNo": "黑食许1", "licName": "食品经营许可证", "valFrom": "2022-01-01",
         "valTo": "2027-01-01", "publicDate": "2022-01-09"},
        {"licence_no": "黑食许1", "expires_on": date(2027, 1, 1), "known_time": date(2022, 1, 9)},
    ),
    "abnormal_listings": (
        {"abnTime": "2022年7月8日", "speCause": "1", "remDate": "2023-01-02", "remExcpRes": "1"},
        {"cause": "annual_report", "removed_on": date(2023, 1, 2), "removal_reason": "补报年报"},
    ),
    "serious_listings": (
        {"abnTime": "2022-07-08", "serILLRea": "被列入经营异常名录届满三年"},
        {"cause": "被列入经营异常名录届满三年", "removed_on": None},
    ),
    "annual_reports": (
        {"anCheYear": "2023", "anCheDate": "2024-05-06", "empNum": "12", "assGro": "1.25",
         "liaGro": "企业选择不公示", "netInc": "-3", "so1": "9", "unPaidSocialInsSo1": "0"},
        {"year": 2023, "assets": 1_250_000, "liabilities": None, "net_profit": -3_000_000,
         "insured_pension": 9, "unpaid_pension": 0, "known_time": date(2024, 5, 6)},
    ),
    "penalties": (
        {"penDecNo": "黑市监罚〔2023〕1号", "penDecIssDate": "2023-03-01", "penType": "警告、罚款",
         "penAm": "0.5", "forfAm": "0.25", "penAuth": "呼兰区市场监督管理局"},
        {"penalty": "fine", "amount": 750_000, "known_time": date(2023, 3, 29)},
    ),
    "equity_pledges": (
        {"equityNo": "1", "equPleDate": "2023-03-01", "publicDate": "2023-03-03", "type": "1",
         "pledBLicNo": "11010519491231002X", "impAm": "100"},
        {"status": "valid", "amount": 100_000_000, "pledgee": None,
         "pledgor": "dd6a5ba2eed683e7925b20f655c01434"},
    ),
    "ip_pledges": (
        {"tmRegNo": "1", "pleRegPerFrom": "2023-03-01", "kinds": "3", "type": "2"},
        {"kind": "patent", "status": "invalid"},
    ),
    "chattel_mortgages": (
        {"morRegCNo": "1", "regiDate": "2023-03-01", "priClaSecAm": "20万元", "type": "有效"},
        {"amount": 20_000_000, "status": "valid"},
    ),
    "equity_freezes": (
        {"executeNo": "1", "froFrom": "2023-03-01", "froTo": "2026-02-28", "frozState": "冻结"},
        {"state": "frozen", "ends_on": date(2026, 2, 28)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GSXT)
def test_the_publicity_systems_fields_find_their_columns(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINFEN_PERSON_KEY", "0123456789abcdef")
    given, expected = GSXT[name]
    report, stored = _published(name, tmp_path, given)
    assert (report.read, report.stored) == (1, 1)
    assert {column: stored[column] for column in expected} == expected


def test_a_published_check_is_split_into_its_results(tmp_path: Path) -> None:
    visit = {"raninsTaskId": "T1", "insDate": "2024-03-01", "raninsTypeName": "不定向"}
    report, first = _published(
        "inspections",
        tmp_path,
        visit | {"raninsItemName": "登记事项", "raninsCheckResName": "B,10"},
        visit | {"raninsItemName": "公示信息", "raninsCheckResName": "未发现问题"},
    )
    assert (report.read, report.stored, report.quarantined) == (3, 3, 0)
    assert (first["result"], first["draw_type"]) == ("no_problem", "undirected")


def test_every_mapping_of_the_publicity_system_is_tried() -> None:
    shipped = {path.stem for path in (SHIPPED / "gsxt").glob("*.yaml")}
    assert shipped == {*GSXT, "inspections"}
