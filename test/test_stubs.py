"""The stubs are those of the packages, and a user's script passes a strict type checker."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = """
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import dataload as dl
import dpnn
import nn
import nn.pytorch as tnn
import nn.pytorch.functional as F
import nngraph
import nnx
import optim
import rnn
import torch7 as torch
import torch7.onnx
from nn import Linear
from nn.testing import Case, check_module
from rocks import image


class Scale(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.weight, self.gradWeight = torch.Tensor(n), torch.zeros(n)
        self.reset()

    def reset(self, stdv: float | None = None) -> Scale:
        torch.uniform(self.weight, -1, 1)
        return self

    def updateOutput(self, x: np.ndarray) -> np.ndarray:
        self.output = x * self.weight
        return self.output

    def updateGradInput(self, input: np.ndarray, gradOutput: np.ndarray) -> np.ndarray:
        self.gradInput = gradOutput * self.weight
        return self.gradInput

    def accGradParameters(self, input: np.ndarray, gradOutput: np.ndarray, scale: float = 1) -> None:
        self.gradWeight += scale * (input * gradOutput).sum(0)


class Distance(nn.Criterion):
    def updateOutput(self, input: np.ndarray, target: np.ndarray) -> float:
        return float(np.abs(input - target).mean())


class Block(tnn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.linear = tnn.Linear(n, n)

    def forward(self, x: np.ndarray, skip: bool = True) -> Any:
        return F.relu(self.linear(x)) + x if skip else F.relu(self.linear(x))


def network(hidden: int) -> nn.Sequential:
    return nn.Sequential().add(Linear(4, hidden)).add(nn.BatchNormalization(hidden)).add(nn.Tanh()).add(Scale(hidden))


def predict(net: nn.Module, x: np.ndarray) -> np.ndarray:
    return net.evaluate().forward(x)


def through(net: nn.Sequencer, steps: list[np.ndarray]) -> list[np.ndarray]:
    outputs: list[np.ndarray] = net.forward(steps)
    outputs.append(outputs[0] * 2)
    return net.forward(steps)


def flat(net: nn.Module, criterion: nn.Criterion, x: np.ndarray) -> np.ndarray:
    parameters, gradients = net.getParameters()
    output = net.forward(x)
    output = output - output.mean()
    gradient: np.ndarray = net.backward(x, criterion.backward(output, x))
    parameters -= 0.1 * gradients
    return parameters if gradient.any() else nnx.cudnn.LSTM(3, 4).weight


def loaded(path: str) -> nn.Module:
    found = torch.load(path)
    net: nn.Module = found["model"].evaluate()
    return torch.load(path) if found is None else net


def functions(x: np.ndarray) -> np.ndarray:
    total: float = torch.sum(x)
    correct = 0
    correct += torch.sum(torch.eq(x, torch.max(x, 2)[0]))
    x = torch.cat(torch.randn(3, 4), x) + total
    return torch.narrow(x, 1, 1, correct)


torch.manualSeed(1)
net = network(3).add(nn.Dropout(0.5)).add(nn.LogSoftMax())
criterion = nn.ClassNLLCriterion()
parameters, gradients = net.getParameters()
state = {"learningRate": 0.1, "momentum": 0.9}
loss, inputs = 0.0, torch.randn(8, 4)
loader = dl.TensorLoader(inputs, np.ones(8, dtype=np.int64))
for k, inputs, labels in loader.sampleiter(4):

    def evaluate(_: np.ndarray) -> tuple[float, np.ndarray]:
        net.zeroGradParameters()
        loss = criterion.forward(net.forward(inputs), labels)
        net.backward(inputs, criterion.backward(net.output, labels))
        return loss, gradients

    _, (loss, *others) = optim.sgd(evaluate, parameters, state)
    net.gradParamClip(5)
    net.maxParamNorm(2)
torch.save("net.t7", net.clone("weight").evaluate().clearState())
old: nn.Sequential = torch.load(Path("net.t7"))
steps: nn.Sequencer = nn.Sequencer(nn.LSTM(4, 4)).remember("both").sharedClone()
conv: nn.SpatialConvolution = nn.SpatialConvolution(3, 8, 5, 5).noBias().float()
recursor = nn.Recursor(nn.FastLSTM(4, 4), 5)
recursor.forget()
recursor.backwardOnline()
first = nn.Identity()()
graph = nn.gModule([first], [nn.Linear(4, 2)(first)])
optim.Logger("log.txt").add({"loss": loss})
matrix = optim.ConfusionMatrix(3)
matrix.add(1, 2)
checkpoints = optim.Checkpoints("out", keep=2)
checkpoints.save(1, 0.5, model=net)
norm = nn.SpatialBatchNormalization(8)
norm.momentum = 0
trainer = nn.StochasticGradient(net, criterion)
trainer.learningRateDecay = 0.5
trainer.hookIteration = lambda trainer, iteration, error: print(iteration, error)
check_module(Case(lambda: Scale(3), (4, 3)))
torch.onnx.export(net, torch.randn(1, 4), "net.onnx")
image.save("b.png", image.scale(image.load("a.png"), 10, 10))
print(nn.summary(net, (2, 4)), torch.mean(inputs), net.get(1).weight, net[0], len(net), [type(m) for m in net])
print(Block(3)(torch.randn(2, 3)), tnn.CrossEntropyLoss(), Distance().toBatch(loss, 1), graph, old, conv, steps)
print(predict(net, inputs), through(steps, [inputs]), flat(net, criterion, inputs), loaded, functions(inputs))
print(nn.Jacobian.testJacobian(Scale(3), torch.randn(2, 3)), dpnn, nngraph, rnn)
"""


def test_the_stubs_are_new():
    command = [sys.executable, str(ROOT / "test" / "stubs.py"), "--check"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


WRONG = (
    ("nn.Tanh()", "nn.Tahn()", "Tahn"),
    ("getParameters()", 'getParameters("x")', "getParameters"),
    ("net = network(3)", 'net = network("3")', "network"),
    ("Linear(4, hidden)", "Linear(4)", "Linear"),
    ("optim.ConfusionMatrix(3)", "optim.Confusion(3)", "Confusion"),
    ("tnn.CrossEntropyLoss()", "tnn.CrossEntropy()", "CrossEntropy"),
)


@pytest.fixture
def folder(tmp_path):
    """A folder of the library's user: the examples, the script, and the same with mistakes as ``wrong.py``."""
    for path in (ROOT / "examples").glob("*.py"):
        shutil.copy(path, tmp_path)
    wrong = SCRIPT
    for old, new, _ in WRONG:
        assert old in SCRIPT
        wrong = wrong.replace(old, new)
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "wrong.py").write_text(wrong)
    return tmp_path


def errors_in_the_wrong_script(run, names):
    """The checker finds the mistakes and nothing else; one run, since each reads the library."""
    errors = [line for line in run.stdout.splitlines() if "error:" in line]
    assert run.returncode == 1, run.stdout + run.stderr
    assert all("wrong.py:" in line for line in errors), run.stdout
    assert all(any(f'"{name}"' in line for line in errors) for name in names), run.stdout


@pytest.mark.slow
def test_a_script_and_the_examples_pass_mypy(folder):
    pytest.importorskip("mypy")
    options = ["--strict", "--follow-imports=silent", "--cache-dir", str(folder / "cache")]
    command = [sys.executable, "-m", "mypy", *options, *sorted(path.name for path in folder.glob("*.py"))]
    environment = {"MYPYPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    run = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    errors_in_the_wrong_script(run, [name for _, _, name in WRONG])


@pytest.mark.slow
def test_a_script_and_the_examples_pass_pyright(folder):
    """Where it is installed and has its program, which npm brings at the first call."""
    pytest.importorskip("pyright")
    settings = {"extraPaths": [str(ROOT)], "include": ["."]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable]
    if subprocess.run([*command, "--version"], capture_output=True, check=False).returncode:
        pytest.skip("pyright has no program")
    run = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    errors_in_the_wrong_script(run, ["Tahn"])
