"""What groups of firms are called in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "risk_class": ("风险类别", "class"),
        "public_grade": ("信用等级", "grade"),
        "bureau": ("检查机关", "bureau"),
        "city": ("市", "city"),
        "county": ("县区", "county"),
        "section": ("行业", "industry"),
        "ownership": ("企业类型", "ownership"),
        "size": ("规模", "size"),
    }
)
"""The kinds of groups, by the columns of `grouped.BY`."""

DRAWN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "class": ("风险 {} 类", "class {}"),
        "grade": ("信用 {} 级", "grade {}"),
        "unclassified": ("未分类", "unclassified"),
        "hidden": ("盲抽，结果未回", "blind, no result yet"),
        "undrawn": ("非抽取", "not drawn"),
        "all": ("合计", "all"),
    }
)
"""The groups of a draw's strata (`class C`), and those of its account beside them."""


def drawn(name: object, lang: str) -> str:
    """What a group of a draw is called."""
    kind, _, letter = str(name).partition(" ")
    return DRAWN[kind][lang == "en"].format(letter) if kind in DRAWN else kind
