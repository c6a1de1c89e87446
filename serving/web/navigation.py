"""Where the pages lead: one list, from which each reader is shown what the role may open.

A module of pages appends its places at import; their order is that of `NAV`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from serving.access.caller import Caller
from serving.access.roles import Action


@dataclass(frozen=True, slots=True)
class Place:
    """A page that the head of every page leads to.

    Parameters
    ----------
    route : its path; what lies under it belongs to it.
    words : its name in zh and en.
    action : what a role must be allowed to do to open it.
    under : other paths that belong to it.
    """

    route: str
    words: tuple[str, str]
    action: Action
    under: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Whether a page belongs here."""
        own = path == self.route or (self.route != "/" and path.startswith(f"{self.route}/"))
        return own or any(path.startswith(each) for each in self.under)


NAV: list[Place] = [
    Place("/", ("企业", "Enterprises"), "search", ("/enterprises/",)),
    Place("/lists", ("名单", "Lists"), "search"),
    Place("/compare", ("比对", "Compare"), "batch"),
    Place("/overview", ("概况", "Overview"), "run"),
    Place("/plans", ("抽查计划", "Plans"), "verification"),
    Place("/corrections", ("异议更正", "Corrections"), "corrections", ("/enterprises/correction",)),
    Place("/model", ("模型", "Model"), "run"),
    Place("/looks", ("查阅记录", "Who looked"), "who_looked"),
]


def shown(caller: Caller | None, path: str, lang: str) -> list[dict[str, Any]]:
    """The places that a reader may open: `route`, `name`, and whether it is here."""
    if caller is None:
        return []
    return [
        {"route": one.route, "name": one.words[lang == "en"], "here": one.holds(path)}
        for one in NAV
        if caller.may(one.action)
    ]
