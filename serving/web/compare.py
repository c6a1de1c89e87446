"""A list uploaded and answered row by row, on a page or as a workbook; nothing of it is kept."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import pandas as pd
from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from sqlalchemy.engine import Engine

from records.errors import BadInput, XinfenError
from serving.access import audit
from serving.access.caller import Caller
from serving.results import comparing, listing, results
from serving.results.results import Published
from serving.runs import answering, listfiles
from serving.store.database import reading
from serving.telling.languages import Lang
from serving.web import answers, firmtasks
from serving.web.api import UsesEngine, today
from serving.web.comparewords import COMPARE
from serving.web.forms import SESSION, Ours
from serving.web.lists import about_file, workbook
from serving.web.listwords import LISTS
from serving.web.pages import Reads, language, page
from serving.web.problems import Refused

router = APIRouter(include_in_schema=False)

SHOWN = 200
"""Rows of an answer that a page shows; a workbook holds all."""

KINDS = (".xlsx", ".xlsm", ".csv", ".txt")


@router.get("/compare", dependencies=[Depends(Reads("batch"))])
def compare_page(request: Request, engine: UsesEngine) -> Response:
    with reading(engine) as connection:
        about = results.published(connection).about
    return _page(request, about)


@router.post("/compare", dependencies=[Depends(Ours(SESSION))])
def compare(
    request: Request,
    engine: UsesEngine,
    reader: Annotated[Caller, Depends(Reads("batch"))],
    file: Annotated[UploadFile | None, File()] = None,
    purpose: Annotated[str, Form(max_length=200, pattern=answers.NO_NUL)] = "",
    answer: Annotated[Literal["page", "book"], Form()] = "page",
) -> Response:
    lang = language(request)
    try:
        asked = _asked(file)
    except XinfenError as error:
        with reading(engine) as connection:
            about = results.published(connection).about
        return _page(request, about, 422, fault=Refused.mendable(422, error, "file").problem)
    now, rows = _answered(engine, reader, asked, lang, purpose, today(request))
    if answer == "book":
        columns, words = answering.COMPARED, LISTS[lang]
        more = [(COMPARE[lang]["file"], (file and file.filename) or "")]
        book = {
            COMPARE[lang]["result"]: (
                answering.headings(columns, lang), answering.texts(rows, columns, lang)
            ),
            words["about"]: (
                [words["about_what"], words["about_told"]], about_file(now, reader, lang, more)
            ),
        }  # fmt: skip
        return workbook(book, f"{COMPARE[lang]['result']}-{now.about['as_of']}.xlsx")
    return _page(request, now.about, told=_told(rows, lang))


def _page(request: Request, about: dict[str, Any], status: int = 200, **told: Any) -> Response:
    return page(
        request, "compare.html", status, w=COMPARE[language(request)], about=about,
        kinds=",".join(KINDS), most=listing.MOST, shown=SHOWN,
        **{"told": None, "fault": None, **told},
    )  # fmt: skip


def _asked(file: UploadFile | None) -> pd.DataFrame:
    """The list of an uploaded file.

    Raises
    ------
    XinfenError : there is none, it is of another kind, cannot be read, or is too long.
    """
    if file is None:
        raise BadInput("no list was sent", allowed=", ".join(KINDS))
    return listfiles.read(file.file.read(), most=listing.MOST)


def _answered(
    engine: Engine, reader: Caller, asked: pd.DataFrame, lang: Lang, purpose: str, day: date
) -> tuple[Published, pd.DataFrame]:
    """The rows of the list, each with its firm's class and reasons; recorded before they leave."""
    with reading(engine) as connection:
        now = results.published(connection)
        matched = comparing.matched(connection, now.load, asked, reader.scope)
        ids = sorted(matched["entity_id"].dropna().unique())
        told = firmtasks.veiled(
            connection, reader, listing.told(connection, now.load, ids, lang, reader.scope), day
        )
    audit.append(engine, reader, "batch", ids, run=now.run, purpose=purpose or "page")
    frame = pd.DataFrame(told, columns=list(answering.LISTED))
    rows = answering.answered(matched, frame.assign(as_of=now.about["as_of"]), lang)
    return now, rows


def _told(rows: pd.DataFrame, lang: str) -> dict[str, Any]:
    known = rows.astype(object).where(rows.notna(), None)
    statuses = rows["status"].value_counts()
    return {
        "rows": known.head(SHOWN).to_dict("records"),
        "n": len(rows),
        "firms": int(rows["entity_id"].nunique()),
        "same": int(rows["same_as"].notna().sum()),
        "statuses": [
            (answering.STATUS[str(status)][lang == "en"], int(n)) for status, n in statuses.items()
        ],
        "named": {status: words[lang == "en"] for status, words in answering.STATUS.items()},
    }
