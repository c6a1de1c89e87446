from __future__ import annotations

import numpy as np
import pytest

from models import definition as definitions
from models import wording
from models.background import Background
from models.peers import Peers, Usual

GENERAL = definitions.load(definitions.folder_of("general"))
NAMES = ["G1-05", "G1-10", "G1-13", "G2-27", "G3-11", "G5-10"]
NAN = float("nan")


@pytest.fixture
def peers() -> Peers:
    """100 firms of H62, which weigh 1, and 10 of C13, which weigh 10."""
    staff = [*range(1, 100), NAN]
    own = [
        [staff[number], 0.05, number % 10 == 0, 0.0 if number < 90 else -0.5,
         3.0 if number < 4 else 0.0, [1.0, 2.0, 2.0, NAN][number % 4]]
        for number in range(100)
    ]  # fmt: skip
    others = [[500.0, 0.02, 0.0, 0.1, 0.0, 5.0]] * 10
    industries = np.array(["H62"] * 100 + ["C13"] * 10, object)
    weights = np.array([1.0] * 100 + [10.0] * 10)
    return Peers(Background(np.array([*own, *others]), weights, industries), NAMES)


@pytest.mark.parametrize(
    ("indicator", "value", "industry", "expected"),
    [
        ("G1-05", 20.0, "H62", Usual("known", 50.0, "industry")),
        ("G1-05", None, "H62", Usual("same", 0.01, "industry")),
        ("G3-11", 2.0, "H62", Usual("some", 0.04, "industry")),
        ("G3-11", 0.0, "H62", Usual("same", 0.96, "industry")),
        ("G1-13", 1.0, "H62", Usual("same", 0.1, "industry")),
        ("G5-10", 2.0, "H62", Usual("same", 0.5, "industry")),
        ("G5-10", NAN, "H62", Usual("same", 0.25, "industry")),
        ("G2-27", -0.5, "H62", Usual("median", 0.0, "industry")),
        ("G3-11", 2.0, "C13", Usual("some", 0.02, "few")),
        ("G3-11", 2.0, None, Usual("some", 0.02, "all")),
        ("G1-10", 0.05, "H62", Usual("median", 0.02, "all")),  # it speaks of the industry itself
    ],
)
def test_what_is_usual(
    peers: Peers, indicator: str, value: float | None, industry: str | None, expected: Usual
) -> None:
    for _ in range(2):  # the second time from what is kept
        found = peers.usual(GENERAL.catalogue[indicator], value, industry)
        assert (found.kind, found.whom) == (expected.kind, expected.whom)
        assert found.number == pytest.approx(expected.number)


@pytest.mark.parametrize(
    ("indicator", "usual", "zh", "en"),
    [
        ("G3-11", Usual("median", 0.0, "industry"), "同行业企业的中位数为 0 次",
         "the median of firms in the industry is 0 times"),
        ("G1-05", Usual("known", 5.0, "few"),
         "全省企业（同行业企业太少）中有此数据者的中位数为 5 人",
         "the median of all firms (too few in the industry) of which it is known is 5 people"),
        ("G3-11", Usual("some", 0.004, "industry"), "同行业企业中 不足 1% 有此类情形",
         "there is such a record for less than 1% of firms in the industry"),
        ("G3-11", Usual("same", 0.96, "all"), "全省企业中 96% 与此相同",
         "the same holds for 96% of all firms"),
    ],
)  # fmt: skip
def test_what_is_usual_in_words(indicator: str, usual: Usual, zh: str, en: str) -> None:
    assert wording.compared(usual, GENERAL.catalogue[indicator], "zh") == zh
    assert wording.compared(usual, GENERAL.catalogue[indicator], "en") == en
