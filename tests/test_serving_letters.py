"""Letters: whom they go to, what they must hold, and what they must never."""

from __future__ import annotations

import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import xinfen
from records import sheets
from records.errors import BadDefinition, NotFound, NotPossible
from records.store import Store
from serving.fieldwork import correspondence
from serving.fieldwork.letterwords import KINDS, OUTWARD
from serving.store import database
from tests import a_drawn_plan, a_plan_folder, a_run
from tests.a_drawn_plan import RELEASED, Drawn
from tests.an_audit import looks

ON = date(2026, 4, 2)
TELLING = re.compile(
    r"风险|信用分|评分|得分|分类|类别|等级|概率|模型|理由|盲抽|"
    r"risk|probab|score|model|reason|grade|\bclass|blind|odds|[ABCDE] ?[类级]",
    re.IGNORECASE,
)


class Text(HTMLParser):
    """What stands on the page, without its style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.told, self._style = [""], False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._style = tag == "style"

    def handle_data(self, data: str) -> None:
        if not self._style:
            self.told.append(data)


def text_of(html: str) -> str:
    return "".join(Text(html).told)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    return a_drawn_plan.make(tmp_path_factory.mktemp("plan"))


def index(out: Path) -> list[tuple[str, str]]:
    rows = pq.read_table(out / "index.parquet").to_pylist()
    return [(row["kind"], row["entity_id"]) for row in rows]


def test_a_run_reminds_b_and_proposes_to_talk_with_c(made: Drawn, tmp_path: Path) -> None:
    out = tmp_path / "letters"
    done = correspondence.letters(made.run, made.store, out, on=ON, reader="王敏")
    assert done == {"letters": str(out), "reminder": 1, "talk": 1}
    assert index(out) == [("reminder", a_run.B), ("talk", a_run.C)]
    assert sorted(path.name for path in out.iterdir()) == [
        "index.parquet", "index.xlsx", "reminder-231202.html", "talk-230102.html",
    ]  # fmt: skip
    reminder = text_of((out / "reminder-231202.html").read_text("utf-8"))
    for told in (
        "L2",
        "因未按期公示列入经营异常名录",
        "G1",
        "警告、通报批评",
        "申请信用修复",
        a_run.B,
    ):
        assert told in reminder
    assert "王敏" not in reminder
    talk = (out / "talk-230102.html").read_text("utf-8")
    for told in (
        "王敏",
        "C",
        "信用风险较高",
        "哈里市监异列字〔2026〕第0118号",
        "批准人",
        "不得对外",
    ):
        assert told in talk
    assert [look[2:] for look in looks(database.connect())] == [
        (a_run.C, "letters of 2026-04-02"), (a_run.B, "letters of 2026-04-02"),
    ]  # fmt: skip


def test_no_reminder_without_a_record_in_force(made: Drawn, tmp_path: Path) -> None:
    """On the day before the records of B were known there is nothing to remind of."""
    done = correspondence.letters(made.run, made.store, tmp_path / "l", on=date(2026, 1, 6))
    assert "reminder" not in done


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_outward_tells_of_the_class(made: Drawn, tmp_path: Path, lang: str) -> None:
    for source, kind in ((made.run, "reminder"), (made.plan, "notice")):
        out = tmp_path / kind
        correspondence.letters(source, made.store, out, on=ON, lang=lang)
        pages = sorted(out.glob(f"{kind}-*.html"))
        assert pages
        for page in pages:
            assert not TELLING.findall(text_of(page.read_text("utf-8"))), page
    words = [text for kind in OUTWARD for key, both in KINDS[kind].items() for text in both]
    assert all(key.startswith("out_") for kind in OUTWARD for key in KINDS[kind])
    assert not [text for text in words if TELLING.search(text)]


def test_no_byte_outward_depends_on_the_class(tmp_path: Path) -> None:
    """A reminder beyond its being sent, and a notice altogether."""
    pages = []
    for at, letter in enumerate(("B", "D")):
        place = a_drawn_plan.make(_new(tmp_path / letter))
        telling = dict.fromkeys(a_drawn_plan.TELLING, 0.5) | {
            "risk_class": letter, "public_grade": letter, "drawn_by": ("plan", "top_up")[at],
            "stratum": f"class {letter}/2301",
        }  # fmt: skip
        a_plan_folder.write_drawn(place.plan, a_drawn_plan.drawn(**telling))
        _turn(place.run, letter)
        out = place.plan.parent / "letters"
        correspondence.letters(place.plan, place.store, out, on=ON)
        correspondence.letters(place.run, place.store, out / "run", on=ON)
        pages.append({path.name: path.read_bytes() for path in out.rglob("*.html")})
    assert {name for name in pages[0] if name.startswith(OUTWARD)} == {
        "notice-230102.html", "notice-230103.html", "notice-231202.html", "reminder-231202.html",
    }  # fmt: skip
    for name in pages[0]:
        if name.startswith(OUTWARD):
            assert pages[0][name] == pages[1][name], name


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _turn(run: Path, letter: str) -> None:
    """Another path to class B, other grades, other reasons."""
    classes = pq.read_table(run / "classes.parquet")
    other = {"model_class": letter, "held_class": letter, "public_grade": letter,
             "probability": 0.9, "raw": 2.0, "steps": []}  # fmt: skip
    rows = [row | (other if row["entity_id"] == a_run.B else {}) for row in classes.to_pylist()]
    pq.write_table(classes.from_pylist(rows, classes.schema), run / "classes.parquet")


def test_a_firm_that_is_blind_in_a_plan_gets_no_letter(made: Drawn, tmp_path: Path) -> None:
    rows = a_drawn_plan.drawn(drawn_by="slice")  # C and B too
    plan = _new(tmp_path / "plan")
    for path in made.plan.iterdir():
        (plan / path.name).write_bytes(path.read_bytes())
    a_plan_folder.write_drawn(plan, rows)
    told: dict[str, Any] = {"on": ON, "hold": [plan]}
    done = correspondence.letters(made.run, made.store, tmp_path / "held", **told)
    assert done == {"letters": str(tmp_path / "held")}
    a_drawn_plan.report(plan, **{row["visit"]: "visited" for row in rows})
    done = correspondence.letters(made.run, made.store, tmp_path / "free", **told)
    assert (done["reminder"], done["talk"]) == (1, 1)


def test_a_firm_that_the_register_hardly_knows(tmp_path: Path) -> None:
    """No name, and a division that is the source's own: the file still lies in its folder."""
    place = a_drawn_plan.make(_new(tmp_path / "p"))
    classes = pq.read_table(place.run / "classes.parquet")
    other = {a_run.B: {"name": None, "division": "../x/%"}, a_run.C: {"division": None}}
    rows = [row | other.get(row["entity_id"], {}) for row in classes.to_pylist()]
    pq.write_table(classes.from_pylist(rows, classes.schema), place.run / "classes.parquet")
    correspondence.letters(place.run, place.store, tmp_path / "l", on=ON)
    assert sorted(path.name for path in (tmp_path / "l").glob("*.html")) == [
        "reminder-..%2Fx%2F%25.html", "talk-nowhere.html",
    ]  # fmt: skip
    assert "None" not in text_of((tmp_path / "l" / "reminder-..%2Fx%2F%25.html").read_text("utf-8"))


