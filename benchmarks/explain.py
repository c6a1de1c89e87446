"""Rows a second that are scored and explained, beside LightGBM, `shap` and WOODELF.

One synthetic model of 300 trees of 31 leaves on 84 indicators; every output is an array in memory
that is checked. Peers whose rows take long explain fewer of them. shap and WOODELF take their
turn where they are installed (`pip install xinfen[bench]`); else a row says that they are not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from benchmarks.chicago_report import Row, at_most, row
from benchmarks.explain_data import TREES, model, table
from models.background import SIZE, Background
from models.kernel import Kernel

Floats = npt.NDArray[np.float64]

FIT = 40_000
ROWS = {"small": 100_000, "full": 200_000}
"""Rows that the fast ones explain; a province of `PROVINCE` comes on top at full size."""

PROVINCE = 3_000_000
SLOW = 1_000
"""Rows for those that take a millisecond or more."""

SHAP_FIRMS = 100
"""Firms of shap's background, whose every row costs it time."""

ALONE = 2_000
REPEATS = 5
"""Turns that each side has; the best one counts."""

CLOSE = 1e-5


def run(size: str, seed: int) -> list[Row]:
    """A row for each comparison; ratios are ours to the peer's in the same run."""
    text = model(FIT, seed)
    booster = lgb.Booster(model_str=text)
    values = table(ROWS[size], seed + 1)
    background = Background.alike(table(SIZE, seed + 2))
    path = Kernel(text)
    kernel = path.against(background)
    kernel.explain(values[:10])
    ours, alike, predict, contrib = _speeds(
        (lambda: kernel.explain(values), len(values)),
        (lambda: path.explain(values), len(values)),
        (lambda: booster.predict(values, raw_score=True), len(values)),
        (lambda: booster.predict(values[:SLOW], pred_contrib=True), SLOW),
    )
    _check(kernel, path, booster, values)
    what = f"score and contributions, {len(values):,} rows"
    return [
        _ratio(what, ours, "LightGBM predict, scores alone", predict, 0.5),
        _ratio(what, ours, "LightGBM pred_contrib", contrib, 20),
        *_shap(what, ours, booster, values, background),
        *_woodelf(
            what,
            {"path-dependent": (alike, path), "interventional": (ours, kernel)},
            text,
            values,
            background,
        ),
        _ratio(f"{what}, interventional", ours, "path-dependent", alike, 0.9),
        *_alone(kernel, booster, values),
        _making(text, background),
        *(_province(text, seed) if size == "full" else []),
    ]


def _speeds(*sides: tuple[Callable[[], object], int]) -> list[float]:
    """Rows a second of each side, the best of its turns; they take turns, so that what else the
    machine does meets all alike."""
    turns = [[_seconds(work) for work, _ in sides] for _ in range(REPEATS)]
    return [
        rows / min(took) for (_, rows), took in zip(sides, zip(*turns, strict=True), strict=True)
    ]


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _ratio(what: str, ours: float, peer: str, theirs: float, goal: float) -> Row:
    told = row(what, ours, "rows/s", peer=peer, peer_figure=theirs, goal=goal)
    return told | {"ok": told["ratio"] >= goal}


def _check(kernel: Kernel, path: Kernel, booster: lgb.Booster, values: Floats) -> None:
    """What was timed is right, or there is no figure."""
    few = values[:SLOW]
    theirs = booster.predict(few, pred_contrib=True)
    for told in (kernel.explain(few), path.explain(few)):
        gap = np.abs(told.base + told.contributions.sum(axis=1) - told.score).max()
        if gap > CLOSE or not np.array_equal(told.score, booster.predict(few, raw_score=True)):
            raise AssertionError(f"contributions do not add up to the score: {gap}")
    gap = np.abs(path.explain(few).contributions - theirs[:, :-1]).max()
    if gap > CLOSE:
        raise AssertionError(f"contributions are {gap} from LightGBM's")


