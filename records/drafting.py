"""A mapping file proposed for a bureau's file: guessed, said to be guessed, nothing hidden.

Every line that was guessed says why; every column of the file that is left out, and every column
of ours that is still missing, stands there as a comment. `# !` marks what a person must decide.
The draft loads as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import yaml

from records import cells, dates, likeness
from records.likeness import Likeness
from records.readers import read
from records.schema import Column, Table, declared

SAMPLE = 20_000  # rows whose values are looked at
IDENTITY = ("source", "source_id")


@dataclass(frozen=True)
class Guess:
    """Their column for ours, and why."""

    theirs: str
    like: Likeness


def draft(file: Path, table: str) -> str:
    """A mapping of a file to a record table as commented YAML.

    Raises
    ------
    NotFound : unknown table, or no such file.
    BadInput : the file cannot be read.
    """
    rules = declared(table)
    frame = read(file)
    frame.columns = [str(name) for name in frame.columns]
    sample = frame.head(SAMPLE)
    guesses = _matched(sample, rules)
    parts = [
        [
            f"# Drafted from {_said(file.name)}, {len(frame):,} rows. Check every line;",
            "# ! marks what a person must decide.",
            f"table: {rules.name}",
        ],
        _source(frame, rules, guesses),
        _columns(rules, guesses),
        _values(sample, rules, guesses),
        _dates(sample, rules, guesses),
        _known_time(guesses),
        _missing(rules, guesses),
        _left_out(sample, guesses),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _matched(sample: pd.DataFrame, rules: Table) -> dict[str, Guess]:
    """Ours → theirs, the best likeness first, each column once; in the table's order."""
    order = {column.name: place for place, column in enumerate(rules.columns)}
    offers = []
    for place, theirs in enumerate(sample.columns):
        if likeness.is_personal(theirs):
            continue
        values = sample[theirs].dropna()
        for column in rules.columns:
            like = (
                None
                if column.name in IDENTITY
                else likeness.likeness(theirs, values, column, rules.name)
            )
            if like is not None:
                offers.append((-like.rank, order[column.name], place, column.name, theirs, like))
    found: dict[str, Guess] = {}
    taken: set[str] = set()
    for *_, ours, theirs, like in sorted(offers, key=lambda offer: offer[:3]):
        if ours not in found and theirs not in taken:
            found[ours] = Guess(theirs, like)
            taken.add(theirs)
    return dict(sorted(found.items(), key=lambda item: order[item[0]]))


def _source(frame: pd.DataFrame, rules: Table, guesses: Mapping[str, Guess]) -> list[str]:
    name, why = "请填写来源部门", "! who sent the file"
    for theirs in frame.columns:
        score, _ = likeness.named(theirs, likeness.names(rules.by_name["source"], rules.name))
        given = frame[theirs].dropna().astype("str").unique()
        if score >= likeness.LIKELY and len(given) == 1:
            name, why = given[0], f"guess: the one value of {_said(theirs)}"
            break
    template, said = _identity(frame, rules, guesses)
    return ["source:", f"  name: {_quoted(name)}  # {why}", f"  id: {_quoted(template)}  # {said}"]


def _identity(frame: pd.DataFrame, rules: Table, guesses: Mapping[str, Guess]) -> tuple[str, str]:
    """A template that names each row, and what speaks for it."""
    usable = [
        name
        for name in frame.columns
        if frame[name].notna().all()
        and not likeness.is_personal(name)
        and not set("{}") & set(name)
    ]
    numbers = [*likeness.names(rules.by_name["source_id"], rules.name), "决定书文号", "penDecNo"]
    alone = [name for name in usable if likeness.named(name, numbers)[0] > 0.85]
    firms = [name for name in usable if _tells_firms(name, frame, guesses)]
    others = [guess.theirs for guess in guesses.values() if guess.theirs in usable]
    others = [name for name in others if name not in firms][:8]
    keys: list[tuple[str, ...]] = [(name,) for name in alone]
    keys += [
        (firm, *rest) for size in (0, 1, 2) for rest in combinations(others, size) for firm in firms
    ]
    best: tuple[str, ...] = ()
    same = len(frame)
    for key in keys:
        repeated = int(frame.duplicated(list(key)).sum())
        if repeated < same:
            best, same = key, repeated
        if not repeated:
            break
    if not best:
        return "{row}", "! no column names a row; row numbers do not hold from file to file"
    template = "/".join(f"{{{name}}}" for name in best)
    if same:
        return template, f"! ids that repeat ({same:,} rows) would be versions of one record"
    return template, "guess: different in every row"


