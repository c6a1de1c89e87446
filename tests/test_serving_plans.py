"""Plan folders: byte-identical, whole or absent, drawn once, and every tampering named."""

from __future__ import annotations

import json
import random
import shutil
import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from records.errors import BadDefinition, BadInput, NotFound, NotPossible, XinfenError
from serving import plans
from serving.register import About, Register
from tests import a_plan
from tests.a_plan import PUBLIC, SEALED

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "supervision" / "plan.yaml"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A run, lists of 600 firms and 12 inspectors, and a sealed seed."""
    return a_plan.make(tmp_path)


def committed(place: Path, name: str = "march", **changes: Any) -> Path:
    inputs: dict[str, Any] = {
        "run": place / "run",
        "plan": SHIPPED,
        "lists": place / "lists",
        "seed_file": place / "seed",
        "out": place / "plans" / name,
    } | changes
    plans.commit(**inputs)
    return Path(inputs["out"])


def drawn(place: Path, public: str | None = PUBLIC) -> Path:
    plan = committed(place)
    plans.draw(plan, public)
    return plan


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn plan in its folder of plans, to be copied by who tampers with it."""
    return drawn(a_plan.make(tmp_path_factory.mktemp("template"))).parent


@pytest.fixture
def march(template: Path, tmp_path: Path) -> Path:
    """A drawn plan of one's own."""
    shutil.copytree(template, tmp_path / "plans")
    return tmp_path / "plans" / "march"


def events(plan: Path) -> list[tuple[str, int]]:
    lines = (plan.parent / "register.jsonl").read_text("utf-8").splitlines()
    return [(entry["event"], entry["number"]) for entry in map(json.loads, lines)]


def rows(plan: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (plan / "drawn.jsonl").read_text("utf-8").splitlines()]


def content(plan: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in plan.iterdir()}


def test_commit_tells_what_is_committed(place: Path) -> None:
    told = plans.commit(
        place / "run", SHIPPED, place / "lists", place / "seed", place / "plans" / "march"
    )
    commitment = json.loads((place / "plans/march/commitment.json").read_bytes())
    assert (told["plan"], told["number"]) == (str(place / "plans" / "march"), 1)
    assert (told["commitment"], told["lodged"]) == (commitment["commitment"], None)
    assert (told["firms"], told["inspectors"]) == (600, 12)
    assert {name: row["firms"] for name, row in told["groups"].items()} == {
        "class A": 330, "class B": 118, "class C": 59, "class D": 59, "grade A": 24,
        "unclassified": 10,
    }  # fmt: skip
    columns = ["firms", "eligible", "asked", "wanted", "planned", "top_up"]
    assert all(
        list(row) == columns for table in ("groups", "sizes") for row in told[table].values()
    )
    assert list(told["bureaus"]) == ["2301", "2302"]
    assert sum(row["planned"] for row in told["sizes"].values()) == told["planned"]
    about = json.loads((place / "plans/march/plan.json").read_bytes())
    assert about["run"]["as_of"] == "2026-03-01"
    assert about["run"]["model_name"] == "general"
    assert about["period"] == {"year": 2026, "batch": 3, "of": 12, "start": "2026-03-01",
                               "end": "2026-03-31"}  # fmt: skip
    assert told["period"] == "2026-03-01/2026-03-31"


def test_a_plan_is_for_the_period_of_its_start(place: Path) -> None:
    told = plans.commit(
        place / "run", SHIPPED, place / "lists", place / "seed", place / "plans" / "may",
        start=date(2026, 5, 17),
    )  # fmt: skip
    assert told["period"] == "2026-05-01/2026-05-31"


