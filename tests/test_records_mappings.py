"""The shipped mappings: the publicity system's names, and rows as it publishes them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from records.columns import Column, Table
from records.intake import Report, ingest
from records.mapping import SHIPPED, Mapping
from records.schema import TABLES
from records.store import Store
from tests.a_store import CODES

PUBLISHED = {  # the system's field names by record type, as domain.md §6 lists them
    "E01": "uniscId regNo entName entType leRep regCap regCapCur estDate opFrom opTo apprDate dom "
    "opScope regOrg regState industryPhy industryCo",
    "E02": "inv invType bLicType bLicNo liSubConAm liAcConAm conForm conDate name position brName "
    "regOrg",
    "E03": "altItem altDate altBe altAf",
    "E04": "licNo licName valFrom valTo licAnth licItem pubType publicDate",
    "E05": "equityNo pledgor pledBLicNo impAm pledAmUnit impOrg impOrgBLicNo equPleDate type "
    "publicDate canDate",
    "E06": "tmRegNo tmName kinds pledgor impOrg pleRegPerFrom pleRegPerTo type publicDate",
    "E07": "morRegCNo regiDate regOrg priClaSecKind priClaSecAm pefPerForm pefPerTo warCov type",
    "E08": "inv froAm froAuth executeNo frozState froFrom froTo publicDate",
    "E09": "speCause abnTime decOrg remExcpRes remDate reDecOrg",
    "E10": "raninsPlanId raninsPlaneName raninsTaskId raninsTaskName raninsTypeName insAuth "
    "insDate raninsItemName raninsCheckResName seqno insType insRes publicDate",
    "E11": "serILLRea abnTime decOrg remExcpRes remDate",
    "E12": "anCheYear anCheDate empNum assGro totEqu liaGro vendInc maiBusInc proGro netInc ratGro "
    "so1 so2 so3 so4 so5 unPaidSocialInsSo1 unPaidSocialInsSo2 unPaidSocialInsSo3 "
    "unPaidSocialInsSo4 unPaidSocialInsSo5",
    "E13": "penDecNo illegActType penType penContent penAm forfAm penAuth judAuth penDecIssDate "
    "publicDate",
    "E14": "caseid formtype recorddate receivemode subjectname socialcode enttype industrycategory "
    "objtype objname applbasquename monetary accsce feedbacktime todealwithtime",
    "E15": "notificationNum notificationDate productName manufacturer agency samplingResult",
    "E18": "caseNo",
}
NOT_TAKEN = {  # declared names that a mapping leaves out, and why
    ("enterprises", "leRep"): "a bare name, and nobody is linked by name alone",
    ("enterprises", "industryPhy"): "the section's letter, which industryCo begins with",
    ("persons", "position"): "of officers, who are bare names",
    ("equity_freezes", "inv"): "a bare name",
    ("penalties", "judAuth"): "another spelling of penAuth",
}


def _shipped() -> dict[str, Mapping]:
    return {path.stem: Mapping.load(path) for path in (SHIPPED / "gsxt").glob("*.yaml")}


def _names(column: Column) -> set[str]:
    return {name for name in column.gsxt.split(", ") if name}


def _declared(table: Table) -> set[str]:
    """Every name of the system's that a table's declaration gives, but for the firm's code."""
    return {name for column in table.own for name in _names(column)} | set(table.clocks.values())


def test_every_mapping_that_ships_loads_and_says_what_it_is_for() -> None:
    folders = sorted(path.name for path in SHIPPED.iterdir())
    assert folders == ["beijing", "chicago", "gsxt", "results"]
    for path in SHIPPED.rglob("*.yaml"):
        mapping = Mapping.load(path)
        assert mapping.source.file
        head = [line for line in path.read_text("utf-8").splitlines() if line.startswith("#")]
        assert head.count("#") == 1, f"{path.name}: in Chinese, an empty line, in English"


def test_every_declared_name_is_a_published_one() -> None:
    for table in TABLES.values():
        published = set(PUBLISHED.get(table.code, "").split())
        if table.name != "external_evaluations":  # shares its code with public_grades
            assert _declared(table) <= published, table.name


def test_every_table_whose_names_are_published_has_a_mapping() -> None:
    assert {mapping.table for mapping in _shipped().values()} == {
        table.name for table in TABLES.values() if "event_time" in table.clocks
    }


@pytest.mark.parametrize("mapping", _shipped().values(), ids=lambda mapping: mapping.table)
def test_a_mapping_and_its_table_name_the_same_fields(mapping: Mapping) -> None:
    table = TABLES[mapping.table]
    published = set(PUBLISHED[table.code].split()) | {"uniscId"}
    assert set(mapping.named()) <= published
    for ours, theirs in mapping.columns.items():
        assert theirs in {*_names(table.by_name[ours]), table.clocks.get(ours)}, (ours, theirs)
    for ours, addends in mapping.sums.items():
        assert set(addends) == _names(table.by_name[ours])
    left = {name for of, name in NOT_TAKEN if of == table.name}
    assert _declared(table) - set(mapping.named()) == left


def _published(name: str, folder: Path, *given: dict[str, Any]) -> tuple[Report, dict[str, Any]]:
    """Ingest rows with the publicity system's names; the report and the first stored row."""
    mapping = SHIPPED / "gsxt" / f"{name}.yaml"
    rules = Mapping.load(mapping)
    code = "socialcode" if name == "complaints" else "uniscId"
    frame = pd.DataFrame(given).assign(**{code: CODES[0]})
    for absent in set(rules.named()) - set(frame.columns):
        frame[absent] = None
    file = folder / f"{name}.csv"
    frame.to_csv(file, index=False)
    store = Store.create(folder / "store")
    report = ingest(store, rules.table, file, mapping, values=VALUES.get(name, {}))
    wanted = {*rules.columns, *rules.sums, *rules.constants, "known_time", "source_id"}
    stored = store.rows(rules.table, sorted(wanted))
    assert stored is not None, report.reasons
    return report, stored.sort_by("source_id").to_pylist()[0]


VALUES = {"product_samples": {"field": "food"}}
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
    "persons": (
        {"bLicNo": "11010519491231002X", "invType": "自然人股东", "liSubConAm": "50",
         "liAcConAm": "12.5", "conForm": "货币", "conDate": "2020年5月6日"},
        {"role": "shareholder", "investor_type": "natural", "subscribed": 50_000_000,
         "paid_in": 12_500_000, "known_time": date(2020, 6, 3),
         "person_id": "dd6a5ba2eed683e7925b20f655c01434",
         "source_id": f"{CODES[0]}/dd6a5ba2eed683e7925b20f655c01434/2020年5月6日"},
    ),
    "complaints": (
        {"caseid": "1", "formtype": "举报", "recorddate": "2023-03-01", "monetary": "1,200.50",
         "applbasquename": "食品安全", "todealwithtime": "2023-05-01",
         "subjectname": "（合成）甲店"},
        {"entity_id": CODES[0], "kind": "report", "amount": 120_050, "subject": "（合成）甲店",
         "due_on": date(2023, 5, 1), "known_time": date(2023, 3, 1)},
    ),
    "product_samples": (
        {"notificationNum": "2023年第1号", "notificationDate": "2023-03-01", "productName": "面粉",
         "samplingResult": "不合格"},
        {"result": "fail", "notice_no": "2023年第1号", "known_time": date(2023, 3, 1)},
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
