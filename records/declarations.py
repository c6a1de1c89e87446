"""Declarations in YAML: what is wrong with one is told with its line and the nearest valid name.

Mappings, catalogues, models and policies are all read by `read`. A validator that knows what would
have been right raises `wrong`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from records import lines
from records.errors import BadDefinition, nearest
from records.lines import Lines

Entry = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

_PARTS = {"[key]", "list[str]", "dict[str,str]"}
"""What pydantic says of its own in the path of a fault."""


def read(path: Path, model: type[Model], more: Mapping[str, Any] | None = None) -> Model:
    """A YAML file as a checked model; `more` are entries that stand elsewhere.

    Raises
    ------
    BadDefinition : the first fault, with file, line, entry, value, what is allowed and the
        nearest of it.
    """
    value, where = lines.load(path)
    if not isinstance(value, dict):
        raise fault(where, (), "entries are expected, as `name: value`", found=repr(value)[:80])
    try:
        return model.model_validate({**value, **(more or {})}, context=where)
    except ValidationError as error:
        raise told(error, model, where, value) from error


def wrong(
    what: str, found: object = "", allowed: Iterable[object] = (), at: Entry = ()
) -> PydanticCustomError:
    """An error for a validator to raise: what is wrong, the value, what would be right, and where.

    `at` is the entry within what is validated; empty for the whole of it.
    """
    about = {"what": what, "found": str(found), "allowed": tuple(map(str, allowed)), "at": at}
    return PydanticCustomError("declaration", "{what}", about)


def fault(
    where: Lines,
    entry: Entry,
    what: str,
    *,
    found: str = "",
    allowed: Sequence[str] = (),
    named: str = "",
) -> BadDefinition:
    """The error of an entry; `named` says how it is called, where its path does not."""
    place = named or ".".join(map(str, entry)) or "the whole file"
    return BadDefinition(
        f"{where.at(entry)}, {place}: {what}",
        found=found,
        allowed=", ".join(allowed),
        hint=f"{nearest(found, allowed)} nothing was stored".lstrip(),
    )


def told(error: ValidationError, model: type[BaseModel], where: Lines, value: Any) -> BadDefinition:
    """The first of pydantic's faults in our words."""
    first = error.errors()[0]
    entry: Entry = tuple(part for part in first["loc"] if part not in _PARTS)
    found = "" if isinstance(first["input"], dict | list) else str(first["input"])[:80]
    what: str = first["msg"]
    allowed: tuple[str, ...] = ()
    match first["type"]:
        case "declaration":
            about = first["ctx"]
            what, found, allowed = about["what"], about["found"], about["allowed"]
            entry += about["at"]
        case "extra_forbidden":
            what, found = f"unknown entry {entry[-1]!r}", str(entry[-1])
            allowed = _fields(model, entry[:-1])
        case "literal_error":
            what = "not one of the known words"
            allowed = _words(model, entry)
        case "missing":
            what, found = f"{entry[-1]!r} is missing", ""
        case "string_type":  # YAML reads no, yes and 01 as something else
            what = "text is expected; quote it"
        case "dict_type" | "model_type":
            what = "entries are expected, such as {name: value}"
        case "list_type":
            what = "a list is expected, such as [one, two]"
    return fault(where, entry, what, found=found, allowed=allowed, named=_called(entry, value))


def _called(entry: Entry, value: Any) -> str:
    """An entry's path, in which a numbered entry goes by its id or name."""
    parts: list[str] = []
    for part in entry:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            value = None
        named = value.get("id") if isinstance(part, int) and isinstance(value, dict) else None
        parts.append(str(named or part))
    return ".".join(parts)


def _fields(model: type[BaseModel], parents: Entry) -> tuple[str, ...]:
    """What an entry may hold."""
    inner = _at(model, parents)
    return tuple(field.alias or name for name, field in inner.model_fields.items())


def _words(model: type[BaseModel], entry: Entry) -> tuple[str, ...]:
    """The words a literal allows."""
    return tuple(map(str, get_args(_at(model, entry))))


def _at(kind: Any, entry: Entry) -> Any:
    """The type of an entry of a model."""
    for part in entry:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = {field.alias or name: field for name, field in kind.model_fields.items()}
            kind = _bare(fields[str(part)].annotation)
        else:
            kind = _bare(next(one for one in reversed(get_args(kind)) if one is not Ellipsis))
    return kind


def _bare(kind: Any) -> Any:
    """`X | None` is X."""
    if get_origin(kind) not in (Union, UnionType):
        return kind
    return next(part for part in get_args(kind) if part is not type(None))
