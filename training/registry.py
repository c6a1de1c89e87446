"""The registry: versions of a model in MLflow, who is champion, and the way back.

A version becomes `champion` only if the gate promoted it; one that it did not is `challenger`.
The champion remembers the one before it. An alias is a pointer; the verdict that it rests on is
kept with the version.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.classifier import RiskClassifier
from records.errors import NotFound, NotPossible, nearest
from training import artefacts, card, tracking
from training.gate import Verdict

BEFORE = "champion_before"


def register(classifier: RiskClassifier, report: Mapping[str, Any], verdict: Verdict) -> str:
    """Log a run, register its model and make it champion if the gate promoted it.

    A version that was not promoted is the challenger, and the champion stays who it is. Returns
    the registered version's number.
    """
    definition = classifier.definition
    name = registered_name(definition.name)
    made_from = artefacts.versions(classifier)
    with tracking.opened() as mlflow, tempfile.TemporaryDirectory() as scratch:
        if "MLFLOW_RUN_ID" not in os.environ:  # `mlflow run` has begun a run of its own
            mlflow.set_experiment(experiment_id=tracking.experiment(mlflow, definition.name))
        model, run = Path(scratch) / "model", Path(scratch) / "run"
        classifier.save(model)
        artefacts.write(run, classifier, report, verdict)
        with mlflow.start_run(run_name=classifier.version):
            mlflow.set_tags(made_from | {"promoted": str(verdict.promoted).lower()})
            mlflow.log_params(artefacts.params(classifier, report))
            mlflow.log_metrics(artefacts.metrics(report))
            mlflow.log_artifacts(str(run))
            with contextlib.redirect_stderr(io.StringIO()):  # it congratulates itself
                info = mlflow.pyfunc.log_model(
                    name="model",
                    loader_module="models.pyfunc",
                    data_path=str(model),
                    registered_model_name=name,
                    pip_requirements=["xinfen"],
                    signature=artefacts.signature(classifier),
                    input_example=artefacts.example(classifier),
                )
        version = str(info.registered_model_version)
        client = mlflow.MlflowClient()
        client.update_model_version(name, version, card.description(classifier, report))
        told = {"verdict": verdict.text, "promoted": str(verdict.promoted).lower()}
        for tag, value in (made_from | told).items():
            client.set_model_version_tag(name, version, tag, value)
        if verdict.promoted:
            _crown(client, name, version)
        else:
            client.set_registered_model_alias(name, "challenger", version)
    return version


def champion(model: str) -> RiskClassifier | None:
    """The champion, or None where a model has none yet."""
    with tracking.opened() as mlflow:
        aliases = _aliases(mlflow.MlflowClient(), registered_name(model))
    return fetch(model) if "champion" in aliases else None


def promote(model: str, version: str) -> str:
    """Make a version champion that the gate has promoted; returns its number.

    Parameters
    ----------
    version : a number, or an alias.

    Raises
    ------
    NotFound : no such version or alias. NotPossible : the gate did not promote it.
    """
    name = registered_name(model)
    with tracking.opened() as mlflow:
        client = mlflow.MlflowClient()
        number = _number(client, model, version)
        tags = client.get_model_version(name, number).tags
        if tags.get("promoted") != "true":
            raise NotPossible(
                f"version {number} of model {model!r} did not pass the gate",
                found=tags.get("verdict", "no verdict"),
                hint="mend what the verdict names and run `xinfen train` again",
            )
        if _aliases(client, name).get("champion") != number:
            _crown(client, name, number)
    return number


def rollback(model: str) -> str:
    """Make the champion before the present one champion again; returns its version.

    Raises
    ------
    NotFound : the model has no champion, or none before it that is still registered.
    """
    name = registered_name(model)
    with tracking.opened() as mlflow:
        client = mlflow.MlflowClient()
        now = _number(client, model, "champion")
        before = client.get_model_version(name, now).tags.get(BEFORE)
        if before is None:
            raise NotFound(
                f"version {now} of model {model!r} is the first champion",
                found=f"champion {now}",
                allowed="a model that had another champion before",
                hint="name another version: xinfen models promote VERSION, or --model-version",
            )
        before = _number(client, model, str(before))
        client.set_registered_model_alias(name, "champion", before)
    return before


def versions(model: str) -> list[dict[str, str]]:
    """Every registered version, newest first: number, aliases, day, content, verdict.

    Raises
    ------
    NotFound : nothing of that name is registered.
    """
    name = registered_name(model)
    with tracking.opened() as mlflow:
        client = mlflow.MlflowClient()
        found = client.search_model_versions(f"name = '{name}'")
        if not found:
            raise _unregistered(client, model, "version")
        aliases = _aliases(client, name)
    return [
        {
            "version": str(one.version),
            "aliases": ", ".join(a for a, at in aliases.items() if at == str(one.version)),
            "registered": f"{datetime.fromtimestamp(one.creation_timestamp / 1000, UTC):%Y-%m-%d}",
            "content": one.tags.get("content", ""),
            "catalogue": one.tags.get("catalogue", ""),
            "snapshot": one.tags.get("snapshot", "")[:12],
            "verdict": one.tags.get("verdict", ""),
        }
        for one in sorted(found, key=lambda one: -int(one.version))
    ]


def fetch(model: str, version: str | None = None) -> RiskClassifier:
    """A registered version of a model, by number or alias; without one, the champion.

    Raises
    ------
    NotFound : no such version or alias, or its files are gone.
    """
    name = registered_name(model)
    with tracking.opened() as mlflow:
        number = _number(mlflow.MlflowClient(), model, version or "champion")
        try:
            folder = Path(mlflow.artifacts.download_artifacts(f"models:/{name}/{number}"))
        except mlflow.exceptions.MlflowException as error:
            raise NotFound(
                f"version {number} of model {model!r} is registered, its files are gone",
                found=str(error),
                hint="run `xinfen train` again",
            ) from error
        return RiskClassifier.load(folder / "data" / "model")


def registered_name(model: str) -> str:
    """The name under which MLflow keeps a model."""
    return f"xinfen-{model}"


def _crown(client: Any, name: str, version: str) -> None:
    """Move the champion's alias, and remember from whom."""
    aliases = _aliases(client, name)
    if "champion" in aliases:
        client.set_model_version_tag(name, version, BEFORE, aliases["champion"])
    client.set_registered_model_alias(name, "champion", version)
    if aliases.get("challenger") == version:
        client.delete_registered_model_alias(name, "challenger")


