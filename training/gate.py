"""The promotion gate: what a version must have shown before it may be champion, in code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from models.settings import Gate


@dataclass(frozen=True)
class Check:
    """One requirement: what was measured, what is allowed, and whether it holds."""

    what: str
    found: float
    allowed: str
    ok: bool


@dataclass(frozen=True)
class Verdict:
    """All checks; a version is promoted only if every one holds."""

    checks: list[Check]

    @property
    def promoted(self) -> bool:
        return all(check.ok for check in self.checks)

    @property
    def text(self) -> str:
        if self.promoted:
            return "promoted"
        failed = [f"{c.what} {c.found:.3g}, allowed {c.allowed}" for c in self.checks if not c.ok]
        return "not promoted: " + "; ".join(failed)

    def as_dict(self) -> dict[str, Any]:
        return {
            "promoted": self.promoted,
            "text": self.text,
            "checks": [asdict(check) for check in self.checks],
        }


def judge(measured: Mapping[str, float | int], gate: Gate) -> Verdict:
    """Hold what was measured on held-out draws against the gate."""

    def within(what: str, band: tuple[float, float]) -> Check:
        low, high = band
        found = float(measured[what])
        return Check(what, found, f"{low:g} to {high:g}", low <= found <= high)

    def at_least(what: str, least: float) -> Check:
        found = float(measured[what])
        return Check(what, found, f"at least {least:g}", found >= least)

    return Verdict(
        [
            at_least("positives", gate.min_positives),
            at_least("auc", gate.min_auc),
            within("expected_over_observed", gate.expected_over_observed),
            within("slope", gate.slope),
        ]
    )
