from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import xinfen
from records import care
from tests.a_store import opaque, put, rows


@pytest.mark.parametrize(
    ("group", "command"),
    [
        (app.info.name, command.name)
        for app in (care.quarantine, care.store, care.mapping)
        for command in app.registered_commands
    ],
)
def test_every_command_shows_an_example(group: str, command: str) -> None:
    told = CliRunner().invoke(xinfen.app, [group, command, "--help"])
    assert told.exit_code == 0
    assert f"Example: xinfen {group} {command}" in " ".join(told.output.split())


def test_a_store_is_looked_after_from_the_front_door(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    columns = "source_id entity_id event_time known_time authority_field"
    put(store, "penalties", rows(columns, "1 F2 2024-01-01 2024-01-05 tax"), "a")
    put(store, "penalties", rows(columns, "2 F1 2024-01-01 2024-02-05 tax"), "b")

    def run(*arguments: str) -> str:
        told = CliRunner().invoke(xinfen.app, ["store", *arguments])
        assert told.exit_code == 0, told.output
        return told.output

    path = str(store.path)
    assert json.loads(run("compact", path, "--keep-days", "0", "--json")) == {
        "penalties": {"rows": 2, "files_before": 2, "files": 1, "freed": 2}
    }
    assert json.loads(run("status", path, "--json"))["penalties"]["last_known"] == "2024-02-05"
    shown = run("status", path).split()
    assert shown[shown.index("penalties") : shown.index("penalties") + 5] == [
        "penalties",
        "2",
        "2024-01-05",
        "2024-02-05",
        "1",
    ]
    commits = json.loads(run("history", path, "penalties", "--json"))["history"]
    assert [one["what"] for one in commits] == ["batch", "batch", "compact"]
    assert "compact" in run("history", path, "penalties")
    assert "nothing to add" in run("migrate", path)
    assert json.loads(run("migrate", path, "penalties", "--json")) == {"penalties": []}
