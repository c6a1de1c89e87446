"""What market regulation does: lists, inspections, penalties, samples, equipment, repairs."""

from __future__ import annotations

from records.columns import Going, Reference, Table, code, count, date, fen, person, share, text

RESULT_WORDS = (
    "no_problem 未发现问题",
    "not_published 未按规定公示应当公示的信息",
    "false_information 公示信息隐瞒真实情况、弄虚作假",
    "unreachable 通过登记的住所（经营场所）无法联系",
    "problem_corrected 发现问题已责令改正",
    "obstructed 不配合检查情节严重",
    "not_carried_on 未发现开展本次抽查涉及的经营活动",
    "problem_pending 发现问题待后续处理",
    "closed 已关闭停业或正在组织清算",
    "deregistered 注销",
    "revoked 被吊销",
    "cancelled 被撤销",
    "moved_out 迁出",
)
RESULTS = tuple(result.split()[0] for result in RESULT_WORDS)
"""Results of an inspected item; codes of the publicity system's random-check records."""

METHOD_WORDS = (
    "on_site 实地检查",
    "written 书面检查",
    "department_opinion 行政部门检查结果或专业意见",
    "laboratory 检验检测",
    "online 网络监测",
    "entrusted 委托专业机构",
)
METHODS = tuple(method.split()[0] for method in METHOD_WORDS)

FOLLOW_UPS = (
    "none 无",
    "referred 移交其他部门",
    "rectify 责令改正",
    "transferred 移送上级或异地",
    "informed 通报",
    "penalised 行政处罚",
    "prosecuted 移送司法机关",
)

_REPAIRABLE = (
    "abnormal_listings 经营异常名录",
    "serious_listings 严重违法失信名单",
    "penalties 行政处罚",
    "inspections 抽查检查",
    "annual_reports 年度报告",
    "product_samples 抽检",
    "court_records 司法信息",
    "external_evaluations 其他外部评价",
    "external_signals 外部推送信号",
    "field_records 专业领域记录",
)
_DRAWN = (Going("way", ("drawn",)),)

