"""A layer of your own, proved by nn.Jacobian before it is used: the manual's lesson on new modules.

    python examples/own_module.py [-iterations 300] [-learningRate 0.05] [-seed 1]

The layer is a softplus whose sharpness is learned, y_i = log(1 + exp(w_i x_i + b_i)) / w_i: it has parameters, so it
needs updateOutput, updateGradInput and accGradParameters. Jacobian compares what they say with differences, and finds
the mistake of a second layer that forgets the slope. Then a network with the layer learns a curve, and is saved and
loaded as any other.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import nn
import optim
import torch7 as torch


@torch.class_("nn.Softplus2", "nn.Module")
class Softplus2(nn.Module):
    """y_i = log(1 + exp(w_i x_i + b_i)) / w_i for inputs of N x n."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.weight = torch.Tensor(n)
        self.bias = torch.Tensor(n)
        self.gradWeight = torch.zeros(n)
        self.gradBias = torch.zeros(n)
        self.reset()

    def reset(self, stdv: Any = None) -> Any:
        torch.uniform(self.weight, 0.5, 1.5)
        self.bias.fill(0)
        return self

    def updateOutput(self, input: np.ndarray) -> Any:
        self.inner = self.weight * input + self.bias
        self.output = np.logaddexp(0, self.inner) / self.weight
        return self.output

    def updateGradInput(self, input: np.ndarray, gradOutput: np.ndarray) -> Any:
        self.gradInput = gradOutput * self.slope()
        return self.gradInput

    def accGradParameters(self, input: np.ndarray, gradOutput: np.ndarray, scale: float = 1) -> None:
        by_weight = gradOutput * (self.slope() * input - self.output) / self.weight
        by_bias = gradOutput * self.slope() / self.weight  # before gradWeight changes: it may be the weight itself
        torch.add_(self.gradWeight, scale, by_weight.sum(0))
        torch.add_(self.gradBias, scale, by_bias.sum(0))

    def slope(self) -> Any:
        return 1 / (1 + np.exp(-self.inner))

    def __tostring__(self) -> str:
        return f"{torch.type(self)}({len(self.weight)})"


class Careless(Softplus2):
    """The same with a mistake: the gradient of the input lacks the slope."""

    def updateGradInput(self, input: np.ndarray, gradOutput: np.ndarray) -> Any:
        self.gradInput = gradOutput * self.weight
        return self.gradInput


def errors(module: nn.Module, input: np.ndarray) -> dict[str, Any]:
    """What Jacobian finds wrong: with the gradients of the input, the weight and the bias."""
    jac = nn.Jacobian
    return {
        "input": jac.testJacobian(module, input),
        "weight": jac.testJacobianParameters(module, input, module.weight, module.gradWeight),
        "bias": jac.testJacobianParameters(module, input, module.bias, module.gradBias),
    }


def learn(opt: Any) -> tuple[Any, Any, Any]:
    """A network with the layer learns y = |x|; its losses before and after."""
    net = nn.Sequential().add(nn.Linear(1, 8)).add(Softplus2(8)).add(nn.Linear(8, 1))
    print(net)
    criterion = nn.MSECriterion()
    x = torch.linspace(-1, 1, 41).reshape(-1, 1)
    y = torch.abs(x)
    params, gradParams = net.getParameters()

    def feval(_: np.ndarray) -> tuple[Any, Any]:
        gradParams.fill(0)
        loss = criterion.forward(net.forward(x), y)
        net.backward(x, criterion.backward(net.output, y))
        return loss, gradParams

    losses, config = [], {"learningRate": opt.learningRate}
    for _ in range(opt.iterations):
        losses += optim.adam(feval, params, config)[1]
    print(f"loss {losses[0]:.4f} -> {losses[-1]:.6f}")
    return net, x, losses


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    cmd = torch.CmdLine()
    cmd.text("A module of your own")
    cmd.option("-iterations", 300, "steps of training")
    cmd.option("-learningRate", 0.05, "rate of the steps")
    cmd.option("-seed", 1, "seed of the random numbers")
    opt = cmd.parse(arguments)
    torch.manualSeed(opt.seed)

    found = errors(Softplus2(4), torch.randn(3, 4))
    mistake = errors(Careless(4), torch.randn(3, 4))
    for name in found:
        print(f"{name:7} error {found[name]:.1e}, of the careless layer {mistake[name]:.1e}")

    net, x, losses = learn(opt)
    with tempfile.TemporaryDirectory() as folder:
        torch.save(Path(folder) / "net.t7", net)
        same = torch.load(Path(folder) / "net.t7").forward(x)
    print(f"saved and loaded, it computes the same: {bool((same == net.forward(x)).all())}")
    return {"right": found, "wrong": mistake, "losses": losses, "same": same - net.output}


if __name__ == "__main__":
    main()
