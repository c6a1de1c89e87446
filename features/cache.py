"""Indicator tables on disk, each under a name made of what it was made from.

    HOME/features/<name>/<part>.parquet     ranges of firms, in order; whole or absent
    HOME/features/<name>/table.json         written last: what the table is, and its parts

A table that is there is not computed again, and one that was cut off goes on after its last
part. Nothing in it depends on when or where it was made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from features.catalogue import Catalogue
from features.spine import Spine
from records.files import fingerprint, replacing, write_json
from records.places import home
from records.store import Snapshot

FORMAT = 1
"""Counts the meanings of the same declarations; another meaning makes another name."""


@dataclass(frozen=True)
class Folder:
    """Where a table lies or comes to lie."""

    path: Path
    about: Mapping[str, str]

    @property
    def whole(self) -> bool:
        return (self.path / "table.json").is_file()

    @property
    def parts(self) -> tuple[Path, ...]:
        """The table's files, in the order of its rows."""
        return tuple(self.path / name for name in self._stated()["parts"])

    @property
    def absent(self) -> Mapping[str, Sequence[str]]:
        """Indicators that no record could speak of, by the table that was absent."""
        found: Mapping[str, Sequence[str]] = self._stated()["absent"]
        return found

    def part(self, spine: Spine) -> Path:
        """The file of a range of firms."""
        return self.path / f"{spine.hash[:32]}.parquet"

    def finish(self, ranges: Sequence[Spine], absent: Mapping[str, Sequence[str]]) -> None:
        """Declare the table whole."""
        parts = [self.part(one).name for one in ranges]
        write_json(self.path / "table.json", {**self.about, "parts": parts, "absent": absent})

    def _stated(self) -> Any:
        return json.loads((self.path / "table.json").read_bytes())


def folder(
    records: Snapshot, spine: Spine, catalogue: Catalogue, engine: str, within: Path | None = None
) -> Folder:
    """The folder of the table that these make; `within` another folder than home."""
    name = fingerprint([FORMAT, records.id, catalogue.hash, spine.hash, engine])
    days = spine.days
    about = {
        "snapshot": records.id,
        "catalogue_version": catalogue.version,
        "catalogue_hash": catalogue.hash,
        "as_of": str(days[0]) if len(days) == 1 else f"{days[0]}..{days[-1]}",
    }
    return Folder((within or home()) / "features" / name[:32], about)


def rows_of(parts: Sequence[Path]) -> Iterator[pa.Table]:
    """The rows of a table's files in order, a few at a time, all of one schema."""
    given = pq.read_schema(parts[0])
    # A writer calls a column that has no nulls in one part `not null` there.
    schema = pa.schema([part.with_nullable(True) for part in given], given.metadata)
    for part in parts:
        file = pq.ParquetFile(part)
        for group in range(file.num_row_groups):
            yield file.read_row_group(group).replace_schema_metadata(given.metadata).cast(schema)


def between(parts: Sequence[Path], first: str, last: str) -> pa.Table:
    """The rows of a range of firms in a table's files, in order."""
    schema = pa.schema([part.with_nullable(True) for part in pq.read_schema(parts[0])])
    rows = ds.dataset([str(part) for part in parts], schema=schema)
    firm = ds.field("entity_id")
    return rows.to_table(filter=(firm >= first) & (firm <= last))


def joined(parts: Sequence[Path], path: Path) -> None:
    """Several files as one, with the first one's metadata; equal parts give equal bytes."""
    rows = rows_of(parts)
    first = next(rows)
    with (
        replacing(path) as temporary,
        pq.ParquetWriter(temporary, first.schema, compression="zstd") as to,
    ):
        for some in chain([first], rows):
            to.write_table(some)
