"""Results taken back: any bureau's file, every row accounted for, and records that teach."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from models.settings import Outcome
from records import sheets
from records.errors import BadInput, NotFound, NotPossible
from records.mapping import Mapping
from records.schema import VISIT_RESULTS
from records.store import Store
from serving.estimates import estimates
from serving.plans.drawnplan import DrawnPlan
from serving.plans.register import About, Register
from serving.returns import chasing, returns, signing
from supervision.returns import resultcodes
from tests.a_returned_plan import drawn_plan, rows_of, visit
from tests.a_store import opaque, put, rows
from training.outcomes import labels

ON = date(2026, 3, 20)
DAY = "2026-03-11"
OUTCOME = Outcome(
    version="1.0.0", basket=["住所", "公示信息"], positive=["unreachable", "not_published"],
    negative=["no_problem"], maturity_days=30,
)  # fmt: skip


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return drawn_plan(tmp_path / "plans" / "march")


def csv(plan: Path, *told: dict[str, Any], name: str = "results.csv") -> Path:
    path = plan.parent / name
    pd.DataFrame([{"inspected_on": DAY, "result": "no_problem"} | row for row in told]).to_csv(
        path, index=False
    )
    return path


def everything(plan: Path, **changes: Any) -> list[dict[str, Any]]:
    """A clean result of every item of every visit."""
    return [
        {"visit": row["visit"], "item": item} | changes
        for row in rows_of(plan)
        for item in row["items"].split(";")
    ]


def took(plan: Path, file: Path, **options: Any) -> dict[str, Any]:
    return returns.take_in(plan, file, **({"on": ON} | options))


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def stored(store: Store) -> pd.DataFrame:
    names = ["source", "source_id", "entity_id", "item", "result", "way", "drawn_by",
             "inclusion_probability", "class_run_on", "plan_id", "known_time", "valid_to",
             "event_time", "inspection_id", "plan_name", "draw_type"]  # fmt: skip
    found = store.rows("inspections", names)
    assert found is not None
    frame: pd.DataFrame = found.to_pandas(date_as_object=True)
    return frame.sort_values("source_id", ignore_index=True)


def test_results_become_records_with_the_chance_of_their_draw(plan: Path, tmp_path: Path) -> None:
    store = opaque(tmp_path)
    told = everything(plan)
    told[0] |= {"result": "unreachable;not_published"}
    done = took(plan, csv(plan, *told), store=store)
    assert (done["read"], done["accepted"], done["refused"]) == (18, 18, 0)
    assert done["states"] == {"visited": 9}
    assert done["store"]["stored"] == 19
    kept = stored(store).set_index("source_id")
    frame = pq.read_table(plan / "frame.parquet").to_pandas().set_index("entity_id")
    by = {row["visit"]: row["drawn_by"] for row in rows_of(plan)}
    for source_id, row in kept.iterrows():
        drawn_by = by[str(source_id).split("/")[0]]
        firm = frame.loc[row["entity_id"]]
        chance = {
            "slice": firm["slice_probability"],
            "recheck": firm["slice_probability"] / 2,
        }.get(drawn_by, firm["plan_probability"] + firm["top_up_probability"])
        assert row["inclusion_probability"] == pytest.approx(chance, abs=0)
        assert row["drawn_by"] == ("plan" if drawn_by == "top_up" else drawn_by)
    assert set(kept["way"]) == {"drawn"}
    assert set(kept["item"]) == {"住所", "公示信息"}
    assert set(kept["class_run_on"]) == {date(2026, 3, 1)}
    assert set(kept["plan_id"]) == {"3-" + "c0" * 8}
    assert set(kept["known_time"]) == {ON}
    both = kept[kept.index.str.startswith(f"{told[0]['visit']}/address")]
    assert dict(both["result"]) == {
        f"{told[0]['visit']}/address": "unreachable",
        f"{told[0]['visit']}/address#2": "not_published",
    }


def test_the_next_training_sees_them_as_one_label_a_visit(plan: Path, tmp_path: Path) -> None:
    store = opaque(tmp_path)
    told = everything(plan)
    told[2] |= {"result": "not_published"}
    took(plan, csv(plan, *told), store=store)
    firms = [f"{number} F{number:02} 2020-01-01 2020-01-02 甲 1100 live" for number in range(8)]
    put(store, "enterprises", rows("source_id entity_id event_time known_time name entity_type "
                                   "status", *firms), "firms")  # fmt: skip
    seen = labels(store.snapshot(), OUTCOME, date(2026, 6, 1)).set_index("inspection_id")
    assert len(seen) == 9
    assert seen["label"].sum() == 1
    assert seen["inclusion_probability"].notna().all()
    assert seen["drawn_by"].value_counts().to_dict() == {"plan": 6, "slice": 2, "recheck": 1}
    assert set(seen["as_of"]) == {date(2026, 3, 1)}
    assert set(seen["items"]) == {2}


def test_the_same_file_twice_changes_nothing(plan: Path, tmp_path: Path) -> None:
    store = opaque(tmp_path)
    file = csv(plan, *everything(plan), {"visit": "V0", "item": "住所"})
    first = took(plan, file, store=store)
    before, kept = content(plan), stored(store)
    again = took(plan, file, store=store, on=date(2026, 3, 23))
    assert (first["accepted"], first["refused"]) == (18, 1)
    assert (again["accepted"], again["duplicate"], again["refused"]) == (0, 18, 1)
    assert again["store"]["stored"] == 0
    assert content(plan) == before
    pd.testing.assert_frame_equal(stored(store), kept)


def test_a_correction_is_a_new_version_and_an_old_file_does_not_undo_it(
    plan: Path, tmp_path: Path
) -> None:
    store = opaque(tmp_path)
    one = {"visit": visit(2), "item": "住所"}
    first = csv(plan, one | {"result": "unreachable;obstructed"})
    took(plan, first, store=store, on=date(2026, 3, 12))
    second = csv(plan, one | {"result": "problem_corrected"}, name="second.csv")
    done = took(plan, second, store=store)
    assert (done["accepted"], done["corrected"], done["version"]) == (1, 1, 2)
    took(plan, first, store=store, on=date(2026, 3, 24))
    kept = pq.read_table(plan / "results" / "results.parquet").to_pylist()
    assert [row["result"] for row in kept] == ["problem_corrected"]
    from features.firms import table_on

    def known(day: date) -> list[str]:
        found: list[str] = sorted(table_on(store.snapshot(), "inspections", day)["result"])
        return found

    assert known(date(2026, 3, 19)) == ["obstructed", "unreachable"]
    assert known(date(2026, 3, 21)) == ["problem_corrected"]


def test_what_was_refused_is_accepted_when_it_fits(plan: Path) -> None:
    published = {"visit": visit(2), "published_on": "2026-03-18", "result": None,
                 "inspected_on": None}  # fmt: skip
    early = csv(plan, published)
    assert took(plan, early)["refused"] == 1
    took(plan, csv(plan, {"visit": visit(2), "item": "住所"}, name="items.csv"))
    assert took(plan, early)["accepted"] == 1


def test_a_swap_is_targeted_and_has_no_chance(plan: Path, tmp_path: Path) -> None:
    store = opaque(tmp_path)
    swap = {"entity_id": "F20", "swapped_for": visit(2), "item": "住所", "reason": "停业",
            "decided_by": "王科长"}  # fmt: skip
    assert took(plan, csv(plan, {"entity_id": "F20", "item": "住所"}))["refused"] == 1
    done = took(plan, csv(plan, swap, name="swap.csv"), store=store)
    assert done["accepted"] == 1, done["reasons"]
    row = stored(store).iloc[0]
    assert (row["way"], row["entity_id"]) == ("targeted", "F20")
    assert pd.isna(row["drawn_by"])
    assert pd.isna(row["inclusion_probability"])
    states = pq.read_table(plan / "results" / "visits.parquet").to_pandas().set_index("visit")
    assert states.loc[visit(2), "state"] == "swapped"


def test_any_bureaus_columns_through_a_mapping(plan: Path) -> None:
    path = plan.parent / "gsxt.csv"
    pd.DataFrame(
        {
            "社会代码": ["F02", "F02", "F03", "F04"],
            "日期": ["2026年3月11日"] * 4,
            "事项": ["住所", "公示信息", "住所", "住所"],
            "结果": ["1", "B,C", "10", "查无此人"],
        }
    ).to_csv(path, index=False, encoding="gb18030")
    mapping = plan.parent / "bureau.yaml"
    mapping.write_text(
        "table: visit_results\n"
        'source: {name: 某局, id: "{社会代码}/{事项}"}\n'
        "columns: {entity_id: 社会代码, inspected_on: 日期, item: 事项, result: 结果}\n"
        'split: {result: ","}\n'
        'values: {result: {"1": no_problem, B: not_published, C: false_information,'
        ' "10": revoked}}\n',
        "utf-8",
    )
    done = took(plan, path, mapping=mapping)
    assert (done["read"], done["accepted"], done["refused"]) == (4, 3, 1)
    (reason,) = done["reasons"]
    assert (reason["row"], reason["field"], reason["found"]) == (4, "result", "查无此人")
    kept = pq.read_table(plan / "results" / "results.parquet").to_pylist()
    by = {(row["entity_id"], row["item"]): row["result"] for row in kept}
    assert by[("F02", "publicity")] == "false_information;not_published"
    assert by[("F03", "address")] == "revoked"


def test_a_row_with_several_codes_is_accepted_whole_or_not_at_all(plan: Path) -> None:
    one = {"visit": visit(2), "item": "住所", "result": "unreachable;查无此人"}
    two = {"visit": visit(3), "item": "住所", "result": "no_problem；unreachable"}
    done = took(plan, csv(plan, one, two))
    assert (done["read"], done["accepted"], done["refused"]) == (2, 0, 2)
    assert [(row["row"], row["field"]) for row in done["reasons"]] == [
        (1, "result"), (2, "result"), (2, "result"),
    ]  # fmt: skip
    assert pq.read_table(plan / "results" / "results.parquet").num_rows == 0


def test_the_publicity_systems_own_mapping_serves_too(plan: Path) -> None:
    names = sorted(Mapping.load(Path("gsxt/inspections")).named())
    row = dict.fromkeys(names) | {
        "uniscId": "f０2", "insDate": DAY, "raninsItemName": "住所", "raninsCheckResName": "6,B",
    }  # fmt: skip
    path = plan.parent / "inspections.csv"
    pd.DataFrame([row]).to_csv(path, index=False)
    done = took(plan, path, mapping=Path("gsxt/inspections"))
    assert done["accepted"] == 1, done["reasons"]


def test_the_form_does_not_go_out_before_the_tasks(
    plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chasing, "day", lambda *_: date(2026, 2, 20))
    with pytest.raises(NotPossible, match="not visible yet") as refused:
        chasing.form(plan, plan.parent / "form.xlsx")
    assert "2026-02-26 or later" in str(refused.value)
    assert not (plan.parent / "form.xlsx").exists()


def test_the_form_goes_out_and_comes_back(plan: Path) -> None:
    out = plan.parent / "form.xlsx"
    assert chasing.form(plan, out)["visits"] == 9
    book = load_workbook(out)
    sheet = book.active
    assert sheet is not None
    names = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2, max_row=5):
        row[names.index("检查结果")].value = "未发现问题"
        row[names.index("检查日期")].value = DAY
    sheet.cell(6, names.index("检查结果") + 1).value = "发现问题已责令改正；6"
    sheet.cell(6, names.index("检查日期") + 1).value = date(2026, 3, 11)
    book.save(out)
    done = took(plan, out, mapping=Path("results/form"))
    assert done["accepted"] == 5, done["reasons"][:2]
    assert done["refused"] == 18 - 5  # the rest of the form is empty, and said so
    assert {one["problem_en"] for one in done["reasons"]} == {"an item without its result"}


def test_what_is_overdue_is_chased_by_pair(plan: Path) -> None:
    took(plan, csv(plan, *everything(plan)[:3]), on=date(2026, 3, 12))
    on_time = chasing.chase(plan, date(2026, 4, 10), None)
    assert on_time["kinds"] == {"not published": 1, "items without result": 1}
    out = plan.parent / "overdue.xlsx"
    told = chasing.chase(plan, date(2026, 4, 14), out)  # due 10 April, over 清明
    assert told["overdue"] == 9
    assert told["kinds"]["no result"] == 7
    assert {row["days"] for row in told["rows"] if row["kind"] == "no_result"} == {2}
    rows_ = list(load_workbook(out).active.iter_rows(values_only=True))
    assert len(rows_) == 1 + 9
    assert {row[7] for row in rows_[1:]} == {None, "公示信息"}  # by name, not "publicity"
    assert not any("A 类" in str(cell) for row in rows_ for cell in row)


def test_a_plan_that_is_not_drawn_or_was_changed_takes_nothing(plan: Path, tmp_path: Path) -> None:
    file = csv(plan, {"visit": visit(2), "item": "住所"})
    with pytest.raises(NotFound, match="is not a plan folder"):
        took(tmp_path / "nowhere", file)
    drawn = plan / "drawn.jsonl"
    drawn.write_bytes(drawn.read_bytes().replace(b'"I1"', b'"I5"', 1))
    with pytest.raises(BadInput, match="is not what was drawn"):
        took(plan, file)
    (plan / "proof.json").unlink()
    with pytest.raises(NotPossible, match="is committed, not drawn"):
        took(plan, file)
    assert not (plan / "results").exists()


def test_an_aborted_plan_takes_nothing(plan: Path) -> None:
    about = About(3, "c0" * 32, plan.name, "双随机测试", "2026-03-01/2026-03-31")
    with Register.held(plan.parent) as register:
        register.add("aborted", about, reason="名单有误")
    with pytest.raises(NotPossible, match=r"was aborted(?s:.)*名单有误"):
        took(plan, csv(plan, {"visit": visit(2), "item": "住所"}))


def test_a_plan_drawn_elsewhere_has_results_alone(tmp_path: Path) -> None:
    file = tmp_path / "theirs.csv"
    pd.DataFrame(
        {"entity_id": ["X1", "X2"], "item": "年报", "result": ["no_problem", "unreachable"],
         "inspected_on": DAY}
    ).to_csv(file, index=False)  # fmt: skip
    store, folder = opaque(tmp_path), tmp_path / "theirs"
    done = took(folder, file, elsewhere="某县双随机", store=store)
    assert (done["accepted"], done["states"]) == (2, {"visited": 2})
    kept = stored(store)
    assert set(kept["way"]) == {"drawn"}
    assert kept["inclusion_probability"].isna().all()
    assert took(folder, file)["duplicate"] == 2
    with pytest.raises(BadInput, match="another plan's results"):
        took(folder, file, elsewhere="另一个")
    with pytest.raises(BadInput, match="holds something else"):
        took(tmp_path, file, elsewhere="某县双随机")
    with pytest.raises(BadInput, match="is a file"):
        took(file, file, elsewhere="某县双随机")
    assert done["elsewhere"] == "某县双随机"
    for ask in (
        lambda: chasing.chase(folder, ON, None),
        lambda: chasing.form(folder, tmp_path / "form.xlsx"),
        lambda: signing.account_of(folder, ON),
        lambda: estimates.estimates([folder]),
        lambda: DrawnPlan.read(folder),
    ):
        with pytest.raises(NotPossible, match="was drawn elsewhere: only its results are known"):
            ask()
    (folder / "elsewhere.json").write_text("某县", "utf-8")
    with pytest.raises(BadInput, match=r"elsewhere\.json cannot be read"):
        took(folder, file)


def test_what_is_not_known_of_it_is_said_and_excel_is_called_so(tmp_path: Path) -> None:
    import xinfen

    file = tmp_path / "theirs.csv"
    file.write_text("entity_id,item,result,inspected_on\nX1,年报,没问题,2026-03-10\n", "utf-8")
    words = ["results", str(tmp_path / "theirs"), str(file), "--elsewhere", "某县双随机"]
    csv_asked = CliRunner().invoke(xinfen.app, [*words, "--out", str(tmp_path / "refused.csv")])
    assert "would be an Excel file" in str(csv_asked.exception)
    assert not (tmp_path / "theirs").exists()
    shown = CliRunner().invoke(xinfen.app, words, env={"COLUMNS": "300"}).stdout
    assert "某县双随机（外部抽取：概率与期限未知" in shown
    assert "…" in shown  # the allowed codes are many; the workbook holds all
    assert "no_problem" in shown


def test_the_page_of_results_names_every_column_and_code() -> None:
    page = (Path(__file__).parents[1] / "docs" / "results.md").read_text("utf-8")
    codes = (
        *resultcodes.RESULTS,
        *resultcodes.REASONS,
        *resultcodes.STATES,
        *resultcodes.OVERRIDES,
    )
    assert [name for name in (*VISIT_RESULTS.by_name, *codes) if f"`{name}`" not in page] == []


def test_the_command_tells_what_was_refused_and_ends_with_1(plan: Path) -> None:
    import xinfen

    file = csv(plan, {"visit": visit(2), "item": "住所"}, {"visit": "V0", "item": "住所"})
    out = plan.parent / "refused.xlsx"
    told = CliRunner().invoke(
        xinfen.app, ["results", str(plan), str(file), "--on", str(ON), "--out", str(out), "--json"]
    )
    assert told.exit_code == 1
    facts = json.loads(told.stdout)
    assert (facts["accepted"], facts["refused"]) == (1, 1)
    assert facts["reasons"][0]["field"] == "visit"
    [(_, row)] = sheets.read(out)
    assert [row["字段 field"], row["原值 found"]] == ["检查编号 visit", "V0"]
    shown = CliRunner().invoke(xinfen.app, ["results", str(plan), str(file), "--on", str(ON)])
    assert "计划中没有此项检查" in shown.stdout
    early = CliRunner().invoke(xinfen.app, ["results", str(plan), str(file), "--on", "2126-01-01"])
    assert early.exit_code != 0
    assert "2126-01-01 lies in the future" in str(early.exception)
