"""The words of the policy simulator, in Chinese and English."""

from __future__ import annotations

from serving.telling.groupwords import KINDS
from serving.telling.languages import apart

_BOTH: dict[str, tuple[str, str]] = {
    "title": ("抽查方案模拟", "Plans tried before anybody is visited"),
    "run": ("分类运行", "run"),
    "lists": ("名录库", "lists"),
    "year": ("年度", "year"),
    "firms": ("企业", "firms"),
    "firms_told": (
        "{firms} 户，其中 {assumed} 户无模型概率，取同等级平均",
        "{firms}, of which {assumed} have no probability and take the mean of their grade",
    ),
    "effect": ("检查方式的作用", "effect of methods"),
    "none": ("不作假定", "none assumed"),
    "plan": ("方案", "plan"),
    "totals": ("全年", "The year"),
    "visits": ("检查次数", "visits"),
    "visits_slice": ("　盲抽", "  blind slice"),
    "visits_recheck": ("　盲复查", "  blind re-checks"),
    "visits_plan": ("　计划", "  plan"),
    "visits_top_up": ("　补足", "  top-up"),
    "visited_share": ("抽查比例（不含复查）", "visits / firms, without re-checks"),
    "most_in_a_bureau_and_batch": ("单个机关单批最多", "most in a bureau and batch"),
    "given_way": ("因能力让出", "given way to capacity"),
    "findings": ("期望发现问题", "expected findings"),
    "findings_per_visit": ("每次发现", "findings per visit"),
    "findings_over_blind": ("比同次数盲查多发现", "beyond as many blind visits"),
    "firms_without_chance": ("全年无机会被抽的户数", "firms without a chance"),
    "totals_note": (
        "期望值：未抽取任何企业。复查不另计发现。",
        "Expectations: nobody is drawn. A re-check finds nothing of its own.",
    ),
    "classes": ("按类别：次数 · 发现 · 每次", "By class: visits · findings · per visit"),
    "classes_note": (
        "“信用 A–E 级”是没有风险类别的主体的公共信用等级。",
        "Class is the risk class; grade is the public grade of those without a class.",
    ),
    "group": ("组别", "group"),
    "months": ("按批次的检查次数", "Visits by batch"),
    "batch": ("批次", "batch"),
    "burden": (
        "负担：每百户每年次数，最少–最多 · 倍数",
        "Burden: visits per 100 firms and year, least–most · times",
    ),
    "burden_note": (
        "各组明细及其按风险应有的份额见 --json。",
        "Each group, and its share of visits by its share of problems: --json.",
    ),
    "precision": (
        "精度：问题率 95% 区间的半宽（百分点）",
        "Precision: half width of the 95 % interval of the problem rate, points",
    ),
    "precision_note": (
        "县区为中位数（最小–最大）。合并为盲抽层与同等方式的计划检查。",
        "Counties: median (least–most). Alike: the slice with plan visits measured alike.",
    ),
    "no_slice": (
        ("{plans}：无盲抽层。精度仅就有机会被抽的企业而言，且检查人员知道类别，无盲查可以对照。"),
        (
            "{plans}: no blind slice. Precision is that of the firms with a chance alone; their "
            "pairs see the class, and there is no blind visit to hold them against."
        ),
    ),
    "comma": ("、", ", "),
    "all": ("全部", "all"),
    **KINDS,
    "slice": ("盲抽层", "slice"),
    "alike": ("合并", "alike"),
    "unfit": ("无法执行的方案", "What does not fit"),
    "what": ("原因", "what"),
    "found": ("现状", "found"),
    "hint": ("建议", "hint"),
}

WORDS = apart(_BOTH)
