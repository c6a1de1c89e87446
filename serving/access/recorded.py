"""What is told at the terminal of the machine is recorded in the audit before it is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from serving.access import audit
from serving.access.caller import terminal
from serving.access.roles import Action
from serving.runs import runfolder
from serving.store import database


def record(run: Path, action: Action, entity_ids: Sequence[str], purpose: str = "") -> None:
    """Record that whoever works here is about to be told the classes of these firms of a run."""
    identity = runfolder.identity(run)
    audit.append(database.connect(), terminal(), action, entity_ids, run=identity, purpose=purpose)
