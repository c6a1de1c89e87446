"""Who read which class, and who changed what: rows that are only ever added.

One event is one row, however many firms it told; each of them stands in `audit_firms`, so that
"who looked at this firm" finds a single look and a batch alike. Reads go through `append`, which
returns when the row is on disk; a change writes its row by `chain.record` in its own
transaction, so that neither stands without the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from records.errors import BadInput
from serving.access import chain, sealer
from serving.access.caller import Caller
from serving.access.chain import Event, Head
from serving.access.chaincheck import Verdict, verify
from serving.store.accesstables import audit, audit_firms
from serving.store.database import reading

__all__ = ["Event", "Head", "Look", "Verdict", "append", "between", "head", "verify", "who_looked"]


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody's look at a firm, alone or among `firms` others."""

    n: int
    at: str
    user: str
    role: str
    action: str
    firms: int
    run: str
    purpose: str


def append(
    engine: Engine,
    caller: Caller,
    action: str,
    entity_ids: Sequence[str],
    *,
    run: str,
    purpose: str = "",
    about: str = "",
    at: datetime | None = None,
) -> None:
    """Record that `caller` is about to be told these firms' classes; on disk when it returns.

    Parameters
    ----------
    entity_ids : one row for all of them; none and nothing `about` it writes nothing.
    run : SHA-256 of the run they were read from.
    purpose : why, as the caller gave it.
    about : what was asked, where the firms do not tell it.
    """
    if entity_ids or about:
        event = Event.of(caller, action, entity_ids, about=about, run=run, purpose=purpose, at=at)
        sealer.of(engine).write([event])


def head(engine: Engine) -> Head:
    """The last row of the chain."""
    with reading(engine) as connection:
        return chain.head(connection)


def between(first: date, final: date, zone: str) -> tuple[str, str]:
    """From the first moment of a civil day to the last of another, as rows are dated.

    Returns
    -------
    UTC in ISO 8601, the first in, the last out.

    Raises
    ------
    BadInput : a day at the edge of the calendar.
    """
    moments = []
    for day, more in ((first, 0), (final, 1)):
        try:
            begun = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
            moment = (begun + timedelta(days=more)).astimezone(UTC)
        except OverflowError:
            raise BadInput(
                "a day at the edge of the calendar", found=str(day),
                allowed="a day such as 2026-05-31",
            ) from None  # fmt: skip
        moments.append(moment.isoformat(timespec="milliseconds"))
    return moments[0], moments[1]


def who_looked(
    engine: Engine, entity_id: str, *, after: int = 0, since: str = "", until: str = "~",
    limit: int | None = None,
) -> list[Look]:  # fmt: skip
    """Every look at a firm, alone or in a list, the oldest first.

    Parameters
    ----------
    after : only rows past this number.
    since, until : UTC in ISO 8601, the first in, the last out.
    """
    told = (audit.c[name] for name in Look.__dataclass_fields__)
    wanted = (
        sa.select(*told)
        .join(audit_firms, audit_firms.c.n == audit.c.n)
        .where(audit_firms.c.entity_id == entity_id, audit.c.n > after)
        .where(audit.c.at >= since, audit.c.at < until)
        .order_by(audit.c.n)
        .limit(limit)
    )
    with reading(engine) as connection:
        return [Look(**row) for row in connection.execute(wanted).mappings()]
