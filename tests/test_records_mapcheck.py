"""Every way in which a mapping can be wrong is told with its line and the nearest valid name."""

from __future__ import annotations

from pathlib import Path

import pytest

from records.errors import BadDefinition
from records.mapping import Mapping

RIGHT = """table: penalties
source: {name: 局, id: "{no}"}
columns: {entity_id: firm, event_time: day, violation: why}
constants: {authority_field: tax}
values: {violation: {x: y}}
known_time: {after: event_time, days: 7}
"""


def _refused(folder: Path, text: str | bytes) -> BadDefinition:
    file = folder / "map.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadDefinition) as caught:
        Mapping.load(file)
    return caught.value


def test_the_mapping_that_is_spoilt_below_is_right(tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(RIGHT, "utf-8")
    assert Mapping.load(tmp_path / "map.yaml").header == 1


@pytest.mark.parametrize(
    ("old", "new", "what", "hint"),
    [
        # YAML itself.
        ("values: {", "values: [", "map.yaml, line 5: it is not YAML", "quote texts"),
        ("violation: why", "violation: 'why", "map.yaml, line 7: it is not YAML", "quote texts"),
        ("name: 局", "name: 局: x", "map.yaml, line 2: it is not YAML", "quote texts"),
        ("constants:", "\tconstants:", "map.yaml, line 4: it is not YAML", "quote texts"),
        ("name: 局", "name: @局", "map.yaml, line 2: it is not YAML", "quote texts"),
        ("violation: why", "violation: *why", "map.yaml, line 3: it is not YAML", "quote texts"),
        ("table: penalties", "table: penalties\ntable: repairs", "line 2: 'table' is given twice",
         "keep one"),
        ("x: y", "x: y, x: z", "line 5: 'x' is given twice", "keep one"),
        # Entries.
        ("constants:", "constant:", "line 4, constant: unknown entry 'constant'",
         "did you mean 'constants'?"),
        ("source: {name", "source: {nam", "line 2, source.name: 'name' is missing", ""),
        ("days: 7", "dayz: 7", "line 6, known_time.days: 'days' is missing", ""),
        ("table: penalties\n", "", "map.yaml, line 1, table: 'table' is missing", ""),
        # Types.
        ("table: penalties", "table: 7", "line 1, table: text is expected; quote it", ""),
        ("entity_id: firm", "entity_id: no", "line 3, columns.entity_id: text is expected", ""),
        ("entity_id: firm", "entity_id: 01", "line 3, columns.entity_id: text is expected", ""),
        ("entity_id: firm", "entity_id: [firm]", "line 3, columns.entity_id: text is exp", ""),
        ("source: {name: 局, id: \"{no}\"}", "source: 局", "line 2, source: entries are exp", ""),
        ("columns: {entity_id: firm, event_time: day, violation: why}", "columns: [firm]",
         "line 3, columns: entries are expected", ""),
        ("constants:", "dates: 2024\nconstants:", "line 4, dates: a list is expected", ""),
        ("constants:", "dates: [2024]\nconstants:", "line 4, dates.0: text is expected", ""),
        ("days: 7", "days: seven", "line 6, known_time.days: Input should be a valid integer", ""),
        ("days: 7", "days: -7", "line 6, known_time.days: Input should be greater", ""),
        ("days: 7", "days: 99999", "line 6, known_time.days: Input should be less", ""),
        ("constants:", "header: 0\nconstants:", "line 4, header: Input should be greater", ""),
        ("x: y", "1: y", "line 5, values.violation.1: text is expected; quote it", ""),
        ("tax}", "[tax]}", "line 4, constants.authority_field: one value is expected", ""),
        ("x: y", "x: {a: b}", "line 5, values.violation.x: one value is expected", ""),
        ("constants:", "units: {amount: yaun}\nconstants:",
         "line 4, units.amount: not one of the known words", "did you mean 'yuan'?"),
        # Names.
        ("table: penalties", "table: penaltys", "line 1, table: unknown table 'penaltys'",
         "did you mean 'penalties'?"),
        ("violation: why", "violaton: why", "line 3, columns.violaton: 'violaton' is not a column",
         "did you mean 'violation'?"),
        ("authority_field: tax", "authority: tax", "line 4, constants.authority: 'authority' is",
         "did you mean 'authority_field'?"),
        ("authority_field: tax", "authority_field: taxx",
         "line 4, constants.authority_field: not a known value", "did you mean 'tax'?"),
        ("values: {violation: {x: y}}", "values: {penalty: {x: fin}}",
         "line 5, values.penalty.x: not a known value of penalty", "did you mean 'fine'?"),
        ("values: {violation", "values: {basis", "line 5, values.basis: basis is not filled", ""),
        ("constants:", "split: {authority_field: x}\nconstants:",
         "line 4, split.authority_field: authority_field is not among `columns`", ""),
        ("constants:", "units: {violation: yuan}\nconstants:",
         "line 4, units.violation: violation is no amount", ""),
        ("constants:", "units: {amount: yuan}\nconstants:",
         "line 4, units.amount: amount is not filled", ""),
        ("constants:", "sums: {basis: [a]}\nconstants:",
         "line 4, sums.basis: basis is no amount", ""),
        ("constants:", "hmac: [violation]\nconstants:",
         "line 4, hmac.violation: violation does not name a", ""),
        ("after: event_time", "after: event_tim",
         "line 6, known_time.after: is not a date that the mapping fills",
         "did you mean 'event_time'?"),
        ("after: event_time", "after: valid_to", "line 6, known_time.after: is not a date", ""),
        # What would be lost, or could not mean what it says.
        ("authority_field: tax", "authority_field: tax, violation: x",
         "line 4, constants.violation: violation is filled by columns already", ""),
        ("constants:", "templates: {violation: \"{a}\"}\nconstants:",
         "line 4, templates.violation: violation is filled by columns already", ""),
        ("violation: why", "source_id: why", "line 3, columns.source_id: source_id is filled by s",
         ""),
        ("\"{no}\"", "\"all\"", "line 2, source.id: it names no column", ""),
        ("\"{no}\"", "\"{no}/{x\"", "line 2, source.id: each { needs a name and a }", ""),
        ("\"{no}\"", "\"{}/{no}\"", "line 2, source.id: each { needs a name and a }", ""),
        ("name: 局", "name: \" \"", "line 2, source.name: nobody is named", ""),
        ("constants:", "templates: {basis: \"a}\"}\nconstants:",
         "line 4, templates.basis: each { needs a name and a }", ""),
        ("constants:", "dates: [\"%d.%m.%y\"]\nconstants:",
         "line 4, dates.0: %y in '%d.%m.%y': no day can be read", "did you mean"),
        ("constants:", "dates: [\"%m/%d\"]\nconstants:", "line 4, dates.0: no %Y in '%m/%d'", ""),
        ("constants:", "dates: [exel]\nconstants:", "line 4, dates.0: no %Y in 'exel'", ""),
        ("constants:", "split: {violation: \"\"}\nconstants:", "line 4, split.violation: no mark",
         ""),
        ("constants:", "sums: {amount: []}\nconstants:", "line 4, sums.amount: nothing to sum", ""),
        ("constants:", "unpivot: {columns: [], item: a, value: b}\nconstants:",
         "line 4, unpivot.columns: nothing to turn into rows", ""),
        ("constants:", "unpivot: {columns: [x], item: a, value: a}\nconstants:",
         "line 4, unpivot.value: item and value need two names", ""),
        ("constants:", "joins: [{file: x.csv, by: [], columns: {a: b}}]\nconstants:",
         "line 4, joins.0.by: nothing to join by", ""),
        ("constants:", "joins: [{file: x.csv, by: [a], column: {a: b}}]\nconstants:",
         "line 4, joins.0.columns: 'columns' is missing", ""),
        ("constants:", "joins: [{file: x.csv, by: {}, columns: {a: b}}]\nconstants:",
         "line 4, joins.0.by: nothing to join by", ""),
        ("constants:", "joins: [{file: x.csv, by: 7, columns: {a: b}}]\nconstants:",
         "line 4, joins.0.by: a list is expected", ""),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_named(tmp_path: Path, old: str, new: str, what: str, hint: str) -> None:
    assert old in RIGHT
    error = _refused(tmp_path, RIGHT.replace(old, new, 1))
    assert what in error.what
    assert hint in error.hint
    assert "nothing was stored" in error.hint


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "map.yaml, line 1, the whole file: entries are expected"),
        ("penalties", "map.yaml, line 1, the whole file: entries are expected"),
        ("- table", "map.yaml, line 1, the whole file: entries are expected"),
        ("a: 2024-02-31", "map.yaml cannot be read"),
        (b"table: \xff", "map.yaml cannot be read"),
        ("table: \x00", "not YAML"),
    ],
)
def test_what_is_no_mapping_at_all_is_named(tmp_path: Path, text: str | bytes, what: str) -> None:
    assert what in _refused(tmp_path, text).what
