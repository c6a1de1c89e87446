"""Corrections, asked and decided, in two tables that only grow."""

from __future__ import annotations

from alembic import op

from serving.store import accesstables
from serving.store.correctiontables import correction_events, corrections

revision = "0003"
down_revision = "0002"

GUARDED = {name: accesstables.GUARDED[name] for name in ("corrections", "correction_events")}


def upgrade() -> None:
    """Make both tables and let the database guard them."""
    connection = op.get_bind()
    for table in (corrections, correction_events):
        table.create(connection)
    for statement in accesstables.guards(connection.dialect.name, GUARDED):
        connection.exec_driver_sql(statement)
