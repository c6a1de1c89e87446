"""A province as known on its day to score: views of its newest records in DuckDB."""

# ruff: noqa: S608 - queries of our own words
from __future__ import annotations

from pathlib import Path

import duckdb

from records.schema import TABLES

DAYS = {"as_of": "2026-07-01", "y1": "2025-07-01", "y3": "2023-07-01", "m3": "2026-04-01",
        "m1": "2026-06-01"}  # fmt: skip
RELATIONS = """
create view last_report as select * from annual_reports
    qualify row_number() over (partition by entity_id order by year desc) = 1;
create view report_before as select * from annual_reports
    qualify row_number() over (partition by entity_id order by year desc) = 2;
create table ties as
    select entity_id as firm, person_id as tie from persons
        where role in ('legal_rep', 'shareholder', 'officer') and left_on is null
    union select investor_id, person_id from persons where investor_id is not null
    union select entity_id, coalesce(parent_id, entity_id) from enterprises;
create table tied as select distinct x.firm as a, y.firm as b from ties x join ties y using (tie)
    where x.firm <> y.firm;
create view truth as select entity_id, true_probability as p from read_parquet('{truth}')
    where month = date '2026-07-01';
"""


def known(province: Path) -> duckdb.DuckDBPyConnection:
    """A connection with a view for each table, `tied` and `truth`; the days are macros."""
    db = duckdb.connect()
    for name, day in DAYS.items():
        db.execute(f"create macro {name}() as date '{day}'")
    for table in TABLES:
        db.execute(
            f"""create table {table} as
            select * from read_parquet('{province}/records/{table}.parquet')
            where known_time < as_of()
            qualify row_number() over (partition by source_id order by known_time desc) = 1"""
        )
        db.execute(f"delete from {table} where valid_to < as_of()")
    db.execute(RELATIONS.format(truth=province / "truth" / "truth.parquet"))
    return db
