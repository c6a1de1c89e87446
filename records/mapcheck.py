"""What is wrong with a mapping: where it stands, what is allowed, what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from records import dates, reshape
from records.declarations import Entry, wrong
from records.people import personal
from records.schema import MAPPED

if TYPE_CHECKING:
    from records.mapping import Mapping

Faults = Iterator[PydanticCustomError]

IDENTITY = {"source", "source_id", "entity_id"}
NAME = re.compile(r"[^\s=]+")
"""What `--given name=value` can name."""


def first_fault(mapping: Mapping) -> PydanticCustomError | None:
    """The first thing in a well-formed mapping that its table does not allow."""
    if mapping.table not in MAPPED:
        return wrong(
            f"unknown table {mapping.table!r}", mapping.table, tuple(MAPPED), at=("table",)
        )
    for check in (_names, _filled, _targets, _given, _steps, _texts, _empty, _people):
        for fault in check(mapping):
            return fault
    return None


def _names(mapping: Mapping) -> Faults:
    own = tuple(MAPPED[mapping.table].by_name)
    parts = ("columns", "constants", "templates", "split", "values", "units", "sums", "hmac")
    for part in parts:
        for name in getattr(mapping, part):
            if name not in own:
                what = f"{name!r} is not a column of {mapping.table}"
                yield wrong(what, name, own, at=(part, name))


def _filled(mapping: Mapping) -> Faults:
    """Columns that two entries fill, or that are filled elsewhere: one would be lost silently."""
    by: dict[str, str] = {"source": "source.name", "source_id": "source.id"}
    for part in ("columns", "constants", "templates", "sums"):
        for name in getattr(mapping, part):
            if name in by:
                yield wrong(f"{name} is filled by {by[name]} already", at=(part, name))
            by[name] = part


def _targets(mapping: Mapping) -> Faults:
    """Values the checks would refuse in every row."""
    own = MAPPED[mapping.table].by_name
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
            yield wrong("one value is expected", str(value), at=entry)
        elif allowed and value is not None and value not in allowed:
            yield wrong(f"not a known value of {name}", str(value), allowed, at=entry)


def _given(mapping: Mapping) -> Faults:
    """Given values that nobody could give, that would fill what they may not, or one twice."""
    own = MAPPED[mapping.table].by_name
    # Ids are the mapping's affair, and a person's number is nothing for a command line.
    free = {name for name, column in own.items() if column.form != "person"} - IDENTITY
    free -= {name for name, value in mapping.constants.items() if value is not None}
    taken: set[str] = set()
    for name, one in mapping.given.items():
        if not NAME.fullmatch(name):
            yield wrong("a name has no blanks and no =", name, at=("given", name))
        for ours in one.fills:
            entry = ("given", name, "fills")
            if ours not in free:
                yield wrong(f"{ours!r} cannot be given", ours, tuple(sorted(free)), at=entry)
            if ours in taken:
                yield wrong(f"{ours!r} is given twice", ours, at=entry)
            taken.add(ours)


def _steps(mapping: Mapping) -> Faults:
    """Steps that do not fit their columns, or work on columns that nothing fills."""
    own = MAPPED[mapping.table].by_name
    filled = {*mapping.columns, *mapping.constants, *mapping.templates, *mapping.sums}

    def kind(part: str, names: Iterable[str], fits: set[str], need: str) -> Faults:
        for name in names:
            if name not in fits:
                yield wrong(f"{name} {need}", name, tuple(sorted(fits)), at=(part, name))

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
            yield wrong(what, after, tuple(sorted(known)), at=("known_time", "after"))


def _texts(mapping: Mapping) -> Faults:
    """Templates and date formats that could not mean what they say."""
    templates = {("templates", name): text for name, text in mapping.templates.items()}
    for entry, text in {**templates, ("source", "id"): mapping.source.id}.items():
        if set("{}") & set(reshape.PART.sub("", text)) or "" in reshape.fields(text):
            yield wrong("each { needs a name and a }", text, at=entry)
    if not reshape.fields(mapping.source.id):
        what = "it names no column, so that every row would be a version of one record"
        yield wrong(what, mapping.source.id, at=("source", "id"))
    for at, spelling in enumerate(mapping.dates):
        directives = re.findall(r"%(.?)", spelling)
        odd = [f"%{one}" for one in directives if one not in dates.DIRECTIVES]
        if spelling != dates.EXCEL and (odd or "Y" not in directives):
            told = ", ".join(odd) or "no %Y"
            known = (*(f"%{one}" for one in sorted(dates.DIRECTIVES)), dates.EXCEL)
            yield wrong(
                f"{told} in {spelling!r}: no day can be read", told, known, at=("dates", at)
            )


def _empty(mapping: Mapping) -> Faults:
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
        yield wrong("item and value need two names", mapping.unpivot.value, at=("unpivot", "value"))
    if mapping.unpivot is not None:
        wanted["unpivot", "columns"] = (mapping.unpivot.columns, "nothing to turn into rows")
    for entry, (given, what) in wanted.items():
        if not given:
            yield wrong(what, at=entry)


def _people(mapping: Mapping) -> Faults:
    """Columns that tell who complained: refused here, because they must not even be read."""
    if mapping.table != "complaints":
        return
    if mapping.hmac:  # our key would make one hash of a person for all firms
        yield wrong("who complained is hashed by the source, for each firm anew", at=("hmac",))
    read: list[tuple[str, Entry]] = list(mapping.named().items())
    for at, join in enumerate(mapping.joins):
        read += [(theirs, ("joins", at, "columns", new)) for new, theirs in join.columns.items()]
        read += [(by, ("joins", at, "by")) for pair in join.pairs.items() for by in pair]
    if mapping.unpivot is not None:
        read += [(theirs, ("unpivot", "columns")) for theirs in mapping.unpivot.columns]
    for name, entry in read:
        if personal(name):
            yield wrong("complainants' particulars are never stored; leave it out", name, at=entry)
