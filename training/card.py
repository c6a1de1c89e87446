"""The model card in Chinese and English: what a version is for, on what it rests, what limits it.

It is told from the version's own files alone, so that it can be made again for any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from models.classifier import RiskClassifier
from training import words
from training.report import between, figure, first_line, share, verdict

LANGUAGES = ("zh", "en")
LONGEST = 5000
"""Characters that MLflow keeps of a registered version's description."""


def card(classifier: RiskClassifier, report: Mapping[str, Any], lang: str) -> str:
    """The card as Markdown; `lang` is `zh` or `en`.

    What the report does not tell is left out.
    """
    return (
        _environment(lang)
        .get_template(f"card.{lang}.md")
        .render(
            model=classifier,
            definition=classifier.definition,
            report=report,
            first=first_line(report, lang),
            verdict=verdict(report)[LANGUAGES.index(lang)],
        )
    )


@cache
def _environment(lang: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("training", "."), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, autoescape=False,  # noqa: S701, it is no HTML
    )  # fmt: skip
    environment.filters |= {"share": share, "figure": figure,
                            "name": lambda name: words.told(name, lang)}  # fmt: skip
    environment.globals |= {"between": between}
    return environment


def description(classifier: RiskClassifier, report: Mapping[str, Any]) -> str:
    """The head of both cards, for the registered version; the whole cards lie with the run."""
    heads = [card(classifier, report, lang).split("\n## ", 1)[0] for lang in LANGUAGES]
    where = "全文 whole cards: model_card.zh.md, model_card.en.md"
    return "\n\n".join([*(head.strip() for head in heads), where])[:LONGEST]
