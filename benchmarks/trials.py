"""Posted indicators to class and reasons, beside `mlflow models serve` with `shap` on one model.

One model of 300 trees of 31 leaves on the general catalogue; both serve over HTTP on this machine,
a worker each, and are asked by the same load generator one after the other, in turns. Ours checks
the token, audits on disk, decides the class and tells sentences; the peer scores a frame and gives
shap's contributions, once against 100 firms (our kind) and once path-dependent (shap's quickest).
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from benchmarks.chicago_report import Row, at_most, row
from benchmarks.explain_data import TREES
from benchmarks.servers import server
from benchmarks.trials_peer import save
from models import definition
from models.background import Background
from models.calibration import Calibration
from models.classifier import RiskClassifier
from models.definition import SHIPPED

SECONDS = {"small": 8.0, "full": 30.0}
"""For which each side is asked, in each of two turns."""
FIRMS, FEW, CLIENTS = 2_000, 100, 4
"""Firms that the model is made of; those that shap compares with; connections at a time."""
RATIO, P99 = 10.0, 25.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Side:
    """A service, and what it is asked: the path, headers, and the body of each question."""

    address: str
    path: str
    headers: dict[str, str]
    body: Callable[[int], bytes]

    def ask(self, connection: http.client.HTTPConnection, at: int) -> float:
        """Seconds until a question is answered."""
        body, headers = self.body(at), {"Content-Type": "application/json", **self.headers}
        begun = time.perf_counter()
        connection.request("POST", self.path, body, headers)
        answer = connection.getresponse()
        told = answer.read()
        took = time.perf_counter() - begun
        if answer.status != 200:
            raise RuntimeError(f"answered {answer.status}: {told[:300]!r}")
        return took


def run(size: str, seed: int) -> list[Row]:
    """A row for the rate beside each peer, and one for the 99th percentile."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        values = _values(FIRMS, seed)
        model = _model(values, seed)
        model.save(folder / "model")
        with _ours(folder, model, values) as ours:
            rows = []
            for kind, firms in (
                (f"against {FEW} firms", FEW),
                ("path-dependent", 0),
            ):
                peer = folder / f"peer-{firms}"
                save(peer, folder / "model" / "booster.txt", values[:firms] if firms else None)
                with _peer(peer, values, model.definition.fitted) as theirs:
                    mine, other = _turns(ours, theirs, SECONDS[size] / 2)
                told = row(
                    "posted indicators answered with class and reasons", _rate(mine), "requests/s",
                    peer=f"mlflow models serve with shap, {kind}", peer_figure=_rate(other),
                    goal=RATIO if firms == FEW else None,
                    ok=_rate(mine) >= RATIO * _rate(other) if firms == FEW else None,
                )  # fmt: skip
                rows += [told | {"p99_ms": _p99(mine), "peer_p99_ms": _p99(other)}]
            alone = _load(ours, SECONDS[size], 1)
            rows.append(at_most("one at a time, 99th percentile", _p99(alone), "ms", P99))
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
    fitted = model.definition.fitted

    def body(at: int) -> bytes:
        given = dict(zip(fitted, values[at % len(values)].tolist(), strict=True))
        question = {"indicators": given, "industry": "H62", "public_grade": "C"}
        return json.dumps(question).encode()

    settings = folder / "settings.yaml"
    settings.write_text("limited: false\n", "utf-8")
    command = ["-m", "xinfen", "serve", "--port", "PORT"]
    given = {"XINFEN_RESULTS": url, "XINFEN_HOME": str(folder), "XINFEN_SETTINGS": str(settings)}
    with server(command, given, "/ready", folder / "ours.log") as (address, _):
        shown = {"Authorization": f"Bearer {token}"}
        yield _met(Side(urlsplit(address).netloc, "/v1/score/indicators", shown, body))


@contextmanager
def _peer(model: Path, values: Floats, fitted: list[str]) -> Iterator[Side]:
    """`mlflow models serve`."""

    def body(at: int) -> bytes:
        rows = [values[at % len(values)].tolist()]
        question = {"dataframe_split": {"columns": fitted, "data": rows}}
        return json.dumps(question).encode()

    command = [
        "-m", "mlflow", "models", "serve", "--env-manager", "local", "--model-uri", str(model),
        "--port", "PORT",
    ]  # fmt: skip
    # MLflow starts its server by the name of the program.
    found = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    given = {"PATH": found, "MLFLOW_DISABLE_TELEMETRY": "true"}
    with server(command, given, "/ping", model.with_suffix(".log")) as (address, _):
        yield _met(Side(urlsplit(address).netloc, "/invocations", {}, body))


def _met(side: Side) -> Side:
    """The side, once it has answered a question: the first may compile."""
    connection = http.client.HTTPConnection(side.address, timeout=60)
    side.ask(connection, 0)
    connection.close()
    return side


def _turns(ours: Side, theirs: Side, seconds: float) -> tuple[list[float], list[float]]:
    """Both in turns, so that what else the machine does meets both; latencies in seconds."""
    found: tuple[list[float], list[float]] = ([], [])
    for side in (0, 1, 1, 0):
        found[side].extend(_load((ours, theirs)[side], seconds, CLIENTS))
    return found


def _load(side: Side, seconds: float, clients: int) -> list[float]:
    """Latencies of answers, each connection asking as soon as it was answered."""
    ends, found = time.perf_counter() + seconds, [[] for _ in range(clients)]  # type: ignore[var-annotated]

    def client(number: int) -> None:
        connection = http.client.HTTPConnection(side.address, timeout=60)
        at = number
        while time.perf_counter() < ends:
            found[number].append(side.ask(connection, at))
            at += clients

    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [one for own in found for one in own]


def _rate(latencies: list[float]) -> float:
    """Answers a second of all connections together."""
    return CLIENTS * len(latencies) / sum(latencies)


def _p99(latencies: list[float]) -> float:
    return float(1e3 * np.percentile(latencies, 99))
