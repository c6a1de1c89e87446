"""The draft catalogue of 106 indicators as plain SQL over the record tables, and the warnings.

`+` raises risk, `-` lowers it, `~` may do either. A query gives `entity_id` and `value`; a firm
without a row has 0, but is unknown where the indicator is of UNKNOWN_IF_ABSENT. Records are as
known on 2026-07-01 (`as_of`): `y1`, `y3`, `m3`, `m1` are the first days of its windows,
`last_report` and `report_before` a firm's two newest annual reports, `tied` pairs of firms with
a person, an owner or a head in common.
"""

# ruff: noqa: S608 - queries of our own words
from __future__ import annotations


def _count(table: str, where: str = "true") -> str:
    return f"select entity_id, count(*) as value from {table} where {where} group by 1"


def _any(table: str, where: str = "true") -> str:
    return f"select distinct entity_id, 1 as value from {table} where {where}"


def _report(value: str) -> str:
    return f"select entity_id, {value} as value from last_report"


def _found(result: str) -> str:
    return f"""select entity_id, count(distinct inspection_id) as value from inspections
               where result = '{result}' and event_time >= y3() group by 1"""


def _tied(table: str, where: str) -> str:
    return f"""select a as entity_id, avg((b in (select entity_id from {table} where {where}))::int)
               as value from tied group by 1"""


def _field(kind: str, value: str = "count(*)") -> str:
    return f"""select entity_id, {value} as value from field_records
               where kind in ({kind}) and event_time >= y3() group by 1"""


def _violation(*kinds: str) -> str:
    return _count("penalties", f"violation in {kinds} and event_time >= y3()")


LIVE = "status = 'live'"
UNKNOWN_IF_ABSENT = {"G1-05", "G2-05", "G2-12", "G2-13", "G2-15", "G2-16", "G2-17", "G2-24",
                     "G2-25", "G2-26", "G2-27", "G2-35", "G5-07", "G5-10"}  # fmt: skip