def test_a_plan_folder_holds_what_is_described(place: Path) -> None:
    plan = committed(place)
    files = {
        "plan.json", "objects.jsonl", "inspectors.jsonl", "classes.jsonl", "history.jsonl",
        "exclusions.jsonl", "strata.jsonl", "sizes.json", "commitment.json", "sealed_seed",
    }  # fmt: skip
    assert set(content(plan)) == files
    plans.draw(plan, "31415")
    results = {"opening.json", "drawn.jsonl", "frame.parquet", "proof.json"}
    assert set(content(plan)) == files | results
    described = (ROOT / "docs" / "proof.md").read_text("utf-8")
    assert [name for name in files | results if f"`{name}`" not in described] == []
    assert (plan / "sealed_seed").read_text("utf-8") == SEALED
    assert stat.S_IMODE((plan / "sealed_seed").stat().st_mode) == 0o600
    assert sorted(path.name for path in plan.parent.iterdir()) == ["march", "register.jsonl"]


def test_the_same_inputs_give_the_same_bytes(place: Path) -> None:
    first = content(drawn(place))
    shutil.rmtree(place / "plans")
    objects = pd.read_csv(place / "lists" / "objects.csv", dtype=str)
    (place / "lists" / "objects.csv").unlink()
    pq.write_table(
        pa.Table.from_pandas(objects.sample(frac=1, random_state=3), preserve_index=False),
        place / "lists" / "objects.parquet",
    )
    assert content(drawn(place)) == first


@pytest.mark.parametrize(
    ("public", "verdict"),
    [("31415", "provably random"), (None, "replayable, not provably random")],
)
def test_the_verdict(place: Path, public: str | None, verdict: str) -> None:
    told = plans.verify(drawn(place, public))
    assert (told["verdict"], told["difference"]) == (verdict, None)
    assert (told["firms"], told["number"], told["public_value"]) == (600, 1, public)
    assert told["size"] == sum(told["drawn_by"].values())


def test_drawn_rows_stand_by_ticket_and_slice_rows_are_blind(place: Path) -> None:
    a_plan.enrich(place)
    plan = committed(place, plan=place / "plan.yaml")
    plans.draw(plan, PUBLIC)
    tasks = rows(plan)
    assert [row["ticket"] for row in tasks] == sorted(row["ticket"] for row in tasks)
    blind = [row for row in tasks if row["drawn_by"] in ("slice", "recheck")]
    assert [row["drawn_by"] for row in blind].count("slice") == 15
    for row in blind:
        assert (row["stratum"], row["method"]) == ("slice", "on_site")
        hidden = ("risk_class", "public_grade", "plan_probability", "inclusion_probability",
                  "wanted_probability", "top_up_probability")  # fmt: skip
        assert [row[name] for name in hidden] == [None] * 6
    frame = pq.read_table(plan / "frame.parquet").to_pandas()
    assert len(frame) == 600
    assert set(frame.loc[frame["drawn"], "entity_id"]) == {row["entity_id"] for row in tasks}


def test_a_second_draw_is_refused_and_recorded(place: Path) -> None:
    plan = drawn(place)
    before = content(plan)
    for public in ("another", PUBLIC):
        with pytest.raises(NotPossible, match="drawn already"):
            plans.draw(plan, public)
    for name in ("opening.json", "proof.json", "drawn.jsonl", "frame.parquet"):
        (plan / name).unlink()  # whoever removes the results cannot draw otherwise
    with pytest.raises(NotPossible, match="drawn already"):
        plans.draw(plan, "another")
    assert [event for event, _ in events(plan)] == ["committed", "drawn", *["refused"] * 3]
    plans.draw(plan, PUBLIC)
    assert content(plan) == before


def test_a_draw_that_was_cut_off_is_finished(place: Path) -> None:
    plan = drawn(place)
    before = content(plan)
    for name in ("proof.json", "frame.parquet"):
        (plan / name).unlink()
    with pytest.raises(NotPossible, match="drawn already"):
        plans.draw(plan, None)
    plans.draw(plan, PUBLIC)
    assert content(plan) == before


def test_commitments_are_numbered(place: Path) -> None:
    first, second = committed(place, "march"), committed(place, "april")
    plans.draw(second, None)
    assert events(first) == [("committed", 1), ("committed", 2), ("drawn", 2)]


