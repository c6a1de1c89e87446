from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from records.identity import ALPHABET, check_digits, repair, valid_uscc
from tests.a_store import CODES


def test_known_codes_are_valid_and_their_neighbours_are_not() -> None:
    wrong = ["91110108551385082R", "9111010855138508", "I1110108551385082Q", None]
    assert valid_uscc(pd.Series([*CODES, *wrong])).tolist() == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]


@given(
    st.lists(
        st.text(ALPHABET[:10], min_size=8, max_size=8).flatmap(
            lambda head: st.text(ALPHABET, min_size=9, max_size=9).map(lambda body: head + body)
        ),
        min_size=1,
        max_size=20,
    )
)
def test_check_digits_agree_with_stdnum(first17: list[str]) -> None:
    ours = check_digits(np.array(first17))
    assert ours.tolist() == [uscc.calc_check_digit(code) for code in first17]
    assert valid_uscc(pd.Series([a + b for a, b in zip(first17, ours, strict=True)])).all()


def test_a_remainder_of_zero_gives_the_digit_zero() -> None:
    # Public snippets use alphabet[31 − S % 31] and break here.
    codes = np.array([f"91{n:06d}MA0000001" for n in range(62)])
    zero = check_digits(codes) == "0"
    assert zero.any()
    assert valid_uscc(pd.Series([code + "0" for code in codes[zero]])).all()


def test_repair_undoes_what_keyboards_do() -> None:
    given = pd.Series(["９1110108 551385082q", "91110108-551385082Q", CODES[0], None])
    assert repair(given).tolist()[:3] == [CODES[0]] * 3
    assert repair(given).isna().tolist() == [False, False, False, True]
