"""A study's file: its finished trials, one line of JSON each, so that a study can go on.

A trial that was cut off leaves no line and is run again; a line cut off in the middle of its
writing is taken away. The lines are those of Optuna's journal, which its own tools read too.
"""

from __future__ import annotations

import json
from pathlib import Path

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from records.errors import BadInput
from records.files import write_bytes

NAME = "tuning"


class Journal:
    """The finished trials of one study, kept in a file; without a path, kept nowhere.

    Raises
    ------
    BadInput : the file is there, and is no journal of a study.
    """

    def __init__(self, path: Path | None) -> None:
        self._study = None if path is None else _opened(path)

    @property
    def trials(self) -> list[optuna.trial.FrozenTrial]:
        """All that are kept, in the order of their numbers."""
        return [] if self._study is None else self._study.get_trials(deepcopy=False)

    def keep(self, trial: optuna.trial.FrozenTrial) -> None:
        """Write a finished trial; one that another process kept meanwhile is the same."""
        if self._study is not None and len(self.trials) == trial.number:
            self._study.add_trial(trial)


def _opened(path: Path) -> optuna.Study:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        _mend(path)
    try:
        storage = JournalStorage(JournalFileBackend(str(path)))
        begun = NAME in optuna.get_all_study_names(storage)
        make = optuna.load_study if begun else optuna.create_study
        return make(storage=storage, study_name=NAME)
    except (LookupError, TypeError, ValueError, AttributeError, AssertionError) as error:
        raise _broken(path, f"{type(error).__name__}: {error}") from error


def _mend(path: Path) -> None:
    """Take away a last line that was cut off; every other must be a JSON object."""
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            told = json.loads(line)
        except ValueError:  # also bytes that are no text
            told = None
        if not isinstance(told, dict):
            raise _broken(path, f"line {number}: {line[:60].decode('utf-8', 'replace')}")
    if whole != content:
        write_bytes(path, whole)


def _broken(path: Path, found: str) -> BadInput:
    return BadInput(
        f"{path}: this journal of a tuning study cannot be read",
        found=found,
        allowed="one JSON object a line, as `xinfen train --trials` writes them",
        hint="put back a copy, or delete the file: its trials are run again",
    )
