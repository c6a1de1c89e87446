"""Posted indicators to class and reasons, beside `mlflow models serve` with `shap` on one model.

One model of 300 trees of 31 leaves on the general catalogue; both serve over HTTP on this machine,
a worker each, and are asked by the same load generator (`load_wrk`) one after the other, in turns.
Ours checks the token, audits on disk, decides the class and tells sentences; the peer scores a
frame and gives shap's contributions: against the firms that ours compares with too, which alone is
the same answer and is judged; against 100 of them, as many as shap takes by itself; and
path-dependent, shap's quickest and another question.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from benchmarks import load_wrk
from benchmarks.chicago_report import Row, at_most, row
from benchmarks.explain_data import TREES
from benchmarks.load_wrk import CONNECTIONS, Measured, Target
from benchmarks.servers import server
from benchmarks.trials_peer import save
from models import definition
from models.background import Background
from models.calibration import Calibration
from models.classifier import RiskClassifier
from models.definition import SHIPPED
from records.errors import NotPossible

SECONDS = {"small": 8.0, "full": 32.0}
FIRMS = 2_000
"""Those that the model is made of."""
PEERS = {"against the same firms": FIRMS, "against 100 firms": 100, "path-dependent": 0}
"""How many firms shap compares with; 0: with the trees' own counts."""
JUDGED = "against the same firms"
RATIO, P99 = 10.0, 25.0
WHAT = "posted indicators answered with class and reasons"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Side:
    """A service, and the file of questions that it is posted."""

    target: Target
    questions: Path

    def met(self) -> Side:
        """It again, once it has answered: the first question may compile."""
        with self.questions.open("rb") as lines:
            first = lines.readline()
        shown = {"Authorization": f"Bearer {self.target.token}", "Content-Type": "application/json"}
        with urlopen(Request(self.target.url + self.target.path, first, shown)):  # noqa: S310
            return self

    def load(self, seconds: float, seed: int, connections: int = CONNECTIONS) -> Measured:
        """Ask for some seconds.

        Raises
        ------
        NotPossible : a question was not answered.
        """
        found = load_wrk.measure(self.target, self.questions, seconds, seed, connections)
        if found.failed:
            raise NotPossible("questions failed", found=f"{found.failed} of {self.target.url}")
        return found


def run(size: str, seed: int) -> list[Row]:
    """A row for the rate beside each peer, and for the 99th percentile; none without `wrk`."""
    if not load_wrk.available():
        sys.stderr.write("trials: left out, `wrk` is not installed\n")
        return []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        values = _values(FIRMS, seed)
        model = _model(values, seed)
        model.save(folder / "model")
        with _ours(folder, model, values) as ours:
            rows = []
            for kind, firms in PEERS.items():
                peer = folder / f"peer-{firms}"
                save(peer, folder / "model" / "booster.txt", values[:firms] if firms else None)
                with _peer(peer, values, model.definition.fitted) as theirs:
                    mine, other = _turns(ours, theirs, SECONDS[size] / 2, seed)
                judged = kind == JUDGED
                told = row(
                    WHAT, mine.per_second, "requests/s", peer=f"mlflow models serve, shap {kind}",
                    peer_figure=other.per_second, goal=RATIO if judged else None,
                    ok=mine.per_second >= RATIO * other.per_second if judged else None,
                )  # fmt: skip
                cost = row("… cost", mine.cpu, "CPU µs", peer_figure=other.cpu)
                rows += [told | {"p99_ms": mine.p99, "peer_p99_ms": other.p99}, cost]
            alone = ours.load(SECONDS[size], seed, 1)
            rows.append(at_most("one at a time, 99th percentile", alone.p99, "ms", P99))
            return rows


def _values(count: int, seed: int) -> Floats:
    fitted = definition.load(SHIPPED / "general").fitted
    rng = np.random.default_rng(seed)
    return np.floor(rng.exponential(1.0, (count, len(fitted))))


def _model(values: Floats, seed: int) -> RiskClassifier:
    told = definition.load(SHIPPED / "general")
    signs = [told.catalogue[name].monotone for name in told.fitted]
    for at, name in enumerate(told.fitted):
        if told.catalogue[name].unit == "flag":
            values[:, at] = values[:, at] > 0
        if told.catalogue[name].measure in ("share", "related_share", "group_rate"):
            values[:, at] /= max(values[:, at].max(), 1.0)
    rng = np.random.default_rng(seed + 1)
    odds = (values * signs)[:, ::5].sum(axis=1) / 4 - 1
    label = rng.random(len(values)) < 1 / (1 + np.exp(-odds))
    given = {
        "objective": "binary", "num_leaves": 31, "max_depth": 6, "verbose": -1, "seed": seed,
        "min_data_in_leaf": 5, "monotone_constraints": signs,
    }  # fmt: skip
    data = lgb.Dataset(values, label, feature_name=list(told.fitted))
    text = lgb.train(given, data, TREES).model_to_string()
    return RiskClassifier(
        told, text, Calibration(slope=0.8, intercept=-0.1), np.array([-1.0, -0.2, 0.6]),
        "0" * 64, {}, background=Background.alike(values),
    )  # fmt: skip


@contextmanager
def _ours(folder: Path, model: RiskClassifier, values: Floats) -> Iterator[Side]:
    """Our service on a store with a small run of this model."""
    from benchmarks.trials_run import store

    url, token = store(folder, model)
    asked = [
        {"indicators": dict(zip(model.definition.fitted, firm, strict=True)),
         "industry": "H62", "public_grade": "C"}
        for firm in values.tolist()
    ]  # fmt: skip
    given = {
        "XINFEN_RESULTS": url, "XINFEN_HOME": str(folder), "XINFEN_SET_LIMITED": "false",
    }  # fmt: skip
    command = ["-m", "xinfen", "serve", "--port", "PORT"]
    with server(command, given, "/ready", folder / "ours.log") as (address, pid):
        target = Target(address, "/v1/score/indicators", token, (pid,))
        yield Side(target, _written(folder / "ours.jsonl", asked)).met()


@contextmanager
def _peer(model: Path, values: Floats, fitted: list[str]) -> Iterator[Side]:
    """`mlflow models serve`."""
    asked = [{"dataframe_split": {"columns": fitted, "data": [row]}} for row in values.tolist()]
    command = [
        "-m", "mlflow", "models", "serve", "--env-manager", "local", "--model-uri", str(model),
        "--port", "PORT",
    ]  # fmt: skip
    # MLflow starts its server by the name of the program.
    found = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    given = {"PATH": found, "MLFLOW_DISABLE_TELEMETRY": "true"}
    with server(command, given, "/ping", model.with_suffix(".log")) as (address, pid):
        target = Target(address, "/invocations", "-", (pid,))
        yield Side(target, _written(model.with_suffix(".jsonl"), asked)).met()


def _written(path: Path, questions: Sequence[object]) -> Path:
    path.write_text("".join(f"{json.dumps(one)}\n" for one in questions), "utf-8")
    return path


def _turns(ours: Side, theirs: Side, seconds: float, seed: int) -> tuple[Measured, Measured]:
    """Both in turns, so that what else the machine does meets both."""
    found: tuple[list[Measured], list[Measured]] = ([], [])
    for turn, side in enumerate((0, 1, 1, 0)):
        found[side].append((ours, theirs)[side].load(seconds / 2, seed + turn))
    return load_wrk.together(found[0]), load_wrk.together(found[1])
