"""The entries of a mapping file that have entries of their own."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Strict(BaseModel):
    """A part of a declaration: what it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Strict):
    """Who sent the records, how one of them is told from another, and in which files they come.

    `file` is a name, perhaps with `*` and `?`; a mapping without it is not for folders.
    """

    name: str
    id: str
    file: str = ""


class Join(Strict):
    """Columns looked up in another file of the same folder, by equal `by` columns."""

    file: str
    by: list[str] | dict[str, str] = Field(description="names, or the file's: the other file's")
    columns: dict[str, str] = Field(description="new name: the other file's column")

    @property
    def pairs(self) -> dict[str, str]:
        """The file's columns and the other file's that equal them."""
        return self.by if isinstance(self.by, dict) else {name: name for name in self.by}


class Unpivot(Strict):
    """One row for each of `columns`: its name goes to `item`, its value to `value`."""

    columns: list[str]
    item: str
    value: str


class Derived(Strict):
    """A date a number of days after another; with `floor`, nothing may be known before it."""

    after: str
    days: int = Field(ge=0, le=36_525)
    floor: bool = False
