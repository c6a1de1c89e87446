"""The texts of the two sheets. An outward sheet uses only those that begin with `out_`."""

from __future__ import annotations

from serving.telling.languages import apart

_NOTE = (
    "本单只列明登记在案的记录、义务和办理方式。对记录有异议的，可以向记录的来源部门申请核实、更正。"
)
_NOTE_EN = (
    "This sheet lists records, duties and what can be done, and nothing else. Whoever holds a "
    "record to be wrong may ask the department it comes from to check and correct it."
)
_TEXTS: dict[str, tuple[str, str]] = {
    "out_title": ("企业记录与办理事项告知单", "Records and duties of an enterprise"),
    "out_code": ("统一社会信用代码", "Unified social credit code"),
    "out_as_of": ("记录截至", "Records known before"),
    "out_serial": ("编号", "Serial number"),
    "out_made": ("制作时间", "Made on"),
    "out_lead": (
        "根据登记在案的记录，贵单位现有下列事项可以办理：",
        "According to the records on file, these matters can be attended to:",
    ),
    "out_none": (
        "根据登记在案的记录，现未见需要办理的事项。",
        "According to the records on file, there is nothing to attend to at present.",
    ),
    "out_duty": ("事项", "Matter"),
    "out_act": ("办理方式", "What to do"),
    "out_later": ("（满足法定期限等条件后）", "(once the conditions of time are met)"),
    "out_records": ("有关记录", "Records"),
    "out_no_record": ("应有记录而无记录", "a record is due and absent"),
    "out_note": (_NOTE, _NOTE_EN),
    "out_issued": ("告知单位（章）", "Issued by (seal)"),
    "out_received": ("接收人（签字）", "Received by (signature)"),
    "out_date": ("日期", "Date"),
    "out_synthetic": ("合成数据，与真实企业无关", "Synthetic data; nobody's records"),
    # internal
    "title": ("企业信用风险分类内部参考单", "Internal sheet on an enterprise"),
    "for": ("查阅人", "Made for"),
    "change": ("怎样才会改变", "What would change it"),
    "alone": ("单独办理后", "By itself"),
    "log_odds": ("对数几率", "log-odds"),
    "group": ("信息类别", "Group"),
}

SHEET = apart(_TEXTS)
