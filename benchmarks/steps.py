"""Training steps of whole networks beside PyTorch, with its default, the channels last, and compiled.

``python -m benchmarks.steps``, options in [contests.py]: a step of gradient descent - forward, loss, backward, update -
of torch7, the same in ``torch7.graph``, and of PyTorch. Torch's step makes the gradient by the input, which PyTorch's
leaves out: "same gradients" is the captured step without it (``net.get(1).gradInput = None``); no ratio counts it.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

import nn
import torch7
import torch7.pytorch

from . import contests
from .contests import COMPILED, Contest, Run

#: Network and batch.
STEPS = {
    "vgg": [32], "lenet": [32, 1], "alexnet": [8], "bottlenecks": [8], "resnet14": [32], "text": [32], "c3d": [4],
    "generator": [32], "discriminator": [32], "mlp": [128, 1],
}  # fmt: skip


def ours(net: Any, x: np.ndarray, threads: int) -> Run:
    """A step; of classes where the network gives log-probabilities, else the mean square."""
    y = net.forward(x)
    classes = y.ndim == 2
    criterion = (nn.ClassNLLCriterion() if classes else nn.MSECriterion()).float()
    target = np.arange(len(y)) % 10 + 1 if classes else np.zeros_like(y)

    def step():
        net.zeroGradParameters()
        criterion.forward(net.forward(x), target)
        net.backward(x, criterion.backward(net.output, target))
        net.updateParameters(0.001)

    return step


def graph(net: Any, x: np.ndarray, threads: int) -> Run:
    step = torch7.graph(ours(net, x, threads))
    for _ in range(3):
        step()
    return step


def same_gradients(net: Any, x: np.ndarray, threads: int) -> Run:
    """The captured step without the gradient by the network's input, which PyTorch leaves out, too."""
    net.get(1).gradInput = None
    return graph(net, x, threads)


def pytorch(net: Any, x: np.ndarray, threads: int) -> Run:
    module, inputs = translated(net, x)
    return pytorch_step(module, module, inputs)


def channels_last(net: Any, x: np.ndarray, threads: int) -> Run | None:
    if x.ndim != 4:
        return None
    module, inputs = translated(net, x, channels_last=True)
    return pytorch_step(module, module, inputs)


def compiled(net: Any, x: np.ndarray, threads: int) -> Run:
    import torch

    module, inputs = translated(net, x)
    return pytorch_step(module, torch.compile(module), inputs)


def translated(net: Any, x: np.ndarray, channels_last: bool = False) -> tuple[Any, Any]:
    """The network in PyTorch and its input."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the batch is fixed
        module, inputs = torch7.pytorch.to_module(net, x), torch.from_numpy(x)
    if channels_last:
        module, inputs = (a.to(memory_format=torch.channels_last) for a in (module, inputs))
    return module, inputs


def pytorch_step(module: Any, run: Any, inputs: Any) -> Run:
    """The same step; ``run`` computes what ``module``, which has the parameters, does."""
    import torch

    y = module.train()(inputs)
    optimiser = torch.optim.SGD(module.parameters(), 0.001)
    loss = torch.nn.NLLLoss() if y.ndim == 2 else torch.nn.MSELoss()
    target = torch.arange(len(y)) % 10 if y.ndim == 2 else torch.zeros_like(y)

    def step():
        optimiser.zero_grad()
        loss(run(inputs), target).backward()
        optimiser.step()

    return step


CONTEST = Contest(
    module="steps",
    what="step",
    batches=STEPS,
    makers={
        "torch7": ours,
        "graph": graph,
        "same gradients": same_gradients,
        "PyTorch": pytorch,
        "channels last": channels_last,
        COMPILED: compiled,
    },
    ours=("torch7", "graph"),
    peers={"PyTorch": ("PyTorch",), "best of PyTorch": ("PyTorch", "channels last", COMPILED)},
)

if __name__ == "__main__":
    contests.main(CONTEST, __doc__)
