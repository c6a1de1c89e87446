"""The texts of the page of lists."""

from __future__ import annotations

from serving.telling.languages import apart

_TEXTS: dict[str, tuple[str, str]] = {
    "title": ("企业名单", "Lists"),
    "lead": (
        "按类别、公共信用等级、地区和行业筛选。名单逐次留痕。",
        "By class, public grade, region and industry. Every list is recorded.",
    ),
    "class": ("风险类别", "Risk class"),
    "grade": ("公共信用等级", "Public credit grade"),
    "region": ("地区", "Region"),
    "industry": ("行业", "Industry"),
    "q": ("名称或代码", "Name or code"),
    "whole_city": ("全市", "Whole city"),
    "show": ("列出", "List"),
    "why": ("主要原因", "Main reasons"),
    "export": ("导出 Excel", "Export to Excel"),
    "export_note": (
        "单元格均为文本；导出留痕，文件内载明导出人、时间和用途限制。",
        "All cells are text. The export is recorded; the file says by whom, when, for what use.",
    ),
    "export_most": (
        "一次最多导出 {n} 家，请缩小范围后导出。",
        "At most {n} enterprises at once: narrow the conditions to export.",
    ),
    "choose": ("请选择条件后列出名单", "Choose conditions to make a list"),
    "choose_hint": (
        "类别、等级可选多项；不选即不限。",
        "Several classes or grades may be chosen; none means all.",
    ),
    "sheet": ("企业名单", "Enterprises"),
    "about": ("说明", "About"),
    "about_what": ("项目", "What"),
    "about_told": ("内容", "Told"),
    "made_by": ("导出人", "Made by"),
    "made_at": ("导出时间", "Made at"),
    "conditions": ("条件", "Conditions"),
    "count": ("企业数", "Enterprises"),
    "run": ("分类批次", "Run"),
    "notice": ("用途限制", "Use"),
    "none": ("不限", "none"),
    "file": ("企业名单", "enterprises"),
}

LISTS = apart(_TEXTS)
