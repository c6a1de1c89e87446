"""The promotion gate: what a version must have shown before it may be champion, in code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from models.settings import Gate
from training.classes import ordered
from training.selection import Reference

if TYPE_CHECKING:
    from training.judged import Judged


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
    """Hold what was measured on held-out draws against the gate's bands."""

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


def verdict(judged: Judged, beside: Mapping[str, Any], reference: Reference, gate: Gate) -> Verdict:
    """All of the gate: the bands, and that nothing and nobody is worse off.

    The labels must be draws and enough of them; the score must tell more than chance; classes
    must not be out of order; no group may be expected to be clearly riskier than it showed; and
    the champion must not do better on the same draws.
    """
    judged_on = float(judged.rows.sum())
    effective = reference.effective / max(1, int(reference.rows.sum())) * judged_on
    least = f"at least {gate.min_effective:g}"
    checks = [
        *judge(judged.metrics, gate).checks,
        Check("effective drawn labels", effective, least, effective >= gate.min_effective),
        Check(
            "labels drawn with known chance",
            float(reference.speaks_for_all),
            "1: a draw, such as the blind slice",
            reference.speaks_for_all,
        ),
        Check("lower limit of AUC", judged.low["auc"], "above 0.5", judged.low["auc"] > 0.5),
        _leak(judged.sections["alone"][0], gate),
        *(_in_order(judged.sections[kind], kind) for kind in ("model_classes", "final_classes")),
        *_harmed(judged.sections["groups"], gate),
    ]
    if "champion" in beside:
        checks.append(_champion(beside["champion"], gate))
    return Verdict(checks)


def _leak(strongest: Mapping[str, Any], gate: Gate) -> Check:
    """One indicator alone must not tell the outcome: it would have seen what it should foretell."""
    what, found = f"AUC of {strongest['indicator']} alone", float(strongest["auc"])
    return Check(what, found, f"at most {gate.max_auc_alone:g}", found <= gate.max_auc_alone)


def _in_order(rows: list[dict[str, Any]], kind: str) -> Check:
    fine = ordered(rows)
    return Check(f"{kind.replace('_', ' ')} in order of risk", float(fine), "1", fine)


def _harmed(groups: list[dict[str, Any]], gate: Gate) -> list[Check]:
    """One check for all groups, or one for each that is harmed."""
    low, high = gate.group_ratio
    allowed = f"{low:g} to {high:g}"
    harmed = [
        Check(f"expected over observed, {g['kind']} {g['group']}", g["ratio"], allowed, False)
        for g in groups
        if g["ratio"] is not None and (g["low"] > high or (g["high"] or high) < low)
    ]
    return harmed or [Check("groups expected beyond their risk", 0.0, "0", True)]


def _champion(against: Mapping[str, Any], gate: Gate) -> Check:
    """What is saved in log-loss against the champion, on the same draws."""
    what = "log-loss saved against the champion"
    if "absent" in against:
        lacking = float(len(against["absent"]))
        return Check("indicators of the champion that the catalogue lacks", lacking, "0", False)
    fine = against["high"] > -gate.worse_by
    return Check(what, against["gain"], f"not clearly below {-gate.worse_by:g}", fine)
