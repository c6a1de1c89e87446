"""The audit as tests read it: a line for each firm that was told, in order."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from serving.store.accesstables import audit, audit_firms
from serving.store.database import reading


def looks(engine: Engine, since: int = 0) -> list[tuple[str, str, str, str]]:
    """(user, action, entity_id, purpose) past a row."""
    wanted = (
        sa.select(audit.c.user, audit.c.action, audit_firms.c.entity_id, audit.c.purpose)
        .join_from(audit, audit_firms, audit_firms.c.n == audit.c.n)
        .where(audit.c.n > since)
        .order_by(audit.c.n, audit_firms.c.entity_id)
    )
    with reading(engine) as connection:
        found = connection.execute(wanted)
        return [(row.user, row.action, row.entity_id, row.purpose) for row in found]
