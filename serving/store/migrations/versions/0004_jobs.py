"""Long work is kept in the store, so that it outlives the process that took it."""

from __future__ import annotations

from alembic import op

from serving.store.jobtables import jobs

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table of jobs."""
    jobs.create(op.get_bind())
