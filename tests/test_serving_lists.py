"""Lists, comparison, overview and the model's page: what they tell, whom, and that it is kept."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from fastapi.testclient import TestClient
from sqlalchemy.engine import Engine

from benchmarks import serve
from serving.access import access, audit
from serving.access.scope import WHOLE, Scope
from serving.results import movers, publishing, results
from serving.store.database import connect, reading
from serving.telling import coded
from serving.web import charts, figures, navigation
from serving.web.app import create_app
from serving.web.charts import Share
from serving.web.comparewords import COMPARE
from serving.web.listwords import LISTS
from serving.web.modelwords import MODEL
from serving.web.overviewwords import OVERVIEW
from serving.web.paperwords import PAPERS
from tests import a_run
from tests.a_run import COOP, A, B, C, D
from tests.a_sign_in import HERE, csrf, sign_in

Reader = Callable[..., TestClient]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("lists")
    engine = connect(f"sqlite:///{folder / 'results.db'}")
    publishing.publish(a_run.write(folder / "run"), engine=engine)
    return engine


@pytest.fixture
def reader(engine: Engine) -> Iterator[Reader]:
    """Signs somebody in."""
    opened: list[TestClient] = []

    def of(role: str = "inspector", *regions: str) -> TestClient:
        client = TestClient(create_app(engine), follow_redirects=False)
        scope = Scope.of(regions) if regions else WHOLE
        sign_in(client, access.issue(engine, "王敏", role, days=1, scope=scope))
        opened.append(client)
        return client

    yield of
    for client in opened:
        client.close()


def told(text: str) -> set[str]:
    """The firms that a page leads to."""
    return {code for code in a_run.REASONS_OF if f"/enterprises/{code}" in text}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"class": ["C", "D"]}, {C, D}),
        ({"class": "A"}, {A}),
        ({"grade": ["B", "D"]}, {B, COOP}),
        ({"region": "2301", "class": ["A", "B", "C", "D"]}, {A, C, D}),
        ({"region": "231202"}, {B}),
        ({"industry": "C"}, {A, B}),
        ({"industry": "H62"}, {C}),
        ({"q": "松江", "industry": ""}, {C}),
        ({"class": "", "grade": "", "region": "", "industry": "", "q": ""}, set()),
    ],
)
def test_a_list_by_conditions(
    engine: Engine, reader: Reader, asked: dict[str, list[str]], found: set[str]
) -> None:
    since = audit.head(engine).n
    text = reader().get("/lists", params=asked).text
    assert told(text) == found
    for code in a_run.REASONS_OF:
        looks = audit.who_looked(engine, code, after=since)
        assert [look.action for look in looks] == (["search"] if code in found else [])


def test_a_list_says_why_and_names_places(reader: Reader) -> None:
    text = reader().get("/lists?class=C&class=D").text
    for each in ("现列入经营异常名录", "餐饮业", "道里区", "南岗区", "共 2 家"):
        assert each in text, each
    text = reader().get("/lists?class=C&lang=en").text
    assert "Catering" in text
    assert "Elevated" in text


def test_a_list_keeps_within_the_regions(reader: Reader) -> None:
    client = reader("inspector", "2312")
    assert told(client.get("/lists?class=A&class=B&class=C&class=D").text) == {B}
    assert "没有符合条件的企业" in client.get("/lists?region=2301").text
    choices = client.get("/lists").text
    assert "231202" in choices
    assert "230102" not in choices


@pytest.mark.parametrize(
    "query", ["class=X", "class=AB", "grade=F", "region=哈", "industry=h", "class=A&" * 9]
)
def test_wrong_conditions_are_said(reader: Reader, query: str) -> None:
    assert reader().get(f"/lists?{query}").status_code == 422


def test_an_export_is_texts_and_recorded(engine: Engine, reader: Reader) -> None:
    since = audit.head(engine).n
    answer = reader("supervisor").get("/lists/export?class=C&class=D")
    assert "attachment" in answer.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    rows = [[cell.value for cell in row] for row in book["企业名单"].iter_rows()]
    assert [row[0] for row in rows] == ["统一社会信用代码", C, D]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    about = {row[0].value: row[1].value for row in book["说明"].iter_rows()}
    assert about["导出人"] == "王敏"
    assert "C" in about["条件"]
    assert "不得对外提供查询" in about["用途限制"]
    looks = audit.who_looked(engine, D, after=since)
    assert [(look.purpose, look.firms) for look in looks] == [("export", 2)]


def send(client: TestClient, name: str, content: bytes, **data: str) -> tuple[int, str, bytes]:
    word = csrf(client.get("/compare").text)
    answer = client.post(
        "/compare", data={"csrf": word, **data}, files={"file": (name, content)}, headers=HERE
    )
    return (
        answer.status_code,
        answer.text if "html" in answer.headers["content-type"] else "",
        (answer.content),
    )


LIST = (
    "单位名称,统一社会信用代码\n"
    f",{C}\n南岗云仓 商贸有限责任公司,\n不存在公司,\n别的公司,{A}\n,{C}\n"
).encode()


def test_a_list_is_compared(engine: Engine, reader: Reader) -> None:
    since = audit.head(engine).n
    status, text, _ = send(reader(), "list.csv", LIST, purpose="4月比对")
    assert status == 200
    assert told(text) == {C, D}
    for each in ("共 5 行，对应 2 家企业", "名称不存在", "名称与代码不符", "重复 1 行"):
        assert each in text, each
    looks = audit.who_looked(engine, D, after=since)
    assert [(look.action, look.firms, look.purpose) for look in looks] == [("batch", 2, "4月比对")]
    assert audit.who_looked(engine, A, after=since) == []


def test_a_comparison_keeps_within_the_regions(reader: Reader) -> None:
    _, text, _ = send(reader("inspector", "230103"), "list.csv", LIST)
    assert told(text) == {D}
    assert "对应 1 家企业" in text
    assert "哈尔滨冰城" not in text  # not even the name that the code belongs to


def test_a_comparison_as_a_workbook(reader: Reader) -> None:
    hostile = f"企业名称,代码\n=1+1,{C}\n@x,\n".encode()
    _, text, content = send(reader(), "l.csv", hostile, answer="book")
    assert text == ""
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for row in book.worksheets[0].iter_rows(min_row=2) for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert "=1+1" in {cell.value for cell in cells}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.csv", b"a,b\n1,2\n"), ("list.csv", b""), ("list.csv", b"\xff\xfe\x00"),
        ("list.xlsx", b"PK no book"), ("list.parquet", b"PAR1"), ("list.exe", b"MZ"),
        ("list.csv", "代码\n".encode() + b"x\n" * 5_001), ("../../etc/passwd", b"x"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_said(reader: Reader, name: str, content: bytes) -> None:
    status, text, _ = send(reader(), name, content)
    assert status == 422
    assert 'role="alert"' in text
    assert "/tmp/" not in text  # noqa: S108, where it lay meanwhile is not told


def test_a_comparison_is_only_taken_from_our_page(reader: Reader) -> None:
    client = reader()
    assert client.post("/compare", files={"file": ("l.csv", LIST)}, headers=HERE).status_code == 403
    word = csrf(client.get("/compare").text)
    data, files = {"csrf": word}, {"file": ("l.csv", b"x" * 1_100_000)}
    assert client.post("/compare", data=data, files=files, headers=HERE).status_code == 413


def test_the_overview_counts_and_names_nobody(engine: Engine, reader: Reader) -> None:
    auditor = reader("auditor")
    since = audit.head(engine).n
    text = auditor.get("/overview").text
    assert told(text) == set()
    for each in ("哈尔滨市", "绥化市", "住宿和餐饮业", "按地区", "<svg", "升高 1 家"):
        assert each in text, each
    assert "style=" not in text
    assert "/overview/movers" not in text  # who may not look firms up is not led there
    assert audit.head(engine).n == since
    text = reader().get("/overview?region=2301&section=C&lang=en").text
    assert "道里区" in text
    assert "北林区" not in text
    assert "Instruments" in text
    text = reader("inspector", "2312").get("/overview").text
    assert "哈尔滨市" not in text


def test_movers_are_listed_each_way_and_recorded(engine: Engine, reader: Reader) -> None:
    since = audit.head(engine).n
    assert told(reader().get("/overview/movers").text) == {C}
    assert [look.action for look in audit.who_looked(engine, C, after=since)] == ["search"]
    assert told(reader().get("/overview/movers?way=better").text) == set()
    assert told(reader("inspector", "2312").get("/overview/movers").text) == set()
    with reading(engine) as connection:
        load = results.published(connection).load
        assert movers.counts(connection, load, WHOLE) == [
            {"previous_class": "B", "risk_class": "C", "cause": None, "firms": 1}
        ]


def test_a_run_without_its_model_says_so(reader: Reader) -> None:
    text = reader("data_scientist").get("/model").text
    assert MODEL["zh"]["none"] in text
    assert "general 3" in text


def test_a_firm_without_a_record_store_says_so(reader: Reader) -> None:
    client = reader()
    text = client.get(f"/enterprises/{C}").text
    assert PAPERS["zh"]["absent"] in text
    assert "历次分类" in text
    for path in ("change", "sheet/internal", "sheet/outward"):
        assert client.get(f"/enterprises/{C}/{path}").status_code == 409
    assert client.get(f"/enterprises/{C}/sheet/other").status_code == 422


def test_the_first_page_leads_to_a_firm_of_each_class(engine: Engine, reader: Reader) -> None:
    since = audit.head(engine).n
    text = reader().get("/").text
    assert [text.index(f"/enterprises/{code}") for code in (D, C, B, A)] == sorted(
        text.index(f"/enterprises/{code}") for code in (A, B, C, D)
    )
    assert [look.firms for look in audit.who_looked(engine, A, after=since)] == [4]


def test_real_firms_are_nobodys_example(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'results.db'}")
    publishing.publish(a_run.write(tmp_path / "run", synthetic=False), engine=engine)
    client = TestClient(create_app(engine))
    sign_in(client, access.issue(engine, "王敏", "inspector", days=1))
    assert told(client.get("/").text) == set()


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("inspector", ["企业", "名单", "比对", "概况", "模型"]),
        ("auditor", ["概况", "模型", "查阅记录"]),
    ],
)
def test_the_head_leads_where_the_role_may_go(engine: Engine, role: str, names: list[str]) -> None:
    caller = access.check(engine, access.issue(engine, "王敏", role, days=1))
    shown = navigation.shown(caller, f"/enterprises/{C}", "zh")
    known = ("企业", "名单", "比对", "概况", "模型", "查阅记录")
    assert [one["name"] for one in shown if one["name"] in known] == names
    assert [one["name"] for one in shown if one["here"]] == (names[:1] if "企业" in names else [])
    assert navigation.shown(None, "/", "zh") == []


def test_three_people_try_the_demo(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'results.db'}")
    publishing.publish(a_run.write(tmp_path / "run"), engine=engine)
    first = serve.people(engine)
    assert [one.role for one in first] == ["inspector", "supervisor", "auditor"]
    callers = [access.check(engine, one.token) for one in first]
    assert [caller and caller.scope.regions for caller in callers] == [("230102",), None, None]
    again = serve.people(engine)
    assert [access.check(engine, one.token) for one in first] == [None] * 3
    assert all(access.check(engine, one.token) for one in again)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*.db*") if path.is_file())
    assert not any(one.token.encode() in kept for one in again)


def test_both_languages_have_every_text() -> None:
    for words in (LISTS, COMPARE, OVERVIEW, MODEL, PAPERS):
        assert all(words[lang][key] for lang in ("zh", "en") for key in words["zh"])
    assert all(all(place.words) for place in navigation.NAV)


def test_codes_are_called_by_their_names() -> None:
    assert coded.industry("H62", "zh") == "餐饮业"
    assert coded.industry("H", "en") == "Lodging and catering"
    assert coded.industry("Z99", "zh") == "Z99"
    assert coded.industry(None, "zh") == ""
    assert coded.division("2301") == "哈尔滨市"
    assert coded.division("230102") == "道里区"
    assert coded.division("110101") == "东城区"
    assert coded.division("999999") == "999999"
    assert coded.division(None) == ""


def test_a_chart_has_no_style_and_two_of_them_no_id_in_common() -> None:
    rows = [Share("甲 <b>", 3, 10), Share("乙", 0, 0)]
    drawn = charts.chart(lambda: charts.shares(rows, Share("", 3, 10)), 'a "chart"')
    assert drawn is not None
    assert "style" not in drawn
    assert "<b>" not in drawn
    assert 'role="img"' in drawn
    assert charts.chart(lambda: None, "") is None
    low, high = Share("", 3, 10).limits
    assert (round(low, 3), round(high, 3)) == (0.108, 0.603)  # Wilson's, as tables have it
    assert Share("", 0, 0).rate == 0.0


def test_columns_stand_side_by_side() -> None:
    bars = figures.columns([0.1, 0.5])
    assert [bar.width for bar in bars] == [8.0, 40.0]
    assert bars[0].x == 0.0
    assert figures.columns([]) == []
    assert figures.columns([0.1])[0].width == pytest.approx(12.0)
