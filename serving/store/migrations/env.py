"""How Alembic reaches the store: by the connection and transaction of `serving.store.upgrades`."""

from __future__ import annotations

from alembic import context

from serving.results.shelves import PREFIXES
from serving.store.accesstables import metadata


def ours(name: str | None, kind: str, _: object) -> bool:
    """Whether migrations look after a table; those of loads come and go by publishing."""
    return kind != "table" or not (name or "").startswith(PREFIXES)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=ours,
    render_as_batch=True,  # SQLite alters a table by making it anew
)
context.run_migrations()
