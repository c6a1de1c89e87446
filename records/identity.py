"""Identity: unified social credit codes, repaired and checked a column at a time.

Source: GB 32100-2015; the check character is alphabet[(31 − Σ weight·value mod 31) mod 31].
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from records.texts import bare

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28], dtype=np.int64)

_UNKNOWN = -1
_VALUE = np.full(128, _UNKNOWN, dtype=np.int64)
_VALUE[[ord(letter) for letter in ALPHABET]] = np.arange(len(ALPHABET))
_BYTE = np.full(256, _UNKNOWN, dtype=np.float32)
_BYTE[: len(_VALUE)] = _VALUE
_LETTER = np.array(list(ALPHABET))


def check_digits(first17: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
    """Check characters of codes given by their first 17 characters.

    Parameters
    ----------
    first17 : array of shape (n,), each of exactly 17 characters of the alphabet.

    Returns
    -------
    array of shape (n,), one character each.
    """
    values = _values(np.asarray(first17, dtype="U17"), 17)
    letters: npt.NDArray[np.str_] = _LETTER[(31 - values @ WEIGHTS % 31) % 31]
    return letters


def repair(codes: pd.Series) -> pd.Series:
    """Codes with full-width characters, spaces, dashes and lower case undone; null stays null."""
    text = codes.astype("str")
    odd = text.notna() & ~text.str.fullmatch(r"[0-9A-Z]*").fillna(True).astype(bool)
    if not odd.any():
        return text
    return text.where(~odd, text[odd].map(_plain))


def _plain(code: str) -> str:
    return bare(code).replace("-", "").upper()


def valid_uscc(codes: pd.Series) -> npt.NDArray[np.bool_]:
    """Which codes have 18 characters, digits in the first 8, and a true check digit.

    Returns an array of shape (n,); a null code is not valid.
    """
    text = pa.array(codes.astype("str"), pa.string(), from_pandas=True)
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    valid = pc.equal(pc.binary_length(text), 18).fill_null(False).to_numpy(zero_copy_only=False)
    if valid.any():
        shaped = text.filter(pa.array(valid)).cast(pa.binary()).cast(pa.binary(18))
        letters = np.frombuffer(shaped.buffers()[1], np.uint8, 18 * len(shaped))
        values = _BYTE[letters].reshape(-1, 18)
        known = (values >= 0).all(axis=1) & (values[:, :8] < 10).all(axis=1)
        # Sums stay below 2^24, where single precision is exact.
        sums = (values[:, :17] @ WEIGHTS.astype(np.float32)).astype(np.int64)
        valid[valid] = known & ((31 - sums % 31) % 31 == values[:, 17])
    return np.asarray(valid)


def _values(codes: npt.NDArray[np.str_], width: int) -> npt.NDArray[np.int64]:
    points = np.ascontiguousarray(codes).view(np.uint32).reshape(len(codes), width)
    return _VALUE[points]
