"""What is fixed before any seed, written down to be committed: strata with their firms, and sizes.

Both follow from the lists and the plan. They are committed too, so that anybody can read before
the draw who is eligible and how many visits there will be, and so that the draw itself can be
checked by a program that knows nothing of limits and capacities.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa

from supervision.canonical import document, quoted, text
from supervision.draws.coded import placed
from supervision.draws.sizes import Sizes

STRATA, SIZES = "strata.jsonl", "sizes.json"


def strata(marked: pd.DataFrame, sized: Sizes) -> bytes:
    """strata.jsonl: a line a stratum, by name.

    `eligible` are the ids of the firms that the plan may draw, `others` those that only the slice
    may (a barred firm stands nowhere), both in the order of the list.
    """
    ids = quoted(marked["entity_id"], ",")
    free = ~marked["barred"].to_numpy()
    eligible = marked["eligible"].to_numpy()
    codes = placed(marked["stratum"], sized.strata["stratum"])
    able = _joined(ids, codes, eligible, len(sized.strata))
    others = _joined(ids, codes, free & ~eligible, len(sized.strata))
    lines = []
    for at, row in enumerate(sized.strata.to_dict("records")):
        fields = {
            "bureau": text(str(row["bureau"])),
            "counted": b"%d" % row["firms"],
            "eligible": b"[" + able[at] + b"]",
            "group": text(str(row["group"])),
            "others": b"[" + others[at] + b"]",
            "planned": b"%d" % row["planned"],
            "ratio": text(str(row["ratio"])),
            "stratum": text(str(row["stratum"])),
            "wanted": b"%d" % row["wanted"],
        }
        told = [b'"' + name.encode() + b'":' + value for name, value in fields.items()]
        lines.append(b"{" + b",".join(told) + b"}\n")
    return b"".join(lines)


def sizes(sized: Sizes) -> bytes:
    """sizes.json: N, S, R, F and T, and each bureau's exact part of S and T, such as `25/3`."""
    bureaus = {
        str(bureau): {"slice": str(part), "top_up": str(more)}
        for bureau, part, more in zip(
            sized.bureaus["bureau"], sized.slice_shares, sized.top_up_shares, strict=True
        )
    }
    named = {"firms": sized.firms, "slice": sized.slice, "recheck": sized.recheck,
             "floor": sized.floor, "top_up": sized.top_up, "bureaus": bureaus}  # fmt: skip
    return document(named) + b"\n"


def _joined(
    ids: pa.LargeStringArray, codes: np.ndarray, chosen: np.ndarray, count: int
) -> list[bytes]:
    """The chosen ids of each stratum; `ids` end in a comma, of which the last is left out."""
    at = np.flatnonzero(chosen)
    order = at[np.argsort(codes[at], kind="stable")]
    ends = np.concatenate([[0], np.cumsum(np.bincount(codes[at], minlength=count))])
    _, places, content = ids.take(pa.array(order)).buffers()
    bounds = pairwise(np.frombuffer(places, dtype=np.int64)[ends].tolist())
    told = memoryview(content or b"")
    return [bytes(told[first : end - 1]) if first < end else b"" for first, end in bounds]
