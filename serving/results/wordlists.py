"""The words of a run as numbers: Arrow's columns made the arrays that `packing` reads.

A run's firms share few words (steps, classes, rules, tables, sources); each stands once in the
run's lists, which are kept with its frozen model.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from models.policy import CLASSES, STEPS
from records.errors import BadInput
from serving.results import packing
from serving.results.packing import NO_DAY, NO_ID, Records, Steps
from serving.runs.runchecks import HINT

Ints = npt.NDArray[np.int64]
Origin = tuple[str | None, str | None]


@dataclass
class Wordlists:
    """Grows while a run is loaded; a word keeps its number.

    `origins` are (table, source).
    """

    words: dict[str, int] = field(default_factory=lambda: _numbered([*STEPS, *CLASSES]))
    origins: dict[Origin, int] = field(default_factory=dict)

    def steps(self, steps: pa.ListArray) -> Steps:
        """The column `steps` of classes.parquet; a firm without them has none."""
        rows = steps.values
        names = {name: rows.field(name) for name in rows.type.names}
        numbers = {name: self._codes(names[name]) for name in ("step", "class", "rule")}
        for name in numbers:
            if numbers[name].max(initial=-1) >= NO_ID:
                raise BadInput(f"more than {NO_ID:,} words of {name} in a run", hint=HINT)
        days = {name: _days(names[name]) for name in ("since", "until")}
        return Steps(
            _first(steps), numbers["step"], numbers["class"], numbers["rule"],
            self._codes(names["given"]),
            pc.fill_null(names["months"], NO_DAY).to_numpy(zero_copy_only=False),
            names["margin"].to_numpy(zero_copy_only=False),
            days["since"], days["until"], self.records(names["records"]),
        )  # fmt: skip

    def records(self, lists: pa.ListArray) -> Records:
        """A column of lists of records.

        Raises
        ------
        BadInput : a list or a record is null, or an id is longer than a record's can be.
        """
        rows = lists.values
        if lists.null_count or rows.null_count:
            raise BadInput("a list of records, or one of them, is null", hint=HINT)
        ids = rows.field("source_id")
        longest = pc.max(pc.binary_length(ids)).as_py() or 0
        if longest >= NO_ID:
            raise BadInput(
                "the id of a record is too long", found=f"{longest} bytes",
                allowed=f"fewer than {NO_ID}", hint=HINT,
            )  # fmt: skip
        ends, text = _text(ids)
        return Records(
            _first(lists), self._origins(rows), _days(rows.field("event_time")),
            pc.is_valid(ids).to_numpy(zero_copy_only=False).view(np.uint8), ends, text,
        )  # fmt: skip

    def _codes(self, column: pa.Array) -> Ints:
        """The numbers of a column's words; -1: null."""
        coded = column.dictionary_encode()
        words = coded.dictionary.to_pylist()
        numbers = [self.words.setdefault(word, len(self.words)) for word in words]
        return _taken(coded, numbers)

    def _origins(self, rows: pa.StructArray) -> Ints:
        coded = [rows.field(name).dictionary_encode() for name in ("table", "source")]
        words = [[*one.dictionary.to_pylist(), None] for one in coded]
        places = [_taken(one, list(range(len(one.dictionary)))) for one in coded]
        width = len(words[1])
        both = places[0] % len(words[0]) * width + places[1] % width
        pairs, where = np.unique(both, return_inverse=True)
        named = [(words[0][pair // width], words[1][pair % width]) for pair in pairs.tolist()]
        numbers = [self.origins.setdefault(one, len(self.origins)) for one in named]
        return np.array(numbers, np.int64)[where]


def _numbered(words: list[str]) -> dict[str, int]:
    return {word: number for number, word in enumerate(dict.fromkeys(words))}


def _taken(coded: pa.DictionaryArray, numbers: list[int]) -> Ints:
    """A number for each row by its word; -1: null."""
    places = coded.indices.fill_null(len(numbers)).to_numpy(zero_copy_only=False)
    taken: Ints = np.array([*numbers, -1], np.int64)[places]
    return taken


def _first(lists: pa.ListArray) -> Ints:
    """Where each list begins among `lists.values`, and where the last ends."""
    first: Ints = lists.offsets.to_numpy().astype(np.int64)
    return first


def _days(column: pa.Array) -> Ints:
    days = column.cast(pa.int32()).fill_null(NO_DAY).to_numpy(zero_copy_only=False)
    counted: Ints = days.astype(np.int64)
    return counted


def _text(column: pa.StringArray) -> tuple[Ints, packing.Bytes]:
    """Where each text begins among the bytes of all, where the last ends, and the bytes."""
    _, ends, text = column.buffers()
    if not len(column) or text is None:
        return np.zeros(len(column) + 1, np.int64), np.empty(0, np.uint8)
    whole = np.frombuffer(ends, np.int32)[column.offset : column.offset + len(column) + 1]
    return whole.astype(np.int64), np.frombuffer(text, np.uint8)
