"""What was found lately, kept by each process: of a load, which never changes, it stays true."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Connection
from sqlalchemy.pool import Pool

K = TypeVar("K")
V = TypeVar("V")


class Kept(Generic[K, V]):
    """The newest values by key, `most` of each store."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._stores: WeakKeyDictionary[Pool, OrderedDict[K, V]] = WeakKeyDictionary()
        self._lock = Lock()

    def get(self, connection: Connection, key: K) -> V | None:
        """What was kept of the connection's store; None: nothing."""
        with self._lock:
            found = self._stores.get(connection.engine.pool)
            if found is None or key not in found:
                return None
            found.move_to_end(key)
            return found[key]

    def put(self, connection: Connection, key: K, value: V) -> V:
        """Keep a value, and tell it."""
        with self._lock:
            found = self._stores.setdefault(connection.engine.pool, OrderedDict())
            found[key] = value
            while len(found) > self._most:
                found.popitem(last=False)
        return value
