"""For MLflow's ecosystem: a registered model as a pyfunc. Serving does not come this way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from models.classifier import RiskClassifier


class Probability:
    """`predict` gives the calibrated probability for each row of indicators.

    The signature calls every indicator optional: a column that is absent is unknown. Without any
    of them a frame is none of indicators, which is an error (`BadInput`).
    """

    def __init__(self, classifier: RiskClassifier) -> None:
        self.classifier = classifier

    def predict(self, frame: pd.DataFrame) -> pd.Series:
        fitted = self.classifier.definition.fitted
        if any(name in frame for name in fitted):
            frame = frame.assign(**{name: np.nan for name in fitted if name not in frame})
        raw = self.classifier.raw(self.classifier.matrix(frame))
        return pd.Series(self.classifier.probability(raw), index=frame.index, name="probability")


def _load_pyfunc(path: str) -> Probability:
    return Probability(RiskClassifier.load(Path(path)))
