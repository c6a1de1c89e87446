"""The shapes of the API's questions and answers, with examples for the OpenAPI page."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

RiskClass = Literal["A", "B", "C", "D"]
NO_NUL = r"^[^\x00]*$"
"""No database takes a zero byte in a text."""

EntityId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=NO_NUL,
        description="统一社会信用代码 or opaque id",
        examples=["91231202MA0EXAMPL0"],
    ),
]
Purpose = Annotated[
    str,
    Field(max_length=200, pattern=NO_NUL, description="why it is read; kept in the audit"),
]

FIRM: dict[str, Any] = {
    "entity_id": "91231202MA0EXAMPL0",
    "name": "示例餐饮管理有限公司",
    "division": "231202",
    "industry": "H62",
    "entity_type": "1130",
    "status": "live",
    "scope": "model",
    "risk_class": "C",
    "model_class": "C",
    "previous_class": "B",
    "public_grade": "D",
    "public_score": 705,
    "probability": 0.27,
}
ABOUT: dict[str, Any] = {"run": "5f0c" * 16, "as_of": "2026-03-31"}

RUN: dict[str, Any] = {
    **ABOUT, "model": "general 3", "catalogue": "1.0.0+3f9a5c77b2d1", "policy": "1.0.0",
    "snapshot": "9e1b" * 16, "synthetic": True, "firms": 20_000,
    "classes": {"A": 15_100, "B": 2_800, "C": 420, "D": 80},
}  # fmt: skip


class Firm(BaseModel):
    """What is told of a firm: its risk class and, on its own scale, its public credit grade.

    A field outside the token's scope is absent; null has the meaning written beside it.
    """

    entity_id: str
    name: str = ""
    division: str | None = Field(default=None, description="county-level code; null: not given")
    industry: str | None = None
    entity_type: str = ""
    status: str = ""
    scope: Literal["model", "grade_only"] = Field(
        default="model",
        description="grade_only: not classified by the model; the public grade applies",
    )
    risk_class: RiskClass | None = Field(
        default=None, description="A low risk … D high; null under grade_only"
    )
    model_class: RiskClass | None = Field(default=None, description="before the policy's steps")
    previous_class: RiskClass | None = Field(default=None, description="null: no earlier run")
    public_grade: Literal["A", "B", "C", "D", "E"] | None = Field(
        default=None,
        description="A best credit … E; another scale than risk_class; null: none received",
    )
    public_score: int | None = Field(default=None, description="0 to 1000, higher is better credit")
    probability: float | None = Field(
        default=None, description="that an inspection finds a problem, 0 to 1"
    )


class _OfRun(BaseModel):
    run: str = Field(description="SHA-256 of the published run")
    as_of: date = Field(description="records known before this day count")


class FirmAnswer(_OfRun, Firm):
    """One firm."""

    model_config = ConfigDict(json_schema_extra={"example": {**ABOUT, **FIRM}})


class SearchAnswer(_OfRun):
    """One page of firms by entity_id; pass `after` back for the next page, null: the last one."""

    total: int
    enterprises: list[Firm]
    after: str | None
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **ABOUT, "total": 4_820, "enterprises": [FIRM], "after": FIRM["entity_id"],
            }
        }
    )  # fmt: skip


class BatchQuestion(BaseModel):
    """Up to 1,000 firms to compare."""

    entity_ids: Annotated[list[EntityId], Field(min_length=1, max_length=1_000)]
    purpose: Purpose = ""
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"entity_ids": [FIRM["entity_id"], "unknown"], "purpose": "4月抽查比对"}
        },
    )


class BatchAnswer(_OfRun):
    """The firms found, by entity_id, and the ids the run does not hold, as they were asked."""

    enterprises: list[Firm]
    not_found: list[str]
    model_config = ConfigDict(
        json_schema_extra={"example": {**ABOUT, "enterprises": [FIRM], "not_found": ["unknown"]}}
    )


class Look(BaseModel):
    """Somebody's look at a firm."""

    n: int = Field(description="row of the audit")
    at: str = Field(description="UTC, ISO 8601")
    user: str
    role: str
    action: str
    firms: int = Field(description="how many were told at once; 1: this one alone")
    run: str = Field(description="SHA-256 of the run; empty: none was read")
    purpose: str


LOOK: dict[str, Any] = {
    "n": 48_211, "at": "2026-05-06T01:02:03.456+00:00", "user": "王敏", "role": "inspector",
    "action": "explanation", "firms": 1, "run": "5f0c" * 16, "purpose": "page",
}  # fmt: skip


class LooksAnswer(BaseModel):
    """Who looked at a firm, the oldest first; pass `after` back for more, null: the last."""

    entity_id: str
    looks: list[Look]
    after: int | None
    model_config = ConfigDict(
        json_schema_extra={
            "example": {"entity_id": FIRM["entity_id"], "looks": [LOOK], "after": LOOK["n"]}
        }
    )


class Probe(BaseModel):
    """What a probe answers."""

    status: str
    model_config = ConfigDict(json_schema_extra={"example": {"status": "ok"}})


class RunAnswer(_OfRun):
    """What is published."""

    model: str = Field(description="name and version")
    catalogue: str = Field(description="version and hash of the indicators")
    policy: str = Field(description="version of the class policy")
    snapshot: str = Field(description="SHA-256 of the records it was made from")
    synthetic: bool = Field(description="true: invented firms, for demonstration")
    firms: int
    classes: dict[RiskClass, int]
    model_config = ConfigDict(json_schema_extra={"example": RUN})


LADDER: dict[str, Any] = {
    "entity_id": FIRM["entity_id"], "name": FIRM["name"], "division": "231202", "industry": "H62",
    "entity_type": "1130", "as_of": "2026-03-31", "lang": "zh", "scope": "model",
    "risk_class": "C", "class_name": "信用风险较高",
    "headline": "主要因为近一年投诉举报被查实 2 件。",
    "base": {"log_odds": -2.1, "probability": 0.109}, "probability": 0.27,
    "interval": {"low": 0.23, "high": 0.31,
                 "sentence": "得分与本企业相同的企业，问题率估计在 23.0% 至 31.0% 之间"},
    "per_100": 27, "raw": -1.0,
    "groups": [{"group": "G3", "name": "监管信息", "log_odds": 1.1, "points": 16.1}],
    "reasons_for": [{
        "indicator": "G5-02", "group": "G5", "name": "近一年查实投诉举报数", "value": 2.0,
        "contribution": 1.1, "points": 16.1, "sentence": "近一年投诉举报被查实 2 件",
        "comparison": "同行业企业中 4% 有此类情形", "indicators": ["G5-02"], "also": [],
        "records": [{"table": "complaints", "table_name": "投诉举报", "source": "12315平台",
                     "source_id": "TS-2026-0117", "event_time": "2026-02-09"}],
    }],
    "reasons_against": [],
    "remedies": [{"indicator": "G3-11", "sentence": "履行处罚决定后可申请信用修复"}],
    "steps": [{
        "step": "public_grade", "name": "参照公共信用", "class": "C", "rule": "GA1", "given": "D",
        "months": None, "margin": None, "since": "2026-03-01", "until": None, "records": [],
        "detail": "公共信用 D 级（2026年3月1日评价），与 A 类相差较大，调整一档",
    }],
    "public_score": 705, "public_grade": "D", "previous_class": "B",
    "versions": {"model": "general 3", "catalogue": "1.0.0+3f9a", "policy": "1.0.0",
                 "snapshot": "9e1b"},
    "notice": "仅供规定范围内的监管工作参考，不得对外提供查询。",
}  # fmt: skip
