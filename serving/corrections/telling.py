"""A correction as it is sent: by number, with all that was said, and how it stands.

Whoever may not read a class reads who asked and decided what kind of correction, when and until
when, and no class.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from serving.corrections.cases import Case

_CLASSES = ("found_class", "risk_class", "indicator")


def told(one: Case, *, classes: bool) -> dict[str, Any]:
    """The correction's fields by name.

    Parameters
    ----------
    classes : whether the classes and the reason it was asked at are told; without it they are
        absent.
    """
    asked = one.asked
    row: dict[str, Any] = {
        "number": one.number, "state": one.state, "kind": asked["kind"],
        "entity_id": asked["entity_id"], "name": one.name,
        "asked_by": asked["asked_by"], "asked_role": asked["asked_role"],
        "asked_at": asked["asked_at"], "asked_on": asked["asked_on"],
        "answer_by": asked["answer_by"], "until": one.until, "follows": asked["follows"],
        "document": asked["document"], "file_hash": asked["file_hash"], "run": asked["run"],
        "grounds": asked["grounds"], "evidence": asked["evidence"],
        "record": None, "changes": asked["changes"],
        "events": [asdict(each) for each in one.events],
    }  # fmt: skip
    if not one.of_class:
        row["record"] = {
            "table": asked["record_table"], "source": asked["source"],
            "source_id": asked["source_id"], "event_time": asked["event_time"],
        }  # fmt: skip
    return row | {name: asked[name] for name in _CLASSES} if classes else row