DIRECTION_SQL: dict[str, tuple[str, str]] = {
    "G1-01": ("~", "select entity_id, ln(1 + registered_capital) as value from enterprises"),
    "G1-02": ("~", _count("persons", "investor_type = 'corporate' and left_on is null")),
    "G1-03": (
        "~",
        """select investor_id as entity_id, count(distinct entity_id) as value from persons
           where investor_id is not null and left_on is null group by 1""",
    ),
    "G1-04": (
        "~",
        f"""select parent_id as entity_id, count(*) as value from enterprises
            where parent_id is not null and {LIVE} group by 1""",
    ),
    "G1-05": ("-", _report("employees")),
    "G1-06": (
        "-",
        "select entity_id, date '2026-07-01' - established_on as value from enterprises",
    ),
    "G1-07": (
        "~",
        """select entity_id, max(case investor_type when 'state' then 2 when 'foreign' then 1
           else 0 end) as value from persons where role = 'shareholder' group by 1""",
    ),
    "G1-08": ("~", _any("enterprises", "listed_market is not null")),
    "G1-09": ("~", "select entity_id, entity_type::int as value from enterprises"),
    "G1-10": (
        "+",
        """select e.entity_id, r.value from enterprises e join (
             select industry, avg((result not in ('no_problem', 'not_carried_on'))::int) as value
             from inspections join enterprises using (entity_id)
             where way = 'drawn' group by 1) r using (industry)""",
    ),
    "G1-11": (
        "~",
        """select e.entity_id, r.value from enterprises e join (
             select division, avg((result not in ('no_problem', 'not_carried_on'))::int) as value
             from inspections join enterprises using (entity_id)
             where way = 'drawn' group by 1) r using (division)""",
    ),
    "G1-12": ("~", _any("enterprises", "industry in ('C26', 'H62', 'P83')")),
    "G1-13": ("~", _any("enterprises", "new_economy or high_tech")),
    "G1-14": ("~", _any("enterprises", "hosted_address")),
    "G2-01": ("~", _count("licences", "status = 'valid'")),
    "G2-02": ("+", _count("licences", "status <> 'valid' or expires_on < as_of()")),
    "G2-03": ("~", _count("licences", "expires_on between as_of() and as_of() + 30")),
    "G2-04": ("+", _any("enterprises", "term_ends_on < as_of()")),
    "G2-05": (
        "-",
        """select entity_id, paid_in_capital / greatest(registered_capital, 1) as value
           from last_report join enterprises using (entity_id)""",
    ),
    "G2-06": ("+", _count("changes", "item = 'legal_rep' and event_time >= y1()")),
    "G2-07": ("+", _count("changes", "item = 'name' and event_time >= y1()")),
    "G2-08": ("+", _count("changes", "item = 'address' and event_time >= y1()")),
    "G2-09": ("~", _count("changes", "item = 'scope' and event_time >= y1()")),
    "G2-10": (
        "+",
        """select entity_id, max(abs(ln(amount_after / amount_before))) as value from changes
           where item = 'capital' and event_time >= y1() group by 1""",
    ),
    "G2-11": ("+", _count("changes", "item = 'equity' and event_time >= y1()")),
    "G2-12": ("~", _report("ln(1 + revenue)")),
    "G2-13": (
        "-",
        """select entity_id, (l.revenue - b.revenue) / b.revenue as value
           from last_report l join report_before b using (entity_id) where b.revenue > 0""",
    ),
    "G2-14": ("+", _count("annual_reports", "net_profit < 0 and event_time >= y3()")),
    "G2-15": ("+", _report("greatest(0, -net_profit) / greatest(revenue, 1)")),
    "G2-16": ("+", _report("liabilities / greatest(assets, 1)")),
    "G2-17": ("+", _report("(assets = 0 and liabilities = 0 and revenue = 0)::int")),
    "G2-18": ("+", _any("liquidations", "kind = 'reorganisation' and event_time >= y3()")),
    "G2-19": (
        "+",
        _any("liquidations", "kind in ('bankruptcy_liquidation', 'liquidation_filing')"),
    ),
    "G2-20": (
        "+",
        _count("abnormal_listings", "cause = 'annual_report' and event_time >= y3()"),
    ),
    "G2-21": ("+", _count("annual_reports", "late and event_time >= y3()")),
    "G2-22": ("+", "select entity_id, sum(amendments) as value from annual_reports group by 1"),
    "G2-23": ("+", _field("'即时信息逾期公示'")),
    "G2-24": ("-", _report("insured_pension")),
    "G2-25": (
        "+",
        _report(
            "unpaid_pension + unpaid_unemployment + unpaid_medical + unpaid_injury"
            " + unpaid_maternity"
        ),
    ),
    "G2-26": ("-", _report("tax")),
    "G2-27": (
        "~",
        """select entity_id, abs(l.employees - b.employees) / b.employees as value
           from last_report l join report_before b using (entity_id) where b.employees > 0""",
    ),
    "G2-28": ("~", _field("'注册商标'", "max(amount)").replace("and event_time >= y3()", "")),
    "G2-29": ("~", _field("'授权专利'", "max(amount)").replace("and event_time >= y3()", "")),
    "G2-30": ("~", _field("'软件著作权'", "max(amount)").replace("and event_time >= y3()", "")),
    "G2-31": ("~", _count("ip_pledges", "status = 'valid'")),
    "G2-32": (
        "+",
        """select entity_id, sum(share) as value from equity_pledges
           where event_time >= y3() and status = 'valid' group by 1""",
    ),
    "G2-33": ("+", _count("equity_freezes", "event_time >= y3()")),
    "G2-34": (
        "+",
        """select entity_id, sum(m.amount) / max(greatest(r.assets, 1)) as value
           from chattel_mortgages m join last_report r using (entity_id)
           where m.status = 'valid' group by 1""",
    ),
    "G2-35": ("+", _report("guarantees / greatest(abs(equity), 1)")),
    "G3-01": ("+", _any("abnormal_listings", "removed_on is null")),
    "G3-02": (
        "+",
        """select entity_id, max(case cause when 'annual_report' then 1 when 'not_published' then 2
           when 'false_information' then 3 else 4 end) as value
           from abnormal_listings where removed_on is null group by 1""",
    ),
    "G3-03": ("+", _count("abnormal_listings", "event_time >= y3()")),
    "G3-04": (
        "+",
        """select entity_id,
           sum(coalesce(removed_on, as_of()) - greatest(event_time, y3())) as value
           from abnormal_listings where coalesce(removed_on, as_of()) > y3() group by 1""",
    ),
    "G3-05": ("+", _any("serious_listings", "removed_on is null")),
    "G3-06": (
        "+",
        """select entity_id, max(length(cause)) as value from serious_listings
           where removed_on is null group by 1""",
    ),
    "G3-07": ("+", _any("serious_listings")),
    "G3-08": ("~", _count("repairs", "event_time >= y3()")),
    "G3-09": ("+", _any("court_records", "kind = 'defaulter' and ended_on is null")),
    "G3-10": ("+", _any("court_records", "kind = 'consumption_limit' and ended_on is null")),
    "G3-11": ("+", _count("penalties", "event_time >= y3()")),
    "G3-12": (
        "+",
        """select entity_id, ln(1 + sum(amount)) as value from penalties
           where event_time >= y3() group by 1""",
    ),
    "G3-13": (
        "+",
        """select entity_id, max(case penalty when 'warning' then 1 when 'fine' then 2
           when 'confiscation' then 3 when 'other' then 1 when 'restriction' then 4
           when 'suspension' then 5 when 'closure' then 6 when 'revocation' then 7 else 8 end)
           as value from penalties where event_time >= y3() group by 1""",
    ),
    "G3-14": (
        "+",
        """select entity_id, max(n) - 1 as value from (
             select entity_id, violation, count(*) as n from penalties
             where event_time >= y3() group by 1, 2) group by 1""",
    ),
    "G3-15": (
        "+",
        _count("penalties", "authority_field <> 'market_regulation' and event_time >= y3()"),
    ),
    "G3-16": (
        "~",
        """select entity_id, datediff('month', max(event_time), as_of()) as value
           from penalties group by 1""",
    ),
    "G3-17": ("+", _any("licences", "status = 'revoked'")),
    "G3-18": ("+", _found("obstructed")),
    "G3-19": ("+", _found("problem_corrected")),
    "G3-20": ("+", _found("problem_pending")),
    "G3-21": ("+", _found("false_information")),
    "G3-22": ("+", _found("unreachable")),
    "G3-23": ("+", _found("not_published")),
    "G3-24": (
        "~",
        """with visits as (select entity_id, inspection_id, max(event_time) as day,
             bool_and(result in ('no_problem', 'not_carried_on')) as clean
             from inspections group by 1, 2)
           select v.entity_id, count(*) as value from visits v left join (
             select entity_id, max(day) as bad from visits where not clean group by 1) b
           using (entity_id) where clean and (bad is null or day > bad) group by 1""",
    ),
    "G3-25": (
        "~",
        """select entity_id, datediff('month', max(event_time), as_of()) as value
           from inspections group by 1""",
    ),
    "G3-26": (
        "+",
        """select entity_id, (count_if(result = 'fail') + 0.5) / (count(*) + 10) as value
           from product_samples where field = 'food' and event_time >= y3() group by 1""",
    ),
    "G3-27": (
        "+",
        _count("product_samples", "field = 'product' and result = 'fail' and event_time >= y3()"),
    ),
    "G3-28": ("+", _field("'缺陷产品召回', '食品召回'")),
    "G3-29": (
        "+",
        _count("special_equipment", "next_inspection_on < as_of() and status = 'in_use'"),
    ),
    "G3-30": (
        "+",
        """select entity_id, sum(n) as value from (
             select entity_id, hazards as n from special_equipment
             union all select entity_id, 1 from field_records
             where kind = '特种设备事故' and event_time >= y3()) group by 1""",
    ),
    "G3-31": ("+", _violation("计量违法", "认证违法", "检验检测违法")),
    "G3-32": ("+", _count("field_records", "kind = '广告监测线索' and event_time >= y1()")),
    "G3-33": ("+", _violation("价格违法", "不正当竞争", "垄断行为")),
    "G3-34": ("+", _violation("商标侵权", "销售假冒商品")),
    "G3-35": (
        "+",
        _count("court_records", "kind = 'lawsuit' and role = 'defendant' and event_time >= y3()"),
    ),
    "G3-36": (
        "+",
        """select entity_id, ln(1 + sum(amount)) as value from court_records
           where kind = 'lawsuit' and event_time >= y3() group by 1""",
    ),
    "G4-01": ("+", _tied("enterprises", "status = 'revoked'")),
    "G4-02": ("+", _tied("serious_listings", "removed_on is null")),
    "G4-03": ("+", _tied("abnormal_listings", "removed_on is null")),
    "G4-04": ("+", _tied("penalties", "event_time >= y3()")),
    "G4-05": ("+", _tied("court_records", "kind = 'defaulter' and ended_on is null")),
    "G4-06": (
        "+",
        f"""select entity_id, count(*) over (partition by legal_rep) as value
            from enterprises where {LIVE}""",
    ),
    "G4-07": (
        "+",
        f"""select entity_id, case when hosted_address then 1
            else count(*) over (partition by address) end as value from enterprises where {LIVE}""",
    ),
    "G4-08": (
        "+",
        """select entity_id, count(*) over (partition by phone) as value
           from persons where role = 'contact'""",
    ),
    "G4-09": (
        "+",
        """select entity_id, avg((entity_id in (select entity_id from abnormal_listings))::int)
           over (partition by agent) as value from enterprises""",
    ),
    "G4-10": (
        "+",
        """select a as entity_id, count(*) as value from tied join enterprises e on e.entity_id = b
           where e.status = 'deregistered' and e.event_time >= y1() group by 1""",
    ),
    "G4-11": ("+", _any("external_signals", "kind = '任职受限人员'")),
    "G5-01": ("+", _count("complaints", "event_time >= y1()")),
    "G5-02": (
        "+",
        """select entity_id, greatest(0, count_if(event_time >= m3())
           - count_if(event_time < m3()) / 3) as value
           from complaints where event_time >= y1() group by 1""",
    ),
    "G5-03": (
        "+",
        """select entity_id, (count_if(outcome = 'confirmed') + 0.2) / (count(*) + 1) as value
           from complaints where event_time >= y1() group by 1""",
    ),
    "G5-04": (
        "+",
        """select entity_id, (count_if(outcome = 'mediation_failed') + 0.3) / (count(*) + 1)
           as value from complaints where outcome in ('mediated', 'mediation_failed')
           and event_time >= y1() group by 1""",
    ),
    "G5-05": ("+", _count("media_items", "sentiment = 'negative' and event_time >= m1()")),
    "G5-06": (
        "+",
        """select entity_id, avg((sentiment = 'negative')::int) as value from media_items
           where event_time >= m1() group by 1""",
    ),
    "G5-07": (
        "+",
        """select entity_id, arg_max(ascii(grade), event_time) - 64 as value
           from public_grades group by 1""",
    ),
    "G5-08": ("-", _count("external_evaluations", "kind = 'honour' and event_time >= y3()")),
    "G5-09": (
        "+",
        _count("external_evaluations", "kind = 'commitment_broken' and event_time >= y3()"),
    ),
    "G5-10": (
        "+",
        """select entity_id, arg_max(instr('ABMCD', grade), event_time) as value
           from external_evaluations where kind = 'tax_credit' group by 1""",
    ),
}


