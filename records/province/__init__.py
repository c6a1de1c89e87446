"""A synthetic province with all the difficulties of a real one, and its truth kept apart.

>>> from records.province import Parameters, generate, inspect, record_files
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from records.province.build import generate
    from records.province.folder import record_files
    from records.province.parameters import Parameters
    from records.province.planned import inspect

__all__ = ["Parameters", "generate", "inspect", "record_files"]


def __getattr__(name: str) -> Any:
    if name == "generate":
        return import_module("records.province.build").generate
    if name == "inspect":
        return import_module("records.province.planned").inspect
    if name == "record_files":
        return import_module("records.province.folder").record_files
    if name == "Parameters":
        return import_module("records.province.parameters").Parameters
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
