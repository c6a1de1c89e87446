"""A firm as a run found it, and the records behind an indicator in two runs compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pandas as pd

import features
from features.catalogue import Catalogue
from features.engine import engine
from features.indicator import Indicator
from features.known import Known
from models.classifier import RiskClassifier
from records.store import Snapshot

MOST = 200
"""Records of an indicator that are looked at on each date, the newest."""

How = Literal["new", "ended", "corrected"]
Key = tuple[str, str, str]
"""A record's table, source and id there."""


@dataclass(frozen=True)
class Moment:
    """A firm as a run found it.

    Parameters
    ----------
    records : the snapshot that the run read.
    firm : its row of `classes.parquet`, of a firm in the model's scope.
    fitted : the indicators that the model read, by id, NaN where unknown.
    """

    records: Snapshot
    classifier: RiskClassifier
    firm: Mapping[str, Any]
    fitted: pd.Series

    @property
    def spine(self) -> pd.DataFrame:
        """The firm and the run's date."""
        return pd.DataFrame({name: [self.firm[name]] for name in ("entity_id", "as_of")})

    def indicators(self, catalogue: Catalogue, ids: Iterable[str]) -> pd.Series:
        """Indicators of a catalogue as they were known to the run.

        What the model read is there; the rest, and all of another catalogue, is computed.
        """
        asked = list(dict.fromkeys(ids))
        same = catalogue.hash == self.classifier.definition.catalogue.hash
        lacking = [name for name in asked if not same or name not in self.fitted.index]
        known = self.fitted if same else self.fitted.iloc[:0]
        if lacking:
            table = features.build(self.records, self.spine, catalogue.only(lacking))
            known = pd.concat([known, table.frame[lacking].iloc[0].astype(float)])
        return known.reindex(asked)


@dataclass(frozen=True)
class Record:
    """A record by which an indicator changed.

    `how`: ``new`` counts since; ``ended`` counts no more (it ended, was repaired, or left the
    window); ``corrected`` counts in another version.
    """

    how: How
    table: str
    source: str
    source_id: str
    event_time: date


def records(
    before: Moment, after: Moment, catalogue: Catalogue, indicators: Sequence[Indicator]
) -> dict[str, tuple[Record, ...]]:
    """By indicator, the records that are new, ended or corrected; the newest first."""
    sides = {
        one.id: (_behind(before, catalogue, one), _behind(after, catalogue, one))
        for one in indicators
    }
    every = {key for pair in sides.values() for side in pair for key in side}
    corrected = _corrected(before, after, every)
    return {name: tuple(_told(*pair, corrected)) for name, pair in sides.items()}


def _behind(moment: Moment, catalogue: Catalogue, one: Indicator) -> dict[Key, date]:
    found = features.evidence(moment.records, catalogue, one, moment.spine, MOST)
    days = pd.to_datetime(found["event_time"]).dt.date
    keys = zip(found["table"], found["source"], found["source_id"], strict=True)
    return dict(zip(keys, days, strict=True))


def _corrected(before: Moment, after: Moment, keys: Iterable[Key]) -> set[Key]:
    """Those of which a correction became known between the two dates."""
    found: set[Key] = set()
    tables = sorted({table for table, _, _ in keys})
    with engine() as running:
        known = Known(after.records, running)
        for table in tables:
            ids = sorted({source_id for name, _, source_id in keys if name == table})
            rows = known.versions(table)
            rows = rows.filter(
                rows.corrects.notnull(),
                rows.known_time >= before.firm["as_of"],
                rows.known_time < after.firm["as_of"],
                rows.source_id.isin(ids),
            )
            told = running.fetch(rows.select("source", "source_id").distinct()).to_pylist()
            found |= {(table, row["source"], row["source_id"]) for row in told}
    return found


def _told(then: dict[Key, date], now: dict[Key, date], corrected: set[Key]) -> list[Record]:
    how: dict[Key, How] = {}
    for key in {**then, **now}:
        if key not in now:
            how[key] = "ended"
        elif key in corrected:
            how[key] = "corrected"
        elif key not in then:
            how[key] = "new"
    told = [Record(how[key], *key, (now if key in now else then)[key]) for key in how]
    return sorted(told, key=lambda one: (-one.event_time.toordinal(), one.source_id))
