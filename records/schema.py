"""The record tables, each declared once: checks, docs and the empty table derive from here.

Every row carries its identity (`source`, `source_id`), the firm it speaks of (`entity_id`) and
two clocks: `event_time`, when it happened, and `known_time`, the first day the bureau could
know it. `valid_to` is the last day of its influence; null means without end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pyarrow as pa

from records.errors import NotFound

Kind = Literal["text", "date", "int", "fen", "float", "flag"]

ARROW: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "date": pa.date32(),
    "int": pa.int64(),
    "fen": pa.int64(),  # money in integer 分: sums stay exact in any order
    "float": pa.float64(),
    "flag": pa.bool_(),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, what null means, and what a value may be.

    `allowed` lists the only accepted texts; `minimum` and `maximum` bound numbers.
    `null` says in words what an absent value means; a `required` column has none.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    null: str = "not given"


COMMON = (
    Column("source", "text", "来源部门", "source department", required=True),
    Column("source_id", "text", "来源编号", "identifier at the source", required=True),
    Column("entity_id", "text", "统一社会信用代码", "enterprise", required=True),
    Column("event_time", "date", "发生日期", "day it happened", required=True),
    Column("known_time", "date", "可知日期", "first day it could be known", required=True),
    Column("valid_to", "date", "影响期至", "last day of influence", null="without end"),
)


@dataclass(frozen=True)
class Table:
    """A record table: the common columns and its own.

    `entity_optional` marks tables whose rows may speak of nobody yet identified.
    """

    name: str
    zh: str
    en: str
    own: tuple[Column, ...]
    entity_optional: bool = False

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return COMMON + self.own

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def requires(self, column: Column) -> bool:
        return column.required and not (self.entity_optional and column.name == "entity_id")

    @cached_property
    def arrow(self) -> pa.Schema:
        """The columns a source gives, as an Arrow schema."""
        return pa.schema([(column.name, ARROW[column.kind]) for column in self.columns])


def _text(name: str, zh: str, en: str, *allowed: str, required: bool = False) -> Column:
    return Column(name, "text", zh, en, allowed=allowed, required=required)


def _date(name: str, zh: str, en: str, null: str = "not given") -> Column:
    return Column(name, "date", zh, en, null=null)


def _fen(name: str, zh: str, en: str, minimum: float | None = None) -> Column:
    return Column(name, "fen", zh, en, minimum=minimum, null="not published")


RESULTS = (
    "no_problem",
    "not_published",
    "false_information",
    "unreachable",
    "problem_corrected",
    "obstructed",
    "not_carried_on",
    "problem_pending",
    "closed",
    "deregistered",
    "revoked",
    "cancelled",
    "moved_out",
)
"""Results of an inspected item; codes of the publicity system's random-check records."""

METHODS = ("on_site", "written", "department_opinion", "laboratory", "online", "entrusted")

