"""The shapes of the API's questions and answers about corrections, with examples."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.corrections.cases import Kind, State
from serving.web.answers import FIRM, NO_NUL, EntityId, Purpose, RiskClass

Words = Annotated[str, Field(max_length=4_000, pattern=NO_NUL)]
Short = Annotated[str, Field(max_length=200, pattern=NO_NUL)]
Day = Annotated[str, Field(max_length=10, description="civil day, YYYY-MM-DD")]

RECORD = {
    "table": "penalties", "source": "道里区市场监督管理局",
    "source_id": "哈里市监罚〔2024〕214号", "event_time": "2024-09-12",
}  # fmt: skip


class RecordNamed(BaseModel):
    """A record as the explanation names it."""

    table: Short
    source: Short
    source_id: Short
    model_config = ConfigDict(extra="forbid")


class CorrectionQuestion(BaseModel):
    """What is asked: at a record (then `record`), or at the class (then `risk_class`, `until`)."""

    entity_id: EntityId
    kind: Kind
    record: RecordNamed | None = Field(default=None, description="null: of a class")
    indicator: Annotated[str, Field(max_length=16, pattern=NO_NUL)] = ""
    changes: Annotated[dict[Short, Short], Field(max_length=20)] = Field(
        default={}, description="column → right value; empty: the record no longer counts"
    )
    risk_class: RiskClass | None = None
    until: Day = Field(default="", description="of a class: the last day of its effect")
    follows: int = Field(
        default=0, ge=0, lt=2**31,
        description="of a class: the decided correction of a record before it; 0: the last",
    )  # fmt: skip
    grounds: Words = Field(description="why")
    evidence: Words = Field(description="what the document says")
    document: Short = Field(description="the document's reference")
    file_hash: Annotated[str, Field(max_length=64)] = Field(
        default="", description="SHA-256 of the document's file"
    )
    purpose: Purpose = ""
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "entity_id": FIRM["entity_id"],
                "kind": "not_this_firm",
                "record": {name: RECORD[name] for name in ("table", "source", "source_id")},
                "indicator": "G3-11",
                "grounds": "处罚对象为同名企业",
                "evidence": "原处罚机关函告：当事人为另一家企业",
                "document": "哈里市监函〔2026〕12号",
            }
        },
    )


class DecisionQuestion(BaseModel):
    """How it is decided, and why; a class may be granted for a shorter time than was asked."""

    decision: Literal["granted", "refused"]
    reason: Words
    until: Day = ""
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"decision": "granted", "reason": "来函属实，予以剔除"}},
    )


class ReasonQuestion(BaseModel):
    """Why it is taken back, or ended."""

    reason: Words
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": "原机关已自行更正"}}
    )


class RecordTold(RecordNamed):
    """The record that is asked about."""

    event_time: str | None = None


class EventTold(BaseModel):
    """A step of a correction."""

    what: Literal["granted", "refused", "withdrawn", "carried", "ended"]
    at: str = Field(description="UTC, ISO 8601")
    day: str = Field(description="civil day")
    user: str
    role: str
    reason: str
    until: str | None = Field(default=None, description="of a class: its last day from then on")


CORRECTION: dict[str, Any] = {
    "number": 7, "state": "granted", "kind": "not_this_firm", "entity_id": FIRM["entity_id"],
    "name": FIRM["name"], "asked_by": "王敏", "asked_role": "inspector",
    "asked_at": "2026-04-02T01:20:00+00:00", "asked_on": "2026-04-02", "answer_by": "2026-05-02",
    "until": None, "follows": None, "document": "哈里市监函〔2026〕12号", "file_hash": "",
    "run": "5f0c" * 16, "grounds": "处罚对象为同名企业",
    "evidence": "原处罚机关函告：当事人为另一家企业", "record": RECORD, "changes": None,
    "found_class": "C", "risk_class": None, "indicator": "G3-11",
    "events": [{
        "what": "granted", "at": "2026-04-03T02:00:00+00:00", "day": "2026-04-03", "user": "李娜",
        "role": "supervisor", "reason": "来函属实，予以剔除", "until": None,
    }],
}  # fmt: skip


class CorrectionAnswer(BaseModel):
    """A correction: what was asked, what became of it, how it stands.

    For a role that may not read a class, `found_class`, `risk_class` and `indicator` are absent.
    """

    number: int
    state: State
    kind: Kind
    entity_id: str
    name: str = Field(description="in the served run; empty: it does not hold the enterprise")
    asked_by: str
    asked_role: str
    asked_at: str
    asked_on: str
    answer_by: str = Field(description="not decided by then, it expires")
    until: str | None = Field(
        default=None, description="last day of its effect as it stands; null: of a record"
    )
    follows: int | None = None
    document: str
    file_hash: str
    run: str = Field(description="SHA-256 of the run that was served when it was asked")
    grounds: str
    evidence: str
    record: RecordTold | None = None
    changes: dict[str, str] | None = Field(
        default=None, description="null: the record no longer counts"
    )
    found_class: RiskClass | None = Field(default=None, description="served when it was asked")
    risk_class: RiskClass | None = Field(default=None, description="asked for; null: of a record")
    indicator: str | None = None
    events: list[EventTold]
    model_config = ConfigDict(json_schema_extra={"example": CORRECTION})


class CorrectionsAnswer(BaseModel):
    """Corrections, the newest first; pass `before` back for the next page, null: the last one."""

    total: int
    corrections: list[CorrectionAnswer]
    before: int | None = None
    model_config = ConfigDict(
        json_schema_extra={"example": {"total": 1, "corrections": [CORRECTION], "before": None}}
    )
