"""What contradicts itself within a plan: each check raises `Clash` with both places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from supervision.plans.planfile import Clash, Path

if TYPE_CHECKING:
    from supervision.plans.plan import PlanDefinition

UNCAPPED = {"class": "D", "grade": "E"}
"""The letters without a cap of ours: class D, and grade E, which is handled as class D."""

_KINDS = {"class": "ABCD", "grade": "ABCDE"}
_FINENESS = ("province", "city", "county")
_DIGITS = {"city": 4, "county": 6}


def check(plan: PlanDefinition) -> None:
    """Raise the first `Clash` of a plan."""
    for test in _TESTS:
        test(plan)


def _ratios_rise(plan: PlanDefinition) -> None:
    for kind, letters in _KINDS.items():
        name = f"ratio_by_{kind}"
        for better, worse in pairwise(letters):
            low, high = (getattr(getattr(plan, name), letter) for letter in (better, worse))
            if low > high:
                what = f"{better} is drawn at {low}, more than {worse} at {high}"
                raise Clash(what, (name, better), (name, worse))


def _strata(plan: PlanDefinition) -> None:
    if "class" not in plan.strata:
        what = "ratios differ by class, but the strata do not hold it"
        raise Clash(what, ("strata",), ("ratio_by_class",))
    finest = max(_FINENESS.index(level) for level in (*plan.strata, "province") if level != "class")
    if finest < _FINENESS.index(plan.bureau):
        what = f"a stratum would lie in more than one bureau: the strata do not hold {plan.bureau}"
        raise Clash(what, ("bureau",), ("strata",))
    for level, count in Counter(plan.strata).items():
        if count > 1:
            at = [number for number, name in enumerate(plan.strata) if name == level]
            raise Clash(f"{level} stands twice", ("strata", at[0]), ("strata", at[1]))


def _once(paths: Iterable[tuple[str, Path]]) -> None:
    seen: dict[str, Path] = {}
    for name, path in paths:
        if name in seen:
            raise Clash(f"{name} stands twice", seen[name], path)
        seen[name] = path


def _items(plan: PlanDefinition) -> None:
    _once((item.id, ("items", number, "id")) for number, item in enumerate(plan.items))
    for number, item in enumerate(plan.items):
        place = ("items", number)
        if item.kind == "key" and item.field is None:
            what = f"the key item {item.id} names no field, so nobody knows whose key item it is"
            raise Clash(what, (*place, "kind"), (*place, "field"))
        if item.kind == "general" and item.ratio is not None:
            what = (
                f"the general item {item.id} follows the ratios by class; only key items have one"
            )
            raise Clash(what, (*place, "kind"), (*place, "ratio"))


def _slice(plan: PlanDefinition) -> None:
    blind = plan.blind_slice
    if blind is None:
        if plan.type == "undirected":
            what = "an undirected plan has a blind slice; only a directed one may leave it out"
            raise Clash(what, ("type",), ("blind_slice",))
        return
    known = {item.id for item in plan.items}
    _once((name, ("blind_slice", "basket", at)) for at, name in enumerate(blind.basket))
    for at, name in enumerate(blind.basket):
        if name not in known:
            what = f"the basket holds {name}, which is no item of the plan"
            raise Clash(what, ("blind_slice", "basket", at), ("items",))
    if plan.overall_floor < blind.ratio:
        what = f"the floor {plan.overall_floor} is below the slice {blind.ratio} alone"
        raise Clash(what, ("overall_floor",), ("blind_slice", "ratio"))


def _direction(plan: PlanDefinition) -> None:
    given = plan.scope is not None and any(
        part is not None
        for part in (plan.scope.divisions, plan.scope.fields, plan.scope.industries)
    )
    if plan.type == "directed" and not given:
        raise Clash("a directed plan says whom it is about", ("type",), ("scope",))
    if plan.type == "undirected" and given:
        raise Clash("an undirected plan is about every firm", ("type",), ("scope",))


def rates(plan: PlanDefinition) -> Iterator[tuple[str, str, Decimal, Path]]:
    """Every (kind, letter, ratio, path) at which a firm may be drawn, key items included."""
    for kind, letters in _KINDS.items():
        for letter in letters:
            name = f"ratio_by_{kind}"
            yield kind, letter, getattr(getattr(plan, name), letter), (name, letter)
            for number, item in enumerate(plan.items):
                if item.ratio is not None:
                    yield kind, letter, item.ratio, ("items", number, "ratio")


def _frequency(plan: PlanDefinition) -> None:
    most = 1 if plan.joint_visits else len(plan.items)
    for kind, letter, ratio, path in rates(plan):
        if ratio > plan.batches:
            what = f"{ratio} visits a year do not fit in {plan.batches} batches"
            raise Clash(what, path, ("batches",))
        if letter == UNCAPPED[kind]:
            continue
        limit = f"max_per_year_by_{kind}"
        cap = getattr(getattr(plan, limit), letter)
        if cap is not None and cap < ratio:
            what = f"{kind} {letter} may be visited {cap} times a year and is drawn at {ratio}"
            raise Clash(what, (limit, letter), path)
        if plan.no_repeat and ratio > most:
            what = f"{kind} {letter} is drawn at {ratio}, but an item is inspected once a year"
            raise Clash(what, ("no_repeat",), path)


def _worst(plan: PlanDefinition) -> None:
    for kind, letter in UNCAPPED.items():
        limit = f"max_per_year_by_{kind}"
        if getattr(getattr(plan, limit), letter) is not None:
            what = f"{kind} {letter} has no cap of ours; name the higher rule that limits it"
            raise Clash(what, (limit, letter), ("higher_rules",))
        name = f"method_by_{kind}"
        methods = getattr(getattr(plan, name), letter)
        if methods is not None and set(methods) != {"on_site"}:
            other = next(method for method in methods if method != "on_site")
            what = f"{kind} {letter} is inspected on site (实行严格的现场检查)"
            raise Clash(what, (name, letter, other))


def _methods(plan: PlanDefinition) -> None:
    for kind, letters in _KINDS.items():
        for letter in letters:
            name = f"method_by_{kind}"
            shares = getattr(getattr(plan, name), letter)
            if shares is not None and sum(shares.values()) != 1:
                paths: list[Path] = [(name, letter, method) for method in shares]
                what = f"the shares sum to {sum(shares.values())}, not 1"
                raise Clash(what, *(paths or [(name, letter)]))


def _higher(plan: PlanDefinition) -> None:
    rules = list(enumerate(plan.higher_rules))
    _once((rule.id, ("higher_rules", number, "id")) for number, rule in rules)
    for number, rule in rules:
        place = ("higher_rules", number)
        if (rule.max_per_year is None) == (rule.reason is None):
            what = f"{rule.id} says neither or both of max_per_year and reason"
            raise Clash(what, (*place, "max_per_year"), (*place, "reason"))
    reasons: list[tuple[str, Path]] = [
        (reason, ("exclude", at)) for at, reason in enumerate(plan.exclude)
    ]
    reasons += [(rule.reason, ("higher_rules", at, "reason")) for at, rule in rules if rule.reason]
    _once(reasons)


def _capacity(plan: PlanDefinition) -> None:
    if plan.capacity is None:
        return
    for code in plan.capacity.by_bureau:
        fits = len(code) == _DIGITS[plan.bureau] if plan.bureau in _DIGITS else code == "province"
        if not fits or (code == "province") != (plan.bureau == "province"):
            what = f"{code} is no {plan.bureau}"
            raise Clash(what, ("capacity", "by_bureau", code), ("bureau",))


def _deadlines(plan: PlanDefinition) -> None:
    if plan.deadlines.enter > plan.deadlines.publish:
        what = "a result is published before it is entered"
        raise Clash(what, ("deadlines", "enter"), ("deadlines", "publish"))


_TESTS: tuple[Callable[[PlanDefinition], None], ...] = (
    _ratios_rise, _strata, _items, _slice, _direction, _frequency, _worst, _methods, _higher,
    _capacity, _deadlines,
)  # fmt: skip
