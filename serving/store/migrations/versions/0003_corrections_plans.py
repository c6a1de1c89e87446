"""Corrections, in two tables that only grow, and plans with their visits."""

from __future__ import annotations

from alembic import op

from serving.store import accesstables
from serving.store.correctiontables import correction_events, corrections
from serving.store.plantables import plan_visits, plans

revision = "0003"
down_revision = "0002"

GUARDED = {name: accesstables.GUARDED[name] for name in ("corrections", "correction_events")}


def upgrade() -> None:
    """Make the tables, and let the database guard those that only grow."""
    connection = op.get_bind()
    for table in (corrections, correction_events, plans, plan_visits):
        table.create(connection)
    for statement in accesstables.guards(connection.dialect.name, GUARDED):
        connection.exec_driver_sql(statement)
