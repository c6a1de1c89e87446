"""What is known of a firm on a date: declared indicators, computed from records as known then."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from features.catalogue import Catalogue
    from features.custom import measure
    from features.firms import population, synthetic
    from features.indicator import Indicator
    from features.table import FeatureTable, build
    from features.tracing import evidence

_HOME = {
    "build": "features.table",
    "population": "features.firms",
    "synthetic": "features.firms",
    "FeatureTable": "features.table",
    "Catalogue": "features.catalogue",
    "Indicator": "features.indicator",
    "evidence": "features.tracing",
    "measure": "features.custom",
}

__all__ = [
    "Catalogue",
    "FeatureTable",
    "Indicator",
    "build",
    "evidence",
    "measure",
    "population",
    "synthetic",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'features' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
