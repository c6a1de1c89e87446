from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from records.errors import BadDefinition, NotFound, NotPossible
from records.intake import ingest
from records.mapping import Mapping, find
from records.translate import translated
from tests.a_store import opaque

MIYUN = """
table: inspections
source: {name: 应急局, id: "{key}/{checked_on}/{item}"}
columns: {entity_id: key, event_time: checked_on, item: item, result: result}
constants: {way: unknown}
templates: {inspection_id: "{key}/{checked_on}"}
values: {result: {合格: no_problem, "*": problem_corrected}}
known_time: {after: event_time, days: 7}
unpivot: {columns: [消防, 用电], item: item, value: result}
joins:
  - {file: keys.csv, by: [firm], columns: {key: code}}
"""


def _files(folder: Path, mapping: str = MIYUN) -> tuple[Path, Path]:
    pd.DataFrame(
        {
            "firm": ["甲", "乙"],
            "checked_on": ["2024-03-01", "2024-03-02"],
            "消防": ["合格", "不合格"],
            "用电": ["合格", "合格"],
        }
    ).to_csv(folder / "visits.csv", index=False)
    pd.DataFrame({"firm": ["甲", "丙"], "code": ["F1", "F3"]}).to_csv(
        folder / "keys.csv", index=False
    )
    (folder / "map.yaml").write_text(mapping, "utf-8")
    return folder / "visits.csv", folder / "map.yaml"


