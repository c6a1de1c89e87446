"""The shapes of the API's questions and answers about plans, with examples."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.web.answers import FIRM, NO_NUL, Purpose, RiskClass

Cell = Annotated[str, Field(max_length=2_000, pattern=NO_NUL)]
Verdict = Literal["provably random", "replayable, not provably random"]

PLAN: dict[str, Any] = {
    "number": 4, "commitment": "5be0" * 16, "task": "企业公示信息抽查", "state": "drawn",
    "first_day": "2026-04-01", "last_day": "2026-04-30", "released": "2026-03-29",
    "class_run_on": "2026-03-31", "public_value": "31415", "verdict": "provably random",
    "verified": "2026-04-01T02:10:00+00:00", "files": ["commitment.json", "proof.json"],
    "states": {"missing": 12}, "about": {"firms": 20_000, "drawn_by": {"slice": 20}},
}  # fmt: skip
TASK: dict[str, Any] = {
    "visit": "1a2b3c4d5e6f7081", "entity_id": FIRM["entity_id"], "name": FIRM["name"],
    "division": "231202", "address": "和平路2号", "bureau": "2312", "drawn_as": "blind",
    "hidden": True, "items": {"publicity": {"zh": "公示信息", "en": "publicity"}},
    "method": "on_site", "inspector_1": "I07", "inspector_2": "I11", "risk_class": None,
    "state": "missing", "items_missing": "publicity", "enter_by": None,
}  # fmt: skip


class PlanTold(BaseModel):
    """A plan: what it is, how it stands, and the verdict recorded when it was published."""

    number: int
    commitment: str = Field(description="SHA-256 that names plan, lists, run and sealed seed")
    task: str
    state: Literal["committed", "drawn", "aborted"]
    first_day: str
    last_day: str
    released: str = Field(description="first civil day on which tasks are told")
    class_run_on: str
    public_value: str | None = Field(
        default=None, description="null: not drawn, or drawn without one"
    )
    verdict: Verdict | None = Field(default=None, description="null: not drawn")
    verified: str | None = Field(default=None, description="when, UTC, ISO 8601")
    model_config = ConfigDict(json_schema_extra={"example": PLAN})


class PlanAnswer(PlanTold):
    """One plan, with its register, its counts, and the files this caller may take away today."""

    about: dict[str, Any] = Field(
        description="register: its events; earlier: commitments of the same task and period; "
        "once drawn: firms, drawn_by, groups with chances, bureaus with visits"
    )
    files: list[str]
    states: dict[str, int] = Field(description="of this caller's visits; empty before release")


class PlansAnswer(BaseModel):
    """Plans, the newest first; pass `before` back for the next page, null: the last one."""

    plans: list[PlanTold]
    before: int | None = None
    model_config = ConfigDict(json_schema_extra={"example": {"plans": [PLAN], "before": None}})


class ItemName(BaseModel):
    """An item's name in both languages."""

    zh: str
    en: str


class TaskTold(BaseModel):
    """A visit to make. While it is hidden, neither class nor reasons are told of it to anybody."""

    visit: str
    entity_id: str
    name: str
    division: str | None = None
    address: str | None = None
    bureau: str
    drawn_as: Literal["plan", "top_up", "blind"]
    hidden: bool = Field(description="blind, and its results are not all in")
    items: dict[str, ItemName]
    method: str
    inspector_1: str
    inspector_2: str
    risk_class: RiskClass | None = Field(
        default=None, description="of the plan's run; null: blind, or none"
    )
    state: str = Field(description="visited, late, not_visited, swapped, missing")
    items_missing: str | None = Field(default=None, description="items without a result, with ;")
    enter_by: str | None = Field(
        default=None, description="last day to enter results; null: not judged yet"
    )
    model_config = ConfigDict(json_schema_extra={"example": TASK})


class TasksAnswer(BaseModel):
    """Visits by `visit`; pass `after` back for the next page, null: the last one."""

    number: int
    total: int
    tasks: list[TaskTold]
    after: str | None = None
    model_config = ConfigDict(
        json_schema_extra={"example": {"number": 4, "total": 1, "tasks": [TASK], "after": None}}
    )


class ResultsQuestion(BaseModel):
    """Rows of results, in the columns of docs/results.md."""

    rows: Annotated[list[dict[Cell, Cell]], Field(min_length=1, max_length=2_000)]
    purpose: Purpose = ""
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "rows": [{
                    "visit": TASK["visit"], "item": "publicity", "result": "no_problem",
                    "inspected_on": "2026-04-08",
                }]
            }
        },
    )  # fmt: skip


class ReasonTold(BaseModel):
    """Why a row was refused."""

    row: int
    field: str
    found: str
    problem_zh: str
    problem_en: str
    allowed_zh: str
    allowed_en: str


class ResultsAnswer(BaseModel):
    """What became of the rows: read = accepted + duplicate + refused."""

    number: int
    version: int = Field(description="of the plan's results; 0: none yet")
    read: int
    accepted: int
    corrected: int
    duplicate: int
    refused: int
    reasons: list[ReasonTold]
    states: dict[str, int]
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "number": 4, "version": 2, "read": 3, "accepted": 2, "corrected": 0,
                "duplicate": 1, "refused": 0, "reasons": [], "states": {"visited": 8, "missing": 4},
            }
        }
    )  # fmt: skip
