"""Where a visit is: county, street and house number, read from division and address."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_AREA = re.compile(
    r"(?:[^省市区县旗]{2,7}(?:省|自治区))?"
    r"(?:[^市区县旗]{1,7}(?:市|地区|自治州|盟))?"
    r"(?:[^路街巷区县旗市]{1,8}(?:区|县|旗|市))?"
    r"(?:[^路街巷号]{1,8}?(?:街道|镇|乡))?"
)
"""The names of areas that an address begins with."""

_STREET = re.compile(
    r"(?P<street>.*?(?:大街|大道|胡同|街|路|巷|弄|道))(?=第?[0-9]|[^街路巷道大胡]|$)"
    r"(?:.*?(?P<house>[0-9]+)(?=号|-|$|[^0-9]))?"
)


@dataclass(frozen=True, order=True)
class Place:
    """A place; the parts that an address does not name are empty, and 0 for the house.

    `division` is the county's six digits; places sort so that neighbours stand together.
    """

    division: str
    street: str = ""
    house: int = 0

    @property
    def city(self) -> str:
        return self.division[:4]


def place(division: str, address: str | None) -> Place:
    """Read a place from a division and an address such as 哈尔滨市道里区和平路34号.

    >>> place("230102", "哈尔滨市道里区和平路３４号2单元")
    Place(division='230102', street='和平路', house=34)
    >>> place("230102", None)
    Place(division='230102', street='', house=0)
    """
    county = division[:6]
    if not address:
        return Place(county)
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", address))
    area = _AREA.match(text)
    found = _STREET.match(text[area.end() if area else 0 :])
    if not found:
        return Place(county)
    return Place(county, found["street"], int(found["house"] or 0))
