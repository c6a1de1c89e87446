"""Xinfen's plan of a month, drawn as `xinfen commit` and `xinfen draw` would."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from supervision import eligible, lists, sizes
from supervision.drawing import draw
from supervision.period import Period
from supervision.plan import PlanDefinition
from supervision.tickets import opened

PLAN = Path(__file__).with_name("loop.yaml")


def drawn(
    firms: pd.DataFrame, run: pd.DataFrame, history: pd.DataFrame, day: date, seed: int
) -> pd.DataFrame:
    """The draw of a month.

    Parameters
    ----------
    firms : the listed firms; columns of `lists.OBJECTS`.
    run : their classes, as `loop_models.classes`.
    history : visits made so far, `entity_id` and `visited_on`.
    seed : of the simulation; it stands for sealed seed and public value.

    Returns
    -------
    the frame of the draw, a row a firm in the order of `firms`, and `group`, such as `class C`.
    """
    plan = PlanDefinition.from_yaml(PLAN.read_text("utf-8"))
    period = Period.containing(day, plan.batches)
    listed = lists.objects(firms)
    scored = run[run["scope"].isin(["model", "grade_only"])]
    joined = lists.join(listed, lists.classes(scored, listed))
    marked = eligible.mark(
        plan, joined, lists.history(_texts(history), listed), lists.exclusions(None, listed), period
    )
    sized = sizes.sizes(plan, marked, period, _nobody())
    opened_seed = opened(f"{seed:064x}", f"{day}", "loop")
    frame = draw(plan, marked, sized, opened_seed).assign(group=marked["group"])
    return frame.set_index("entity_id").loc[firms["entity_id"]].reset_index()


def asked(drawn: pd.DataFrame) -> pd.DataFrame:
    """The visits of a draw, as `records.province.inspect` takes them.

    A pair sees the class unless the visit is of the slice. `inclusion_probability` is the chance of
    being drawn in the way it was, and `chance` that of being drawn in any.
    """
    rows = drawn[drawn["drawn_by"].notna()].reset_index(drop=True)
    blind = rows["drawn_by"] == "slice"
    planned = rows["plan_probability"] + rows["top_up_probability"]
    return pd.DataFrame(
        {
            "entity_id": rows["entity_id"],
            "drawn_by": rows["drawn_by"],
            "class_seen": rows["risk_class"].where(~blind, None),
            "inclusion_probability": rows["slice_probability"].where(blind, planned),
            "chance": rows["inclusion_probability"],
        }
    )


def _texts(history: pd.DataFrame) -> pd.DataFrame:
    return history.assign(visited_on=pd.to_datetime(history["visited_on"]).dt.strftime("%Y-%m-%d"))


def _nobody() -> pd.DataFrame:
    """No list of inspectors: the plan has no capacity that would ask for one."""
    return pd.DataFrame(columns=list(lists.INSPECTORS))