def test_earlier_plans_join_the_history(place: Path) -> None:
    first = drawn(place)
    then = {row["entity_id"] for row in rows(first) if row["drawn_by"] != "recheck"}
    second = place / "plans" / "april"
    plans.commit(
        place / "run", SHIPPED, place / "lists", place / "seed", second, start=date(2026, 4, 1)
    )
    past = [json.loads(line) for line in (second / "history.jsonl").read_bytes().splitlines()]
    assert {row["entity_id"] for row in past} == then
    assert {row["visited_on"] for row in past} == {"2026-03-01"}
    plans.draw(second, "another value")
    by_plan = [row for row in rows(second) if row["drawn_by"] == "plan"]
    again = [row for row in by_plan if row["entity_id"] in then]
    assert by_plan
    assert all(row["risk_class"] == "D" for row in again)
    shutil.rmtree(first)
    with pytest.raises(NotFound, match="the register says that this plan was drawn"):
        committed(place, "may")
    plans.abort(first, "folder lost")
    assert (committed(place, "may") / "history.jsonl").read_bytes().count(b"2026-03-01") == 0


def test_history_holds_the_visits_that_were_made(place: Path) -> None:
    first = drawn(place)
    gone, swapped, made = [row for row in rows(first) if row["drawn_by"] == "plan"][:3]
    states = [
        (gone, "not_visited", "drawn"),
        (swapped, "swapped", "drawn"),
        (made, "late", "drawn"),
    ]
    told = [
        {"visit": row["visit"], "entity_id": row["entity_id"], "way": way, "state": state,
         "items": row["items"]}
        for row, state, way in states
    ]  # fmt: skip
    instead = {"visit": "x", "entity_id": "F0400", "way": "targeted", "state": "visited"}
    (first / "results").mkdir()
    pq.write_table(
        pa.Table.from_pylist([*told, instead | {"items": None}]), first / "results/visits.parquet"
    )
    second = place / "plans" / "april"
    plans.commit(
        place / "run", SHIPPED, place / "lists", place / "seed", second, start=date(2026, 4, 1)
    )
    lines = (second / "history.jsonl").read_text("utf-8").splitlines()
    past = {json.loads(line)["entity_id"] for line in lines}
    assert past.isdisjoint({gone["entity_id"], swapped["entity_id"]})
    assert past >= {made["entity_id"], "F0400"}


def test_an_abort_is_on_record_and_final(place: Path) -> None:
    plan = committed(place)
    with pytest.raises(BadInput, match="needs a reason"):
        plans.abort(plan, " ")
    told = plans.abort(plan, "名录库有误")
    assert [entry["event"] for entry in told["register"]] == ["committed", "aborted"]
    with pytest.raises(NotPossible, match="it was aborted: 名录库有误"):
        plans.draw(plan, PUBLIC)
    with pytest.raises(NotPossible, match="was aborted: 名录库有误"):
        plans.verify(plan)
    with pytest.raises(NotPossible, match="is aborted already"):
        plans.abort(plan, "again")
    assert events(plan) == [("committed", 1), ("aborted", 1), ("refused", 1)]


def test_who_commits_aborts_and_commits_again_is_seen(place: Path) -> None:
    for name in ("one", "two"):
        plans.abort(committed(place, name), "its draw would not please")
    third, fourth = committed(place, "three"), committed(place, "four")
    plans.draw(fourth, PUBLIC)
    with pytest.raises(NotPossible, match="drawn already"):
        plans.draw(fourth, "another value")
    told = plans.verify(fourth)
    assert told["earlier"] == {"committed": 3, "drawn": 0, "aborted": 2, "open": 1}
    assert [entry["event"] for entry in told["register"]] == ["committed", "drawn", "refused"]
    assert told["register"][2]["public_value"] == "another value"
    (third.parent / "register.jsonl").unlink()
    told = plans.verify(fourth)
    assert (told["verdict"], told["register"], told["earlier"]) == ("provably random", None, None)


