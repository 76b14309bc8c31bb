"""Batch normalisation whose batch is that of all nodes (manual, "Normalization layers")."""

from __future__ import annotations

from typing import Any

from .. import thnn
from .batch_normalization import BatchNorm
from .module import Module
from .parallel import OnNodes, batch_statistics, nodes_of


class SyncBatchNorm(OnNodes, BatchNorm):
    """Batch normalisation of (N, C, ...) over the samples of all nodes.

    ``process_group``: the nodes, a ``distlearn.Tree``; without one, those of ``parallel.init_process_group``, and where
    there are none :class:`BatchNorm1d` for any number of dimensions. In training mean, variance and the gradient by the
    input are those of the whole batch; every forward and backward then waits for all nodes. N may differ between them.
    The gradients of weight and bias are those of this node's samples, which ``DistributedDataParallel`` adds up. A file
    holds no process group. ``ValueError`` for one value a channel on all nodes together.
    """

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, process_group: Any = None, device: Any = None, dtype: Any = None, *,
        bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)
        self.process_group = process_group
        self.__dict__["_arguments"] = (num_features, eps, momentum, affine, track_running_stats), {"bias": bias}

    def forward(self, input: Any) -> Any:
        nodes = nodes_of(self.process_group) if self.training else None
        if nodes is None:
            return super().forward(input)
        self.check_input(input)
        x, y = thnn.contiguous(input), self.buffer("output", input.shape, input.dtype, input)
        found = batch_statistics().of_all(nodes, x, y, self.eps)
        if found.count == 1:
            raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape}")
        self.saved = nodes, found.count, None
        if found.count:
            if self.track_running_stats:
                batch_statistics().move((self.running_mean, self.running_var), found, self._count_batch())
            self.saved = nodes, found.count, batch_statistics().normalize(found, x, y, self.arrays(), self.eps)
        return y

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        if len(self.saved) == 2:  # of one node
            return super().backward(input, gradOutput, scale)
        nodes, count, saved = self.saved
        dx, room = (self.buffer(name, input.shape, input.dtype, input) for name in ("gradInput", "room"))
        if not count:
            return dx
        x, dy = thnn.contiguous(input), thnn.contiguous(gradOutput)
        own = batch_statistics().products(x, dy, saved, self.eps)
        batch_statistics().differentiate(nodes, x, dy, dx, self.arrays()[0], saved, own, count, room)
        return self.accumulated((dx, *own), scale)

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: Any = None) -> Module:
        """``module`` with this class for each batch normalisation in it; parameters and buffers are shared."""
        return cls._converted(module, process_group, {})

    @classmethod
    def _converted(cls, module: Module, process_group: Any, known: dict[int, tuple]) -> Module:
        """``known`` holds old and new of what was met before: a module that stands in two places stays one."""
        if isinstance(module, BatchNorm):
            if id(module) not in known:
                known[id(module)] = module, cls._like(module, process_group)
            return known[id(module)][1]
        for name, child in module._modules.items():
            if child is not None:
                module._modules[name] = cls._converted(child, process_group, known)
        return module

    @classmethod
    def _like(cls, module: BatchNorm, process_group: Any) -> Module:
        settings = module.num_features, module.eps, module.momentum, module.affine, module.track_running_stats
        converted = cls(*settings, process_group, bias="bias" in module._parameters)
        converted._parameters.update(module._parameters)
        converted._buffers.update(module._buffers)
        converted.training = module.training
        return converted
