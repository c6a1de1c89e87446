"""Names and addresses written one way, so that the same firm or place can be found again.

For matching only: what is stored stays as the source wrote it, and equal spellings are a reason
to look, never to merge. A link that somebody confirms is a row of `entity_links`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from records.columns import Table

_NOISE = re.compile(r"[\s·•・.,，。、;；:：'\"“”‘’*]+")
_BRACKETS = str.maketrans("[]{}【】〔〕〈〉《》「」", "()()()()()()()")
_DASHES = re.compile(r"[‐‑‒–—―−~～_-]+")
_DROPPED = r"[\s\p{Z}·•・.,，。、;；:：'\"“”‘’*\[\]{}【】〔〕〈〉《》「」()‐‑‒–—―−~～_-]+"
"""All that `firm` leaves out."""
_LEGAL_FORMS = (("股份有限责任公司", "股份有限公司"), ("有限责任公司", "有限公司"))
_PART = (
    r"(?P<branch>.*(?:分公司|分社|分行|支行|分理处|分店|分厂|分所|营业部|营业厅|办事处|门市部|"
    r"经营部|项目部|第[一二三四五六七八九十0-9]+(?:店|厂)))"
)
_BRANCHES = (
    re.compile(rf"(?P<head>.+?(?<!分)公司){_PART}"),
    re.compile(rf"(?P<head>.+?(?:合作社|银行|信用社|集团|企业|事务所|总厂|中心)){_PART}"),
)
_NUMERAL = re.compile(
    r"[零〇一二三四五六七八九十百]+"
    r"(?=(?:号楼|号院|号|弄|幢|栋|座|楼|层|单元|室|门|组|委|队|期))"
)
_DIGITS = {letter: value for value, letter in enumerate("零一二三四五六七八九")} | {"〇": 0}
_REMARK = re.compile(r"\([^()]*(?:集群|托管|申报|经营场所|仅限|一照多址|住所|不得|限办公)[^()]*\)")
_BETWEEN = re.compile(r"(?<=[0-9])[\s,、.;()]+(?=[0-9])")  # 12（3）is not 123
_BUILDING = re.compile(r"(?<=[0-9])(?:号楼|幢|栋)")
_ROOM = re.compile(r"(?<=[0-9])(?:号)?(?:房间|房|室)")


def with_keys(rows: pa.Table, table: Table) -> pa.Table:
    """Rows with the table's `matched` columns; each distinct spelling is looked at once."""
    for column in table.matched:
        given = rows.column(column.of).combine_chunks().dictionary_encode()
        one_way = pa.array([_ONE_WAY[column.of](text) for text in given.dictionary.to_pylist()])
        keys = one_way.cast(pa.string()).take(given.indices)
        rows = rows.append_column(column.name, keys)
    return rows


def plain(text: str) -> str:
    """Half-width, upper case, one kind of bracket and dash, without spaces and stops."""
    half = unicodedata.normalize("NFKC", text).translate(_BRACKETS).upper()
    return _DASHES.sub("-", _NOISE.sub("", half))


def firm(name: str) -> str:
    """A firm's name for matching: brackets dropped, the legal form in its short spelling.

    >>> firm("哈尔滨 安润（中国）商贸有限责任公司")
    '哈尔滨安润中国商贸有限公司'
    """
    short = plain(name).replace("(", "").replace(")", "").replace("-", "")
    for long_form, short_form in _LEGAL_FORMS:
        short = short.replace(long_form, short_form)
    return short


def firms(names: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """`firm` of a whole column at once, as fast as a province's names need; null stays null."""
    half = pc.utf8_upper(pc.utf8_normalize(names, "NFKC"))
    short = pc.replace_substring_regex(half, _DROPPED, "")
    for long_form, short_form in _LEGAL_FORMS:
        short = pc.replace_substring(short, long_form, short_form)
    return short


def branch(name: str) -> tuple[str, str] | None:
    """The head firm's name for matching and the branch's own part; None if it is no branch.

    >>> branch("安润商贸有限责任公司呼兰分公司")
    ('安润商贸有限公司', '呼兰分公司')
    """
    whole = firm(name)
    found = next((match for one in _BRANCHES if (match := one.fullmatch(whole))), None)
    return (found["head"], found["branch"]) if found else None


def address(text: str) -> str:
    """An address for matching: numbers in digits, one word for a building and a room, no remarks.

    >>> address("黑龙江省哈尔滨市道里区中央大街一百二十号（集群注册） 3栋 二单元 501 房间")
    '黑龙江省哈尔滨市道里区中央大街120号3号楼2单元501室'
    """
    apart = _BETWEEN.sub("-", unicodedata.normalize("NFKC", text))
    short = _REMARK.sub("", plain(apart))
    short = _NUMERAL.sub(lambda found: _digits(found[0]), short)
    short = _ROOM.sub("室", _BUILDING.sub("号楼", short))
    return short.replace("(", "").replace(")", "")


def _digits(numeral: str) -> str:
    """`一百二十` is 120; a row of digits such as `二〇三` is 203."""
    if not set(numeral) & {"十", "百"}:
        return "".join(str(_DIGITS[letter]) for letter in numeral)
    total, pending = 0, 0
    for letter in numeral:
        if letter in _DIGITS:
            pending = _DIGITS[letter]
        else:
            total += (pending or 1) * (100 if letter == "百" else 10)
            pending = 0
    return str(total + pending)


_ONE_WAY: dict[str, Callable[[str], str]] = {"address": address}
"""How a column is written one way."""
