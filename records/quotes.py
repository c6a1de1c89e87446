"""Whether the quotes of a CSV say one thing only.

A quote is plain where it opens a field or closes one (`""` inside is both). Arrow 25 reads
anything else without a word: text behind a closing quote joins the field, and a quote that is
never closed swallows every row after it. It also misses separators among long values beside a
NUL. Files that are not plain are for Python's parser, which refuses what cannot be told.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

BLOCK = 1 << 19
"""Bytes looked at at once; few enough for the processor's cache."""

BOM = b"\xef\xbb\xbf"
_QUOTE, _LINE = ord('"'), ord("\n")
_EDGE = np.zeros(256, dtype=bool)
_EDGE[[ord(letter) for letter in ',"\r\n']] = True


def are_plain(path: Path) -> bool:
    """Whether every quote of a file is plain, and no byte is NUL; one fast pass over the bytes."""
    inside, before = 0, _LINE
    with path.open("rb") as handle:
        block = handle.read(BLOCK).removeprefix(BOM)
        while block:
            after = handle.read(BLOCK)
            if b"\0" in block:
                return False
            letters = np.frombuffer(block, np.uint8)
            at = np.flatnonzero(letters == _QUOTE)
            if len(at):
                left = np.where(at > 0, letters[at - 1], before)
                beyond = after[0] if after else _LINE
                right = np.where(at + 1 < len(letters), letters[(at + 1) % len(letters)], beyond)
                if not (_EDGE[left[inside::2]].all() and _EDGE[right[1 - inside :: 2]].all()):
                    return False
                inside = (inside + len(at)) % 2
            before, block = block[-1], after
    return inside == 0
