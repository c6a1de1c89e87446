"""Feast beside us: its environment, what it is asked, and whether it answers right.

`python -m benchmarks.features_feast` makes the environment, HOME/bench/feast, from feast.txt
with pip; nothing else here installs anything.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measured import Measured, run
from features.clocks import ROW
from records.errors import NotPossible
from records.files import write_parquet
from records.places import home

WANTED = Path(__file__).with_name("feast.txt")
SIDE = Path(__file__).with_name("feast_side.py")
QUIET = {"FEAST_USAGE": "False"}
"""No telemetry, in whatever version."""


def python() -> Path:
    """The Python of Feast's environment."""
    return home() / "bench" / "feast" / "bin" / "python"


def set_up() -> None:
    """Make the environment anew.

    Raises
    ------
    NotPossible : pip could not install it; the error ends with what pip said.
    """
    folder = python().parent.parent
    venv.create(folder, clear=True, with_pip=True)
    install = [str(python()), "-m", "pip", "install", "--quiet", "-r", str(WANTED)]
    done = subprocess.run(install, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1]
        raise NotPossible("Feast cannot be installed here", found=said)


def lacking() -> str:
    """Why Feast cannot be asked, or nothing."""
    if not python().exists():
        return "no environment; `make feast` makes it"
    asked = [str(python()), "-I", "-c", "import feast"]
    done = subprocess.run(  # noqa: S603
        asked, capture_output=True, text=True, check=False, env=QUIET
    )
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


def asked_again(table: Path, folder: Path) -> Measured:
    """Feast asked for the values of a table of indicators, each row as of its own date.

    Raises
    ------
    AssertionError : it did not give the table's own values.
    """
    given = pq.read_table(table)
    names = [name.replace("-", "_") for name in given.column_names]  # it takes no hyphen
    moments = given["as_of"].cast(pa.timestamp("us", "UTC"))
    values = given.rename_columns(names).set_column(1, "as_of", moments)
    write_parquet(folder / "values.parquet", values)
    write_parquet(folder / "spine.parquet", values.select(ROW))
    out = folder / "answers.parquet"
    paths = [str(folder / "values.parquet"), str(folder / "spine.parquet"), str(out)]
    told = run([str(python()), "-I", str(SIDE), *paths], QUIET)
    answers = pq.read_table(out).rename_columns(["entity_id", "as_of", *names[2:]])
    _held_equal(answers.to_pandas(), values.to_pandas())
    return told


def _held_equal(answers: pd.DataFrame, values: pd.DataFrame) -> None:
    told = answers.sort_values(ROW, ignore_index=True)
    pd.testing.assert_frame_equal(told[values.columns], values, check_dtype=False)


if __name__ == "__main__":
    try:
        set_up()
    except NotPossible as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(1)
