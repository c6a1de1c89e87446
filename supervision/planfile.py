"""From the text of a plan to its lines, and from a fault to the words a person is told.

A fault names the line and the entry; a contradiction names both lines that clash.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from supervision.errors import PlanError

Path = tuple[str | int, ...]
Lines = Mapping[Path, int]


class Clash(ValueError):
    """Entries of a plan contradict each other; `paths` are where they stand."""

    def __init__(self, what: str, *paths: Path) -> None:
        super().__init__(what)
        self.paths = paths


def read(text: str) -> tuple[Any, dict[Path, int]]:
    """The data of a plan's YAML, and the line (from 1) of every entry.

    Raises `PlanError` where it is not YAML, repeats parts by reference (a line must stand for one
    entry), or where an entry stands twice: YAML itself would let the later one win.
    """
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            raise PlanError("the plan repeats parts by reference (*name)", hint="write them out")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        lines = dict(_lines(node, ()))
        return yaml.safe_load(text), lines
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # ValueError: a date or number that YAML recognises and Python refuses
        raise PlanError("the plan is not YAML", found=str(error)) from None


def told(model: type[BaseModel], error: ValidationError, lines: Lines) -> PlanError:
    """The first fault as a person would tell it; a misspelt entry before the one it leaves out."""
    fault = min(error.errors(), key=lambda fault: fault["type"] == "missing")
    cause = fault.get("ctx", {}).get("error")
    if isinstance(cause, Clash):
        return clash(cause, lines, fault["loc"])
    path = tuple(part for part in fault["loc"] if part != "[key]")  # pydantic's mark of a key
    where = f"plan, {_where(path, lines)}"
    if fault["type"] == "extra_forbidden":
        return PlanError.among(f"{where}: unknown entry", str(path[-1]), _fields(model, path[:-1]))
    if fault["type"] == "missing":
        return PlanError(f"{where} is missing", allowed=", ".join(_fields(model, path[:-1])))
    if fault["type"] in ("literal_error", "enum"):
        expected = fault["ctx"]["expected"].replace(" or ", ", ")
        known = [name.strip("'") for name in expected.split(", ")]
        return PlanError.among(where, str(fault["input"]), known)
    allowed, hint = _allowed(fault)
    return PlanError(where, found=repr(fault["input"]), allowed=allowed, hint=hint)


def clash(cause: Clash, lines: Lines, path: Path = ()) -> PlanError:
    """A contradiction with the lines of both its ends."""
    ends = [_where((*path, *end), lines) for end in cause.paths]
    if len(ends) == 1:
        return PlanError(f"plan, {ends[0]}: {cause}")
    return PlanError(f"plan, {' and '.join(ends)} clash: {cause}", hint="change one of the two")


def _lines(node: yaml.Node | None, path: Path) -> Iterator[tuple[Path, int]]:
    """Where each entry stands, counted from 1."""
    if isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield (*path, number), value.start_mark.line + 1
            yield from _lines(value, (*path, number))
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if key.value in seen:
            name = ".".join(map(str, (*path, key.value)))
            raise PlanError(f"plan, lines {seen[key.value]} and {line}: {name} stands twice")
        seen[str(key.value)] = line
        yield (*path, str(key.value)), line
        yield from _lines(value, (*path, str(key.value)))


def _allowed(fault: ErrorDetails) -> tuple[str, str]:
    """What is accepted in a fault's place, and a hint where the mistake is a usual one."""
    about, kind = fault.get("ctx", {}), fault["type"]
    for name, words in _BOUNDS.items():
        if name in about:
            small = name == "gt" or about[name] == 1
            return f"{words} {about[name]}", _PERCENT if small else ""
    if kind in ("decimal_parsing", "decimal_type", "finite_number"):
        return "a number", _PERCENT
    return _KINDS.get(kind, fault["msg"].removeprefix("Value error, ")), ""


_PERCENT = "write 0.03 for 3 %"
_BOUNDS = {"gt": "a number above", "ge": "at least", "le": "at most"}
_KINDS = {
    "model_type": "a mapping of entries",
    "dict_type": "a mapping of entries",
    "tuple_type": "a list",
    "string_type": "a text",
    "string_too_short": "a text that is not empty",
    "too_short": "at least one",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "invalid_key": "a text",
    "decimal_max_digits": "at most 30 digits",
    "decimal_max_places": "at most 20 decimal places",
}


def _where(path: Path, lines: Lines) -> str:
    name = ".".join(map(str, path)) or "the plan"
    known = [lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines]
    return f"line {known[0]}, {name}" if known else name


def _fields(model: type[BaseModel], path: Path) -> list[str]:
    """The entries that may stand at a path."""
    for name in path:
        if isinstance(name, str) and name in model.model_fields:
            model = _inner(model.model_fields[name].annotation) or model
    return list(model.model_fields)


def _inner(annotation: Any) -> type[BaseModel] | None:
    """The model within an annotation such as `tuple[Item, ...]` or `Scope | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_inner(part) for part in get_args(annotation))
    return next((model for model in found if model), None)
