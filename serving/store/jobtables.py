"""The table of long work, on the result store's metadata."""

from __future__ import annotations

import sqlalchemy as sa

from serving.store.accesstables import metadata

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False, comment="waiting, running, done, failed"),
    sa.Column("user", sa.String, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("token", sa.String(16), nullable=False, comment="prefix of the token that asked"),
    sa.Column("scope", sa.JSON, nullable=False, comment="regions and fields of that token"),
    sa.Column("purpose", sa.String, nullable=False),
    sa.Column("asked", sa.JSON, nullable=False, comment="options, by kind"),
    sa.Column("given", sa.LargeBinary, nullable=False, comment="what it works on"),
    sa.Column("result", sa.LargeBinary, comment="whole or null; null until it is done"),
    sa.Column("problem", sa.JSON, comment="of a failed one: the body of an error"),
    sa.Column("run", sa.String(64), nullable=False, comment="answered from; empty: not yet"),
    sa.Column("total", sa.Integer, nullable=False, comment="steps; 0: not known yet"),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, comment="how often it was begun"),
    sa.Column("worker", sa.String(64), nullable=False, comment="who works on it; empty: nobody"),
    sa.Column("beat", sa.Float, nullable=False, comment="that worker's last sign; Unix seconds"),
    sa.Column("made", sa.Integer, nullable=False, comment="Unix seconds"),
    sa.Column("expires", sa.Integer, nullable=False, comment="Unix seconds"),
    sa.Index("jobs_by_user", "user", "made"),
)
