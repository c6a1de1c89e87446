"""The tables of access and audit, on the result store's metadata.

| table | a row is |
|---|---|
| tokens | a token: who, in which role, how far, why, until when (only its hash) |
| sessions | a browser's session, opened with a token (only its hash) |
| failures | failed sign-ins from one address or on one token, and until when it waits |
| audit | one event: who did what, why and when, on how many firms; chained to the row before |
| audit_firms | one firm of one event; the event's row holds the digest of all of them |

The database itself refuses to change or delete a row of the last two, and of corrections. Whoever
owns the database can take that guard away; the chain and the heads lodged outside are for him.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

metadata = sa.MetaData()
"""The result store's tables; the rest of them is in `database` and `correctiontables`."""

CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")
"""Text that is ordered byte by byte, on any database."""

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True, comment="SHA-256 of the token"),
    sa.Column("prefix", sa.String(16), nullable=False, comment="shown in lists"),
    sa.Column("user", sa.String, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("regions", sa.JSON(none_as_null=True), comment="null: the whole province"),
    sa.Column("fields", sa.JSON(none_as_null=True), comment="null: all fields"),
    sa.Column("purpose", sa.String, nullable=False, comment="why it was given"),
    sa.Column("issued", sa.Integer, nullable=False, comment="Unix seconds"),
    sa.Column("expires", sa.Integer, nullable=False, comment="Unix seconds"),
    sa.Column("revoked", sa.Integer, comment="Unix seconds; null: not revoked"),
    sa.Column("last_used", sa.Integer, comment="Unix seconds, within some minutes; null: never"),
    sa.UniqueConstraint("prefix", name="tokens_prefix_key"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True, comment="SHA-256 of the cookie"),
    sa.Column("token", sa.String(64), nullable=False, comment="the token it was opened with"),
    sa.Column("expires", sa.Integer, nullable=False, comment="Unix seconds"),
)

failures = sa.Table(
    "failures",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True, comment="SHA-256 of address or prefix"),
    sa.Column("count", sa.Integer, nullable=False, comment="failed sign-ins in a row"),
    sa.Column("last", sa.Float, nullable=False, comment="Unix seconds"),
    sa.Column("until", sa.Float, nullable=False, comment="no sign-in before; Unix seconds"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False, comment="1, 2, 3 …"),
    sa.Column("at", sa.String(32), nullable=False, comment="UTC, ISO 8601; never falls"),
    sa.Column("user", sa.String, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("token", sa.String(16), nullable=False, comment="prefix; empty at the terminal"),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("firms", sa.Integer, nullable=False, comment="how many firms were told"),
    sa.Column("digest", sa.String(64), nullable=False, comment="SHA-256 of their sorted codes"),
    sa.Column("about", sa.String, nullable=False, comment="what else; empty for a read"),
    sa.Column("run", sa.String(64), nullable=False, comment="empty: no run was read"),
    sa.Column("purpose", sa.String, nullable=False, comment="as given; empty if not"),
    sa.Column("previous", sa.String(64), nullable=False, comment="hash of row n − 1"),
    sa.Column("hash", sa.String(64), nullable=False),
)

audit_firms = sa.Table(
    "audit_firms",
    metadata,
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("entity_id", sa.String(64), primary_key=True),
    sa.Index("audit_by_firm", "entity_id", "n"),
    sqlite_with_rowid=False,
)

AUDITED: dict[str, tuple[str, ...]] = {"audit": ("n",), "audit_firms": ("n", "entity_id")}
GUARDED = {**AUDITED, "corrections": ("number",), "correction_events": ("number", "n")}
"""Tables that only grow, and their keys."""

_REFUSE_PG = """
CREATE OR REPLACE FUNCTION xinfen_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' only grows'; END $$
"""


def guards(dialect: str, tables: Mapping[str, tuple[str, ...]] = GUARDED) -> list[str]:
    """The statements that make tables of `GUARDED` refuse changes; for migrations too."""
    made = [_REFUSE_PG] if dialect == "postgresql" else []
    for table, key in tables.items():
        if dialect == "postgresql":
            made.append(
                f"CREATE OR REPLACE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE OR TRUNCATE "
                f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION xinfen_only_added()"
            )
        elif dialect == "sqlite":
            refused = f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
            again = " AND ".join(f"{column} = NEW.{column}" for column in key)
            same = f"EXISTS (SELECT 1 FROM {table} WHERE {again})"  # noqa: S608
            begin = f"CREATE TRIGGER IF NOT EXISTS {table}_no"
            made += [
                f"{begin}_update BEFORE UPDATE ON {table} {refused}",
                f"{begin}_delete BEFORE DELETE ON {table} {refused}",
                # INSERT OR REPLACE deletes without the trigger above.
                f"{begin}_replace BEFORE INSERT ON {table} WHEN {same} {refused}",
            ]
    return made


def missing_guards(connection: sa.Connection) -> list[str]:
    """The `GUARDED` tables that somebody took the guards away from."""
    if connection.dialect.name == "sqlite":
        kept = "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'"
        whole = 3
    else:
        kept = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgenabled <> 'D'"
        whole = 1
    names = list(connection.scalars(sa.text(kept)))
    return [table for table in GUARDED if names.count(table) < whole]


def _guard(_: sa.MetaData, connection: sa.Connection, **told: Any) -> None:
    """Tables that were just made get their guards."""
    if {table.name for table in told["tables"]} & set(GUARDED):
        for statement in guards(connection.dialect.name):
            connection.exec_driver_sql(statement)


event.listen(metadata, "after_create", _guard)
