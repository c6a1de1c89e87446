"""Lists of firms by class, grade, region and industry, on a page and as a workbook of texts."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import pandas as pd
from fastapi import APIRouter, Depends, Query, Request, Response

from records import sheets
from serving.access import audit
from serving.access.caller import Caller
from serving.results import listing, results
from serving.results.results import Published, Search
from serving.runs import answering
from serving.store.database import reading
from serving.telling import coded
from serving.web import firmtasks
from serving.web.api import UsesEngine, today
from serving.web.listwords import LISTS
from serving.web.pages import Reads, Text, language, page
from serving.web.problems import Refused

router = APIRouter(include_in_schema=False)

PAGE = 20
BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Asked:
    """A dependency: the conditions of a list, as its form sends them."""

    def __init__(
        self,
        classes: Annotated[list[str] | None, Query(alias="class", max_length=4)] = None,
        grades: Annotated[list[str] | None, Query(alias="grade", max_length=5)] = None,
        region: Annotated[str, Query(pattern=r"^[0-9]{0,12}$")] = "",
        industry: Annotated[str, Query(pattern=r"^([A-T]([0-9]{2,4})?)?$")] = "",
        q: Text = "",
    ) -> None:
        self.classes = _letters(classes, "ABCD", "class")
        self.grades = _letters(grades, "ABCDE", "grade")
        self.region, self.industry, self.q = region, industry, results.tidy(q)

    @property
    def search(self) -> Search:
        return Search(
            self.q, classes=tuple(self.classes), grades=tuple(self.grades),
            regions=(self.region,) if self.region else None,
            industries=(self.industry,) if self.industry else (),
        )  # fmt: skip

    def pairs(self, **more: str) -> list[tuple[str, str]]:
        """The conditions as they stand in an address; empty ones are left out."""
        told = [("class", letter) for letter in self.classes]
        told += [("grade", letter) for letter in self.grades]
        one = {"region": self.region, "industry": self.industry, "q": self.q, **more}
        return told + [(name, value) for name, value in one.items() if value]

    def link(self, path: str = "/lists", **more: str) -> str:
        return f"{path}?{urlencode(self.pairs(**more))}"


def _letters(given: Sequence[str] | None, known: str, field: str) -> str:
    """The letters chosen, in order; the empty choice of a form is none."""
    chosen = {one for one in given or () if one}
    for one in sorted(chosen):
        if one not in known or len(one) != 1:
            raise Refused.wrong_choice(field, one, ", ".join(known))
    return "".join(sorted(chosen))


@router.get("/lists")
def lists_page(
    request: Request,
    engine: UsesEngine,
    reader: Annotated[Caller, Depends(Reads("search"))],
    asked: Annotated[Asked, Depends()],
    after: Text = "",
) -> Response:
    lang, found, rows = language(request), None, []
    with reading(engine) as connection:
        now = results.published(connection)
        about = results.about(connection, now, reader.scope)
        regions = _regions(results.choices(connection, now.load, "division", reader.scope))
        trades = _trades(results.choices(connection, now.load, "industry", reader.scope), lang)
        if asked.pairs():
            found = firmtasks.found(
                connection, reader, now.load, asked.search, today(request), after=after, limit=PAGE
            )
            ids = [str(row["entity_id"]) for row in found.firms]
            rows = firmtasks.veiled(
                connection, reader, listing.told(connection, now.load, ids, lang, reader.scope),
                today(request),
            )  # fmt: skip
    if rows:
        ids = [str(row["entity_id"]) for row in rows]
        audit.append(engine, reader, "search", ids, run=now.run, purpose="page")
    return page(
        request, "lists.html", w=LISTS[lang], about=about, asked=asked, found=found, rows=rows,
        regions=regions, trades=trades, after=after, most=listing.MOST,
    )  # fmt: skip


@router.get("/lists/export")
def export(
    request: Request,
    engine: UsesEngine,
    reader: Annotated[Caller, Depends(Reads("search"))],
    asked: Annotated[Asked, Depends()],
) -> Response:
    lang = language(request)
    with reading(engine) as connection:
        now = results.published(connection)
        wanted = firmtasks.seen(connection, reader, asked.search, today(request))
        codes = listing.codes(connection, now.load, wanted, reader.scope, listing.MOST + 1)
        if len(codes) > listing.MOST:
            raise Refused.too_many(listing.MOST)
        rows = firmtasks.veiled(
            connection, reader, listing.told(connection, now.load, codes, lang, reader.scope),
            today(request),
        )  # fmt: skip
    if rows:
        codes = [str(row["entity_id"]) for row in rows]
        audit.append(engine, reader, "search", codes, run=now.run, purpose="export")
    words = LISTS[lang]
    columns = answering.LISTED
    frame = pd.DataFrame(rows).reindex(columns=list(columns)).assign(as_of=now.about["as_of"])
    told = about_file(now, reader, lang, [
        (words["conditions"], _conditions(asked, lang)), (words["count"], f"{len(rows):,}"),
    ])  # fmt: skip
    book = {
        words["sheet"]: (
            answering.headings(columns, lang), answering.texts(frame, columns, lang)
        ),
        words["about"]: ([words["about_what"], words["about_told"]], told),
    }  # fmt: skip
    return workbook(book, f"{words['file']}-{now.about['as_of']}.xlsx")


def about_file(
    now: Published, reader: Caller, lang: str, more: Sequence[tuple[str, str]] = ()
) -> list[tuple[str, str]]:
    """What a file that leaves the page says of itself: run, for whom, when, and its use."""
    from models.wording import NOTICE
    from serving.web.words import WORDS

    words, common = LISTS[lang], WORDS[lang]
    at = datetime.now(UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    told = [
        (common["as_of"], now.about["as_of"]), *more, (words["made_by"], reader.user),
        (words["made_at"], at), (words["run"], now.run), (words["notice"], NOTICE[lang]),
    ]  # fmt: skip
    if now.about["synthetic"]:
        told.append((common["synthetic"], common["synthetic_long"]))
    return told


def workbook(book: Mapping[str, tuple[Sequence[str], Any]], name: str) -> Response:
    """Sheets of text cells as a file to keep."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "book.xlsx"
        sheets.write_book(path, book)
        content = path.read_bytes()
    disposition = f"attachment; filename=\"xinfen.xlsx\"; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=BOOK, headers={"Content-Disposition": disposition})


def _conditions(asked: Asked, lang: str) -> str:
    words = LISTS[lang]
    named = {
        "class": asked.classes, "grade": asked.grades,
        "region": f"{asked.region} {coded.division(asked.region)}".strip(),
        "industry": f"{asked.industry} {coded.industry(asked.industry, lang)}".strip(),
        "q": asked.q,
    }  # fmt: skip
    return (
        "; ".join(f"{words[name]}: {value}" for name, value in named.items() if value)
        or (words["none"])
    )


def _regions(codes: Sequence[str]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Cities with their counties: (code, name, [(code, name)])."""
    cities: dict[str, list[tuple[str, str]]] = {}
    for code in codes:
        cities.setdefault(code[:4], []).append((code, coded.division(code)))
    return [(city, coded.division(city), counties) for city, counties in cities.items()]


def _trades(codes: Sequence[str], lang: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Sections with their industries: (letter, name, [(code, name)])."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for code in codes:
        sections.setdefault(code[:1], []).append((code, coded.industry(code, lang)))
    return [(one, coded.industry(one, lang), trades) for one, trades in sections.items()]
