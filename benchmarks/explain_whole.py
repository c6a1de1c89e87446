"""A province scored, classified and explained in a process of its own, for its peak of memory.

python -m benchmarks.explain_whole MODEL.txt ROWS SEED [path]
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.explain_data import table
from models.background import SIZE, Background
from models.kernel import Kernel

SHARES = [0.73, 0.92, 0.97]
"""Where the classes B, C and D begin."""


def main(model: str, rows: int, seed: int, *, path: bool) -> dict[str, float]:
    """Seconds for scores, classes and contributions of all rows, and what checks them."""
    text = Path(model).read_text("utf-8")
    values = table(rows, seed + 1)
    against = None if path else Background.alike(table(SIZE, seed + 2))
    Kernel(text, against).explain(values[:10])  # compiles
    begun = time.perf_counter()
    kernel = Kernel(text, against)
    made = time.perf_counter()
    told = kernel.explain(values)
    cuts = np.quantile(told.score[:100_000], SHARES)
    classes = np.searchsorted(cuts, told.score, side="right").astype(np.int8)
    done = time.perf_counter()
    gap = max(
        float(np.abs(told.base + part.sum(axis=1) - score).max())
        for part, score in zip(
            np.array_split(told.contributions, 50), np.array_split(told.score, 50), strict=True
        )
    )
    return {
        "seconds": done - begun,
        "making": made - begun,
        "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "gap": gap,
        "class_d": float((classes == 3).mean()),
    }


if __name__ == "__main__":
    found = main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), path="path" in sys.argv[4:])
    sys.stdout.write(json.dumps(found) + "\n")
