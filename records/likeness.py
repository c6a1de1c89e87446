"""How much a bureau's column is like one of ours: by its name, and by the look of its values."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from records import cells, dates, identity, numbers
from records.schema import Column

LIKELY = 0.6  # a likeness from which a name is taken for ours
MARKS = ",，;；、|/"
"""What codes may be joined by, the likeliest first."""


@cache
def words() -> dict[str, Any]:
    """What bureaux call our columns and values (drafting.yaml)."""
    text = Path(__file__).with_name("drafting.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@dataclass(frozen=True)
class Likeness:
    """A guess that their column is ours: 0 to 1, by name and by value (None where all fit)."""

    name: float
    value: float | None
    why: str
    empty: bool = False

    @property
    def score(self) -> float:
        return self.name if self.value is None else 0.7 * self.name + 0.3 * self.value

    @property
    def rank(self) -> float:
        """The score, an empty column behind any that has values."""
        return self.score / 2 if self.empty else self.score


def likeness(theirs: str, values: pd.Series, column: Column, table: str) -> Likeness | None:
    """How much a column is like ours, or None if it is not.

    Parameters
    ----------
    values : a sample of the column, nulls left out; an empty sample speaks neither way.
    """
    best, called = named(theirs, names(column, table))
    shape = looks(values, column, table)
    if shape is not None and shape < 0.5:
        return None
    if shape is not None and (column.name == "entity_id" or column.allowed) and best < LIKELY:
        # Codes with a true check digit, or words we know, speak for themselves.
        return Likeness(best, shape, f"{shape:.0%} of the values fit") if shape > 0.8 else None
    if best < LIKELY:
        return None
    why = f"known as {called!r}" if best > 0.95 else f"like {called!r}"
    if values.empty:
        return Likeness(best, None, f"{why}, but it is empty here", empty=True)
    return Likeness(best, shape, why if shape is None else f"{why}, {shape:.0%} of the values fit")


def names(column: Column, table: str) -> list[str]:
    """What a column may be called, the surest first."""
    known = words()["columns"]
    called = known.get(table, {}).get(column.name, []) + known["common"].get(column.name, [])
    return [column.name, re.sub(r"\(.*\)", "", column.zh), *called, column.en]


def named(theirs: str, known: Iterable[str]) -> tuple[float, str]:
    """The likeness of a name to the nearest of some names, and which it is."""
    wanted, best = plain(theirs), (0.0, "")
    for place, name in enumerate(known):
        ours = plain(name)
        if wanted == ours:
            score = 1.0 - place / 1000
        elif min(len(wanted), len(ours)) >= (2 if _is_zh(ours) else 4) and (
            wanted in ours or ours in wanted
        ):
            score = 0.6 + 0.3 * min(len(wanted), len(ours)) / max(len(wanted), len(ours))
        else:
            score = 0.75 * difflib.SequenceMatcher(None, wanted, ours, autojunk=False).ratio()
        best = max(best, (score, name), key=lambda pair: pair[0])
    return best


def plain(name: str) -> str:
    """A name without width, case, brackets' contents, punctuation: 罚款金额（万元） → 罚款金额."""
    text = re.sub(r"\(.*?\)", "", unicodedata.normalize("NFKC", name)).lower()
    return "".join(letter for letter in text if letter.isalnum())


def looks(values: pd.Series, column: Column, table: str) -> float | None:
    """The share of values that fit our column; None where any text would.

    Words that say there is no value speak neither way.
    """
    raw = cells.column(values).drop_null()
    if column.kind != "text":
        nothing = pc.is_in(cells.spelled(raw), pa.array(words()["nulls"]))
        raw = raw.filter(pc.invert(nothing))
    if not len(raw):
        return None
    if column.name == "entity_id":
        codes = identity.repair(pd.Series(cells.spelled(raw), dtype="str"))
        valid = float(identity.valid_uscc(codes).mean())
        return valid if valid > 0.5 else None  # an opaque id may look like anything
    if column.allowed:
        known = {*column.allowed, *value_words(column, table)}
        return _share(pa.array([_is_code(text, known) for text in cells.spelled(raw).to_pylist()]))
    match column.kind:
        case "text":
            return None
        case "date":
            return _share(pc.is_valid(dates.days(raw, [*words()["dates"], dates.EXCEL])))
        case "flag":
            return _share(pc.is_valid(numbers.truths(raw)))
        case "fen":
            return _share(pc.or_(pc.is_valid(numbers.money(raw)), pc.is_valid(numbers.real(raw))))
    return _share(pc.is_valid(numbers.real(raw)))


def _is_code(text: str, known: set[str]) -> bool:
    """Whether a text is a known code, or several that are joined."""
    return text in known or all(part.strip() in known for part in re.split(f"[{MARKS}]", text))


def _share(found: pa.Array) -> float:
    return float(pc.mean(pc.cast(found, pa.float64())).as_py())


def value_words(column: Column, table: str) -> Mapping[str, str]:
    """Known words for a column's allowed values, those of its declaration among them."""
    declared = dict(zip(column.words, column.allowed, strict=True))
    found: dict[str, str] = words()["values"].get(f"{table}.{column.name}", {})
    return declared | found


def is_personal(theirs: str) -> bool:
    """Whether a column is named like one that holds a person's data."""
    return any(plain(word) in plain(theirs) for word in words()["personal"])


def _is_zh(text: str) -> bool:
    return any("一" <= letter <= "鿿" for letter in text)
