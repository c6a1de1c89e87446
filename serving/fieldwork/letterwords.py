"""The texts of letters. What leaves the bureau uses only those that begin with `out_`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from models.wording import NOTICE
from serving.telling.sheetwords import SHEET

_SHARED = ("out_code", "out_serial", "out_synthetic", "out_issued", "out_received", "out_date")

_REMINDER: dict[str, tuple[str, str]] = {
    "out_title": ("信用修复提醒函", "Reminder to mend records"),
    "out_address": ("住所", "Address"),
    "out_lead": (
        "根据登记在案的信息，贵单位的下列记录目前仍然有效：",
        "According to the records on file, these records of yours are still in force:",
    ),
    "out_matter": ("事项", "Matter"),
    "out_record": ("有关记录", "Record"),
    "out_mend": ("办理方式", "What to do"),
    "out_urge": (
        "现予警示、提醒，请及时纠正并办理信用修复。",
        "You are reminded to put this right and to have the records mended.",
    ),
    "out_note": (
        "本函只列明登记在案的记录和办理方式。对记录有异议的，可以向记录的来源部门申请核实、更正。",
        (
            "This letter lists records and what can be done, and nothing else. Whoever holds a "
            "record to be wrong may ask the department it comes from to check and correct it."
        ),
    ),
}

_NOTICE: dict[str, tuple[str, str]] = {
    "out_title": ("“双随机、一公开”抽查检查通知书", "Notice of a random inspection"),
    "out_address": ("住所（经营场所）", "Address"),
    "out_lead": (
        "经随机抽取检查对象和检查人员，本机关将于{start}至{end}对贵单位进行检查。",
        "Firm and inspectors were drawn at random; you are inspected between {start} and {end}.",
    ),
    "out_visit": ("检查编号", "Visit"),
    "out_method": ("检查方式", "Method"),
    "out_inspectors": ("检查人员", "Inspectors"),
    "out_frequency": ("检查频次", "Frequency"),
    "out_items": ("检查事项", "Items inspected"),
    "out_rights": ("权利告知", "Your rights"),
    "out_publish": (
        "检查结果自检查完成之日起 {days} 个工作日内依法公示。",
        "The result is published within {days} working days of the inspection, as the law asks.",
    ),
    "out_times": (
        "本年度登记在案的检查 {before} 次，本次为第 {this} 次",
        "{before} inspections on file this year; this is number {this}",
    ),
    "out_certificate": ("{one}（{paper}）", "{one} ({paper})"),
}

RIGHTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "zh": (
            "检查由两名以上执法人员进行，并应当主动出示执法证件；不出示的，贵单位有权拒绝检查。",
            "认为检查人员与本次检查有直接利害关系或者有其他关系可能影响公正的，有权申请其回避。",
            "贵单位有权陈述、申辩；对检查记录有异议的，可以在记录上注明。",
            "请如实提供有关资料，并配合检查。",
        ),
        "en": (
            (
                "Two inspectors or more come, and show their certificates unasked; if they do not, "
                "you may refuse the inspection."
            ),
            (
                "If an inspector has an interest in this inspection, or another tie that could "
                "affect fairness, you may ask for the inspector's recusal."
            ),
            "You may state your case; if you disagree with the record, you may say so on it.",
            "Please give true information and assist the inspection.",
        ),
    }
)
"""What a firm is told before it is inspected."""

_TALK: dict[str, tuple[str, str]] = {
    "out_title": ("约谈建议（内部）", "Proposal of a talk (internal)"),
    "out_address": ("住所", "Address"),
    "internal": ("内部资料", "Internal"),
    "as_of": ("分类日期", "Classified on"),
    "lead": (
        "建议约谈该企业负责人，核实下列记录，督促整改。",
        "It is proposed to invite the head of the firm, go through these records, urge remedies.",
    ),
    "records": ("应核对的记录", "Records to go through"),
    "none": ("无", "None"),
    "note": (
        "本建议经批准后方可约谈；发给企业的文书不得写明信用风险分类、评分和理由。",
        (
            "Nobody is invited before this is approved; what is sent to the firm may tell neither "
            "class, score nor reason."
        ),
    ),
    "proposed": ("建议人（签字）", "Proposed by (signature)"),
    "approved": ("批准人（签字）", "Approved by (signature)"),
}

KIND: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "reminder": ("信用修复提醒函", "reminder"),
        "notice": ("检查通知书", "notice"),
        "talk": ("约谈建议", "proposal of a talk"),
    }
)
"""What a kind of letter is called in the index."""

INDEX: Mapping[str, tuple[str, str, float]] = MappingProxyType(
    {
        "serial": ("编号", "Serial number", 26),
        "kind": ("文书（内部）", "Letter (internal)", 16),
        "entity_id": ("统一社会信用代码", "Unified social credit code", 22),
        "name": ("企业名称", "Enterprise", 34),
        "division": ("行政区划", "Division", 10),
        "visit": ("检查编号", "Visit", 20),
        "count": ("记录数", "Records", 8),
        "file": ("文件", "File", 28),
    }
)
"""The columns of the index of what was made: heading in zh and en, width in characters."""

KINDS = {"reminder": _REMINDER, "notice": _NOTICE, "talk": _TALK}

OUTWARD = ("reminder", "notice")
"""The kinds that leave the bureau."""


def letter_words(kind: str, lang: str) -> dict[str, str]:
    """The words of a kind of letter."""
    at = 0 if lang == "zh" else 1
    shared = {key: SHEET[lang][key] for key in _SHARED}
    return shared | {key: both[at] for key, both in KINDS[kind].items()} | {"notice": NOTICE[lang]}
