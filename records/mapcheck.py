"""What is wrong with a mapping: where it stands, what is allowed, what was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from records import dates, reshape
from records.errors import BadDefinition
from records.lines import Lines
from records.people import personal
from records.schema import TABLES

if TYPE_CHECKING:
    from records.mapping import Mapping

Entry = tuple[str | int, ...]

IDENTITY = {"source", "source_id", "entity_id"}
NAME = re.compile(r"[^\s=]+")
"""What `--given name=value` can name."""

_PARTS = {"[key]", "list[str]", "dict[str,str]"}
"""What pydantic says of its own in the place of a fault."""


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
    entry: Entry = tuple(part for part in first["loc"] if part not in _PARTS)
    given = first["input"]
    found = repr(given)[:80]
    match first["type"]:
        case "extra_forbidden":
            known = _entries(model, entry[:-1])
            return Wrong(entry, f"unknown entry {entry[-1]!r}", str(entry[-1]), known).error(where)
        case "missing":
            return Wrong(entry, "Field required", allowed=_entries(model, entry[:-1])).error(where)
        case "string_type":  # YAML reads no, yes and 01 as something else
            what = "text is expected; quote it"
        case "dict_type" | "model_type":
            what = "entries are expected, such as {name: value}"
        case "list_type":
            what = "a list is expected, such as [one, two]"
        case "literal_error":
            known = tuple(re.findall(r"'([^']*)'", first["ctx"]["expected"]))
            told = " or ".join(map(repr, known))
            return Wrong(entry, f"{told} is expected", str(given), known).error(where)
        case _:
            what = first["msg"]
    return Wrong(entry, what, found).error(where)


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
    for check in (_names, _filled, _targets, _given, _steps, _texts, _empty, _people):
        for fault in check(mapping):
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


def _filled(mapping: Mapping) -> Iterator[Wrong]:
    """Columns that two entries fill, or that are filled elsewhere: one would be lost silently."""
    by: dict[str, str] = {"source": "source.name", "source_id": "source.id"}
    for part in ("columns", "constants", "templates", "sums"):
        for name in getattr(mapping, part):
            if name in by:
                yield Wrong((part, name), f"{name} is filled by {by[name]} already")
            by[name] = part


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
        if isinstance(value, (dict, list)):
            yield Wrong(entry, "one value is expected", str(value))
        elif allowed and value is not None and value not in allowed:
            yield Wrong(entry, f"not a known value of {name}", str(value), allowed)


def _given(mapping: Mapping) -> Iterator[Wrong]:
    """Given values that nobody could give, that would fill what they may not, or one twice."""
    own = TABLES[mapping.table].by_name
    # Ids are the mapping's affair, and a person's number is nothing for a command line.
    free = {name for name, column in own.items() if column.form != "person"} - IDENTITY
    free -= {name for name, value in mapping.constants.items() if value is not None}
    taken: set[str] = set()
    for name, one in mapping.given.items():
        if not NAME.fullmatch(name):
            yield Wrong(("given", name), "a name has no blanks and no =", name)
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
    if mapping.known_time is not None:
        after = mapping.known_time.after
        known = dates & (filled | mapping.fills())
        if after not in known:
            what = "is not a date that the mapping fills"
            yield Wrong(("known_time", "after"), what, after, tuple(sorted(known)))


def _texts(mapping: Mapping) -> Iterator[Wrong]:
    """Templates and date formats that could not mean what they say."""
    templates = {("templates", name): text for name, text in mapping.templates.items()}
    for entry, text in {**templates, ("source", "id"): mapping.source.id}.items():
        if set("{}") & set(reshape.PART.sub("", text)) or "" in reshape.fields(text):
            yield Wrong(entry, "each { needs a name and a }", text)
    if not reshape.fields(mapping.source.id):
        what = "it names no column, so that every row would be a version of one record"
        yield Wrong(("source", "id"), what, mapping.source.id)
    for at, spelling in enumerate(mapping.dates):
        directives = re.findall(r"%(.?)", spelling)
        odd = [f"%{one}" for one in directives if one not in dates.DIRECTIVES]
        if spelling != dates.EXCEL and (odd or "Y" not in directives):
            told = ", ".join(odd) or "no %Y"
            known = (*(f"%{one}" for one in sorted(dates.DIRECTIVES)), dates.EXCEL)
            yield Wrong(("dates", at), f"{told} in {spelling!r}: no day can be read", told, known)


def _empty(mapping: Mapping) -> Iterator[Wrong]:
    """Lists with nothing in them where something is needed."""
    wanted: dict[Entry, tuple[object, str]] = {
        ("source", "name"): (mapping.source.name.strip(), "nobody is named"),
        **{("sums", name): (many, "nothing to sum") for name, many in mapping.sums.items()},
        **{("split", name): (marks, "no mark to cut at") for name, marks in mapping.split.items()},
        **{("joins", at, "by"): (j.by, "nothing to join by") for at, j in enumerate(mapping.joins)},
        **{
            ("given", name, part): (getattr(one, part).strip(), "it does not say what is asked for")
            for name, one in mapping.given.items()
            for part in ("zh", "en")
        },
    }
    if mapping.unpivot is not None and mapping.unpivot.item == mapping.unpivot.value:
        yield Wrong(("unpivot", "value"), "item and value need two names", mapping.unpivot.value)
    if mapping.unpivot is not None:
        wanted["unpivot", "columns"] = (mapping.unpivot.columns, "nothing to turn into rows")
    for entry, (given, what) in wanted.items():
        if not given:
            yield Wrong(entry, what)


def _people(mapping: Mapping) -> Iterator[Wrong]:
    """Columns that tell who complained: refused here, because they must not even be read."""
    if mapping.table != "complaints":
        return
    if mapping.hmac:  # our key would make one hash of a person for all firms
        yield Wrong(("hmac",), "who complained is hashed by the source, for each firm anew")
    read: list[tuple[str, Entry]] = list(mapping.named().items())
    for at, join in enumerate(mapping.joins):
        read += [(theirs, ("joins", at, "columns", new)) for new, theirs in join.columns.items()]
        read += [(by, ("joins", at, "by")) for pair in join.pairs.items() for by in pair]
    if mapping.unpivot is not None:
        read += [(theirs, ("unpivot", "columns")) for theirs in mapping.unpivot.columns]
    for name, entry in read:
        if personal(name):
            yield Wrong(entry, "complainants' particulars are never stored; leave it out", name)
