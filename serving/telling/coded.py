"""What codes are called: an industry by GB/T 4754, a county by GB/T 2260; else by themselves.

A place's name is Chinese in either language, as it stands on its seal. The list of counties knows
no cities and spells some places in traditional characters: those of
`records/province/counties.yaml` come first.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from stdnum import numdb

from records import province

FILE = Path(__file__).with_name("industries.yaml")
_SINCE = re.compile(r"\[[^\]]*\]")


def industry(code: str | None, lang: str) -> str:
    """The name of a section (H) or a two-digit division (H62); the code where it has none."""
    told = _industries().get(code or "")
    return (code or "") if told is None else told[lang == "en"]


@lru_cache(maxsize=4096)
def division(code: str | None) -> str:
    """The name of a county (six digits) or a city (four); the code itself where it has none."""
    if code in _here():
        return _here()[code]
    if not code or len(code) != 6 or not code.isascii() or not code.isdecimal():
        return code or ""
    known = [str(facts.get("county", "")) for _, facts in numdb.get("cn/loc").info(code)]
    # A code that was used again has several names, the newest last: `[-1983]a,[1983-]b`.
    newest = _SINCE.sub("", known[-1].split(",")[-1]).strip() if known else ""
    return newest or code


@cache
def _here() -> dict[str, str]:
    """Cities and counties of Heilongjiang, by code."""
    file = Path(str(province.__file__)).with_name("counties.yaml")
    cities: list[dict[str, Any]] = yaml.safe_load(file.read_text("utf-8"))
    told = {city["code"]: str(city["name"]) for city in cities}
    for city in cities:
        told |= {city["code"] + code: name for code, name in city["counties"].items()}
    return told


@cache
def _industries() -> dict[str, list[str]]:
    told: dict[str, list[str]] = yaml.safe_load(FILE.read_text("utf-8"))
    return told
