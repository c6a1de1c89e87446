"""Words of the report and the card: what a name of the report's figures is called, zh and en.

A name that is not listed is told as it is, without its underscores: who adds a figure need not
come here for it to be shown.
"""

from __future__ import annotations

import re

from models import groups

Both = tuple[str, str]

NAMES: dict[str, Both] = {
    # ways of visits and states of labels
    "drawn": ("抽取", "drawn"),
    "targeted": ("定向", "targeted"),
    "censored": ("无标签", "no label"),
    "positive": ("有问题", "problem"),
    "negative": ("无问题", "none found"),
    "off_basket": ("不在清单", "off the basket"),
    "unreachable": ("无法联系", "unreachable"),
    "serious": ("严重", "serious"),
    "year": ("年", "year"),
    "way": ("方式", "way"),
    # what was calibrated on
    "slice": ("盲抽样本", "blind slice"),
    "alike": ("同样检查的抽取", "draws that looked alike"),
    "draws": ("抽取", "draws"),
    "propensity": ("估计权重", "estimated weights"),
    "unweighted": ("未加权", "unweighted"),
    # figures
    "n": ("检查数", "visits"),
    "positives": ("有问题", "problems"),
    "effective": ("有效样本", "effective"),
    "auc": ("AUC", "AUC"),
    "log_loss": ("对数损失", "log-loss"),
    "brier": ("Brier 分", "Brier score"),
    "slope": ("校准斜率", "calibration slope"),
    "expected_over_observed": ("预期／实际", "expected / observed"),
    "expected": ("预期", "expected"),
    "observed": ("实际", "observed"),
    "rate": ("实际率", "rate"),
    "low": ("下限", "low"),
    "high": ("上限", "high"),
    "share": ("占比", "share"),
    "ratio": ("预期／实际", "ratio"),
    "burden": ("检查负担", "burden"),
    "groups": ("组数", "groups"),
    "selected": ("选中", "selected"),
    "caught": ("查到", "caught"),
    "false_alarms": ("误选", "false alarms"),
    "gain": ("差", "gain"),
    "class": ("类别", "class"),
    "precision": ("命中率", "precision"),
    "recall": ("查出比例", "recall"),
    "least": ("最差", "least"),
    "most": ("最好", "most"),
    "lift": ("提升", "lift"),
    "first": ("首日", "first day"),
    "last": ("末日", "last day"),
    "learned_from": ("学习自", "learned from"),
    "learned_until": ("学习至", "learned until"),
    "learned": ("学习标签", "learned labels"),
    "labels": ("块内标签", "labels"),
    # problem rates of all firms
    "labelled": ("仅按标签", "labels as they are"),
    "weighted": ("加权", "weighted"),
    "doubly_robust": ("双稳健", "doubly robust"),
    "now": ("预测（全部企业，现在）", "predicted, all firms now"),
    # rivals and other fits
    "base_rate": ("平均率", "base rate"),
    "public_score": ("公共信用得分", "public score"),
    "prior_failure": ("既往问题规则", "prior-failure rule"),
    "rule_example": ("计分规则示例", "example of a points rule"),
    "rule_henan": ("河南直接判定规则", "direct rules of Henan"),
    "rule_tianjin": ("天津早期规则", "older rule of Tianjin"),
    "logistic_regression": ("逻辑回归", "logistic regression"),
    "explainable_boosting_machine": ("可解释提升机", "Explainable Boosting Machine"),
    "record": ("记录", "record"),
    "rule": ("规则", "rule"),
    "fit": ("拟合", "fit"),
    "ours": ("自拟", "ours"),
    "official": ("官方", "official"),
    "published": ("公开发布", "published"),
    "example": ("示例", "example"),
    "beaten": ("不及本模型", "beaten"),
    "within noise": ("误差之内", "within noise"),
    "better than the model": ("优于本模型", "better than the model"),
    "name": ("名称", "name"),
    "title": ("全称", "title"),
    "source": ("出处", "source"),
    "skill": ("技巧", "skill"),
    "verdict": ("结论", "verdict"),
    "gaps": ("组间差距", "gaps between groups"),
    "draws_only": ("仅以抽取学习", "fitted on draws only"),
    "with_policy_only": ("加入仅政策指标", "with policy-only indicators"),
    "with_audit_only": ("加入仅审计指标", "with audit-only indicators"),
    "champion": ("现用版本", "champion"),
    "challenger": ("候选版本", "challenger"),
    # nuisances
    "factor": ("因素", "factor"),
    "levels": ("水平数", "levels"),
    "spread": ("离散", "spread"),
    "method": ("方法", "method"),
    "office": ("机关", "office"),
    "inspector": ("检查人员", "inspector"),
    "items": ("检查项数", "items"),
    "basket_items": ("清单项数", "basket items"),
    "logarithm": ("对数", "logarithm"),
    "on_site": ("现场", "on site"),
    "written": ("书面", "in writing"),
    "online": ("网络", "online"),
    "laboratory": ("检验检测", "laboratory"),
    "entrusted": ("委托专业机构", "entrusted"),
    "department_opinion": ("部门意见", "department's opinion"),
    "drawn: plan": ("按计划抽取", "drawn by plan"),
    "drawn: slice": ("盲抽", "blind slice"),
    # groups
    "kind": ("分组", "kind"),
    "group": ("组", "group"),
    "ownership": ("企业类型", "ownership"),
    "county": ("区县", "county"),
    "industry": ("行业", "industry"),
    "size": ("规模", "size"),
    "others": ("其他（合并）", "others, pooled"),
    **groups.WORDS,
    # cuts and calibration
    "equal_risk": ("等风险", "equal risk"),
    "capacity": ("按能力", "capacity"),
    "fixed": ("固定", "fixed"),
    "logistic": ("逻辑", "logistic"),
    "isotonic": ("保序", "isotonic"),
    "venn_abers": ("Venn–Abers", "Venn–Abers"),
    "model_classes": ("模型类别", "model classes"),
    "final_classes": ("最终类别", "final classes"),
    # the gate
    "what": ("要求", "requirement"),
    "found": ("实测", "found"),
    "allowed": ("允许", "allowed"),
    "ok": ("通过", "held"),
    "effective drawn labels": ("抽取标签的有效数", "effective drawn labels"),
    "labels drawn with known chance": ("标签以已知概率抽取", "labels drawn with known chance"),
    "lower limit of AUC": ("AUC 下限", "lower limit of AUC"),
    "model classes in order of risk": (
        "模型类别按风险排序", "model classes in order of risk"),
    "final classes in order of risk": (
        "最终类别按风险排序", "final classes in order of risk"),
    "groups expected beyond their risk": (
        "预期超出实际的组", "groups expected beyond their risk"),
    "log-loss saved against the champion": (
        "比现用版本减少的对数损失", "log-loss saved against the champion"),
    "indicators of the champion that the catalogue lacks": (
        "现用版本用到而目录没有的指标", "indicators of the champion that the catalogue lacks"),
    "1: a draw, such as the blind slice": (
        "1：抽取，如盲抽样本", "1: a draw, such as the blind slice"),
    # settings
    "intercept": ("截距", "intercept"),
    "version": ("版本", "version"),
    "how": ("方式", "how"),
    "itself": ("本身", "itself"),
    "refitted": ("重新拟合", "refitted"),
    "rounds": ("轮数", "rounds"),
    "learning_rate": ("学习率", "learning rate"),
    "num_leaves": ("叶数", "leaves"),
    "max_depth": ("深度", "depth"),
    "min_child_samples": ("叶内最少", "least rows of a leaf"),
    "lambda_l2": ("L2 惩罚", "L2 penalty"),
    "feature_fraction": ("指标抽样", "share of indicators"),
}  # fmt: skip

