from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from records.errors import NotPossible
from records.people import hashed, key, personal, veiled
from records.schema import TABLES
from tests.a_store import CODES, opaque, put, rows

SECRET = b"0123456789abcdef"
NUMBER = "11010519491231002X"  # the example of GB 11643-1999


def test_one_person_has_one_hash() -> None:
    spellings = [
        NUMBER,
        "１１０１０５１９４９１２３１００２ｘ",
        "110105 19491231 002x",
        "110105491231002",
    ]
    made = hashed(pd.Series([*spellings, "230102197001011234", None]), SECRET)
    # echo -n 11010519491231002X | openssl dgst -sha256 -hmac 0123456789abcdef | cut -c 1-32
    assert made[:4].tolist() == ["dd6a5ba2eed683e7925b20f655c01434"] * 4
    assert made[4] != made[0]
    assert pd.isna(made[5])
    assert made.str.len().dropna().eq(32).all()
    assert hashed(pd.Series([NUMBER]), b"another secret 16")[0] != made[0]


def test_the_key_comes_from_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotPossible, match="there is no key"):
        key()
    monkeypatch.setenv("XINFEN_PERSON_KEY", "short")
    with pytest.raises(NotPossible, match="too short"):
        key()
    monkeypatch.setenv("XINFEN_PERSON_KEY", SECRET.decode())
    assert key() == SECRET
    (tmp_path / "key").write_bytes(b"a secret in a file\n")
    monkeypatch.setenv("XINFEN_PERSON_KEY_FILE", str(tmp_path / "key"))
    assert key() == b"a secret in a file"
    monkeypatch.setenv("XINFEN_PERSON_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(NotPossible, match="no file"):
        key()


@pytest.mark.parametrize(
    "number",
    [
        NUMBER,
        "110105491231002",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105 19491231 002x",
        "110105\u200b19491231\u3000002X",
        "13800138000",
        "+86 138-0013-8000",
        "１３８００１３８０００",
    ],
)
def test_a_personal_number_in_the_open_is_refused_and_kept_nowhere(
    tmp_path: Path, number: str
) -> None:
    store = opaque(tmp_path)
    given = rows(
        "source_id entity_id event_time known_time role person_id",
        "1 F1 2024-01-01 2024-01-05 officer -",
        f"2 F1 2024-01-01 2024-01-05 officer {'ab12' * 8}",
    )
    given[0]["person_id"] = number
    report = put(store, "persons", given)
    assert (report.stored, report.quarantined) == (1, 1)
    assert report.reasons == {"an identity or telephone number in the open": 1}
    refused = store.refused("persons")
    assert refused is not None
    (row,) = refused.to_pylist()
    assert row["reasons"][0]["found"] == "********"
    assert number not in str(row)


def test_ordinary_values_are_not_struck_out() -> None:
    table = TABLES["enterprises"]
    frame = pd.DataFrame({"legal_rep": [CODES[0], "0123456789abcdef", None], "name": [NUMBER] * 3})
    assert veiled(frame, table) is frame


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("complainant_name", True),
        ("投诉人", True),
        ("举报人姓名", True),
        ("联系电话", True),
        ("消费者姓名", True),
        ("ComplainantPhone", True),
        ("tel", True),
        ("反映人姓名", True),
        ("反映人标识", False),
        ("id_card", True),
        ("被投诉人", False),
        ("被投诉人名称", False),
        ("applbasquename", False),
        ("subjectname", False),
        ("complaint_no", False),
        ("hotel_kind", False),
        ("Service_Request_Number", False),
    ],
)
def test_columns_that_tell_who_complained_are_known_by_name(name: str, expected: bool) -> None:
    assert personal(name) is expected
