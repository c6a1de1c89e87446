"""What the columns of a bureau's file seem to be: which of ours, in what unit, joined by what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from records import cells, dates, forms, kinds, likeness, numbers
from records.likeness import MARKS, Likeness, words
from records.schema import Column, Table
from records.texts import bare

IDENTITY = ("source", "source_id")
SERIAL = r"^[2-6][0-9]{4}$"
"""A day as Excel counts it, from 1954 to 2091."""

NUMBER = rf"^(?:{forms.IDENTITY}|[A-Za-z]?[0-9]{{6,18}}[0-9A-Za-z]?|[0-9A-Z]{{18}})$"
"""An identity number, a passport's, or a credit code of a corporate shareholder."""

LARGE = 1_000_000
"""An amount so large in 万元 is probably one in 元."""


@dataclass(frozen=True)
class Guess:
    """Their column for ours, and why; `values` is a sample of it as texts, nulls left out."""

    ours: Column
    theirs: str
    like: Likeness
    values: pa.Array
    gaps: bool


def matched(sample: pd.DataFrame, rules: Table) -> dict[str, Guess]:
    """Ours → theirs, the best likeness first, each column once; in the table's order."""
    order = {column.name: place for place, column in enumerate(rules.columns)}
    offers = []
    for place, theirs in enumerate(sample.columns):
        values = sample[theirs].dropna()
        for column in rules.columns:
            if column.name in IDENTITY or not _may_hold(theirs, column, rules):
                continue
            like = likeness.likeness(theirs, values, column, rules.name)
            if like is not None:
                named = column.form == "person" and holds(_texts(values)) == "names"
                rank = like.rank / 2 if named else like.rank  # numbers before names of the same
                offers.append((-rank, order[column.name], place, column, theirs, like))
    found: dict[str, Guess] = {}
    taken: set[str] = set()
    for *_, column, theirs, like in sorted(offers, key=lambda offer: offer[:3]):
        if column.name not in found and theirs not in taken:
            values = _texts(sample[theirs])
            gaps = len(values) < len(sample)
            found[column.name] = Guess(column, theirs, like, values, gaps)
            taken.add(theirs)
    return dict(sorted(found.items(), key=lambda item: order[item[0]]))


def _texts(values: pd.Series) -> pa.Array:
    return cells.spelled(cells.column(values)).drop_null()


def _may_hold(theirs: str, column: Column, rules: Table) -> bool:
    """A person's data goes nowhere but into a hash, and a complainant's not even there."""
    if not likeness.is_personal(theirs):
        return True
    return column.form == "person" and rules.name != "complaints"


def unit(guess: Guess) -> tuple[str, str]:
    """The unit of an amount, `yuan`, `wan`, `own` (each names its own) or none, and why."""
    if guess.theirs in words()["wan"]:
        return "wan", "guess: the publicity system's amounts are in 万元"
    name = unicodedata.normalize("NFKC", guess.theirs)
    own = pc.match_substring_regex(guess.values, "元 *$|^ *[¥￥]")
    if len(own) and pc.all(own).as_py():
        return "own", "guess: each amount names its unit"
    if "万元" in name:
        return "wan", "guess: the header says 万元" + _doubt(guess.values)
    if re.search(r"(?<!亿)元", name):
        return "yuan", "guess: the header says 元"
    if re.search(r"[(（]分[)）]|:分", name):
        return "own", "guess: the header says 分, as ours"
    return "", "! in what unit is it? take it in with units: yuan or wan"


def _doubt(values: pa.Array) -> str:
    amounts = numbers.real(values).drop_null()
    half = pc.approximate_median(amounts).as_py() if len(amounts) else 0
    return f", ! but half of the amounts are above {LARGE:,}: are they 元?" if half > LARGE else ""


def holds(values: pa.Array) -> str:
    """What a column for a person holds: `numbers` to be hashed, `hashes`, or `names`."""
    texts = pa.array([bare(text) for text in values.to_pylist()], pa.string())
    if not len(texts):
        return "names"
    if _most(pc.match_substring_regex(texts, NUMBER)):
        return "numbers"
    return "hashes" if _most(pc.match_substring_regex(texts, "^[0-9a-fA-F]{16,64}$")) else "names"


