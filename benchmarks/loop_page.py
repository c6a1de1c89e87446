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
"""

PLANNED = """
The plan, `benchmarks/loop.yaml`, was fixed before the first run; its ratios are published ones:

```yaml
{plan}```

All visits are on site and inspect the fixed basket, so that the chance of a finding by a pair that
sees no class is the firm's true probability. A pair that sees A finds a
tenth less, C a tenth and D a fifth more than is there (`bureau.seen` of the province).
"""

FOUND = """
## Problems found

The true chance that a visit finds a problem, mean over a policy's visits: what was found is these
chances and luck. A firm that has closed and is still listed counts 0.

![found by month](loop_found.svg)

*Oracles* know more than a plan can. They have Xinfen's slice and as many visits, give class A its
visits, and visit nobody twice in a calendar year (of Xinfen, D is visited twice where the draw says
so). Beyond that they choose by

* **oracle**: every firm's true probability;
* **within ratios**: the same, but every class and grade as often as in the plan;
* **best records**: what records tell at best, learned each month from the truth itself of *other*
  firms;
* **from records**: the probability that Xinfen's model tells, highest first, nothing drawn;
* **best ratios**: the true rate of each class and grade, who of it by lot: the most that any ratios
  could find.
"""

RATES = """
## The problem rate of all firms

Truth: the mean true probability of the listed firms that live, over all months. Xinfen: Hájek's
estimate from all its draws, and from the blind slice alone. Greedy: the share of its own visits
that found a problem, which is all it has. Limits: 95 %, firms as units. *Months*: the share of
months whose own interval (`supervision.estimates.estimate`) holds that month's truth.

![rate by month](loop_rate.svg)
"""

CALIBRATED = """
## Calibration

Expected over true rate, all firms that the model scores, by month; 1 is right. Greedy is calibrated
on its visits as they are. From the drift month on, complaining takes a click: complaints become
more, and say less about risk.

![calibration by month](loop_calibration.svg)
"""

COVERED = """
## Who is visited

Visits a firm and year, by the class or grade that it had that month; mean of the provinces.
"""

POLICIES = (
    ("uniform", "live firms, all with the same chance", "nothing"),
    (
        "greedy",
        "the highest predicted risk among those not visited this calendar year",
        "monthly, all visits as they are: it keeps no chances, nor those of the start",
    ),
    (
        "Xinfen",
        "the plan below: blind slice, ratios by class, nobody but D twice a year",
        "monthly (`training.flow`), by the chance of each draw",
    ),
)
WHY = """
## What this does and does not say

**Against the truth itself no draw comes near.** The oracle knows, of every firm, what nobody can
know. Three things lie between it and a plan, and the table tells them apart. *Ignorance*: records
tell only a part of the risk, so that even the best order of them, learned from the truth of other
firms, stays well below the oracle. *Learning*: a model that learned from some thousand visits stays
below that order. *The draw*: in a class all have the same chance, and the worst of it are no
likelier than the rest; that is the price of a plan that nobody can bend, and it is what Xinfen
gives up against its own model's order. The goal of {share} is held against the oracle, the
strictest reading, which no plan that knows records alone can meet: the best order of them finds
{best} of what the oracle does. Against the best ratios, the most that a plan of this form could
find, it is {own}.

**A policy that only follows risk cannot be judged.** After nine months of it, the last block of
visits held no draw of known chance to speak of, and training refused (`the last block of held-out
draws shows only one outcome`). It is therefore trained here as a bureau that never kept chances is:
weights are estimated (`training.propensity`), and the gate would not promote it.

**What is left out.** The province has lived its whole life before: nothing that is found here mends
a problem, lists a firm or ends it, so no policy is credited with what its visits prevent. The
province's own inspections after the start are taken out of the records; its other records stay, and
carry what followed from them (listings, penalties, mending), for all policies alike. Pairs are
drawn by `inspect` from the firm's county. There are no re-checks, no capacity and no exclusions
here: the long tests (`make prove`) hold the draw where all of these bind.
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
    )  # fmt: skip
    told = [
        lead, markdown_table(("policy", "whom it visits", "what it learns from"), POLICIES),
        PLANNED.format(plan=PLAN.read_text("utf-8")),
        FOUND, markdown_table(*_found(all_figures)),
        RATES, markdown_table(*_rates(all_figures)),
        CALIBRATED, markdown_table(*_calibration(all_figures)),
        COVERED, markdown_table(*_coverage(all_figures)),
        WHY.format(
            share=f"{SHARE:.0%}",
            best=_between(all_figures, "best records", "oracle"),
            own=_between(all_figures, "xinfen", "best ratios"),
        ),
    ]  # fmt: skip
    return "\n".join(told)


Table = tuple[Sequence[str], Iterator[Sequence[str]]]


def _found(all_figures: Sequence[Figures]) -> Table:
    names = (
        "uniform", "greedy", "xinfen", "best ratios", "from records", "best records",
        "within ratios", "oracle",
    )  # fmt: skip
    head = ["seed", *names, f"Xinfen of oracle (≥ {SHARE:.0%})", f"of best ratios (≥ {SHARE:.0%})",
            f"over uniform (≥ {OVER_UNIFORM})"]  # fmt: skip
    lines = (
        [
            str(one.seed),
            *(f"{one.per_visit['true'][name]:.1%}" for name in names),
            f"{one.share('oracle'):.1%}",
            f"{one.share('best ratios'):.1%}",
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


def _between(all_figures: Sequence[Figures], one: str, of: str) -> str:
    """The lowest and the highest share of what another finds."""
    told = [figures.per_visit["true"] for figures in all_figures]
    shares = [float(found[one] / found[of]) for found in told]
    return f"{min(shares):.0%} to {max(shares):.0%}"


def _limits(one: Rate) -> str:
    return f"{one.rate:.2%} ({one.low:.2%} to {one.high:.2%})"
