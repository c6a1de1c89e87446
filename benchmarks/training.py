"""Training held against the truth: synthetic provinces of shipped and of unseen parameters.

For each province: the whole of training on its records, then every firm's probability beside its
true one. Unseen parameters are drawn from wide ranges by the seed; nothing was chosen on them.
How long fits and tuning take: `benchmarks.training_speed`.
"""

from __future__ import annotations

import tempfile
import time
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import training_speed, truth
from benchmarks.chicago_report import Row, row
from models import definition as definitions
from records import intake
from records.places import at_home
from records.province import Parameters, generate, record_files
from records.store import Store
from training import flow, labelled

AS_OF = date(2026, 7, 1)
MONTHS = 36
SIZES = {"small": 20_000, "full": 100_000}

BANDS = {
    "slope": (0.9, 1.1),
    "expected_over_observed": (0.9, 1.1),
    "class": (0.8, 1.25),
    "error": (0.0, 0.5),
}


def run(size: str, seed: int) -> list[Row]:
    """Rows of speed, of the shipped parameters and of unseen ones; `ok` only at full size."""
    rows = training_speed.rows(size, seed)
    for name, parameters in (("shipped", None), ("unseen", unseen(seed))):
        with tempfile.TemporaryDirectory(prefix="xinfen-training-") as scratch:
            told = held(Path(scratch), SIZES[size], 1000 + seed, parameters)
        rows += [one | {"what": f"{name}: {one['what']}"} for one in rows_of(told)]
    return [one | {"ok": one["ok"] if size == "full" else None} for one in rows]


def held(
    folder: Path, enterprises: int, seed: int, parameters: Parameters | None
) -> dict[str, Any]:
    """Train on a fresh province and hold the result against its truth."""
    province = folder / "province"
    generate(province, enterprises=enterprises, months=MONTHS, seed=seed, parameters=parameters)
    store = Store.create(folder / "store")
    for file in record_files(province):
        intake.ingest(store, file.stem, file)
    definition = definitions.load(definitions.folder_of("general"))
    with at_home(folder / "home"):
        records = store.snapshot()
        begun = time.perf_counter()
        trained = flow.train(records, definition, AS_OF, seed=seed)
        seconds = time.perf_counter() - begun
        everyone = labelled.everyone(records, definition, AS_OF, seed)
    model = trained.classifier
    raw = model.raw(model.matrix(everyone.indicators))
    firms = truth.known(province, everyone.profile.assign(raw=raw))
    told = truth.beside(firms, model.calibration, trained.others, model.boundaries, seed)
    return told | {"seconds": seconds, "report": trained.report}


def rows_of(told: dict[str, Any]) -> list[Row]:
    """The figures of one province with what is asked of them."""
    classes = told["classes"]
    rates = [classes[name]["true"] for name in "ABCD"]
    error, naive = told["ways"]["corrected"]["ece"], told["ways"]["naive"]["ece"]
    return [
        row("AUC against the truth", told["auc"], "share"),
        _within("calibration slope", told["slope"], "slope"),
        _within("expected / observed", told["expected_over_observed"], "expected_over_observed"),
        *(
            _within(f"expected / observed, class {name}", one["expected"] / one["true"], "class")
            for name, one in classes.items()
        ),
        row("calibration error", error, "share", peer="naive", peer_figure=naive,
            goal=0.5, ok=error <= 0.5 * naive),
        *(
            row(f"expected / observed, {way}", one["expected_over_observed"], "ratio")
            for way, one in told["ways"].items()
        ),
        *(
            row(f"Brier skill {name.replace('_', ' ')}, lower limit", one["low"], "share",
                goal=0.0, ok=one["low"] > 0)
            for name, one in told["skill"].items()
            if isinstance(one, dict)
        ),
        row("true rates of A to D rise", float(all(a < b for a, b in pairwise(rates))), "yes",
            goal=1.0, ok=all(a < b for a, b in pairwise(rates))),
        row("training", told["seconds"], "s"),
    ]  # fmt: skip


def unseen(seed: int) -> Parameters:
    """Parameters of a province nobody has looked at, drawn from wide ranges."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0xBEEF]))
    plain = Parameters.load().model_dump(mode="json", by_alias=True)

    def draw(part: dict[str, Any], name: str, low: float, high: float) -> None:
        part[name] = float(rng.uniform(low, high))

    latent, bureau, credit = plain["latent"], plain["bureau"], plain["credit"]
    for name, low, high in (
        ("base", -3.1, -2.4), ("permanent", 0.65, 1.05), ("moving", 0.4, 0.7),
        ("persistence", 0.9, 0.97), ("county", 0.05, 0.3), ("young", 0.3, 1.0),
    ):  # fmt: skip
        draw(latent, name, low, high)
    for name, low, high in (
        ("slice_per_year", 0.06, 0.10), ("targeted_per_year", 0.03, 0.08),
        ("complaint_pull", 0.8, 2.4), ("lead_pull", 0.3, 1.2), ("strictness", 0.1, 0.35),
        ("lead_effort", 1.1, 2.0),
    ):  # fmt: skip
        draw(bureau, name, low, high)
    for method in ("written", "online", "department_opinion"):
        draw(bureau["methods"], method, 0.3, 0.8)
    for tier, low, high in (("A", 0.8, 1.0), ("C", 1.0, 1.2), ("D", 1.05, 1.3)):
        draw(bureau["seen"], tier, low, high)
    draw(credit, "sees", 0.5, 0.8)
    draw(plain["drift"], "rate", 1.5, 3.5)
    for stream in plain["streams"].values():
        stream["slope"] *= float(rng.uniform(0.7, 1.25))
        stream["per_year"] *= float(rng.uniform(0.6, 1.5))
    return Parameters.model_validate(plain)


def _within(what: str, figure: float, band: str) -> Row:
    low, high = BANDS[band]
    return row(what, figure, f"{low:g}–{high:g}", ok=low <= figure <= high)
