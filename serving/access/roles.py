"""What each role may do, read from `roles.yaml`: actions by roles, with a line why for each.

An action that the table does not name is nobody's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

import yaml
from pydantic import ValidationError, model_validator

from records.entries import Strict
from records.errors import BadDefinition

Role = Literal["inspector", "supervisor", "data_scientist", "batch", "auditor", "administrator"]
Action = Literal[
    "run", "class", "explanation", "search", "batch", "score", "plans", "verification", "results",
    "corrections", "ask_correction", "decide_correction", "who_looked", "metrics", "pages",
]  # fmt: skip

FILE = Path(__file__).with_name("roles.yaml")


class Name(Strict):
    """A name in both languages."""

    zh: str
    en: str


class RoleRule(Strict):
    """A role and why there is one."""

    name: Name
    why: str


class ActionRule(Strict):
    """An action, the roles that may do it, and why those."""

    name: Name
    may: frozenset[Role]
    why: str


class Policy(Strict):
    """The whole table."""

    version: str
    roles: dict[Role, RoleRule]
    actions: dict[Action, ActionRule]

    @model_validator(mode="after")
    def whole(self) -> Policy:
        """Every role and every action that the code knows has its line."""
        for what, told, known in (
            ("roles", set(self.roles), set(get_args(Role))),
            ("actions", set(self.actions), set(get_args(Action))),
        ):
            if missing := known - told:
                raise ValueError(f"{what} without a line: {', '.join(sorted(missing))}")
        return self


def read(path: Path = FILE) -> Policy:
    """The policy of a YAML file.

    Raises
    ------
    BadDefinition : the file names an unknown role or action, or leaves one out.
    """
    try:
        return Policy.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise BadDefinition(f"{path.name}: the table of roles is wrong", found=str(error)) from None


POLICY = read()

MAY: dict[Role, frozenset[Action]] = {
    role: frozenset(name for name, rule in POLICY.actions.items() if role in rule.may)
    for role in POLICY.roles
}
"""What a role may do."""
