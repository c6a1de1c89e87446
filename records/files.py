"""Files that are whole or absent, and the hashes that name their content."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import rfc8785


def canonical(value: Any) -> bytes:
    """The one JSON text of a value (RFC 8785), as bytes."""
    text: bytes = rfc8785.dumps(value)
    return text


def fingerprint(value: Any) -> str:
    """SHA-256 of the canonical JSON of a value, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place only if the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_json(path: Path, value: Any) -> None:
    """Write a value as canonical JSON with a final newline, atomically."""
    write_bytes(path, canonical(value) + b"\n")


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write a table as Parquet, atomically; equal tables give equal bytes."""
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


@contextmanager
def held(folder: Path, how: int = 0) -> Iterator[None]:
    """Hold a folder's lock for the length of the block; see `locked`."""
    handle = locked(folder, how)
    try:
        yield
    finally:
        os.close(handle)


def locked(folder: Path, how: int = 0) -> int:
    """A handle that holds the folder's lock until it is closed or its process ends.

    Raises
    ------
    BlockingIOError : somebody holds it, and `how` is `fcntl.LOCK_NB`; else the caller waits.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | how)
    except BlockingIOError:
        os.close(handle)
        raise
    return handle
