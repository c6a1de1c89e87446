"""The overview of the served run: classes by place, industry and public grade, and the movers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.engine import Connection

from serving.access import audit
from serving.access.caller import Caller
from serving.access.scope import Scope
from serving.planstore.reading import blind_for
from serving.results import freezing, movers, results
from serving.store.database import reading
from serving.telling import causes as why
from serving.telling import coded
from serving.web import charts
from serving.web.api import UsesEngine, today
from serving.web.charts import Share
from serving.web.overviewwords import OVERVIEW
from serving.web.pages import Reads, Text, language, page

router = APIRouter(include_in_schema=False)

Counts = Mapping[str, int]
"""Firms by class; the empty class: not classified."""


@dataclass(frozen=True, slots=True)
class Group:
    """Firms of one kind: code, name, firms by class."""

    code: str
    name: str
    counts: Counts

    @property
    def classed(self) -> int:
        return sum(self.counts.get(letter, 0) for letter in "ABCD")

    @property
    def share(self) -> Share:
        risky = self.counts.get("C", 0) + self.counts.get("D", 0)
        return Share(f"{self.code} {self.name}".strip(), risky, self.classed)


@router.get("/overview")
def overview_page(
    request: Request,
    engine: UsesEngine,
    reader: Annotated[Caller, Depends(Reads("run"))],
    region: Annotated[str, Query(pattern=r"^([0-9]{4})?$")] = "",
    section: Annotated[str, Query(pattern=r"^[A-T]?$")] = "",
) -> Response:
    lang = language(request)
    words = OVERVIEW[lang]
    with reading(engine) as connection:
        now = results.published(connection)
        about = results.about(connection, now, reader.scope)
        counted = partial(_counted, connection, now.load, scope=reader.scope)
        width = 6 if region else 4
        places = _groups(counted("division"), region, width, coded.division)
        trades = _groups(
            counted("industry"), section, 3 if section else 1,
            lambda code: coded.industry(code, lang),
        )  # fmt: skip
        grades = _groups(counted("grade"), "", 1, lambda code: code)
        moved = movers.counts(connection, now.load, reader.scope)
    return page(
        request, "overview.html", w=words, about=about, run=now.run, region=region,
        section=section, places=_riskiest(places), trades=_riskiest(trades), grades=grades,
        region_name=coded.division(region), section_name=coded.industry(section, lang),
        place_chart=_shares(places, words["chart_place"]),
        trade_chart=_shares(trades, words["chart_trade"]),
        grade_chart=_by_grade(grades, words), moved=_moved(moved, lang),
    )  # fmt: skip


@router.get("/overview/movers")
def movers_page(
    request: Request,
    engine: UsesEngine,
    reader: Annotated[Caller, Depends(Reads("search"))],
    way: Literal["worse", "better"] = "worse",
    after: Text = "",
) -> Response:
    lang = language(request)
    with reading(engine) as connection:
        now = results.published(connection)
        blind = blind_for(connection, reader, today(request))
        found = movers.listed(connection, now.load, way, reader.scope, without=blind, after=after)
        catalogue = freezing.of(connection, now.load).definition.catalogue
    known = {one.id: one.name.in_(lang) for one in catalogue.indicators}
    rows = [
        {
            **row,
            "moved_by": [known.get(one, one) for one in row["indicators"][:2]],
            "why": _cause(row["cause"], lang),
        }
        for row in found.firms
    ]
    ids = [str(row["entity_id"]) for row in rows]
    audit.append(engine, reader, "search", ids, run=now.run, purpose="page")
    return page(
        request, "movers.html", w=OVERVIEW[lang], about=now.about, way=way, rows=rows,
        after=found.after, begun=bool(after),
    )  # fmt: skip


def _counted(connection: Connection, load: int, kind: str, scope: Scope) -> dict[str, Counts]:
    """Firms by class of each code."""
    told: dict[str, dict[str, int]] = {}
    for row in results.counts(connection, load, kind, scope):
        told.setdefault(row["value"], {})[row["risk_class"]] = row["firms"]
    return {**told}


def _groups(
    counted: Mapping[str, Counts], under: str, width: int, name: Callable[[str], str]
) -> list[Group]:
    """The codes under one, put together by their first characters."""
    told: dict[str, dict[str, int]] = {}
    for code, counts in counted.items():
        if code.startswith(under):
            own = told.setdefault(code[:width], {})
            for letter, firms in counts.items():
                own[letter] = own.get(letter, 0) + firms
    groups = (
        Group(code, called if (called := name(code)) != code else "", counts)
        for code, counts in sorted(told.items(), key=lambda one: (not one[0], one[0]))
    )
    return [one for one in groups if one.classed]


def _riskiest(groups: Sequence[Group]) -> list[Group]:
    """In the order of the chart beside; those of no code last."""
    return sorted(groups, key=lambda one: (not one.code, -one.share.rate))


def _shares(groups: Sequence[Group], label: str) -> Any:
    known = [one.share for one in groups if one.code]
    if not known:
        return None
    known.sort(key=lambda one: -one.rate)
    whole = Share("", sum(one.some for one in known), sum(one.firms for one in known))
    return charts.chart(lambda: charts.shares(known, whole), label)


def _by_grade(grades: Sequence[Group], words: Mapping[str, str]) -> Any:
    if not grades:
        return None
    names = [one.code or words["no_grade"] for one in grades]
    counts = [[one.counts.get(letter, 0) for letter in "ABCD"] for one in grades]
    return charts.chart(lambda: charts.classes_by(names, counts), words["chart_grade"])


def _moved(rows: Sequence[Mapping[str, Any]], lang: str) -> dict[str, Any]:
    """Movers by class before and now, by cause, and how many each way."""
    ways: dict[tuple[str, str], int] = {}
    causes: dict[str, int] = {}
    for row in rows:
        way = (row["previous_class"], row["risk_class"])
        ways[way] = ways.get(way, 0) + row["firms"]
        cause = _cause(row["cause"], lang)
        causes[cause] = causes.get(cause, 0) + row["firms"]
    worse = sum(firms for (before, now), firms in ways.items() if now > before)
    total = sum(ways.values())
    return {
        "n": total, "worse": worse, "better": total - worse,
        "ways": sorted(ways.items(), key=lambda one: -one[1]),
        "causes": sorted(causes.items(), key=lambda one: -one[1]),
    }  # fmt: skip


def _cause(cause: str | None, lang: str) -> str:
    return why.short(cause, lang) if cause else OVERVIEW[lang]["cause_none"]
