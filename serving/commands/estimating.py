"""The front door's commands of what plans tell: estimates of one that is done, or before any is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from records.console import AsJson, bar
from serving.commands.runs import Lang, Run

Out = Annotated[
    Path | None, typer.Option(help="Also write .html (page), or .svg or .png (plot alone).")
]


def estimate(
    plans: Annotated[
        list[Path], typer.Argument(help="Plan folder with results; several draws, oldest first.")
    ],
    by: Annotated[
        str,
        typer.Option(help="Groups: class, grade, bureau, city, county, industry, ownership, size."),
    ] = "class,county,industry",
    basis: Annotated[
        str | None, typer.Option(help="slice, or alike: with plan visits measured alike (default).")
    ] = None,
    run: Annotated[
        Path | None, typer.Option(help="The run the plan was made of: knows ownership and size.")
    ] = None,
    lang: Lang = "zh",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Tell the problem rate of all firms and groups from a plan's results, and what it was worth.

    Every rate has an interval that holds for rare cells and names the frame it speaks for. Several
    draws of a plan's year tell their mean rate, more exactly than one. Then
    value of the plan, price of the slice, coverage of groups, and strictness beyond chance.

    Example: xinfen estimate var/plan --by class,county,industry --lang en --out estimates.html
    """
    from records.console import tell
    from serving.estimates import estimateleaf, estimates, grouped
    from serving.telling import languages, leaf

    leaf.check(out)
    lang, names = languages.checked(lang), grouped.named(by)
    with bar("estimate"):
        told = estimates.estimates(plans, names, basis, run)
    page = estimateleaf.leaf(told, lang)
    if out is not None:
        page.write(out)
    if as_json:
        tell(estimates.plain(told), as_json)
    else:
        page.show()


def simulate(
    run: Run,
    lists: Annotated[Path, typer.Option(help="Folder with objects and inspectors.")],
    plan: Annotated[
        list[Path] | None, typer.Option(help="YAML of a plan; several stand side by side.")
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", help="PATH=VALUE tried on every plan, beside it as it stands."),
    ] = None,
    by: Annotated[
        str, typer.Option(help="Groups: class, grade, city, county, industry, ownership, size.")
    ] = "class,grade,county,industry,ownership",
    year: Annotated[int | None, typer.Option(help="Calendar year; else the run's.")] = None,
    effect: Annotated[
        list[str] | None, typer.Option(help="METHOD=SHARE of problems that it finds; else 1.")
    ] = None,
    lang: Lang = "zh",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Try plans before anybody is visited: visits, findings, burden, precision, what does not fit.

    Example: xinfen simulate var/run --lists lists --set blind_slice.ratio=0.01 --lang en
    """
    from records.console import tell
    from serving.estimates import grouped, simulationleaf, simulations
    from serving.telling import languages, leaf

    leaf.check(out)
    lang, names = languages.checked(lang), grouped.named(by)
    with bar("simulate"):
        told = simulations.simulate(
            run, lists, plan or (), changes or (), by=names, year=year,
            effect=simulations.effects(effect or ()),
        )  # fmt: skip
    page = simulationleaf.leaf(told, lang)
    if out is not None:
        page.write(out)
    if as_json:
        tell(simulations.plain(told), as_json)
    else:
        page.show()
