"""The stubs are those of the packages, and a user's script passes a strict type checker."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = """
import numpy as np

import nn
import nngraph
import optim
import rnn
import torch7 as torch
from nn import Linear

torch.manualSeed(1)
net = nn.Sequential().add(Linear(4, 3)).add(nn.Tanh()).add(nn.Dropout(0.5)).add(nn.LogSoftMax())
criterion = nn.ClassNLLCriterion()
parameters, gradients = net.getParameters()
state = {"learningRate": 0.1, "momentum": 0.9}
x = torch.randn(8, 4)
labels = np.ones(8, dtype=np.int64)


def evaluate(_: np.ndarray) -> tuple[float, np.ndarray]:
    net.zeroGradParameters()
    loss: float = criterion.forward(net.forward(x), labels)
    net.backward(x, criterion.backward(net.output, labels))
    return loss, gradients


for _ in range(3):
    optim.sgd(evaluate, parameters, state)
torch.save("net.t7", net.clone().evaluate().clearState())
old = torch.load("net.t7")
steps = nn.Sequencer(nn.LSTM(4, 4)).remember("both").sharedClone()
first = nn.Identity()()
graph = nn.gModule([first], [nn.Linear(4, 2)(first)])
optim.Logger("log.txt").add({"loss": 1.0})
matrix = optim.ConfusionMatrix(3)
matrix.add(1, 2)
checkpoints = optim.Checkpoints("out", keep=2)
checkpoints.save(1, 0.5, model=net)
print(nn.summary(net, (2, 4)), torch.mean(x), net.get(1), len(net), steps, graph, old)
"""


def test_the_stubs_are_new():
    command = [sys.executable, str(ROOT / "test" / "stubs.py"), "--check"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.slow
def test_a_script_passes_mypy(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--follow-imports=silent",
        "--cache-dir",
        str(tmp_path / "cache"),
    ]
    environment = {"MYPYPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    run = subprocess.run(
        [*command, "script.py"], capture_output=True, text=True, cwd=tmp_path, env=environment, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    wrong = SCRIPT.replace("nn.Tanh()", "nn.Tahn()").replace("getParameters()", 'getParameters("x")')
    (tmp_path / "script.py").write_text(wrong)
    run = subprocess.run(
        [*command, "script.py"], capture_output=True, text=True, cwd=tmp_path, env=environment, check=False
    )
    assert 'no attribute "Tahn"' in run.stdout and "Too many arguments" in run.stdout
