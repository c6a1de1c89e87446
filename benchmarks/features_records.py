"""The provinces that the engine of indicators is measured on: made once, kept, used again.

HOME/bench/provinces/<enterprises>-<seed>/    a store, compacted; whole or absent

A store made elsewhere may stand there, or a link to it. Twenty records a firm: fifteen months of
inspections and one more year of other records, with all the dirt of a synthetic province.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq

from records import maintenance
from records.console import bar
from records.intake import ingest
from records.places import home
from records.province import Parameters, generate
from records.store import Snapshot, Store

MONTHS, HISTORY_YEARS = 15, 1


def province(enterprises: int, seed: int) -> Path:
    """The folder of a province's store, which is made if it is not there; that takes a while."""
    path = home() / "bench" / "provinces" / f"{enterprises}-{seed}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with _beside(path) as begun, bar(f"{enterprises:,} enterprises") as progress:
            _make(begun, enterprises, seed, progress)
            (begun / "store").rename(path)
    return path


def records_of(store: str | Path) -> Snapshot:
    """What a store holds."""
    return Store.open(Path(store)).snapshot()


def _make(folder: Path, enterprises: int, seed: int, progress: Callable[..., None]) -> None:
    parameters = Parameters.load().model_copy(update={"history_years": HISTORY_YEARS})
    generate(
        folder / "province",
        enterprises=enterprises,
        months=MONTHS,
        seed=seed,
        parameters=parameters,
        progress=lambda done, of: progress(done, of, "generated"),
    )
    store = Store.create(folder / "store")
    files = sorted((folder / "province" / "records").glob("*.parquet"))
    for at, file in enumerate(files):
        progress(at, len(files), f"{file.stem} taken in")
        if pq.read_metadata(file).num_rows:  # a small province may lack what is rare
            ingest(store, file.stem, file)
            maintenance.compact(store, file.stem, keep_days=0)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A folder to work in on the same disk; what a killed run left there is swept first."""
    folder = path.with_name(f"{path.name}.partial")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
