"""The texts of the pages on corrections, in Chinese and in English, once."""

from __future__ import annotations

from serving.telling.languages import apart

_TEXTS: dict[str, tuple[str, str]] = {
    "title": ("异议更正", "Corrections"),
    "lead": (
        "一人提出，另一人审核；先对记录，后对类别。每一步均留痕。",
        "One official asks, another decides; first the record, then the class. Each step is kept.",
    ),
    "number": ("更正 {n}", "Correction {n}"),
    "none": ("没有符合条件的异议更正。", "No correction fits."),
    "all": ("全部", "All"),
    # kinds
    "record_wrong": ("记录有误", "Record wrong"),
    "not_this_firm": ("非本企业", "Not this enterprise"),
    "class": ("类别更正", "Class"),
    "class_from": ("类别 {a} → {b}", "Class {a} → {b}"),
    # states
    "open": ("待审核", "Open"),
    "expired": ("逾期未审核", "Expired"),
    "withdrawn": ("已撤回", "Withdrawn"),
    "refused": ("不予更正", "Refused"),
    "granted": ("同意更正", "Granted"),
    "carried": ("已更正", "Carried out"),
    "ended": ("已到期", "Ended"),
    "asked": ("提出", "Asked"),
    # columns
    "firm": ("企业", "Enterprise"),
    "kind": ("类型", "Kind"),
    "state": ("状态", "State"),
    "asked_by": ("提出人", "Asked by"),
    "asked_on": ("提出日期", "Asked on"),
    "answer_by": ("审核期限", "Decide by"),
    "until": ("有效至", "Until"),
    "record": ("记录", "Record"),
    "found_class": ("提出时的类别", "Class when asked"),
    "risk_class": ("应为类别", "Right class"),
    "follows": ("此前的记录更正", "Record's correction before"),
    "changes": ("应为内容", "Right content"),
    "struck": ("整条剔除，不再计入", "Struck: it no longer counts"),
    "grounds": ("理由", "Grounds"),
    "grounds_hint": ("为什么有误，应当如何", "What is wrong and what is right"),
    "evidence": ("证据内容", "Evidence"),
    "evidence_hint": ("文件说明了什么", "What the document says"),
    "document": ("证据文号", "Document"),
    "document_hint": ("文号或档案号", "Its reference or file number"),
    "file_hash": ("文件 SHA-256（可不填）", "SHA-256 of the file (optional)"),
    "hash": ("文件 SHA-256", "SHA-256 of the file"),
    "steps": ("办理过程", "What became of it"),
    # asking
    "ask_record": ("对记录提出更正", "Ask to correct a record"),
    "ask_class": ("对类别提出更正", "Ask to correct the class"),
    "ask_lead": (
        "提出后由另一名负责人审核。审核前类别和记录不变。",
        "Another official decides. Until then class and record stay as they are.",
    ),
    "field": ("字段", "Field"),
    "value": ("正确内容", "Right value"),
    "changes_lead": (
        "知道正确内容的，请填写；都不填，则申请剔除整条记录。",
        "Say what is right where it is known; left empty, the whole record is to be struck.",
    ),
    "changes_lead_registration": (
        "登记信息不能剔除，请填写有误的字段和正确内容。",
        "A registration cannot be struck: say which field is wrong and what is right.",
    ),
    "none_chosen": ("不更改", "No change"),
    "strike_lead": (
        "同意后，该记录不再计入本企业；原记录仍保留备查。",
        "Once granted, the record no longer counts for this enterprise; it is kept as it was.",
    ),
    "until_lead": (
        "类别更正必须有截止日期，最长 {n} 天。",
        "A correction of a class always ends, after {n} days at the latest.",
    ),
    "send": ("提交", "Send"),
    "cancel": ("返回企业页面", "Back to the enterprise"),
    # deciding
    "decide": ("审核", "Decide"),
    "decide_lead": (
        "请核对证据后作出决定并说明理由。",
        "Check the evidence, decide, and say why.",
    ),
    "reason": ("决定理由", "Reason"),
    "until_granted": ("准予截止日期（不晚于申请）", "Granted until (not later than asked)"),
    "grant": ("同意更正", "Grant"),
    "refuse": ("不予更正", "Refuse"),
    "own": (
        "本项由您提出，须由另一名负责人审核。",
        "You asked for this; another official decides.",
    ),
    "withdraw": ("撤回", "Take back"),
    "withdraw_reason": ("撤回理由", "Why it is taken back"),
    "end": ("提前终止", "End now"),
    "end_reason": ("终止理由", "Why it ends"),
    # what a state means for the class
    "means_open": ("尚未生效。", "Nothing has changed yet."),
    "means_granted_record": (
        "下次评分前写入记录库，类别随之重新计算。",
        "It goes into the records before the next scoring; the class then follows.",
    ),
    "means_granted_class": (
        "自下次评分起按更正后的类别执行，到期自动失效。",
        "The corrected class holds from the next scoring, and ends by itself.",
    ),
    "means_carried": ("已写入记录库，自下次评分起生效。", "It stands in the records."),
    # on the firm's page
    "here": ("异议更正", "Corrections"),
    "here_none": ("没有提出过更正。", "None was asked for."),
    "here_lead": (
        "记录有问题的，请在该条原因下点击“记录有误”或“非本企业”。",
        "Where a record is wrong, say so beneath the reason that rests on it.",
    ),
    "more": ("全部", "All"),
    "next": ("下一页", "Next"),
    "first": ("回到最新", "Back to the newest"),
}


WORDS = apart(_TEXTS)
"""WORDS["zh"]["title"] is the text; a template asks `c.title`, an unknown key is an error."""
