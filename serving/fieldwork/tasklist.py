"""Task lists: what each pair is to do on which day, in words, and what is kept from it.

The same plan, run and results give the same rows. What rests on a class is put in last, for the
firms that are not hidden alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from models.wording import table_name
from records.errors import NotFound
from serving.fieldwork.taskfacts import Facts
from serving.fieldwork.taskwords import METHODS, TASK
from serving.plans.drawnplan import DrawnPlan
from supervision.draws.workload import workload
from supervision.fieldwork import tasks
from supervision.fieldwork.travel import Travel, compared, routes


@dataclass(frozen=True)
class TaskList:
    """The visits of a plan, or of one of its inspectors, ready to be told.

    `rows` has the columns of `taskwords.COLUMNS` as texts, `day`, `stop` and `km` as numbers, and
    `bureau`; `work` those of `taskwords.WORK`, `load` those of `taskwords.LOAD`; `told` are the
    firms whose class is told.
    """

    rows: pd.DataFrame
    work: pd.DataFrame
    load: pd.DataFrame
    told: list[str]
    lang: str

    @classmethod
    def of(
        cls, plan: DrawnPlan, drawn: pd.DataFrame, facts: Facts, travel: Travel, lang: str
    ) -> TaskList:
        """Make the list of the visits in `drawn`; `facts` are those of the same visits."""
        units = dict(zip(plan.inspectors["inspector_id"], plan.inspectors["unit"], strict=True))
        visits = drawn.reset_index(drop=True)
        hidden = tasks.hidden(plan.drawn, plan.reported)
        blind = visits["visit"].isin(plan.drawn.loc[hidden, "visit"])
        route = routes(visits, units, travel)
        words = TASK[lang]
        plain = {
            name: visits[name] for name in ("visit", "entity_id", "name", "division", "address")
        }
        rows = pd.DataFrame(plain).assign(
            bureau=visits["bureau"],
            inspector_1=visits["inspector_1"],
            inspector_2=visits["inspector_2"],
            pair=route["pair"], day=route["day"], stop=route["stop"], km=route["km"],
            items=visits["items"].map(items_of(plan, lang), na_action="ignore"),
            method=visits["method"].map(lambda code: method_of(code, lang)),
            until=plan.period.end.isoformat(),
            enter=words["enter"].format(days=plan.definition.deadlines.enter),
            last_visit_on=visits["entity_id"].map(facts.last),
            drawn_as=visits["drawn_by"].map(lambda way: words[tasks.DRAWN_AS[way]]),
            note=_notes(plan, visits, blind, lang),
        )  # fmt: skip
        firm = visits["entity_id"].where(~blind)
        for column, text in _internal(facts, lang).items():
            rows[column] = firm.map(text)
        rows = rows.sort_values(["pair", "day", "stop", "visit"], ignore_index=True)
        told = sorted(set(firm.dropna()) & set(facts.classes.index))
        load = workload(plan.drawn, plan.inspectors, (plan.period.start, plan.period.end))
        load["unavailable"] = load["unavailable"].map(words, na_action="ignore")
        return cls(rows, compared(visits, units, travel), load, told, lang)

    def summary(self) -> dict[str, Any]:
        """Visits, pairs, days and estimated kilometres, beside those of the order drawn."""
        sums = self.work[["km", "days", "km_as_drawn", "days_as_drawn"]].sum()
        return {
            "visits": len(self.rows),
            "pairs": len(self.work),
            "class_told": len(self.told),
            "km": round(float(sums["km"]), 1),
            "km_as_drawn": round(float(sums["km_as_drawn"]), 1),
            "days": int(sums["days"]),
            "days_as_drawn": int(sums["days_as_drawn"]),
        }


def inspector_of(plan: DrawnPlan, inspector: str) -> pd.DataFrame:
    """The visits of one inspector.

    Raises
    ------
    NotFound : nobody of that id is on the plan's list.
    """
    known = plan.inspectors["inspector_id"]
    if not known.isin([inspector]).any():
        raise NotFound.among("inspector", inspector, known)
    return plan.drawn[tasks.of_inspector(plan.drawn, inspector)]


def _internal(facts: Facts, lang: str) -> dict[str, pd.Series[str]]:
    """What rests on class, grade or reasons, by firm; there is nothing of hidden firms in it."""
    texts = _entitled(facts.entitled, lang)
    kinds = texts["kind"]
    return {
        "risk_class": facts.classes["risk_class"],
        "public_grade": facts.classes["public_grade"],
        "records": tasks.joined(facts.records, "text"),
        "services": tasks.joined(texts[kinds == "service"], "text"),
        "limits": tasks.joined(texts[kinds == "limit"], "text"),
    }


def _entitled(entitled: pd.DataFrame, lang: str) -> pd.DataFrame:
    """`entity_id`, `kind`, `text`: the measures that rest on one record, it, and the clause."""
    words, lines = TASK[lang], []
    basis = ["entity_id", "kind", "table", "source", "source_id"]
    for (firm, kind, table, _, source_id), rows in entitled.groupby(basis, sort=False):
        first = rows.iloc[0]
        text = words["entitled"].format(
            names=words["and"].join(rows["zh" if lang == "zh" else "en"]),
            says=words["grade"].format(grade=first["says"]) if pd.notna(first["says"]) else "",
            table=table_name(str(table), lang), source_id=source_id,
            event_time=str(first["event_time"])[:10], clause=first[f"clause_{lang}"],
        )  # fmt: skip
        lines.append((firm, kind, text))
    return pd.DataFrame(lines, columns=["entity_id", "kind", "text"])


def items_of(plan: DrawnPlan, lang: str) -> Callable[[str], str]:
    """What tells the items of a visit (ids with `;`): a line each, with the rule it rests on."""
    names = {}
    for item in plan.definition.items:
        name = item.name.zh if lang == "zh" else item.name.en
        words = TASK[lang]["basis"]
        names[item.id] = words.format(name=name, basis=item.basis) if item.basis else name
    return lambda ids: "\n".join(names.get(one, one) for one in ids.split(";"))


def method_of(code: object, lang: str) -> str:
    """What a method is called."""
    both = METHODS.get(str(code))
    return str(code) if both is None else both[lang != "zh"]


def _notes(
    plan: DrawnPlan, visits: pd.DataFrame, blind: pd.Series[bool], lang: str
) -> pd.Series[str]:
    """What a pair should know of a visit beside the columns."""
    words = TASK[lang]
    leave = plan.inspectors.set_index("inspector_id")["leave"].dropna()
    told = []
    columns = ("inspector_1", "inspector_2", "specialty_met")
    for hidden, *two, met in zip(blind, *(visits[name] for name in columns), strict=True):
        away = [f"{one} {str(leave[one]).replace('/', words['to'])}" for one in two if one in leave]
        parts = [
            words["hidden"] if hidden else "",
            words["no_specialty"] if pd.notna(met) and not met else "",
            words["leave"] + ", ".join(away) if away else "",
        ]
        told.append(words["join"].join(filter(None, parts)) or None)
    return pd.Series(told, index=visits.index, dtype="str")
