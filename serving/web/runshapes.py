"""The shapes of what is told of runs, and of what runs said of a firm one after another."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.web.answers import FIRM, RUN, RiskClass

LOADED: dict[str, Any] = {
    **RUN, "published": "2026-04-01T01:30:00+00:00", "held": True, "served": True,
}  # fmt: skip
COUNT: dict[str, Any] = {"value": "231202", "risk_class": "C", "firms": 38}
PAST: dict[str, Any] = {
    "run": "5f0c" * 16, "as_of": "2026-03-31", "published": "2026-04-01T01:30:00+00:00",
    "risk_class": "C", "model_class": "C", "public_grade": "D", "probability": 0.27,
    "previous_class": "B", "cause": "indicators", "rule": None,
    "indicators": [{"indicator": "G5-02", "value_before": 0.0, "value": 2.0,
                    "contribution_before": -0.1, "contribution": 1.1}],
}  # fmt: skip
CHANGE: dict[str, Any] = {
    **PAST, "entity_id": FIRM["entity_id"],
    "sentence": "信用风险类别由 B 类变为 C 类：企业的记录变了，主要是近一年查实投诉举报数。",
}  # fmt: skip

Cause = Literal[
    "model", "catalogue", "policy", "correction", "direct", "public_grade", "hysteresis",
    "indicators",
]  # fmt: skip


class RunTold(BaseModel):
    """A run that was served."""

    run: str = Field(description="SHA-256 of the run")
    as_of: date = Field(description="records known before this day count")
    published: str = Field(description="when it was served last; UTC, ISO 8601")
    held: bool = Field(description="false: only its history is left")
    served: bool = Field(description="whether it answers now")
    model: str = Field(description="name and version")
    catalogue: str = Field(description="version and hash of the indicators")
    policy: str = Field(description="version of the class policy")
    snapshot: str = Field(description="SHA-256 of the records it was made from")
    synthetic: bool = Field(description="true: invented firms, for demonstration")
    firms: int = Field(description="within the token's regions")
    classes: dict[RiskClass, int]
    model_config = ConfigDict(json_schema_extra={"example": LOADED})


class RunsAnswer(BaseModel):
    """The runs, the newest first."""

    runs: list[RunTold]
    model_config = ConfigDict(json_schema_extra={"example": {"runs": [LOADED]}})


class Count(BaseModel):
    """Firms of one class in one division, industry or grade; empty: not known, not classified."""

    value: str
    risk_class: str
    firms: int
    model_config = ConfigDict(json_schema_extra={"example": COUNT})


class Counts(BaseModel):
    """Firms by class and something else."""

    division: list[Count]
    industry: list[Count]
    grade: list[Count]
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "division": [COUNT], "industry": [{**COUNT, "value": "H62"}],
                "grade": [{**COUNT, "value": "D"}],
            }
        }
    )  # fmt: skip


class RunDetail(RunTold):
    """One run; `counts` only for those who may read classes."""

    counts: Counts | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "example": {**LOADED, "counts": {"division": [COUNT], "industry": [], "grade": []}}
        }
    )


class Moved(BaseModel):
    """An indicator that moved the score: its value and contribution, before and now."""

    indicator: str
    value_before: float | None = None
    value: float | None = None
    contribution_before: float | None = None
    contribution: float | None = None


class Past(BaseModel):
    """What one run made of the firm; a field outside the token's scope is absent."""

    run: str
    as_of: date
    published: str = Field(description="when the run was served; UTC, ISO 8601")
    risk_class: RiskClass | None = None
    model_class: RiskClass | None = None
    public_grade: Literal["A", "B", "C", "D", "E"] | None = None
    probability: float | None = None
    previous_class: RiskClass | None = None
    cause: Cause | None = Field(default=None, description="null: the class did not change")
    rule: str | None = Field(default=None, description="the direct rule that began or ended")
    indicators: list[Moved] | None = Field(default=None, description="what moved the score most")
    model_config = ConfigDict(json_schema_extra={"example": PAST})


class HistoryAnswer(BaseModel):
    """A firm run by run, the newest first."""

    entity_id: str
    history: list[Past]
    model_config = ConfigDict(
        json_schema_extra={"example": {"entity_id": FIRM["entity_id"], "history": [PAST]}}
    )


class ChangeAnswer(Past):
    """The last run in which the firm's class changed, and why in a sentence.

    All null but `entity_id` where no run told of a change.
    """

    entity_id: str
    run: str | None = None  # type: ignore[assignment]
    as_of: date | None = None  # type: ignore[assignment]
    published: str | None = None  # type: ignore[assignment]
    sentence: str | None = None
    model_config = ConfigDict(json_schema_extra={"example": CHANGE})
