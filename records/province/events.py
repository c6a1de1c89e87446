"""What happens to firms: penalties, complaints, failed samples, lawsuits, other findings.

Each stream is a Poisson process whose rate grows with the firm's risk, with its size, and with
something of its own that says nothing about risk.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from records.province.clock import NO_DAY, YEAR, Days
from records.province.ledger import Index, source_ids, words
from records.province.listings import repair
from records.province.names import address_text, counties
from records.province.process import World, strike
from records.province.registry import Reals
from records.province.renewals import concerned

FIELDS = ("market_regulation", "tax", "environment", "emergency", "other")
FIELD_SHARES = (0.55, 0.18, 0.09, 0.10, 0.08)
VIOLATIONS = ("广告违法", "无证经营", "食品安全违法", "价格违法", "产品质量违法", "逾期未改正",
              "逃避缴纳税款", "违反环境保护规定", "违反安全生产规定", "商标侵权")  # fmt: skip
KINDS = ("warning", "fine", "confiscation", "suspension", "other")
KIND_SHARES = (0.25, 0.60, 0.08, 0.03, 0.04)
REPAIRED = 0.25

TOPICS = ("预付式消费", "食品安全", "产品质量", "虚假宣传", "售后服务", "价格", "合同")
OUTCOMES = ("confirmed", "unconfirmed", "mediated", "mediation_failed", "pending")
UNCONFIRMED_SHARES = (0.45, 0.40, 0.15)
PENDING_FIRST = 0.4
CONSUMPTION_LIMITED = 0.6
FOOD = ("C13", "C14", "F52", "H62")
FINDINGS = (("advertising", "广告监测线索"), ("metrology", "计量器具超期未检"),
            ("certification", "认证证书暂停"))  # fmt: skip


def penalise(world: World, firm: Index, day: Days) -> None:
    """Penalties decided on `day`; warnings count one year, others three, some are repaired."""
    rng, n = world.rng("penalties:content"), len(firm)
    kind = rng.choice(len(KINDS), n, p=KIND_SHARES)
    amount = np.exp(rng.normal(8.5, 1.2, n)).round() * 100
    number = world.ledger.reserve("penalties", n)
    names = source_ids("penalties", number)
    world.ledger.add(
        "penalties", firm, day, world.late("penalties", day),
        number=number,
        valid_to=day + np.where(kind == 0, YEAR, 3 * YEAR),
        decision_no=pc.binary_join_element_wise("（合成）罚字", names, ""),
        authority_field=words(FIELDS, rng.choice(len(FIELDS), n, p=FIELD_SHARES)),
        violation=words(VIOLATIONS, rng.integers(0, len(VIOLATIONS), n)),
        penalty=words(KINDS, kind),
        amount=np.where(kind == 0, 0.0, amount),
    )  # fmt: skip
    mended = rng.random(n) < REPAIRED
    wait = rng.integers(100, 400, n)
    repair(world, "penalties", firm[mended], (day + wait)[mended], number[mended])


class Events:
    """The streams of a month. `complained` counts the complaints of this month and the last,
    `defaulter_until` is the day a firm stops being a judgment defaulter."""

    def __init__(self, world: World) -> None:
        n = len(world.firms)
        self.sampled = concerned(world, "sample")
        consumer = np.array([i.consumer for i in world.parameters.population.industries])
        self.consumer = 0.4 + 2 * consumer[world.firms.industry]
        self.this_month, self.last_month = np.zeros(n), np.zeros(n)
        self.defaulter_until = np.full(n, NO_DAY)

    @property
    def complained(self) -> Reals:
        return self.this_month + self.last_month

    def month(self, world: World) -> None:
        streams = world.parameters.streams
        firm, day = self._struck(world, "penalties", world.rate("penalties", streams.penalties))
        penalise(world, firm, day)
        self._complaints(world)
        self._samples(world)
        self._courts(world)
        firm, day = self._struck(
            world, "field_records", world.rate("field_records", streams.field_records)
        )
        what = world.rng("field_records").integers(0, len(FINDINGS), len(firm))
        fields, kinds = zip(*FINDINGS, strict=True)
        world.ledger.add(
            "field_records", firm, day, world.late("field_records", day),
            field=words(fields, what), kind=words(kinds, what),
        )  # fmt: skip

    def _struck(self, world: World, name: str, rate: Reals) -> tuple[Index, Days]:
        rng = world.rng(name)
        firm = strike(rng, rate)
        return firm, world.calendar.days_in(world.month, rng, len(firm))

    def _complaints(self, world: World) -> None:
        """Complaints of risk, complaint waves, and from the drift month on an easier way in."""
        stream, drift = world.parameters.streams.complaints, world.parameters.drift
        drifted = world.month >= world.calendar.end - drift.months_before_end
        slope = stream.slope * (drift.slope if drifted else 1)
        rate = world.rate("complaints", stream, slope) * self.consumer
        firm, day = self._struck(world, "complaints", rate * (drift.rate if drifted else 1))
        confirmed = world.chance(world.parameters.chances.confirmed, firm)
        wave, wave_day, wave_confirmed = self._waves(world)
        firm, day = np.r_[firm, wave], np.r_[day, wave_day]
        self.last_month = self.this_month
        self.this_month = np.bincount(firm, minlength=len(world.firms)).astype(np.float64)
        self._complain(world, firm, day, np.r_[confirmed, wave_confirmed])

    def _waves(self, world: World) -> tuple[Index, Days, Reals]:
        """Bursts within a fortnight: half are well founded, half are professional claimants."""
        rng, bursts = world.rng("bursts"), world.parameters.bursts
        weight = np.where(rng.random(len(world.firms)) < 0.5, np.exp(world.excess), 1.0)
        hit = strike(rng, np.where(world.operating, weight * bursts.per_year / 12, 0))
        size = 4 + rng.poisson(bursts.mean_size - 4, len(hit))
        first = np.repeat(world.calendar.days_in(world.month, rng, len(hit)), size)
        honest = np.repeat(rng.random(len(hit)) < 0.5, size)
        last = world.calendar.start[world.month + 1] - 1
        day = np.minimum(first + rng.integers(0, 14, len(first)), last)
        return np.repeat(hit, size), day, np.where(honest, 0.05, 0.6)

    def _complain(self, world: World, firm: Index, day: Days, confirmed: Reals) -> None:
        rng, n = world.rng("complaints:content"), len(firm)
        unknown = rng.random(n) < world.parameters.complaints_without_firm
        other = 1 + rng.choice(3, n, p=UNCONFIRMED_SHARES)
        outcome = np.where(rng.random(n) < confirmed, 0, other)
        pending = rng.random(n) < PENDING_FIRST
        county = world.firms.county[firm]
        where = address_text(county, world.firms.address[firm])
        content = {
            "entity": pc.if_else(pa.array(unknown), None, world.firms.codes.take(pa.array(firm))),
            "kind": words(("complaint", "report"), (rng.random(n) < 0.3).astype(np.int64)),
            "topic": words(TOPICS, rng.integers(0, len(TOPICS), n)),
            "address": pc.if_else(pa.array(unknown), where, None),
            "division": counties().code.take(pa.array(county)),
        }
        known = world.quick("complaints", day)
        first = np.where(pending, OUTCOMES.index("pending"), outcome)
        number = world.ledger.add("complaints", firm, day, known,
                                  outcome=words(OUTCOMES, first), **content)  # fmt: skip
        closed = known + rng.integers(7, 60, n)
        world.ledger.add(
            "complaints", firm[pending], day[pending], closed[pending], number=number[pending],
            outcome=words(OUTCOMES, outcome[pending]),
            **{name: values.filter(pa.array(pending)) for name, values in content.items()},
        )  # fmt: skip

    def _samples(self, world: World) -> None:
        rate = world.rate("samples", world.parameters.streams.samples)
        firm, day = self._struck(world, "samples", np.where(self.sampled, rate, 0.0))
        chance = world.chance(world.parameters.chances.sample_fails, firm)
        fails = world.rng("samples").random(len(firm)) < chance
        industries = world.parameters.population.industries
        food = np.array([i.code in FOOD for i in industries])[world.firms.industry[firm]]
        world.ledger.add(
            "product_samples", firm, day, world.late("product_samples", day),
            field=words(("product", "food"), food.astype(np.int64)),
            result=words(("pass", "fail"), fails.astype(np.int64)),
        )  # fmt: skip

    def _courts(self, world: World) -> None:
        streams, rng = world.parameters.streams, world.rng("court_records")
        firm, day = self._struck(world, "lawsuits", world.rate("lawsuits", streams.lawsuits))
        self._court(world, firm, day, "lawsuit")
        firm, day = self._struck(world, "defaulters", world.rate("defaulters", streams.defaulters))
        _, first = np.unique(firm, return_index=True)
        fresh = first[day[first] > self.defaulter_until[firm[first]]]
        firm, day = firm[fresh], day[fresh]
        ended = day + np.exp(rng.normal(np.log(400), 0.6, len(firm))).astype(np.int64)
        self.defaulter_until[firm] = ended
        world.trouble(firm, ended)
        self._court(world, firm, day, "defaulter", ended)
        limited = rng.random(len(firm)) < CONSUMPTION_LIMITED
        self._court(world, firm[limited], day[limited], "consumption_limit", ended[limited])

    def _court(
        self, world: World, firm: Index, day: Days, kind: str, ended: Days | None = None
    ) -> None:
        rng = world.rng("court_records")
        amount = np.exp(rng.normal(11, 1.3, len(firm))).round() * 100
        known = world.late("court_records", day)
        number = world.ledger.add("court_records", firm, day, known, kind=kind, amount=amount)
        if ended is not None:
            world.ledger.add(
                "court_records", firm, day, world.late("court_records", ended),
                number=number, kind=kind, amount=amount, ended_on=ended,
            )  # fmt: skip
