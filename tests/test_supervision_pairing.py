"""Who visits whom."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervision.draws import staffing
from supervision.draws.pairing import pair
from supervision.errors import PlanError
from tests import a_list

JULY = (date(2026, 7, 1), date(2026, 7, 31))
INSPECTORS = pd.DataFrame(
    {
        "inspector_id": ["I1", "I2", "I3", "I4", "I5", "I6"],
        "unit": ["230102", "230102", "230102", "2301", "230204", "23"],
        "conflicts": ["F1", "F1;F5", None, "F5", "F5", "F5"],
    }
)


def ticket(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def drawn(**divisions: str) -> pd.DataFrame:
    tickets = [ticket("firm", firm) for firm in divisions]
    return pd.DataFrame(
        {"entity_id": list(divisions), "division": list(divisions.values()), "ticket": tickets}
    )


def staff(**columns: list[str | None]) -> pd.DataFrame:
    """Inspectors of one county with one more column or several."""
    size = len(next(iter(columns.values())))
    ids = [f"I{number:02d}" for number in range(size)]
    return pd.DataFrame({"inspector_id": ids, "unit": "230102", "conflicts": None} | columns)


@pytest.mark.parametrize(
    ("firm", "division", "level", "free"),
    [
        ("F0", "230102", "county", ["I1", "I2", "I3"]),
        ("F1", "230102", "city", ["I3", "I4"]),  # two of the county must step aside
        ("F2", "230199", "city", ["I1", "I2", "I3", "I4"]),
        ("F3", "230204", "all", ["I1", "I2", "I3", "I4", "I5", "I6"]),
        ("F5", "230204", "all", ["I1", "I3"]),
    ],
)
def test_the_nearest_two_without_a_conflict(
    firm: str, division: str, level: str, free: list[str]
) -> None:
    row = pair(drawn(**{firm: division}), INSPECTORS, "seed", "task").iloc[0]
    assert row["pair_level"] == level
    expected, left = [], free
    for place in ("inspector_1", "inspector_2"):
        number = int(ticket("seed", "task", f"pair/{firm}", place), 16)
        expected.append(left[number % len(left)])
        left = [one for one in left if one != expected[-1]]
    assert [row["inspector_1"], row["inspector_2"]] == expected
    assert row["pair_probability"] == 1 / (len(free) * (len(free) - 1))
    assert row["specialty_met"] is None


def test_pairs_stand_beside_their_firms() -> None:
    visits = drawn(F0="230102", F3="230204").set_index(pd.Index([7, 3]))
    assert pair(visits, INSPECTORS, "seed", "task").index.tolist() == [7, 3]


def test_no_visits_no_pairs() -> None:
    assert pair(drawn(F0="23").head(0), INSPECTORS, "seed", "task").empty


def test_who_is_unqualified_or_away_is_not_sent() -> None:
    people = staff(
        qualification=["执法证", None, "执法证", "执法证", "执法证"],
        leave=[
            "2026-06-20/2026-07-14;2026-07-15/2026-08-02",  # together the whole month
            None,
            "2026-07-01/2026-07-30",  # back on the last day
            None,
            "2026-07-20/2026-07-31",
        ],
    )
    visits = drawn(**{f"F{number}": "230102" for number in range(40)})
    sent = pair(visits, people, "seed", "task", period=JULY)
    assert {*sent["inspector_1"], *sent["inspector_2"]} == {"I02", "I03", "I04"}
    assert "I00" in set(pair(visits, people, "seed", "task")["inspector_1"])  # no period, no leave


def test_the_specialties_that_items_ask_for() -> None:
    people = staff(specialties=["food", "lift;food", "lift", None, None])
    asked = {"F": "food", "L": "lift", "G": None}
    visits = drawn(**{f"F{number}": "230102" for number in range(30)})
    visits["items"] = [["F;G", "F;L", "G", "", "L"][number % 5] for number in range(30)]
    pairs = pair(visits, people, "seed", "task", specialties=asked)
    held = dict(zip(people["inspector_id"], people["specialties"].fillna(""), strict=True))
    for items, row in zip(visits["items"], pairs.itertuples(), strict=True):
        needed = {one for item in items.split(";") if (one := asked.get(item))}
        first = set(held[str(row.inspector_1)].split(";"))
        both = first | set(held[str(row.inspector_2)].split(";"))
        assert row.specialty_met == ((needed <= both) if needed else None)
        assert row.specialty_met is not False
        assert len(needed & first) == min(len(needed), 2)


def test_a_specialty_nobody_has_is_told() -> None:
    visits = drawn(F0="230102").assign(items="X")
    row = pair(visits, staff(specialties=[None, "food"]), "s", "t", specialties={"X": "lift"})
    assert row["specialty_met"].tolist() == [False]


def test_a_recheck_has_another_pair() -> None:
    first = drawn(**{f"F{number}": "230102" for number in range(20)}).assign(drawn_by="slice")
    again = first.assign(drawn_by="recheck", ticket=first["ticket"].map(lambda one: "0" + one[1:]))
    visits = pd.concat([again, first], ignore_index=True)
    people = staff(conflicts=[None] * 4)
    pairs = pair(visits, people, "seed", "task")
    sent = [{row.inspector_1, row.inspector_2} for row in pairs.itertuples()]
    assert all(sent[at] | sent[at + 20] == set(people["inspector_id"]) for at in range(20))
    alone = pair(first, people, "seed", "task")  # re-checks move nobody else's pair
    assert alone.equals(pairs.tail(20).reset_index(drop=True))


def test_without_two_there_is_no_visit() -> None:
    people = pd.concat([INSPECTORS.assign(conflicts="F1;F2").head(3), INSPECTORS.tail(2)])
    people["qualification"] = ["a", "b", "c", None, "e"]
    people["leave"] = [None, None, None, None, "2026-01-01/2026-12-31"]
    with pytest.raises(PlanError) as refused:
        pair(drawn(F1="230102", F2="23", F0="23"), people, "seed", "task", period=JULY)
    assert str(refused.value) == (
        "inspectors: no pair for F1 and 1 other firm\n"
        "  found: 0 of 5: 1 not qualified (I5), 1 on leave throughout the period (I6), "
        "3 must step aside (I1, I2, I3)\n"
        "  allowed: 2 who are qualified, there, and without a conflict\n"
        "  hint: add inspectors to the list"
    )


@a_list.LENGTHS
def test_lists_are_checked_before_the_draw(long: bool) -> None:
    with a_list.lengths(long):
        lists_are_checked()


def lists_are_checked() -> None:
    people = staff(conflicts=["F1", None, None, None])
    staffing.check(["F0", "F1", "F2"], people, JULY, rechecked=False)
    staffing.check(["F0", "F2"], people, JULY, rechecked=True)
    with pytest.raises(PlanError, match="no second pair for F1") as refused:
        staffing.check(["F0", "F1", "F2"], people, JULY, rechecked=True)
    assert "set blind_slice.recheck to 0" in str(refused.value)
    with pytest.raises(PlanError, match="no pair for F0 and 2 other firms"):
        staffing.check(["F0", "F1", "F2"], people.head(1), JULY, rechecked=False)


SMALL = st.integers(0, 2**32)


@st.composite
def offices(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Visits and inspectors, with everything that bars one from the other."""
    firms = [f"F{number:02d}" for number in range(draw(st.integers(1, 25)))]
    places = st.sampled_from(["230102", "230103", "230204"])
    visits = drawn(**{firm: draw(places) for firm in firms})
    visits["items"] = [draw(st.sampled_from([None, "F", "L", "F;L"])) for _ in firms]
    rows: list[dict[str, Any]] = [
        {
            "inspector_id": f"I{number:02d}",
            "unit": draw(st.sampled_from(["230102", "230103", "2301", "2302", "23"])),
            "qualification": "执法证" if number < 4 else draw(st.sampled_from(["执法证", None])),
            "specialties": draw(st.sampled_from([None, "food", "lift", "food;lift"])),
            "conflicts": ""
            if number < 4
            else ";".join(draw(st.lists(st.sampled_from(firms), max_size=4))),
            "leave": ""
            if number < 4
            else draw(st.sampled_from(["", "2026-07-01/2026-07-31", "2026-07-02/2026-08-01"])),
        }
        for number in range(draw(st.integers(4, 12)))
    ]
    return visits, pd.DataFrame(rows)


