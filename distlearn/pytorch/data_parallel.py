"""``DistributedDataParallel`` of nn.pytorch: gradients are the means over the nodes when backward returns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nn.pytorch.module import Module
from nn.pytorch.parallel import OnNodes

from .. import tables
from ..all_reduce_sgd import AllReduceSGD
from ..exchange import spread
from ..rounds import Call
from .groups import init_process_group
from .overlap import reporting


class DistributedDataParallel(OnNodes, Module):
    """``module`` on every node, each with samples of its own; gradients travel while backward runs.

    Parameters and buffers become those of the first node (unless ``init_sync`` is False). ``backward`` returns this
    node's gradient by the input; those of the parameters are then the means over the nodes, in ``grad``. Inside
    ``with model.no_sync():`` it only adds to this node's; the next one outside sends the sum. In training every forward
    hands out the first node's buffers, such as running means (``broadcast_buffers``).

    ``process_group``: the nodes, a ``distlearn.Tree``, by default those of ``init_process_group``. ``bucket_cap_mb``:
    megabytes that travel together, chosen by size unless given; ``compression``: ``'float16'`` or ``'bfloat16'``, as in
    :class:`distlearn.AllReduceSGD`. ``output_device``, ``dim``, ``find_unused_parameters``, ``gradient_as_bucket_view``
    and ``static_graph`` change nothing: a parameter that backward does not reach adds zeros. ``device_ids`` raises
    ``ValueError``, a module without trainable parameters ``RuntimeError``. Nodes whose numbers of batches differ train
    inside ``with model.join():``. ``state_dict`` has the module's keys behind ``module.``; a file holds no nodes.
    """

    def __init__(
        self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0,
        broadcast_buffers: bool = True, init_sync: bool = True, process_group: Any = None,
        bucket_cap_mb: float | None = None, find_unused_parameters: bool = False,
        gradient_as_bucket_view: bool = False, static_graph: bool = False, *, compression: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if not any(p.requires_grad for p in module.parameters()):
            raise RuntimeError("DistributedDataParallel: the module has no parameters that require a gradient")
        if device_ids:
            raise ValueError(f"DistributedDataParallel: modules are on the CPU, device_ids must be None: {device_ids}")
        self.module = module
        self.process_group = init_process_group() if process_group is None else process_group
        self.broadcast_buffers, self.compression = broadcast_buffers, compression
        self.bucketSize = None if bucket_cap_mb is None else max(1, int(bucket_cap_mb * 2**20))
        self.require_backward_grad_sync, self._joined, self._by_all = True, False, True
        if init_sync:
            self._hand_out("DistributedDataParallel", [p.data for p in module.parameters()] + list(module.buffers()))

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        if self.training and self.broadcast_buffers and self.require_backward_grad_sync and not self._joined:
            self._hand_out("buffers", list(self.module.buffers()))
        return self.module(*inputs, **kwargs)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        if self.process_group is None or not self.require_backward_grad_sync:
            return self.module.backward(input, gradOutput, scale)
        engine, grads = self._engine(), self._gradients()
        with engine.overlap(self.module, grads, reporting=reporting):
            result = self.module.backward(input, gradOutput, scale)
        count = engine.sumGradients(grads)
        divisor = self.process_group.numNodes if self._by_all else count
        for grad in grads if divisor > 1 else ():
            grad /= divisor
        return result

    @contextmanager
    def no_sync(self) -> Iterator[None]:
        """Backward passes inside add up on this node."""
        before, self.require_backward_grad_sync = self.require_backward_grad_sync, False
        try:
            yield
        finally:
            self.require_backward_grad_sync = before

    @contextmanager
    def join(self, divide_by_initial_world_size: bool = True, enable: bool = True) -> Iterator[None]:
        """Nodes may take different numbers of steps inside; those that are done add nothing to the others' sums.

        At the end all have the parameters and buffers of the node with the most steps. Gradients are divided by the
        number of all nodes, or, with False, of those that still train. Buffers are not handed out meanwhile.
        """
        if not enable or self.process_group is None:
            yield
            return
        self._joined, self._by_all = True, divide_by_initial_world_size
        try:
            yield
        finally:
            self._joined, self._by_all = False, True
        self._engine().synchronizeParameters([p.data for p in self.parameters()] + list(self.buffers()))

    def _gradients(self) -> list:
        return [p.grad for p in self.module.parameters() if p.requires_grad]

    def _hand_out(self, name: str, tensors: list) -> None:
        """The first node's ``tensors`` on all nodes, of which each has some of the same sizes and types."""
        if self.process_group is not None and self.process_group.numNodes > 1 and tensors:
            self.process_group.begin(Call(name, tuple(map(tables.describe, tensors)))).agree()
            spread(self.process_group, tensors, 0)

    def _engine(self) -> AllReduceSGD:
        if self.__dict__.get("_sgd") is None:
            self.__dict__["_sgd"] = AllReduceSGD(self.process_group, self.compression, self.bucketSize)
        return self.__dict__["_sgd"]

    def __getstate__(self) -> dict:
        state = super().__getstate__()
        state.pop("_sgd", None)
        return state
