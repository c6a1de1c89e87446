"""What one record says of another is true: codes, people, shares, days and words agree."""

# ruff: noqa: S608 - queries of our own words
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from records.province import Parameters, generate
from records.schema import TABLES
from tests.a_clean_province import clean


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """All versions of all records of a clean province, and their newest ones as `last_…`."""
    out: Path = tmp_path_factory.mktemp("whole") / "out"
    given = Parameters.model_validate(clean())
    generate(out, enterprises=8_000, months=24, seed=11, parameters=given)
    with duckdb.connect() as connection:
        for table in TABLES:
            connection.execute(
                f"create view {table} as from read_parquet('{out}/records/{table}.parquet')"
            )
            connection.execute(
                f"""create view last_{table} as from {table}
                qualify row_number() over (partition by source_id order by known_time desc) = 1"""
            )
        yield connection


AGREE = {
    "every record is of a registered firm": " union all ".join(
        f"select '{table}' as of, entity_id from {table} where entity_id is not null"
        " and entity_id not in (select entity_id from enterprises)"
        for table in TABLES
    ),
    "a repair names a record of its firm": """
        select r.source_id from repairs r left join (
          select 'penalties' as name, source_id, entity_id from penalties
          union select 'abnormal_listings', source_id, entity_id from abnormal_listings
          union select 'serious_listings', source_id, entity_id from serious_listings) x
        on x.name = repaired_table and x.source_id = repaired_source_id
        where x.entity_id is distinct from r.entity_id""",
    "a repair is of the kind of its record": """
        select source_id from repairs where kind <> case repaired_table
          when 'penalties' then 'end_of_publication'
          when 'abnormal_listings' then 'removal_from_abnormal'
          else 'removal_from_serious' end or applied_on > event_time""",
    "a revocation names a licence that is revoked": """
        select p.source_id from penalties p left join last_licences l
        on l.source_id = regexp_extract(decision, 'XK-[0-9]+') and l.entity_id = p.entity_id
        where penalty = 'revocation'
        and (l.status is null or l.status = 'valid' and p.event_time < '2026-05-01')""",
    "a revoked licence was revoked by a penalty": """
        select l.source_id from last_licences l
        where status = 'revoked' and not exists (from penalties p
          where p.entity_id = l.entity_id and penalty = 'revocation')
        and not exists (select 1 where l.known_time > '2026-05-01')""",
    "branches, owners and links name registered firms": """
        select entity_id from enterprises where parent_id is not null
          and (parent_id not in (select entity_id from enterprises) or parent_id = entity_id)
        union all select source_id from persons where investor_id is not null
          and (investor_id not in (select entity_id from enterprises) or investor_id = entity_id)
        union all select source_id from entity_links where kind <> 'old_code'
          and (linked_id not in (select entity_id from enterprises) or linked_id = entity_id)""",
    "a branch is linked to its head": """
        select e.entity_id from last_enterprises e where parent_id is not null
        and not exists (from entity_links l
          where l.entity_id = parent_id and linked_id = e.entity_id and kind = 'branch')""",
    "an old code is the old number": """
        select l.source_id from entity_links l join last_enterprises e using (entity_id)
        where l.kind = 'old_code' and linked_id is distinct from reg_no""",
    "the registered representative is the one on record": """
        select e.entity_id from last_enterprises e left join last_persons p
        on p.entity_id = e.entity_id and role = 'legal_rep' and left_on is null
        where e.status = 'live' and p.person_id is distinct from e.legal_rep
        and e.known_time < '2026-05-01'""",
    "shares of those who hold them add up": """
        select entity_id from last_persons where role = 'shareholder' and left_on is null
        and entity_id not in (select entity_id from persons where known_time > '2026-06-01')
        group by 1 having abs(sum(share) - 1) > 0.001""",
    "a shareholder has subscribed his share of the capital": """
        select p.source_id from last_persons p join last_enterprises e using (entity_id)
        where role = 'shareholder' and left_on is null and e.known_time < '2026-05-01'
        and p.known_time < '2026-05-01'
        and abs(subscribed - share * registered_capital) > 1 + 0.0001 * registered_capital
        and entity_id not in (select entity_id from changes where item = 'capital'
          and known_time > '2026-05-01')""",
    "no more is paid in than subscribed": """
        select source_id from persons where paid_in > subscribed""",
    "only shareholders hold, only officers have titles, only contacts telephones": """
        select source_id from persons where
          (role <> 'shareholder') <> (share is null) or (role <> 'officer') <> (title is null)
          or (role <> 'contact') <> (phone is null)
          or (investor_id is not null and investor_type <> 'corporate')""",
    "a change tells before and after, and they differ": """
        select source_id from changes where before is null or after is null or before = after
          or (item = 'capital') <> (amount_before is not null)
          or amount_before = amount_after""",
    "the registration follows its changes": """
        select c.source_id from changes c join last_enterprises e using (entity_id)
        where item = 'name' and c.known_time < '2026-05-01' and not exists (
          from enterprises v where v.entity_id = c.entity_id and v.name = c.after)""",
    "a mediation is of a complaint": """
        select source_id from complaints
        where kind = 'report' and outcome in ('mediated', 'mediation_failed')""",
    "what is settled has an outcome, and what is pending has not": """
        select source_id from complaints
        where (outcome = 'pending') <> (settled_on is null) or due_on < event_time""",
    "roles are of lawsuits, conduct of defaulters": """
        select source_id from court_records where (kind = 'lawsuit') <> (role is not null)
          or (kind = 'defaulter') <> (conduct is not null)
          or (kind = 'lawsuit') = (performance is not null) or filed_on > event_time""",
    "a cancelled pledge is no longer valid": """
        select source_id from equity_pledges
        where (status = 'invalid') <> (cancelled_on is not null) or share > 1""",
    "failed items are of failed samples": """
        select source_id from product_samples
        where (result = 'fail') <> (failed_items is not null)""",
    "an accident is of a device that the firm owns": """
        select f.source_id from field_records f left join special_equipment e
        on e.equipment_id = f.value and e.entity_id = f.entity_id
        where f.kind = '特种设备事故' and e.source_id is null""",
    "a number has a unit": """
        select source_id from field_records where (amount is null) <> (unit is null)
        union all select source_id from external_signals
        where (amount is null) <> (unit is null)""",
    "who is barred led a firm that was revoked": """
        select s.source_id from external_signals s where kind = '任职受限人员'
        and not exists (from enterprises e where e.legal_rep = s.value and status = 'revoked')
        and s.known_time < '2026-06-01'""",
    "a problem is told in words and followed up": """
        select source_id from inspections
        where (result in ('no_problem', 'not_carried_on')) <> (follow_up = 'none')
          or (finding is null) <> (result in ('no_problem', 'not_carried_on', 'closed',
            'deregistered', 'revoked', 'cancelled', 'moved_out'))
          or settled_on < event_time""",
    "a draw has a plan, a task and a probability": """
        select source_id from inspections where (way = 'drawn') <> (plan_id is not null)
          or (way = 'drawn') <> (task_id is not null) or (way = 'drawn') <> (draw_type is not null)
          or (way = 'drawn') <> (inclusion_probability is not null)""",
    "equity is what is left of the assets": """
        select source_id from annual_reports where equity <> assets - liabilities
          or net_profit > total_profit or main_revenue > revenue""",
    "terms and influence end after they begin": """
        select source_id from enterprises where term_ends_on < term_starts_on
          or established_on > event_time
        union all select source_id from licences where expires_on < starts_on
        union all select source_id from chattel_mortgages where ends_on < starts_on
        union all select source_id from special_equipment where next_inspection_on < event_time
        union all select source_id from penalties
          where published_until < event_time or valid_to < event_time""",
}


