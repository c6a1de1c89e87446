from __future__ import annotations

import pytest

from records.absences import explain
from records.checks import Checked
from records.faults import Fault
from records.wordings import Said


def _fault(field: str, problem: str = "") -> Fault:
    return Fault(field, "", Said(problem or f"{field} is missing"), Said(""))


@pytest.mark.parametrize(
    ("faults", "left"),
    [
        (["event_time", "known_time", "source_id"], ["event_time is missing"]),
        (["known_time"], ["known_time is missing"]),
        (["source_id", "name"], ["source_id is missing", "name is missing"]),
        (["cause"], ["x was not given"]),
    ],
)
def test_what_only_follows_is_not_told(faults: list[str], left: list[str]) -> None:
    checked = Checked({}, {3: [_fault(field) for field in faults]})
    follows = {"known_time": {"event_time"}, "source_id": {"entity_id", "event_time"}}
    explain(checked, follows, {"cause": _fault("cause", "x was not given")})
    assert [fault.problem for fault in checked.faults[3]] == left


def test_what_is_wrong_by_itself_stays() -> None:
    faults = [_fault("event_time", "event_time cannot be read"), _fault("known_time", "too early")]
    checked = Checked({}, {0: list(faults)})
    explain(checked, {"known_time": {"event_time"}}, {})
    assert checked.faults[0] == faults
