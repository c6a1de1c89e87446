"""A firm's ladder as few bytes: what `models.ladder` needs of its rows, and nothing it can make.

Little-endian; empty for a firm outside the model's scope; `unpacking` reads it back.

    head      raw, probability, its two limits (null: NaN), log-odds of the five groups: 9 doubles
              number of steps, of reasons: 2 bytes
    a step    flags (1 byte), step, class (2 bytes each), then what the flags name: rule (2),
              given (4), months (4), margin (double), since (4), until (4), its records (2 and them)
    a reason  indicator (2), number of records (2), value (null: NaN), contribution: 2 doubles
    a record  table and source as one number (4), day (4), length of its id (2), the id in UTF-8

Words are numbers of the run's own lists (`wordlists`). Only the reasons that a ladder can
tell are kept: of the strongest on each side, those that are worth a word. The groups' sums are of
all of them, exact as `math.fsum` has them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.compiled import compiled
from models.reasons import LOOKED, SMALL

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

GROUPS = 5
HEAD = 8 * (4 + GROUPS) + 2
STEP, REASON, RECORD = 5, 20, 10
RULE, GIVEN, MONTHS, MARGIN, SINCE, UNTIL, BEHIND = (1 << at for at in range(7))
NO_DAY = -(2**31)
"""A day that is not known."""
NO_ID = 2**16 - 1
"""The length of an id that is not known; no id is as long."""

_KEPT = SMALL * (1 - 1e-9)  # what the ladder itself drops is left to it


class Records(NamedTuple):
    """Records one after another: `first[i]` to `first[i + 1]` are those of owner i.

    `origin` numbers (table, source); `day` counts from 1970; the text of the j-th id is
    `text[ends[j] : ends[j + 1]]`, and `known[j]` is 0 where there is none.
    """

    first: Ints
    origin: Ints
    day: Ints
    known: Bytes
    ends: Ints
    text: Bytes


class Steps(NamedTuple):
    """Steps one after another, `first[i]` to `first[i + 1]` those of firm i; -1 or NaN: null.

    `months`, `since` and `until` are null at NO_DAY.
    """

    first: Ints
    step: Ints
    letter: Ints
    rule: Ints
    given: Ints
    months: Ints
    margin: Floats
    since: Ints
    until: Ints
    records: Records


class Reasons(NamedTuple):
    """Reasons one after another, `first[i]` to `first[i + 1]` those of firm i.

    `indicator` numbers the indicators by their sorted ids; `group` is 0 to 4.
    """

    first: Ints
    indicator: Ints
    group: Ints
    value: Floats
    contribution: Floats
    records: Records


def pack(scores: Floats, slopes: Floats, steps: Steps, reasons: Reasons) -> tuple[Ints, Bytes]:
    """The firms' bytes one after another, and where each begins, shape (n + 1,).

    Parameters
    ----------
    scores : raw, probability and its two limits, shape (n, 4); raw NaN: outside the model's scope.
    slopes : percentage points that one unit of log-odds makes, shape (n,).
    """
    chosen, counts = _choose(slopes, reasons)
    sizes = _sizes(scores, steps, reasons, chosen, counts)
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    out = np.empty(ends[-1], np.uint8)
    _write(scores, steps, reasons, chosen, counts, ends, out)
    return ends, out


@compiled
def _choose(slopes: Floats, reasons: Reasons) -> tuple[Ints, Ints]:
    """Of each firm the rows of the reasons that a ladder can tell, the strongest first."""
    n = len(slopes)
    chosen, counts = np.empty((n, 2 * LOOKED), np.int64), np.zeros(n, np.int64)
    for firm in range(n):
        order, kept = np.empty(reasons.first[firm + 1] - reasons.first[firm], np.int64), 0
        for row in range(reasons.first[firm], reasons.first[firm + 1]):
            if abs(reasons.contribution[row] * slopes[firm]) < _KEPT:
                continue
            to = kept
            while to and _before(row, order[to - 1], reasons):  # they come sorted, but equal ones
                order[to] = order[to - 1]
                to -= 1
            order[to] = row
            kept += 1
        sides = [0, 0]
        for row in order[:kept]:
            side = 1 if reasons.contribution[row] > 0 else 0
            sides[side] += 1
            if sides[side] <= LOOKED:
                chosen[firm, counts[firm]] = row
                counts[firm] += 1
    return chosen, counts


@compiled
def _before(a: int, b: int, reasons: Reasons) -> bool:
    one, other = abs(reasons.contribution[a]), abs(reasons.contribution[b])
    first: bool = one > other or (one == other and reasons.indicator[a] < reasons.indicator[b])
    return first


@compiled
def _records_size(owner: int, records: Records) -> int:
    size = 0
    for at in range(records.first[owner], records.first[owner + 1]):
        size += RECORD + (records.ends[at + 1] - records.ends[at]) * records.known[at]
    return size


@compiled
def _flags(at: int, steps: Steps) -> int:
    flags = RULE * (steps.rule[at] >= 0) + GIVEN * (steps.given[at] >= 0)
    flags += MONTHS * (steps.months[at] != NO_DAY) + MARGIN * (not np.isnan(steps.margin[at]))
    flags += SINCE * (steps.since[at] != NO_DAY) + UNTIL * (steps.until[at] != NO_DAY)
    flags += BEHIND * (steps.records.first[at + 1] > steps.records.first[at])
    whole: int = flags
    return whole


@compiled
def _sizes(scores: Floats, steps: Steps, reasons: Reasons, chosen: Ints, counts: Ints) -> Ints:
    sizes = np.zeros(len(scores), np.int64)
    for firm in range(len(scores)):
        if np.isnan(scores[firm, 0]):
            continue
        size = HEAD
        for at in range(steps.first[firm], steps.first[firm + 1]):
            flags = _flags(at, steps)
            size += STEP + 2 * (flags & RULE != 0) + 8 * (flags & MARGIN != 0)
            for four in (GIVEN, MONTHS, SINCE, UNTIL):
                size += 4 * (flags & four != 0)
            if flags & BEHIND:
                size += 2 + _records_size(at, steps.records)
        for at in chosen[firm, : counts[firm]]:
            size += REASON + _records_size(at, reasons.records)
        sizes[firm] = size
    return sizes


@compiled
def _number(out: Bytes, at: int, value: int, width: int) -> int:
    for shift in range(width):
        out[at + shift] = (value >> (8 * shift)) & 255
    return at + width


@compiled
def _double(out: Bytes, at: int, value: float, desk: Floats) -> int:
    desk[0] = value
    raw = desk.view(np.uint8)
    for byte in range(8):
        out[at + byte] = raw[byte]
    return at + 8


@compiled
def _put(out: Bytes, at: int, owner: int, records: Records) -> int:
    for one in range(records.first[owner], records.first[owner + 1]):
        at = _number(out, at, records.origin[one], 4)
        at = _number(out, at, records.day[one], 4)
        if not records.known[one]:
            at = _number(out, at, NO_ID, 2)
            continue
        begin, end = records.ends[one], records.ends[one + 1]
        at = _number(out, at, end - begin, 2)
        out[at : at + end - begin] = records.text[begin:end]
        at += end - begin
    return at


@compiled
def _put_step(out: Bytes, to: int, at: int, steps: Steps, desk: Floats) -> int:
    flags = _flags(at, steps)
    to = _number(out, to, flags, 1)
    to = _number(out, to, steps.step[at], 2)
    to = _number(out, to, steps.letter[at], 2)
    if flags & RULE:
        to = _number(out, to, steps.rule[at], 2)
    if flags & GIVEN:
        to = _number(out, to, steps.given[at], 4)
    if flags & MONTHS:
        to = _number(out, to, steps.months[at], 4)
    if flags & MARGIN:
        to = _double(out, to, steps.margin[at], desk)
    if flags & SINCE:
        to = _number(out, to, steps.since[at], 4)
    if flags & UNTIL:
        to = _number(out, to, steps.until[at], 4)
    if flags & BEHIND:
        to = _number(out, to, steps.records.first[at + 1] - steps.records.first[at], 2)
        to = _put(out, to, at, steps.records)
    return to


@compiled
def _sums(begin: int, end: int, reasons: Reasons) -> Floats:
    """The groups' sums, each carried in two doubles and rounded once."""
    high, low = np.zeros(GROUPS), np.zeros(GROUPS)
    for at in range(begin, end):
        group, one = reasons.group[at], reasons.contribution[at]
        total = high[group] + one
        part = total - high[group]
        low[group] += (high[group] - (total - part)) + (one - part)
        high[group] = total
    return high + low


@compiled
def _write(
    scores: Floats, steps: Steps, reasons: Reasons, chosen: Ints, counts: Ints, ends: Ints,
    out: Bytes,
) -> None:  # fmt: skip
    desk = np.empty(1)
    for firm in range(len(scores)):
        if ends[firm] == ends[firm + 1]:
            continue
        to = ends[firm]
        for at in range(4):
            to = _double(out, to, scores[firm, at], desk)
        for total in _sums(reasons.first[firm], reasons.first[firm + 1], reasons):
            to = _double(out, to, total, desk)
        to = _number(out, to, steps.first[firm + 1] - steps.first[firm], 1)
        to = _number(out, to, counts[firm], 1)
        for at in range(steps.first[firm], steps.first[firm + 1]):
            to = _put_step(out, to, at, steps, desk)
        records = reasons.records
        for at in chosen[firm, : counts[firm]]:
            to = _number(out, to, reasons.indicator[at], 2)
            to = _number(out, to, records.first[at + 1] - records.first[at], 2)
            to = _double(out, to, reasons.value[at], desk)
            to = _double(out, to, reasons.contribution[at], desk)
            to = _put(out, to, at, records)
