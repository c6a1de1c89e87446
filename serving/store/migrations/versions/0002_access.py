"""Tokens with scope, purpose and end by hand; an audit of whole events that only grows.

Tokens and sessions stay. An audit of before, a row a firm, stays as it is under another name: its
hashes cover other fields. The new chain is begun by a row that holds the old one's head.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.access import chain
from serving.access.caller import Caller
from serving.access.chain import Event
from serving.access.scope import WHOLE
from serving.store import accesstables

revision = "0002"
down_revision = "0001"

OLD = "audit_before_0002"


def upgrade() -> None:
    """Add what is new; move the audit of before aside and begin a chain that names its head."""
    connection = op.get_bind()
    last = sa.text("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1")
    before = connection.execute(last).first()
    op.drop_index("ix_audit_entity_id", "audit")
    op.rename_table("audit", OLD)
    if connection.dialect.name == "postgresql":
        op.execute(f"ALTER INDEX audit_pkey RENAME TO {OLD}_pkey")
    _tokens()
    made = [accesstables.failures, accesstables.audit, accesstables.audit_firms]
    for table in made:
        table.create(connection)
    for statement in accesstables.guards(connection.dialect.name, accesstables.AUDITED):
        connection.exec_driver_sql(statement)
    if before is None:
        op.drop_table(OLD)
        return
    by = Caller("migration", "administrator", WHOLE)
    about = f"after {before.n} rows of {OLD}, the last {before.hash}"
    chain.record(connection, [Event.of(by, "audit.begin", about=about)])


def _tokens() -> None:
    with op.batch_alter_table("tokens") as table:
        table.add_column(sa.Column("prefix", sa.String(16), nullable=True))
        table.add_column(sa.Column("regions", sa.JSON))
        table.add_column(sa.Column("fields", sa.JSON))
        table.add_column(sa.Column("purpose", sa.String, nullable=False, server_default=""))
        table.add_column(sa.Column("issued", sa.Integer, nullable=False, server_default="0"))
        table.add_column(sa.Column("revoked", sa.Integer))
        table.add_column(sa.Column("last_used", sa.Integer))
    # A token of before has no eight letters of its own; the list shows its hash instead.
    op.execute("UPDATE tokens SET prefix = 'xf_' || substr(hash, 1, 8)")
    with op.batch_alter_table("tokens") as table:
        table.alter_column("prefix", existing_type=sa.String(16), nullable=False)
        table.alter_column("purpose", existing_type=sa.String, server_default=None)
        table.alter_column("issued", existing_type=sa.Integer, server_default=None)
        table.create_unique_constraint("tokens_prefix_key", ["prefix"])
