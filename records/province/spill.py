"""Rows that wait for the closing of the books: in memory up to a limit, on disk beyond it.

Rows are kept in blocks of record numbers, so that all versions of a record lie in one block and a
table can be closed block by block. A table's file has no name: it goes with the process, however
that ends.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np
import pyarrow as pa

BLOCK = 2**17
"""Record numbers in a block. It shapes the files that are written, so it is no setting."""

HELD = 256 * 2**20
"""Bytes of rows held in memory. It shapes nothing but the memory used."""

LZ4 = pa.ipc.IpcWriteOptions(compression="lz4")
Place = tuple[int, int]


class Spill:
    """Tables of rows with a column `number`; each block gives them back as they were put in.

    Parameters
    ----------
    folder : where the files lie; must exist.
    held : bytes to hold in memory; beyond them the largest table goes to disk.
    """

    def __init__(self, folder: Path, held: int = HELD) -> None:
        self.folder, self.limit = folder, held
        self.held: dict[str, list[pa.Table]] = {}
        self.bytes: dict[str, int] = {}
        self.files: dict[str, IO[bytes]] = {}
        self.places: dict[str, dict[int, list[Place]]] = {}
        self.open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.open.close()

    def put(self, table: str, rows: pa.Table) -> None:
        if not len(rows):
            return
        self.held.setdefault(table, []).append(rows)
        self.bytes[table] = self.bytes.get(table, 0) + rows.nbytes
        while sum(self.bytes.values()) > self.limit:
            self._write(max(self.bytes, key=self.bytes.__getitem__))

    def blocks(self, table: str) -> Iterator[tuple[int, pa.Table]]:
        """Every block that has rows, by number, its rows in the order in which they were put."""
        held: dict[int, pa.Table] = dict(self._split(table))
        places = self.places.pop(table, {})
        for block in sorted(held.keys() | places.keys()):
            parts = [self._read(table, place) for place in places.pop(block, [])]
            if block in held:
                parts.append(held.pop(block))
            yield block, pa.concat_tables(parts).combine_chunks()
        if table in self.files:
            self.files.pop(table).close()

    def _split(self, table: str) -> Iterator[tuple[int, pa.Table]]:
        """The rows held of a table, let go of, block by block."""
        self.bytes.pop(table, None)
        parts = self.held.pop(table, None)
        if not parts:
            return
        rows = pa.concat_tables(parts).combine_chunks()
        block = rows.column("number").to_numpy() // BLOCK
        order = np.argsort(block, kind="stable")
        found, first = np.unique(block[order], return_index=True)
        for name, at in zip(found.tolist(), np.split(order, first[1:]), strict=True):
            yield name, rows.take(pa.array(at))

    def _write(self, table: str) -> None:
        if table not in self.files:
            unnamed = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115 - the stack closes it
            self.files[table] = self.open.enter_context(unnamed)
        file, places = self.files[table], self.places.setdefault(table, {})
        for block, rows in self._split(table):
            start = file.seek(0, os.SEEK_END)
            with pa.ipc.new_stream(file, rows.schema, options=LZ4) as stream:
                stream.write_table(rows)
            places.setdefault(block, []).append((start, file.tell() - start))

    def _read(self, table: str, place: Place) -> pa.Table:
        file, (start, size) = self.files[table], place
        file.seek(start)
        return pa.ipc.open_stream(pa.py_buffer(file.read(size))).read_all()