def _tells_firms(theirs: str, frame: pd.DataFrame, guesses: Mapping[str, Guess]) -> bool:
    """Whether a column names the firm, or is left over and has a value for every few rows."""
    if "entity_id" in guesses and guesses["entity_id"].theirs == theirs:
        return True
    mapped = {guess.theirs for guess in guesses.values()}
    return theirs not in mapped and 3 * frame[theirs].nunique() >= len(frame)


def _columns(rules: Table, guesses: Mapping[str, Guess]) -> list[str]:
    if not guesses:
        return ["columns: {}  # ! no column of the file is like one of ours"]
    lines = []
    for ours, guess in guesses.items():
        unit = (
            "; ! ours counts 分: in what unit is it here?"
            if rules.by_name[ours].kind == "fen"
            else ""
        )
        lines.append(f"  {ours}: {_quoted(guess.theirs)}  # guess: {_said(guess.like.why)}{unit}")
    return ["columns:  # ours: theirs", *lines]


def _values(sample: pd.DataFrame, rules: Table, guesses: Mapping[str, Guess]) -> list[str]:
    lines = []
    for ours, guess in guesses.items():
        column = rules.by_name[ours]
        if not column.allowed:
            continue
        known = likeness.value_words(column, rules.name)
        given = sorted(set(sample[guess.theirs].dropna().astype("str").str.strip()))
        lines += [f"  {ours}:", *(_value(word, column, known) for word in given)]
    return ["values:", *lines] if lines else []


def _value(word: str, column: Column, known: Mapping[str, str]) -> str:
    if word in known:
        return f"    {_quoted(word)}: {known[word]}  # guess"
    if word in column.allowed:
        return f"    {_quoted(word)}: {word}"
    return f"    # {_said(word)}:  # ! one of {', '.join(column.allowed)}"


def _dates(sample: pd.DataFrame, rules: Table, guesses: Mapping[str, Guess]) -> list[str]:
    """The spellings of dates beyond those always understood."""
    needed: list[str] = []
    for ours, guess in guesses.items():
        if rules.by_name[ours].kind != "date":
            continue
        left = cells.spelled(cells.column(sample[guess.theirs]))
        for spelling in likeness.words()["dates"]:
            left = left.filter(dates.days(left, needed).is_null()).drop_null()
            if pc.any(dates.days(left, [spelling]).is_valid()).as_py():
                needed.append(spelling)
    if not needed:
        return []
    either = {"%m/%d/%Y", "%d/%m/%Y"} & set(needed)
    said = "! is 01/02/2024 in January or in February?" if either else "guess: found in the file"
    return [f"dates: [{', '.join(_quoted(spelling) for spelling in needed)}]  # {said}"]


def _known_time(guesses: Mapping[str, Guess]) -> list[str]:
    if "known_time" in guesses:
        return []
    line = "known_time: {after: event_time, days: 7}"
    if "event_time" in guesses:
        return [f"{line}  # ! how long after the event could the bureau know?"]
    return [f"# {line}  # ! needs an event_time first"]


def _missing(rules: Table, guesses: Mapping[str, Guess]) -> list[str]:
    """Our columns without one of theirs: what is required first."""
    lines = []
    for column in sorted(rules.columns, key=lambda column: not rules.requires(column)):
        derived = column.name == "known_time" and "event_time" in guesses
        if column.name in (*guesses, *IDENTITY) or derived:
            continue
        mark = "! required" if rules.requires(column) else "optional"
        allowed = f", one of {', '.join(column.allowed)}" if column.allowed else ""
        lines.append(f"#   {column.name}: {mark}, {column.zh} {column.en}{allowed}")
    head = "# Ours without a column; give constants: {name: value}, or leave:"
    return [head, *lines] if lines else []


def _left_out(sample: pd.DataFrame, guesses: Mapping[str, Guess]) -> list[str]:
    """Their columns that are mapped to nothing; never a value of them, it may be a person's."""
    taken = {guess.theirs for guess in guesses.values()}
    lines = []
    for theirs in sample.columns:
        if theirs in taken:
            continue
        values = sample[theirs]
        said = f"{values.notna().mean():.0%} given, {values.nunique():,} different"
        if likeness.is_personal(theirs):
            said += "; a person's data, not to be mapped"
        lines.append(f"#   {_said(theirs)}: {said}")
    return ["# Columns of the file left out:", *lines] if lines else []


def _quoted(text: Any) -> str:
    """A text as one line of YAML that reads back as the same text."""
    dumped = yaml.safe_dump(str(text), default_style='"', allow_unicode=True, width=10**9)
    return dumped.removesuffix("\n")


def _said(text: str) -> str:
    """A text for a comment: on one line, nothing in it ends the comment."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)
