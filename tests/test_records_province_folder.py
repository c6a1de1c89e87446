"""A province is whole or absent, whenever its making is killed; the next run sweeps the remains."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from records.files import file_hash
from records.province.folder import put, unfinished

MAKE = """
import sys
from pathlib import Path
from records.province import generate
generate(Path(sys.argv[1]), enterprises=3000, months=12, seed=int(sys.argv[2]))
"""


def making(out: Path, seed: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", MAKE, str(out), str(seed)])


def kill_when(process: subprocess.Popen[bytes], place: Path, name: str) -> None:
    """Kill (kill -9) the process once a file of that name lies in its hidden folder."""
    until = time.monotonic() + 60
    while not list(place.glob(f".out-unfinished-*/whole/{name}")):
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()


def content(out: Path) -> dict[str, str]:
    files = (path for path in sorted(out.rglob("*")) if path.is_file())
    return {str(path.relative_to(out)): file_hash(path) for path in files}


@pytest.mark.parametrize("killed_at", ["truth/truth.parquet", "records/changes.parquet"])
def test_a_killed_run_leaves_the_old_province_and_the_next_sweeps(
    tmp_path: Path, killed_at: str
) -> None:
    out = tmp_path / "out"
    kill_when(making(out, 1), tmp_path, killed_at)
    assert not out.exists()
    assert len(list(tmp_path.iterdir())) == 1  # what it left behind
    assert making(out, 1).wait() == 0
    assert list(tmp_path.iterdir()) == [out]
    before = content(out)
    kill_when(making(out, 2), tmp_path, killed_at)
    assert content(out) == before
    assert making(out, 2).wait() == 0
    assert list(tmp_path.iterdir()) == [out]
    assert content(out) != before


def test_what_somebody_still_makes_is_not_swept(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (tmp_path / ".out-backup").mkdir()
    with unfinished(out) as first:
        (first / "half").write_text("a half", encoding="utf-8")
        with unfinished(out) as second:
            assert first.is_dir()
            assert second != first
        assert not second.exists()
    assert [path.name for path in tmp_path.iterdir()] == [".out-backup"]


def test_a_new_folder_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for text in ("old", "new"):
        with unfinished(out) as folder:
            (folder / "whole").mkdir()
            (folder / "whole" / "text").write_text(text, encoding="utf-8")
            put(folder / "whole", out, folder)
        assert (out / "text").read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [out]
