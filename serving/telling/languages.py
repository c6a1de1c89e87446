"""The two languages that inspectors read: which was asked for, and texts told apart by them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, cast, get_args

from records.errors import BadInput

Lang = Literal["zh", "en"]
LANGS = get_args(Lang)


def checked(lang: str) -> Lang:
    """The language asked for; `BadInput` if there is none such."""
    if lang not in LANGS:
        raise BadInput("unknown language", found=lang, allowed=", ".join(LANGS))
    return cast("Lang", lang)


def apart(both: Mapping[str, tuple[str, str]]) -> Mapping[str, Mapping[str, str]]:
    """Texts that stand side by side, (zh, en) by name, as the texts of each language by name."""
    return MappingProxyType(
        {
            lang: MappingProxyType({key: pair[at] for key, pair in both.items()})
            for at, lang in enumerate(LANGS)
        }
    )