# fmt: off
OVERSIGHT = (
    Table("abnormal_listings", "经营异常名录", "abnormal-operation list", (
        text("cause", "列入原因", "cause", "annual_report 未按规定期限公示年度报告",
             "not_published 未在责令期限内公示有关信息",
             "false_information 公示信息隐瞒真实情况、弄虚作假",
             "unreachable 通过登记的住所（经营场所）无法联系",
             null="名单未载明 not told by the list", gsxt="speCause"),
        date("removed_on", "移出日期", "day of removal", "仍在列 still listed",
             not_before="event_time", gsxt="remDate"),
        text("removal_reason", "移出原因", "reason of removal", needs="removed_on",
             gsxt="remExcpRes"),
        text("office", "列入决定机关", "office that listed it", gsxt="decOrg"),
        text("removal_office", "移出决定机关", "office that removed it", needs="removed_on",
             gsxt="reDecOrg"),
    ), code="E09", event=("列入日期", "day of the listing"), clocks={"event_time": "abnTime"}),
    Table("serious_listings", "严重违法失信名单", "serious-dishonesty list", (
        text("cause", "列入原因", "cause", gsxt="serILLRea"),
        date("removed_on", "移出日期", "day of removal", "仍在列 still listed",
             not_before="event_time", gsxt="remDate"),
        text("removal_reason", "移出原因", "reason of removal", needs="removed_on",
             gsxt="remExcpRes"),
        text("office", "列入决定机关", "office that listed it", gsxt="decOrg"),
    ), code="E11", event=("列入日期", "day of the listing"), clocks={"event_time": "abnTime"}),
    Table("inspections", "抽查检查", "inspections", (
        code("inspection_id", "检查编号", "one visit to one firm", required=True),
        code("plan_id", "计划编号", "plan the visit belongs to", gsxt="raninsPlanId"),
        text("item", "检查事项", "item inspected", required=True, gsxt="raninsItemName"),
        text("result", "检查结果", "result of the item", *RESULT_WORDS, required=True,
             gsxt="raninsCheckResName"),
        text("method", "检查方式", "method", *METHOD_WORDS),
        text("way", "选取方式", "how the firm came to be inspected",
             "drawn 随机抽取", "targeted 指定检查", "unknown 未知", required=True),
        text("drawn_by", "抽取批次", "which draw chose it", "slice 盲抽", "plan 按计划抽取",
             "recheck 复查", going=_DRAWN),
        share("inclusion_probability", "入选概率", "probability of being drawn",
              "未抽取或未知 not drawn, or unknown", going=_DRAWN),
        date("class_run_on", "分类日期", "class run before the plan's commitment",
             "检查前最近一次分类 the last class run before the visit", not_after="event_time"),
        text("office", "检查机关", "inspecting office", gsxt="insAuth"),
        person("inspector", "检查人员", "inspector or pair"),
        text("plan_name", "计划名称", "name of the plan", gsxt="raninsPlaneName"),
        code("task_id", "任务编号", "task of the plan", gsxt="raninsTaskId"),
        text("task_name", "任务名称", "name of the task", gsxt="raninsTaskName"),
        text("draw_type", "抽查类型", "drawn among firms of a kind, or among all",
             "directed 定向", "undirected 不定向", gsxt="raninsTypeName"),
        text("finding", "发现问题情况", "what was found, in words"),
        text("follow_up", "后续处置措施", "what follows", *FOLLOW_UPS),
        date("settled_on", "完结日期", "day the follow-up was settled", "未完结 not settled",
             not_before="event_time"),
    ), code="E10", event=("检查完成日期", "day the visit was completed"),
       clocks={"event_time": "insDate", "known_time": "publicDate"}),
    Table("penalties", "行政处罚", "administrative penalties", (
        code("decision_no", "决定书文号", "decision number", gsxt="penDecNo"),
        text("authority_field", "处罚领域", "field of the authority",
             "market_regulation 市场监管", "tax 税务", "environment 生态环境", "emergency 应急管理",
             "other 其他", required=True),
        text("violation", "违法行为类型", "kind of violation", gsxt="illegActType"),
        text("penalty", "处罚种类", "gravest kind of penalty", "warning 警告、通报批评",
             "fine 罚款", "confiscation 没收", "suspension 暂扣许可证件或责令停产停业",
             "revocation 吊销", "closure 责令关闭", "other 其他", "restriction 限制经营或从业",
             "detention 行政拘留", gsxt="penType"),
        fen("amount", "罚没金额", "fine and confiscation", 0, gsxt="penAm, forfAm"),
        text("decision", "处罚内容", "content of the decision", gsxt="penContent"),
        text("basis", "处罚依据", "clauses it rests on"),
        text("office", "处罚机关", "deciding office", gsxt="penAuth, judAuth"),
        date("published_until", "公示截止日期", "last day of publication",
             "无期限 without end", not_before="event_time"),
    ), code="E13", registers="authority_field", event=("处罚决定日期", "day of the decision"),
       clocks={"event_time": "penDecIssDate", "known_time": "publicDate"}),
    Table("product_samples", "抽检", "product and food samples", (
        text("field", "领域", "field", "food 食品", "product 工业产品", required=True),
        text("result", "结果", "result", "pass 合格", "fail 不合格", required=True,
             gsxt="samplingResult"),
        code("notice_no", "通告编号", "notice number", gsxt="notificationNum"),
        text("product", "产品名称", "product", gsxt="productName"),
        code("batch", "批次", "batch or day of production"),
        text("maker", "生产企业", "manufacturer as printed", gsxt="manufacturer"),
        text("agency", "检验机构", "laboratory", gsxt="agency"),
        text("failed_items", "不合格项目", "items that failed", null="无 none",
             going=(Going("result", ("fail",)),)),
    ), code="E15", registers="field", event=("通告日期", "day of the notice"),
       clocks={"event_time": "notificationDate"}),
    Table("special_equipment", "特种设备", "special equipment", (
        code("equipment_id", "设备代码", "equipment", required=True),
        date("next_inspection_on", "下次检验日期", "next inspection due", not_before="event_time"),
        text("kind", "种类", "kind", "boiler 锅炉", "pressure_vessel 压力容器",
             "pressure_pipe 压力管道", "lift 电梯", "crane 起重机械", "ropeway 客运索道",
             "amusement_ride 大型游乐设施", "site_vehicle 场内机动车辆"),
        code("certificate_no", "使用登记证编号", "certificate of use"),
        text("status", "状态", "status", "in_use 在用", "stopped 停用", "scrapped 报废"),
        count("hazards", "未整改隐患", "hazards not yet removed", "处 hazards"),
    ), code="E19", event=("检验或登记日期", "day of inspection or registration")),
    Table("repairs", "信用修复", "credit repairs", (
        text("repaired_table", "原记录类型", "table of the repaired record",
             *_REPAIRABLE, required=True),
        code("repaired_source_id", "原记录编号", "its source_id", required=True,
             refers=Reference(column="source_id", named_by="repaired_table", within="entity_id")),
        text("kind", "修复类型", "kind of repair", "removal_from_abnormal 移出经营异常名录",
             "removal_from_serious 移出严重违法失信名单", "end_of_publication 停止公示行政处罚",
             "other 其他", going=(
                 Going("repaired_table", ("abnormal_listings",), of=("removal_from_abnormal",)),
                 Going("repaired_table", ("serious_listings",), of=("removal_from_serious",)),
                 Going("repaired_table", ("penalties",), of=("end_of_publication",)),
             )),
        date("applied_on", "申请日期", "day of application", not_after="event_time"),
    ), code="E16", event=("决定日期", "day of the decision")),
)
# fmt: on
