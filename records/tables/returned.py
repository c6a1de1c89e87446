"""The form in which an inspection plan's results come back, a row an item of a visit.

It is no record table: what it says becomes `inspections`, with the chance of the plan's draw.
docs/results.md describes it for those who fill it in.
"""

from __future__ import annotations

from records.columns import FileForm, code, date, text
from records.tables.oversight import FOLLOW_UPS, METHOD_WORDS, RESULT_WORDS

# fmt: off
VISIT_RESULTS = FileForm("visit_results", "检查结果回填表", "results of the visits of a plan", (
    code("visit", "检查编号", "visit, as the task list names it",
         null="由统一社会信用代码确定 told by the enterprise"),
    code("entity_id", "统一社会信用代码", "enterprise", null="由检查编号确定 told by the visit"),
    text("item", "检查事项", "item inspected, by its name or id in the plan",
         null="未检查 not visited"),
    text("result", "检查结果", "result of the item; several in several rows or with ;",
         *RESULT_WORDS, null="未检查 not visited"),
    date("inspected_on", "检查日期", "day of the visit", null="未检查 not visited"),
    date("entered_on", "录入日期", "day the result was entered", "接收日 the day it is taken in",
         not_before="inspected_on"),
    date("published_on", "公示日期", "day the result was published", "尚未公示 not yet",
         not_before="inspected_on"),
    text("method", "检查方式", "method", *METHOD_WORDS, null="按计划 as planned"),
    code("inspector_1", "检查人员1", "one of the pair", null="按计划 as drawn"),
    code("inspector_2", "检查人员2", "the other", null="按计划 as drawn",
         other_than="inspector_1"),
    text("not_visited_reason", "未检查原因", "why there was no visit", null="已检查 visited"),
    code("swapped_for", "替换的检查编号", "drawn visit or firm in whose place this one was made",
         null="未替换 no swap"),
    text("reason", "变更原因", "reason of a change or a swap", null="无变更 no change"),
    text("decided_by", "决定人", "who decided it", null="无变更 no change"),
    text("finding", "发现问题情况", "what was found, in words"),
    text("follow_up", "后续处置措施", "what follows", *FOLLOW_UPS),
    date("settled_on", "完结日期", "day the follow-up was settled", "未完结 not settled",
         not_before="inspected_on"),
    text("office", "检查机关", "inspecting office"),
    text("task_name", "任务名称", "name of the task"),
))
# fmt: on
