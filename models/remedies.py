"""What would change it: how far the next class is, and the fewest acts that move the firm there.

An act is one of the catalogue's (`features.acts`), open to the firm where an indicator that it
answers is above 0 and all that it `needs` has been reached; advice, whose outcome nobody can say
beforehand, is never tried. Each set of open acts is tried on the firm as it stands: its indicators
become what the acts' records make of them, the kernel scores, the policy decides as the next run
would, with what it may hold of the class of now. So a class that stability still holds has not
been reached, and a direct rule ends with its evidence.

Method. Up to EXACT open acts, all sets by size: the first size with one that moves the firm holds
the answer, of which the best class, then the lowest log-odds, then the catalogue's order decides.
Above, the best act is added until the class moves, then every act that is not needed is taken
away; `exact` is false. No effect is promised: acts take time, and others decide on some of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from features.acts import Act
from features.catalogue import Catalogue
from models.classifier import RiskClassifier
from models.definition import ModelDefinition
from models.policy import CLASSES
from records.errors import BadInput

EXACT = 12
"""The most open acts of which all sets are tried: 4,095."""

Acts = tuple[str, ...]


@dataclass(frozen=True)
class Firm:
    """A firm as a run found it.

    Parameters
    ----------
    values : the indicators that are `asked` for, by id, NaN where unknown.
    risk_class : its class.
    held_months : for how many runs `held_class` was held.
    public_grade : A–E, or None.
    held_class : the class that hysteresis left, which the next run may hold; None: the class.
    """

    values: pd.Series
    risk_class: str
    held_months: int = 0
    public_grade: str | None = None
    held_class: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What a firm is scored and decided to be; `raw` in log-odds, `probability` 0 to 1."""

    risk_class: str
    model_class: str
    raw: float
    probability: float

    @property
    def rank(self) -> tuple[int, float]:
        """The better, the lower."""
        return CLASSES.index(self.risk_class), self.raw


@dataclass(frozen=True)
class Distance:
    """The way from a firm's score to where a neighbouring model class begins.

    `log_odds` and `points` (percentage points of probability) are below 0 towards a better class.
    """

    model_class: str
    log_odds: float
    points: float


@dataclass(frozen=True)
class WhatIf:
    """What was found.

    Attributes
    ----------
    now : the firm scored as it stands, and decided as the next run would.
    better, worse : the neighbouring model classes; None at the end of the scale.
    alone : each open act, and what it makes of the firm by itself.
    acts : the fewest acts that move the firm to a better class than its own; empty where the next
        run moves it without any; None where none do.
    then : what they make of the firm.
    exact : whether all sets were tried.
    """

    now: Outcome
    better: Distance | None
    worse: Distance | None
    alone: dict[str, Outcome]
    acts: Acts | None
    then: Outcome | None
    exact: bool


def what_would_change(classifier: RiskClassifier, firm: Firm) -> WhatIf:
    """The distances to the neighbouring classes, and the fewest acts that better the class.

    Raises
    ------
    BadInput : an indicator that is asked for is not among the firm's values.
    """
    catalogue = classifier.definition.catalogue
    absent = [name for name in asked(classifier.definition) if name not in firm.values.index]
    if absent:
        raise BadInput(
            "a firm without all its indicators",
            found=f"no {', '.join(absent)}",
            allowed="every indicator that the model, its policy or an act names; NaN is unknown",
            hint="compute them with features.build",
        )
    acts = open_acts(catalogue, firm.values)
    now, *alone = tried(classifier, firm, [(), *((act,) for act in acts)])
    exact = len(acts) <= EXACT
    found = _smallest(classifier, firm, acts) if exact else _greedy(classifier, firm, acts)
    better, worse = _distances(classifier, now)
    one_by_one = dict(zip(acts, alone, strict=True))
    chosen, then = found or (None, None)
    return WhatIf(now, better, worse, one_by_one, chosen, then, exact)


def asked(definition: ModelDefinition) -> list[str]:
    """Ids of every indicator that the model reads, its policy, or an act."""
    catalogue = definition.catalogue
    acts = [name for act in catalogue.acts.values() for _, name in act.names]
    answered = [one.id for one in catalogue.indicators if one.remedy is not None]
    return [*dict.fromkeys([*definition.fitted, *definition.policy.indicators(), *acts, *answered])]


