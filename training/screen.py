"""A training run on one screen: who does as well, what it learned from and shows, the verdict."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import typer

from records.console import screen, table
from training.report import SKILL, first_line
from training.words import told

FIGURES = ("auc", "slope", "expected_over_observed")
CLASSES = ("model_classes", "final_classes")
UNKNOWN = (
    "No visit was drawn with a known chance: weights are estimated, what inspectors knew besides "
    "stays in them, and no class can claim to hold for all firms."
)


def show(facts: Mapping[str, Any]) -> None:
    """Print the summary; the last line is the verdict.

    `facts` are those of the report, and the model's name, version and content.
    """
    reference = facts["reference"]
    wide = min(screen().width, 100)
    typer.echo(textwrap.fill(first_line(facts), wide))
    table(_made(facts), title="Trained")
    typer.echo()
    table(_figures(facts), ("on the judged draws", "found", "95 %"))
    typer.echo()
    table(_classes(facts), ("class", "from", "firms", "model", "95 %", "n", "final", "95 %", "n"))
    typer.echo()
    if reference["basis"] not in ("slice", "alike", "draws"):
        typer.echo(textwrap.fill(UNKNOWN, wide))
    typer.echo(textwrap.fill(f"gate: {facts['gate']['text']}", wide))


def _made(facts: Mapping[str, Any]) -> list[list[str]]:
    labels, reference, rates = facts["labels"], facts["reference"], facts["rates"]
    metrics, method = facts["metrics"], facts["calibration"]["method"]
    made = f"{facts['model']} version {facts['version']}  ({facts['content']})"
    seen = f"{reference['n']:,} visits, {reference['positives']:,} with a problem"
    robust = f"{_rate(rates['doubly_robust'])} doubly robust"
    return [
        ["model", made + ("  from synthetic records" if facts.get("synthetic") else "")],
        ["labels", "  ".join(f"{told(way, 'en')} {count:,}" for way, count in labels.items())],
        ["calibrated on", f"{told(reference['basis'], 'en')}: {seen}"],
        ["", f"worth {reference['effective']:,.0f} independent ones; {told(method, 'en')}"],
        ["problem rate", f"{_rate(rates['weighted'])} of all firms, weighted"],
        ["", f"{robust}; {rates['labelled']['rate']:.1%} of the labels as they are"],
        *([["tuned", _tuned(facts["tuning"])]] if "tuning" in facts else []),
        ["judged on", f"{metrics['n']:,} later visits, {metrics['positives']:,} with a problem"],
        ["classes cut by", told(facts["cuts"]["method"], "en")],
    ]


def _tuned(study: Mapping[str, Any]) -> str:
    """How many trials there were, what the best saved, and the settings that matter most."""
    best, trials = study["best"], study["trials"]
    stopped = sum(trial["state"] == "stopped" for trial in trials)
    said = f"{len(trials) - 1} trials, {stopped} stopped early; log-loss {best['loss']:.4f}"
    said += f", declared settings {study['declared_loss']:.4f}" if best["number"] else ", declared"
    matter = list(study["importance"].items())[:2]
    return "; ".join([said, *(f"{told(name, 'en')} {share:.0%}" for name, share in matter)])


def _figures(facts: Mapping[str, Any]) -> list[list[str]]:
    """Figures of the model, then against each baseline, other fit and the champion."""
    metrics, limits = facts["metrics"], facts["limits"]
    skills = [name for name in limits if name.startswith(SKILL)]
    rows = [[told(name, "en"), metrics[name], *limits[name], ".3f"] for name in FIGURES]
    rows += [[told(name, "en"), metrics[name], *limits[name], "+.3f"] for name in skills]
    for name, one in facts["beside"].items():
        if "gain" in one:
            what = "log-loss saved against the" if name == "champion" else "AUC gained if"
            named = f"{what} {told(name, 'en')}"
            rows.append([named, one["gain"], one["low"], one["high"], "+.4f"])
    return [
        [name, format(value, form), f"[{low:{form}}, {high:{form}}]"]
        for name, value, low, high, form in rows
    ]


def _classes(facts: Mapping[str, Any]) -> list[list[str]]:
    """A line a class: where it begins, its share, and what model and final classes showed."""
    cuts = facts["cuts"]
    rows = []
    for at, (model, final) in enumerate(zip(*(facts[kind] for kind in CLASSES), strict=True)):
        begins = f"{cuts['rates'][at - 1]:.1%}" if at else "0.0%"
        rows.append(
            [model["class"], begins, f"{cuts['shares'][at]:.1%}", *_seen(model), *_seen(final)]
        )
    return rows


def _seen(row: Mapping[str, Any]) -> list[str]:
    rate = "–" if row["rate"] is None else f"{row['rate']:.1%}"
    return [rate, f"[{row['low']:.1%}, {row['high']:.1%}]", f"{row['n']:,}"]


def _rate(rate: Mapping[str, Any]) -> str:
    return f"{rate['rate']:.1%} [{rate['low']:.1%}, {rate['high']:.1%}]"
