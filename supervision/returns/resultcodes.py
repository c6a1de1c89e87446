"""What a visit can find, why there may be none, and what can differ from what was drawn.

The codes are those of the publicity system's random-check records (eight official texts and five
for firms that have left). Label and severity are configuration of ours [guess], not a rule: they
order findings in tables; what training learns from stands in a model's `outcome`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Code:
    """A code with its words; `label` is 1 problem, 0 none, null: nobody can say."""

    zh: str
    en: str
    label: float = np.nan
    severity: int = 0


NO_PROBLEM = "no_problem"
UNREACHABLE = "unreachable"

RESULTS: dict[str, Code] = {
    NO_PROBLEM: Code("未发现问题", "no problem found", 0.0),
    "not_published": Code(
        "未按规定公示应当公示的信息", "required information not published", 1.0, 2
    ),
    "false_information": Code(
        "公示信息隐瞒真实情况、弄虚作假", "published information falsified", 1.0, 4
    ),
    UNREACHABLE: Code("通过登记的住所（经营场所）无法联系", "not reachable at its address", 1.0, 4),
    "problem_corrected": Code("发现问题已责令改正", "problem ordered corrected", 1.0, 1),
    "obstructed": Code("不配合检查情节严重", "inspection gravely obstructed", 1.0, 5),
    "not_carried_on": Code(
        "未发现开展本次抽查涉及的经营活动", "business under check not carried on"
    ),
    "problem_pending": Code("发现问题待后续处理", "problem, follow-up pending", 1.0, 3),
    "closed": Code("已关闭停业或正在组织清算", "closed or in liquidation"),
    "deregistered": Code("注销", "deregistered"),
    "revoked": Code("被吊销", "licence revoked"),
    "cancelled": Code("被撤销", "registration cancelled"),
    "moved_out": Code("迁出", "moved out"),
}
"""Results of an item; several may stand together, but `no_problem` excludes all others."""

LEFT = ("closed", "deregistered", "revoked", "cancelled", "moved_out")
"""The firm has left the population: censored, not clean."""

REASONS: dict[str, Code] = {
    "closed": Code("企业已停业", "closed"),
    "moved": Code("企业已迁出辖区", "moved away"),
    "force_majeure": Code("不可抗力", "force majeure"),
    "recused": Code("检查人员回避", "the pair stepped aside"),
    "capacity": Code("检查力量不足", "no capacity"),
    "other": Code("其他", "other"),
}
"""Why a visit was not made; `other` says why in `reason`. `unreachable` is a result, not this."""

OVERRIDES: dict[str, Code] = {
    "pair": Code("更换检查人员", "other inspectors"),
    "method": Code("改变检查方式", "other method"),
    "items": Code("增加检查事项", "further items"),
    "firm": Code("更换检查对象", "other firm"),
}
"""What may differ from what was drawn, for a reason and by somebody's decision."""

STATES: dict[str, Code] = {
    "visited": Code("已检查", "visited"),
    "late": Code("逾期", "late"),
    "not_visited": Code("未检查", "not visited"),
    "swapped": Code("已替换", "swapped"),
    "missing": Code("无结果", "missing"),
}
"""What became of a visit: `late` is visited, but entered, published or visited after its day."""


DONE = ("visited", "late")
"""The states of a visit that was made."""


def ordered(codes: Iterable[str]) -> str:
    """Codes joined by `;`, the gravest first, each once."""
    order = list(RESULTS)
    by_grave = sorted(set(codes), key=lambda code: (-RESULTS[code].severity, order.index(code)))
    return ";".join(by_grave)


def severity(codes: Iterable[str]) -> int:
    """The greatest severity of several results; 0: nothing was found."""
    return max((RESULTS[code].severity for code in codes), default=0)


def label(codes: Iterable[str]) -> float:
    """1.0: a problem; else null where the firm has left; 0.0: no problem; null: nobody can say."""
    found = set(codes)
    if any(RESULTS[code].label == 1 for code in found):
        return 1.0
    if found & set(LEFT) or NO_PROBLEM not in found:
        return np.nan
    return 0.0
