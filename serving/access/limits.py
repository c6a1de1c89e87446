"""How often somebody may ask: a bucket that fills steadily, for each token and each address.

Kept in the process: with several workers each counts for itself, so the whole service lets through
at most the limit times the workers. What must not depend on that, failed sign-ins, stands in the
database (`serving.access.lockout`).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from serving.access.roles import Role
from serving.access.servicesettings import Rate, Settings

MOST = 20_000
"""Buckets kept; the one that was not asked longest goes first, and is full again anyway."""


class Buckets:
    """A bucket for each key: `burst` deep, filled by `per_second`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, rate: Rate) -> float:
        """Take one; 0, or the seconds until there is one again."""
        with self._lock:
            now = self._clock()
            level, since = self._kept.pop(key, (float(rate.burst), now))
            level = min(rate.burst, level + (now - since) * rate.per_second)
            taken = level >= 1
            self._kept[key] = (level - taken, now)
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
            return 0.0 if taken else (1 - level) / rate.per_second


class Limits:
    """The limits of one application."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._tokens, self._addresses = Buckets(clock), Buckets(clock)

    def of_token(self, prefix: str, role: Role) -> float:
        """Seconds that this token must wait; 0: it may go on."""
        if not self._settings.limited:
            return 0.0
        return self._tokens.take(prefix, self._settings.rate(role))

    def of_address(self, address: str) -> float:
        """Seconds that this address must wait; 0: it may go on."""
        if not self._settings.limited:
            return 0.0
        return self._addresses.take(address, self._settings.address_rate)