def _shap(
    what: str, ours: float, booster: lgb.Booster, values: Floats, background: Background
) -> list[Row]:
    peer = f"shap.TreeExplainer, interventional, {SHAP_FIRMS} firms"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own imports
            import shap
    except ImportError:
        return [row(f"{what} ({peer} is not installed)", ours, "rows/s")]
    firms = background.values[:SHAP_FIRMS]
    made = shap.TreeExplainer(booster, data=firms, feature_perturbation="interventional")
    few = values[: SLOW // 5]
    (theirs,) = _speeds((lambda: made.shap_values(few), len(few)))
    return [_ratio(what, ours, peer, theirs, 100)]


def _woodelf(
    what: str,
    ours: dict[str, tuple[float, Kernel]],
    text: str,
    values: Floats,
    background: Background,
) -> list[Row]:
    """WOODELF in both ways, and how far it is from ours; it reads the model at each call."""
    try:
        import pandas as pd
        from woodelf.explainer import WoodelfExplainer
    except ImportError:
        return [row(f"{what} (WOODELF is not installed)", ours["interventional"][0], "rows/s")]
    names = [f"Column_{at}" for at in range(values.shape[1])]
    rows, firms = (pd.DataFrame(told, columns=names) for told in (values, background.values))
    told = []
    for way, (figure, kernel) in ours.items():
        begun = time.perf_counter()
        made = WoodelfExplainer(
            lgb.Booster(model_str=text), firms if way == "interventional" else None
        )
        theirs = np.asarray(made.shap_values(rows, verbose=False))
        speed = len(rows) / (time.perf_counter() - begun)
        gap = np.abs(kernel.explain(values).contributions - theirs).max()
        told.append(row(what, figure, "rows/s", peer=f"WOODELF, {way}, {gap:.0e} from ours",
                        peer_figure=speed))  # fmt: skip
    return told


def _alone(kernel: Kernel, booster: lgb.Booster, values: Floats) -> list[Row]:
    """Milliseconds for one firm in this process, the median."""
    into = np.empty(values.shape[1])
    ours = [_seconds(partial(kernel.one, values[at], into)) for at in range(ALONE)]
    theirs = [
        _seconds(partial(booster.predict, values[at : at + 1], pred_contrib=True))
        for at in range(ALONE // 10)
    ]
    figure, peer = float(np.median(ours)) * 1e3, float(np.median(theirs)) * 1e3
    told = row("one firm, median", figure, "ms", peer="LightGBM pred_contrib", peer_figure=peer,
               goal=0.5)  # fmt: skip
    return [told | {"ok": figure <= 0.5}]


def _making(text: str, background: Background) -> Row:
    seconds = min(_seconds(lambda: Kernel(text, background)) for _ in range(REPEATS))
    return row(f"a kernel of {TREES} trees made against {SIZE:,} firms", seconds, "s")


def _province(text: str, seed: int) -> list[Row]:
    """A whole province in a process of its own, in both ways."""
    told = []
    with tempfile.TemporaryDirectory(prefix="xinfen-explain-") as name:
        path = Path(name) / "model.txt"
        path.write_text(text, "utf-8")
        words = [sys.executable, "-m", "benchmarks.explain_whole", str(path), str(PROVINCE)]
        for way, more in (("interventional", []), ("path-dependent", ["path"])):
            asked = [*words, str(seed), *more]
            done = subprocess.run(asked, check=True, capture_output=True, text=True)  # noqa: S603
            found = json.loads(done.stdout)
            if found["gap"] > CLOSE:
                raise AssertionError(f"contributions do not add up to the score: {found['gap']}")
            what = f"score, class and contributions of {PROVINCE:,} firms, {way}"
            told.append(at_most(f"{what}, {os.cpu_count()} cores", found["seconds"], "s", 90))
            told.append(at_most(f"{what}, peak memory", found["gigabytes"], "GB", 8))
    return told
