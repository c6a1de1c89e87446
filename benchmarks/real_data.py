"""Where real regulators' records lie; they are read from there and never copied."""

from __future__ import annotations

import os
from pathlib import Path

from records.errors import NotFound

BESIDE = Path(__file__).parents[2] / "shared" / "real"


def folder(city: str) -> Path:
    """The files of `beijing` or `chicago`: in `XINFEN_REAL`, or `../shared/real` beside us.

    Raises
    ------
    NotFound : the files are not there.
    """
    found = Path(os.environ.get("XINFEN_REAL", BESIDE)) / city
    if not found.is_dir():
        raise NotFound(
            f"no real records at {found}",
            hint=f"set XINFEN_REAL to the folder that holds {city}/; nothing else needs it",
        )
    return found
