"""Plans and their visits, filled from plan folders."""

from __future__ import annotations

from alembic import op

from serving.store.plantables import plan_visits, plans

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make both tables."""
    for table in (plans, plan_visits):
        table.create(op.get_bind())
