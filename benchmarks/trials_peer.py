"""The peer of `trials`: a model that `mlflow models serve` loads, LightGBM's trees with shap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


def save(folder: Path, booster: Path, firms: npt.NDArray[np.float64] | None) -> None:
    """Save it; `firms` are what shap compares with, without them it is path-dependent."""
    import mlflow.pyfunc

    artifacts = {"booster": str(booster)}
    if firms is not None:
        background = folder.with_suffix(".npy")
        np.save(background, firms)
        artifacts["firms"] = str(background)
    mlflow.pyfunc.save_model(
        str(folder), python_model=_made(), artifacts=artifacts, pip_requirements=[]
    )


def _made() -> Any:
    import mlflow.pyfunc

    class Explained(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
        """Log-odds and contributions of each row."""

        def load_context(self, context: Any) -> None:
            import lightgbm
            import numpy as np
            import shap

            booster = lightgbm.Booster(model_file=context.artifacts["booster"])
            firms = context.artifacts.get("firms")
            self.booster = booster
            told = None if firms is None else np.load(firms)
            if told is not None:  # by itself shap takes a sample of 100 of them
                told = shap.maskers.Independent(told, max_samples=len(told))
            self.explainer = shap.TreeExplainer(booster, told)

        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            import numpy as np

            del context, params
            values = model_input.to_numpy(np.float64)
            told = self.explainer.shap_values(values)
            raw = self.booster.predict(values, raw_score=True)
            return [
                {"raw": float(one), "contributions": np.asarray(own).ravel().tolist()}
                for one, own in zip(raw, told, strict=True)
            ]

    return Explained()
