"""The result store as it first stood under migrations.

A store made before there were any keeps its tokens, sessions and audit; its runs are published
again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make what is missing; drop what only a publication can fill."""
    there = sa.inspect(op.get_bind()).get_table_names()
    for old in ("firms", "loads", "current"):
        if old in there:
            op.drop_table(old)
    for name, make in (("tokens", _tokens), ("sessions", _sessions), ("audit", _audit)):
        if name not in there:
            make()
    _loads()
    _kept_by_load()


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("user", sa.String, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("expires", sa.Integer, nullable=False),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("expires", sa.Integer, nullable=False),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("user", sa.String, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("entity_id", sa.String(64), nullable=False, index=True),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )


def _loads() -> None:
    op.create_table(
        "loads",
        sa.Column("load", sa.Integer, primary_key=True),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("held", sa.Boolean, nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("published", sa.String(32)),
        sa.Column("about", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "current",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("load", sa.Integer, nullable=False),
        sa.CheckConstraint("one = 1", name="only_one"),
    )


def _kept_by_load() -> None:
    op.create_table(
        "frozen",
        sa.Column("load", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "tallies",
        sa.Column("load", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("value", _CODE, primary_key=True),
        sa.Column("risk_class", sa.String(1), primary_key=True),
        sa.Column("firms", sa.Integer, nullable=False),
    )
    op.create_table(
        "history",
        sa.Column("load", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entity_id", _CODE, primary_key=True),
        sa.Column("risk_class", sa.String(1)),
        sa.Column("model_class", sa.String(1)),
        sa.Column("public_grade", sa.String(1)),
        sa.Column("probability", sa.Float),
        sa.Column("previous_class", sa.String(1)),
        sa.Column("cause", sa.String(16)),
        sa.Column("rule", sa.String),
        sa.Column("indicators", sa.LargeBinary),
        sqlite_with_rowid=False,
    )
