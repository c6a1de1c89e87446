"""Run folders are signed at rest: a file that was changed, added or taken away is found and named.

Where XINFEN_RUN_KEY_FILE names the bureau's key, `xinfen score` puts `signature.json` into the run:
the SHA-256 of every file of the folder, and over them all an HMAC-SHA256 by the key. Whoever reads
a run's classes checks it first. With the key, a run without a signature, or with one by another
key, is refused; without it the files are still held against what was signed.

The key is one secret of the bureau, for those who score and those who publish. Who has it can sign;
so it stands outside of the folders that it guards. A run's id does not depend on its signature.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from records.errors import BadInput, NotPossible
from records.files import canonical, file_hash, write_json

KEY_FILE = "XINFEN_RUN_KEY_FILE"
FILE = "signature.json"
SHORTEST = 32
_SCHEMA = 1
_NAMED = b"xinfen run key"
_HINT = "take the run from where it was scored, or score it again; publish none that was changed"


def key() -> bytes | None:
    """The bureau's key; None: none is named.

    Raises
    ------
    NotPossible : the file is not there, or holds too little.
    """
    named = os.environ.get(KEY_FILE)
    if not named:
        return None
    if not Path(named).is_file():
        raise NotPossible(f"no file {named}", hint=f"correct {KEY_FILE}")
    secret = Path(named).read_bytes().strip()
    if len(secret) < SHORTEST:
        raise NotPossible(
            f"the key in {named} is too short", found=f"{len(secret)} bytes",
            allowed=f"{SHORTEST} or more", hint="`openssl rand -hex 32` makes one",
        )  # fmt: skip
    return secret


def sign(run: Path, secret: bytes) -> Path:
    """Sign a run folder as it is, and return the signature's path."""
    told = {"schema": _SCHEMA, "key": key_id(secret), "files": _files(run)}
    path = run / FILE
    write_json(path, {**told, "hmac": _seal(told, secret)})
    return path


def key_id(secret: bytes) -> str:
    """By what a key is known without being told."""
    return _hmac(secret, _NAMED)[:16]


def check(run: Path) -> None:
    """That a run is as it was signed; each state of a folder is looked through once.

    Raises
    ------
    BadInput : a file was changed, added or taken away, or the signature was; it is named. With a
        key: the run is not signed, or by another key.
    NotPossible : the key cannot be read.
    """
    if not run.is_dir():
        return  # whoever reads it says so
    state = tuple(
        (str(path), told.st_size, told.st_mtime_ns, told.st_ino)
        for path in _paths(run) for told in [path.stat()]
    )  # fmt: skip
    _check(run.resolve(), key(), state)


@lru_cache(maxsize=64)
def _check(run: Path, secret: bytes | None, _state: Any) -> None:
    path = run / FILE
    if not path.is_file():
        if secret is not None:
            raise BadInput(
                f"{run}: the run is not signed", found=f"no {FILE}",
                hint=f"sign it with `xinfen sign-run` if it is yours, or unset {KEY_FILE}",
            )  # fmt: skip
        return
    told = _read(path)
    if secret is not None:
        _hold(path, told, secret)
    found, signed = _files(run), told["files"]
    for name in sorted(found.keys() | signed.keys()):
        if found.get(name) == signed.get(name):
            continue
        what = "was taken away" if name not in found else "was changed"
        raise BadInput(
            f"{run / name}: {what if name in signed else 'was added'} after the run was signed",
            found=found.get(name, "no file"), allowed=signed.get(name, "no such file"), hint=_HINT,
        )  # fmt: skip


def _hold(path: Path, told: dict[str, Any], secret: bytes) -> None:
    """That the signature is by this key, and whole."""
    if told["key"] != key_id(secret):
        raise BadInput(
            f"{path}: signed with another key", found=str(told["key"]), allowed=key_id(secret),
            hint=f"name the key it was signed with in {KEY_FILE}, or score the run again",
        )  # fmt: skip
    body = {name: told[name] for name in ("schema", "key", "files")}
    if not hmac.compare_digest(_seal(body, secret), told["hmac"]):
        raise BadInput(f"{path}: the signature was changed", hint=_HINT)


def _read(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
        fits = (
            told["schema"] == _SCHEMA
            and isinstance(told["key"], str)
            and isinstance(told["hmac"], str)
            and all(isinstance(one, str) for pair in told["files"].items() for one in pair)
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        fits = False
    if not fits:
        raise BadInput(f"{path}: not a run's signature", hint=_HINT)
    return dict(told)


def _files(run: Path) -> dict[str, str]:
    """The SHA-256 of every file but the signature, by its path in the folder."""
    return {path.relative_to(run).as_posix(): file_hash(path)
            for path in _paths(run) if path != run / FILE}  # fmt: skip


def _paths(run: Path) -> list[Path]:
    return sorted(path for path in run.rglob("*") if path.is_file())


def _seal(told: dict[str, Any], secret: bytes) -> str:
    return _hmac(secret, canonical(told))


def _hmac(secret: bytes, what: bytes) -> str:
    return hmac.new(secret, what, hashlib.sha256).hexdigest()
