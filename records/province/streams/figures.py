"""The figures of an annual report, from lasting habits of a firm and its risk.

Money in 分, counts in persons; NaN is not published.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from records.province.arrays import Flags, Index, Reals
from records.province.world import World
from records.schema import TABLES

THOUSAND = 1000 * 100  # 分
INSURANCES = tuple(
    column.name.removeprefix("insured_")
    for column in TABLES["annual_reports"].own
    if column.name.startswith("insured_")
)
PREMIUM_SHARES = (0.60, 0.05, 0.27, 0.04, 0.04)
PROFIT_TAX = 0.8  # net of total profit
SHOWN = ("employees", *(f"insured_{name}" for name in INSURANCES))
"""What also those publish who keep their money to themselves."""


@dataclass(frozen=True)
class Filed:
    """Which reports are filed this January: the firms, and which of them show only zeros."""

    firm: Index
    zero: Flags


class Figures:
    """Habits of firms, shape (n,): who keeps silent, whose margin and debts are high, which part
    of the staff is insured."""

    def __init__(self, world: World) -> None:
        self.numbers = world.parameters.contents.reports
        rng, n = world.rng("reports:firm"), len(world.firms)
        self.silent = rng.random(n) < self.numbers.silent
        self.margin = rng.normal(*self.numbers.margin, n)
        self.debt = world.rng("reports:debt").normal(*self.numbers.debt, n)
        self.insured = world.rng("reports:insured").beta(4, 1.2, n)

    def of(self, world: World, filed: Filed, paid_in: Reals) -> dict[str, Reals]:
        """The figures of reports, each of shape (n,).

        Parameters
        ----------
        paid_in : capital paid in, in 分.
        """
        firm, zero = filed.firm, filed.zero
        rng, n, excess = world.rng("reports:figures"), len(firm), world.excess[firm]
        staff = np.exp(world.firms.size[firm] + rng.normal(0, 0.15, n)).round()
        revenue = np.exp(rng.normal(4.6, 0.8, n)) * np.maximum(staff, 1) * THOUSAND
        assets = np.exp(rng.normal(4.8, 0.9, n)) * np.maximum(staff, 1) * THOUSAND
        debt = self.debt[firm] + self.numbers.debt_slope * excess + rng.normal(0, 0.13, n)
        debt = np.clip(debt, 0.02, 3.0)
        margin = self.margin[firm] + self.numbers.margin_slope * excess + rng.normal(0, 0.04, n)
        figures = {
            "employees": staff,
            "assets": assets,
            "liabilities": assets * debt,
            "revenue": revenue,
            "main_revenue": revenue * rng.uniform(0.75, 1.0, n),
            "net_profit": revenue * margin,
            "total_profit": revenue * np.where(margin > 0, margin / PROFIT_TAX, margin),
            "tax": revenue * 0.03 * (margin > 0),
            "paid_in_capital": paid_in,
            "guarantees": self._guarantees(world, firm, assets),
            **self._insurance(world, firm, staff),
        }
        figures = {name: np.where(zero, 0.0, each).round() for name, each in figures.items()}
        figures["equity"] = figures["assets"] - figures["liabilities"]
        hidden = self.silent[firm] & ~zero
        return {
            name: each if name in SHOWN else np.where(hidden, np.nan, each)
            for name, each in figures.items()
        }

    def _guarantees(self, world: World, firm: Index, assets: Reals) -> Reals:
        rng = world.rng("reports:guarantees")
        gives = world.happens("guarantees", firm, rng)
        return np.where(gives, assets * rng.uniform(0.05, 0.8, len(firm)), 0.0)

    def _insurance(self, world: World, firm: Index, staff: Reals) -> dict[str, Reals]:
        """Insured staff and unpaid premiums; who falls behind owes a part of a year or more."""
        rng, n = world.rng("reports:insurance"), len(firm)
        covered = np.clip(self.insured[firm] - 0.04 * world.excess[firm], 0.0, 1.0)
        behind = world.happens("insurance_unpaid", firm, rng)
        owed = np.where(
            behind, rng.uniform(0.1, 1.4, n) * staff * covered * self.numbers.premium, 0.0
        )
        told: dict[str, Reals] = {}
        for name, share in zip(INSURANCES, PREMIUM_SHARES, strict=True):
            left_out = rng.random(n) < 0.05
            told[f"insured_{name}"] = (staff * covered * ~left_out).round()
            told[f"unpaid_{name}"] = owed * share * ~left_out
        return told