@pytest.mark.parametrize("what", AGREE)
def test_records_agree(db: duckdb.DuckDBPyConnection, what: str) -> None:
    assert db.execute(f"select * from ({AGREE[what]}) limit 5").fetchall() == []


def test_all_results_of_an_inspection_occur(db: duckdb.DuckDBPyConnection) -> None:
    found = {r for (r,) in db.execute("select distinct result from inspections").fetchall()}
    assert found >= set(TABLES["inspections"].by_name["result"].allowed) - {
        "cancelled",
        "moved_out",
    }


@pytest.mark.parametrize("table", ["penalties", "liquidations", "court_records", "media_items",
                                   "external_evaluations", "external_signals", "entity_links",
                                   "equity_freezes", "complaints", "persons"])  # fmt: skip
def test_nearly_all_declared_words_occur(db: duckdb.DuckDBPyConnection, table: str) -> None:
    for column in TABLES[table].own:
        if column.allowed:
            query = f"select distinct {column.name} from {table} where {column.name} is not null"
            found = {word for (word,) in db.execute(query).fetchall()}
            assert set(column.allowed) - found <= RARE.get((table, column.name), set())


RARE = {
    ("entity_links", "kind"): {"source_key"},
    ("external_evaluations", "kind"): {"other"},
    ("persons", "investor_type"): {"other"},
}
"""Words that the synthetic sources never send."""
