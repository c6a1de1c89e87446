"""What can be searched for in a load, and which of its firms have it.

A term is a division, an industry, a class, a public grade, or two characters that follow each other
in a name.
Its firms are places (0, 1, 2 … by entity_id), kept as a list of 4 bytes each or as a bit for every
firm of the load, whichever is less. So the conditions of a search are put together as bits, its
count is exact, and the next page is the next bits: the same on any database.

A name of characters abc has ab, bc and c with an end. That a longer text stands in a name in one
piece is seen in the name itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bits = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

FILTERS = ("division", "industry", "risk_class")
"""What a search narrows by with one value each."""
KINDS = (*FILTERS, "public_grade")
"""Columns whose values are terms."""
NAME, END = "name", "\n"
CHUNK = 512
"""Firms whose names stand together."""


class Term(NamedTuple):
    """One row of `terms`."""

    kind: str
    term: str
    firms: int
    places: bytes


def normal(names: pa.Array) -> pa.Array:
    """Names as they are searched: full-width letters undone, small letters, one line each."""
    plain = pc.utf8_lower(pc.utf8_normalize(pc.fill_null(names, ""), "NFKC"))
    return pc.replace_substring_regex(plain, r"\s", " ")


def terms(firms: pa.Table, names: pa.Array) -> Iterator[Term]:
    """All terms of a load's firms; `names` are theirs as `normal` makes them."""
    count = firms.num_rows
    for kind in KINDS:
        coded = firms[kind].combine_chunks().dictionary_encode()
        codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.uint64)
        known = np.flatnonzero(coded.indices.is_valid().to_numpy(zero_copy_only=False))
        words = coded.dictionary.to_pylist()
        for code, firms_of, content in _by_key(codes[known], known, count):
            yield Term(kind, words[code], firms_of, content)
    letters, keys, where = _pairs(names)
    known_as, width = [chr(letter) for letter in letters], len(letters)
    for key, firms_of, content in _by_key(keys, where, count):
        yield Term(NAME, known_as[key // width] + known_as[key % width], firms_of, content)


def chunks(names: pa.Array) -> Iterator[tuple[int, bytes]]:
    """The rows of a shelf's `names`, of names as `normal` makes them."""
    for number, first in enumerate(range(0, len(names), CHUNK)):
        yield number, END.join(names.slice(first, CHUNK).to_pylist()).encode()


def unpacked(term_firms: int, content: bytes, count: int) -> Bits:
    """The bits of a term's firms."""
    if _listed(term_firms, count):
        return bits(np.frombuffer(content, "<u4").astype(np.int64), count)
    return np.frombuffer(content, np.uint8)


def bits(places: npt.NDArray[Any], count: int) -> Bits:
    """A bit for each of `count` firms, set at some places."""
    flags = np.zeros(count, np.bool_)
    flags[places] = True
    return np.packbits(flags, bitorder="little")


def between(first: int, last: int, count: int) -> Bits:
    """The bits of the firms from `first` up to `last`, that one left out."""
    flags = np.zeros(count, np.bool_)
    flags[first:last] = True
    return np.packbits(flags, bitorder="little")


def places(found: Bits, first: int = 0, most: int | None = None) -> Places:
    """The places that are set, from `first` on, `most` at most."""
    begin = first // 8
    step = len(found) if most is None else 4096
    told: list[Places] = []
    for at in range(begin, len(found), max(step, 1)):
        part = np.flatnonzero(np.unpackbits(found[at : at + step], bitorder="little")) + 8 * at
        told.append(part[part >= first])
        if most is not None and sum(map(len, told)) >= most:
            break
    joined: Places = np.concatenate(told) if told else np.empty(0, np.int64)
    return joined[:most]


def number(found: Bits) -> int:
    """How many places are set."""
    return int(np.bitwise_count(found).sum())


def _listed(firms: int, count: int) -> bool:
    """Whether so many of `count` firms take less room as a list than as bits."""
    return 4 * firms < -(-count // 8)


def _pairs(names: pa.Array) -> tuple[list[int], Keys, Places]:
    """The characters that occur, and of every two that follow each other a key and the place."""
    text = END.join([*names.to_pylist(), ""])
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    letters = np.flatnonzero(np.bincount(points))
    number_of = np.zeros(int(letters[-1]) + 1, np.uint32)
    number_of[letters] = np.arange(len(letters))
    coded = number_of[points]
    ends = points == ord(END)
    first = np.flatnonzero(~ends)
    keys = coded[first].astype(np.uint64)
    keys *= np.uint64(len(letters))
    keys += coded[first + 1]
    return letters.tolist(), keys, (np.cumsum(ends) - ends)[first]


def _by_key(keys: Keys, where: Places, count: int) -> Iterator[tuple[int, int, bytes]]:
    """Of each key, ascending, how many firms have it, and which, as a term keeps them."""
    if not len(keys):
        return
    width = np.uint64(max(count - 1, 1).bit_length())
    both = keys << width
    both |= where.astype(np.uint64)
    both.sort()
    both = both[np.append(True, both[1:] != both[:-1])]
    found = (both & ((np.uint64(1) << width) - np.uint64(1))).astype("<u4")
    both >>= width
    begins = np.flatnonzero(np.append(True, both[1:] != both[:-1]))
    lengths = np.diff(begins, append=len(both))
    content = memoryview(found.tobytes())
    for key, begin, length in zip(
        both[begins].tolist(), begins.tolist(), lengths.tolist(), strict=True
    ):
        if _listed(length, count):
            yield key, length, bytes(content[4 * begin : 4 * (begin + length)])
        else:
            yield key, length, bits(found[begin : begin + length], count).tobytes()
