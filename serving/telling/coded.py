"""What codes are called: an industry by GB/T 4754, a county by GB/T 2260; unknown ones by themselves.

A county's name is Chinese in either language, as it stands on its seal.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

import yaml
from stdnum import numdb

FILE = Path(__file__).with_name("industries.yaml")
# What the list spells in traditional characters.
_MENDED = {
    "232761": "加格达奇区", "232762": "松岭区", "232763": "新林区", "232764": "呼中区",
}  # fmt: skip
_SINCE = re.compile(r"\[[^\]]*\]")


def industry(code: str | None, lang: str) -> str:
    """The name of a section (H) or a two-digit division (H62); the code where it has none."""
    told = _industries().get(code or "")
    return (code or "") if told is None else told[lang == "en"]


@lru_cache(maxsize=4096)
def division(code: str | None) -> str:
    """The name of a county by its six digits; the code itself where it has none."""
    if code in _MENDED:
        return _MENDED[code]
    if not code or len(code) != 6 or not code.isascii() or not code.isdecimal():
        return code or ""
    names = [str(facts.get("county", "")) for _, facts in numdb.get("cn/loc").info(code)]
    # A code that was used again has several names, the newest last: `[-1983]a,[1983-]b`.
    newest = _SINCE.sub("", names[-1].split(",")[-1]).strip() if names else ""
    return newest or code


@cache
def _industries() -> dict[str, list[str]]:
    told: dict[str, list[str]] = yaml.safe_load(FILE.read_text("utf-8"))
    return told
