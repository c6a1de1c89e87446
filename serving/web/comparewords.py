"""The texts of the page that compares an uploaded list."""

from __future__ import annotations

from serving.telling.languages import apart

_TEXTS: dict[str, tuple[str, str]] = {
    "title": ("名单比对", "Compare a list"),
    "lead": (
        "上传企业名单，逐行给出风险类别、日期和主要原因；对不上的说明原因。比对逐次留痕。",
        "Each row of a list is answered with class and reasons, or why not; it is recorded.",
    ),
    "file": ("名单文件", "List"),
    "file_hint": (
        "Excel 或 CSV，不超过 20 MB、{n} 行；须有“统一社会信用代码”或“企业名称”一列。",
        "Excel or CSV, up to 20 MB and {n} rows, with a column of codes or of names.",
    ),
    "purpose": ("事由", "Purpose"),
    "purpose_hint": ("可不填，记入留痕", "Optional; kept in the audit"),
    "go": ("比对", "Compare"),
    "go_book": ("比对并下载 Excel", "Compare and download Excel"),
    "result": ("比对结果", "Result"),
    "rows": ("共 {n} 行，对应 {firms} 家企业", "{n} rows, {firms} enterprises"),
    "same": ("重复 {n} 行", "{n} rows repeat another"),
    "row": ("行", "Row"),
    "given": ("所给代码、名称", "As given"),
    "why": ("主要原因或说明", "Main reasons, or why not"),
    "shown": (
        "此处只列前 {n} 行，全部见 Excel。",
        "The first {n} rows; all of them stand in the Excel file.",
    ),
    "again": ("再比对一份名单", "Compare another list"),
    "no_file": ("请选择一份名单文件", "Choose a file"),
}

COMPARE = apart(_TEXTS)
