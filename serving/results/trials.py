"""A firm tried out: posted indicators to probability, class and reasons, by a load's frozen model.

The same kernel, calibration, policy and sentences as a run's, to the bit; only records are not
known, so that no reason names any. The model is read once by a process and load.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from features.indicator import GROUPS
from models import deciding
from models.classifier import RiskClassifier
from models.deciding import Case
from models.ladder import ladder, sent, tell
from models.reasons import strongest
from records.errors import NotPossible
from serving.access.roles import Action
from serving.access.scope import LADDER, Scope
from serving.results import freezing, moments
from serving.results.desk import Answer, each
from serving.results.freezing import FITTED, Frozen
from serving.results.kept import Kept
from serving.results.results import Published
from serving.scoring.values import Posted, Reader
from serving.store.database import frozen
from serving.telling.languages import Lang

NEEDS = ("risk_class", "model_class", "probability", LADDER)
"""What a trial tells; a token that may not see one of these tries nothing."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A firm's indicators, posted to be scored; `firm` and `case` as `Trier.told` takes them.

    `wrong` is what is wrong with what was posted, kept until it is known that whoever posted it
    may ask.
    """

    token: str
    indicators: Mapping[str, Any]
    firm: Mapping[str, Any]
    case: Mapping[str, Any]
    lang: Lang = "zh"
    purpose: str = ""
    wrong: Exception | None = None

    action: ClassVar[Action] = "score"
    about: ClassVar[str] = "trial by indicators"
    needs: ClassVar[tuple[str, ...]] = NEEDS

    @property
    def entity_id(self) -> str:
        return str(self.firm["entity_id"])


@dataclass(frozen=True)
class Trier:
    """A load's model, ready to score firms one by one; threads share it.

    `groups` are the places of each group's indicators, `order` all places by their ids.
    """

    classifier: RiskClassifier
    frozen: Frozen
    fitted: list[str]
    reader: Reader
    boundaries: list[float]
    base: dict[str, float]
    groups: dict[str, list[int]]
    order: list[int]

    @classmethod
    def of(cls, classifier: RiskClassifier, frozen: Frozen) -> Self:
        """Make a model ready: its kernel is made and compiled now, and not at the first firm."""
        definition, kernel = classifier.definition, classifier.kernel
        fitted = definition.fitted
        reader = Reader.of(definition.catalogue, fitted, definition.policy.indicators())
        kernel.one(np.full(len(fitted), np.nan), np.empty(len(fitted)))
        base = {
            "base": kernel.base,
            "base_probability": float(classifier.probability(np.array([kernel.base]))[0]),
        }
        bounds = [float(one) for one in classifier.boundaries]
        groups: dict[str, list[int]] = {group: [] for group in GROUPS}
        for at, name in enumerate(fitted):
            groups[definition.catalogue[name].group].append(at)
        order = sorted(range(len(fitted)), key=fitted.__getitem__)
        return cls(classifier, frozen, fitted, reader, bounds, base, groups, order)

    def told(
        self, posted: Posted, firm: Mapping[str, Any], case: Mapping[str, Any], lang: Lang
    ) -> dict[str, Any]:
        """Probability, class and reasons of posted indicators.

        Parameters
        ----------
        firm : what is told of the firm itself: `entity_id`, `name`, `division`, `industry`,
            `entity_type`, `public_grade`, `public_score`, `previous_class`.
        case : `held_class`, `held_months` and `graded_on` of `models.deciding.Case`.
        """
        classifier = self.classifier
        contributions = np.empty(len(self.fitted))
        raw = classifier.kernel.one(posted.row, contributions)
        scores = np.array([raw])
        low, high = (
            (None, None)
            if classifier.band is None
            else (float(one[0]) for one in classifier.band.of(scores))
        )
        steps = deciding.decide(
            classifier.definition.policy, self.boundaries,
            Case(raw, firm["public_grade"], evidence=posted.evidence, **case),
        )  # fmt: skip
        row = {
            **self.frozen.lists.shared, **self.base, **firm, "scope": "model", "raw": raw,
            "probability": float(classifier.probability(scores)[0]), "probability_low": low,
            "probability_high": high, "model_class": steps[0]["class"],
            "risk_class": steps[-1]["class"], "steps": sent(steps, lang),
        }  # fmt: skip
        told, values = contributions.tolist(), posted.row.tolist()
        looked: list[dict[str, Any]] = [
            {"indicator": self.fitted[at], "contribution": told[at], "records": [],
             "value": None if values[at] != values[at] else values[at]}
            for at in _strongest(told, self.order)
        ]  # fmt: skip
        sums = {group: math.fsum(map(told.__getitem__, own)) for group, own in self.groups.items()}
        return {
            **_told(row), "left_out": posted.left_out, "ignored": posted.ignored,
            "contributions": dict(zip(self.fitted, told, strict=True)),
            "explanation": tell(row, looked, sums, classifier.definition, lang, self.frozen.peers),
        }  # fmt: skip

    def explained(
        self, row: Mapping[str, Any], reasons: Sequence[Mapping[str, Any]], lang: Lang
    ) -> dict[str, Any]:
        """What is told of a row of classes.parquet and its rows of reasons.parquet."""
        model, peers = self.classifier.definition, self.frozen.peers
        return {
            **_told(row), "left_out": [], "ignored": [],
            "contributions": {one["indicator"]: one["contribution"] for one in reasons},
            "explanation": ladder(row, reasons, model, lang, peers),
        }  # fmt: skip


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("risk_class", "model_class", "probability", "raw")}


def _strongest(contributions: Sequence[float], order: Sequence[int]) -> list[int]:
    """The places of the reasons that a ladder looks at: the strongest of each side, by rank."""
    ranked = sorted(order, key=lambda at: -abs(contributions[at]))
    return [ranked[at] for at in strongest([contributions[at] for at in ranked])]


_known: Kept[int, Trier] = Kept(2)
_LOADING = threading.Lock()


def tried(
    connection: Connection, now: Published, _scope: Scope, asked: Sequence[Trial]
) -> list[Answer]:
    """What comes of trials by the served run's model, as a desk answers it.

    An answer may be what is `wrong`, WrongValue, or NotPossible: the run keeps no model (`of`).
    """

    def body(one: Trial) -> bytes:
        if one.wrong is not None:
            raise one.wrong
        trier = of(connection, now.load)
        told = trier.told(trier.reader.read(one.indicators), one.firm, one.case, one.lang)
        return orjson.dumps(now.answer(**told))

    return each(body, asked)


def of(connection: Connection, load: int) -> Trier:
    """The model of a load; kept from call to call.

    Raises
    ------
    NotPossible : the run was published without its trees, or before they were kept.
    """
    if found := _known.get(connection, load):
        return found
    with _LOADING:
        return _known.get(connection, load) or _known.put(connection, load, _read(connection, load))


def _read(connection: Connection, load: int) -> Trier:
    kept = set(connection.scalars(sa.select(frozen.c.name).where(frozen.c.load == load)))
    missing = [name for name in FITTED if name not in kept]
    if missing:
        raise NotPossible(
            "the published run keeps no model to score by", found=f"no {', '.join(missing)}",
            hint="publish a run that `xinfen score` made with this version",
        )  # fmt: skip
    return Trier.of(moments.classifier(connection, load), freezing.of(connection, load))
