"""The whole loop: what the demo promises, and what bad input gets at the front door."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import typer.testing

import xinfen
from benchmarks import demo as flow
from tests.a_store import CODES
from tests.conftest import DEMO


@dataclass(frozen=True)
class Told:
    returncode: int
    stdout: str
    stderr: str


def call(*words: str | Path) -> Told:
    """The front door, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr(sys, "argv", ["xinfen", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            xinfen.main()
    return Told(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def test_the_summary_holds_what_is_promised(demo: Path) -> None:
    told = json.loads((demo / "summary.json").read_text("utf-8"))
    records = told["records"]
    assert records["read"] == records["stored"] + records["duplicate"] + records["quarantined"]
    assert 0 < records["corrected"] < records["stored"]
    assert set(told["labels"]) == {"drawn", "targeted", "censored"}
    assert set(told["auc"]) == {"labels", "truth"}
    assert set(told["calibration"]) == {
        "ece_truth",
        "ece_truth_naive",
        "slope",
        "expected_over_observed",
    }
    assert sum(told["class_share"].values()) == pytest.approx(1)
    rates = told["true_rate_by_class"]
    assert rates["A"] < rates["B"] < rates["C"] < rates["D"]
    assert set(told["class_by_grade"]) >= set("ABCDE")
    assert told["reasons_max_error"] < 1e-5
    assert told["plan"]["verdict"] == "provably random"
    assert told["plan"]["size"] > 0
    back = told["results"]
    assert sum(back["states"].values()) == told["plan"]["size"]
    assert back["refused"] == 0
    assert back["records"] > back["problems"] > 0
    assert back["low"] < back["rate"] < back["high"]
    assert abs(back["rate"] - back["truth"]) < 0.1
    remedy = told["remedy"]
    assert remedy["tried"] == remedy["told"]  # what the records came to is what was told
    assert remedy["tried"]["risk_class"] < remedy["risk_class"]
    assert sum(part["log_odds"] for part in told["change"]["en"]["parts"]) > 0
    assert told["synthetic"] is True


def test_the_same_seed_gives_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    again, told = tmp_path / "again", list[str]()
    flow.run(
        again,
        enterprises=DEMO["enterprises"],
        months=DEMO["months"],
        seed=DEMO["seed"],
        progress=told.append,
    )
    assert len(told) == flow.STAGES
    names = ["run/classes.parquet", "run/reasons.parquet", "summary.json"]
    names += [str(path.relative_to(demo)) for path in (demo / "plan").rglob("*") if path.is_file()]
    for name in names:
        assert (demo / name).read_bytes() == (again / name).read_bytes(), name


def test_class_files_name_every_version(demo: Path) -> None:
    table = pq.read_table(demo / "run" / "classes.parquet")
    for name in ("model_version", "catalogue_hash", "policy_version", "snapshot"):
        assert table[name].null_count == 0
        assert len(table[name].unique()) == 1
    codes = table["entity_id"].to_pylist()
    assert codes == sorted(set(codes))


def test_next_month_holds_the_classes_of_this_one(demo: Path, tmp_path: Path) -> None:
    told = call(
        "score",
        demo / "store",
        "--as-of",
        "2026-07-01",
        "--out",
        tmp_path / "run",
        "--previous",
        demo / "run",
        "--model-version",
        "1",
        "--json",
    )
    assert told.returncode == 1  # the version lives in the demo's own registry
    assert "model 'general' has no version 1" in told.stderr


def test_the_front_door_loads_no_room() -> None:
    """What takes its time to load is loaded by the command that needs it."""
    slow = {"numpy", "pandas", "pyarrow", "pydantic", "sqlalchemy", "fastapi", "mlflow", "rich"}
    code = f"import sys, xinfen; print(*{slow} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout == "\n"


def test_help_opens_at_once_and_every_command_shows_an_example() -> None:
    subprocess.run([sys.executable, "-m", "xinfen", "--help"], check=True, capture_output=True)
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "xinfen", "--help"], check=True, capture_output=True)
    assert time.perf_counter() - begun < 2  # half a second on a quiet machine
    runner = typer.testing.CliRunner()
    for command in xinfen.COMMANDS:
        name = command.__name__.replace("_", "-")
        told = runner.invoke(xinfen.app, [name, "--help"])
        assert told.exit_code == 0
        assert f"Example: xinfen {name}" in " ".join(told.output.split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ingest", "{tmp}/s", "penalties", "{tmp}/none.csv"], "no file"),
        (["ingest", "{tmp}/s", "penalty", "{file}"], "did you mean 'penalties'"),
        (["ingest", "{tmp}/s", "complaints", "{file}"], "missing kind; unknown authority_field"),
        (["ingest", "{tmp}/s", "penalties", "{empty}"], "has no rows"),
        (
            ["ingest", "{tmp}/s", "penalties", "{file}", "--mapping", "{tmp}/no.yaml"],
            "no mapping file",
        ),
        (["ingest", "{tmp}/s", "penalties", "{file}", "--id-scheme", "x"], "allowed: uscc, opaque"),
        (["features", "{tmp}/s", "--as-of", "2026-01-01", "--out", "{tmp}/f"], "no store at"),
        (
            ["features", "{store}", "--as-of", "1950-01-01", "--out", "{tmp}/f"],
            "no enterprise was known yet",
        ),
        (
            ["features", "{store}", "--as-of", "2026-01-01", "--out", "{tmp}/f", "--model", "x"],
            "unknown model 'x'",
        ),
        (["score", "{store}", "--as-of", "2126-01-01", "--out", "{tmp}/r"], "lies in the future"),
        (["train", "{store}", "--until", "2126-01-01"], "lies in the future"),
        (["ingest", "{store}", "penalties", "{file}", "--id-scheme", "opaque"], "other settings"),
        (["train", "{store}", "--until", "2001-01-01"], "no inspection was known and matured"),
        (["score", "{store}", "--as-of", "2026-01-01", "--out", "{tmp}/r"], "has no champion"),
        (["publish", "{tmp}/none"], "not a whole run folder"),
        (["explain", "{run}", "nobody"], "not in this run"),
        (["verify", "{tmp}"], "is not a plan folder"),
        (["province", "{tmp}/p", "--enterprises", "3"], "too few enterprises"),
        (["demo", "--out", "{tmp}"], "holds something that is not a demo"),
    ],
)
def test_bad_input_is_one_clear_error_and_leaves_nothing(
    demo: Path, tmp_path: Path, words: list[str], message: str
) -> None:
    (tmp_path / "file.csv").write_text(
        "source,source_id,entity_id,event_time,known_time,authority_field\n"
        f"s,1,{CODES[0]},2024-01-01,2024-01-02,tax\n"
    )
    (tmp_path / "empty.csv").write_text("source,source_id,entity_id,event_time,known_time\n")
    before = sorted(path.name for path in tmp_path.iterdir())
    filled = [
        word.format(
            tmp=tmp_path,
            file=tmp_path / "file.csv",
            empty=tmp_path / "empty.csv",
            store=demo / "store",
            run=demo / "run",
        )
        for word in words
    ]
    told = call(*filled)
    assert told.returncode == 1, told.stderr
    assert message in told.stderr
    assert "Traceback" not in told.stderr
    after = sorted(path.name for path in tmp_path.iterdir())
    assert [name for name in after if name != "home"] == before


