"""Forty indicators of the general catalogue, written by hand in pandas: a peer, and an oracle.

Written from what the indicators mean (docs/catalogue.md), not from how the engine finds them,
for every registered firm on one date. Each table is read once, with the columns it needs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.features_records import records_of
from benchmarks.measured import Facts
from benchmarks.pandas_records import Numbered, Province, Records

Values = dict[str, pd.Series]

FOUND = ["not_published", "false_information", "unreachable", "problem_corrected", "obstructed",
         "problem_pending"]  # fmt: skip
CARRIED_OUT = ["no_problem", *FOUND]


def one_date(store: str, spine: str, out: str, numbered: bool) -> Facts:
    """Write the forty indicators of every firm of a spine as Parquet."""
    kind = Numbered if numbered else Records
    table = indicators(records_of(store).tables, pd.read_parquet(spine), kind)
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), out, compression="zstd")
    return {"rows": len(table), "indicators": len(IDS)}


def indicators(
    tables: dict[str, list[str]], spine: pd.DataFrame, kind: type[Records]
) -> pd.DataFrame:
    """The forty indicators for the firms of a spine of one date, in the order of IDS."""
    spine = spine.sort_values("entity_id", ignore_index=True)
    (day,) = spine["as_of"].unique()
    province = Province(tables, spine["entity_id"], pd.Timestamp(day), kind)
    found: Values = {}
    for part in PARTS:
        found |= part(province)
    found["G5-01a"] = found["G5-01"] / (found["G1-05"] + 10).replace(0, np.nan)
    return spine.assign(**{name: found[name].to_numpy("float64") for name in IDS})


def _firms(province: Province) -> Values:
    columns = ["registered_capital", "established_on", "industry", "status", "legal_rep"]
    firms = province.records("enterprises", columns).unrepaired
    established = firms.newest(firms["established_on"])
    concern = firms["industry"].str.startswith(("C14", "C26", "H62", "P83")).fillna(False)
    live = firms.newest(firms["status"]) == "live"
    head = firms.newest(firms["legal_rep"])
    return {
        "G1-01": firms.newest(firms["registered_capital"]),
        "G1-06": (province.as_of - established).dt.days / 365.25,
        "G1-12": firms.newest(concern.astype(int)),
        "G1-15": firms.newest((firms["status"] == "revoked").astype(int)),
        "G4-06": live.groupby(head).transform("sum"),
    }


def _persons(province: Province) -> Values:
    columns = ["role", "investor_type", "left_on"]
    persons = province.records("persons", columns).unrepaired
    there = persons["left_on"].isna() | (persons["left_on"] >= province.as_of)
    holders = (persons["role"] == "shareholder") & persons["investor_type"].isin(
        ["corporate", "state"]
    )
    return {"G1-02": persons.count(holders & there)}


def _reports(province: Province) -> Values:
    columns = ["employees", "revenue", "net_profit", "liabilities", "assets", "late", "amendments"]
    reports = province.records("annual_reports", columns).unrepaired
    years = {n: reports.since(province.before(12 * n)) for n in (1, 2, 3)}
    zero = (reports["assets"] == 0) & (reports["liabilities"] == 0) & (reports["revenue"] == 0)
    last = reports.newest(reports["revenue"], years[1])
    before = reports.newest(reports["revenue"], years[2] & ~years[1])
    debt = reports["liabilities"] / reports["assets"].replace(0, np.nan)
    late = reports["late"].astype("boolean").fillna(False).astype(bool)
    return {
        "G1-05": reports.newest(reports["employees"]),
        "G2-12": reports.newest(reports["revenue"]),
        "G2-13": (last - before) / before.abs().replace(0, np.nan),
        "G2-14": reports.count((reports["net_profit"] < 0) & years[3]),
        "G2-16": reports.newest(debt, years[3]),
        "G2-17": reports.newest(zero.astype(int), years[2]).fillna(0),
        "G2-21": reports.count(late & years[3]),
        "G2-22": reports.sum(reports["amendments"], years[2]),
    }


def _registration(province: Province) -> Values:
    columns = ["item", "amount_before", "amount_after"]
    changes = province.records("changes", columns).unrepaired
    year = changes.since(province.before(12))
    times = changes["amount_after"] / changes["amount_before"].replace(0, np.nan)
    pledges = province.records("equity_pledges", ["share", "status"]).unrepaired
    pledged = (pledges["status"] == "valid") & pledges.since(province.before(36))
    millionths = (pledges["share"] * 1_000_000).round()
    return {
        "G2-06": changes.count((changes["item"] == "legal_rep") & year),
        "G2-10": changes.newest(times, (changes["item"] == "capital") & year).fillna(1),
        "G2-32": pledges.sum(millionths, pledged) / 1_000_000,
    }


def _licences(province: Province) -> Values:
    columns = ["licence_no", "status", "expires_on"]
    licences = province.records("licences", columns).newest_of("licence_no").unrepaired
    valid = licences["status"] == "valid"
    ended = licences["expires_on"] < province.as_of
    return {
        "G2-01": licences.count(valid & ~ended),
        "G2-02": licences.count(valid & ended & licences.since(province.before(72))),
    }


def _listings(province: Province) -> Values:
    listings = province.records("abnormal_listings", ["cause", "removed_on"]).unrepaired
    still = listings["removed_on"].isna() | (listings["removed_on"] >= province.as_of)
    grave = {"annual_report": 1, "not_published": 2, "false_information": 3, "unreachable": 4}
    worst = listings.highest(listings["cause"].map(grave), still)
    start = province.before(36)
    serious = province.records("serious_listings", [])  # repaired ones too
    return {
        "G3-01": (listings.count(still) > 0).astype(int),
        "G3-02": worst.fillna(0),
        "G3-03": listings.count(listings.since(start)),
        "G3-04": _days_listed(listings, start, province.as_of),
        "G3-07": serious.count(serious.since(province.before(60))),
    }


def _days_listed(listings: Records, start: pd.Timestamp, as_of: pd.Timestamp) -> pd.Series:
    """Days from a start to a date on which at least one listing stood."""
    begun, ended = listings["event_time"], listings["removed_on"]
    spans = pd.DataFrame({
        "firm": listings.firm,
        "begins": begun.where(begun > start, start),
        "ends": ended.where(ended < as_of, as_of),  # without end: until the date
    }).sort_values(["firm", "begins", "ends"])  # fmt: skip
    covered = spans.groupby("firm")["ends"].cummax().groupby(spans["firm"]).shift()
    begins = spans["begins"].where(~(covered > spans["begins"]), covered)
    days = (spans["ends"] - begins).dt.days.clip(lower=0)
    return days.groupby(spans["firm"]).sum().reindex(listings.firms, fill_value=0)


def _penalties(province: Province) -> Values:
    columns = ["authority_field", "amount", "penalty", "violation"]
    penalties = province.records("penalties", columns).unrepaired
    years = penalties.since(province.before(36))
    grave = {"warning": 1, "other": 1, "fine": 2, "confiscation": 3, "restriction": 4,
             "suspension": 5, "revocation": 6, "closure": 7, "detention": 8}  # fmt: skip
    kinds = penalties.distinct("violation", years)
    last = penalties["event_time"][years].groupby(penalties.firm[years]).max()
    return {
        "G3-11": penalties.count((penalties["authority_field"] == "market_regulation") & years),
        "G3-12": penalties.sum(penalties["amount"], years),
        "G3-13": penalties.highest(penalties["penalty"].map(grave), years).fillna(0),
        "G3-14": penalties.count(penalties["violation"].notna() & years) - kinds,
        "G3-16": (province.as_of - last).dt.days.reindex(penalties.firms),
    }


def _inspections(province: Province) -> Values:
    visits = province.records("inspections", ["inspection_id", "result"]).unrepaired
    firm, day = visits.firm, visits["event_time"]
    carried_out, found = visits["result"].isin(CARRIED_OUT), visits["result"].isin(FOUND)
    broken_on = day[found].groupby(firm[found]).max().reindex(firm).to_numpy()
    unbroken = np.isnat(broken_on) | (day.to_numpy() > broken_on)
    absent = (visits["result"] == "unreachable") & visits.since(province.before(36))
    last = day.groupby(firm).max()
    return {
        "G3-22": visits.distinct("inspection_id", absent),
        "G3-24": visits.distinct("inspection_id", carried_out & unbroken),
        "G3-25": (province.as_of - last).dt.days.reindex(visits.firms),
    }


def _complaints(province: Province) -> Values:
    complaints = province.records("complaints", ["outcome", "filer"]).unrepaired
    year = complaints.since(province.before(12))
    now = complaints.since(province.before(3))
    before = complaints.since(province.before(6)) & ~now
    n, a, b = complaints.count(year), complaints.count(now), complaints.count(before)
    confirmed = complaints.count((complaints["outcome"] == "confirmed") & year)
    return {
        "G5-01": n,
        "G5-01b": complaints.distinct("filer", year),
        "G5-02": (a - b) / (b + 2),
        "G5-03": ((confirmed + 0.2) / (n + 1)).where(n > 0, 0),
    }


def _grades(province: Province) -> Values:
    grades = province.records("public_grades", ["score", "grade"]).unrepaired
    letters = grades["grade"].map({"A": 1, "B": 2, "C": 3, "D": 4, "E": 5})
    return {"G5-07": grades.newest(grades["score"]), "G5-07a": grades.newest(letters)}


def _industries(province: Province) -> Values:
    """The drawn checks of each industry that found something, drawn towards all industries.

    A record belongs to the industry in which its firm was registered when it became known.
    """
    checks = province.known("inspections", ["way", "result"])
    standing = checks["valid_to"].isna() | (checks["valid_to"] >= province.as_of)
    recent = checks["event_time"] >= province.before(36)
    drawn = (checks["way"] == "drawn") & checks["result"].isin(CARRIED_OUT)
    checks = checks.loc[standing & recent & drawn & ~checks["corrected"]]
    versions = province.known("enterprises", ["industry"])
    firms = versions.loc[versions["industry"].notna()]
    ended = versions.dropna(subset=["corrects"]).set_index("corrects")["known_time"]
    firms = firms.assign(ended=firms["sequence"].map(ended))
    both = checks[["sequence", "entity_id", "known_time", "result"]].merge(
        firms[["entity_id", "known_time", "ended", "newness", "industry"]],
        on="entity_id", suffixes=("", "_firm"),
    )  # fmt: skip
    then = (both["known_time_firm"] <= both["known_time"]) & ~(both["ended"] <= both["known_time"])
    both = both.loc[then].sort_values("newness").drop_duplicates("sequence", keep="last")
    hit = both["result"].isin(FOUND).groupby(both["industry"]).agg(["sum", "size"])
    overall = hit["sum"].sum() / hit["size"].sum()
    rate = (hit["sum"] + 50 * overall) / (hit["size"] + 50)
    now = province.records("enterprises", ["industry"])
    return {"G1-10": now.newest(now["industry"]).map(rate)}


PARTS: tuple[Callable[[Province], Values], ...] = (
    _firms, _persons, _reports, _registration, _licences, _listings, _penalties, _inspections,
    _complaints, _grades, _industries,
)  # fmt: skip

IDS = (
    "G1-01", "G1-02", "G1-05", "G1-06", "G1-10", "G1-12", "G1-15",
    "G2-01", "G2-02", "G2-06", "G2-10", "G2-12", "G2-13", "G2-14", "G2-16", "G2-17", "G2-21",
    "G2-22", "G2-32",
    "G3-01", "G3-02", "G3-03", "G3-04", "G3-07", "G3-11", "G3-12", "G3-13", "G3-14", "G3-16",
    "G3-22", "G3-24", "G3-25",
    "G4-06", "G5-01", "G5-01a", "G5-01b", "G5-02", "G5-03", "G5-07", "G5-07a",
)  # fmt: skip
"""Counts, sums, the newest and the highest, recency, ratios, shares, growth and change, days on a
list, runs, distinct things, a smoothed rate of a group, a quotient, and firms of one head."""
