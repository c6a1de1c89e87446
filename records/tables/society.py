"""What others say of a firm: complaints, courts, media, grades, fields, other departments."""

from __future__ import annotations

from records.columns import PLACE, Column, Going, Table, code, date, fen, person, share, text

# fmt: off
SOCIETY = (
    # Nothing that could name a complainant has a column here, and none may get one. `filer` only
    # tells whether two complaints about one firm come from one hand: the source makes it of the
    # person and the firm together, so that nobody can be followed from firm to firm.
    Table("complaints", "投诉举报", "complaints and reports", (
        text("kind", "类型", "kind", "complaint 投诉", "report 举报", required=True,
             gsxt="formtype"),
        text("topic", "问题类别", "topic", gsxt="applbasquename"),
        text("outcome", "处理结果", "outcome", "confirmed 属实", "unconfirmed 不属实",
             "mediated 调解成功", "mediation_failed 调解失败", "pending 办理中"),
        text("address", "事发地", "place complained of", gsxt="accsce"),
        text("division", "行政区划", "division of the place", form="division"),
        text("subject", "被诉对象", "firm complained of, as written", gsxt="subjectname"),
        text("channel", "接收方式", "how it was received", gsxt="receivemode"),
        text("object_kind", "客体类别", "kind of goods or service", gsxt="objtype"),
        text("object", "客体名称", "goods or service", gsxt="objname"),
        fen("amount", "涉及金额", "amount in dispute", 0, gsxt="monetary"),
        date("due_on", "办理期限", "day it is to be settled", not_before="event_time",
             gsxt="todealwithtime"),
        date("settled_on", "办结日期", "day it was settled", "未办结 not settled",
             not_before="event_time", going=(Going("outcome", (
                 "confirmed", "unconfirmed", "mediated", "mediation_failed")),)),
        *PLACE,
        person("filer", "反映人标识", "who filed it, made for this firm alone"),
    ), entity_optional=True, code="E14", registers="kind",
       event=("登记日期", "day it was recorded"), clocks={"event_time": "recorddate"}),
    Table("court_records", "司法信息", "court records", (
        text("kind", "类型", "kind", "defaulter 失信被执行人", "consumption_limit 限制消费",
             "lawsuit 诉讼", required=True),
        fen("amount", "金额", "amount", 0),
        date("ended_on", "结束日期", "day it ended", "仍有效 still in force",
             not_before="event_time"),
        code("case_no", "案号", "case number", gsxt="caseNo"),
        text("court", "法院", "court"),
        text("cause", "案由", "cause of action"),
        text("role", "诉讼地位", "role in the case", "plaintiff 原告", "defendant 被告",
             "third_party 第三人", going=(Going("kind", ("lawsuit",)),)),
        text("performance", "履行情况", "what was performed", "none 全部未履行", "partial 部分履行",
             "full 全部履行", going=(Going("kind", ("defaulter", "consumption_limit")),)),
        text("conduct", "失信行为情形", "conduct of a defaulter",
             going=(Going("kind", ("defaulter",)),)),
        date("filed_on", "立案日期", "day the case was filed", not_after="event_time"),
    ), code="E18", registers="kind", event=("发布日期", "day of publication")),
    Table("media_items", "舆情", "media items", (
        text("outlet", "媒体", "outlet", required=True),
        text("sentiment", "情感", "sentiment", "negative 负面", "neutral 中性", "positive 正面",
             required=True),
        text("topic", "主题", "topic"),
        text("title", "标题", "title"),
        share("confidence", "命中置信度", "confidence that it speaks of this firm"),
    ), entity_optional=True, code="E20", event=("发布日期", "day of publication")),
    Table("public_grades", "公共信用综合评价", "public credit grades", (
        Column("score", "int", "得分", "score, 1000 is best", minimum=0, maximum=1000,
               null="只给出等级 only the grade was given", unit="分值 points"),
        text("grade", "等级", "grade, A is best", "A", "B", "C", "D", "E", required=True),
        text("model_version", "评价模型版本", "version of the evaluation"),
    ), code="E21", event=("评价日期", "day of the evaluation")),
    Table("external_evaluations", "其他外部评价", "evaluations by others than the public grade", (
        text("kind", "类型", "kind", "tax_credit 纳税信用", "customs 海关信用", "industry 行业评价",
             "honour 荣誉", "commitment 信用承诺", "commitment_broken 违背承诺", "other 其他",
             required=True),
        text("scheme", "评价名称", "name of the evaluation"),
        text("grade", "等级或结论", "grade or statement, in the evaluator's words",
             required=True),
        Column("score", "float", "得分", "score, in the evaluator's scale", unit="分值 points",
               null="只给出等级 only the grade was given"),
        text("year", "评价年度", "year it speaks of"),
        text("region", "评价区域", "region or office, as written"),
        text("model_version", "评价模型版本", "version of the evaluation"),
    ), code="E21", registers="kind", event=("评价日期", "day of the evaluation")),
    Table("field_records", "专业领域记录", "records of professional fields", (
        text("field", "领域", "field: metrology, standards, testing, certification …",
             required=True),
        text("kind", "类型", "kind of record", required=True),
        text("value", "内容", "content"),
        Column("amount", "float", "数值", "number, in the kind's unit", unit="见 `unit`",
               needs="unit"),
        text("unit", "数值单位", "unit of the number"),
    ), registers="kind", event=("发生日期", "day it happened")),
    Table("external_signals", "外部推送信号", "signals from outside market regulation", (
        text("provider", "提供方类别", "kind of provider", "department 政府部门",
             "utility 公用企事业单位", "association 行业协会商会", "platform 大型平台企业",
             "national 市场监管总局", required=True),
        text("kind", "信号类型", "kind of signal", required=True),
        text("value", "内容", "content"),
        Column("amount", "float", "数值", "number, in the kind's unit", unit="见 `unit`",
               needs="unit"),
        text("unit", "数值单位", "unit of the number"),
        share("confidence", "置信度", "confidence that it speaks of this firm"),
        text("address", "发生地", "place it speaks of"),
        *PLACE,
    ), entity_optional=True, registers="kind", event=("发生日期", "day it happened")),
)
# fmt: on
