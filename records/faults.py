"""Faults in the words of an official, for the report that goes back to the source.

The checks speak English to engineers. A text without Chinese wording stays as it is: a reason is
never left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from records.schema import Table

_WORDS: tuple[tuple[str, str], ...] = (
    # problems
    (r"(\w+) cannot be read", "内容无法识别"),
    (r"(\w+) is missing", "必填项缺失"),
    (r"(\w+) was not given: (.+) · .+", r"接收时未给出 \1（\2）"),
    (r"not a known value of (\w+)", "取值不在规定范围内"),
    (r"(\w+) is out of range", "数值超出范围"),
    (
        r"not a valid unified social credit code \(GB 32100-2015\)",
        "统一社会信用代码校验不通过（GB 32100-2015）",
    ),
    (r"unknown entity type", "市场主体类型代码不正确"),
    (r"date in the future or before records began", "日期晚于接收当日，或早于最早可记录日期"),
    (r"known before it happened", "可知日期早于发生日期"),
    # what is allowed
    (r"a date such as (.+) or (.+)", r"日期，如 \1 或 \2"),
    (r"a whole number", "整数"),
    (r"a whole number of 分", "以分为单位的整数"),
    (r"a number", "数字"),
    (r"true, false, 1, 0, 是 or 否", "true、false、1、0、是 或 否"),
    (r"text", "文字"),
    (r".+, never empty", "不得为空"),
    (r"(\S+) to inf", r"不小于 \1"),
    (r"-inf to (\S+)", r"不大于 \1"),
    (r"(\S+) to (\S+)", r"\1 至 \2"),
    (r"event_time or later", "不早于发生日期"),
    (r"18 characters whose check digit is right", "18 位，且校验位正确"),
    (
        r"a four-digit type code of families (.+) or (.+)",
        r"四位类型代码：\1 或 \2",
    ),
    # what to do
    (
        r"correct it at the source and send the row again",
        "请核对原始资料，更正后重新报送该行",
    ),
    (
        r"map it in the mapping file's `values`, or correct it at the source",
        "请按允许的取值更正；如原取值无误，请联系接收方补充对应关系",
    ),
    (r"(xinfen quarantine retry .+)", r"接收方补给：\1"),
)
_RULES = tuple((re.compile(pattern), zh) for pattern, zh in _WORDS)


def zh(text: str) -> str:
    """A problem, an allowed range or a hint in Chinese; as it is if it has no wording yet."""
    for pattern, wording in _RULES:
        found = pattern.fullmatch(text)
        if found:
            return found.expand(wording)
    return text


def reason(table: Table, problem: str) -> str:
    """A problem in Chinese with the column it speaks of, where it names one."""
    for pattern, wording in _RULES:
        found = pattern.fullmatch(problem)
        if found and found.groups() and found[1] in table.by_name:
            return f"{label(table, found[1])}：{found.expand(wording)}"
    return zh(problem)


def label(table: Table, name: str) -> str:
    """A column as officials and engineers know it: 发生日期 event_time."""
    column = table.by_name.get(name)
    return f"{column.zh} {name}" if column else name


def told(table: Table, reasons: tuple[Mapping[str, str], ...]) -> dict[str, str]:
    """The report's cells on one row: all its faults, numbered where there are several.

    Keys: 字段, 原值, 问题, 允许的取值, 处理建议.
    """
    parts = {
        "字段": [label(table, fault["field"]) for fault in reasons],
        "原值": [fault["found"] for fault in reasons],
        "问题": [zh(fault["problem"]) for fault in reasons],
        "允许的取值": [zh(fault["allowed"]) for fault in reasons],
        "处理建议": [zh(fault["hint"]) for fault in reasons],
    }
    if len(reasons) == 1:
        return {heading: lines[0] for heading, lines in parts.items()}
    return {
        heading: "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
        for heading, lines in parts.items()
    }
