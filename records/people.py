"""Persons: identity numbers become keyed hashes, complainants' particulars never come in.

The key is a secret of the deployment, given by XINFEN_PERSON_KEY or, better, a file named by
XINFEN_PERSON_KEY_FILE. It must never change: another key makes other hashes of the same people.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from pathlib import Path

import pandas as pd

from records import cells
from records.columns import Table
from records.errors import NotPossible
from records.forms import IDENTITY, OPEN
from records.texts import BLANKS, bare

KEY, KEY_FILE = "XINFEN_PERSON_KEY", "XINFEN_PERSON_KEY_FILE"
SHORTEST = 16
HEX = 32  # 128 bits: no two of a nation's people meet by chance
VEIL = "*" * 8

# `被投诉人` is the firm complained of and may be named; `反映人标识` is a hash made for one firm.
_PERSONAL = re.compile(
    r"(?<!被)(?:投诉人|举报人|申诉人|投诉方|举报方|投诉者|举报者|反映人(?!标识))"
    r"|消费者(?!权益|协会|类)|来电"
    r"|电话|手机|联系方式|身份证|证件号|邮箱|微信号"
    r"|complainant|informant|whistle|caller|phone|mobile|e-?mail|id_?card|(?:^|[^a-z])tel(?:$|[^a-z])",
    re.IGNORECASE,
)


def key() -> bytes:
    """The deployment's secret.

    Raises
    ------
    NotPossible : there is none, or it is too short to protect anybody.
    """
    file = os.environ.get(KEY_FILE)
    if file and not Path(file).is_file():
        raise NotPossible(f"no file {file}", hint=f"correct {KEY_FILE}; nothing was stored")
    secret = Path(file).read_bytes().strip() if file else os.environ.get(KEY, "").encode()
    if len(secret) < SHORTEST:
        raise NotPossible(
            "persons' identity numbers are stored only as keyed hashes, and there is no key"
            if not secret
            else "the key of persons' hashes is too short",
            allowed=f"a secret of at least {SHORTEST} bytes",
            hint=f"name its file in {KEY_FILE}, or give it in {KEY}; keep it, it must not change",
        )
    return secret


def hashed(numbers: pd.Series, secret: bytes) -> pd.Series:
    """HMAC-SHA-256 of each number, 32 hex digits; null stays null, an error an error.

    A number is first written one way: half-width, no spaces, upper case, and an identity number
    of 15 digits as the 18 of GB 11643-1999, so that one person has one hash.
    """
    given = cells.spelled(cells.column(numbers))
    wrong = set(given.filter(cells.errors(given)).to_pylist())
    digest = {
        number: hmac.new(secret, _one_spelling(number).encode(), hashlib.sha256).hexdigest()[:HEX]
        for number in given.unique().drop_null().to_pylist()
        if number not in wrong
    }
    told = digest | {error: error for error in wrong}
    return pd.Series(given, dtype="str").map(told).astype("str")


def _one_spelling(number: str) -> str:
    text = bare(number).replace("-", "").upper()
    if len(text) == 15 and re.fullmatch(IDENTITY, text):
        text = f"{text[:6]}19{text[6:]}"
        total = sum(int(digit) * (2 ** (17 - at) % 11) for at, digit in enumerate(text))
        text += "10X98765432"[total % 11]
    return text


def veiled(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Rows whose personal numbers in the open are struck out, for the checks to refuse.

    Done before anything is kept, so that the number is not in the quarantine either.
    """
    for column in table.columns:
        if column.form != "person" or column.name not in frame:
            continue
        text = frame[column.name].astype("str").str.replace(rf"[{BLANKS}\-]", "", regex=True)
        bare = text.str.fullmatch(OPEN).fillna(False).to_numpy(bool)
        if bare.any():
            struck = frame[column.name].astype("object").mask(bare, VEIL)
            frame = frame.assign(**{column.name: struck})
    return frame


def personal(name: str) -> bool:
    """Whether a column of a complaints file, by its name, tells who complained."""
    return _PERSONAL.search(name) is not None
