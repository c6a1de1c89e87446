"""The page of the model that the served run was made by: verdict, calibration, card.

All of it is told from the frozen model that the run was published with, by those who tell it after
training, so that the page and the registry do not differ.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from sqlalchemy.engine import Connection

from models.classifier import RiskClassifier
from records.errors import NotPossible
from serving.access.caller import Caller
from serving.results import moments, results
from serving.results.kept import Kept
from serving.store.database import reading
from serving.web import charts
from serving.web.api import UsesEngine
from serving.web.modelwords import MODEL
from serving.web.pages import Reads, language, page

router = APIRouter(include_in_schema=False)

_known: Kept[tuple[int, str], dict[str, Any] | bool] = Kept(4)
_TITLE = re.compile(r"^# .*\n", re.MULTILINE)
_ALIGNED = re.compile(r'style="text-align:(\w+)"')


@router.get("/model")
def model_page(
    request: Request, engine: UsesEngine, reader: Annotated[Caller, Depends(Reads("run"))]
) -> Response:
    lang = language(request)
    with reading(engine) as connection:
        now = results.published(connection)
        about = results.about(connection, now, reader.scope)
        told = _known.get(connection, (now.load, lang))
        if told is None:
            told = _known.put(connection, (now.load, lang), _told(connection, now.load, lang))
    return page(
        request, "model.html", w=MODEL[lang], about=about, run=now.run, model=told or None,
        mlflow=_address(request.app.state.settings.mlflow, told),
    )  # fmt: skip


def _told(connection: Connection, load: int, lang: str) -> dict[str, Any] | bool:
    """What the page tells of the model; False where the run keeps none."""
    # Loaded when a model is first looked at: nothing else of the service needs it.
    from training import plots_rates, registry
    from training.card import card

    try:
        model = moments.classifier(connection, load)
    except NotPossible:
        return False
    report, words = model.facts, MODEL[lang]
    definition = model.definition
    return {
        "title": definition.title.in_(lang), "version": model.version, "facts": _facts(report),
        "promoted": report.get("gate", {}).get("promoted"),
        "registered": registry.registered_name(definition.name),
        "calibration": charts.chart(
            lambda: plots_rates.reliability(model, report), words["calibration"]
        ),
        "classes": charts.chart(lambda: plots_rates.classes(model, report), words["classes"]),
        "card": _card(card(model, report, lang), words["table"]) if _whole(model) else None,
    }  # fmt: skip


def _whole(model: RiskClassifier) -> bool:
    """Whether it was judged: only then there is a card."""
    return "gate" in model.facts


def _facts(report: Mapping[str, Any]) -> dict[str, Any]:
    metrics, limits = report.get("metrics", {}), report.get("limits", {})
    reference = report.get("reference", {})
    return {
        "until": report.get("until"), "draws": reference.get("n"),
        "positives": reference.get("positives"), "synthetic": report.get("synthetic"),
        "auc": metrics.get("auc"), "auc_limits": limits.get("auc"),
        "ratio": metrics.get("expected_over_observed"),
        "ratio_limits": limits.get("expected_over_observed"),
    }  # fmt: skip


def _card(text: str, label: str) -> Markup:
    """The card, which is Markdown, without its title; wide tables scroll by themselves."""
    made = MarkdownIt("commonmark", {"html": False}).enable("table").render(_TITLE.sub("", text, 1))
    made = _ALIGNED.sub(lambda one: 'class="num"' if one[1] == "right" else "", made)
    around = f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(label)}">'
    made = made.replace("<table>", f'{around}<table class="figures">')
    made = made.replace("</table>", "</table></div>")
    return Markup(made)  # noqa: S704, HTML in the card is escaped by the renderer


def _address(mlflow: str, told: dict[str, Any] | bool | None) -> str:
    if not mlflow or not isinstance(told, dict):
        return ""
    return f"{mlflow.rstrip('/')}/#/models/{quote(told['registered'])}"
