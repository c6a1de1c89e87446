"""Numba, asked in one way: machine code kept on disk where there is a place for it.

Beside the module if that folder can be written, else in the user's cache, else not at all:
a read-only installation compiles again in each process, in some seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """A function of arrays and numbers as machine code, compiled at its first call.

    It lets other threads run; sums keep the order they are written in, to the bit.
    """
    return _made(function, nogil=True)


def brief(function: Callable[P, R]) -> Callable[P, R]:
    """The same of one that takes microseconds, while which other threads wait.

    On a busy service a thread that lets others run waits longer for its next turn than that.
    """
    return _made(function, nogil=False)


def _made(function: Callable[P, R], nogil: bool) -> Callable[P, R]:
    try:
        made = numba.njit(function, cache=True, nogil=nogil)
    except RuntimeError:  # no place for the cache
        made = numba.njit(function, nogil=nogil)
    return cast("Callable[P, R]", made)