@pytest.mark.parametrize(
    "value",
    [
        *("", "7", " 1 2 ", SEALED, f"x{SEALED}x", "commitment", "known"),
        *("2026-08-01", "20260801", "２０２６年8月1日"),
    ],
)
def test_a_value_that_could_be_known_before_is_refused(place: Path, value: str) -> None:
    if value == "known":
        plans.draw(committed(place, "earlier"), "known")
    plan = committed(place)
    if value == "commitment":
        value = json.loads((plan / "commitment.json").read_bytes())["commitment"].upper()
    with pytest.raises(NotPossible, match="the public value"):
        plans.draw(plan, value)
    assert events(plan)[-1][0] == "refused"
    assert "opening.json" not in content(plan)
    assert plans.draw(plan, PUBLIC)["size"] > 0


def lodged(place: Path) -> tuple[Path, Path]:
    """A drawn plan and the copy of its commitment."""
    plan = committed(place, lodge=place / "lodge")
    plans.draw(plan, PUBLIC)
    (copy,) = (place / "lodge").iterdir()
    return plan, copy


def test_the_lodged_copy_bears_witness(place: Path) -> None:
    plan, copy = lodged(place)
    number, commitment = copy.stem.split("-")
    assert number == "0001"
    assert commitment == json.loads((plan / "commitment.json").read_bytes())["commitment"]
    assert plans.verify(plan, copy)["verdict"] == "provably random"
    forged = Register.beside(plan)
    assert forged is not None
    path = plan.parent / "register.jsonl"
    path.unlink()
    told = forged.entries
    with Register.held(plan.parent) as register:  # a whole register, but of another plan's name
        about = About(1, told[0]["commitment"], "april", told[0]["task"], told[0]["period"])
        register.add("committed", about)
        register.add("drawn", about, public_value=PUBLIC)
    assert plans.verify(plan)["verdict"] == "provably random"
    difference = plans.verify(plan, copy)["difference"]
    assert (difference["file"], difference["row"], difference["field"]) == (
        "register.jsonl", "line 1", "plan",
    )  # fmt: skip
    path.unlink()
    assert plans.verify(plan, copy)["difference"]["file"] == "register.jsonl"


def test_another_commitment_is_told_by_the_lodged_copy(place: Path) -> None:
    _, copy = lodged(place)
    (place / "seed").write_text("another sealed seed 0123", "utf-8")
    shutil.rmtree(place / "plans")
    plan = drawn(place)
    assert plans.verify(plan)["verdict"] == "provably random"
    difference = plans.verify(plan, copy)["difference"]
    assert (difference["file"], difference["field"]) == ("commitment.json", "sealed_seed")
    with pytest.raises(NotFound, match="no file"):
        plans.verify(plan, place / "none")
    with pytest.raises(BadInput, match="is no lodged copy"):
        plans.verify(plan, plan / "commitment.json")
    shutil.rmtree(place / "plans")
    with pytest.raises(NotPossible, match="lodged up to number 1"):
        committed(place, lodge=place / "lodge")


@pytest.mark.parametrize("line", [1, 2])
def test_a_damaged_line_of_the_register_is_named(march: Path, line: int) -> None:
    plan = march
    path, chance = plan.parent / "register.jsonl", random.Random(line)
    whole = path.read_bytes().splitlines(keepends=True)
    for _ in range(12):
        lines = list(whole)
        lines[line - 1] = flipped(lines[line - 1], chance)
        path.write_bytes(b"".join(lines))
        difference = plans.verify(plan)["difference"]
        assert difference["file"] == "register.jsonl"
        assert difference["row"] in (f"line {line}", f"line {line + 1}")  # a line feed, flipped
        with pytest.raises(BadInput, match="register"):
            plans.draw(plan, PUBLIC)
    path.write_bytes(whole[1])  # a line left out
    assert plans.verify(plan)["difference"]["field"] == "previous"
    path.write_bytes(whole[0])
    assert plans.verify(plan)["difference"]["field"] == "drawn"
    path.write_bytes(b"")
    assert plans.verify(plan)["difference"]["field"] == "committed"