@a_list.LENGTHS
@settings(max_examples=30)
@given(offices(), SMALL, st.randoms(use_true_random=False))
def test_the_laws_of_pairs(
    long: bool, office: tuple[pd.DataFrame, pd.DataFrame], seed: int, mix: Any
) -> None:
    """Recusal, qualification, leave; the order of both lists changes nothing."""
    with a_list.lengths(long):
        the_laws_of_pairs(*office, seed, mix)


def the_laws_of_pairs(visits: pd.DataFrame, people: pd.DataFrame, seed: int, mix: Any) -> None:
    asked = {"F": "food", "L": "lift"}
    told: dict[str, Any] = {"period": JULY, "specialties": asked}
    pairs = pair(visits, people, str(seed), "task", **told)
    known = people.set_index("inspector_id")
    columns = (visits["entity_id"], pairs["inspector_1"], pairs["inspector_2"])
    for firm, *sent in zip(*columns, strict=True):
        assert sent[0] != sent[1]
        for one in sent:
            assert firm not in str(known.at[one, "conflicts"]).split(";")
            assert known.at[one, "qualification"]
            assert known.at[one, "leave"] != "2026-07-01/2026-07-31"
    order = list(range(len(visits)))
    mix.shuffle(order)
    other = people.sample(frac=1, random_state=mix.randint(0, 99))
    assert (
        pair(visits.iloc[order], other, str(seed), "task", **told).loc[visits.index].equals(pairs)
    )


@settings(max_examples=40)
@given(st.integers(2, 9), st.integers(1, 60), SMALL)
def test_work_is_shared_evenly(people: int, firms: int, seed: int) -> None:
    """In one pool without conflicts and specialties nobody has two visits more than another."""
    visits = drawn(**{f"F{number}": "230102" for number in range(firms)})
    pairs = pair(visits, staff(conflicts=[None] * people), str(seed), "task")
    work = Counter([*pairs["inspector_1"], *pairs["inspector_2"]])
    assert len(work) == min(people, 2 * firms)
    assert max(work.values()) - min(work[f"I{one:02d}"] for one in range(people)) <= 1


def test_the_stated_probability_is_the_true_one() -> None:
    """Over 2,000 seeds each ordered pair of the third visit comes as often as it says.

    Five of one pool: after two visits one is left who has none. Expected counts are sums of the
    stated probabilities; the tolerance is four standard deviations.
    """
    visits, people = drawn(F0="230102", F1="230102", F2="230102"), staff(conflicts=[None] * 5)
    third = visits["ticket"].argmax()
    seen: Counter[tuple[str, str]] = Counter()
    for seed in range(2000):
        row = pair(visits, people, str(seed), "task").iloc[third]
        assert row["pair_probability"] == 1 / 4  # the one left, then one of four
        seen[row["inspector_1"], row["inspector_2"]] += 1
    assert len(seen) == 20
    assert all(abs(count - 100) < 4 * (100 * 0.95) ** 0.5 for count in seen.values())
