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
Form = Literal["", "code", "currency", "division", "industry", "person"]

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
class Going:
    """A condition within a row: where a column is given (`of`: has one of these values), another
    column, if given at all, has one of `codes`."""

    column: str
    codes: tuple[str, ...]
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """The record that a value speaks of: the one whose `column` in `table` has the same value.

    `named_by` is the column of the own row that names the table, `within` one in which both rows
    agree, `only` the condition under which there is such a record at all. It may arrive later: an
    unresolved reference is no fault.
    """

    table: str = ""
    column: str = "entity_id"
    named_by: str = ""
    within: str = ""
    only: Going | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type, what null means, and what a value may be.

    `allowed` lists the only accepted texts, `words` says each in Chinese; `minimum` and `maximum`
    bound numbers; `unit` is theirs. `null` says in words what an absent value means; a `required`
    column has none. `form` names a code system that `records.forms` checks; ``person`` is a keyed
    hash of an identity number (or a telephone's) and never the number.

    Within its row, a date lies `not_before` and `not_after` another (a year: not after its year),
    a value `needs` another column to be given, is never what another column holds
    (`other_than`), and agrees with others (`going`). `refers` is the record it speaks of.

    `gsxt` is the field's name in the national publicity system's own records, where it is known;
    where it has several, any of them. `of` names the column that a `matched` column writes one way.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    null: str = NOT_GIVEN
    unit: str = ""
    form: Form = ""
    not_before: str = ""
    not_after: str = ""
    needs: str = ""
    other_than: str = ""
    going: tuple[Going, ...] = ()
    refers: Reference | None = None
    gsxt: str = ""
    of: str = ""

    def word(self, code: str) -> str:
        """An allowed code with its Chinese: fine（罚款）; any other text as it is."""
        zh = dict(zip(self.allowed, self.words, strict=True)).get(code, code)
        return code if zh == code else f"{code}（{zh}）"


# fmt: off
COMMON = (
    Column("source", "text", "来源部门", "source department", required=True),
    Column("source_id", "text", "来源编号", "identifier at the source", required=True, form="code"),
    Column("entity_id", "text", "统一社会信用代码", "enterprise", required=True, form="code",
           refers=Reference("enterprises"), gsxt="uniscId, socialcode"),
    Column("event_time", "date", "发生日期", "day it happened", required=True),
    Column("known_time", "date", "可知日期", "first day it could be known", required=True),
    Column("valid_to", "date", "影响期至", "last day of influence", null="无期限 without end",
           not_before="event_time"),
)
# fmt: on


@dataclass(frozen=True)
class Table:
    """A record table: the common columns and its own. Its key is (`source`, `source_id`).

    `entity_optional` marks tables whose rows may speak of nobody yet identified. `code` is the
    record type of domain.md §6; `event` says, zh and en, which day `event_time` is here;
    `clocks` gives the publicity system's names of `event_time` and `known_time`, where known.
    `matched` are columns that intake makes of given ones, so that equal things can be found.
    `registers` names the column whose words tell one register from another: who sends tax
    penalties need not send any of market regulation, and no record of it then says nothing.
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
    registers: str = ""

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


@dataclass(frozen=True)
class FileForm(Table):
    """A file that somebody fills in and sends back: only its own columns, checked like a table's.

    It has no clocks and no identity of its own, and it is not stored; what it says becomes records.
    """

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the file."""
        return self.own


PLACE = (
    Column("latitude", "float", "纬度", "latitude, north", minimum=-90, maximum=90, unit="°",
           needs="longitude"),
    Column("longitude", "float", "经度", "longitude, east", minimum=-180, maximum=180, unit="°",
           needs="latitude"),
)  # fmt: skip
"""Where a thing happened that may speak of no firm."""


def text(
    name: str, zh: str, en: str, *allowed: str, required: bool = False, null: str = NOT_GIVEN,
    form: Form = "", needs: str = "", going: tuple[Going, ...] = (), gsxt: str = "",
) -> Column:  # fmt: skip
    """A text, free or one of the allowed codes, each written with its Chinese: ``fine 罚款``."""
    parts = [one.split(maxsplit=1) for one in allowed]
    return Column(
        name, "text", zh, en, required=required, null=null, form=form, needs=needs, going=going,
        allowed=tuple(part[0] for part in parts), words=tuple(part[-1] for part in parts),
        gsxt=gsxt,
    )  # fmt: skip


def code(
    name: str, zh: str, en: str, *, required: bool = False, null: str = NOT_GIVEN,
    other_than: str = "", going: tuple[Going, ...] = (), refers: Reference | None = None,
    gsxt: str = "",
) -> Column:  # fmt: skip
    """A number or code as somebody issued it, every character of it."""
    return Column(
        name, "text", zh, en, required=required, null=null, form="code", other_than=other_than,
        going=going, refers=refers, gsxt=gsxt,
    )  # fmt: skip


def person(
    name: str, zh: str, en: str, *, required: bool = False, null: str = NOT_GIVEN,
    going: tuple[Going, ...] = (), gsxt: str = "",
) -> Column:  # fmt: skip
    """A person, known only by a keyed hash of the identity number, or a person's telephone."""
    return Column(
        name, "text", f"{zh}(HMAC)", f"{en}, as a keyed hash", required=required, null=null,
        form="person", going=going, gsxt=gsxt,
    )  # fmt: skip


def date(
    name: str, zh: str, en: str, null: str = NOT_GIVEN, *, not_before: str = "",
    not_after: str = "", going: tuple[Going, ...] = (), gsxt: str = "",
) -> Column:  # fmt: skip
    """A civil date."""
    return Column(
        name, "date", zh, en, null=null, not_before=not_before, not_after=not_after, going=going,
        gsxt=gsxt,
    )  # fmt: skip


def fen(
    name: str, zh: str, en: str, minimum: float | None = None, *,
    going: tuple[Going, ...] = (), gsxt: str = "",
) -> Column:  # fmt: skip
    """Money in integer 分."""
    return Column(
        name, "fen", zh, en, minimum=minimum, null=NOT_PUBLISHED, unit="分", going=going, gsxt=gsxt
    )


def count(name: str, zh: str, en: str, unit: str, *, gsxt: str = "") -> Column:
    """A count of something, zero or more."""
    return Column(name, "int", zh, en, minimum=0, null=NOT_PUBLISHED, unit=unit, gsxt=gsxt)


def share(
    name: str, zh: str, en: str, null: str = NOT_GIVEN, *, going: tuple[Going, ...] = ()
) -> Column:
    """A part of a whole, from 0 to 1."""
    return Column(
        name, "float", zh, en, minimum=0, maximum=1, null=null, unit="0–1", going=going
    )  # fmt: skip


def flag(name: str, zh: str, en: str) -> Column:
    """Yes or no."""
    return Column(name, "flag", zh, en)


def written_one_way(of: str, zh: str, en: str) -> Column:
    """A given column in the one spelling that `records.names` has for it, as `<of>_key`."""
    return Column(
        f"{of}_key", "text", f"{zh}（规范写法，接收时生成）", f"{en}, written one way by intake",
        null="原值为空 nothing to write", of=of,
    )  # fmt: skip
