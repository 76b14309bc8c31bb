"""What the kernels of :mod:`attention` take: records of addresses and numbers."""

from __future__ import annotations

from typing import NamedTuple

from ..cpu.runtime.records import Float, Int, Pointer, Table


class Heads(NamedTuple):
    """Queries, keys, values and outputs, the elements from a row to the next, and where each head begins, 5 a head."""

    query: Pointer
    key: Pointer
    value: Pointer
    output: Pointer
    rows_q: Int
    rows_k: Int
    rows_v: Int
    rows_o: Int
    starts: Table


class Mask(NamedTuple):
    """What is added to the scores, the elements from a row to the next; ``causal``: query i sees keys 0 to i.

    ``noise``: factors of the weights, L x S a head, if ``noisy``.
    """

    data: Pointer
    rows: Int
    there: Int
    causal: Int
    scale: Float
    noise: Pointer
    noisy: Int


class Sizes(NamedTuple):
    """Heads, queries, keys, elements of a key and of a value, queries of a block, elements of a row of scores."""

    heads: Int
    L: Int
    S: Int
    E: Int
    V: Int
    block: Int
    pitch: Int


class Room(NamedTuple):
    """The logarithms of the sums, L a head; scratch, and how much of it a thread has."""

    sums: Pointer
    work: Pointer
    share: Int


class Gradients(NamedTuple):
    """Gradients of output, queries, keys and values, contiguous heads."""

    output: Pointer
    query: Pointer
    key: Pointer
    value: Pointer
