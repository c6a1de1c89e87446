"""What a firm's page tells of its visits, and from whom its class is held back for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy.engine import Connection, Engine

from serving.access.caller import Caller
from serving.planstore import reading
from serving.planstore.refusals import PlanRefused
from serving.results import results
from serving.results.desk import Withheld
from serving.results.searching import Found, Search
from serving.store import database
from serving.telling.languages import Lang
from serving.web.planwords import WORDS

TELLING = (
    "risk_class", "model_class", "previous_class", "public_grade", "public_score", "probability",
    "class_name", "headline",
)  # fmt: skip
"""What of a firm's row tells its class, or is close to it."""


def of_firm(
    engine: Engine, reader: Caller, entity_id: str, lang: Lang, today: date
) -> dict[str, Any]:
    """A firm's released visits that a reader is told; the page's own look is in the audit."""
    visits = []
    if reader.may("plans"):
        with database.reading(engine) as connection:
            visits = reading.of_firm(connection, reader, entity_id, today)
    return {"p": WORDS[lang], "visits": visits}


def check_blind(connection: Connection, caller: Caller, entity_id: str, today: date) -> None:
    """Go on only if this firm's class may be told to a caller now.

    Raises
    ------
    PlanRefused : he visits it blind, and not all blind results are in.
    """
    if reading.blind_for(connection, caller, today, [entity_id]):
        raise PlanRefused.blind(entity_id)


def withheld(time_zone: str) -> Withheld:
    """The same for the desk, of many firms at once; today is that of a time zone."""
    zone = ZoneInfo(time_zone)

    def hidden(connection: Connection, caller: Caller, ids: Sequence[str]) -> dict[str, Exception]:
        today = datetime.now(zone).date()
        return {
            one: PlanRefused.blind(one) for one in reading.blind_for(connection, caller, today, ids)
        }

    return hidden


def seen(connection: Connection, caller: Caller, wanted: Search, today: date) -> Search:
    """A search that narrows by class, without the firms that a caller visits blind.

    A place among those found would tell their class, and so would the count.
    """
    if not wanted.by_class:
        return wanted
    return replace(wanted, without=tuple(sorted(reading.blind_for(connection, caller, today))))


def found(
    connection: Connection,
    caller: Caller,
    load: int,
    wanted: Search,
    today: date,
    **page: Any,
) -> Found:
    """`results.search`, with nothing in it that tells a class held back from a caller."""
    asked = seen(connection, caller, wanted, today)
    told = results.search(connection, load, asked, caller.scope, **page)
    return replace(told, firms=veiled(connection, caller, told.firms, today))


def veiled(
    connection: Connection, caller: Caller, rows: Sequence[dict[str, Any]], today: date
) -> list[dict[str, Any]]:
    """Rows of a list, without the class of firms that a caller visits blind."""
    hidden = reading.blind_for(connection, caller, today, [row["entity_id"] for row in rows])
    return [
        {name: None if name in TELLING else row[name] for name in row}
        if row["entity_id"] in hidden
        else row
        for row in rows
    ]


def veiled_frame(
    connection: Connection, caller: Caller, rows: pd.DataFrame, today: date
) -> pd.DataFrame:
    """The same of a frame with `entity_id`, null where no firm is known."""
    ids = rows["entity_id"].dropna().unique().tolist()
    hidden = reading.blind_for(connection, caller, today, ids)
    if not hidden:
        return rows
    held = rows["entity_id"].isin(hidden)
    told = [name for name in TELLING if name in rows]
    return rows.assign(**{name: rows[name].where(~held, None) for name in told})
