"""The texts of the table that supervisors sign, in Chinese and in English."""

from __future__ import annotations

GROUP_ZH = {"class": "风险 {} 类", "grade": "信用 {} 级", "unclassified": "未分类",
            "hidden": "盲抽，结果未回", "undrawn": "非抽取", "all": "合计"}  # fmt: skip
GROUP_EN = {"class": "class {}", "grade": "grade {}", "unclassified": "unclassified",
            "hidden": "blind, no result yet", "undrawn": "not drawn", "all": "all"}  # fmt: skip
DRAWN_BY = {"slice": ("盲抽", "blind slice"), "plan": ("按计划", "plan"),
            "top_up": ("补足", "top-up"), "recheck": ("复查", "re-check")}  # fmt: skip

_NOTE = "比例以本批次全部在营企业为基数；频次为每户每年检查次数。盲抽检查在结果回填之前不计入类别。"
_NOTE_EN = (
    "Ratios are of all live firms of this batch; frequencies are visits a firm and year. A blind "
    "visit is not counted under its class before its results are in."
)
SIGN: dict[str, tuple[str, str]] = {
    "title": ("双随机抽查计划执行责任表", "Accountability of an inspection plan"),
    "all": ("合计", "all"),
    "sheet_front": ("签字页", "signatures"),
    "sheet_groups": ("计划与执行", "planned and executed"),
    "sheet_methods": ("检查方式", "methods"),
    "sheet_exceptions": ("未执行与变更", "exceptions"),
    "sheet_steering": ("分类是否实施", "use of the class"),
    "pointed_out": ("须说明", "to be explained"),
    "nothing_odd": ("无", "none"),
    "ratio_note": (_NOTE, _NOTE_EN),
    "internal": ("内部资料，不得对外提供", "Internal; not to be disclosed"),
    "about_task": ("任务", "Task"),
    "about_number": ("计划编号", "Plan number"),
    "about_commitment": ("承诺值", "Commitment"),
    "about_verdict": ("核验结论", "Verdict of verify"),
    "about_period": ("计划期", "Period"),
    "about_class_run_on": ("分类日期", "Class run of"),
    "about_firms": ("在营企业", "Live firms"),
    "about_planned": ("计划检查", "Planned visits"),
    "about_executed": ("已执行", "Executed"),
    "about_calendar": ("放假安排未公布的年份", "Years whose holidays are not published"),
    "about_on": ("打印日期", "Printed on"),
    "verdict_provably": ("可证明为随机抽取", "provably random"),
    "verdict_replayable": ("可重算，未证明随机（无公共随机值）", "replayable, not provably random"),
    "verdict_differs": ("与承诺不符", "differs from what was committed"),
    "scale_class": ("风险类别", "class"),
    "scale_grade": ("公共信用等级", "grade"),
    "sign_made": ("填表人（签字） 日期", "Made by (signature, date)"),
    "sign_checked": ("审核人（签字） 日期", "Checked by (signature, date)"),
    "sign_head": ("负责人（签字） 日期", "Head (signature, date)"),
    "col_bureau": ("机构", "Bureau"),
    "col_group": ("类别", "Group"),
    "col_firms": ("企业数", "Firms"),
    "col_planned": ("计划", "Planned"),
    "col_executed": ("已执行", "Executed"),
    "col_late": ("其中逾期", "Late"),
    "col_not_visited": ("未检查", "Not visited"),
    "col_swapped": ("替换", "Swapped"),
    "col_missing": ("无结果", "No result"),
    "col_changed": ("变更", "Changed"),
    "col_recheck": ("复查", "Re-checks"),
    "col_planned_ratio": ("计划比例", "Planned ratio"),
    "col_executed_ratio": ("执行比例", "Executed ratio"),
    "col_asked_a_year": ("规定频次", "Asked a year"),
    "col_planned_a_year": ("计划频次", "Planned a year"),
    "col_executed_a_year": ("执行频次", "Executed a year"),
    "col_method": ("方式", "Method"),
    "col_visit": ("检查编号", "Visit"),
    "col_entity_id": ("统一社会信用代码", "Enterprise"),
    "col_name": ("企业名称", "Name"),
    "col_drawn_by": ("抽取方式", "Drawn by"),
    "col_state": ("状态", "State"),
    "col_what": ("情形", "What"),
    "col_reason": ("原因", "Reason"),
    "col_decided_by": ("决定人", "Decided by"),
    "col_pair": ("检查人员", "Pair"),
    "col_inspected_on": ("检查日期", "Visited on"),
    "col_days_late": ("逾期工作日", "Working days late"),
    "col_scale": ("尺度", "Scale"),
    "col_verdict": ("结论", "Verdict"),
    "col_where": ("位置", "Where"),
    "col_p_rise": ("上升检验 p", "p of the rise"),
    "col_p_fall": ("倒挂检验 p", "p of the fall"),
    "col_ratios": ("执行比例", "Executed ratios"),
}
"""(zh, en) by name."""
