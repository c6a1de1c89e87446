"""What a load's ladders are rendered by: the run's frozen model and word lists, kept in the store.

So the store answers for a run wherever the run's folder is. Read once by a process and load.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from models import definition
from models.definition import ModelDefinition
from models.ladder import tell
from models.peers import Peers
from serving.results.kept import Kept
from serving.results.unpacking import Lists
from serving.results.wordlists import Wordlists
from serving.runs.runfolder import RunFolder
from serving.store.database import frozen

LISTS = "lists.json"
FITTED = ("booster.txt", "manifest.json")
"""What scoring needs besides; a ladder is told without."""


@dataclass(frozen=True)
class Frozen:
    """A load's model, ready to tell ladders."""

    definition: ModelDefinition
    peers: Peers | None
    lists: Lists

    def ladder(self, firm: Mapping[str, Any], lang: str) -> dict[str, Any]:
        """The ladder of one of `results.rows_of`, as `models.ladder` tells it."""
        if not (packed := bytes(firm["packed"])):
            return tell({**self.lists.shared, **firm}, [], {}, self.definition, lang)
        found = self.lists.unpack(packed, lang)
        whole = {**firm, **found.firm}
        return tell(whole, found.reasons, found.groups, self.definition, lang, self.peers)

    def told(self, firm: Mapping[str, Any], lang: str) -> bytes:
        """The same as JSON."""
        return orjson.dumps(self.ladder(firm, lang))


_known: Kept[int, Frozen] = Kept(3)


def of(connection: Connection, load: int) -> Frozen:
    """The model of a load; kept from call to call."""
    return _known.get(connection, load) or _known.put(connection, load, _read(connection, load))


def written(lists: Wordlists, folder: RunFolder) -> bytes:
    """The word lists, and what all firms of the run have in common."""
    return orjson.dumps({
        "words": [*lists.words], "origins": [*lists.origins], "indicators": folder.indicators,
        "shared": folder.shared,
    })  # fmt: skip


def lists_of(content: bytes) -> Lists:
    """The word lists as they were `written`."""
    told = orjson.loads(content)
    shared = {**told["shared"], "as_of": date.fromisoformat(told["shared"]["as_of"])}
    origins = [(one[0], one[1]) for one in told["origins"]]
    return Lists(told["words"], origins, told["indicators"], shared)


@contextmanager
def model(connection: Connection, load: int) -> Iterator[Path]:
    """A load's frozen model as a folder, for the length of the block."""
    rows = connection.execute(
        sa.select(frozen.c.name, frozen.c.content).where(frozen.c.load == load)
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for row in rows:
            (folder / row.name).write_bytes(bytes(row.content))
        yield folder


def _read(connection: Connection, load: int) -> Frozen:
    with model(connection, load) as folder:
        told = definition.load(folder)
        return Frozen(told, Peers.of(folder, told), lists_of((folder / LISTS).read_bytes()))
