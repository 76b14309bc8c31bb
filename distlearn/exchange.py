"""A sum over the nodes that travels bucket by bucket while the program goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from torch7 import arrays

from . import mpi, reduction
from .buckets import LARGEST, Bucket, divide, suited
from .compression import Compressor
from .rounds import Call, Round


class Sum:
    """A bucket's sum. ``last``: its last message is under way; ``back``: the sum is there."""

    last = True

    def __init__(self, tree: Any, bucket: Bucket) -> None:
        self.tree, self.bucket = tree, bucket
        self.request: Any = None
        self.back = False

    def post(self) -> None:
        self.back = self.tree.numNodes == 1
        if not self.back:
            self.request = self.tree.comm.Iallreduce(self.tree.inPlace, self.bucket.flat)

    def advance(self, turn: bool) -> None:
        """Look after the bucket; another message may follow if it is this bucket's ``turn``."""
        self.back = self.back or self.request.Test()


class CompressedSum(Sum):
    """A bucket's sum in 16 bits a number: every node adds up one part of it and sends that to all.

    The two halves have communicators of their own, on which all nodes send their buckets in one order.
    """

    def __init__(self, tree: Any, bucket: Bucket, codec: Any) -> None:
        super().__init__(tree, bucket)
        nodes, dtype = tree.numNodes, bucket.flat.dtype
        part = -(-bucket.flat.size // nodes)
        self._whole, self._total, self._addend = np.zeros(nodes * part, dtype), *np.empty((2, part), dtype)
        self._sent, self._received = np.empty((2, nodes, part), np.uint16)
        self._own = np.empty(part, np.uint16)
        self._codec = codec
        self.compressors = Compressor(codec, nodes * part, dtype), Compressor(codec, part, dtype)
        self.last = False

    def post(self) -> None:
        flat = self.bucket.flat
        self._whole[: flat.size] = flat
        self._whole[flat.size :] = 0
        self.compressors[0].encode(self._whole, self._sent.reshape(-1))
        self.back = self.last = False
        self.request = self.tree.comm.Ialltoall(self._sent, self._received)

    def advance(self, turn: bool) -> None:
        if self.back or not (self.last or turn) or not self.request.Test():
            return
        if self.last:
            self._codec.decode(self._sent.reshape(-1), self._whole)
            self.bucket.flat[...] = self._whole[: self.bucket.flat.size]
            self.back = True
        else:
            self._add()

    def _add(self) -> None:
        """Add up the part that is this node's and send it round."""
        self._total.fill(0)
        for code in self._received:
            self._codec.decode(code, self._addend)
            self._total += self._addend
        self.compressors[1].encode(self._total, self._own)
        self.last = True
        self.request = self.tree.second.Iallgather(self._own, self._sent)


class Exchange:
    """A sum over the nodes of ``tensors``, in place: :meth:`begin`, :meth:`post` bucket after bucket, :meth:`finish`.
    ``limit``: bytes of a bucket. ``codec``: a way to compress, for tensors of floating point numbers; others travel as
    they are. Where a bucket's sum is not there yet its tensors belong to the exchange.
    """

    def __init__(self, tree: Any, tensors: list, limit: int | None = None, codec: Any = None) -> None:
        self.tree, self.tensors = tree, tensors
        self._lock = threading.RLock()
        mirrors: dict[int, Any] = {}
        pieces = divide(tensors, limit or suited(tensors))
        self.buckets = [Bucket(tensors, p, mirrors, tree.cudaAware and codec is None) for p in pieces]
        self._sums = [self._sum(bucket, codec) for bucket in self.buckets]
        self._posted = self._done = 0
        self._weight: int | None = None
        self.round: Round | None = None
        self.plan: Any = None  # what overlap knows of the modules that write to the buckets

    def _sum(self, bucket: Bucket, codec: Any) -> Sum | CompressedSum:
        if bucket.flat.dtype.kind not in "fiuc":
            raise TypeError(f"gradients and parameters are numbers, got {bucket.flat.dtype}")
        if codec is None or bucket.flat.dtype.kind != "f" or self.tree.numNodes == 1:
            return Sum(self.tree, bucket)
        return CompressedSum(self.tree, bucket, codec)

    def inherit(self, other: Exchange) -> None:
        """Take over what compression left behind in an exchange of tensors of the same sizes and types."""
        for mine, theirs in zip(self._sums, other._sums):
            if isinstance(mine, CompressedSum):
                mine.compressors = theirs.compressors

    @property
    def posted(self) -> int:
        """How many buckets have left."""
        return self._posted

    def begin(self, call: Call, weight: int | None = None) -> Round:
        """Begin a round for ``call``, on which the nodes have to agree; ``weight`` multiplies what this node adds."""
        return self.join(self.tree.begin(call, True, weight or 0), weight)

    def join(self, round: Round, weight: int | None = None) -> Round:
        """Go on with a round that has begun."""
        self._posted = self._done = 0
        self.round, self._weight = round, weight
        return round

    def post(self, stop: int) -> None:
        """Send the buckets up to the number ``stop``, those that have left already excepted."""
        with self._lock:
            for bucket, sum in list(zip(self.buckets, self._sums))[self._posted : stop]:
                bucket.load()
                if self._weight is not None:
                    bucket.scale(self._weight)
                with mpi.LOCK:
                    sum.post()
                self._posted += 1

    def advance(self) -> bool:
        """Look after the buckets under way; whether all that were posted are back."""
        with self._lock:
            with mpi.LOCK:
                turn = True
                for sum in self._sums[self._done : self._posted]:
                    sum.advance(turn)
                    turn = turn and sum.last
            while self._done < self._posted and self._sums[self._done].back:
                self.buckets[self._done].store()
                self._done += 1
            return self._done == self._posted

    def finish(self) -> None:
        """Send what has not left yet and wait for all sums; :class:`Disagreement` where nodes do something else."""
        self.post(len(self.buckets))
        self.round.agree()
        mpi.until(self.advance)


def help_others(tree: Any, call: Call, like: list, limits: tuple, after: Callable[[list], None] | None = None) -> None:
    """Take part in the sums of nodes that are not done yet, with zeros, until all are.

    ``like``: tensors as the others add them. ``after``: what to do with each sum.
    """
    exchange = None
    while (round := tree.begin(call, contributes=False)).agree():
        if exchange is None:
            exchange = Exchange(tree, [arrays.array_module(x).empty(x.shape, x.dtype) for x in like], *limits)
        for x in exchange.tensors:
            x.fill(0)
        exchange.join(round)
        exchange.finish()
        if after is not None:
            after(exchange.tensors)


def spread(tree: Any, tensors: list, root: int) -> None:
    """The tensors of the node of rank ``root`` on all nodes, in place."""
    mirrors: dict[int, Any] = {}
    for pieces in divide(tensors, LARGEST) if tree.numNodes > 1 else []:
        bucket = Bucket(tensors, pieces, mirrors, tree.cudaAware)
        bucket.load()
        reduction.broadcast(tree, bucket.flat, root)
        if tree.rank != root:
            bucket.store()
