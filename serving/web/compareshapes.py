"""The shapes of compared lists and of jobs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.web.answers import ABOUT, FIRM, RiskClass

Status = Literal[
    "matched", "empty", "bad_check_digit", "unknown_code", "unknown_name", "ambiguous_name",
    "name_differs",
]  # fmt: skip
STATE = Literal["waiting", "running", "done", "failed"]

ROW: dict[str, Any] = {
    "row": 1, "code": FIRM["entity_id"], "name_given": None, "status": "matched", "why": "",
    "candidates": 1, "same_as": None, "entity_id": FIRM["entity_id"], "name": FIRM["name"],
    "division": "231202", "industry": "H62", "risk_class": "C", "class_name": "信用风险较高",
    "public_grade": "D", "public_score": 705, "previous_class": "B", "as_of": "2026-03-31",
    "headline": "主要因为近一年投诉举报被查实 2 件。",
}  # fmt: skip
COMPARED: dict[str, Any] = {
    **ABOUT, "rows": 2, "enterprises": 1, "duplicates": 0,
    "status": {"matched": 1, "unknown_code": 1},
    "answers": [ROW, {"row": 2, "code": "X", "status": "unknown_code", "candidates": 0,
                      "why": "本期分类中没有该代码"}],
}  # fmt: skip
JOB: dict[str, Any] = {
    "id": "9f" * 16, "kind": "compare", "state": "running", "done": 500, "total": 12_000,
    "made": "2026-04-02T01:30:00Z", "expires": "2026-04-03T01:30:00Z", "problem": None,
    "result": None,
}  # fmt: skip


class Compared(BaseModel):
    """A row of the list with its firm's class, or why there is none.

    Columns outside the token's scope are absent.
    """

    row: int = Field(description="of the list, from 1 and without its heading")
    code: str | None = Field(default=None, description="as given")
    name_given: str | None = None
    status: Status
    why: str = Field(description="empty: matched")
    candidates: int = Field(description="firms that may be meant")
    same_as: int | None = Field(default=None, description="the row of the same firm before")
    entity_id: str | None = None
    name: str | None = None
    division: str | None = None
    industry: str | None = None
    risk_class: RiskClass | None = None
    class_name: str | None = None
    public_grade: Literal["A", "B", "C", "D", "E"] | None = None
    public_score: int | None = None
    previous_class: RiskClass | None = None
    as_of: date | None = None
    headline: str | None = Field(default=None, description="one line why")
    model_config = ConfigDict(json_schema_extra={"example": ROW})


class CompareAnswer(BaseModel):
    """A whole list, row for row in its order."""

    run: str
    as_of: date
    rows: int
    enterprises: int = Field(description="different firms that were matched")
    duplicates: int
    status: dict[Status, int]
    answers: list[Compared]
    model_config = ConfigDict(json_schema_extra={"example": COMPARED})


class JobProblem(BaseModel):
    """Why a job failed."""

    what: str
    found: str
    allowed: str
    hint: str


class JobAnswer(BaseModel):
    """A job: how far it is, and where its result is once it is done."""

    id: str
    kind: str
    state: STATE
    done: int
    total: int = Field(description="0: not known yet")
    made: datetime
    expires: datetime = Field(description="when it and its result are gone")
    problem: JobProblem | None = None
    result: str | None = Field(default=None, description="address of the result")
    model_config = ConfigDict(json_schema_extra={"example": JOB})


class JobsAnswer(BaseModel):
    """The caller's jobs, the newest first."""

    jobs: list[JobAnswer]
    model_config = ConfigDict(json_schema_extra={"example": {"jobs": [JOB]}})
