"""The provinces that the engine of indicators is measured on: made once, kept, used again.

HOME/bench/provinces/<enterprises>-<seed>/    a store, compacted; whole or absent

A store made elsewhere may stand there, or a link to it. Twenty records a firm: fifteen months of
inspections and one more year of other records, with all the dirt of a synthetic province.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from records import maintenance
from records.console import bar
from records.intake import ingest
from records.places import home
from records.province import Parameters, generate, record_files
from records.province.folder import put, unfinished
from records.store import Snapshot, Store

MONTHS, HISTORY_YEARS = 15, 1


def province(enterprises: int, seed: int) -> Path:
    """The folder of a province's store, which is made if it is not there; that takes a while."""
    path = home() / "bench" / "provinces" / f"{enterprises}-{seed}"
    if not path.exists():
        with unfinished(path) as begun, bar(f"{enterprises:,} enterprises") as progress:
            _make(begun, enterprises, seed, progress)
            put(begun / "store", path, begun)
    return path


def records_of(store: str | Path) -> Snapshot:
    """What a store holds."""
    return Store.open(Path(store)).snapshot()


def _make(folder: Path, enterprises: int, seed: int, progress: Callable[..., None]) -> None:
    parameters = Parameters.load().model_copy(update={"history_years": HISTORY_YEARS})
    province = folder / "work" / "province"  # `folder` itself is locked while it is unfinished
    generate(
        province,
        enterprises=enterprises,
        months=MONTHS,
        seed=seed,
        parameters=parameters,
        progress=lambda done, of: progress(done, of, "generated"),
    )
    store = Store.create(folder / "store")
    files = record_files(province)
    for at, file in enumerate(files):
        progress(at, len(files), f"{file.stem} taken in")
        ingest(store, file.stem, file)
        maintenance.compact(store, file.stem, keep_days=0)
