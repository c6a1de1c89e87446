"""The store's version, and how it is brought to this program's: only when somebody asks.

Revisions stand in `migrations/versions`. The tables of loads are not theirs: a load is
never changed, it is published again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

from records.errors import NotPossible
from serving.store.database import HEAD, reading, version, writing

FOLDER = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class State:
    """The store's revision (null: none) and the program's."""

    found: str | None
    head: str

    @property
    def holds(self) -> bool:
        return self.found == self.head


def state(engine: Engine) -> State:
    """How the store stands to this program."""
    with reading(engine) as connection:
        return State(version(connection), HEAD)


def upgrade(engine: Engine) -> list[str]:
    """Bring the store to this program's version, whole or not at all.

    Returns
    -------
    the revisions that were run, the oldest first; none where it was there already.

    Raises
    ------
    NotPossible : the store is newer than this program.
    """
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    known = {one.revision: one for one in ScriptDirectory.from_config(config).walk_revisions()}
    found = state(engine).found
    if found is not None and found not in known:
        raise NotPossible(
            "the result store is of another program's version", found=found,
            allowed=", ".join(sorted(known)), hint="use the program that made it, or a newer one",
        )  # fmt: skip
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    order = sorted(known)
    return order if found is None else order[order.index(found) + 1 :]
