"""Letters to print: reminders and notices that leave the bureau, proposals of talks that stay.

A letter that leaves holds records, duties and rights alone. Whom a reminder goes to follows from
the class; not a byte of what stands in it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from models.wording import class_name, day, table_name
from records.files import fingerprint
from serving.fieldwork.letterwords import RIGHTS, letter_words
from serving.fieldwork.tasklist import items_of, method_of
from serving.plans.drawnplan import DrawnPlan
from serving.telling.rendering import render
from supervision.draws.lists import LISTED


@dataclass(frozen=True)
class Letter:
    """A letter: for whom, and what its template is told of it."""

    kind: str
    entity_id: str
    division: str
    told: Mapping[str, Any]

    @property
    def serial(self) -> str:
        return str(self.told["serial"])


@dataclass(frozen=True)
class Maker:
    """What all letters of a day share."""

    on: date
    lang: str
    synthetic: bool

    def reminders(self, firms: pd.DataFrame, records: pd.DataFrame) -> list[Letter]:
        """A reminder a firm.

        Parameters
        ----------
        firms : `name` and `division` by `entity_id`; nothing else of it is used.
        records : `supervision.fieldwork.letters.REMINDED`.
        """
        zh = self.lang == "zh"
        about = firms.loc[records["entity_id"].unique()].to_dict("index")
        made = []
        for firm, rows in records.groupby("entity_id", sort=True):
            told = [
                {
                    "what": row["zh" if zh else "en"],
                    "mend": row["mend_zh" if zh else "mend_en"],
                    "table": table_name(row["table"], self.lang),
                    "event_time": str(row["event_time"])[:10],
                    "source": row["source"],
                    "source_id": row["source_id"],
                }
                for row in rows.to_dict("records")
            ]
            made.append(self._letter("reminder", str(firm), about[firm], records=told))
        return made

    def talks(self, firms: pd.DataFrame, records: pd.DataFrame) -> list[Letter]:
        """A proposal a firm: `name`, `division`, `risk_class` by `entity_id`, and `behind`."""
        lines: dict[str, list[str]] = {}
        for firm, text in zip(records["entity_id"], records["text"], strict=True):
            lines.setdefault(firm, []).append(text)
        return [
            self._letter(
                "talk", str(firm), about, records=lines.get(str(firm), []),
                risk_class=about["risk_class"],
                class_name=class_name(str(about["risk_class"]), self.lang),
            )
            for firm, about in sorted(firms.to_dict("index").items())
        ]  # fmt: skip

    def notices(self, plan: DrawnPlan, before: Mapping[str, int]) -> list[Letter]:
        """A notice a visit; `before` counts the visits on file this year, by `entity_id`."""
        words = letter_words("notice", self.lang)
        papers = plan.inspectors.set_index("inspector_id")["qualification"]
        items = items_of(plan, self.lang)
        made = []
        for visit in plan.drawn.sort_values("visit").to_dict("records"):
            firm = str(visit["entity_id"])
            count = before.get(firm, 0)
            sent = [str(visit["inspector_1"]), str(visit["inspector_2"])]
            told = {
                "visit": visit["visit"],
                "method": method_of(visit["method"], self.lang),
                "inspectors": [_shown(words["out_certificate"], one, papers[one]) for one in sent],
                "frequency": words["out_times"].format(before=count, this=count + 1),
                "items": items(str(visit["items"])).split("\n"),
            }
            made.append(self._letter("notice", firm, visit, **told))
        return made

    def html(self, kind: str, letters: Iterable[Letter], **more: Any) -> str:
        """Letters of one kind as one page each; `more` is what the template shares."""
        shared = {"rights": RIGHTS[self.lang]} if kind == "notice" else {}
        return render(
            f"letter_{kind}.html", w=letter_words(kind, self.lang), lang=self.lang,
            synthetic=self.synthetic, on=day(self.on, self.lang),
            letters=[letter.told for letter in letters], **shared, **more,
        )  # fmt: skip

    def _letter(self, kind: str, firm: str, row: Mapping[Any, Any], **told: Any) -> Letter:
        """A letter of its own number; of `row`, name, address and division alone are used."""
        told_of = {name: row.get(name) for name in ("name", "address", "division")}
        plain = {name: one if isinstance(one, str) else "" for name, one in told_of.items()}
        about = {"entity_id": firm, "name": plain["name"], "address": plain["address"]}
        number = fingerprint([kind, self.on.isoformat(), about, told])[:8].upper()
        serial = f"{self.on:%Y%m%d}-{number}"
        return Letter(kind, firm, plain["division"], {**about, **told, "serial": serial})


def _shown(words: str, inspector: str, paper: object) -> str:
    """An inspector and the number of the certificate, where the list tells one."""
    if not isinstance(paper, str) or paper == LISTED:
        return inspector
    return words.format(one=inspector, paper=paper)
