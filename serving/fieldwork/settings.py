"""Settings that stand beside a plan: of ways and days, services and limits, letters."""

from __future__ import annotations

from pathlib import Path

import supervision
from records.errors import BadDefinition, BadInput, NotFound
from serving.plans.planinputs import told
from supervision.fieldwork.entitlements import Entitlements
from supervision.fieldwork.letters import Letters
from supervision.fieldwork.travel import Travel

SHIPPED = Path(supervision.__file__).parent


def travel(path: Path | None = None) -> Travel:
    """What is assumed of ways and days, of a file or as shipped (`travel.yaml`)."""
    used = path or SHIPPED / "travel.yaml"
    with told(BadDefinition, used):
        return Travel.from_yaml(_text(used))


def entitlements(path: Path | None = None) -> Entitlements:
    """Services and limits, of a file or as shipped (`entitlements.yaml`)."""
    used = path or SHIPPED / "entitlements.yaml"
    with told(BadDefinition, used):
        return Entitlements.from_yaml(_text(used))


def letters(path: Path | None = None) -> Letters:
    """Whom to write to and of what, of a file or as shipped (`letters.yaml`)."""
    used = path or SHIPPED / "letters.yaml"
    with told(BadDefinition, used):
        return Letters.from_yaml(_text(used))


def _text(path: Path) -> str:
    if not path.is_file():
        raise NotFound(f"no file {path}", hint="name a YAML file of settings")
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read", found=str(error), allowed="UTF-8 text") from None
