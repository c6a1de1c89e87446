"""The tables of plans and their visits, on the result store's metadata; filled by publishing one.

| table | a row is |
|---|---|
| plans | a committed plan: its number and commitment, how it stands, the recorded verdict |
| plan_visits | a visit of a drawn plan: whom, what, by whom, and what became of it |

The plan's folder is what counts; these rows are made anew of it. Nothing of them tells whom a plan
may draw before it is drawn, nor the class of a firm whose blind results are not all in.
"""

from __future__ import annotations

import sqlalchemy as sa

from serving.store.accesstables import CODE, metadata

plans = sa.Table(
    "plans",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("commitment", sa.String(64), nullable=False),
    sa.Column("folder", sa.String, nullable=False, comment="where the plan is, on this machine"),
    sa.Column("task", sa.String, nullable=False),
    sa.Column("first_day", sa.String(10), nullable=False, comment="of the period, civil day"),
    sa.Column("last_day", sa.String(10), nullable=False),
    sa.Column("released", sa.String(10), nullable=False, comment="first day that tasks are told"),
    sa.Column("class_run_on", sa.String(10), nullable=False, comment="as_of of the class run"),
    sa.Column("state", sa.String(16), nullable=False, comment="committed, drawn, aborted"),
    sa.Column("public_value", sa.String, comment="null: not drawn, or without one"),
    sa.Column("verdict", sa.String(64), comment="of verify; null: not drawn"),
    sa.Column("verified", sa.String(32), comment="when, UTC, ISO 8601"),
    sa.Column("about", sa.JSON, nullable=False, comment="register, counts, chances by group"),
)

plan_visits = sa.Table(
    "plan_visits",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("visit", CODE, primary_key=True),
    sa.Column("entity_id", CODE, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("division", CODE),
    sa.Column("address", sa.String),
    sa.Column("bureau", sa.String, nullable=False),
    sa.Column("drawn_as", sa.String(16), nullable=False, comment="plan, top_up, blind"),
    sa.Column("hidden", sa.Boolean, nullable=False, comment="blind, and results not all in"),
    sa.Column("items", sa.JSON, nullable=False, comment="id → {zh, en}"),
    sa.Column("method", sa.String(32), nullable=False),
    sa.Column("inspector_1", CODE, nullable=False),
    sa.Column("inspector_2", CODE, nullable=False),
    sa.Column("risk_class", sa.String(1), comment="of the plan's run; null: hidden, or none"),
    sa.Column("state", sa.String(16), nullable=False, comment="of its results; missing: none yet"),
    sa.Column("items_missing", sa.String, comment="items without a result, with ;"),
    sa.Column("enter_by", sa.String(10), comment="last day to enter results; null: not judged"),
    sa.Index("plan_visits_by_firm", "entity_id", "number"),
    sqlite_with_rowid=False,
)
