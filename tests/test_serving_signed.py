"""Run folders signed at rest: whatever was touched is refused by whoever reads it, and named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

import xinfen
from records.errors import BadInput, NotPossible
from serving.results import publishing
from serving.runs import headlines, lookup, runcolumns, runfolder, signed
from serving.store.database import connect
from tests import a_run

READERS: dict[str, Callable[[Path], object]] = {
    "publish": runfolder.opened,
    "explain": lambda run: lookup.ladder_of(run, a_run.C, "zh"),
    "lists": headlines.classes,
    "plans": lambda run: runcolumns.classes(run, ["entity_id"]),
    "moves": runfolder.check_parts,
}


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    path = tmp_path / "key"
    path.write_text("5f0c9e1b" * 8 + "\n", "utf-8")
    monkeypatch.setenv(signed.KEY_FILE, str(path))
    return signed.key() or b""


@pytest.fixture
def run(tmp_path: Path, secret: bytes) -> Path:
    folder = a_run.write(tmp_path / "run")
    signed.sign(folder, secret)
    return folder


def test_a_run_as_it_was_signed_is_read_by_all(run: Path) -> None:
    for read in READERS.values():
        read(run)


def test_its_id_does_not_depend_on_the_signature(run: Path) -> None:
    before = runfolder.identity(run)
    (run / signed.FILE).unlink()
    assert runfolder.identity(run) == before


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("with_key", [True, False])
def test_a_changed_file_is_refused_and_named(
    run: Path, reader: str, with_key: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not with_key:
        monkeypatch.delenv(signed.KEY_FILE)
    content = (run / "classes.parquet").read_bytes()
    (run / "classes.parquet").write_bytes(content.replace(b"C", b"D", 1))
    with pytest.raises(BadInput, match=r"classes\.parquet: was changed after the run was signed"):
        READERS[reader](run)


@pytest.mark.parametrize(
    ("touch", "words"),
    [
        (lambda run: (run / "model/policy.yaml").write_text("x"), "policy.yaml: was changed"),
        (lambda run: (run / "model/more.yaml").write_text("x"), "more.yaml: was added"),
        (lambda run: (run / "moves.parquet").write_text("x"), "moves.parquet: was added"),
        (lambda run: (run / "reasons.parquet").unlink(), "reasons.parquet"),
        (lambda run: (run / signed.FILE).unlink(), "the run is not signed"),
        (lambda run: (run / signed.FILE).write_text("{}"), "not a run's signature"),
        (lambda run: (run / signed.FILE).write_text("\x00"), "not a run's signature"),
    ],
)
def test_whatever_is_touched_is_named(
    run: Path, touch: Callable[[Path], object], words: str
) -> None:
    touch(run)
    with pytest.raises(Exception, match=words):
        signed.check(run)


def test_a_signature_written_anew_without_the_key_is_refused(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "theirs")
    (tmp_path / "theirs/summary.json").write_text("{}", "utf-8")
    signed.sign(tmp_path / "theirs", b"another key of the same length..")
    with pytest.raises(BadInput, match="signed with another key"):
        signed.check(tmp_path / "theirs")
    told = json.loads((tmp_path / "theirs" / signed.FILE).read_bytes())
    own = json.loads((run / signed.FILE).read_bytes())
    (tmp_path / "theirs" / signed.FILE).write_text(json.dumps({**told, "key": own["key"]}))
    with pytest.raises(BadInput, match="the signature was changed"):
        signed.check(tmp_path / "theirs")


def test_without_a_key_an_unsigned_run_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(signed.KEY_FILE, raising=False)
    runfolder.opened(a_run.write(tmp_path / "run"))


def test_a_key_that_guards_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("short", "utf-8")
    for name, words in (("key", "too short"), ("nowhere", "no file")):
        monkeypatch.setenv(signed.KEY_FILE, str(tmp_path / name))
        with pytest.raises(NotPossible, match=words):
            signed.key()


def test_an_own_run_is_signed_by_hand_and_then_published(
    tmp_path: Path, secret: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINFEN_HOME", str(tmp_path / "home"))
    folder = a_run.write(tmp_path / "run")
    engine = connect(f"sqlite:///{tmp_path / 'results.db'}")
    with pytest.raises(BadInput, match="not signed"):
        publishing.publish(folder, engine=engine)
    done = CliRunner().invoke(xinfen.app, ["sign-run", str(folder), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["key"] == signed.key_id(secret)
    publishing.publish(folder, engine=engine)