def flipped(data: bytes, chance: random.Random) -> bytes:
    """One byte of it is another one."""
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ chance.randrange(1, 256)]) + data[at + 1 :]


def test_any_byte_changed_makes_verify_fail_and_name_the_file(place: Path) -> None:
    a_plan.enrich(place)
    plan = committed(place, plan=place / "plan.yaml")
    plans.draw(plan, PUBLIC)
    assert plans.verify(plan)["verdict"] == "provably random"
    chance = random.Random(7)
    for name, whole in content(plan).items():
        for _ in range(8):
            changed = flipped(whole, chance)
            (plan / name).write_bytes(changed)
            told = plans.verify(plan)
            assert told["verdict"] == "differs", (name, changed)
            assert told["difference"]["file"] == name, (told, changed)
        (plan / name).write_bytes(whole)
    assert plans.verify(plan)["verdict"] == "provably random"


def edit(name: str, old: str, new: str) -> Callable[[Path], object]:
    def change(plan: Path) -> None:
        text = (plan / name).read_text("utf-8")
        assert old in text
        (plan / name).write_text(text.replace(old, new, 1), "utf-8")

    return change


def frame(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], object]:
    def rewrite(plan: Path) -> None:
        table = change(pq.read_table(plan / "frame.parquet").to_pandas())
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), plan / "frame.parquet")

    return rewrite


@pytest.mark.parametrize(
    ("tamper", "file", "row", "field"),
    [
        (edit("plan.json", '"A":"0.01"', '"A":"0.02"'), "plan.json", None, "sha256"),
        (edit("objects.jsonl", "企业17", "企业71"), "objects.jsonl", None, "sha256"),
        (edit("classes.jsonl", '"C"', '"A"'), "classes.jsonl", None, "sha256"),
        (edit("inspectors.jsonl", "2301", "2302"), "inspectors.jsonl", None, "sha256"),
        (edit("history.jsonl", "", " "), "history.jsonl", None, "sha256"),
        (edit("exclusions.jsonl", "", " "), "exclusions.jsonl", None, "sha256"),
        (edit("sealed_seed", "5f0c2e", "5f0c2f"), "sealed_seed", None, "sha256"),
        (edit("commitment.json", 'r":1', 'r":2'), "commitment.json", None, "commitment"),
        (edit("opening.json", "5f0c2e", "5f0c2f"), "opening.json", None, "sealed_seed"),
        (edit("opening.json", "{", "["), "opening.json", None, "content"),
        (edit("drawn.jsonl", '"I', '"J'), "drawn.jsonl", "first", "inspector_1"),
        (edit("drawn.jsonl", "\n", "\n\n"), "drawn.jsonl", "line 2", "content"),
        (edit("drawn.jsonl", '{"', '{ "'), "drawn.jsonl", None, "content"),
        (edit("proof.json", '"firms":600', '"firms":601'), "proof.json", None, "firms"),
        (lambda plan: (plan / "proof.json").unlink(), "proof.json", None, "file"),
        (lambda plan: (plan / "frame.parquet").unlink(), "frame.parquet", None, "file"),
        (lambda plan: (plan / "classes.jsonl").unlink(), "classes.jsonl", None, "file"),
        (frame(lambda rows: rows.drop(index=41)), "frame.parquet", "F0041", "row"),
        (frame(lambda rows: rows[::-1]), "frame.parquet", None, "order"),
        (frame(lambda rows: rows.drop(columns="drawn")), "frame.parquet", None, "columns"),
        (
            frame(lambda rows: rows.assign(plan_probability=rows["plan_probability"] + 1e-12)),
            "frame.parquet", "F0000", "plan_probability",
        ),
        (
            frame(lambda rows: rows.replace({"entity_id": {"F0041": "X"}})),
            "frame.parquet", "F0041", "row",
        ),
    ],
)  # fmt: skip
def test_every_tampering_is_named(
    march: Path, tamper: Callable[[Path], object], file: str, row: str | None, field: str
) -> None:
    first = rows(march)[0]["visit"]
    tamper(march)
    told = plans.verify(march)
    assert told["verdict"] == "differs"
    difference = told["difference"]
    expected = (file, first if row == "first" else row, field)
    assert (difference["file"], difference["row"], difference["field"]) == expected
    assert difference["stored"] != difference["recomputed"]


