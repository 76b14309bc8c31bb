"""DataParallel on one device (manual, "DataParallel layers")."""

from __future__ import annotations

from typing import Any

from .module import Module


class DataParallel(Module):
    """``module`` under the name ``module``: there is one device here, which takes the whole batch.

    Files of networks that were trained under PyTorch's DataParallel load, as the keys begin with ``module.``.
    ``device_ids``, ``output_device`` and ``dim`` are kept and change nothing.
    """

    def __init__(self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0) -> None:
        super().__init__()
        self.module, self.dim = module, dim
        self.device_ids, self.output_device = list(device_ids or ()), output_device

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.module(*inputs, **kwargs)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        return self.module.backward(input, gradOutput, scale)


def data_parallel(
    module: Module, inputs: Any, device_ids: Any = None, output_device: Any = None, dim: int = 0,
    module_kwargs: dict | None = None,
) -> Any:  # fmt: skip
    """``module(*inputs)`` on the one device."""
    inputs = inputs if isinstance(inputs, tuple) else (inputs,)
    return module(*inputs, **(module_kwargs or {}))