def test_a_bureaus_file_becomes_ours(tmp_path: Path) -> None:
    file, mapping = _files(tmp_path)
    store = opaque(tmp_path)
    report = ingest(store, "inspections", file, mapping)
    # 乙 is in no register: its two items are kept in quarantine, not lost.
    assert (report.read, report.stored, report.quarantined) == (4, 2, 2)
    stored = store.rows("inspections", ["source_id", "inspection_id", "result", "known_time"])
    assert stored is not None
    assert stored.to_pylist() == [
        {
            "source_id": f"F1/2024-03-01/{item}",
            "inspection_id": "F1/2024-03-01",
            "result": "no_problem",
            "known_time": date(2024, 3, 8),
        }
        for item in ("消防", "用电")
    ]


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("table: inspections", "table: inspection", BadDefinition, "unknown table 'inspection'"),
        ("way: unknown", "wayy: unknown", BadDefinition, "'wayy' is not a column of inspections"),
        ("event_time: checked_on", "event_time: checked", NotFound, "did you mean 'checked_on'"),
        ("days: 7", "days: -7", BadDefinition, "known_time.days"),
        ("table: inspections", "table: [", BadDefinition, "is not YAML"),
        ("合格: no_problem", "合格: no_problems", BadDefinition, "did you mean 'no_problem'"),
        ("合格: no_problem", "合格: no_problems", BadDefinition, "map.yaml, line 7, values.result"),
        ("way: unknown", "way: unknwn", BadDefinition, "line 5, constants.way: not a known value"),
        ("event_time: checked_on", "event_time: checked", NotFound, "map.yaml, line 4 names"),
        ("constants:", "constant:", BadDefinition, "line 5, constant: unknown entry 'constant'"),
        ("constants:", "constant:", BadDefinition, "did you mean 'constants'"),
        ("entity_id: key", "entity_id: no", BadDefinition, "entity_id: text is expected"),
        ("days: 7", "day: 7", BadDefinition, "line 8, known_time.days: 'days' is missing"),
        ("after: event_time", "after: event_tim", BadDefinition, "did you mean 'event_time'"),
        ("by: [firm]", "by: [firma]", NotFound, "map.yaml, line 11 names"),
        ("by: [firm]", "by: {firm: firma}", NotFound, "did you mean 'firm'"),
        ("code}}", "code}, colums: x}", BadDefinition, "joins.0.colums: unknown entry 'colums'"),
        ("way: unknown", "way: unknown, way: drawn", BadDefinition, "line 5: 'way' is given twice"),
        (
            "table: inspections",
            "table: inspections\nunits: {item: yuan}",
            BadDefinition,
            "no amount",
        ),
        ("table: inspections", "table: inspections\nhmac: [office]", BadDefinition, "line 3, hmac"),
        ("table: inspections", "table: inspections\nsplit: {way: x}", BadDefinition, "split.way"),
        (
            "table: inspections",
            "table: inspections\nunits: {x: li}",
            BadDefinition,
            "yuan, wan",
        ),
    ],
)
def test_a_wrong_mapping_is_named_and_stores_nothing(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    file, mapping = _files(tmp_path, MIYUN.replace(old, new))
    store = opaque(tmp_path)
    with pytest.raises(error, match=message.replace(".", r"\.")):
        ingest(store, "inspections", file, mapping)
    assert not store.path.exists()


def _apply(mapping: str, folder: Path, **columns: list[object]) -> pd.DataFrame:
    (folder / "map.yaml").write_text(mapping, "utf-8")
    return translated(Mapping.load(folder / "map.yaml"), pd.DataFrame(columns), {}).rows


def test_joined_codes_are_split_by_whole_tokens(tmp_path: Path) -> None:
    mapped = _apply(
        """
table: inspections
source: {name: 局, id: "{firm}/{code}"}
columns: {entity_id: firm, event_time: day, item: item, result: code}
templates: {inspection_id: "{firm}"}
constants: {way: drawn}
split: {result: ",，"}
values: {result: {"1": no_problem, "6": unreachable, "10": revoked, A: problem_pending}}
""",
        tmp_path,
        firm=["F1", "F2", "F3"],
        day=["2024-01-01"] * 3,
        item=["公示", "公示", "公示"],
        code=["6, 10，A", "1", None],
    )
    assert mapped[["source_id", "result"]].fillna("-").to_numpy().tolist() == [
        ["F1/6", "unreachable"],
        ["F1/10", "revoked"],
        ["F1/A", "problem_pending"],
        ["F2/1", "no_problem"],
        ["-", "-"],
    ]


PENALTIES = """
table: penalties
source: {name: 局, id: "{firm}/{why?}"}
columns: {entity_id: firm, event_time: day, known_time: seen, violation: why}
constants: {authority_field: other}
sums: {amount: [fine, forfeit]}
units: {amount: wan}
known_time: {after: event_time, days: 28}
"""


def test_amounts_are_summed_and_a_missing_known_time_is_derived(tmp_path: Path) -> None:
    mapped = _apply(
        PENALTIES,
        tmp_path,
        firm=["F1", "F2", "F3", "F4"],
        day=["2024年1月1日"] * 4,
        seen=["2024/1/9", None, "someday", ""],
        why=["a", None, "b", "c"],
        fine=["0.5", "1,234.567801万元", None, "五万"],
        forfeit=["0.0001", None, None, "1"],
    )
    assert mapped["amount"].fillna("-").tolist() == ["500100", "1234567801", "-", "五万 万元"]
    known = ["2024-01-09", "2024-01-29", "someday", "2024-01-29"]
    assert mapped["known_time"].tolist() == known
    assert mapped["source_id"].tolist() == ["F1/a", "F2/", "F3/b", "F4/c"]


PLEDGES = """
table: equity_pledges
source: {name: 局, id: "{firm}"}
columns: {entity_id: firm, event_time: day, pledgor: who}
hmac: [pledgor]
known_time: {after: event_time, days: 7}
"""


def test_identity_numbers_become_keyed_hashes_or_the_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, list[object]] = {
        "firm": ["F1"], "day": ["2024-01-01"], "who": ["11010519491231002X"],
    }  # fmt: skip
    with pytest.raises(NotPossible, match="there is no key"):
        _apply(PLEDGES, tmp_path, **given)
    monkeypatch.setenv("XINFEN_PERSON_KEY", "0123456789abcdef")
    mapped = _apply(PLEDGES, tmp_path, **given)
    assert mapped["pledgor"].tolist() == ["dd6a5ba2eed683e7925b20f655c01434"]


