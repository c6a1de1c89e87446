"""Catalogues in a few words, for tests."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from features.catalogue import Catalogue

TIES = {
    "address": {"name": {"zh": "同址", "en": "place"}, "from": "enterprises",
                "column": "address_key"},
    "legal_rep": {"name": {"zh": "同一人", "en": "head"}, "from": "enterprises",
                  "column": "legal_rep"},
}  # fmt: skip


def catalogue(*entries: dict[str, Any], **ties: dict[str, Any]) -> Catalogue:
    """Indicators G3-01, G3-02, …; of penalties where nothing else is said."""
    base = {
        "name": {"zh": "一", "en": "a"},
        "subgroup": "x",
        "unit": "times",
        "risk": "up",
        "reason": {"zh": "{value}", "en": "{value}", "absent": {"zh": "无", "en": "none"}},
        "source": "ours",
    }
    return Catalogue.model_validate(
        {
            "version": "1.0.0",
            "ties": TIES | ties,
            "indicators": [
                base | {"id": f"G3-{n:02d}"} | _of_penalties(entry)
                for n, entry in enumerate(entries, 1)
            ],
        }
    )


def _of_penalties(entry: dict[str, Any]) -> dict[str, Any]:
    apart = {"ties", "function", "indicator"} & set(entry)
    return entry if apart else {"from": "penalties"} | entry


def spine(*pairs: tuple[str, str]) -> pd.DataFrame:
    """Firms and dates."""
    return pd.DataFrame(
        {
            "entity_id": [firm for firm, _ in pairs],
            "as_of": [date.fromisoformat(day) for _, day in pairs],
        }
    )
