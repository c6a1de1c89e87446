"""Blanks and look-alikes in texts: what is trimmed from every value, and how codes are read.

What is stored as text keeps its spelling; only the blanks around it go. Dates, numbers and codes
are read in their plain spelling, so that ２０２４年１月５日 is a day.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

BLANKS = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u180e\u200b\u200c\u200d\u2060\ufeff"
)
"""White space of Unicode, and the characters of no width that come along when texts are copied."""

_RUN = re.compile(f"[{BLANKS}]+")


_CODED = [blank.encode() for blank in BLANKS]


def _marks(codes: list[int]) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, dtype=bool)
    table[codes] = True
    return table


_FIRST = _marks([code[0] for code in _CODED])
_ONLY = _marks([code[0] for code in _CODED if len(code) == 1])
_LAST = _marks([code[-1] for code in _CODED if len(code) > 1])


def trimmed(texts: pa.Array) -> pa.Array:
    """Texts without the blanks around them; what is nothing but blanks is null."""
    if not _may_be_blank_at_an_end(texts):
        return texts
    inner = pc.utf8_trim(texts, characters=BLANKS)
    empty = pc.equal(pc.binary_length(inner), 0)
    return pc.if_else(empty, pa.scalar(None, inner.type), inner)


def _may_be_blank_at_an_end(texts: pa.Array) -> bool:
    """Whether a text is empty, or its first or last bytes may be a blank's; a cheap look."""
    _, places, letters = texts.buffers()
    width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    bounds = np.frombuffer(places, width)[texts.offset : texts.offset + len(texts) + 1]
    begin, end = bounds[:-1], bounds[1:]
    if (begin == end).any():  # empty or null
        given = begin != end
        if int(given.sum()) + texts.null_count < len(texts):
            return True
        begin, end = begin[given], end[given]
    if not len(begin):
        return False
    data = np.frombuffer(letters, np.uint8)
    last = data[end - 1]
    if _FIRST[data[begin]].any() or _ONLY[last].any():
        return True
    wide = _LAST[last]  # of two or three bytes; those of other letters begin otherwise
    before = np.maximum(end[wide, None] - [2, 3], begin[wide, None])
    return bool(_FIRST[data[before]].any())


def plain(text: str) -> str:
    """A text in half width, with single spaces for its blanks and none around it."""
    return _RUN.sub(" ", unicodedata.normalize("NFKC", text)).strip(" ")


def bare(text: str) -> str:
    """A text in half width without any blank, for codes and identity numbers."""
    return _RUN.sub("", unicodedata.normalize("NFKC", text))
