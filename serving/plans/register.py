"""The register of a folder of plans: one line for each commitment, draw, abort and refusal.

    {"event":"committed"|"drawn"|"refused"|"aborted","number":1,"commitment":"…","plan":"…",
     "task":"…","period":"2026-03-01/2026-03-31","time":"…","previous":"…","hash":"…"}

`time` is UTC; `plan` the name of the plan folder; drawn and refused also hold `public_value`,
refused and aborted a `reason`. Lines are only added: `hash` is of the line's other fields, of which
`previous` is the `hash` of the line before, so that none can be changed or left out unseen except
from the end on. A copy of a line lodged outside (`lodged`) bears witness for all before it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedRandom
from pathlib import Path
from typing import Any, Self

from records.errors import BadInput
from records.files import canonical, fingerprint
from supervision.proofs.compare import Differs, parsed

NAME = "register.jsonl"

COMMITTED, DRAWN, REFUSED, ABORTED = EVENTS = ("committed", "drawn", "refused", "aborted")

Entry = dict[str, Any]

_TOLD = ("event", "time", "public_value", "reason")


@dataclass(frozen=True)
class About:
    """What a line says of a plan: which it is, and what for."""

    number: int
    commitment: str
    plan: str
    task: str
    period: str


class Register:
    """register.jsonl, held under a lock for as long as a commit, draw or abort takes."""

    def __init__(self, entries: list[Entry], handle: BufferedRandom | None = None) -> None:
        self.entries, self._handle = entries, handle

    @classmethod
    @contextmanager
    def held(cls, folder: Path) -> Iterator[Self]:
        """The register of a folder, made if there is none; others wait until the block ends."""
        path = folder / NAME
        with path.open("a+b") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            handle.seek(0)
            try:
                register = cls(_read(handle.read()), handle)
            except Differs as damage:
                found = damage.difference
                raise BadInput(
                    f"{path}, {found.row}: {found.field} is damaged",
                    found=str(found.stored), allowed=str(found.recomputed),
                    hint="restore it from a copy; the lodged copies tell what it was",
                ) from None  # fmt: skip
            yield register

    @classmethod
    def beside(cls, plan: Path) -> Self | None:
        """The register that a plan folder stands in, to read; None if there is none.

        Raises
        ------
        Differs : a line is damaged; it names which.
        """
        path = plan.resolve().parent / NAME
        return cls(_read(path.read_bytes())) if path.is_file() else None

    def next_number(self) -> int:
        """The number of the next commitment; numbers are never given twice."""
        return 1 + max((entry["number"] for entry in self.entries), default=0)

    def of(self, commitment: str, *events: str) -> list[Entry]:
        """The lines of a commitment, all or those of some events."""
        return [
            entry
            for entry in self.entries
            if entry["commitment"] == commitment and (not events or entry["event"] in events)
        ]

    def drawn(self) -> list[Entry]:
        """The draws that stand: of plans not aborted since."""
        aborted = {entry["commitment"] for entry in self.entries if entry["event"] == "aborted"}
        draws = {e["commitment"]: e for e in self.entries if e["event"] == "drawn"}
        return [entry for commitment, entry in draws.items() if commitment not in aborted]

    def values_before(self, commitment: str) -> set[str]:
        """The public values on record before a commitment was: they were known to who made it."""
        known: set[str] = set()
        for entry in self.entries:
            if entry["commitment"] == commitment:
                break
            known.add(entry.get("public_value") or "")
        return known - {""}

    def told(self, about: About) -> dict[str, Any]:
        """What is on record of a commitment, and of earlier ones of the same task and period.

        `register` lists its events; `earlier` counts the earlier commitments, how many of them
        were aborted, drawn, and neither. Who commits again and again shows here.
        """
        numbers = {
            event: {
                entry["number"]
                for entry in self.entries
                if (entry["event"], entry["task"], entry["period"])
                == (event, about.task, about.period)
                and entry["number"] < about.number
            }
            for event in EVENTS
        }
        earlier = {event: len(numbers[event]) for event in (COMMITTED, DRAWN, ABORTED)}
        undecided = numbers[COMMITTED] - numbers[DRAWN] - numbers[ABORTED]
        events = [{name: entry.get(name) for name in _TOLD} for entry in self.of(about.commitment)]
        return {"register": events, "earlier": {**earlier, "open": len(undecided)}}

    def add(self, event: str, about: About, **more: str | None) -> Entry:
        """Write a line, on disk before this returns; only of a register that is held."""
        if self._handle is None:
            raise RuntimeError("the register is not held")
        entry = {
            "event": event,
            **vars(about),
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "previous": self.entries[-1]["hash"] if self.entries else None,
            **more,
        }
        entry["hash"] = fingerprint(entry)
        self._handle.write(canonical(entry) + b"\n")
        self._handle.flush()
        os.fsync(self._handle.fileno())
        self.entries.append(entry)
        return entry


_FIELDS = {"event": str, "number": int, "commitment": str, "plan": str, "task": str,
           "period": str, "time": str, "hash": str}  # fmt: skip


def _read(data: bytes) -> list[Entry]:
    """The lines of a register, each whole and each after the one before it; else `Differs`."""
    lines = data.split(b"\n")
    if lines.pop():
        row = f"line {len(lines) + 1}"
        raise Differs(NAME, "content", "no line feed at its end", "a whole line", row)
    entries: list[Entry] = []
    for number, line in enumerate(lines, start=1):
        row = f"line {number}"
        entry = parsed(NAME, line, row)
        _check(entry, row, entries[-1]["hash"] if entries else None)
        if canonical(entry) != line:
            raise Differs(NAME, "content", "not canonical", "canonical JSON", row)
        entries.append(entry)
    return entries


def _check(entry: Mapping[str, Any], row: str, previous: str | None) -> None:
    for name, kind in _FIELDS.items():
        if not isinstance(entry.get(name), kind):
            raise Differs(NAME, name, entry.get(name), f"a {kind.__name__}", row)
    computed = fingerprint({name: value for name, value in entry.items() if name != "hash"})
    if entry["hash"] != computed:
        raise Differs(NAME, "hash", entry["hash"], computed, row)
    if entry.get("previous") != previous:
        raise Differs(NAME, "previous", entry.get("previous"), previous, row)
