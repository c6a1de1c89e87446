"""The groups that are watched for fairness and burden, and never fitted: how a firm is told apart.

Training judges by them and serving tells burdens and rates by them, so that both mean the same.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.catalogue import Catalogue

UNKNOWN = "unknown"
OWNERSHIP = {"1": "company", "2": "branch", "3": "collective", "4": "partnership or sole",
             "5": "foreign", "6": "Hong Kong, Macao, Taiwan", "7": "foreign branch",
             "9": "self-employed or cooperative"}  # fmt: skip
"""Families of entity types, by their first digit."""
SIZES = (5, 20, 100)
"""Employees at which a firm is told as larger."""
WORDS = {
    UNKNOWN: ("未说明", UNKNOWN),
    "company": ("公司", "company"),
    "branch": ("分支机构", "branch"),
    "collective": ("集体", "collective"),
    "partnership or sole": ("合伙、独资", "partnership or sole"),
    "foreign": ("外商投资", "foreign"),
    "Hong Kong, Macao, Taiwan": ("港澳台", "Hong Kong, Macao, Taiwan"),
    "foreign branch": ("外商投资分支", "foreign branch"),
    "self-employed or cooperative": (
        "个体工商户、农民专业合作社", "self-employed or cooperative"),
    f"up to {SIZES[0]}": (f"{SIZES[0]} 人及以下", f"up to {SIZES[0]}"),
    **{f"over {size}": (f"{size} 人以上", f"over {size}") for size in SIZES},
}  # fmt: skip
"""What groups are called, in Chinese and English."""


def ownership(entity_type: pd.Series[str]) -> pd.Series[str]:
    """The family of each entity type."""
    return entity_type.str[:1].map(OWNERSHIP).fillna(UNKNOWN)


def industry(code: pd.Series[str]) -> pd.Series[str]:
    """The section of each GB/T 4754 code, its letter."""
    return code.str[:1].fillna(UNKNOWN)


def size(employees: pd.Series[float]) -> pd.Series[str]:
    """The size of each firm by its employees; null is unknown."""
    words = np.array([f"up to {SIZES[0]}", *(f"over {size}" for size in SIZES)])
    place = np.searchsorted(SIZES, employees.fillna(0), side="left")
    told = np.where(employees.isna(), UNKNOWN, words[place])
    return pd.Series(told, index=employees.index, dtype="str")


def employees(catalogue: Catalogue) -> str | None:
    """The indicator that holds the employees of the last annual report, if there is one."""
    for indicator in catalogue.indicators:
        if (indicator.measure, indicator.column) == ("latest", "employees"):
            return indicator.id
    return None
