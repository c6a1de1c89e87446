"""Every text of a fault in both languages, side by side: no fault can be told in one alone.

A fault holds English; `zh` turns it into the Chinese that stands beside it here. Faults are only
made of what a wording says (`Said`), so a text that is not here does not pass the type checker.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NewType

Said = NewType("Said", str)
"""A fault's text in English that has its Chinese."""


@dataclass(frozen=True)
class Wording:
    """A text in both languages.

    Of its `{holes}`, `other` names a column, `codes` lists values that the column allows, `told`
    is a text in Chinese, and `what` stands in the English alone.
    """

    en: str
    zh: str

    def __call__(self, **holes: object) -> Said:
        return Said(self.en.format(**holes))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What this says in English, whatever fills the holes."""
        first, *rest = re.split(r"\{(\w+)\}", self.en)
        parts = [re.escape(first)]
        for hole, text in zip(rest[::2], rest[1::2], strict=True):
            filling = ".+" if hole in ("codes", "told", "what") else r"\S+"
            parts += [f"(?P<{hole}>{filling})", re.escape(text)]
        return re.compile("".join(parts), re.DOTALL)


_ALL: list[Wording] = []


def _both(en: str, zh: str) -> Wording:
    _ALL.append(Wording(en, zh))
    return _ALL[-1]


# What is wrong.
UNREADABLE = _both("{column} cannot be read", "内容无法识别")
MISSING = _both("{column} is missing", "必填项缺失")
NOT_SUPPLIED = _both("{name} was not given: {told} · {what}", "接收时未给出 {name}（{told}）")
UNKNOWN = _both("not a known value of {column}", "取值不在规定范围内")
OUT_OF_RANGE = _both("{column} is out of range", "数值超出范围")
NO_CREDIT_CODE = _both(
    "not a valid unified social credit code (GB 32100-2015)",
    "统一社会信用代码校验不通过（GB 32100-2015）",
)
NO_ENTITY_TYPE = _both("unknown entity type", "市场主体类型代码不正确")
NO_DIVISION = _both("not a division code (GB/T 2260)", "行政区划代码不正确（GB/T 2260）")
NO_INDUSTRY = _both("not an industry code (GB/T 4754)", "行业代码不正确（GB/T 4754）")
NO_CURRENCY = _both("{column} is not a currency code (ISO 4217)", "币种代码不正确（ISO 4217）")
IN_THE_OPEN = _both("an identity or telephone number in the open", "出现明文证件号码或手机号码")
REWRITTEN = _both(
    "{column} is a code that a spreadsheet rewrote as a number", "编号已被电子表格改写为数字"
)
SPREADSHEET_ERROR = _both(
    "{column} is an error of a spreadsheet", "单元格是电子表格的错误值，不是内容"
)
NOT_COMPUTED = _both("{column} is a formula that was never computed", "公式没有计算结果")
A_LIST = _both("{column} is a list, not one value", "应为单个内容，却是列表")
OUTSIDE = _both(
    "date in the future or before records began", "日期晚于接收当日，或早于最早可记录日期"
)
TOO_OLD = _both("{column} lies before records began", "日期早于最早可记录日期")
KNOWN_TOO_EARLY = _both("known before it happened", "可知日期早于发生日期")
BEFORE = _both("{column} lies before {other}", "早于 {other}")
AFTER = _both("{column} lies after {other}", "晚于 {other}")
WITHOUT = _both("{column} is given without {other}", "缺少 {other}，本项不能单独填写")
AT_ODDS = _both("{column} does not go with {other}", "与 {other} 不相符")
SAME = _both("{column} is the same as {other}", "与 {other} 相同")

# What is allowed.
A_DATE = _both(
    "a date such as 2025-03-31, 2025/3/31, 2025.3.31, 20250331 or 2025年3月31日",
    "日期，如 2025-03-31、2025/3/31、2025.3.31、20250331 或 2025年3月31日",
)
A_WHOLE_NUMBER = _both("a whole number", "整数")
AN_AMOUNT = _both(
    "a whole number of 分, or an amount with its unit such as 1,234.50元 or 3.5万元",
    "以分为单位的整数，或写明单位的金额，如 1,234.50元、3.5万元",
)
A_NUMBER = _both("a number", "数字")
A_TRUTH = _both("true, false, 1, 0, 是, 否, Y or N", "true、false、1、0、是、否、Y 或 N")
A_TEXT = _both("text", "文字")
NEVER_EMPTY = _both("{what}, never empty", "不得为空")
AT_LEAST = _both("{low} to inf", "不小于 {low}")
AT_MOST = _both("-inf to {high}", "不大于 {high}")
BETWEEN = _both("{low} to {high}", "{low} 至 {high}")
OR_LATER = _both("{other} or later", "不早于 {other}")
OR_EARLIER = _both("{other} or earlier", "不晚于 {other}")
FROM_DAY = _both("{day} or after it", "{day} 或以后")
TOGETHER = _both("{column} only together with {other}", "须与 {other} 一并填写")
GOING_WITH = _both("{other} being {codes}", "{other} 为 {codes}")
OTHER_THAN = _both("another value than {other}", "不得与 {other} 相同")
SUPPLIED = _both("--given {name}=…", "由接收方给出：--given {name}=…")
A_CREDIT_CODE = _both("18 characters whose check digit is right", "18 位，且校验位正确")
AN_ENTITY_TYPE = _both(
    "a four-digit type code of families 1–6, 7100–7300, 9100, 9200, 9500, 9600 or 9900",
    "四位类型代码：1–6 类、7100–7300、9100、9200、9500、9600 或 9900",
)
A_DIVISION = _both(
    "six digits, the first two a province's, such as 230102", "六位数字，前两位为省份，如 230102"
)
AN_INDUSTRY = _both(
    "a section letter A–T and two to four digits, such as C13 or F5211",
    "门类字母 A–T 加两至四位数字，如 C13 或 F5211",
)
A_CURRENCY = _both("three capital letters such as CNY", "三个大写字母，如 CNY")
A_HASH = _both("a keyed hash of the number", "号码的加密散列")
AS_ISSUED = _both("the code as it was issued, every character", "原编号，一字不差")
A_VALUE = _both("the value itself", "单元格应有的内容")

# What to do.
SEND_AGAIN = _both(
    "correct it at the source and send the row again",
    "请核对原始资料，更正后重新报送该行",
)()
MAP_IT = _both(
    "map it in the mapping file's `values`, or correct it at the source",
    "请按允许的取值更正；如原取值无误，请联系接收方补充对应关系",
)
HASH_IT = _both(
    "name the column under `hmac` in the mapping and ingest the file again",
    "请联系接收方在对应关系文件的 hmac 中列出该列后重新接收",
)
AS_TEXT = _both(
    "format the column as text, enter the code again and send the row again",
    "请将该列设为文本格式，重新填写编号后报送该行",
)
COMPUTE_IT = _both(
    "open the workbook, let it compute, put the value in place and send the row again",
    "请打开工作簿完成计算，改为数值后重新报送该行",
)
SUPPLY_IT = _both(
    "xinfen quarantine retry … --mapping … --given {name}=…",
    "接收方补给：xinfen quarantine retry … --mapping … --given {name}=…",
)

ALL = tuple(_ALL)


def one_of(codes: Iterable[str]) -> Said:
    """A list of a column's codes; their Chinese stands in the column's declaration."""
    return Said(", ".join(codes))


def zh(text: str, fill: Callable[[str, dict[str, str]], str] | None = None) -> str | None:
    """The Chinese of a text, or None where no wording says it.

    `fill` gives what stands in a hole, by its name and all that stands in the holes; by default
    that is what stands in the English.
    """
    for wording in ALL:
        found = wording.pattern.fullmatch(text)
        if found is not None:
            holes = found.groupdict()
            told = {hole: fill(hole, holes) if fill else holes[hole] for hole in holes}
            return wording.zh.format(**told)
    return None
