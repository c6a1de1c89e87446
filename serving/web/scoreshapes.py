"""The shapes of trials: posted indicators or records of a firm, and what comes of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    WithJsonSchema,
)

from serving.telling.languages import Lang
from serving.web.answers import ABOUT, LADDER, NO_NUL, EntityId, Purpose, RiskClass


def _of_unicode(text: str) -> str:
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in text):
        raise ValueError("half a character is none")
    return text


Grade = Literal["A", "B", "C", "D", "E"]
Number = Annotated[
    Any, WithJsonSchema({"anyOf": [{"type": "boolean"}, {"type": "number"}, {"type": "null"}]})
]
"""What an indicator can be, its values' reader says (`serving.scoring.values`)."""
Key = Annotated[str, Field(max_length=100, pattern=NO_NUL)]
Text = Annotated[Key, AfterValidator(_of_unicode)]
Code = Annotated[str, Field(pattern="^[0-9A-Za-z]{0,12}$")]
Cell = (
    Annotated[str, Field(max_length=2_000), AfterValidator(_of_unicode)]
    | StrictBool
    | StrictInt
    | StrictFloat
    | None
)
Months = Annotated[int, Field(ge=0, le=1_200, description="runs that the class was held so far")]

INDICATORS: dict[str, Any] = {
    "indicators": {"G3-11": 2, "G3-12": 3000000, "G5-01": 4, "G1-06": 6.5, "G3-01": True},
    "industry": "H62", "public_grade": "D", "previous_class": "B", "purpose": "模型试算",
}  # fmt: skip
SCORED: dict[str, Any] = {
    "run": ABOUT["run"], "as_of": ABOUT["as_of"], "risk_class": "C", "model_class": "C",
    "probability": 0.27, "raw": -1.0, "left_out": ["G1-01"], "ignored": [],
    "contributions": {"G5-02": 1.1}, "explanation": LADDER,
}  # fmt: skip
RECORDS: dict[str, Any] = {
    "as_of": "2026-03-31",
    "records": {
        "enterprises": [{
            "source": "登记", "source_id": "1", "entity_id": "91110108551385082Q",
            "event_time": "2019-05-20", "known_time": "2019-05-21", "name": "示例餐饮有限公司",
            "entity_type": "1130", "industry": "H62", "division": "231202", "status": "live",
            "established_on": "2019-05-20",
        }],
        "penalties": [{
            "source": "处罚", "source_id": "罚〔2025〕7号", "entity_id": "91110108551385082Q",
            "event_time": "2025-11-03", "known_time": "2025-11-10",
            "authority_field": "market_regulation", "penalty": "fine", "violation": "价格违法",
            "amount": 500000,
        }],
    },
    "purpose": "模型试算",
}  # fmt: skip


class IndicatorsQuestion(BaseModel):
    """A firm by its indicators: by id, or by name in Chinese or English.

    Values are what the catalogue computes: money in 分, shares from 0 to 1, flags 0 or 1 or truth.
    One left out is that of a firm without such a record; null: unknown.
    """

    indicators: dict[Key, Number] = Field(max_length=1_000)
    entity_id: EntityId | None = Field(default=None, description="named in the audit")
    name: Text = ""
    division: Code | None = None
    industry: Code | None = Field(default=None, description="with whose firms it is compared")
    public_grade: Grade | None = None
    public_grade_on: date | None = Field(default=None, description="day of that evaluation")
    previous_class: RiskClass | None = Field(default=None, description="null: no earlier run")
    held_class: RiskClass | None = Field(
        default=None, description="the class that stability left then; null: the previous class"
    )
    held_months: Months = 0
    lang: Lang = "zh"
    purpose: Annotated[Purpose, AfterValidator(_of_unicode)] = ""
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": INDICATORS})


INDICATORS_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": IndicatorsQuestion.model_json_schema(), "example": INDICATORS,
        }
    },
}  # fmt: skip
"""As the API's description has it."""


class RecordsQuestion(BaseModel):
    """A firm by its records, as they would be ingested without a mapping (docs/tables.md).

    Only what was known before `as_of` counts. `entity_id` names the firm where the records speak of
    several, such as related ones.
    """

    as_of: date
    records: dict[Text, list[dict[Text, Cell]]] = Field(min_length=1, max_length=60)
    entity_id: EntityId | None = None
    id_scheme: Literal["uscc", "opaque"] = Field(
        default="uscc", description="opaque: codes without check digits"
    )
    previous_class: RiskClass | None = None
    held_class: RiskClass | None = None
    held_months: Months = 0
    lang: Lang = "zh"
    purpose: Annotated[Purpose, AfterValidator(_of_unicode)] = ""
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": RECORDS})


class ScoreAnswer(BaseModel):
    """What the frozen model of the served run makes of a firm."""

    run: str = Field(description="SHA-256 of the run whose model it is")
    as_of: date = Field(description="the run's day; of records: the day asked for")
    risk_class: RiskClass
    model_class: RiskClass = Field(description="before the policy's steps")
    probability: float = Field(description="that an inspection finds a problem, 0 to 1")
    raw: float = Field(description="log-odds before calibration")
    left_out: list[str] = Field(description="indicators not posted, taken as without a record")
    ignored: list[str] = Field(description="indicators that neither model nor policy asks for")
    contributions: dict[str, float] = Field(description="log-odds by indicator")
    explanation: dict[str, Any] = Field(description="the ladder, as of a stored class")
    model_config = ConfigDict(json_schema_extra={"example": SCORED})