def test_a_notice_tells_items_frequency_and_rights(made: Drawn, tmp_path: Path) -> None:
    out = tmp_path / "notices"
    done = correspondence.letters(made.plan, made.store, out, on=RELEASED)
    assert done == {"letters": str(out), "notice": 6}
    page = text_of((out / "notice-230102.html").read_text("utf-8"))
    for told in (
        "2026年4月1日至2026年4月30日", "登记事项", "食品安全", "书面检查", "I/1（执法证）",
        "本年度登记在案的检查 0 次，本次为第 1 次", "申请其回避", "出示执法证件",
        "检查结果自检查完成之日起 20 个工作日内依法公示。",
    ):  # fmt: skip
        assert told in page
    assert page.count("抽查检查通知书") == 4  # the title, and a page a visit
    html = (out / "notice-230103.html").read_text("utf-8")
    assert html.count('<section class="page">') == 2  # the blind visit and its repetition
    assert "=cmd|&#39; /c calc&#39;!A1" in html
    rows = list(sheets.read(out / "index.xlsx"))
    assert len(rows) == 6
    assert {row["文书（内部）"] for _, row in rows} == {"检查通知书"}
    assert not looks(database.connect())  # no class was told


def test_a_day_that_has_not_come_has_no_letters(
    made: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "today", lambda _: date(2026, 3, 28))
    for source in (made.plan, made.run):
        with pytest.raises(NotPossible, match="2026-04-02 lies in the future"):
            correspondence.letters(source, made.store, tmp_path / "l", on=ON)
    assert not (tmp_path / "l").exists()
    assert not looks(database.connect())


def test_letters_are_asked_for_rightly(made: Drawn, tmp_path: Path) -> None:
    with pytest.raises(NotPossible, match="not visible yet"):
        correspondence.letters(made.plan, made.store, tmp_path / "l", on=date(2026, 3, 28))
    with pytest.raises(NotFound, match="neither a run nor a plan"):
        correspondence.letters(tmp_path, made.store, tmp_path / "l", on=ON)
    rules = tmp_path / "letters.yaml"
    rules.write_text("reminder: {class: B}")
    with pytest.raises(BadDefinition, match=r"letters\.yaml"):
        correspondence.letters(made.run, made.store, tmp_path / "l", on=ON, rules=rules)
    with pytest.raises(NotPossible, match="is not empty"):
        correspondence.letters(made.run, made.store, tmp_path, on=ON)


def test_the_command(made: Drawn, tmp_path: Path) -> None:
    asked = ["letters", str(made.run), "--store", str(made.store), "--out", str(tmp_path / "l"),
             "--on", "2026-04-02", "--division", "2312", "--for", "王敏", "--json"]  # fmt: skip
    done = CliRunner().invoke(xinfen.app, asked)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"letters": str(tmp_path / "l"), "reminder": 1}
