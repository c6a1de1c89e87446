"""docs/access.md: the table of roles and the settings, told once more between words of ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from serving.access.roles import POLICY, Role
from serving.access.scope import FIELDS
from serving.access.servicesettings import Settings

_WORDS = Path(__file__).with_name("access.md")


def text(note: str) -> str:
    """The page; `note` says that it is generated."""
    told = _WORDS.read_text("utf-8")
    tables = {"roles": _roles(), "why": _why(), "fields": _fields(), "settings": _settings()}
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


def _settings() -> str:
    rows = ["| setting | default | what |", "|---|---|---|"]
    rows += [f"| `{name}` | {default} | {what} |" for name, default, what in _fields_of(Settings)]
    return "\n".join(rows)


def _fields_of(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, str, str]]:
    """(name, default, what) of every setting, those inside of others by dotted names."""
    for name, field in model.model_fields.items():
        inner = _inner(field.annotation)
        if inner is not None and name != "address_rate":
            yield from _fields_of(inner, f"{before}{name}.")
            continue
        yield (
            before + name,
            _default(field.get_default(call_default_factory=True)),
            (field.description or ""),
        )


def _inner(annotation: Any) -> type[BaseModel] | None:
    """The settings inside of a setting."""
    told = [kind for kind in get_args(annotation) or (annotation,) if kind is not type(None)]
    alone = told[0] if len(told) == 1 else None
    return alone if isinstance(alone, type) and issubclass(alone, BaseModel) else None


def _default(value: Any) -> str:
    if isinstance(value, BaseModel):
        return ", ".join(f"{name} {told:,g}" for name, told in value.model_dump().items())
    if value is None or value == "" or value == {}:
        return "–"
    return (
        "required"
        if "Undefined" in repr(value)
        else f"`{str(value).lower() if isinstance(value, bool) else value}`"
    )
