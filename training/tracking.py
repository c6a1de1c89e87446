"""MLflow, reached: without telemetry and chatter, in the embedded store unless another is named."""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator
from typing import Any

from records.places import embedded_uri, home, tracking_uri

TRACKING = "MLFLOW_TRACKING_URI"


@contextlib.contextmanager
def opened() -> Iterator[Any]:
    """MLflow, for the length of the block."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["DO_NOT_TRACK"] = "true"
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    home().mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow
        import mlflow.pyfunc

        for chatty in ("mlflow", "alembic"):
            logging.getLogger(chatty).setLevel(logging.ERROR)
        given = os.environ.get(TRACKING)
        mlflow.set_tracking_uri(tracking_uri())  # which also writes the variable
        try:
            yield mlflow
        finally:
            if given is None:
                os.environ.pop(TRACKING, None)


def experiment(mlflow: Any, model: str) -> str:
    """The id of a model's experiment, made if it is not there."""
    found = mlflow.get_experiment_by_name(model)
    if found is not None:
        return str(found.experiment_id)
    # Only our own embedded store needs to be told where artefacts go.
    place = (home() / "artifacts").as_uri() if tracking_uri() == embedded_uri() else None
    return str(mlflow.create_experiment(model, artifact_location=place))
