"""Long proofs, run by `make prove`: what holds on a small province holds on large ones."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import demo as flow
from records.files import file_hash
from records.intake import ingest
from records.province import generate, record_files
from records.store import Store

pytestmark = pytest.mark.slow

Proved = Callable[[str, str, str], None]

INGEST = """
import sys
import time
from pathlib import Path
from records.intake import ingest
from records.store import Store
store = Store.create(Path(sys.argv[1]))
for path in sorted(Path(sys.argv[2]).glob("*.parquet")):
    ingest(store, path.stem, path)
"""

FEATURES = """
import sys
from datetime import date
from pathlib import Path
import features
from features import building, spine
from models.definition import folder_of
from records.store import Store
building.CELLS, spine.EVERYONE = 100_000, 1
records = Store.open(Path(sys.argv[1])).snapshot()
catalogue = features.Catalogue.load(folder_of("general") / "indicators.yaml")
firms = features.population(records, date(2026, 7, 1))
for part in features.build(records, firms, catalogue).parts:
    print(part)
"""

SCORE = """
import sys
from datetime import date
from pathlib import Path
from models.classifier import RiskClassifier
from records.store import Store
from serving.scoring import batch, parts
parts.FIRMS, parts.GROUP = 400, 200
records = Store.open(Path(sys.argv[1])).snapshot()
classifier = RiskClassifier.load(Path(sys.argv[2]))
previous = Path(sys.argv[3])
batch.score(records, classifier, date(2026, 7, 1), Path(sys.argv[4]), previous=previous)
"""


def _killed(
    words: list[str],
    after: float,
    env: dict[str, str] | None = None,
    reached: Callable[[], bool] = lambda: True,
) -> bool:
    """Whether a process was still at work, and killed, so many seconds after a point it reached."""
    process = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL)
    while process.poll() is None and not reached():
        time.sleep(0.01)
    try:
        process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


@pytest.mark.parametrize("seed", [11, 12, 13, 14, 15])
def test_the_loop_on_a_whole_province(seed: int, tmp_path: Path, proved: Proved) -> None:
    told = flow.run(tmp_path / "demo", enterprises=20_000, months=36, seed=seed)
    rates, calibration = list(told["true_rate_by_class"].values()), told["calibration"]
    name = f"province of seed {seed}, 20,000 enterprises"
    proved(f"{name}: true rate by class", "  ".join(f"{rate:.1%}" for rate in rates), "rising")
    proved(
        f"{name}: calibration error against the truth, weighted and naive",
        f"{calibration['ece_truth']:.4f} and {calibration['ece_truth_naive']:.4f}",
        "weighted below naive",
    )
    assert rates == sorted(rates)
    assert calibration["ece_truth"] < calibration["ece_truth_naive"]
    assert told["plan"]["verdict"] == "provably random"


def test_the_same_seed_in_two_processes(tmp_path: Path, proved: Proved) -> None:
    for name in ("one", "two"):
        subprocess.run(
            [sys.executable, "-m", "xinfen", "demo", "--out", str(tmp_path / name), "--seed", "5"],
            check=True,
            capture_output=True,
        )
    one, two = tmp_path / "one", tmp_path / "two"
    written = [path for room in ("run", "plan") for path in (one / room).rglob("*")]
    files = [one / "summary.json", *(path for path in written if path.is_file())]
    differ = [
        path for path in files if path.read_bytes() != (two / path.relative_to(one)).read_bytes()
    ]
    proved(
        "files that differ between two demos of one seed, 20,000 enterprises",
        f"{len(differ)} of {len(files)}",
        "0",
    )
    assert not differ


def test_ingest_killed_at_random_points_completes(tmp_path: Path, proved: Proved) -> None:
    generate(tmp_path / "province", enterprises=8000, months=24, seed=3)
    records = tmp_path / "province" / "records"

    def words(store: str) -> list[str]:
        return [sys.executable, "-c", INGEST, str(tmp_path / store), str(records)]

    begun = time.monotonic()
    subprocess.run(words("whole"), check=True)
    whole, needed = Store.open(tmp_path / "whole"), time.monotonic() - begun
    chance, killed = random.Random(0), 0
    for attempt in range(30):
        killed += _killed(words(f"store{attempt}"), chance.uniform(0.1 * needed, needed))
        subprocess.run(words(f"store{attempt}"), check=True)
        again = Store.open(tmp_path / f"store{attempt}")
        assert again.snapshot().id == whole.snapshot().id
        for path in records.glob("*.parquet"):
            one, two = again.refused(path.stem), whole.refused(path.stem)
            assert (one and one.num_rows) == (two and two.num_rows)
    proved(
        "ingest killed (kill -9) at random points and run again: equal to one never killed",
        f"30 of 30, {killed} of them killed before the end",
        "all",
    )
    assert killed > 15


def test_a_table_killed_at_random_points_completes(tmp_path: Path, proved: Proved) -> None:
    generate(tmp_path / "province", enterprises=8000, months=24, seed=3)
    store = Store.create(tmp_path / "store")
    for path in record_files(tmp_path / "province"):
        ingest(store, path.stem, path)
    words = [sys.executable, "-c", FEATURES, str(store.path)]

    def at(home: str) -> dict[str, str]:
        return os.environ | {"XINFEN_HOME": str(tmp_path / home)}

    def made(home: str) -> dict[str, str]:
        told = subprocess.run(words, check=True, capture_output=True, text=True, env=at(home))
        return {Path(part).name: file_hash(Path(part)) for part in told.stdout.split()}

    begun = time.monotonic()
    whole, needed = made("whole"), time.monotonic() - begun
    assert len(whole) > 5
    chance, killed = random.Random(0), 0
    for attempt in range(12):
        killed += _killed(words, chance.uniform(0.3 * needed, needed), at(f"home{attempt}"))
        assert made(f"home{attempt}") == whole
    proved(
        f"indicator table of {len(whole)} parts killed (kill -9) at random points and run again: "
        "the bytes of one never killed",
        f"12 of 12, {killed} of them killed before the end",
        "all",
    )
    assert killed > 5


def test_a_run_killed_at_random_points_completes(
    demo: Path, tmp_path: Path, proved: Proved
) -> None:
    def words(out: Path) -> list[str]:
        model, previous = demo / "run" / "model", demo / "run"
        return [sys.executable, "-c", SCORE, *map(str, (demo / "store", model, previous, out))]

    def files(run: Path) -> dict[str, str]:
        return {str(path.relative_to(run)): file_hash(path) for path in run.rglob("*.*")}

    env = os.environ | {"XINFEN_HOME": str(demo / "home")}  # where its indicators are kept
    begun = time.monotonic()
    subprocess.run(words(tmp_path / "whole"), check=True, env=env)
    whole, needed = files(tmp_path / "whole"), time.monotonic() - begun
    chance, killed, cut = random.Random(0), 0, 0
    for attempt in range(12):
        out = tmp_path / f"runs{attempt}" / "run"
        for parts in sorted(chance.choices(range(8), k=2)):  # 7: while they are put together

            def stand(out: Path = out, parts: int = parts) -> bool:
                return len([*out.parent.glob(".run-scoring-*/*/part.json")]) >= parts

            late = needed if parts == 0 else needed / 40
            killed += _killed(words(out), chance.uniform(0, late), env, stand)
        cut += any(out.parent.glob(".run-scoring-*/*/part.json"))
        subprocess.run(words(out), check=True, env=env)
        assert files(out) == whole
        assert [path.name for path in out.parent.iterdir()] == ["run"]
    proved(
        "run of 7 parts killed (kill -9) at random points, twice, and made again: "
        "the bytes of one never killed",
        f"12 of 12, killed {killed} times, {cut} of them gone on with",
        "all",
    )
    assert killed > 10
    assert cut > 3
