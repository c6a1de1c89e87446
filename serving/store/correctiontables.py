"""The tables of corrections (异议), on the result store's metadata; they only grow.

| table | a row is |
|---|---|
| corrections | what an official asked: which record or class of which firm, why, on what evidence |
| correction_events | what became of it: withdrawn, granted, refused, carried out, ended; by whom |

How a correction stands is not kept: it follows from its last event and the day.
"""

from __future__ import annotations

import sqlalchemy as sa

from serving.store.accesstables import CODE, metadata

corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False, comment="record_wrong, not_this_firm, class"),
    sa.Column("entity_id", CODE, nullable=False),
    sa.Column("division", CODE, comment="of the firm when it was asked; null: not known"),
    sa.Column("run", sa.String(64), nullable=False, comment="the run that was served then"),
    sa.Column("found_class", sa.String(1), comment="the class it told; null: not classified"),
    sa.Column("record_table", sa.String(32), comment="of the record; null: of a class"),
    sa.Column("source", sa.String),
    sa.Column("source_id", sa.String),
    sa.Column("event_time", sa.String(10)),
    sa.Column("indicator", sa.String(16), comment="the reason it was asked at; null: a step"),
    sa.Column("changes", sa.JSON(none_as_null=True), comment="column → right value; null: struck"),
    sa.Column("risk_class", sa.String(1), comment="the class asked for; null: of a record"),
    sa.Column("until", sa.String(10), comment="last civil day asked for; null: of a record"),
    sa.Column("follows", sa.Integer, comment="the record's correction that came first"),
    sa.Column("grounds", sa.String, nullable=False, comment="why"),
    sa.Column("evidence", sa.String, nullable=False, comment="what the document says"),
    sa.Column("document", sa.String, nullable=False, comment="its reference"),
    sa.Column("file_hash", sa.String(64), nullable=False, comment="SHA-256; empty: none given"),
    sa.Column("asked_at", sa.String(32), nullable=False, comment="UTC, ISO 8601"),
    sa.Column("asked_on", sa.String(10), nullable=False, comment="civil day"),
    sa.Column("asked_by", sa.String, nullable=False),
    sa.Column("asked_role", sa.String(16), nullable=False),
    sa.Column("answer_by", sa.String(10), nullable=False, comment="last civil day to decide"),
    sa.Index("corrections_by_firm", "entity_id", "number"),
    sqlite_autoincrement=True,  # a number is never used twice
)

correction_events = sa.Table(
    "correction_events",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False, comment="1, 2, 3 …"),
    sa.Column("what", sa.String(16), nullable=False),
    sa.Column("at", sa.String(32), nullable=False, comment="UTC, ISO 8601"),
    sa.Column("day", sa.String(10), nullable=False, comment="civil day"),
    sa.Column("user", sa.String, nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("until", sa.String(10), comment="of a class: its last day from now on; null: none"),
)
