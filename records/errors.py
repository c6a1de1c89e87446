"""What can go wrong on the way in, through and out, as one small tree.

    XinfenError            anything a person can mend; the front door prints it and exits with 1
    ├── BadInput           a file, table, row or field is not what was expected
    ├── NotFound           a thing was named that does not exist
    ├── BadDefinition      a YAML declaration (model, catalogue, policy, mapping) is wrong
    └── NotPossible        the request is well formed but the records do not allow it

Every error says what was wrong, what was found, what is allowed and what to do next.
The service answers with the same four fields.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Self


def nearest(found: str, known: Sequence[str]) -> str:
    """A hint that names the known word nearest to the one that was found; empty if none is near."""
    close = difflib.get_close_matches(found, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else ""


class XinfenError(Exception):
    """An error a person can mend.

    Parameters
    ----------
    what : where and what is wrong (file, row, field).
    found : the offending value as text; empty if there is none.
    allowed : what would have been accepted; empty if that cannot be listed.
    hint : the next thing to do; empty if nothing helps.
    """

    def __init__(self, what: str, *, found: str = "", allowed: str = "", hint: str = "") -> None:
        self.what, self.found, self.allowed, self.hint = what, found, allowed, hint
        parts = [what]
        if found:
            parts.append(f"found: {found}")
        if allowed:
            parts.append(f"allowed: {allowed}")
        if hint:
            parts.append(f"hint: {hint}")
        super().__init__("\n  ".join(parts))


class BadInput(XinfenError):
    """A file, table, row or field is not what was expected."""


class NotFound(XinfenError):
    """A thing was named that does not exist."""

    @classmethod
    def among(cls, kind: str, name: str, known: Iterable[str], *, hint: str = "") -> Self:
        """Name what is unknown, what there is, and the nearest of it."""
        names = sorted(known)
        return cls(
            f"unknown {kind} {name!r}",
            allowed=", ".join(names) if names else "none exists yet",
            hint=" ".join(part for part in (nearest(name, names), hint) if part),
        )


class BadDefinition(XinfenError):
    """A YAML declaration is wrong; the message names file, entry and field."""


class NotPossible(XinfenError):
    """The request is well formed but the records do not allow it."""
