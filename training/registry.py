"""The registry: runs, versions and the champion in MLflow, artefacts as plain files."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from models.classifier import RiskClassifier
from records.errors import NotFound
from records.files import write_bytes, write_json
from records.places import embedded_uri, home, tracking_uri
from training.gate import Verdict
from training.report import page

TRACKING = "MLFLOW_TRACKING_URI"


def register(classifier: RiskClassifier, report: Mapping[str, Any], verdict: Verdict) -> str:
    """Log a run, register its model and make it champion if the gate promoted it.

    A version that was not promoted is the challenger, and the champion stays who it is. Returns
    the registered version's number.
    """
    definition = classifier.definition
    name = registered_name(definition.name)
    with _mlflow() as mlflow, tempfile.TemporaryDirectory() as scratch:
        if "MLFLOW_RUN_ID" not in os.environ:  # `mlflow run` has begun a run of its own
            mlflow.set_experiment(experiment_id=_experiment(mlflow, definition.name))
        folder = Path(scratch) / "model"
        classifier.save(folder)
        write_json(Path(scratch) / "report.json", report)
        write_bytes(Path(scratch) / "report.html", page(classifier, report).encode())
        with mlflow.start_run(run_name=classifier.version):
            mlflow.log_params(definition.fit.model_dump() | {"snapshot": classifier.snapshot})
            mlflow.log_metrics(dict(report["metrics"]))
            mlflow.log_metrics({f"labels_{way}": n for way, n in report["labels"].items()})
            for artefact in ("report.json", "report.html"):
                mlflow.log_artifact(str(Path(scratch) / artefact))
            with contextlib.redirect_stderr(io.StringIO()):  # it congratulates itself
                info = mlflow.pyfunc.log_model(
                    name="model",
                    loader_module="models.pyfunc",
                    data_path=str(folder),
                    registered_model_name=name,
                    pip_requirements=["xinfen"],
                )
        version = str(info.registered_model_version)
        client = mlflow.MlflowClient()
        client.set_model_version_tag(name, version, "content", classifier.version)
        client.set_model_version_tag(name, version, "verdict", verdict.text[:400])
        client.set_model_version_tag(name, version, "promoted", str(verdict.promoted).lower())
        if verdict.promoted:
            _crown(client, name, version)
        else:
            client.set_registered_model_alias(name, "challenger", version)
    return version


def champion(model: str) -> RiskClassifier | None:
    """The champion, or None where a model has none yet."""
    with _mlflow() as mlflow:
        aliases = _aliases(mlflow.MlflowClient(), registered_name(model))
    return fetch(model) if "champion" in aliases else None


def rollback(model: str) -> str:
    """Make the champion before the present one champion again; returns its version.

    Raises
    ------
    NotFound : the model has no champion, or none before it.
    """
    name = registered_name(model)
    with _mlflow() as mlflow:
        client = mlflow.MlflowClient()
        now = _aliases(client, name).get("champion")
        if now is None:
            raise NotFound(f"model {model!r} has no champion", hint="run `xinfen train`")
        before = client.get_model_version(name, now).tags.get("champion_before")
        if before is None:
            raise NotFound(
                f"version {now} of model {model!r} is the first champion",
                found=f"champion {now}",
                allowed="a model that had another champion before",
                hint="score with --model-version to use another version",
            )
        client.set_registered_model_alias(name, "champion", before)
    return str(before)


def _crown(client: Any, name: str, version: str) -> None:
    """Move the champion's alias, and remember from whom."""
    aliases = _aliases(client, name)
    if "champion" in aliases:
        client.set_model_version_tag(name, version, "champion_before", aliases["champion"])
    client.set_registered_model_alias(name, "champion", version)


def _aliases(client: Any, name: str) -> dict[str, str]:
    """Versions by alias; empty where the model was never registered."""
    found = client.search_registered_models(f"name = '{name}'")
    return {alias: str(version) for model in found for alias, version in model.aliases.items()}


def fetch(model: str, version: str | None = None) -> RiskClassifier:
    """A registered version of a model; without one, the champion.

    Raises
    ------
    NotFound : no such version, or the model has no champion yet.
    """
    name = registered_name(model)
    with _mlflow() as mlflow:
        which = f"models:/{name}/{version}" if version else f"models:/{name}@champion"
        try:
            folder = Path(mlflow.artifacts.download_artifacts(which))
        except mlflow.exceptions.MlflowException as error:
            known = _versions(mlflow, name)
            if version in known:
                raise NotFound(
                    f"version {version} of model {model!r} is registered, its files are gone",
                    found=str(error),
                    hint="run `xinfen train` again",
                ) from error
            raise NotFound(
                f"model {model!r} has no version {version}"
                if version
                else f"model {model!r} has no champion",
                allowed="versions " + ", ".join(known) if known else "no version is registered",
                hint="name one with --model-version, or run `xinfen train`",
            ) from error
        return RiskClassifier.load(folder / "data" / "model")


def registered_name(model: str) -> str:
    """The name under which MLflow keeps a model."""
    return f"xinfen-{model}"


def _versions(mlflow: Any, name: str) -> list[str]:
    found = mlflow.MlflowClient().search_model_versions(f"name = '{name}'")
    return [str(number) for number in sorted(int(version.version) for version in found)]


def _experiment(mlflow: Any, model: str) -> str:
    found = mlflow.get_experiment_by_name(model)
    if found is not None:
        return str(found.experiment_id)
    # Only our own embedded store needs to be told where artefacts go.
    place = (home() / "artifacts").as_uri() if tracking_uri() == embedded_uri() else None
    return str(mlflow.create_experiment(model, artifact_location=place))


@contextlib.contextmanager
def _mlflow() -> Iterator[Any]:
    """MLflow, without telemetry and without its chatter."""
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
