"""A saying that is kept is the one that would be made anew."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import definition as definitions
from models import wording
from models.sayings import Sayings

GENERAL = definitions.load(definitions.folder_of("general"))
DAYS = st.sampled_from([None, "2024-05-01", "2024-05-31", "2024-06-01", "2023-05-01"])
VALUES = st.sampled_from([None, 0.0, 1.0, 2.0, 0.25, 1e6])
CASES = st.lists(st.tuples(VALUES, st.lists(DAYS, max_size=3)), min_size=2, max_size=12)


@pytest.mark.parametrize("lang", ["zh", "en"])
@settings(max_examples=20, deadline=None)
@given(cases=CASES)
def test_what_is_kept_is_what_is_told(lang: str, cases: list[Any]) -> None:
    said = Sayings(GENERAL.catalogue)
    for indicator in GENERAL.catalogue.indicators:
        for value, days in cases:
            records = [{"event_time": day} for day in days]
            told = said.of(indicator.id, value, records, lang)["sentence"]
            anew = wording.sentence(indicator, value, records, lang)
            assert told == wording.capital(anew)
