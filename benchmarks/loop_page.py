"""docs/loop.md, told from the figures of a full run of the benchmark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.loop_draw import PLAN
from benchmarks.loop_figures import OVER_UNIFORM, SHARE, Figures
from benchmarks.loop_months import Lived
from benchmarks.loop_plots import plots
from benchmarks.loop_world import BEFORE
from benchmarks.pages import DOCS, markdown_table
from records.files import write_bytes
from training.intervals import Rate

PAGE = DOCS / "loop.md"

LEAD = """<!-- Written by `python -m benchmarks loop --size full`; change benchmarks/loop*. -->

# The loop, simulated

**合成数据 · Synthetic data.** {provinces} provinces of {enterprises:,} enterprises live through
{months} months. Each month three policies choose whom to visit, equally often ({visits:,} visits
each in all the months, on average), inspectors go (`records.province.inspect`), and what they find
becomes known as late as other records do. Everybody starts from the same {before} months of the
province's own inspections.

| policy | whom it visits | what it learns from |
|---|---|---|
| uniform | live firms, all with the same chance | nothing |
| greedy | the highest predicted probability among those not visited this calendar year | monthly, all visits as they are |
| Xinfen | the plan below: blind slice, ratios by class, nobody twice a year but D | monthly (`training.flow`), results weighted by the chance of their draw |

The plan, `benchmarks/loop.yaml`, fixed before the first run; its ratios are published ones:

```yaml
{plan}```

All visits are on site and take five items, as many as the basket has, so that the chance of a
finding by a pair that sees no class is the firm's true probability.
"""

FOUND = """
## Problems found

The true chance that a visit finds a problem, mean over a policy's visits: what it found is these
chances and luck. A firm that has closed and is still listed counts 0.

![found by month](loop_found.svg)

*Oracles* know every firm's true probability. They have Xinfen's slice, as many visits, and visit
nobody twice in a calendar year.

* **oracle**: class A gets its visits, the best of A by the truth; all others go by the truth alone.
* **within ratios**: every class and grade gets as many visits as in the plan; who of it, by the truth.
* **from records**: as the oracle, but by the probability that Xinfen's model tells.
"""

RATES = """
## The problem rate of all firms

Truth: the mean true probability of the listed firms that have not closed, all months. Xinfen: Hájek's
estimate from all its draws, weights 1 / inclusion; and from the blind slice alone. Greedy: the share of
its own visits that found a problem, which is all it has. Limits: 95 %, firms as units. *Months*: the
share of months whose own interval holds that month's truth.

![rate by month](loop_rate.svg)
"""

CALIBRATED = """
## Calibration

Expected over true rate, all firms that the model scores, by month; 1 is right. Greedy is calibrated on
its visits as they are. From the drift month on, complaining takes a click: complaints become more, and
say less about risk.

![calibration by month](loop_calibration.svg)
"""

COVERED = """
## Who is visited

Visits a firm and year, by the class or grade that Xinfen gave it that month; mean of the provinces.
"""


def write(enterprises: int, all_lived: Sequence[Lived], all_figures: Sequence[Figures]) -> None:
    """Write the page and its plots."""
    months = len(all_lived[0].months)
    for name, text in plots(all_lived).items():
        write_bytes(DOCS / name, text.encode())
    write_bytes(PAGE, page(enterprises, months, all_figures).encode())


def page(enterprises: int, months: int, all_figures: Sequence[Figures]) -> str:
    """The page's text."""
    lead = LEAD.format(
        provinces=len(all_figures), enterprises=enterprises, months=months, before=BEFORE,
        visits=round(sum(one.visits for one in all_figures) / len(all_figures)),
        plan=PLAN.read_text("utf-8"),
    )  # fmt: skip
    parts = [
        lead, FOUND, markdown_table(*_found(all_figures)), RATES, markdown_table(*_rates(all_figures)),
        CALIBRATED, markdown_table(*_calibration(all_figures)),
        COVERED, markdown_table(*_coverage(all_figures)), WHY,
    ]  # fmt: skip
    return "\n".join(parts)


Table = tuple[list[str], Iterator[list[str]]]


def _found(all_figures: Sequence[Figures]) -> Table:
    names = ("uniform", "greedy", "from records", "xinfen", "within ratios", "oracle")
    head = ["seed", *names, f"of oracle (≥ {SHARE:.0%})", "of within ratios",
            f"over uniform (≥ {OVER_UNIFORM})"]  # fmt: skip
    lines = (
        [
            str(one.seed),
            *(f"{one.per_visit.loc[name, 'true']:.1%}" for name in names),
            f"{one.share('oracle'):.1%}",
            f"{one.share('within ratios'):.1%}",
            f"{one.share('uniform'):.2f}",
        ]
        for one in all_figures
    )
    return head, lines


def _rates(all_figures: Sequence[Figures]) -> Table:
    head = ["seed", "truth", "Xinfen", "months", "slice alone", "months", "greedy, naive", "months"]
    lines = (
        [
            str(one.seed),
            f"{one.true:.2%}",
            *(
                told
                for name in ("xinfen", "slice", "greedy")
                for told in (_limits(one.pooled[name]), f"{one.covered[name]:.0%}")
            ),
        ]
        for one in all_figures
    )
    return head, lines


def _calibration(all_figures: Sequence[Figures]) -> Table:
    head = ["seed", "when", "Xinfen", "greedy"]
    lines = (
        [str(one.seed), str(when), f"{told['xinfen']:.2f}", f"{told['greedy']:.2f}"]
        for one in all_figures
        for when, told in one.calibration.iterrows()
    )
    return head, lines


def _coverage(all_figures: Sequence[Figures]) -> Table:
    names = ("uniform", "greedy", "xinfen", "oracle")
    tables = [one.coverage.reindex(columns=[*names, "firms"]).fillna(0) for one in all_figures]
    mean = sum(tables[1:], tables[0]) / len(tables)
    head = ["class or grade", "firms", *names]
    lines = (
        [str(group), f"{row['firms']:,.0f}", *(f"{row[name]:.3f}" for name in names)]
        for group, row in mean.iterrows()
    )
    return head, lines


def _limits(one: Rate) -> str:
    return f"{one.rate:.2%} ({one.low:.2%} to {one.high:.2%})"


WHY = """
## Why, and what is not in it

TO BE WRITTEN
"""
