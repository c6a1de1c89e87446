"""A step that is not taken, told in both languages with a code and a status, room by room.

Refusal                an error of ours that the service answers as it stands
├── CorrectionRefused  serving.corrections.refusals
└── PlanRefused        serving.planstore.refusals
"""

from __future__ import annotations

from records.errors import XinfenError


class Refusal(XinfenError):
    """What is not done, and why.

    `code` is stable for programs, `status` that of HTTP, `field` what is wrong of what was given.
    """

    def __init__(
        self, status: int, code: str, zh: str, en: str, *, field: str = "", found: str = "",
        allowed: str = "", hint: str = "",
    ) -> None:  # fmt: skip
        super().__init__(en, found=found, allowed=allowed, hint=hint)
        self.status, self.code, self.zh, self.en, self.field = status, code, zh, en, field
