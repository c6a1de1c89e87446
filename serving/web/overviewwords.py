"""The texts of the overview of a run and of its movers."""

from __future__ import annotations

from serving.telling.languages import apart

_TEXTS: dict[str, tuple[str, str]] = {
    "title": ("本期概况", "This run"),
    "lead": (
        "只列数量，不涉及具体企业。",
        "Counts only; no enterprise is named.",
    ),
    "classes": ("各类企业", "Classes"),
    "unclassified": ("不作模型分类", "Not classified by the model"),
    "by_place": ("按地区", "By place"),
    "by_place_in": ("{place}各县区", "Counties of {place}"),
    "by_trade": ("按行业", "By industry"),
    "by_trade_in": ("{trade}各行业", "Industries of {trade}"),
    "back": ("返回全部", "Back to all"),
    "place": ("地区", "Place"),
    "trade": ("行业", "Industry"),
    "classed": ("分类企业", "Classified"),
    "risky": ("C、D 类占比", "Share of C and D"),
    "risky_note": (
        "横线为同等规模下的偶然波动范围（95%），竖线为全部企业；红色高于偶然。",
        "Lines: chance in a group of this size (95%); upright: all. Red: above chance.",
    ),
    "chart_place": ("各地 C、D 类企业占比", "Share of classes C and D by place"),
    "chart_trade": ("各行业 C、D 类企业占比", "Share of classes C and D by industry"),
    "by_grade": ("风险类别与公共信用等级", "Class and public credit grade"),
    "by_grade_note": (
        "两种尺度不同：等级 A 为信用最好，类别 A 为风险低。",
        "Two scales: grade A is the best credit, class A the lowest risk.",
    ),
    "chart_grade": ("各公共信用等级中的风险类别", "Classes within each public grade"),
    "grade": ("公共信用等级", "Public grade"),
    "no_grade": ("无等级", "none"),
    "unknown": ("不详", "not known"),
    "moved": ("类别变化", "Movers"),
    "moved_lead": (
        "与上期相比类别不同的企业 {n} 家：升高 {worse} 家，降低 {better} 家。",
        "{n} are of another class than in the last run: {worse} higher, {better} lower.",
    ),
    "moved_none": (
        "没有类别变化，或本期分类没有上期可比。",
        "No class changed, or there is no run before to compare with.",
    ),
    "from_to": ("上期 → 本期", "Last run → this run"),
    "cause": ("原因", "Cause"),
    "count": ("家数", "Enterprises"),
    "see_worse": ("查看类别升高的企业", "See those whose class rose"),
    "see_better": ("查看类别降低的企业", "See those whose class fell"),
    "worse": ("类别升高的企业", "Class rose"),
    "better": ("类别降低的企业", "Class fell"),
    "movers_lead": ("名单留痕。", "This list is recorded."),
    "before": ("上期", "Last run"),
    "now": ("本期", "This run"),
    "cause_none": ("未记录", "not recorded"),
    "empty": ("没有这样的企业", "There are none"),
    "run": ("批次", "Run"),
}

OVERVIEW = apart(_TEXTS)
