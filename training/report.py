"""The report of a training run: one self-contained page, told from the run's own figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from models.classifier import RiskClassifier
from models.wording import NOTICE
from training import plots, rivals, words
from training.plots_effects import SHOWN, importance_of
from training.words import Both

SKILL = "skill_over_"

SECTIONS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "gate": ("晋级关", "The gate", ("gate",)),
    "labels": ("从什么学习", "What was learned from", ("labels", "tally", "reference")),
    "time": ("时间划分", "The split in time", ("blocks",)),
    "rates": ("全部企业的问题率", "Problem rate of all firms", ("rates",)),
    "held-out": ("留出的抽取", "Held-out draws", ("metrics", "limits", "calibration")),
    "reliability": ("校准", "Reliability", ("reliability",)),
    "capacity": ("先查谁", "Who is visited first", ("at_capacity",)),
    "classes": ("类别", "Classes", ("cuts", "model_classes", "final_classes")),
    "grade": ("与公共信用等级", "Beside the public grade", ("beside_grade",)),
    "nuisance": ("检查方式", "How visits looked", ("nuisance",)),
    "indicators": ("指标", "Indicators", ("alone",)),
    "others": ("基线与其他拟合", "Baselines and other fits", ("baselines", "beside")),
    "groups": ("企业分组", "Groups of firms", ("groups", "gaps")),
    "tuning": ("调参", "Tuning", ("tuning",)),
    "settings": ("设置与版本", "Settings and versions", ("settings", "seed")),
}
"""What each section is called and tells of the report; one that lacks its figures is left out."""

TOLD = {name for _, _, names in SECTIONS.values() for name in names}
TOLD |= {"naive", "over_score", "until", "synthetic", "baselines", "gaps"}
"""What the page has a place for; whatever else a report holds is told at its end, as it is."""

SHARES = {"rate", "expected", "observed", "share", "precision", "recall", "least", "most", *"ABCD",
          "selected", "caught", "false_alarms"}  # fmt: skip
"""Columns told in per cent, as are the limits that stand beside one of them."""


FIRST = {
    "zh": ("优于本模型：{}。", "与本模型的差别在误差之内：{}。",
           "没有基线与本模型的差别在误差之内。"),
    "en": ("Better than the model: {}.", "Within noise of the model: {}.",
           "No baseline is within noise of the model."),
}  # fmt: skip


def page(
    classifier: RiskClassifier, report: Mapping[str, Any], drawn: Mapping[str, str] | None = None
) -> str:
    """The page as HTML, in Chinese and English; nothing in it is loaded from elsewhere.

    `report` is that of `training.flow`; a section whose figures it lacks is left out, so that one
    of other shape, such as a test's, gives the head alone. `drawn` are its plots, if they are
    drawn already.
    """
    made = plots.drawn(classifier, report) if drawn is None else drawn
    further = {key: value for key, value in report.items() if key not in TOLD}
    sections = {
        key: (zh, en) for key, (zh, en, names) in SECTIONS.items() if set(names) <= set(report)
    }
    if further and len(sections) > 1:
        sections["further"] = ("其他", "Further")
    return (
        _environment()
        .get_template("report.html")
        .render(
            model=classifier,
            report=report,
            plots={key: Markup(text) for key, text in made.items()},  # noqa: S704, drawn here
            first=(first_line(report, "zh"), first_line(report, "en")),
            verdict=verdict(report),
            notice=NOTICE,
            importance=[_named(classifier, row) for row in importance_of(classifier)[:SHOWN]],
            alone=[_named(classifier, row) for row in report.get("alone", [])],
            further=further,
            sections=sections,
        )
    )


@cache
def _environment() -> Environment:
    """The template's words, compiled once."""
    environment = Environment(
        loader=PackageLoader("training", "."), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"cell": cell, "name": name, "figure": figure, "share": share,
                            "without": without}  # fmt: skip
    environment.globals |= {"t": t, "table": table, "between": between}
    return environment


def first_line(report: Mapping[str, Any], lang: str = "en") -> str:
    """What a reader must know before anything else: who does as well as the model, or better."""
    found: dict[str, list[str]] = {}
    for key, ends in report.get("limits", {}).items():
        if key.startswith(SKILL):
            found.setdefault(rivals.verdict(*ends), []).append(
                words.told(key.removeprefix(SKILL), lang)
            )
    better, near, none = FIRST[lang]
    parts = [
        said.format(("、" if lang == "zh" else ", ").join(found[key]))
        for key, said in (("better than the model", better), ("within noise", near))
        if key in found
    ]
    return " ".join(parts) or none


