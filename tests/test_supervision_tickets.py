"""Tickets can be recomputed with nothing but a hash."""

from __future__ import annotations

import hashlib
import random

import numpy as np
import pytest

from supervision.draws import sha256
from supervision.draws.tickets import Tickets, opened


def by_hand(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_seed_is_the_hash_of_its_three_parts() -> None:
    assert opened("s" * 16, "123", "ab") == by_hand('["ssssssssssssssss","123","ab"]')
    assert opened("s" * 16, None, "ab") == by_hand('["ssssssssssssssss",null,"ab"]')


def test_a_ticket_is_the_hash_of_seed_task_stratum_and_id() -> None:
    tickets = Tickets("seed", "抽查", ["F1", 'F"2'])
    assert tickets.hex("class A/2301", 1) == by_hand('["seed","抽查","class A/2301","F\\"2"]')


def test_the_smallest_tickets_come_smallest_first() -> None:
    names = [f"F{number}" for number in range(500)]
    tickets = Tickets("seed", "task", names)
    order = sorted(range(500), key=lambda at: by_hand(f'["seed","task","slice","{names[at]}"]'))
    assert tickets.smallest("slice", np.arange(500), 20).tolist() == order[:20]
    assert tickets.smallest("slice", np.arange(500), 500).tolist() == order
    odd = [at for at in order if at % 2]
    assert tickets.smallest("slice", np.arange(1, 500, 2), 3).tolist() == odd[:3]
    assert tickets.smallest("slice", np.arange(500), 0).tolist() == []


EDGES = (0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 128, 200)
"""Lengths about those at which a text takes one block more."""


def test_many_hashes_at_once_are_sha_256() -> None:
    chance = random.Random(5)
    texts = [chance.randbytes(length) for length in EDGES for _ in range(12)]
    data = np.frombuffer(b"".join(texts), dtype=np.uint8)
    ends = np.cumsum([0, *map(len, texts)]).astype(np.int64)
    some = np.array([chance.randrange(len(texts)) for _ in range(300)])
    for length in EDGES:
        start = chance.randbytes(length)
        found = sha256.digests(start, data, ends, some).astype(">u8")
        hashes = [hashlib.sha256(start + texts[at]).digest() for at in some]
        assert [row.tobytes() for row in found] == hashes
    assert sha256.digests(b"", data, ends, some[:0]).shape == (0, 4)


def test_a_long_list_has_the_tickets_of_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f'企业"{number}\n' for number in range(700)]
    short = Tickets("seed", "抽查", names)
    monkeypatch.setattr("supervision.draws.tickets.LONG", 1)
    long = Tickets("seed", "抽查", names)
    odd = np.arange(1, 700, 2)
    for count in (1, 7, 350):
        expected = short.smallest("slice", odd, count).tolist()
        assert long.smallest("slice", odd, count).tolist() == expected
    assert long.hexes("x", range(700)) == short.hexes("x", range(700))
    assert (long.words("x", odd) == short.words("x", odd)).all()
