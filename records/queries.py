"""The rows of a query on any database that SQLAlchemy knows, streamed.

The password of the URL is never shown: not in an error, not in a batch's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from records import cells
from records.errors import BadInput, NotFound


@dataclass(frozen=True)
class Query:
    """A file with one SQL statement, and the database to ask (a SQLAlchemy URL)."""

    file: Path
    url: str = field(repr=False)

    @property
    def name(self) -> str:
        return self.file.name


def batches(query: Query, rows: int) -> Iterator[pd.DataFrame]:
    """Frames of at most `rows` rows of text columns, in the order the database gives them.

    Raises
    ------
    NotFound : there is no such query file.
    BadInput : the URL cannot be read, its driver is not installed, or the database refuses.
    """
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.exc import SQLAlchemyError

    if not query.file.is_file():
        raise NotFound(f"no query file {query.file}", hint="check the path; nothing was read")
    try:
        url = make_url(query.url)
    except SQLAlchemyError:
        url = None
    if url is None:  # told apart from the error, which quotes the URL, password and all
        raise BadInput(
            "the database URL cannot be read",
            allowed="dialect+driver://user:password@host/database",
            hint="give it with --from; nothing was stored",
        )
    try:
        engine = create_engine(url)
        with engine.connect() as connection:
            asked = connection.execution_options(stream_results=True, no_parameters=True)
            result = asked.exec_driver_sql(query.file.read_text("utf-8-sig"))
            names = cells.headings(list(result.keys()), query.name)
            for part in result.partitions(rows):
                yield cells.frame(part, names)
    except (SQLAlchemyError, ModuleNotFoundError, UnicodeDecodeError) as error:
        raise _refused(query, str(getattr(error, "orig", None) or error), url.password) from None


def _refused(query: Query, told: str, password: object) -> BadInput:
    found = told.strip().splitlines()[0] if told.strip() else "no reason given"
    if password:
        found = found.replace(str(password), "***")
    return BadInput(
        f"{query.name} cannot be asked",
        found=found,
        allowed="one SELECT statement of a database whose driver is installed",
        hint="try the query in the database's own client; nothing was stored",
    )
