"""What loaders of sequences read side by side have in common."""

from __future__ import annotations

from typing import Any

from torch7 import lua_math

from .data_loader import DataLoader
from .shard import ColumnShard


class ColumnLoader(DataLoader):
    """Base of loaders with ``batchsize`` columns, each of which reads one sequence after another.

    ``trackers``: the number of the next sequence, from 1, and where each column is. With ``randseq`` set the next
    sequence is drawn by Lua's ``math.random``.
    """

    randseq = False
    batchsize: int
    trackers: dict[str, Any]

    def reset(self) -> None:
        """Let every column start anew, with the first sequence."""
        super().reset()
        self.trackers = {"nextseq": 1, "columns": [None] * self.batchsize}

    def shard(self, rank: int, size: int, seed: int | None = None) -> ColumnShard:
        """The columns of process ``rank``, from 0, of ``size`` processes that train together."""
        return ColumnShard(self, rank, size)

    def sample(self, *args: Any) -> Any:
        raise NotImplementedError("Not Implemented")

    def sampleiter(self, *args: Any) -> Any:
        raise NotImplementedError("Not Implemented. Use subiter instead.")

    def _next(self, count: int) -> int:
        """The number of the sequence, of ``count``, that a column reads next."""
        if self.randseq:
            return lua_math.random(1, count)
        number = self.trackers["nextseq"]
        self.trackers["nextseq"] = number % count + 1
        return number
