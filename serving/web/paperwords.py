"""The texts of what stands beside a firm: its history, what would change it, its sheets."""

from __future__ import annotations

from serving.telling.languages import apart

_TEXTS: dict[str, tuple[str, str]] = {
    "history": ("历次分类", "History"),
    "history_first": ("首次分类，没有上期可比。", "First run; there is none before."),
    "history_same": ("历次类别未变。", "The class has not changed."),
    "since": ("自 {day} 起为 {letter} 类", "Class {letter} since {day}"),
    "papers": ("文书与试算", "Sheets, and what if"),
    "internal": ("打印内部页", "Internal sheet"),
    "internal_what": (
        "含类别与原因，带水印，入卷用",
        "class and reasons, watermarked, for the file",
    ),
    "outward": ("打印对外页", "Outward sheet"),
    "outward_what": ("仅记录与义务，不含类别", "records and duties, no class"),
    "change": ("怎样才会改变类别", "What would change the class"),
    "change_what": ("按本期模型逐项试算", "tried out on the model of this run"),
    "looks": ("谁查阅过", "Who looked"),
    "looks_what": ("审计人员可见", "for auditors"),
    "absent": (
        "本机未接记录库，不能制作文书和试算。",
        "No record store is connected here: no sheets, no trial.",
    ),
    "back": ("返回企业页", "Back to the enterprise"),
    "print_hint": ("用浏览器打印（Ctrl+P），A4", "Print with the browser (Ctrl+P), A4"),
    "now": ("现在", "Now"),
    "distance": ("距相邻类别", "How far the next class is"),
    "fewest": ("最少要办的事项", "The fewest acts"),
    "acts": ("各事项单独办理后", "Each act by itself"),
    "act": ("事项", "Act"),
    "duty": ("现有情形", "What stands"),
    "then": ("办理后类别", "Class then"),
    "probability": ("问题概率", "Probability"),
    "no_acts": ("现没有可以办理的事项。", "There is nothing that can be attended to now."),
}

PAPERS = apart(_TEXTS)
