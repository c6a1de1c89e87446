"""What cannot be told or taken of a plan: each with a code, a status and a sentence, zh and en."""

from __future__ import annotations

from typing import Self

from records.errors import XinfenError
from serving.access.refusals import Refusal


class PlanRefused(Refusal):
    """Something of a plan that is not told, or results that are not taken."""

    @classmethod
    def unknown(cls, number: int) -> Self:
        return cls(
            404, "unknown_plan", "没有这项抽查计划。", "There is no such plan.",
            field="number", found=str(number), hint="`xinfen publish-plan` makes one known",
        )  # fmt: skip

    @classmethod
    def gone(cls, number: int) -> Self:
        return cls(
            409, "plan_gone", "计划文件夹已不在原处或已被更换，请联系管理员。",
            "The plan's folder is gone, or is another plan's.", found=str(number),
            hint="put the folder back and run `xinfen publish-plan`",
        )  # fmt: skip

    @classmethod
    def not_released(cls, released: str) -> Self:
        return cls(
            403, "not_released", "检查任务到发布日才可查看。",
            "Tasks are told from their release date on, not before.",
            allowed=f"{released} or later",
        )  # fmt: skip

    @classmethod
    def not_drawn(cls, state: str) -> Self:
        return cls(
            409, "not_drawn", "计划尚未抽取或已作废。", "The plan is not drawn, or is void.",
            field="state", found=state, allowed="drawn",
        )  # fmt: skip

    @classmethod
    def blind(cls, entity_id: str) -> Self:
        return cls(
            403, "blind_visit",
            "您正在对本企业进行盲抽检查，全部结果录入前不显示类别和原因。",
            "You visit this enterprise blind: its class is not told until all results are in.",
            field="entity_id", found=entity_id, hint="enter the results first",
        )  # fmt: skip

    @classmethod
    def no_file(cls, name: str, seen: list[str]) -> Self:
        return cls(
            404, "no_file", "没有这份材料，或目前不可查看。",
            "There is no such file, or it cannot be seen now.",
            field="name", found=name, allowed=", ".join(seen),
        )  # fmt: skip

    @classmethod
    def not_yours(cls, row: int, field: str, found: str) -> Self:
        return cls(
            422, "not_your_visit", "该行不是您可录入的检查。",
            "The row is of no visit whose results you hand in.",
            field=f"rows.{row}.{field}", found=found,
            allowed="a visit of your tasks", hint="nothing was taken in",
        )  # fmt: skip

    @classmethod
    def of(cls, error: XinfenError) -> Self:
        """An error of taking results in, as the terminal would tell it."""
        return cls(
            422, "wrong_results", "检查结果不能接收。", error.what, field="results",
            found=error.found, allowed=error.allowed, hint=error.hint,
        )  # fmt: skip
