"""The encoding of a CSV, decided on the whole file.

A file is UTF-8 (with or without its mark) or GB18030. One bad byte in a UTF-8 file must not
make it GB18030, where nearly any pair of bytes is some character: a file that has been UTF-8
over its first letters is UTF-8, and the bad byte is named by its line.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from records.errors import BadInput

ENOUGH = 8
"""Letters beyond ASCII that are UTF-8 only by intent; a few bytes of GB18030 can be by chance."""


@dataclass(frozen=True)
class _BadByte:
    """The first byte that an encoding does not allow, its line (from 1), and what came before."""

    line: int
    found: str
    letters: int


def encoding_of(path: Path) -> str:
    """``utf8`` or ``gb18030``, such that every byte of the file can be read.

    Raises
    ------
    BadInput : neither; the first bad bytes are named with their lines.
    """
    with path.open("rb") as handle:
        begin = handle.read(200)
    if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or begin.count(0) > 50:
        raise broken(path, "UTF-16")
    if _is_utf8(path):
        return "utf8"
    utf8 = _first_bad(path, "utf-8")
    if utf8 is None:
        return "utf8"
    told = f"line {utf8.line} is not UTF-8 (byte {utf8.found})"
    if utf8.letters < ENOUGH:
        gb18030 = _first_bad(path, "gb18030")
        if gb18030 is None:
            return "gb18030"
        told += f", line {gb18030.line} is not GB18030 (byte {gb18030.found})"
    raise broken(path, told)


def _is_utf8(path: Path) -> bool:
    """Whether a file is UTF-8, at the speed of Arrow; without a line feed for long, perhaps not."""
    left = b""
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            begin, end = block.find(b"\n") + 1, block.rfind(b"\n") + 1
            if not (_are_letters(left + block[:begin]) and _are_letters(block, begin, end)):
                return False
            left = block[end:]
    return _are_letters(left)


def _are_letters(block: bytes, begin: int = 0, end: int | None = None) -> bool:
    ends = pa.py_buffer(np.array([begin, len(block) if end is None else end], np.int64))
    try:
        text = pa.Array.from_buffers(pa.large_string(), 1, [None, ends, pa.py_buffer(block)])
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _first_bad(path: Path, encoding: str) -> _BadByte | None:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line, letters = 1, 0
    with path.open("rb") as handle:
        while True:
            block = handle.read(1 << 20)
            try:
                decoded = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                before = bytes(error.object[: error.start])
                valid = before.decode(encoding, "ignore")
                return _BadByte(
                    line + before.count(b"\n"),
                    "0x" + bytes(error.object[error.start : error.end]).hex(),
                    letters + sum(not letter.isascii() for letter in valid),
                )
            if not block:
                return None
            line += block.count(b"\n")
            letters += 0 if decoded.isascii() else ENOUGH


def broken(path: Path, found: str, hint: str = "export it again as CSV UTF-8") -> BadInput:
    """A file that cannot be read as CSV, and why."""
    return BadInput(
        f"{path.name} is not readable as CSV",
        found=found.strip(),
        allowed="a header and comma-separated rows in UTF-8 or GB18030",
        hint=f"{hint}; nothing was stored",
    )