def open_acts(catalogue: Catalogue, values: pd.Series) -> Acts:
    """The acts a firm can take, whose outcome can be said beforehand; in the catalogue's order."""
    return tuple(
        name
        for name, act in catalogue.acts.items()
        if act.makes and is_open(catalogue, name, values)
    )


def is_open(catalogue: Catalogue, name: str, values: pd.Series) -> bool:
    """Whether an act answers something that stands against the firm, and can be taken already."""
    asked = any(values[one.id] > 0 for one in catalogue.answered_by(name))
    return asked and all(values[id_] >= least for id_, least in catalogue.acts[name].needs.items())


def changed(values: pd.Series, acts: Iterable[Act]) -> pd.Series:
    """A firm's indicators after acts; what they add is of the values before all of them."""
    after = values.copy()
    present = {str(name): float(value) for name, value in values.items()}
    for act in acts:
        for name, effect in act.makes.items():
            after[name] = effect.of(float(after[name]), present)
    return after


def tried(classifier: RiskClassifier, firm: Firm, sets: Sequence[Acts]) -> list[Outcome]:
    """What each set of acts makes of a firm: scored by the kernel, decided as by the next run."""
    definition = classifier.definition
    known = definition.catalogue.acts
    frame = pd.DataFrame([changed(firm.values, [known[name] for name in acts]) for acts in sets])
    raw = classifier.explain(classifier.matrix(frame)).score
    given = pd.DataFrame(
        {
            **{name: frame[name].to_numpy() for name in definition.policy.indicators()},
            "raw": raw,
            "public_grade": pd.Series([firm.public_grade] * len(sets), dtype="str"),
            "previous_class": firm.held_class or firm.risk_class,
            "held_months": firm.held_months,
        }
    )
    decided = definition.policy.decide(given, classifier.boundaries)
    told = (decided["final_class"], decided["model_class"], raw, classifier.probability(raw))
    return [
        Outcome(final, model, float(log_odds), float(chance))
        for final, model, log_odds, chance in zip(*told, strict=True)
    ]


def _moved(firm: Firm, outcome: Outcome) -> bool:
    return CLASSES.index(outcome.risk_class) < CLASSES.index(firm.risk_class)


def _smallest(classifier: RiskClassifier, firm: Firm, acts: Acts) -> tuple[Acts, Outcome] | None:
    for size in range(len(acts) + 1):
        sets = [*combinations(acts, size)]
        outcomes = tried(classifier, firm, sets)
        found = [pair for pair in zip(sets, outcomes, strict=True) if _moved(firm, pair[1])]
        if found:
            return min(found, key=lambda pair: pair[1].rank)
    return None


def _greedy(classifier: RiskClassifier, firm: Firm, acts: Acts) -> tuple[Acts, Outcome] | None:
    chosen: Acts = ()
    while not _moved(firm, tried(classifier, firm, [chosen])[0]):
        left = [act for act in acts if act not in chosen]
        if not left:
            return None
        sets = [(*chosen, act) for act in left]
        ranks = [one.rank for one in tried(classifier, firm, sets)]
        chosen = sets[ranks.index(min(ranks))]
    for act in chosen:
        fewer = tuple(other for other in chosen if other != act)
        if _moved(firm, tried(classifier, firm, [fewer])[0]):
            chosen = fewer
    return chosen, tried(classifier, firm, [chosen])[0]


def _distances(classifier: RiskClassifier, now: Outcome) -> tuple[Distance | None, Distance | None]:
    """To the boundary below and above the score; the class below ends just under its boundary."""
    level = CLASSES.index(now.model_class)
    below = float(classifier.boundaries[level - 1]) if level else math.nan
    above = float(classifier.boundaries[level]) if level < len(CLASSES) - 1 else math.nan
    ends = ((level - 1, np.nextafter(below, -np.inf)), (level + 1, above))
    told: list[Distance | None] = []
    for neighbour, end in ends:
        if math.isnan(end):
            told.append(None)
            continue
        chance = float(classifier.probability(np.array([end]))[0])
        points = 100 * (chance - now.probability)
        told.append(Distance(CLASSES[neighbour], float(end) - now.raw, points))
    return told[0], told[1]
