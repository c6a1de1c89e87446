"""Loops over bytes as machine code, for lists of millions: `sha256` and `jsonlines` are made of it.

Kept on disk beside the module where that folder can be written, else in the user's cache, else
compiled again in each process, in some seconds. Short lists never import it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """A function of arrays and numbers, compiled at its first call; it lets other threads run."""
    try:
        made = numba.njit(function, cache=True, nogil=True)
    except RuntimeError:  # no place for the cache
        made = numba.njit(function, nogil=True)
    return cast("Callable[P, R]", made)