# fmt: off
_TABLES = (
    Table("enterprises", "登记注册", "registrations", (
        _text("name", "名称", "name", required=True),
        _text("entity_type", "主体类型", "entity type code", required=True),
        _text("industry", "行业", "industry: section letter and two digits, or the source's own"),
        _text("division", "行政区划", "county-level division code, or the source's own"),
        _text("address", "住所", "registered address"),
        _text("legal_rep", "法定代表人(HMAC)", "legal representative, as a keyed hash"),
        _text("agent", "代办机构", "filing agent, as a keyed hash"),
        _fen("registered_capital", "注册资本", "registered capital", 0),
        _date("established_on", "成立日期", "day of establishment"),
        _date("term_ends_on", "经营期限至", "end of the business term", "without end"),
        _text("status", "登记状态", "status", "live", "revoked", "deregistered", "cancelled",
              "moved_out", required=True),
        Column("new_economy", "flag", "三新企业", "new-economy firm"),
    )),
    Table("persons", "股东及人员", "shareholders, officers, contacts", (
        _text("role", "职务", "role", "legal_rep", "shareholder", "officer", "contact",
              required=True),
        _text("person_id", "人员标识(HMAC)", "person, as a keyed hash", required=True),
        Column("share", "float", "持股比例", "share held, 0 to 1", minimum=0, maximum=1),
        _date("left_on", "离任日期", "day the role ended", "still in the role"),
    )),
    Table("changes", "变更登记", "changes of registration", (
        _text("item", "变更事项", "what changed", "legal_rep", "name", "address", "scope",
              "capital", "equity", "other", required=True),
        _text("before", "变更前", "before"),
        _text("after", "变更后", "after"),
    )),
    Table("licences", "行政许可", "licences", (
        _text("licence_no", "许可编号", "licence number"),
        _text("kind", "许可类别", "kind of licence"),
        _date("starts_on", "有效期自", "valid from"),
        _date("expires_on", "有效期至", "valid until", "without end"),
        _text("status", "状态", "status", "valid", "revoked", "cancelled"),
    )),
    Table("abnormal_listings", "经营异常名录", "abnormal-operation list", (
        _text("cause", "列入原因", "cause", "annual_report", "not_published", "false_information",
              "unreachable", required=True),
        _date("removed_on", "移出日期", "day of removal", "still listed"),
        _text("removal_reason", "移出原因", "reason of removal"),
    )),
    Table("serious_listings", "严重违法失信名单", "serious-dishonesty list", (
        _text("cause", "列入原因", "cause"),
        _date("removed_on", "移出日期", "day of removal", "still listed"),
    )),
    Table("inspections", "抽查检查", "inspections, a row an item", (
        _text("inspection_id", "检查编号", "one visit to one firm", required=True),
        _text("plan_id", "计划编号", "plan the visit belongs to"),
        _text("item", "检查事项", "item inspected", required=True),
        _text("result", "检查结果", "result of the item", *RESULTS, required=True),
        _text("method", "检查方式", "method", *METHODS),
        _text("way", "选取方式", "how the firm came to be inspected", "drawn", "targeted",
              "unknown", required=True),
        _text("drawn_by", "抽取批次", "which draw chose it", "slice", "plan", "recheck"),
        Column("inclusion_probability", "float", "入选概率", "probability of being drawn",
               minimum=0, maximum=1, null="not drawn, or unknown"),
        _date("class_run_on", "分类日期", "class run before the plan's commitment",
              "the last class run before the visit"),
        _text("office", "检查机关", "inspecting office"),
        _text("inspector", "检查人员(HMAC)", "inspector or pair, as a keyed hash"),
    )),
    Table("annual_reports", "年度报告", "annual reports", (
        Column("year", "int", "年度", "year reported on", required=True, minimum=1990,
               maximum=2100),
        Column("late", "flag", "逾期报送", "filed after the deadline"),
        Column("employees", "int", "从业人数", "employees", minimum=0, null="not published"),
        _fen("assets", "资产总额", "assets"),
        _fen("liabilities", "负债总额", "liabilities"),
        _fen("equity", "权益合计", "equity"),
        _fen("revenue", "营业总收入", "revenue"),
        _fen("net_profit", "净利润", "net profit"),
        _fen("tax", "纳税总额", "tax paid", 0),
    )),
    Table("penalties", "行政处罚", "administrative penalties", (
        _text("decision_no", "决定书文号", "decision number"),
        _text("authority_field", "处罚领域", "field of the authority", "market_regulation", "tax",
              "environment", "emergency", "other", required=True),
        _text("violation", "违法行为类型", "kind of violation"),
        _text("penalty", "处罚种类", "kind of penalty", "warning", "fine", "confiscation",
              "suspension", "revocation", "closure", "other"),
        _fen("amount", "罚没金额", "fine and confiscation", 0),
    )),
    Table("complaints", "投诉举报", "complaints and reports", (
        _text("kind", "类型", "kind", "complaint", "report", required=True),
        _text("topic", "问题类别", "topic"),
        _text("outcome", "处理结果", "outcome", "confirmed", "unconfirmed", "mediated",
              "mediation_failed", "pending"),
        _text("address", "事发地", "place complained of"),
        _text("division", "行政区划", "division of the place"),
    ), entity_optional=True),
    Table("product_samples", "抽检", "product and food samples", (
        _text("field", "领域", "field", "food", "product", required=True),
        _text("result", "结果", "result", "pass", "fail", required=True),
    )),
    Table("court_records", "司法信息", "court records", (
        _text("kind", "类型", "kind", "defaulter", "consumption_limit", "lawsuit", required=True),
        _fen("amount", "金额", "amount", 0),
        _date("ended_on", "结束日期", "day it ended", "still in force"),
    )),
    Table("special_equipment", "特种设备", "special equipment", (
        _text("equipment_id", "设备代码", "equipment", required=True),
        _date("next_inspection_on", "下次检验日期", "next inspection due"),
    )),
    Table("field_records", "专业领域记录", "records of professional fields", (
        _text("field", "领域", "field", required=True),
        _text("kind", "类型", "kind of record", required=True),
        _text("value", "内容", "content"),
        Column("amount", "float", "数值", "number"),
    )),
    Table("repairs", "信用修复", "credit repairs", (
        _text("repaired_table", "原记录类型", "table of the repaired record", required=True),
        _text("repaired_source_id", "原记录编号", "its source_id", required=True),
    )),
    Table("public_grades", "公共信用综合评价", "public credit grades", (
        Column("score", "int", "得分", "score, 1000 is best", minimum=0, maximum=1000,
               null="only the grade was given"),
        _text("grade", "等级", "grade, A is best", "A", "B", "C", "D", "E", required=True),
    )),
)
# fmt: on

TABLES: dict[str, Table] = {table.name: table for table in _TABLES}


def declared(name: str) -> Table:
    """The declaration of a record table; an unknown name is told the nearest known one."""
    if name not in TABLES:
        raise NotFound.among("table", name, TABLES)
    return TABLES[name]
