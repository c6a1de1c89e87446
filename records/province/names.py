"""What firms and places are called: codes, names, addresses, keyed hashes.

All of it is invented. Names say so, and the organisation codes begin with `XF`: as far as we
know no such series is issued (new codes begin with `MA`), so that no code is a real firm's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from records import identity
from records.province.arrays import Flags, Index

FIRST = tuple("恒瑞鑫宏盛嘉泰源华诚安永兴隆祥福德信达佳龙北庆丰金顺")
SECOND = tuple("源达泰隆康盛和顺通宇利昌荣发旺祥鑫岳林川禾润辰邦")
THIRD = ("", *"达鸿运昌凯腾百捷博越铭启航辉景")
PICKS = len(FIRST) * len(SECOND) * len(THIRD)
STREETS = tuple(f"{name}{kind}" for kind in ("街", "路", "大街") for name in (
    "和平", "建设", "中央", "新华", "红旗", "友谊", "光华", "文化", "胜利", "前进",
    "民主", "团结", "向阳", "站前", "兴安", "松江", "北新", "东风", "铁西", "学府",
))  # fmt: skip
FORMS = {"9500": "店", "9100": "农民专业合作社", "7200": "代表处", "4531": "合伙企业（普通合伙）"}
FORMS |= {"1200": "股份有限公司", "2190": "有限公司分公司", "4540": "厂", "3400": "股份合作社"}
XF_RANGE = 31**6
DIGITS = 8
PERSON, AGENT, PAIR, COMPANY, PHONE, CREDITOR, FILER = range(1, 8)
"""Salts of the keyed hashes: equal numbers of two sorts have nothing in common."""


@dataclass(frozen=True)
class Counties:
    code: pa.Array
    name: pa.Array
    city: pa.Array
    weight: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.weight)


@cache
def counties() -> Counties:
    """The counties of Heilongjiang with the share of firms each holds."""
    text = Path(__file__).with_name("counties.yaml").read_text(encoding="utf-8")
    rows = [
        (city["code"] + code, name, city["name"], city["weight"])
        for city in yaml.safe_load(text)
        for code, name in city["counties"].items()
    ]
    code, name, city, weight = zip(*rows, strict=True)
    share = np.array(weight, dtype=np.float64)
    return Counties(pa.array(code), pa.array(name), pa.array(city), share / share.sum())


def address_text(county: Index, address: Index) -> pa.Array:
    """`绥化市望奎县和平街12号`; one text for each county and address number."""
    places, street = counties(), pa.array(STREETS).take(pa.array(address % len(STREETS)))
    door = pc.cast(pa.array(address // len(STREETS) + 1), pa.string())
    where = pa.array(county)
    return pc.binary_join_element_wise(
        places.city.take(where), places.name.take(where), street, door, "号", ""
    )


@cache
def offices(*kinds: str) -> tuple[str, ...]:
    """`哈尔滨市呼兰区市场监督管理局`: the offices of each kind, county by county; all differ."""
    names, cities = counties().name.to_pylist(), counties().city.to_pylist()
    places = [
        city + name if name.endswith("区") else name
        for name, city in zip(names, cities, strict=True)
    ]
    return tuple(place + kind for kind in kinds for place in places)


def hashes(numbers: Index, salt: int) -> pa.Array:
    """Sixteen hex digits a number: they stand where a real store has keyed hashes; −1 is null."""
    mixed = (np.asarray(numbers, np.int64) + (salt << 40)).astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    text = mixed.astype(">u8").tobytes().hex().encode()
    return _texts(np.frombuffer(text, np.uint8).reshape(-1, 16), numbers < 0)


def numbered(prefix: str, numbers: Index) -> pa.Array:
    """`RW-00000017`: eight digits or, for the largest numbers, more; −1 is null."""
    return digits(numbers, f"{prefix}-")


def digits(numbers: Index, before: str = "") -> pa.Array:
    """`00000017`, with the same letters before each number."""
    if len(numbers) and numbers.max() >= 10**DIGITS:
        texts = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), DIGITS, "0")
        named = pc.binary_join_element_wise(before, texts, "")
        return pc.if_else(pa.array(numbers < 0), None, named)
    head = np.frombuffer(before.encode(), np.uint8)
    letters = np.empty((len(numbers), len(head) + DIGITS), np.uint8)
    letters[:, : len(head)] = head
    rest = np.maximum(numbers, 0)
    for place in range(DIGITS):
        rest, digit = np.divmod(rest, 10)
        letters[:, -1 - place] = digit + ord("0")
    return _texts(letters, numbers < 0)


def _texts(letters: npt.NDArray[np.uint8], absent: Flags) -> pa.Array:
    """Texts of equal length from their bytes, shape (n, length); null where absent."""
    n, length = letters.shape
    offsets = pa.py_buffer(np.arange(0, (n + 1) * length, length, dtype=np.int32))
    texts = pa.StringArray.from_buffers(n, offsets, pa.py_buffer(letters.tobytes()))
    return pc.if_else(pa.array(absent), None, texts) if absent.any() else texts


def codes(
    types: tuple[str, ...], kind: Index, county: Index, n: int, rng: np.random.Generator
) -> pa.Array:
    """Unified social credit codes of shape (n,), valid by GB 32100-2015 and unique."""
    family = np.array(["2" if t == "9500" else "3" if t == "9100" else "1" for t in types])
    serial = (np.arange(n) * 104_729 + int(rng.integers(XF_RANGE))) % XF_RANGE
    letters = np.array(list(identity.ALPHABET))
    body = np.full(n, "XF", dtype="U8")
    for place in range(6):
        body = np.char.add(body, letters[serial // 31**place % 31])
    head = np.char.add(
        np.char.add("9", family[kind]), counties().code.to_numpy(False)[county].astype("U6")
    )
    first = np.char.add(np.char.add(head, body), _organisation_check(body)).astype("U17")
    return pa.array(np.char.add(first, identity.check_digits(first)))


def _organisation_check(body: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
    """Check character of the organisation code, GB 11714-1997: digits 0–9, letters 10–35."""
    points = np.ascontiguousarray(body.astype("U8")).view(np.uint32).reshape(len(body), 8)
    values = np.where(points < ord("A"), points - ord("0"), points - ord("A") + 10).astype(np.int64)
    rest = 11 - values @ np.array([3, 7, 9, 10, 5, 8, 4, 2]) % 11
    return np.asarray(np.array(list("0123456789X0"))[rest], dtype="U1")


def firm_names(places: Index, picks: Index, nouns: pa.Array, forms: pa.Array) -> pa.Array:
    """`（合成）呼兰区恒源食品有限公司`.

    Parameters
    ----------
    places : counties, shape (n,).
    picks : which letters, below `PICKS`.
    nouns, forms : what they do and what they are, shape (n,).
    """
    first, rest = np.divmod(picks, len(SECOND) * (len(THIRD)))
    second, third = np.divmod(rest, len(THIRD))
    return pc.binary_join_element_wise(
        "（合成）",
        counties().name.take(pa.array(places)),
        pa.array(FIRST).take(pa.array(first)),
        pa.array(SECOND).take(pa.array(second)),
        pa.array(THIRD).take(pa.array(third)),
        nouns,
        forms,
        "",
    )