PATTERNS: list[tuple[str, str]] = [
    (r"^AUC of (\S+) alone$", "{} 单独的 AUC"),
    (r"^expected over observed, (.+)$", "预期／实际，{}"),
    (r"^at least (.+)$", "至少 {}"),
    (r"^at most (.+)$", "至多 {}"),
    (r"^above (.+)$", "大于 {}"),
    (r"^not clearly below (.+)$", "不明显低于 {}"),
    (r"^([-\d.]+) to ([-\d.]+)$", "{} 至 {}"),
    (r"^rule_(.+)$", "积分规则 {}"),
    (r"^not judged: (.+)$", "未比较：{}"),
    (r"^share, for (.+)$", "按占比（{}）"),
]


def both(name: str) -> Both:
    """What a name is called in Chinese and in English."""
    if name in NAMES:
        return NAMES[name]
    if name.startswith("skill_over_"):
        rival = both(name.removeprefix("skill_over_"))
        return f"相对{rival[0]}的技巧", f"skill over {rival[1]}"
    for pattern, zh in PATTERNS:
        if found := re.fullmatch(pattern, name):
            parts = (both(part)[0] for part in found.groups())
            return zh.format(*parts), name.replace("_", " ")
    kind, _, group = name.partition(" ")
    if kind in ("ownership", "county", "industry", "size") and group:
        return f"{both(kind)[0]} {both(group)[0]}", name
    plain = name.replace("_", " ")
    return plain, plain


def told(name: str, lang: str) -> str:
    """The same in one language, `zh` or `en`."""
    return both(name)[0 if lang == "zh" else 1]


def short(name: str) -> str:
    """Both together, for a plot's label; once where they are the same."""
    zh, en = both(name)
    return zh if zh == en else f"{zh} {en}"