def verdict(report: Mapping[str, Any]) -> Both:
    """The gate's verdict in both languages."""
    gate = report["gate"]
    if gate["promoted"]:
        return "已通过，成为现用版本", gate["text"]
    failed = [
        f"{words.told(check['what'], 'zh')} {check['found']:.3g}，"
        f"应{words.told(check['allowed'], 'zh')}"
        for check in gate.get("checks", [])
        if not check["ok"]
    ]
    return "未通过：" + "；".join(failed), gate["text"]


def t(zh: str, en: str) -> Markup:
    """Both languages, of which the page shows the chosen one."""
    if zh == en:
        return escape(zh)
    return Markup('<span lang="zh">{}</span><span lang="en">{}</span>').format(zh, en)


def name(key: str) -> Markup:
    """What a name of the report is called."""
    return t(*words.both(key))


def table(
    rows: Sequence[Mapping[str, Any]],
    first: Iterable[str] = (),
    leave: Iterable[str] = (),
    only: Iterable[str] = (),
) -> Markup:
    """Rows as a table: columns of `first` in that order, then whatever else they have.

    `leave` names columns to leave out; `only` gives all columns. Numbers are set right.
    """
    if not rows:
        return Markup("")
    found = dict.fromkeys(key for row in rows for key in row)
    keys = [key for key in dict.fromkeys([*first, *found]) if key in found and key not in leave]
    keys = [key for key in only if key in found] or keys
    numbers = {
        key for key in keys if not any(isinstance(row.get(key), str | Mapping) for row in rows)
    }
    shares = SHARES & set(keys)
    if "ratio" not in keys and shares & {"rate", "expected"}:
        shares |= {"low", "high"}
    mark = {key: Markup(' class="n"') if key in numbers else Markup("") for key in keys}
    head = Markup("").join(Markup("<th{}>{}</th>").format(mark[key], name(key)) for key in keys)
    body = Markup("\n").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup("<td{}>{}</td>").format(mark[key], _in(key, row.get(key), key in shares))
                for key in keys
            )
        )
        for row in rows
    )
    return Markup(
        '<div class="scroll"><table><thead><tr>{}</tr></thead>\n<tbody>{}</tbody></table></div>'
    ).format(head, body)


def _in(column: str, value: Any, as_share: bool) -> Markup:
    if column == "class":
        return Markup('<b class="{0}">{0}</b>').format(value)
    if column == "year":
        return escape(value)
    if column == "draws" and isinstance(value, float):  # firms of equal score count in part
        return escape(f"{value:,.0f}")
    return cell(value, as_share)


def cell(value: Any, as_share: bool = False) -> Markup:
    """A value as it stands in a table."""
    if isinstance(value, bool):
        return Markup('<b class="{}">{}</b>').format(
            "yes" if value else "no", "✓" if value else "✗"
        )
    if isinstance(value, str):
        return name(value)
    if isinstance(value, Mapping) and set(value) == {"zh", "en"}:
        return t(value["zh"], value["en"])
    if isinstance(value, Mapping):
        return Markup(" · ").join(
            Markup("{} {}").format(name(str(key)), cell(part)) for key, part in value.items()
        )
    if isinstance(value, list | tuple):
        return Markup(", ").join(cell(part) for part in value)
    return escape(share(value) if as_share else figure(value))


def between(low: float | None, high: float | None, as_share: bool = False) -> str:
    """An interval in brackets."""
    told = share if as_share else figure
    return f"[{told(low)}, {told(high)}]"


def share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def figure(value: float | None) -> str:
    """A number: counts in full, others to three decimals."""
    if value is None:
        return "–"
    if value == int(value):
        return f"{int(value):,}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) >= 0.001 else f"{value:.1e}"


def without(row: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in keys}


def _named(classifier: RiskClassifier, row: Mapping[str, Any]) -> dict[str, Any]:
    called = classifier.definition.catalogue[row["indicator"]].name
    return {**row, "called": t(called.zh, called.en)}
