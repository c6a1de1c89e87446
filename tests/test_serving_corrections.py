"""Corrections: two persons, first the record, then the class, for a time; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from serving.access import audit
from serving.access.caller import Caller
from serving.access.scope import WHOLE, FieldHidden, Scope
from serving.access.servicesettings import Corrections
from serving.corrections import asking, cases, deciding, telling
from serving.corrections.asking import Wanted
from serving.corrections.cases import Case
from serving.corrections.refusals import CorrectionRefused
from serving.results import publishing
from serving.store import accesstables
from serving.store.accesstables import missing_guards
from serving.store.correctiontables import correction_events, corrections
from serving.store.database import reading, writing
from tests import a_run
from tests.a_database import engine
from tests.a_served_run import local, published

__all__ = ["engine", "local", "published"]

DAY = date(2026, 4, 2)
TERMS = Corrections()
ASKS = Caller("王敏", "inspector", WHOLE)
DECIDES = Caller("李娜", "supervisor", WHOLE)
PENALTY = Wanted(
    "not_this_firm", "处罚对象为同名企业", "原机关函告属另一家", "哈里市监函〔2026〕12号",
    table="penalties", source="道里区市场监督管理局", source_id="哈里市监罚〔2024〕214号",
    indicator="G3-11",
)  # fmt: skip
CLASS = Wanted(
    "class", "剔除记录前暂按 B 类", "见记录更正", "会议纪要 3 号", risk_class="B",
    until="2026-07-31",
)  # fmt: skip


@pytest.fixture
def store(engine: Engine, tmp_path: Path) -> Engine:
    """A store with the small run served, on either database."""
    publishing.publish(a_run.write(tmp_path / "run"), engine=engine)
    return engine


def ask(
    store: Engine, wanted: Wanted = PENALTY, by: Caller = ASKS, firm: str = a_run.C,
    on: date = DAY,
) -> Case:  # fmt: skip
    made = asking.ask(store, by, firm, wanted, TERMS, on)
    assert made is not None
    return made


def decide(
    store: Engine, one: Case, granted: bool = True, by: Caller = DECIDES, on: date = DAY,
    until: str = "",
) -> Case:  # fmt: skip
    return deciding.decide(store, by, one.number, granted, "核对属实", TERMS, on, until)


def refused(code: str, call: Any, *given: Any, **named: Any) -> CorrectionRefused:
    """The refusal of a call that must not do anything."""
    with pytest.raises(CorrectionRefused) as caught:
        call(*given, **named)
    assert caught.value.code == code
    assert caught.value.zh
    return caught.value


def _events(store: Engine) -> list[tuple[str, str, str]]:
    """(user, action, about) of every change that the audit holds."""
    with reading(store) as connection:
        table = accesstables.audit
        rows = connection.execute(sa.select(table.c.user, table.c.action, table.c.about))
        return [tuple(row) for row in rows if row.action.startswith("correction.")]


def test_a_record_is_struck_by_two_persons(store: Engine) -> None:
    one = ask(store)
    assert (one.state, one.name, one.asked["event_time"]) == (
        "open", "松江小馆餐饮管理有限公司", "2024-09-12",
    )  # fmt: skip
    assert (one.asked["answer_by"], one.asked["found_class"]) == ("2026-05-02", "C")
    one = decide(store, one)
    assert (one.state, one.until) == ("granted", None)
    assert [(each.what, each.user, each.reason) for each in one.events] == [
        ("granted", "李娜", "核对属实")
    ]
    assert _events(store) == [
        ("王敏", "correction.ask",
         "1: not_this_firm penalties 道里区市场监督管理局 哈里市监罚〔2024〕214号"),
        ("李娜", "correction.granted",
         "1: not_this_firm penalties 道里区市场监督管理局 哈里市监罚〔2024〕214号"),
    ]  # fmt: skip
    assert audit.verify(store).holds
    assert [look.action for look in audit.who_looked(store, a_run.C)] == [
        "correction.ask", "correction.granted",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["王敏", " 王 敏 ", "王敏\u3000"])
def test_who_asked_does_not_decide_in_whatever_role(local: Engine, name: str) -> None:
    one = ask(local)
    again = Caller(name, "supervisor", WHOLE, "xf_another")
    refused("same_person", decide, local, one, by=again)
    latin = ask(
        local,
        replace(PENALTY, source_id="哈里市监异列字〔2026〕第0118号", table="abnormal_listings"),
        by=Caller("Wang", "inspector", WHOLE),
    )
    refused("same_person", decide, local, latin, by=Caller("ｗａｎｇ", "supervisor", WHOLE))
    with reading(local) as connection:
        assert cases.case(connection, one.number, WHOLE, DAY).state == "open"


def test_first_the_record_then_the_class(store: Engine) -> None:
    refused("record_first", ask, store, CLASS)
    one = ask(store)
    refused("record_open", ask, store, CLASS)
    decide(store, one, granted=False)
    made = ask(store, CLASS)
    assert (made.asked["follows"], made.until, made.state) == (1, "2026-07-31", "open")
    refused("asked_already", ask, store, CLASS)
    refused("record_first", ask, store, replace(CLASS, follows=9), firm=a_run.D)
    granted = decide(store, made, until="2026-06-30")
    assert (granted.state, granted.until) == ("granted", "2026-06-30")
    with reading(store) as connection:
        for day, state in ((date(2026, 6, 30), "granted"), (date(2026, 7, 1), "ended")):
            assert cases.case(connection, made.number, WHOLE, day).state == state
            found, total = cases.cases(connection, WHOLE, day, states=[state], kind="class")
            assert ([each.number for each in found], total) == ([made.number], 1)


def test_an_old_decision_on_a_record_opens_no_class(local: Engine) -> None:
    decide(local, ask(local))
    later = date(2027, 6, 1)
    refused("record_first", ask, local, replace(CLASS, until="2027-07-01"), on=later)


def test_a_later_correction_of_a_class_ends_the_one_before(store: Engine) -> None:
    decide(store, ask(store))
    first = decide(store, ask(store, CLASS))
    later = date(2026, 5, 10)
    second = decide(store, ask(store, replace(CLASS, risk_class="A"), on=later), on=later)
    with reading(store) as connection:
        before = cases.case(connection, first.number, WHOLE, later)
    assert (before.state, before.until) == ("ended", "2026-05-10")
    assert (second.state, second.until) == ("granted", "2026-07-31")


def test_one_that_nobody_decides_expires(store: Engine) -> None:
    one = ask(store)
    late = date(2026, 5, 3)
    with reading(store) as connection:
        assert cases.case(connection, one.number, WHOLE, date(2026, 5, 2)).state == "open"
        assert cases.case(connection, one.number, WHOLE, late).state == "expired"
    error = refused("wrong_state", decide, store, one, on=late)
    assert (error.found, error.allowed) == ("expired", "open")
    assert ask(store, on=late).state == "open"  # anew


def test_it_is_taken_back_by_who_asked_and_by_nobody_else(local: Engine) -> None:
    one = ask(local)
    refused("not_who_asked", deciding.withdraw, local, DECIDES, one.number, "x", DAY)
    gone = deciding.withdraw(local, ASKS, one.number, "原机关已更正", DAY)
    assert gone.state == "withdrawn"
    refused("wrong_state", decide, local, one)
    refused("wrong_state", deciding.withdraw, local, ASKS, one.number, "x", DAY)


def test_a_class_s_correction_is_ended_before_its_day(local: Engine) -> None:
    record = decide(local, ask(local))
    refused("wrong_input", deciding.end, local, DECIDES, record.number, "x", DAY)
    made = ask(local, CLASS)
    refused("wrong_state", deciding.end, local, DECIDES, made.number, "x", DAY)
    decide(local, made)
    later = date(2026, 5, 1)
    own = Caller("王敏", "supervisor", WHOLE)
    refused("same_person", deciding.end, local, own, made.number, "x", later)
    ended = deciding.end(local, DECIDES, made.number, "依据已变", later)
    assert (ended.state, ended.until) == ("ended", "2026-05-01")


def test_an_asked_day_that_has_come_is_not_granted(local: Engine) -> None:
    decide(local, ask(local))
    made = ask(local, replace(CLASS, until="2026-04-10"))
    refused("ended", decide, local, made, on=date(2026, 4, 10))
    refused("wrong_input", decide, local, made, until="2026-04-11")
    assert decide(local, made, granted=False, on=date(2026, 4, 10)).state == "refused"


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"source_id": "nothing"}, "unknown_record", "record"),
        ({"source": "nobody"}, "unknown_record", "record"),
        ({"grounds": "  "}, "wrong_input", "grounds"),
        ({"evidence": ""}, "wrong_input", "evidence"),
        ({"document": "\x00"}, "wrong_input", "document"),
        ({"document": "\ud800"}, "wrong_input", "document"),
        ({"file_hash": "abc"}, "wrong_input", "file_hash"),
        ({"changes": {"amount": "1"}}, "wrong_input", "changes"),
        ({"kind": "record_wrong", "changes": {"source_id": "1"}}, "wrong_input",
         "changes.source_id"),
        ({"kind": "record_wrong", "changes": {"event_time": "never"}}, "wrong_input",
         "changes.event_time"),
        ({"kind": "record_wrong", "changes": {"amount": " "}}, "wrong_input", "changes.amount"),
        ({"kind": "king"}, "wrong_input", "kind"),
    ],
)  # fmt: skip
def test_what_is_asked_must_be_so(
    local: Engine, changed: dict[str, Any], code: str, field: str
) -> None:
    assert refused(code, ask, local, replace(PENALTY, **changed)).field == field
    with reading(local) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(corrections)) == 0
    assert audit.head(local).n == 1  # the publication


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"risk_class": "C"}, "risk_class"), ({"risk_class": "E"}, "risk_class"),
        ({"until": ""}, "until"), ({"until": "2026-04-02"}, "until"),
        ({"until": "2027-04-03"}, "until"), ({"until": "soon"}, "until"),
        ({"until": "9999-12-31"}, "until"),
    ],
)  # fmt: skip
def test_a_class_is_another_one_and_ends(
    local: Engine, changed: dict[str, Any], field: str
) -> None:
    decide(local, ask(local))
    assert refused("wrong_input", ask, local, replace(CLASS, **changed)).field == field


def test_who_has_no_class_has_none_to_correct_and_one_asks_once(local: Engine) -> None:
    refused("unclassified", ask, local, CLASS, firm=a_run.COOP)
    first = ask(local)
    assert refused("asked_already", ask, local).found == f"correction {first.number}"
    refused("asked_already", ask, local, by=DECIDES)


def test_a_record_of_a_step_can_be_wrong_too(local: Engine) -> None:
    listing = replace(
        PENALTY, table="serious_listings", source="南岗区市场监督管理局",
        source_id="哈南市监严字〔2026〕3号", indicator="",
    )  # fmt: skip
    assert ask(local, listing, firm=a_run.D).asked["indicator"] is None


def test_another_region_s_are_like_none(store: Engine) -> None:
    one = ask(store)
    suihua, harbin = (Scope.of([region]) for region in ("2312", "2301"))
    far = Caller("赵强", "supervisor", suihua)
    assert asking.ask(store, far, a_run.C, PENALTY, TERMS, DAY) is None
    refused("unknown_correction", deciding.decide, store, far, 1, True, "x", TERMS, DAY)
    refused("unknown_correction", decide, store, replace(one, number=99))
    with reading(store) as connection:
        assert cases.cases(connection, suihua, DAY) == ([], 0)
        assert cases.cases(connection, Scope.of([]), DAY) == ([], 0)
        assert cases.cases(connection, harbin, DAY)[1] == 1
    near = Caller("赵强", "supervisor", harbin)
    assert decide(store, one, by=near).state == "granted"
    narrow = Caller("王敏", "inspector", Scope.of(None, ["risk_class"]))
    with pytest.raises(FieldHidden):
        asking.ask(store, narrow, a_run.D, PENALTY, TERMS, DAY)


def test_pages_of_a_list_hold_each_once(store: Engine) -> None:
    both = (
        PENALTY,
        replace(PENALTY, table="abnormal_listings", source_id="哈里市监异列字〔2026〕第0118号"),
    )
    numbers = [ask(store, record).number for record in both]
    with reading(store) as connection:
        first, total = cases.cases(connection, WHOLE, DAY, limit=1)
        rest, again = cases.cases(connection, WHOLE, DAY, before=first[0].number, limit=1)
    assert [total, again] == [2, 2]
    assert [first[0].number, rest[0].number] == numbers[::-1]


def test_the_tables_only_grow(store: Engine) -> None:
    decide(store, ask(store))
    for table in (corrections, correction_events):
        for statement in (sa.delete(table), sa.update(table).values(number=5)):
            with pytest.raises(DBAPIError, match="only grows"), writing(store) as connection:
                connection.execute(statement)
    with reading(store) as connection:
        assert missing_guards(connection) == []


def test_without_the_right_to_a_class_none_is_told(local: Engine) -> None:
    one = telling.told(decide(local, ask(local)), classes=False)
    assert not {"found_class", "risk_class", "indicator"} & set(one)
    assert (one["asked_by"], one["events"][0]["user"], one["state"]) == ("王敏", "李娜", "granted")
