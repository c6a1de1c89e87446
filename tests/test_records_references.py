from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import xinfen
from records.errors import NotFound
from records.intake import ingest
from records.quality import Observed, summary
from records.references import Resolved, references, survey
from records.schema import TABLES
from records.store import Store
from tests.a_store import opaque, put, rows

PENALTY = "source_id entity_id event_time known_time authority_field"
REPAIR = "source_id entity_id event_time known_time repaired_table repaired_source_id"
FIRM = "source_id entity_id event_time known_time name entity_type status parent_id"


def test_what_refers_to_what() -> None:
    found = {
        (table.name, column.name): (refers.table, refers.column, refers.named_by)
        for table in TABLES.values()
        for column, refers in references(table)
        if column.name != "entity_id"
    }
    assert found == {
        ("enterprises", "parent_id"): ("enterprises", "entity_id", ""),
        ("persons", "investor_id"): ("enterprises", "entity_id", ""),
        ("entity_links", "linked_id"): ("enterprises", "entity_id", ""),
        ("repairs", "repaired_source_id"): ("", "source_id", "repaired_table"),
    }
    firms = {t.name for t in TABLES.values() if "entity_id" in {c.name for c, _ in references(t)}}
    assert firms == set(TABLES) - {"enterprises"}
    for table in TABLES.values():
        for _, refers in references(table):
            targets = [refers.table] if refers.table else table.by_name[refers.named_by].allowed
            for target in targets:
                assert refers.column in TABLES[target].by_name
                assert not refers.within or refers.within in TABLES[target].by_name


def _told(store: Store, name: str, *lines: str) -> list[tuple[str, str, int, int, tuple[str, ...]]]:
    """The references of one ingest, as its report tells them."""
    columns = {"penalties": PENALTY, "repairs": REPAIR, "enterprises": FIRM}[name]
    put(store, name, rows(columns, *lines), name)
    again = Observed(TABLES[name], store.id_scheme)
    report = ingest(store, name, store.path.parent / f"{name}.csv", seen=again)
    quality = summary(report, again, again.referred.resolved(store))
    return [(r.column, r.target, r.rows, r.unresolved, r.examples) for r in quality.references]


def test_what_is_not_there_yet_is_counted_and_never_refused(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    told = _told(
        store, "repairs",
        "1 F1 2024-03-01 2024-03-05 penalties P1",
        "2 F1 2024-03-01 2024-03-05 penalties P2",
        "3 F2 2024-03-01 2024-03-05 abnormal_listings A1",
    )  # fmt: skip
    assert told == [
        ("entity_id", "enterprises", 3, 3, ("F1", "F2")),
        ("repaired_source_id", "abnormal_listings", 1, 1, ("A1",)),
        ("repaired_source_id", "penalties", 2, 2, ("P1", "P2")),
    ]
    # The penalties arrive after their repairs, and one of them is another firm's.
    told = _told(
        store, "penalties",
        "P1 F1 2024-01-01 2024-01-05 tax",
        "P2 F9 2024-01-01 2024-01-05 tax",
    )  # fmt: skip
    assert told == [("entity_id", "enterprises", 2, 2, ("F1", "F9"))]
    told = _told(store, "enterprises", "1 F1 2020-01-01 2020-01-05 甲 1130 live F1x",
                 "2 F1x 2020-01-01 2020-01-05 乙 1130 live -")  # fmt: skip
    assert told == [("parent_id", "enterprises", 1, 0, ())]  # resolved within the same file
    assert survey(store, "repairs") == [
        Resolved("repairs", "entity_id", "enterprises", 3, 1, ("F2",)),
        Resolved("repairs", "repaired_source_id", "abnormal_listings", 1, 1, ("A1",)),
        Resolved("repairs", "repaired_source_id", "penalties", 2, 1, ("P2",)),
    ]


def test_only_the_newest_version_of_a_record_refers(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    put(store, "repairs", rows(REPAIR, "1 F1 2024-03-01 2024-03-05 penalties wrong"))
    put(store, "repairs", rows(REPAIR, "1 F1 2024-03-01 2024-04-05 penalties P1"))
    put(store, "penalties", rows(PENALTY, "P1 F1 2024-01-01 2024-01-05 tax"))
    found = {(one.column, one.unresolved) for one in survey(store, "repairs")}
    assert found == {("entity_id", 1), ("repaired_source_id", 0)}


def test_some_links_lead_to_no_record_by_their_kind(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    columns = "source_id entity_id event_time known_time linked_id kind"
    put(
        store,
        "entity_links",
        rows(
            columns,
            "1 F1 2024-01-01 2024-01-05 2301000001 old_code",
            "2 F1 2024-01-01 2024-01-05 F2 branch",
        ),
    )
    assert survey(store, "entity_links")[1:] == [
        Resolved("entity_links", "linked_id", "enterprises", 1, 1, ("F2",))
    ]


def test_the_front_door_tells_references(tmp_path: Path) -> None:
    store = opaque(tmp_path)
    put(store, "penalties", rows(PENALTY, "P1 F1 2024-01-01 2024-01-05 tax"))
    command = ["store", "references", str(store.path)]
    told = CliRunner().invoke(xinfen.app, [*command, "--json"])
    assert json.loads(told.output) == {
        "references": [
            {
                "table": "penalties",
                "column": "entity_id",
                "target": "enterprises",
                "rows": 1,
                "unresolved": 1,
                "examples": ["F1"],
            }
        ]
    }
    shown = CliRunner().invoke(xinfen.app, command)
    assert "penalties.entity_id → enterprises" in " ".join(shown.output.split())
    with pytest.raises(NotFound, match="did you mean 'penalties'"):
        survey(store, "penalty")
