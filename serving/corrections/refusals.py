"""What cannot be done with a correction: each with a code, a status and a sentence, zh and en.

Named constructors, so that each sentence stands once; the service answers with the same fields.
"""

from __future__ import annotations

from datetime import date
from typing import Self

from serving.access.refusals import Refusal


class CorrectionRefused(Refusal):
    """A correction that is not taken, or a step that it does not allow."""

    @classmethod
    def unknown(cls, number: int) -> Self:
        return cls(
            404, "unknown_correction", "没有这项异议更正。", "There is no such correction.",
            field="number", found=str(number), hint="look it up in the list of corrections",
        )  # fmt: skip

    @classmethod
    def wrong(cls, field: str, found: object, allowed: str, hint: str = "") -> Self:
        return cls(
            422, "wrong_input", "异议更正的内容不符合要求。", "The correction is not as expected.",
            field=field, found=str(found)[:200], allowed=allowed, hint=hint,
        )  # fmt: skip

    @classmethod
    def unknown_record(cls, source_id: str) -> Self:
        return cls(
            422, "unknown_record",
            "该记录不是本企业分类原因所依据的记录。",
            "The record is not behind a reason or a step of this enterprise.",
            field="record", found=source_id,
            allowed="a record that the enterprise's explanation names",
            hint="take table, source and source_id from the explanation as they stand there",
        )  # fmt: skip

    @classmethod
    def a_registration(cls) -> Self:
        return cls(
            422, "registration",
            "登记信息不能剔除，只能更正其中的内容。",
            "A registration cannot be struck, only mended.",
            field="changes", hint="say which field is wrong and what is right",
        )  # fmt: skip

    @classmethod
    def record_first(cls) -> Self:
        return cls(
            409, "record_first",
            "先对记录提出更正；记录的更正有结论后，才可对类别提出更正。",
            "First the record: a class is corrected after a correction of a record was decided.",
            field="kind", hint="ask at the record that is wrong, or not this enterprise's",
        )  # fmt: skip

    @classmethod
    def record_open(cls, number: int) -> Self:
        return cls(
            409, "record_open",
            "本企业尚有记录更正未审核，待有结论后再对类别提出更正。",
            "A correction of a record of this enterprise is still open.",
            field="kind", found=f"correction {number}", hint="wait until it is decided",
        )  # fmt: skip

    @classmethod
    def asked_already(cls, number: int) -> Self:
        return cls(
            409, "asked_already", "同一事项已提出更正，尚未审核。", "It is asked already and open.",
            found=f"correction {number}", hint="add to it by speaking with who asked",
        )  # fmt: skip

    @classmethod
    def unclassified(cls) -> Self:
        return cls(
            409, "unclassified",
            "该企业不作模型分类，没有可更正的类别。",
            "The enterprise has no class that could be corrected.",
            field="kind",
        )  # fmt: skip

    @classmethod
    def same_person(cls, user: str) -> Self:
        return cls(
            403, "same_person",
            "提出人与审核人须为不同的人员。", "Who asked does not decide: two persons are needed.",
            found=user, hint="another supervisor decides",
        )  # fmt: skip

    @classmethod
    def not_who_asked(cls, user: str) -> Self:
        return cls(
            403,
            "not_who_asked",
            "只有提出人可以撤回。",
            "Only who asked takes it back.",
            found=user,
        )

    @classmethod
    def not_so(cls, state: str, needed: str) -> Self:
        return cls(
            409, "wrong_state",
            "该异议更正目前的状态不能进行此项操作。", "The correction's state does not allow this.",
            field="state", found=state, allowed=needed,
        )  # fmt: skip

    @classmethod
    def no_longer(cls, until: str, today: date) -> Self:
        return cls(
            409, "ended",
            "申请的截止日期已到，不能再予同意。", "Its last day has come; it cannot be granted.",
            field="until", found=until, allowed=f"a day after {today}",
            hint="refuse it, and ask anew with a later day",
        )  # fmt: skip
