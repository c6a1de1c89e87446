"""The register of a folder of plans: one line for each commitment, draw and refusal, never changed.

    {"event":"committed"|"drawn"|"refused"|"aborted","number":1,"commitment":"…","plan":"…","time":"…"}

`time` is UTC; `plan` the name of the plan folder; drawn and refused also hold the public value.
A copy lodged outside the bureau makes the numbers and times evidence.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Self

from records.errors import BadInput
from records.files import canonical


class Register:
    """register.jsonl, held under a lock for as long as a commit or draw takes."""

    def __init__(self, handle: TextIOWrapper) -> None:
        self._handle = handle
        handle.seek(0)
        self._entries: list[dict[str, Any]] = [json.loads(line) for line in handle]

    @classmethod
    @contextmanager
    def held(cls, folder: Path) -> Iterator[Self]:
        """The register of a folder, made if there is none; others wait until the block ends."""
        path = folder / "register.jsonl"
        with path.open("a+", encoding="utf-8") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            try:
                register = cls(handle)
            except ValueError as error:
                hint = "restore it from the lodged copy"
                raise BadInput(f"{path} is damaged", found=str(error), hint=hint) from None
            yield register

    def next_number(self) -> int:
        """The number of the next commitment; numbers are never given twice."""
        return 1 + max((entry["number"] for entry in self._entries), default=0)

    def openings(self, commitment: str) -> list[str | None]:
        """The public values with which a commitment has been drawn."""
        return [
            entry["public_value"]
            for entry in self._entries
            if entry["event"] == "drawn" and entry["commitment"] == commitment
        ]

    def add(self, event: str, plan: Path, committed: dict[str, Any], **more: str | None) -> None:
        """Write a line, on disk before this returns."""
        entry = {
            "event": event,
            "number": committed["number"],
            "commitment": committed["commitment"],
            "plan": plan.resolve().name,
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            **more,
        }
        self._handle.write(canonical(entry).decode() + "\n")
        self._handle.flush()
        os.fsync(self._handle.fileno())
