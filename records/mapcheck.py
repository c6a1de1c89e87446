"""What is wrong with a mapping: where it stands, what is allowed, what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from records.errors import BadDefinition
from records.lines import Lines
from records.people import personal
from records.schema import TABLES

if TYPE_CHECKING:
    from records.mapping import Mapping

Entry = tuple[str | int, ...]

IDENTITY = {"source", "source_id", "entity_id"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """An entry of a mapping that cannot be: what is wrong, what was found, what is allowed."""

    entry: Entry
    what: str
    found: str = ""
    allowed: tuple[str, ...] = ()

    def error(self, where: Lines) -> BadDefinition:
        """The error to raise, with the line and the nearest valid name."""
        near = difflib.get_close_matches(self.found, self.allowed, n=1, cutoff=0.5)
        dotted = ".".join(map(str, self.entry)) or "the whole file"
        return BadDefinition(
            f"{where.at(self.entry)}, {dotted}: {self.what}",
            found=self.found,
            allowed=", ".join(self.allowed),
            hint=f"did you mean {near[0]!r}? nothing was stored" if near else "nothing was stored",
        )


def fault_of(error: ValidationError, model: type[BaseModel], where: Lines) -> BadDefinition:
    """The first of pydantic's faults in our words."""
    first = error.errors()[0]
    entry: Entry = tuple(part for part in first["loc"] if part != "[key]")
    if first["type"] == "string_type":  # YAML reads no, yes and 01 as something else
        return Wrong(entry, "text is expected; quote it", repr(first["input"])[:80]).error(where)
    if first["type"] != "extra_forbidden":
        return Wrong(entry, first["msg"], repr(first["input"])[:80]).error(where)
    allowed = _entries(model, entry[:-1])
    return Wrong(entry, f"unknown entry {entry[-1]!r}", str(entry[-1]), allowed).error(where)


def _entries(model: type[BaseModel], parents: Entry) -> tuple[str, ...]:
    for part in (part for part in parents if part in model.model_fields):
        inner = model.model_fields[part].annotation
        candidates = (inner, *getattr(inner, "__args__", ()))
        model = next(c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel))
    return tuple(model.model_fields)


def first_fault(mapping: Mapping) -> Wrong | None:
    """The first thing in a well-formed mapping that its table does not allow."""
    if mapping.table not in TABLES:
        return Wrong(("table",), f"unknown table {mapping.table!r}", mapping.table, tuple(TABLES))
    for faults in (_names, _targets, _given, _steps, _people):
        for fault in faults(mapping):
            return fault
    return None


def _names(mapping: Mapping) -> Iterator[Wrong]:
    own = tuple(TABLES[mapping.table].by_name)
    parts = ("columns", "constants", "templates", "split", "values", "units", "sums", "hmac")
    for part in parts:
        for name in getattr(mapping, part):
            if name not in own:
                what = f"{name!r} is not a column of {mapping.table}"
                yield Wrong((part, name), what, name, own)


def _targets(mapping: Mapping) -> Iterator[Wrong]:
    """Values the checks would refuse in every row."""
    own = TABLES[mapping.table].by_name
    given: list[tuple[Entry, str, object]] = []
    given += [(("constants", name), name, value) for name, value in mapping.constants.items()]
    given += [
        (("values", name, token), name, value)
        for name, codes in mapping.values.items()
        for token, value in codes.items()
    ]
    for entry, name, value in given:
        allowed = own[name].allowed
        if allowed and value is not None and value not in allowed:
            yield Wrong(entry, f"not a known value of {name}", str(value), allowed)


def _given(mapping: Mapping) -> Iterator[Wrong]:
    """Given values that would fill what they may not, or one column twice."""
    own = TABLES[mapping.table].by_name
    # Ids are the mapping's affair, and a person's number is nothing for a command line.
    free = {name for name, column in own.items() if column.form != "person"} - IDENTITY
    taken: set[str] = set()
    for name, one in mapping.given.items():
        for ours in one.fills:
            entry = ("given", name, "fills")
            if ours not in free:
                yield Wrong(entry, f"{ours!r} cannot be given", ours, tuple(sorted(free)))
            if ours in taken:
                yield Wrong(entry, f"{ours!r} is given twice", ours)
            taken.add(ours)


def _steps(mapping: Mapping) -> Iterator[Wrong]:
    """Steps that do not fit their columns, or work on columns that nothing fills."""
    own = TABLES[mapping.table].by_name
    filled = {*mapping.columns, *mapping.constants, *mapping.templates, *mapping.sums}
    given = {ours for one in mapping.given.values() for ours in one.fills}

    def kind(part: str, names: Iterable[str], fits: set[str], need: str) -> Iterator[Wrong]:
        for name in names:
            if name not in fits:
                yield Wrong((part, name), f"{name} {need}", name, tuple(sorted(fits)))

    fen = {name for name, column in own.items() if column.kind == "fen"}
    persons = {name for name, column in own.items() if column.form == "person"}
    dates = {name for name, column in own.items() if column.kind == "date"}
    yield from kind("units", mapping.units, fen, "is no amount of money")
    yield from kind("sums", mapping.sums, fen, "is no amount of money")
    yield from kind("hmac", mapping.hmac, persons, "does not name a person")
    yield from kind("split", mapping.split, set(mapping.columns), "is not among `columns`")
    for part in ("values", "units", "hmac"):
        yield from kind(part, getattr(mapping, part), filled, "is not filled by anything")
    for name, marks in mapping.split.items():
        if not marks:
            yield Wrong(("split", name), "no mark to cut at")
    if mapping.known_time is not None:
        after = {mapping.known_time.after}
        if not after <= dates & (filled | given):
            what = "is not a date that the mapping fills"
            (found,) = after
            allowed = tuple(sorted(dates & (filled | given)))
            yield Wrong(("known_time", "after"), what, found, allowed)


def _people(mapping: Mapping) -> Iterator[Wrong]:
    """Columns that tell who complained: refused here, because they must not even be read."""
    if mapping.table != "complaints":
        return
    read: list[tuple[str, Entry]] = list(mapping.named().items())
    for at, join in enumerate(mapping.joins):
        read += [(theirs, ("joins", at, "columns", new)) for new, theirs in join.columns.items()]
        read += [(by, ("joins", at, "by")) for pair in join.pairs.items() for by in pair]
    if mapping.unpivot is not None:
        read += [(theirs, ("unpivot", "columns")) for theirs in mapping.unpivot.columns]
    for name, entry in read:
        if personal(name):
            yield Wrong(entry, "complainants' particulars are never stored; leave it out", name)
