"""The province's shipped settings without dirt, for tests that look at what is true in it."""

from __future__ import annotations

from typing import Any

import yaml

from records.province.parameters import SHIPPED


def clean() -> dict[str, Any]:
    """The settings as they stand in YAML, to be changed further."""
    settings: dict[str, Any] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    settings["dirt"] = dict.fromkeys(settings["dirt"], 0)
    return settings
