"""What the room offers, and that offering it costs nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

import supervision


def test_the_surface_is_closed() -> None:
    assert supervision.__all__ == ["PlanDefinition", "commitment", "draw", "verify"]
    offered = [getattr(supervision, name).__module__ for name in supervision.__all__]
    assert offered == [
        "supervision.plans.plan",
        "supervision.proofs.proof",
        "supervision.draws.drawing",
        "supervision.proofs.proof",
    ]
    with pytest.raises(AttributeError, match="has no attribute 'drew'"):
        _ = supervision.drew


def test_importing_the_room_imports_nothing_heavy() -> None:
    code = "import sys, supervision; sys.exit('pandas' in sys.modules or 'pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
