"""Why rows of results are refused: every reason in Chinese and English, side by side.

A row collects all its reasons, so that whoever sent it can mend it in one go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

REFUSED = ("row", "field", "found", "problem_zh", "problem_en", "allowed_zh", "allowed_en")
"""A reason: the row of the file, the field and its value, what is wrong, what is allowed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What can be wrong with a field of a row, and what would be right."""

    zh: str
    en: str
    allowed_zh: str
    allowed_en: str


NOBODY = Problem(
    "未指明检查",
    "no visit and no enterprise",
    "检查编号或统一社会信用代码",
    "a visit or an enterprise",
)
NO_VISIT = Problem(
    "计划中没有此项检查",
    "no such visit in the plan",
    "任务单上的检查编号",
    "a visit of the task list",
)
NOT_DRAWN = Problem(
    "计划未抽取该企业",
    "the plan did not draw this enterprise",
    "被抽取的企业；属替换的，在“替换的检查编号 swapped_for”填写原检查编号",
    "a drawn enterprise; for a swap, name the drawn visit in swapped_for",
)
OTHER_FIRM = Problem(
    "与检查编号的企业不符",
    "not the enterprise of the visit",
    "该检查的企业；属替换的，填写“替换的检查编号 swapped_for”",
    "the visit's own enterprise; for a swap, swapped_for",
)
SEVERAL = Problem(
    "该企业有多项检查", "the enterprise has several visits", "检查编号：{}", "the visit: {}"
)
SWAPS_ITSELF = Problem(
    "替换的企业本身已被抽取",
    "the enterprise swapped in is drawn itself",
    "计划未抽取的企业",
    "an enterprise that the plan did not draw",
)
SWAPPED_TWICE = Problem(
    "该检查已由另一企业替换",
    "another enterprise was visited in this one's place",
    "每项检查替换一次",
    "one swap a visit",
)
WAS_VISITED = Problem(
    "该检查已有结果，不能替换或改为未检查",
    "the visit has results: it cannot be swapped or not have been made",
    "更正其结果",
    "correct its results",
)
WAS_SWAPPED = Problem(
    "该检查已被替换",
    "the visit was swapped for another enterprise's",
    "被替换的检查没有结果",
    "no result of a visit that was swapped",
)
NOTHING_TOLD = Problem(
    "既无结果也无未检查原因",
    "neither a result nor why there was no visit",
    "检查结果、未检查原因或公示日期",
    "a result, a reason, or the day of publication",
)
BOTH_TOLD = Problem(
    "既有结果又有未检查原因", "both a result and a reason for no visit", "两者之一", "one of them"
)
NO_ITEM = Problem("结果未指明检查事项", "a result without its item", "检查事项", "the item")
NO_RESULT = Problem("事项没有结果", "an item without its result", "{0}", "{1}")
NO_DAY = Problem("未填检查日期", "the day of the visit is missing", "检查日期", "a day")
NO_REASON_CODE = Problem("不是规定的未检查原因", "not a reason for no visit", "{0}", "{1}")
IS_A_RESULT = Problem(
    "无法联系是检查结果，不是未检查",
    "unreachable is a result, not a missing visit",
    "在“检查结果 result”填写无法联系 unreachable",
    "enter it as the item's result",
)
TOO_EARLY = Problem("早于计划期", "before the plan's period", "不早于 {}", "{} or later")
NOT_YET = Problem("尚未到来的日期", "a day that has not come", "不晚于 {}", "{} or earlier")
ENTERED_BEFORE = Problem(
    "早于检查日期", "before the visit", "检查日期或之后", "the day of the visit or later"
)
TWO_IN_ONE = Problem(
    "同一检查的各行填写不一致",
    "two values in one visit",
    "同一检查的各行填写相同",
    "one value a visit",
)
NOT_ALONE = Problem(
    "未发现问题与其他结果并列",
    "no_problem beside other results in one item",
    "仅填未发现问题 no_problem，或仅填其他结果",
    "no_problem alone, or the others without it",
)
UNEXPLAINED = Problem(
    "与抽取的不同，未说明原因或决定人",
    "differs from what was drawn, and nobody says why",
    "变更原因 reason 与决定人 decided_by",
    "a reason, and who decided it (decided_by)",
)
SWAP_UNEXPLAINED = Problem(
    "替换未说明原因或决定人",
    "a swap that nobody explains",
    "变更原因 reason 与决定人 decided_by",
    "a reason, and who decided it (decided_by)",
)
OTHER_UNEXPLAINED = Problem(
    "其他原因未说明",
    "other, without saying what",
    "在“变更原因 reason”中说明",
    "the reason in words",
)
NO_INSPECTOR = Problem(
    "不在检查人员名录库",
    "not on the list of inspectors",
    "名录库中的检查人员",
    "an inspector of the list",
)
MUST_RECUSE = Problem(
    "检查人员须回避该企业",
    "the inspector must step aside for this enterprise",
    "无利害关系的检查人员",
    "an inspector without a conflict",
)
SAME_PAIR = Problem(
    "盲抽检查与其复查须由不同人员进行",
    "a blind visit and its re-check need different people",
    "未被抽中检查同一企业另一次盲抽的人员",
    "inspectors who were not drawn for the enterprise's other blind visit",
)
NO_PAIR = Problem(
    "检查须由两人进行",
    "a visit needs two inspectors",
    "两名不同的检查人员",
    "two different inspectors",
)
NOT_A_RESULT = Problem("不是检查结果代码", "not a result code", "{0}", "{1}")
NO_RESULTS_YET = Problem(
    "尚无结果，不能公示",
    "published before any result was entered",
    "先回填结果",
    "enter the results first",
)


@dataclass
class Refusals:
    """The reasons found so far, for rows that carry the number of their row in the file."""

    rows: pd.DataFrame
    found: list[dict[str, Any]] = field(default_factory=list)

    def refuse(
        self, rows: Mask | NDArray[np.intp], column: str, problem: Problem, *allowed: object
    ) -> None:
        """Add a reason to rows (a mask or positions); `allowed` fills the holes of what may be.

        Where both languages do not say the same of it, `{0}` is the Chinese and `{1}` the English.
        """
        positions = np.flatnonzero(rows) if rows.dtype == bool else rows
        values: list[Any] = [None] * len(self.rows)
        if column in self.rows:
            values = self.rows[column].tolist()
        numbers = self.rows["row"].tolist()
        for at in positions.tolist():
            value = values[at]
            self.found.append(
                {
                    "row": numbers[at],
                    "field": column,
                    "found": "" if value is None or pd.isna(value) else str(value)[:200],
                    "problem_zh": problem.zh,
                    "problem_en": problem.en,
                    "allowed_zh": problem.allowed_zh.format(*allowed),
                    "allowed_en": problem.allowed_en.format(*allowed),
                    "at": at,
                }
            )

    def bad(self) -> Mask:
        """Which rows have any reason against them."""
        mask = np.zeros(len(self.rows), dtype=bool)
        mask[[one["at"] for one in self.found]] = True
        return mask

    def table(self) -> pd.DataFrame:
        """The reasons as a frame of `REFUSED`, by row and in the order in which they were found."""
        frame = pd.DataFrame(self.found, columns=[*REFUSED, "at"]).astype({"row": "int64"})
        told = frame[list(REFUSED)].drop_duplicates()
        return told.sort_values("row", kind="stable", ignore_index=True)
