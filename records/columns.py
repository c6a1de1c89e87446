"""What a record table is made of: columns with type, unit, null meaning, form and labels.

Every row carries its identity (`source`, `source_id`), the firm it speaks of (`entity_id`) and
two clocks: `event_time`, when it happened, and `known_time`, the first day the bureau could
know it. `valid_to` is the last day of its influence; null means without end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import pyarrow as pa

Kind = Literal["text", "date", "int", "fen", "float", "flag"]
Form = Literal["", "division", "industry", "person"]

ARROW: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "date": pa.date32(),
    "int": pa.int64(),
    "fen": pa.int64(),  # money in integer 分: sums stay exact in any order
    "float": pa.float64(),
    "flag": pa.bool_(),
}

NOT_GIVEN = "未提供 not given"
NOT_PUBLISHED = "未公示 not published"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, what null means, and what a value may be.

    `allowed` lists the only accepted texts; `minimum` and `maximum` bound numbers; `unit` is
    theirs. `null` says in words what an absent value means; a `required` column has none.
    `form` names a code system that `records.forms` checks; ``person`` is a keyed hash of an
    identity number and never the number. A date lies not before the date column `not_before`.
    `gsxt` is the field's name in the national publicity system's own records, where it is known;
    where it has several, any of them. `of` names the column that a `matched` column writes one way.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    null: str = NOT_GIVEN
    unit: str = ""
    form: Form = ""
    not_before: str = ""
    gsxt: str = ""
    of: str = ""


COMMON = (
    Column("source", "text", "来源部门", "source department", required=True),
    Column("source_id", "text", "来源编号", "identifier at the source", required=True),
    Column(
        "entity_id",
        "text",
        "统一社会信用代码",
        "enterprise",
        required=True,
        gsxt="uniscId, socialcode",
    ),
    Column("event_time", "date", "发生日期", "day it happened", required=True),
    Column("known_time", "date", "可知日期", "first day it could be known", required=True),
    Column("valid_to", "date", "影响期至", "last day of influence", null="无期限 without end"),
)


@dataclass(frozen=True)
class Table:
    """A record table: the common columns and its own. Its key is (`source`, `source_id`).

    `entity_optional` marks tables whose rows may speak of nobody yet identified. `code` is the
    record type of domain.md §6; `event` says, zh and en, which day `event_time` is here;
    `clocks` gives the publicity system's names of `event_time` and `known_time`, where known.
    `matched` are columns that intake makes of given ones, so that equal things can be found.
    """

    name: str
    zh: str
    en: str
    own: tuple[Column, ...]
    entity_optional: bool = False
    code: str = ""
    event: tuple[str, str] = ("", "")
    clocks: dict[str, str] = field(default_factory=dict)
    matched: tuple[Column, ...] = ()

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns a source gives."""
        return COMMON + self.own

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def known(self) -> dict[str, Column]:
        """What can be asked of a record: the given columns and those made of them."""
        return self.by_name | {column.name: column for column in self.matched}

    def requires(self, column: Column) -> bool:
        return column.required and not (self.entity_optional and column.name == "entity_id")

    @cached_property
    def arrow(self) -> pa.Schema:
        """The columns a source gives, as an Arrow schema."""
        return pa.schema([(column.name, ARROW[column.kind]) for column in self.columns])

    @cached_property
    def kept(self) -> pa.Schema:
        """The columns that are stored, but for the store's own, as an Arrow schema."""
        return pa.schema([(column.name, ARROW[column.kind]) for column in self.known.values()])


PLACE = (
    Column("latitude", "float", "纬度", "latitude, north", minimum=-90, maximum=90, unit="°"),
    Column("longitude", "float", "经度", "longitude, east", minimum=-180, maximum=180, unit="°"),
)
"""Where a thing happened that may speak of no firm."""


def text(
    name: str, zh: str, en: str, *allowed: str, required: bool = False,
    null: str = NOT_GIVEN, form: Form = "", gsxt: str = "",
) -> Column:  # fmt: skip
    """A text, free or one of the allowed words."""
    return Column(
        name, "text", zh, en, allowed=allowed, required=required, null=null, form=form, gsxt=gsxt
    )


def person(
    name: str, zh: str, en: str, *, required: bool = False, null: str = NOT_GIVEN, gsxt: str = ""
) -> Column:
    """A person, known only by a keyed hash of the identity number."""
    return Column(
        name, "text", f"{zh}(HMAC)", f"{en}, as a keyed hash", required=required, null=null,
        form="person", gsxt=gsxt,
    )  # fmt: skip


def date(
    name: str, zh: str, en: str, null: str = NOT_GIVEN, *, not_before: str = "", gsxt: str = ""
) -> Column:
    """A civil date."""
    return Column(name, "date", zh, en, null=null, not_before=not_before, gsxt=gsxt)


def fen(name: str, zh: str, en: str, minimum: float | None = None, *, gsxt: str = "") -> Column:
    """Money in integer 分."""
    return Column(
        name, "fen", zh, en, minimum=minimum, null=NOT_PUBLISHED, unit="分", gsxt=gsxt
    )  # fmt: skip


def count(name: str, zh: str, en: str, unit: str, *, gsxt: str = "") -> Column:
    """A count of something, zero or more."""
    return Column(
        name, "int", zh, en, minimum=0, null=NOT_PUBLISHED, unit=unit, gsxt=gsxt
    )  # fmt: skip


def share(name: str, zh: str, en: str, null: str = NOT_GIVEN) -> Column:
    """A part of a whole, from 0 to 1."""
    return Column(name, "float", zh, en, minimum=0, maximum=1, null=null, unit="0–1")


def flag(name: str, zh: str, en: str) -> Column:
    """Yes or no."""
    return Column(name, "flag", zh, en)


def written_one_way(of: str, zh: str, en: str) -> Column:
    """A given column in the one spelling that `records.names` has for it, as `<of>_key`."""
    return Column(
        f"{of}_key", "text", f"{zh}（规范写法，接收时生成）", f"{en}, written one way by intake",
        null="原值为空 nothing to write", of=of,
    )  # fmt: skip
