"""docs/settings.md: every setting and every variable, between words of ours; and how to back up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from serving.access.servicesettings import PREFIX, Settings

_WORDS = Path(__file__).with_name("settings.md")
_BACKUP = Path(__file__).with_name("backup.md")

VARIABLES = {
    "XINFEN_HOME": "everything that runs leave behind; `./var` by default",
    "XINFEN_RESULTS": "URL of the result store; by default SQLite in `XINFEN_HOME`",
    "XINFEN_SETTINGS": "the service's settings file",
    f"{PREFIX}…": "one of the service's settings, see above",
    "XINFEN_OIDC_SECRET": "the sign-on's secret, before `oidc.client_secret_file`",
    "XINFEN_RUN_KEY_FILE": "file with the key of run folders; set: unsigned ones are refused",
    "XINFEN_PERSON_KEY_FILE": "file with the key of persons' hashes",
    "XINFEN_PERSON_KEY": "the key itself, where there is no file",
    "XINFEN_LODGE": "folder outside for a copy of a plan's commitment (`xinfen commit`)",
    "XINFEN_FROM": "`--from` of commands that read a bureau's files",
    "MLFLOW_TRACKING_URI": "MLflow's store; by default SQLite in `XINFEN_HOME`",
    "MLFLOW_RUN_ID": "set by `mlflow run`, whose run training then goes on with",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "set to false unless it is given",
    "MLFLOW_DISABLE_TELEMETRY": "set to true: nothing reports to anybody",
    "DO_NOT_TRACK": "set to true, likewise",
    "JAVA_HOME": "the Java of the extra `spark`",
    "PYSPARK_GATEWAY_PORT": "set by `spark-submit`, whose session is then used",
    "PYSPARK_PYTHON": "Python of Spark's workers; this one unless it is given",
    "PROMETHEUS_MULTIPROC_DIR": "where workers count together; set by `xinfen serve`",
    "PATH": "where programs of others are found",
    "COLUMNS": "width of tables where output is no terminal",
    "XINFEN_REAL": "folder of real inputs, for the benchmarks `real` and `chicago`",
    "XINFEN_BENCH_SHELF": "set by the benchmark `load` for its peer",
}
"""Every variable that is read or set, and what for; a test looks through the code for others."""


def text(note: str) -> str:
    """The page; `note` says that it is generated."""
    told = _WORDS.read_text("utf-8").replace("<!-- settings -->", _settings())
    told = told.replace("<!-- variables -->", _variables())
    return note + told.replace("<!-- store -->", _BACKUP.read_text("utf-8").strip())


def _settings() -> str:
    rows = ["| setting | default | what |", "|---|---|---|"]
    rows += [f"| `{name}` | {default} | {what} |" for name, default, what in fields_of(Settings)]
    return "\n".join(rows)


def _variables() -> str:
    rows = ["| variable | what |", "|---|---|"]
    return "\n".join(rows + [f"| `{name}` | {what} |" for name, what in VARIABLES.items()])


def fields_of(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, str, str]]:
    """(name, default, what) of every setting, those inside of others by dotted names."""
    for name, field in model.model_fields.items():
        inner = _inner(field.annotation)
        if inner is not None and name != "address_rate":
            yield from fields_of(inner, f"{before}{name}.")
            continue
        yield (
            before + name,
            _default(field.get_default(call_default_factory=True)),
            (field.description or ""),
        )


def _inner(annotation: Any) -> type[BaseModel] | None:
    """The settings inside of a setting."""
    told = [kind for kind in get_args(annotation) or (annotation,) if kind is not type(None)]
    alone = told[0] if len(told) == 1 else None
    return alone if isinstance(alone, type) and issubclass(alone, BaseModel) else None


def _default(value: Any) -> str:
    if isinstance(value, BaseModel):
        return ", ".join(f"{name} {told:,g}" for name, told in value.model_dump().items())
    if value is None or value == "" or value == {}:
        return "–"
    return (
        "required"
        if "Undefined" in repr(value)
        else f"`{str(value).lower() if isinstance(value, bool) else value}`"
    )
