"""The service under load: class and ladder over HTTP, beside a bare FastAPI route.

A run is published on SQLite and on a PostgreSQL started for it; `xinfen serve` with two workers,
its audit, scopes and logs as they are in earnest, only without rate limits, is asked for firms at
random over connections that stay open. In the same run, in turn with it, so is a bare FastAPI
route with one SQLite read of the same firms (`load_bare`), by the same server and as many workers.

The cost of a request is the CPU that all processes of a side took, the database's among them: on
cores that others use as well it is steadier than the clock. `full` is 3 million firms.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from benchmarks import load_bare, load_wrk, servers, store_data
from benchmarks.chicago_report import Row, row
from benchmarks.load_wrk import WORKERS, Measured, Target
from benchmarks.store_server import postgres
from records.errors import NotPossible
from serving.access import access, audit
from serving.results import publishing, shelves
from serving.store import upgrades
from serving.store.database import connect, opened, reading

FIRMS = {"small": 50_000, "full": 3_000_000}
SECONDS = {"small": 4.0, "full": 20.0}
ROUNDS, CODES = 3, 200_000
BUFFERS = "6GB"
"""PostgreSQL's own memory, of 24 GB; its manual advises a quarter, its default is 128 MB."""
GOALS = {"per_second": 1_000.0, "p99": 25.0, "cost": 1.5}
PATHS = {"class": "/v1/enterprises/CODE", "class and ladder": "/v1/enterprises/CODE/explanation"}
PEERS = {
    "a bare FastAPI route, one SQLite read": "/usual/CODE",
    "the same, read in the event loop": "/inline/CODE",
}
_UVICORN = [
    "-m", "uvicorn", "benchmarks.load_bare:app", "--port", "PORT", "--workers", str(WORKERS),
    "--log-level", "error", "--no-access-log",
]  # fmt: skip
_OURS = ["-m", "xinfen", "serve", "--port", "PORT", "--workers", str(WORKERS)]


@dataclass(frozen=True)
class _Store:
    """A store with a run; `beside` are processes that work for it."""

    kind: str
    engine: Engine
    beside: tuple[int, ...] = ()


def run(size: str, seed: int) -> list[Row]:
    """A row for each figure on each database; none where `wrk` is not installed."""
    if not load_wrk.available():
        sys.stderr.write("load: left out, `wrk` is not installed\n")
        return []
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="xinfen-load-") as name, ExitStack() as held:
        place = Path(name)
        folder = store_data.write(place / "run", FIRMS[size], seed)
        codes = place / "codes.txt"
        codes.write_text("\n".join(_sample(FIRMS[size], seed)), "utf-8")
        embedded = _Store("SQLite", connect(f"sqlite:///{place / 'sqlite' / 'results.db'}"))
        load = publishing.publish(folder, engine=embedded.engine).load
        shelf = {load_bare.SHELF: str(shelves.file_of(embedded.engine, load))}
        bare, pid = held.enter_context(servers.server(_UVICORN, shelf, "/docs"))
        peers = {name: Target(bare, path, "-", (pid,)) for name, path in PEERS.items()}
        rows += _loaded(embedded, peers, codes, size, seed)
        server = held.enter_context(_server())
        publishing.publish(folder, engine=server.engine)
        rows += _loaded(server, peers, codes, size, seed)
    return rows


def _loaded(
    store: _Store, peers: dict[str, Target], codes: Path, size: str, seed: int
) -> list[Row]:
    """The rows of one database: ours and the peers in turn."""
    token = access.issue(store.engine, "load", "batch", days=1)
    before = audit.head(store.engine).n
    with servers.server(
        _OURS, {
            "XINFEN_RESULTS": store.engine.url.render_as_string(hide_password=False),
            "XINFEN_SET_LIMITED": "false",
        }, "/ready",
    ) as (url, pid):  # fmt: skip
        ours = {name: Target(url, path, token, (pid, *store.beside))
                for name, path in PATHS.items()}  # fmt: skip
        everybody = {**peers, **ours}
        told: dict[str, list[Measured]] = {name: [] for name in everybody}
        for turn in range(ROUNDS + 1):
            for name, target in everybody.items():
                found = load_wrk.measure(target, codes, SECONDS[size], seed + turn)
                if turn:  # the first only warms up
                    told[name].append(found)
                elif name in ours and found.failed:
                    raise NotPossible("requests failed", found=f"{found.failed} of {name}")
    figures = {name: load_wrk.together(parts) for name, parts in told.items()}
    answered = sum(figures[name].requests for name in ours)
    recorded = audit.head(store.engine).n - before
    if recorded < answered:
        raise NotPossible("answers without a row", found=str(recorded), allowed=f"{answered}")
    rows = [one for name in ours for one in _rows(store.kind, name, figures, size)]
    store.engine.dispose()
    return rows


def _rows(kind: str, name: str, figures: dict[str, Measured], size: str) -> list[Row]:
    """The rows of what is asked for, goals only where they apply: of the ladder, at full size."""
    own, what = figures[name], f"{kind}, {FIRMS[size]:,} firms, {name}:"
    judged = size == "full" and name == "class and ladder"
    usual, inline = (figures[peer] for peer in PEERS)
    peer, other = PEERS
    quick = row(f"{what} answered", own.per_second, "requests/s", peer=peer,
                peer_figure=usual.per_second, goal=GOALS["per_second"] if judged else None,
                ok=own.per_second >= GOALS["per_second"] if judged else None)  # fmt: skip
    late = row(f"{what} p99", own.p99, "ms", peer=peer, peer_figure=usual.p99,
               goal=GOALS["p99"] if judged else None,
               ok=own.p99 <= GOALS["p99"] if judged else None)  # fmt: skip
    dear = row(f"{what} cost", own.cpu, "CPU µs", peer=peer, peer_figure=usual.cpu,
               goal=GOALS["cost"], ok=own.cpu <= GOALS["cost"] * usual.cpu)  # fmt: skip
    return [
        quick, late, dear,
        row(f"{what} cost", own.cpu, "CPU µs", peer=other, peer_figure=inline.cpu),
        row(f"{what} of the load generator", own.load, "CPU µs"),
    ]  # fmt: skip


def _sample(firms: int, seed: int) -> list[str]:
    """Codes of classified firms from all over the run."""
    chosen = random.Random(seed)  # noqa: S311 - a sample
    if firms * store_data.CLASSIFIED // store_data.BLOCK <= CODES:
        return [code for first in range(0, firms, store_data.BLOCK)
                for code in store_data.codes(first, store_data.CLASSIFIED)]  # fmt: skip
    blocks = firms // store_data.BLOCK
    each = CODES // blocks
    return [
        code
        for block in range(blocks)
        for code in chosen.sample(
            store_data.codes(block * store_data.BLOCK, store_data.CLASSIFIED), each
        )
    ]


@contextmanager
def _server() -> Iterator[_Store]:
    with postgres(shared_buffers=BUFFERS) as url:
        engine = opened(url.render_as_string(hide_password=False))
        upgrades.upgrade(engine)
        with reading(engine) as connection:
            folder = connection.scalar(sa.text("SHOW data_directory"))
        pid = int((Path(folder) / "postmaster.pid").read_text().split()[0])
        yield _Store("PostgreSQL", engine, (pid,))
        engine.dispose()
