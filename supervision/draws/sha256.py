"""SHA-256 (FIPS 180-4) of many short texts with one beginning: all tickets of a stratum at once.

A hash is a state that takes blocks of 64 bytes one after the other. The state after the whole
blocks of the beginning is computed once. The rest of each text is put in one of `LANES` lanes, so
that an instruction of the processor works on many texts: some 40 million blocks a second.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from supervision.compiled import compiled

Words = NDArray[np.uint32]
Bytes = NDArray[np.uint8]
Numbers = NDArray[np.uint64]
Places = NDArray[np.int64]

LANES = 128

PART = 1 << 16
"""Texts that a thread works on at a time."""

_u4 = np.uint32


def _roots(power: int, count: int) -> Words:
    """The first 32 bits after the point of the square or cube roots of the first primes."""
    primes = [n for n in range(2, 312) if all(n % d for d in range(2, int(n**0.5) + 1))]
    roots = []
    for prime in primes[:count]:
        low, high = 0, 32 << 32
        while low < high:
            middle = (low + high + 1) // 2
            if middle**power <= prime << 32 * power:
                low = middle
            else:
                high = middle - 1
        roots.append(low & 0xFFFFFFFF)
    return np.array(roots, dtype=np.uint32)


_START, _ROUND = _roots(2, 8), _roots(3, 64)


def digests(beginning: bytes, data: Bytes, offsets: Places, among: Places) -> Numbers:
    """The hashes of `beginning` + text for some texts of a list.

    Parameters
    ----------
    data, offsets : text i is data[offsets[i] : offsets[i + 1]].
    among : which texts.

    Returns
    -------
    Shape (len(among), 4): the hashes as four big numbers each, the first weighing most.
    """
    whole = len(beginning) // 64 * 64
    start = np.frombuffer(beginning, dtype=np.uint8)
    state = np.repeat(_START[:, None], LANES, axis=1)
    for block in start[:whole].reshape(-1, 64):
        words = np.zeros((64, LANES), dtype=np.uint32)
        words[:16] = block.view(">u4").astype(np.uint32)[:, None]
        _take(state, words, np.empty_like(state))
    out = np.empty((len(among), 4), dtype=np.uint64)
    first = state[:, 0].copy()

    def part(at: int) -> None:
        some = slice(at, at + PART)
        _digests(first, len(start), start[whole:], data, offsets, among[some], out[some])

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        list(pool.map(part, range(0, len(among), PART)))
    return out


@compiled
def _turned(x: np.uint32, by: int) -> np.uint32:
    return _u4(_u4(x >> _u4(by)) | _u4(x << _u4(32 - by)))


@compiled
def _round(
    a: np.uint32, b: np.uint32, c: np.uint32, d: np.uint32,
    e: np.uint32, f: np.uint32, g: np.uint32, h: np.uint32, added: np.uint32,
) -> tuple[np.uint32, np.uint32]:  # fmt: skip
    """One of the 64 rounds; only the fourth and the last of the eight change."""
    mixed = _u4(_turned(e, 6) ^ _turned(e, 11) ^ _turned(e, 25))
    first = _u4(h + mixed + _u4((e & f) ^ (~e & g)) + added)
    mixed = _u4(_turned(a, 2) ^ _turned(a, 13) ^ _turned(a, 22))
    second = _u4(mixed + _u4((a & b) ^ (a & c) ^ (b & c)))
    return _u4(d + first), _u4(first + second)


@compiled
def _take(state: Words, words: Words, held: Words) -> None:
    """Let the states of all lanes take a block each: its 16 words, which are spread to 64."""
    for t in range(16, 64):
        for i in range(LANES):
            x, y = words[t - 15, i], words[t - 2, i]
            low = _turned(x, 7) ^ _turned(x, 18) ^ (x >> _u4(3))
            high = _turned(y, 17) ^ _turned(y, 19) ^ (y >> _u4(10))
            words[t, i] = words[t - 16, i] + low + words[t - 7, i] + high
    for r in range(8):
        for i in range(LANES):
            held[r, i] = state[r, i]
    for t in range(0, 64, 8):  # eight rounds at a time, so that each of the eight is home again
        for i in range(LANES):
            a, b, c, d = held[0, i], held[1, i], held[2, i], held[3, i]
            e, f, g, h = held[4, i], held[5, i], held[6, i], held[7, i]
            d, h = _round(a, b, c, d, e, f, g, h, _ROUND[t] + words[t, i])
            c, g = _round(h, a, b, c, d, e, f, g, _ROUND[t + 1] + words[t + 1, i])
            b, f = _round(g, h, a, b, c, d, e, f, _ROUND[t + 2] + words[t + 2, i])
            a, e = _round(f, g, h, a, b, c, d, e, _ROUND[t + 3] + words[t + 3, i])
            h, d = _round(e, f, g, h, a, b, c, d, _ROUND[t + 4] + words[t + 4, i])
            g, c = _round(d, e, f, g, h, a, b, c, _ROUND[t + 5] + words[t + 5, i])
            f, b = _round(c, d, e, f, g, h, a, b, _ROUND[t + 6] + words[t + 6, i])
            e, a = _round(b, c, d, e, f, g, h, a, _ROUND[t + 7] + words[t + 7, i])
            held[0, i], held[1, i], held[2, i], held[3, i] = a, b, c, d
            held[4, i], held[5, i], held[6, i], held[7, i] = e, f, g, h
    for r in range(8):
        for i in range(LANES):
            state[r, i] += held[r, i]


@compiled
def _digests(
    start: Words, length: int, rest: Bytes, data: Bytes, offsets: Places, among: Places,
    out: Numbers,
) -> None:  # fmt: skip
    """Fill `out`, `LANES` texts at a time; each has as many blocks as it needs."""
    state = np.empty((8, LANES), dtype=np.uint32)
    held = np.empty((8, LANES), dtype=np.uint32)
    words = np.zeros((64, LANES), dtype=np.uint32)
    blocks = np.empty(LANES, dtype=np.int64)
    longest = 0
    for at in among:
        longest = max(longest, offsets[at + 1] - offsets[at])
    text = np.zeros(_blocks(len(rest) + longest) * 64, dtype=np.uint8)
    for place in range(len(rest)):
        text[place] = rest[place]
    padded = np.empty((LANES, len(text) // 4), dtype=np.uint32)
    for first in range(0, len(among), LANES):
        lanes = min(LANES, len(among) - first)
        for i in range(lanes):
            at = among[first + i]
            own = data[offsets[at] : offsets[at + 1]]
            blocks[i] = _blocks(len(rest) + len(own))
            _pad(text, len(rest), own, blocks[i], length + len(own))
            _laid(padded[i], text.view(np.uint32), blocks[i] * 16)
        _hash(state, start, padded, blocks[:lanes], words, held, out[first : first + lanes])


@compiled
def _laid(padded: Words, numbers: Words, count: int) -> None:
    for t in range(count):
        padded[t] = _swapped(numbers[t])


@compiled
def _hash(
    state: Words, start: Words, padded: Words, blocks: Places, words: Words, held: Words,
    out: Numbers,
) -> None:  # fmt: skip
    """Let the lanes take their blocks one after the other, and keep each as it has its last."""
    for r in range(8):
        for i in range(LANES):
            state[r, i] = start[r]
    for block in range(blocks.max()):
        for i in range(len(blocks)):
            for t in range(16):
                if block < blocks[i]:
                    words[t, i] = padded[i, block * 16 + t]
        _take(state, words, held)
        for i in range(len(blocks)):
            if block + 1 == blocks[i]:
                _keep(state, i, out[i])


@compiled
def _keep(state: Words, lane: int, out: NDArray[np.uint64]) -> None:
    for r in range(4):
        high, low = np.uint64(state[2 * r, lane]), np.uint64(state[2 * r + 1, lane])
        out[r] = high << np.uint64(32) | low


@compiled
def _blocks(size: int) -> int:
    """How many blocks a text takes with its mark and its length."""
    return (size + 9 + 63) // 64


@compiled
def _pad(text: Bytes, done: int, own: Bytes, blocks: int, length: int) -> None:
    """After the beginning: the text's own bytes, a 1 bit, zeros, and the number of bits."""
    for place in range(len(own)):
        text[done + place] = own[place]
    end = done + len(own)
    text[end] = 0x80
    for place in range(end + 1, blocks * 64 - 8):
        text[place] = 0
    for place in range(8):
        text[blocks * 64 - 1 - place] = (8 * length >> 8 * place) & 0xFF


@compiled
def _swapped(x: np.uint32) -> np.uint32:
    """Four bytes read the other way round: the hash's words are big-endian."""
    ends = _u4(_u4(x << _u4(24)) | _u4(x >> _u4(24)))
    return _u4(ends | _u4(_u4(x & _u4(0xFF00)) << _u4(8)) | _u4(_u4(x >> _u4(8)) & _u4(0xFF00)))
