"""What a plan is: a task, how large its blind slice is, and at which ratio each class is drawn.

Everything a bureau may decide about a draw is in this one declaration. A plan that contradicts
itself is refused with the two lines that clash, before anything is committed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from supervision.errors import PlanError

Ratio = Annotated[Decimal, Field(gt=0, le=1)]
"""A share of a stratum's firms, above 0 and at most 1. Decimal, because 100 x 0.07 must be 7."""

Path = tuple[str | int, ...]


class Clash(ValueError):
    """Two entries of a plan contradict each other."""

    def __init__(self, what: str, *paths: Path) -> None:
        super().__init__(what)
        self.paths = paths


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BlindSlice(_Entry):
    """Visits drawn from all live firms without looking at any class."""

    ratio: Ratio


class _Rising(_Entry):
    """Ratios by letter: no letter is drawn less than the better one before it."""

    @model_validator(mode="after")
    def _rises(self) -> Self:
        for better, worse in pairwise(type(self).model_fields):
            low, high = getattr(self, better), getattr(self, worse)
            if low > high:
                what = f"{better} is drawn at {low}, more than {worse} at {high}"
                raise Clash(what, (better,), (worse,))
        return self


class RatioByClass(_Rising):
    """By risk class, A lowest risk. A is never zero; D has no cap of ours."""

    A: Ratio
    B: Ratio
    C: Ratio
    D: Ratio


class RatioByGrade(_Rising):
    """By public grade, A best credit, for entities that carry a grade and no class."""

    A: Ratio
    B: Ratio
    C: Ratio
    D: Ratio
    E: Ratio


class PlanDefinition(_Entry):
    """A plan, checked.

    `overall_floor` is the share of all firms that is visited at least; a firm without class or
    grade is drawn at it. `strata` always hold `class` (class or grade); `city` and `county` are
    the first four and six places of a firm's division.
    """

    task: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    type: Literal["directed", "undirected"]
    blind_slice: BlindSlice
    ratio_by_class: RatioByClass
    ratio_by_grade: RatioByGrade
    overall_floor: Ratio
    strata: tuple[Literal["class", "city", "county"], ...]

    @model_validator(mode="after")
    def _strata_know_the_class(self) -> Self:
        if "class" not in self.strata:
            what = "ratios differ by class, but the strata do not hold it"
            raise Clash(what, ("strata",), ("ratio_by_class",))
        return self

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """Read a plan; `PlanError` names line, field, value, what is allowed, and the nearest."""
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
            lines = dict(_lines(node, ()))
            data = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise PlanError("the plan is not YAML", found=str(error)) from None
        return cls.checked(data, lines)

    @classmethod
    def checked(cls, data: object, lines: Mapping[Path, int] | None = None) -> Self:
        """A plan from plain data; `lines` says where each entry stands, if it stands in a file."""
        if not isinstance(data, dict):
            raise PlanError("a plan is a mapping", found=repr(data), allowed=_names(cls))
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise _told(cls, error, lines or {}) from None

    def ratio(self, group: str) -> Decimal:
        """The ratio of a group: `class A`, `grade A` or `unclassified` (see `lists.join`)."""
        kind, _, letter = group.partition(" ")
        known: dict[str, BaseModel] = {"class": self.ratio_by_class, "grade": self.ratio_by_grade}
        return getattr(known[kind], letter) if kind in known else self.overall_floor

    def plain(self) -> dict[str, Any]:
        """JSON-ready, ratios as texts, so that no reader meets a binary fraction."""
        return self.model_dump(mode="json")


def _lines(node: yaml.Node | None, path: Path) -> Iterator[tuple[Path, int]]:
    """Where each entry stands, counted from 1. YAML itself would let the later of two keys win."""
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if key.value in seen:
            name = ".".join(map(str, (*path, key.value)))
            raise PlanError(f"plan, lines {seen[key.value]} and {line}: {name} stands twice")
        seen[key.value] = line
        yield (*path, key.value), line
        yield from _lines(value, (*path, key.value))


def _told(model: type[BaseModel], error: ValidationError, lines: Mapping[Path, int]) -> PlanError:
    """The first fault as a person would tell it; a misspelt entry before the one it leaves out."""
    fault = min(error.errors(), key=lambda fault: fault["type"] == "missing")
    path: Path = fault["loc"]
    cause = fault.get("ctx", {}).get("error")
    if isinstance(cause, Clash):
        both = [_where((*path, *end), lines) for end in cause.paths]
        return PlanError(f"plan, {' and '.join(both)} clash: {cause}", hint="change one of the two")
    where = f"plan, {_where(path, lines)}"
    if fault["type"] == "extra_forbidden":
        return PlanError.among(f"{where}: unknown entry", str(path[-1]), _fields(model, path[:-1]))
    if fault["type"] == "missing":
        return PlanError(f"{where} is missing", allowed=_names(model, path[:-1]))
    if fault["type"] == "literal_error":
        expected = fault["ctx"]["expected"].replace(" or ", ", ")
        known = [name.strip("'") for name in expected.split(", ")]
        return PlanError.among(where, str(fault["input"]), known)
    if path and path[0] in _RATIOS:
        allowed, hint = "above 0, at most 1", "write 0.03 for 3 %"
        return PlanError(where, found=repr(fault["input"]), allowed=allowed, hint=hint)
    return PlanError(where, found=repr(fault["input"]), allowed=fault["msg"])


_RATIOS = ("blind_slice", "ratio_by_class", "ratio_by_grade", "overall_floor")


def _where(path: Path, lines: Mapping[Path, int]) -> str:
    name = ".".join(map(str, path))
    known = [lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines]
    return f"line {known[0]}, {name}" if known else name


def _fields(model: type[BaseModel], path: Path) -> list[str]:
    for name in path:
        model = model.model_fields[str(name)].annotation  # type: ignore[assignment]
    return list(model.model_fields)


def _names(model: type[BaseModel], path: Path = ()) -> str:
    return ", ".join(_fields(model, path))