def _aliases(client: Any, name: str) -> dict[str, str]:
    """Versions by alias; empty where the model was never registered."""
    found = client.search_registered_models(f"name = '{name}'")
    return {alias: str(version) for model in found for alias, version in model.aliases.items()}


def _number(client: Any, model: str, version: str) -> str:
    """The number of a version given by number or alias.

    Raises
    ------
    NotFound : which names the versions and aliases that there are.
    """
    name = registered_name(model)
    found = client.search_model_versions(f"name = '{name}'")
    known = [str(number) for number in sorted(int(one.version) for one in found)]
    aliases = _aliases(client, name)
    number = aliases.get(version, version)
    if number in known:
        return number
    if not known:
        raise _unregistered(client, model, version)
    named = "".join(f", {alias} ({number})" for alias, number in sorted(aliases.items()))
    raise NotFound(
        f"model {model!r} has no {'version ' if version.isdigit() else ''}{version}",
        allowed="versions " + ", ".join(known) + named,
        hint=nearest(version, list(aliases))
        or "name one with --model-version, or run `xinfen train`",
    )


def _unregistered(client: Any, model: str, version: str = "champion") -> NotFound:
    start = registered_name("")
    names = sorted(one.name.removeprefix(start) for one in client.search_registered_models())
    return NotFound(
        f"model {model!r} has no {'version ' if version.isdigit() else ''}{version}",
        allowed=f"no version is registered; models that are: {', '.join(names) or 'none'}",
        hint=nearest(model, names) or "run `xinfen train`",
    )
