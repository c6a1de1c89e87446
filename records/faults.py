"""Faults of rows, and the words of an official for the report that goes back to the source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from records import wordings
from records.columns import Column, Table
from records.wordings import SEND_AGAIN, Said

FOUND = 200
"""Characters of a value that a fault shows; the row itself is kept whole."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a field of a row was refused: its value, what is allowed, what to do."""

    field: str
    found: str
    problem: Said
    allowed: Said
    hint: Said = SEND_AGAIN

    def as_dict(self) -> dict[str, str]:
        """The fault by name, as the quarantine keeps it."""
        return {
            "field": self.field,
            "found": self.found,
            "problem": self.problem,
            "allowed": self.allowed,
            "hint": self.hint,
        }


def zh(text: str, table: Table | None = None, field: str = "") -> str:
    """A problem, an allowed range or a hint in Chinese; as it is if no wording says it.

    Parameters
    ----------
    table, field : the column of whose fault it is a part; its codes are told in Chinese too.
    """
    own = table.by_name if table is not None else {}

    def fill(hole: str, holes: dict[str, str]) -> str:
        if hole == "codes":
            return _codes(own.get(holes["other"]), holes["codes"])
        return _named(own, holes[hole]) if hole == "other" else holes[hole]

    told = wordings.zh(text, fill)
    return told if told is not None else _codes(own.get(field), text)


def _codes(column: Column | None, text: str) -> str:
    """A list of a column's codes, each with its Chinese; any other text as it is."""
    codes = text.split(", ")
    if column is None or not set(codes) <= set(column.allowed):
        return text
    return "、".join(column.word(code) for code in codes)


def reason(table: Table, problem: str) -> str:
    """A problem in Chinese with the column it speaks of, where it names one."""
    for wording in wordings.ALL:
        found = wording.pattern.fullmatch(problem)
        column = found and found.groupdict().get("column")
        if column in table.by_name:
            return f"{label(table, column)}：{zh(problem, table)}"
    return zh(problem, table)


def label(table: Table, name: str) -> str:
    """A column as officials and engineers know it: 发生日期 event_time."""
    return _named(table.by_name, name)


def _named(own: Mapping[str, Column], name: str) -> str:
    return f"{own[name].zh} {name}" if name in own else name


def told(table: Table, reasons: tuple[Mapping[str, Any], ...]) -> dict[str, str]:
    """The report's cells on one row: all its faults, numbered where there are several.

    Keys: 字段, 原值, 问题, 允许的取值, 处理建议.
    """
    parts = {
        "字段": [label(table, fault["field"]) for fault in reasons],
        "原值": [fault["found"] for fault in reasons],
        "问题": [zh(fault["problem"], table, fault["field"]) for fault in reasons],
        "允许的取值": [zh(fault["allowed"], table, fault["field"]) for fault in reasons],
        "处理建议": [zh(fault["hint"], table, fault["field"]) for fault in reasons],
    }
    if len(reasons) == 1:
        return {heading: lines[0] for heading, lines in parts.items()}
    return {
        heading: "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
        for heading, lines in parts.items()
    }
