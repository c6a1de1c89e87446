"""docs/access.md: the table of roles, told once more between words of ours."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from serving.access.roles import POLICY, Role
from serving.access.scope import FIELDS

_WORDS = Path(__file__).with_name("access.md")


def text(note: str) -> str:
    """The page; `note` says that it is generated."""
    told = _WORDS.read_text("utf-8")
    tables = {"roles": _roles(), "why": _why(), "fields": _fields()}
    for name, table in tables.items():
        told = told.replace(f"<!-- {name} -->", table)
    return note + "\n" + told


def _roles() -> str:
    """Actions by roles."""
    roles = get_args(Role)
    names = " | ".join(f"{POLICY.roles[role].name.zh} `{role}`" for role in roles)
    lines = [f"| may 可以 | {names} |", f"|---|{':-:|' * len(roles)}"]
    for action, rule in POLICY.actions.items():
        marks = " | ".join("●" if role in rule.may else "" for role in roles)
        lines.append(f"| {rule.name.zh} {rule.name.en} `{action}` | {marks} |")
    return "\n".join(lines)


def _why() -> str:
    """Why each role and each line is so."""
    roles = [f"- `{role}`: {rule.why}." for role, rule in POLICY.roles.items()]
    actions = [f"- `{action}`: {rule.why}." for action, rule in POLICY.actions.items()]
    return "\n".join(["Roles:", "", *roles, "", "Actions:", "", *actions])


def _fields() -> str:
    return ", ".join(f"`{name}`" for name in FIELDS)
