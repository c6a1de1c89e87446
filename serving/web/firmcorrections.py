"""What a firm's page tells of its corrections, and from where one begins with one click."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import quote

from sqlalchemy.engine import Engine

from serving.access.caller import Caller
from serving.corrections import cases, telling
from serving.store.database import reading
from serving.telling.languages import Lang
from serving.web.correctionwords import WORDS

SHOWN = 5
"""Corrections that the page names; the others are one link away."""


def of_firm(
    engine: Engine, reader: Caller, entity_id: str, lang: Lang, today: date
) -> dict[str, Any]:
    """A firm's corrections within the reader's scope; the page's own look is in the audit.

    Returns
    -------
    `c`, the words; `cases`, the newest first, at most `SHOWN`; `ask`, where a record's correction
    begins (empty: this role does not ask); `class_ask`, whether one of the class can be asked now.
    """
    if not reader.may("corrections"):
        return {"c": WORDS[lang], "cases": [], "ask": "", "class_ask": False}
    with reading(engine) as connection:
        found, _ = cases.cases(connection, reader.scope, today, entity_id=entity_id, limit=100)
    opened = any(one.state == "open" for one in found)
    decided = any(one.decision and not one.of_class for one in found)
    asks = reader.may("ask_correction")
    return {
        "c": WORDS[lang],
        "cases": [telling.told(one, classes=True) for one in found[:SHOWN]],
        "ask": f"/enterprises/{quote(entity_id, safe='')}/corrections/new" if asks else "",
        "class_ask": asks and decided and not opened,
    }