WARNINGS: dict[str, tuple[str, int]] = {
    "W01 many firms at one address": (
        """with new as (select entity_id, address, established_on, count(*) over (
             partition by address order by established_on
             range between interval 90 days preceding and current row) as n
             from enterprises where status = 'live' and not hosted_address)
           select distinct e.entity_id from new n join enterprises e using (address)
           where n.n >= 10 and n.established_on >= y1()""",
        10,
    ),
    "W02 one person leads many firms": (
        """select unnest(list(entity_id)) as entity_id from enterprises
           where status = 'live' group by legal_rep having count(*) >= 5""",
        50,
    ),
    "W03 one agent files many within weeks": (
        """with filed as (select entity_id, agent, count(*) over (partition by agent
             order by established_on range between interval 30 days preceding and current row) as n
             from enterprises where established_on >= y3())
           select distinct e.entity_id from filed f join enterprises e using (agent)
           where f.n >= 20 and e.established_on >= y3()""",
        20,
    ),
    "W04 changed too often": (
        """select entity_id from changes where item in ('legal_rep', 'name', 'address')
           and event_time >= y1() group by 1 having count(*) >= 3
           union select c.entity_id from changes c join enterprises e using (entity_id)
           where item in ('legal_rep', 'equity') and c.event_time <= established_on + 90
           and established_on >= y1() group by 1 having count(distinct item) = 2""",
        10,
    ),
    "W05 capital jumps": (
        """select distinct entity_id from changes where item = 'capital' and event_time >= y1()
           and (amount_after >= 10 * amount_before or amount_after <= 0.2 * amount_before)""",
        10,
    ),
    "W06 complaints burst": (
        """with last as (select entity_id, filer, date_trunc('month', event_time) as month
             from complaints where entity_id is not null and event_time >= y1())
           select distinct entity_id from last
           group by entity_id, month having count(*) >= 5 and count(distinct filer) >= 3""",
        15,
    ),
    "W07 licences expire": (
        """select distinct entity_id from licences where status = 'valid'
           and expires_on < as_of() + 30""",
        100,
    ),
    "W08 insolvent": (
        """select r.entity_id from last_report r join annual_reports a using (entity_id)
           where r.liabilities > r.assets and a.net_profit < 0 group by 1
           having count(*) >= 2""",
        5,
    ),
    "W09 silent for years": (
        """select entity_id from abnormal_listings where cause = 'annual_report'
           and event_time >= y3() group by 1 having count(*) >= 2
           union select entity_id from inspections where result = 'unreachable'
           and event_time >= y1()""",
        100,
    ),
    "W10 all zero two years running": (
        """select l.entity_id from last_report l join report_before b using (entity_id)
           where l.assets = 0 and l.liabilities = 0 and l.equity = 0
           and b.assets = 0 and b.liabilities = 0 and b.equity = 0""",
        50,
    ),
    "W11 new listing or penalty": (
        """select entity_id from penalties where event_time >= m1()
           union select entity_id from abnormal_listings where event_time >= m1()
           union select entity_id from serious_listings where event_time >= m1()""",
        50,
    ),
    "W12 samples fail again": (
        """select entity_id from product_samples where result = 'fail' and event_time >= y1()
           group by 1 having count(*) >= 2""",
        5,
    ),
    "W13 equipment overdue": (
        """select distinct entity_id from special_equipment
           where status = 'in_use' and next_inspection_on < as_of()""",
        100,
    ),
    "W14 an owner or a held firm is listed": (
        """select p.entity_id from persons p join serious_listings s on s.entity_id = investor_id
           where share >= 0.25 and left_on is null and removed_on is null
           union select p.investor_id from persons p join serious_listings s using (entity_id)
           where investor_id is not null and share >= 0.25 and p.left_on is null
           and removed_on is null""",
        5,
    ),
    "W16 an industry of a county complains": (
        """with cells as (select division, industry, count(*) as firms from enterprises
             where status = 'live' group by 1, 2),
           told as (select e.division, industry, count(distinct c.source_id) as n
             from complaints c join enterprises e using (entity_id)
             where c.event_time >= m3() group by 1, 2),
           rate as (select industry, sum(coalesce(n, 0)) / sum(firms) as mean
             from cells left join told using (division, industry) group by 1)
           select entity_id from enterprises join cells using (division, industry)
           join told using (division, industry) join rate using (industry)
           where n > firms * mean + 5 * sqrt(firms * mean) + 3""",
        20,
    ),
}
"""Warning -> the firms it names on the day to score, and how many of them are expected at least.

W15, a class that falls, is of classes and not of records.
"""