@pytest.mark.parametrize(
    "line",
    [
        "columns: {event_time: day, object: 投诉人}",
        "columns: {event_time: day, object: 联系电话}",
        'columns: {event_time: day}\ntemplates: {topic: "{complainant}"}',
        "columns: {event_time: day}\njoins: [{file: x.csv, by: [phone], columns: {object: name}}]",
    ],
)
def test_a_mapping_that_reads_a_complainants_particulars_is_refused(
    tmp_path: Path, line: str
) -> None:
    text = f"table: complaints\nsource: {{name: 局, id: '{{no}}'}}\n{line}\n"
    with pytest.raises(BadDefinition, match=r"line \d, .*never stored; leave it out"):
        _apply(text, tmp_path, no=["1"])


def test_who_complained_is_not_hashed_here(tmp_path: Path) -> None:
    """One key would make one hash of a person for all firms; the source makes one for each."""
    text = """
table: complaints
source: {name: 局, id: "{no}"}
columns: {event_time: day, filer: 反映人标识}
"""
    assert (
        _apply(text, tmp_path, no=["1"], day=["2024-01-01"], 反映人标识=["ab"])["filer"][0] == "ab"
    )
    with pytest.raises(BadDefinition, match="line 5, hmac: who complained is hashed by the source"):
        _apply(text + "hmac: [filer]\n", tmp_path, no=["1"])


def test_a_shipped_mapping_is_found_by_its_name() -> None:
    assert find(Path("gsxt/penalties")).name == "penalties.yaml"
    with pytest.raises(NotFound, match="gsxt/penalties, "):
        find(Path("gsxt/penalty"))


def test_a_missing_mapping_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no mapping file"):
        Mapping.load(tmp_path / "none.yaml")


def test_a_join_may_know_its_key_by_another_name(tmp_path: Path) -> None:
    file, mapping = _files(tmp_path, MIYUN.replace("by: [firm]", "by: {firm: 企业}"))
    pd.DataFrame({"企业": ["甲", "乙"], "code": ["F1", "F2"]}).to_csv(
        tmp_path / "keys.csv", index=False
    )
    assert ingest(opaque(tmp_path), "inspections", file, mapping).stored == 4


SIGNALS = """
table: external_signals
source: {name: 警方, id: "{no}"}
columns: {event_time: day, known_time: updated, address: place, latitude: lat, longitude: long}
constants: {provider: department, kind: burglary}
known_time: {after: event_time, days: 8, floor: true}
"""


def test_a_floor_lifts_a_day_that_is_too_early_and_fills_what_is_absent(tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(SIGNALS, "utf-8")
    (tmp_path / "cases.csv").write_text(
        "no,day,updated,place,lat,long\n"
        "1,2024-01-01,2024-01-05,A,41.8,-87.6\n"
        "2,2024-01-01,2024-02-05,A,41.8,-87.6\n"
        "3,2024-01-01,,A,41.8,-87.6\n"
        "4,2024-01-01,2001-01-01,A,,\n"
        "5,2024-01-01,soon,A,91,-87.6\n",
        "utf-8",
    )
    store = opaque(tmp_path)
    report = ingest(store, "external_signals", tmp_path / "cases.csv", tmp_path / "map.yaml")
    assert report.reasons == {"known_time cannot be read": 1, "latitude is out of range": 1}
    stored = store.rows("external_signals", ["source_id", "known_time", "entity_id"])
    assert stored is not None
    assert sorted(tuple(row.values()) for row in stored.to_pylist()) == [
        ("1", date(2024, 1, 9), None),
        ("2", date(2024, 2, 5), None),
        ("3", date(2024, 1, 9), None),
        ("4", date(2024, 1, 9), None),
    ]


def test_an_identity_number_enters_an_id_as_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINFEN_PERSON_KEY", "0123456789abcdef")
    mapped = _apply(
        """
table: persons
source: {name: 局, id: "{firm}/{number}"}
columns: {entity_id: firm, event_time: day, person_id: number}
constants: {role: shareholder}
hmac: [person_id]
""",
        tmp_path,
        firm=["F1", "F1"],
        day=["2024-01-01"] * 2,
        number=["11010519491231002X", None],
    )
    hashed = "dd6a5ba2eed683e7925b20f655c01434"
    assert mapped["source_id"].fillna("-").tolist() == [f"F1/{hashed}", "-"]
    assert mapped["person_id"].fillna("-").tolist() == [hashed, "-"]
