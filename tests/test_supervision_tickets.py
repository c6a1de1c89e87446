"""Tickets can be recomputed with nothing but a hash."""

from __future__ import annotations

import hashlib

import numpy as np

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
