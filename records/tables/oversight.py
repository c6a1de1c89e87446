"""What market regulation does: lists, inspections, penalties, samples, equipment, repairs."""

from __future__ import annotations

from records.columns import Table, count, date, fen, person, share, text

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
OVERSIGHT = (
    Table("abnormal_listings", "经营异常名录", "abnormal-operation list", (
        text("cause", "列入原因", "cause", "annual_report", "not_published", "false_information",
             "unreachable", null="名单未载明 not told by the list", gsxt="speCause"),
        date("removed_on", "移出日期", "day of removal", "仍在列 still listed",
             not_before="event_time", gsxt="remDate"),
        text("removal_reason", "移出原因", "reason of removal", gsxt="remExcpRes"),
        text("office", "列入决定机关", "office that listed it", gsxt="decOrg"),
        text("removal_office", "移出决定机关", "office that removed it", gsxt="reDecOrg"),
    ), code="E09", event=("列入日期", "day of the listing"), clocks={"event_time": "abnTime"}),
    Table("serious_listings", "严重违法失信名单", "serious-dishonesty list", (
        text("cause", "列入原因", "cause", gsxt="serILLRea"),
        date("removed_on", "移出日期", "day of removal", "仍在列 still listed",
             not_before="event_time", gsxt="remDate"),
        text("removal_reason", "移出原因", "reason of removal", gsxt="remExcpRes"),
        text("office", "列入决定机关", "office that listed it", gsxt="decOrg"),
    ), code="E11", event=("列入日期", "day of the listing"), clocks={"event_time": "abnTime"}),
    Table("inspections", "抽查检查", "inspections, a row an item", (
        text("inspection_id", "检查编号", "one visit to one firm", required=True),
        text("plan_id", "计划编号", "plan the visit belongs to", gsxt="raninsPlanId"),
        text("item", "检查事项", "item inspected", required=True, gsxt="raninsItemName"),
        text("result", "检查结果", "result of the item", *RESULTS, required=True,
             gsxt="raninsCheckResName"),
        text("method", "检查方式", "method", *METHODS),
        text("way", "选取方式", "how the firm came to be inspected", "drawn", "targeted",
             "unknown", required=True),
        text("drawn_by", "抽取批次", "which draw chose it", "slice", "plan", "recheck"),
        share("inclusion_probability", "入选概率", "probability of being drawn",
              "未抽取或未知 not drawn, or unknown"),
        date("class_run_on", "分类日期", "class run before the plan's commitment",
             "检查前最近一次分类 the last class run before the visit"),
        text("office", "检查机关", "inspecting office", gsxt="insAuth"),
        person("inspector", "检查人员", "inspector or pair"),
        text("plan_name", "计划名称", "name of the plan", gsxt="raninsPlaneName"),
        text("task_id", "任务编号", "task of the plan", gsxt="raninsTaskId"),
        text("task_name", "任务名称", "name of the task", gsxt="raninsTaskName"),
        text("draw_type", "抽查类型", "drawn among firms of a kind, or among all", "directed",
             "undirected", gsxt="raninsTypeName"),
        text("finding", "发现问题情况", "what was found, in words"),
        text("follow_up", "后续处置措施", "what follows", "none", "referred", "rectify",
             "transferred", "informed", "penalised", "prosecuted"),
        date("settled_on", "完结日期", "day the follow-up was settled", "未完结 not settled",
             not_before="event_time"),
    ), code="E10", event=("检查完成日期", "day the visit was completed"),
       clocks={"event_time": "insDate", "known_time": "publicDate"}),
    Table("penalties", "行政处罚", "administrative penalties", (
        text("decision_no", "决定书文号", "decision number", gsxt="penDecNo"),
        text("authority_field", "处罚领域", "field of the authority", "market_regulation", "tax",
             "environment", "emergency", "other", required=True),
        text("violation", "违法行为类型", "kind of violation", gsxt="illegActType"),
        text("penalty", "处罚种类", "gravest kind of penalty", "warning", "fine", "confiscation",
             "suspension", "revocation", "closure", "other", "restriction", "detention",
             gsxt="penType"),
        fen("amount", "罚没金额", "fine and confiscation", 0, gsxt="penAm, forfAm"),
        text("decision", "处罚内容", "content of the decision", gsxt="penContent"),
        text("basis", "处罚依据", "clauses it rests on"),
        text("office", "处罚机关", "deciding office", gsxt="penAuth, judAuth"),
        date("published_until", "公示截止日期", "last day of publication",
             "无期限 without end", not_before="event_time"),
    ), code="E13", event=("处罚决定日期", "day of the decision"),
       clocks={"event_time": "penDecIssDate", "known_time": "publicDate"}),
    Table("product_samples", "抽检", "product and food samples", (
        text("field", "领域", "field", "food", "product", required=True),
        text("result", "结果", "result", "pass", "fail", required=True, gsxt="samplingResult"),
        text("notice_no", "通告编号", "notice number", gsxt="notificationNum"),
        text("product", "产品名称", "product", gsxt="productName"),
        text("batch", "批次", "batch or day of production"),
        text("maker", "生产企业", "manufacturer as printed", gsxt="manufacturer"),
        text("agency", "检验机构", "laboratory", gsxt="agency"),
        text("failed_items", "不合格项目", "items that failed", null="无 none"),
    ), code="E15", event=("通告日期", "day of the notice"),
       clocks={"event_time": "notificationDate"}),
    Table("special_equipment", "特种设备", "special equipment", (
        text("equipment_id", "设备代码", "equipment", required=True),
        date("next_inspection_on", "下次检验日期", "next inspection due"),
        text("kind", "种类", "kind", "boiler", "pressure_vessel", "pressure_pipe", "lift",
             "crane", "ropeway", "amusement_ride", "site_vehicle"),
        text("certificate_no", "使用登记证编号", "certificate of use"),
        text("status", "状态", "status", "in_use", "stopped", "scrapped"),
        count("hazards", "未整改隐患", "hazards not yet removed", "处 hazards"),
    ), code="E19", event=("检验或登记日期", "day of inspection or registration")),
    Table("repairs", "信用修复", "credit repairs", (
        text("repaired_table", "原记录类型", "table of the repaired record", required=True),
        text("repaired_source_id", "原记录编号", "its source_id", required=True),
        text("kind", "修复类型", "kind of repair", "removal_from_abnormal",
             "removal_from_serious", "end_of_publication", "other"),
        date("applied_on", "申请日期", "day of application"),
    ), code="E16", event=("决定日期", "day of the decision")),
)
# fmt: on
