"""Somebody who asks: who it is, in which role, how far, and with which token."""

from __future__ import annotations

import getpass
from dataclasses import dataclass

from serving.access.roles import MAY, Action, Role
from serving.access.scope import WHOLE, Scope

TERMINAL = "terminal:"
"""What the names of those at the machine itself begin with; no token's holder is called so."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who showed a valid token, or sits at the terminal of the machine.

    `token` is the prefix of the token; empty at the terminal.
    """

    user: str
    role: Role
    scope: Scope
    token: str = ""

    def may(self, action: Action) -> bool:
        return action in MAY[self.role]


def terminal(role: Role = "inspector") -> Caller:
    """Whoever works on the machine itself, by the name of the account there."""
    return Caller(f"{TERMINAL}{getpass.getuser()}", role, WHOLE)
