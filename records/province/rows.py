"""Rows as they wait for the closing of the books: numbers alone, with a sign for what is absent.

Texts are made when the books are closed: until then a text is a code, and what follows from the
firm, the record's number or other columns is not kept at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from records.province.arrays import Flags, Index
from records.province.names import digits, hashes, numbered, offices
from records.province.registry import Firms

Column = npt.NDArray[Any]
NOBODY = -1
"""The place of no firm, the code of no text."""

DAY, WHOLE, CODE, REAL, FLAG = (np.dtype(kind) for kind in ("i4", "i8", "i4", "f8", "i1"))
ABSENT_DAY, ABSENT_WHOLE = np.iinfo(DAY).min, np.iinfo(WHOLE).min


@dataclass(frozen=True)
class Rows:
    """Rows of a table and whom they speak of; arrays of shape (n,).

    `own` holds the waiting columns by name; `entity` are the firms' codes, null where nobody has
    told which firm it is; `county` is a position in `counties()`. `firms` and `firm` are there for
    rows of a whole province, not for those of planned visits.
    """

    own: dict[str, Column]
    entity: pa.Array
    county: Index
    firms: Firms | None = None

    @classmethod
    def of(cls, own: dict[str, Column], firms: Firms) -> Rows:
        unknown = own["named"] == 0 if "named" in own else None
        entity = firms.codes.take(pa.array(own["firm"], mask=unknown))
        return cls(own, entity, firms.county[own["firm"]], firms)

    def __len__(self) -> int:
        return len(self.county)

    def __getitem__(self, name: str) -> Column:
        return self.own[name]

    @property
    def firm(self) -> Index:
        return np.asarray(self.own["firm"], np.int64)

    @property
    def number(self) -> Index:
        return np.asarray(self.own["number"], np.int64)

    @property
    def all(self) -> Firms:
        """The firms of the province."""
        if self.firms is None:
            raise LookupError("these rows are not of a whole province")
        return self.firms

    def year(self, name: str) -> Index:
        """Years of a column of days."""
        days = np.asarray(self.own[name]).astype("datetime64[D]")
        return np.asarray(days.astype("datetime64[Y]").astype(np.int64) + 1970)


@dataclass(frozen=True)
class Words:
    """A text from a short list: its place in the list waits."""

    words: tuple[str, ...]

    def made(self, codes: Column) -> pa.DictionaryArray:
        """The words at the codes; a negative code is null."""
        different = tuple(dict.fromkeys(self.words))  # a dictionary holds no word twice
        if len(different) < len(self.words):
            place = {word: at for at, word in enumerate(different)}
            codes = np.where(codes < 0, NOBODY, np.array([place[w] for w in self.words])[codes])
        places = pa.array(codes.astype(np.int32), mask=codes < 0)
        return pa.DictionaryArray.from_arrays(places, pa.array(different, pa.string()))

    def code(self, word: str) -> int:
        """The code of a word; ValueError if the list has no such word."""
        return self.words.index(word)


@dataclass(frozen=True)
class Coded:
    """A text made from a number that waits, such as a person's.

    A negative number is null, unless `always` something is said.
    """

    made: Callable[[Rows, Column], pa.Array]
    always: bool = False


@dataclass(frozen=True)
class Made:
    """A value of any kind that follows from the rest of the row; nothing waits."""

    made: Callable[[Rows], pa.Array]


Form = Words | Coded | Made


def hashed(salt: int) -> Coded:
    """A keyed hash of a number."""
    return Coded(lambda _, codes: hashes(codes.astype(np.int64), salt))


def named(prefix: str) -> Coded:
    """`RW-00000017`."""
    return Coded(lambda _, codes: numbered(prefix, codes.astype(np.int64)))


def listed(words: tuple[str, ...], codes: Index) -> pa.DictionaryArray:
    """Words at codes, for forms that are made of what else the row says."""
    return Words(words).made(codes)


def of_office(*kinds: str, column: str = "", where: Callable[[Rows], Flags] | None = None) -> Made:
    """An office of the firm's county: `呼兰区市场监督管理局`.

    `column` says which of the kinds; null where `where` does not hold.
    """
    words = offices(*kinds)

    def made(rows: Rows) -> pa.Array:
        which = rows[column].astype(np.int64) if column else 0
        codes = which * (len(words) // len(kinds)) + rows.county
        return listed(words, codes if where is None else np.where(where(rows), codes, NOBODY))

    return Made(made)


def document(head: str) -> Made:
    """The number of a paper: `（合成）市监罚〔2025〕00000017号`."""

    def made(rows: Rows) -> pa.Array:
        year = pc.cast(pa.array(rows.year("event_time")), pa.string())
        number = digits(rows.number)
        return pc.binary_join_element_wise(f"（合成）{head}〔", year, "〕", number, "号", "")

    return Made(made)


def day_of(values: Column) -> pa.Array:
    """Days as Arrow's, null where absent."""
    absent = values == ABSENT_DAY
    return pa.array(np.where(absent, 0, values).astype(np.int32), mask=absent).cast(pa.date32())
