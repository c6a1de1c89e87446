"""A mapping file proposed for a bureau's file: guessed, said to be guessed, nothing hidden.

Every line that was guessed says why; every column of the file that is left out, and every column
of ours that is still missing, stands there as a comment. `# !` marks what a person must decide.
The draft loads as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from glob import escape
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from records import dates, guesses, likeness
from records.guesses import IDENTITY, Guess
from records.readers import header_row, read
from records.schema import Column, Table, declared

SAMPLE = 20_000  # rows whose values are looked at
Guesses = Mapping[str, Guess]


def draft(file: Path, table: str) -> str:
    """A mapping of a file to a record table as commented YAML.

    Raises
    ------
    NotFound : unknown table, or no such file.
    BadInput : the file cannot be read.
    """
    rules, header = declared(table), header_row(file)
    frame = read(file, header)
    sample = frame.head(SAMPLE)
    found = guesses.matched(sample, rules)
    kept = {ours: guess for ours, guess in found.items() if not _doubts(guess)}
    formats = guesses.spellings(kept)
    parts = [
        [
            f"# Drafted from {_said(file.name)}, {len(frame):,} rows. Check every line;",
            "# ! marks what a person must decide.",
            f"table: {rules.name}",
            *([f"header: {header}  # guess: titles stand above it"] if header > 1 else []),
        ],
        _source(file, frame, rules, kept),
        _columns(found),
        _split(rules, kept),
        _values(rules, kept, formats),
        _units(kept),
        _hmac(kept),
        _dates(formats),
        _known_time(kept),
        _missing(rules, kept),
        _left_out(sample, found),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _doubts(guess: Guess) -> str:
    """Why a column is better not taken in before a person has looked."""
    if guess.ours.kind == "fen":
        known, why = guesses.unit(guess)
        return "" if known else why
    if guess.ours.form == "person" and guesses.holds(guess.values) == "names":
        return "! names, it seems; only numbers may link people, and only as hashes (hmac)"
    return ""


def _source(file: Path, frame: pd.DataFrame, rules: Table, kept: Guesses) -> list[str]:
    name, why = "请填写来源部门", "! who sent the file"
    for theirs in frame.columns:
        score, _ = likeness.named(theirs, likeness.names(rules.by_name["source"], rules.name))
        given = frame[theirs].dropna().astype("str").unique()
        if score >= likeness.LIKELY and len(given) == 1:
            name, why = given[0], f"guess: the one value of {_said(theirs)}"
            break
    template, said = _identity(frame, rules, kept)
    return [
        "source:",
        f"  name: {_quoted(name)}  # {why}",
        f"  id: {_quoted(template)}  # {said}",
        f"  file: {_quoted(escape(file.name))}  # for `ingest --all`; * where the name changes",
    ]


def _identity(frame: pd.DataFrame, rules: Table, kept: Guesses) -> tuple[str, str]:
    """A template that names each row, and what speaks for it."""
    best, same = guesses.key(frame, rules, kept)
    if not best:
        return "{row}", "! no column names a row; row numbers do not hold from file to file"
    best += tuple(g.theirs for g, _ in _cut(rules, kept) if g.theirs not in best)
    template = "/".join(f"{{{name}}}" for name in best)
    if len(best) == 1 and guesses.numbers_rows(frame[best[0]]):
        return template, "! different in every row, but does it hold from file to file?"
    if same:
        return template, f"! ids that repeat ({same:,} rows) would be versions of one record"
    return template, "guess: different in every row"


def _columns(found: Guesses) -> list[str]:
    if not any(not _doubts(guess) for guess in found.values()):
        head = "columns: {}  # ! no column of the file is like one of ours"
    else:
        head = "columns:  # ours: theirs"
    lines = [head]
    for ours, guess in found.items():
        why, doubt = f"guess: {_said(guess.like.why)}", _doubts(guess)
        told = f"{ours}: {_quoted(guess.theirs)}"
        if doubt:
            lines.append(f"  # {told}  # {why}; {doubt}")
        else:
            unit = "; ! ours counts 分, see units" if guess.ours.kind == "fen" else ""
            lines.append(f"  {told}  # {why}{unit}")
    return lines


def _cut(rules: Table, kept: Guesses) -> list[tuple[Guess, str]]:
    """The columns whose joined codes become a row each; not where amounts would be repeated."""
    if any(guess.ours.kind == "fen" for guess in kept.values()):
        return []
    return [(guess, marks) for guess in kept.values() if (marks := _marks(rules, guess))]


def _marks(rules: Table, guess: Guess) -> str:
    known = likeness.value_words(guess.ours, rules.name)
    return guesses.joined(guess, known) if guess.ours.allowed else ""


def _split(rules: Table, kept: Guesses) -> list[str]:
    cut = _cut(rules, kept)
    lines = [f"  {guess.ours.name}: {_quoted(marks)}" for guess, marks in cut]
    if lines:
        return ["split:  # guess: joined codes, which become a row each", *lines]
    return [
        f"# split: {{{guess.ours.name}: {_quoted(marks)}}}"
        "  # ! codes are joined, but each row would repeat the whole amount: map them by `values`"
        for guess in kept.values()
        if (marks := _marks(rules, guess))
    ]


def _values(rules: Table, kept: Guesses, formats: list[str]) -> list[str]:
    lines = []
    cut = {guess.ours.name: marks for guess, marks in _cut(rules, kept)}
    for ours, guess in kept.items():
        if guess.ours.allowed:
            known = likeness.value_words(guess.ours, rules.name)
            words = guesses.tokens(guess, cut.get(ours, ""))
            own = [_value(word, guess.ours, known) for word in words]
        else:
            own = _nulls(guesses.unread(guess, formats))
        if own:
            # Without an entry of its own the name would stand over nothing.
            told = any(not line.lstrip().startswith("#") for line in own)
            lines += [f"  {ours}:" if told else f"  {ours}: {{}}", *own]
    return ["values:", *lines] if lines else []


def _value(word: str, column: Column, known: Mapping[str, str]) -> str:
    if word in known:
        return f"    {_quoted(word)}: {known[word]}  # guess"
    if word in column.allowed:
        return f"    {_quoted(word)}: {word}"
    return f"    # {_said(word)}:  # ! one of {', '.join(column.allowed)}"


def _nulls(unread: list[str]) -> list[str]:
    known = [word for word in unread if word in likeness.words()["nulls"]]
    lines = [f"    {_quoted(word)}: null  # guess: no value" for word in known]
    left = len(unread) - len(known)
    return [*lines, f"    # ! {left:,} more values that cannot be read"] if left else lines


def _units(kept: Guesses) -> list[str]:
    told = {o: guesses.unit(guess) for o, guess in kept.items() if guess.ours.kind == "fen"}
    lines = [f"  {ours}: {unit}  # {why}" for ours, (unit, why) in told.items() if unit != "own"]
    return ["units:  # of theirs; ours count 分", *lines] if lines else []


def _hmac(kept: Guesses) -> list[str]:
    numbers = [
        ours
        for ours, guess in kept.items()
        if guess.ours.form == "person" and guesses.holds(guess.values) == "numbers"
    ]
    if not numbers:
        return []
    why = "guess: identity numbers; kept only as hashes, with the key of XINFEN_PERSON_KEY_FILE"
    return [f"hmac: [{', '.join(numbers)}]  # {why}"]


def _dates(formats: list[str]) -> list[str]:
    """The spellings of days beyond those always understood."""
    if not formats:
        return []
    said = "guess: found in the file"
    if {"%m/%d/%Y", "%d/%m/%Y"} & set(formats):
        said = "! is 01/02/2024 in January or in February?"
    elif any("%d" not in one for one in formats if one != dates.EXCEL):
        said = "! a month or a year alone is read as its first day"
    return [f"dates: [{', '.join(_quoted(spelling) for spelling in formats)}]  # {said}"]


def _known_time(kept: Guesses) -> list[str]:
    line, given = "known_time: {after: event_time, days: 7}", kept.get("known_time")
    if given is not None and not given.gaps:
        return []
    if "event_time" not in kept:
        return [f"# {line}  # ! needs an event_time first"]
    where = f", where {_said(given.theirs)} is empty" if given is not None else ""
    return [f"{line}  # ! how long after the event could the bureau know{where}?"]


def _missing(rules: Table, kept: Guesses) -> list[str]:
    """Our columns without one of theirs: what is required first."""
    lines = []
    for column in sorted(rules.columns, key=lambda column: not rules.requires(column)):
        derived = column.name == "known_time" and "event_time" in kept
        if column.name in (*kept, *IDENTITY) or derived:
            continue
        mark = "! required" if rules.requires(column) else "optional"
        allowed = f", one of {', '.join(column.allowed)}" if column.allowed else ""
        lines.append(f"#   {column.name}: {mark}, {column.zh} {column.en}{allowed}")
    head = "# Ours without a column; give constants: {name: value}, ask under given:, or leave:"
    return [head, *lines] if lines else []


def _left_out(sample: pd.DataFrame, found: Guesses) -> list[str]:
    """Their columns that are mapped to nothing; never a value of them, it may be a person's."""
    taken = {guess.theirs for guess in found.values()}
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