def test_wrong_usage_is_exit_code_two() -> None:
    assert call("score").returncode == 2
    assert call("nonsense").returncode == 2
    assert call("features", "x", "--as-of", "tomorrow", "--out", "y").returncode == 2


def test_the_commands_run_by_hand(demo: Path, tmp_path: Path) -> None:
    """records → train → score → publish → explain → commit → draw → verify."""
    store, run, plan = demo / "store", tmp_path / "run", tmp_path / "plans" / "one"
    trained = json.loads(call("train", store, "--until", "2026-07-01", "--json").stdout)
    assert trained["version"] == "1"
    told = call("score", store, "--as-of", "2026-07-01", "--model-version", "1", "--out", run)
    assert told.returncode == 0, told.stderr
    assert "class_share" in told.stdout
    assert call("publish", run).returncode == 0
    code = pq.read_table(run / "classes.parquet")["entity_id"][0].as_py()
    for lang in ("zh", "en"):
        assert code in call("explain", run, code, "--lang", lang).stdout
    seed = tmp_path / "seed"
    seed.write_text("0123456789abcdef0123456789abcdef")
    lists, shipped = demo / "province" / "lists", Path("supervision/plan.yaml").absolute()
    told = call(
        "commit", run, "--plan", shipped, "--lists", lists, "--seed-file", seed, "--out", plan
    )
    assert told.returncode == 0, told.stderr
    assert call("draw", plan, "--public-value", "20260801-1").returncode == 0
    assert json.loads(call("verify", plan, "--json").stdout)["verdict"] == "provably random"
    (plan / "drawn.jsonl").write_bytes((plan / "drawn.jsonl").read_bytes()[:-1])
    told = call("verify", plan)
    assert told.returncode == 1
    assert "differs" in told.stdout
