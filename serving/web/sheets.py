"""Two sheets of A4 on a firm, as HTML that any browser prints.

*Internal*: for the file. Class, reasons, records, what would change it; a watermark names reader,
time and serial number.

*Outward*: to leave with the firm. Its records, duties and what it can do, and nothing else: no
class, score, probability or reason of the model. What it lists follows from the records alone,
whatever the model makes of them, so that not even the choice or the order tells anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import features
from models import wording
from models.compared import Moment
from models.ladder import ladder
from records.errors import BadInput
from records.files import fingerprint
from serving.runs import whatif
from serving.telling.rendering import render
from serving.telling.sheetwords import SHEET
from serving.web.words import WORDS

Kind = Literal["internal", "outward"]

MOST = 50
"""Records of an indicator that an outward sheet lists, the newest."""


@dataclass(frozen=True)
class Sheet:
    """A sheet made: its HTML, and the serial number that stands on it."""

    kind: Kind
    serial: str
    html: str


def make(
    found: Moment,
    reasons: Sequence[Mapping[str, Any]],
    kind: str,
    reader: str,
    lang: str,
    *,
    synthetic: bool,
    at: datetime | None = None,
    page: Mapping[str, str] | None = None,
    told: Mapping[str, Any] | None = None,
) -> Sheet:
    """A sheet on a firm.

    Parameters
    ----------
    found, reasons : the firm as a run found it, and its rows of `reasons.parquet`.
    reader : who asked for it; stands in the watermark of an internal sheet.
    at : when; now, in local time, where nothing is said.
    page : as a page of the service: `back` (an address), `back_word` and `hint`; None: as a file.
    told : the firm's ladder, where it has been made already; then `reasons` may be empty.

    Raises
    ------
    BadInput : an unknown kind or language, or no reader.
    """
    for what, given, allowed in (("kind", kind, get_args(Kind)), ("language", lang, [*SHEET])):
        if given not in allowed:
            raise BadInput(f"unknown {what}", found=given, allowed=", ".join(allowed))
    if not reader.strip():
        raise BadInput("a sheet is made for somebody", hint="name the reader with --for")
    when = at or datetime.now(UTC).astimezone()
    firm = found.firm
    number = fingerprint([kind, firm["entity_id"], firm["snapshot"], reader, when.isoformat()])
    serial = f"{when:%Y%m%d}-{number[:8].upper()}"
    about = {
        "s": SHEET["zh" if lang == "zh" else "en"],
        "lang": lang,
        "name": firm["name"],
        "entity_id": firm["entity_id"],
        "as_of": firm["as_of"],
        "at": when,
        "reader": reader.strip(),
        "serial": serial,
        "synthetic": synthetic,
        **({"page": page} if page else {}),
    }
    if kind == "outward":
        html = render("sheet_outward.html", **about, duties=duties(found, lang))
        return Sheet("outward", serial, html)
    told = told or ladder(firm, reasons, found.classifier.definition, lang)
    change = whatif.what_if(found, lang) if firm["risk_class"] else None
    words = WORDS["zh" if lang == "zh" else "en"]
    html = render("sheet_internal.html", **about, t=words, ladder=told, change=change)
    return Sheet("internal", serial, html)


def duties(found: Moment, lang: str) -> list[dict[str, Any]]:
    """What stands open by a firm's records, what it can do, and the records, in catalogue order.

    A duty whose act has a condition that is not reached yet is told with `later`.
    """
    catalogue = found.classifier.definition.catalogue
    answered = {name: catalogue.answered_by(name) for name in catalogue.acts}
    named = [one.id for ones in answered.values() for one in ones]
    needed = [id_ for act in catalogue.acts.values() for id_ in act.needs]
    values = found.indicators(catalogue, [*named, *needed])
    told = []
    for name, act in catalogue.acts.items():
        standing = [one for one in answered[name] if values[one.id] > 0]
        if standing:
            reached = all(values[id_] >= least for id_, least in act.needs.items())
            told.append(
                {
                    "duty": wording.capital(act.duty.in_(lang)),
                    "act": wording.capital(act.in_(lang)),
                    "later": not reached,
                    "records": _records(found, [one.id for one in standing], lang),
                }
            )
    return told


def _records(found: Moment, ids: list[str], lang: str) -> list[dict[str, str]]:
    """The firm's own records behind indicators, the newest first, each once.

    What a Python measure finds lacking has no record.
    """
    catalogue = found.classifier.definition.catalogue
    behind: dict[tuple[str, str, str], dict[str, str]] = {}
    for name in ids:
        if catalogue[name].measure == "python":
            continue
        rows = features.evidence(found.records, catalogue, catalogue[name], found.spine, MOST)
        for row in rows.to_dict("records"):
            key = (str(row["table"]), str(row["source"]), str(row["source_id"]))
            behind[key] = {
                "table": wording.table_name(key[0], lang),
                "source": key[1],
                "source_id": key[2],
                "event_time": str(row["event_time"])[:10],
            }
    return sorted(behind.values(), key=lambda one: (one["event_time"], one["source_id"]))[::-1]