def _most(found: pa.Array) -> bool:
    return bool(pc.mean(found.cast(pa.float64())).as_py() > 0.5)


def joined(guess: Guess, known: Mapping[str, str]) -> str:
    """The marks at which a column's joined codes are cut, or nothing where none are joined."""
    codes = {*known, *guess.ours.allowed}
    given = set(guess.values.to_pylist())
    marks = [mark for mark in MARKS if not any(mark in one for one in codes & given)]
    needed = {
        mark
        for text in given - codes
        for mark in marks
        if mark in text and {part.strip() for part in re.split(_any(marks), text)} <= codes
    }
    return "".join(mark for mark in MARKS if mark in needed)


def tokens(guess: Guess, marks: str) -> list[str]:
    """The distinct values of a column, cut where its codes are joined."""
    given = guess.values.unique().to_pylist()
    if marks:
        given = [part.strip() for text in given for part in re.split(_any(marks), text)]
    return sorted({part for part in given if part})


def _any(marks: str | list[str]) -> str:
    return f"[{re.escape(''.join(marks))}]"


def spellings(guesses: Mapping[str, Guess]) -> list[str]:
    """The spellings of days in the file beyond those always understood."""
    needed: list[str] = []
    for guess in guesses.values():
        left = guess.values if guess.ours.kind == "date" else guess.values[:0]
        if pc.any(pc.match_substring_regex(left, SERIAL)).as_py() and dates.EXCEL not in needed:
            needed.append(dates.EXCEL)
        for spelling in words()["dates"]:
            left = left.filter(dates.days(left, needed).is_null())
            if spelling not in needed and pc.any(dates.days(left, [spelling]).is_valid()).as_py():
                needed.append(spelling)
    return needed


def unread(guess: Guess, formats: list[str]) -> list[str]:
    """Distinct values of a column of days, numbers or truths that cannot be read as they are."""
    if guess.ours.kind == "text":
        return []
    values = guess.values.unique()
    if guess.ours.kind == "fen":
        units = "元", "万元", None
        amounts = values.to_pylist()
        return sorted(a for a in amounts if all(numbers.fen(a, one) is None for one in units))
    _, refused = kinds.typed(values, guess.ours, formats)
    return sorted(values.filter(pa.array(refused)).to_pylist())


def key(
    frame: pd.DataFrame, rules: Table, guesses: Mapping[str, Guess]
) -> tuple[tuple[str, ...], int]:
    """The columns that together name a row, and how many rows share theirs with another.

    A firm alone names a row of the register only: its second penalty is no version of its first.
    """
    usable = [
        name
        for name in frame.columns
        if frame[name].notna().all()
        and not likeness.is_personal(name)
        and not set("{}") & set(name)
    ]
    ids = [*likeness.names(rules.by_name["source_id"], rules.name), "决定书文号", "penDecNo"]
    alone = [name for name in usable if likeness.named(name, ids)[0] > 0.85]
    firms = [name for name in usable if _tells_firms(name, frame, guesses)]
    others = [guess.theirs for guess in guesses.values() if guess.theirs in usable]
    others = [name for name in others if name not in firms][:8]
    sizes = (0, 1, 2) if rules.name == "enterprises" or not others else (1, 2)
    keys: list[tuple[str, ...]] = [(name,) for name in alone]
    keys += [
        (firm, *rest) for size in sizes for rest in combinations(others, size) for firm in firms
    ]
    best: tuple[str, ...] = ()
    same = len(frame)
    for candidate in keys:
        repeated = int(frame.duplicated(list(candidate)).sum())
        if repeated < same:
            best, same = candidate, repeated
        if not repeated:
            break
    return best, same


def numbers_rows(values: pd.Series) -> bool:
    """Whether a column counts the rows of its file from 1 on."""
    counted: list[int | None] = numbers.whole(cells.column(values)).to_pylist()
    return counted == list(range(1, len(values) + 1))


def _tells_firms(theirs: str, frame: pd.DataFrame, guesses: Mapping[str, Guess]) -> bool:
    """Whether a column names the firm, or is left over and has a value for every few rows."""
    if "entity_id" in guesses and guesses["entity_id"].theirs == theirs:
        return True
    mapped = {guess.theirs for guess in guesses.values()}
    return theirs not in mapped and 3 * frame[theirs].nunique() >= len(frame)