def test_another_public_value_is_named(march: Path) -> None:
    edit("opening.json", "31415", "31416")(march)
    difference = plans.verify(march)["difference"]
    assert (difference["file"], difference["field"]) == ("opening.json", "public_value")


def test_a_changed_commitment_is_not_drawn(place: Path) -> None:
    plan = committed(place)
    edit("objects.jsonl", "企业17", "企业71")(plan)
    with pytest.raises(NotPossible, match=r"objects\.jsonl is not what was committed"):
        plans.draw(plan, "31415")
    assert "opening.json" not in content(plan)


def seed(place: Path, text: str) -> dict[str, Path]:
    (place / "other").write_text(text, "utf-8")
    return {"seed_file": place / "other"}


def objects(place: Path, text: bytes) -> dict[str, Path]:
    (place / "lists" / "objects.csv").write_bytes(text)
    return {}


def definition(place: Path, text: str) -> dict[str, Path]:
    (place / "plan.yaml").write_text(SHIPPED.read_text("utf-8") + text, "utf-8")
    return {"plan": place / "plan.yaml"}


def two_lists(place: Path) -> dict[str, Path]:
    shutil.copy(place / "lists" / "objects.csv", place / "lists" / "objects.parquet")
    return {}


HEADER = "entity_id,name,division,address,status\n"


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        (lambda place: seed(place, "short"), BadInput, "the sealed seed is too short"),
        (lambda place: {"seed_file": place / "none"}, NotFound, "no file"),
        (lambda place: {"run": place / "lists"}, NotFound, "holds no classes.parquet"),
        (lambda place: {"lists": place / "run"}, NotFound, "no list of objects"),
        (two_lists, NotFound, "two lists of objects"),
        (lambda place: objects(place, b""), BadInput, "objects.csv cannot be read"),
        (lambda place: objects(place, "企业".encode("gb18030")), BadInput, "cannot be read"),
        (lambda place: objects(place, HEADER.encode()), BadInput, "objects: the list is empty"),
        (
            lambda place: objects(place, f"{HEADER}F1,甲,230102,,revoked\n".encode()),
            BadInput,
            "objects, row 1, status",
        ),
        (lambda place: definition(place, "cap: 3\n"), BadDefinition, "cap: unknown entry"),
        (lambda place: {"plan": place / "none.yaml"}, NotFound, "no file"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(
    place: Path, change: Callable[[Path], dict[str, Path]], kind: type[XinfenError], message: str
) -> None:
    changes = change(place)
    with pytest.raises(kind, match=message):
        committed(place, "march", **changes)
    assert not (place / "plans").exists()


def test_what_cannot_be_done_is_told(place: Path) -> None:
    plan = committed(place)
    with pytest.raises(NotPossible, match="is there already"):
        committed(place)
    with pytest.raises(NotPossible, match="is committed, not drawn"):
        plans.verify(plan)
    with pytest.raises(NotFound, match="is not a plan folder"):
        plans.verify(place)
    assert events(plan) == [("committed", 1)]
    (plan.parent / "register.jsonl").write_text("{\n", "utf-8")
    with pytest.raises(BadInput, match="is damaged"):
        plans.draw(plan, "31415")


def test_lists_without_a_pair_for_a_firm_are_not_committed(place: Path) -> None:
    ids = pd.read_csv(place / "lists" / "objects.csv", dtype=str)["entity_id"]
    staff = pd.DataFrame({"inspector_id": ["I1", "I2"], "unit": "23", "conflicts": ";".join(ids)})
    staff.to_csv(place / "lists" / "inspectors.csv", index=False)
    with pytest.raises(NotPossible, match="inspectors: no"):
        committed(place)
    assert not (place / "plans").exists()
