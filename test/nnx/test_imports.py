"""What importing nnx, and reading its files, leaves as it was."""

import subprocess
import sys

import pytest

import nn
import nnx
import torch7 as torch

SHOWN = "nn.Dropout(0.500000)"


def run(*lines):
    """What a program prints."""
    program = "\n".join(("import sys", "import torch7 as torch", "import nn", *lines))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_dropout_prints_as_before():
    assert run("import nnx", "print(nn.Dropout(), 'rnn' in sys.modules)") == [f"{SHOWN} False"]
    shown = run("import nnx", "net = nn.VanillaRNN(2, 3)", "print(nn.Dropout(), type(net) is nnx.torch_rnn.VanillaRNN)")
    assert shown[0].endswith("True")
    assert run("import nnx, rnn", "print(nn.Dropout())") == ["nn.Dropout(0.5, busy)"]


@pytest.mark.parametrize("make", [nn.SpatialUpSampling, nn.LinearNB, nnx.inn.ROIPooling])
def test_files_of_nnx(make, tmp_path):
    file = tmp_path / "module.t7"
    torch.save(file, make(2, 3))
    assert run(f"torch.load({str(file)!r})", "print(nn.Dropout(), 'rnn' in sys.modules)") == [f"{SHOWN} False"]


def test_files_of_layers_over_those_of_rnn(tmp_path):
    file = tmp_path / "modules.t7"
    torch.save(file, [nnx.torch_rnn.LSTM(2, 3), nnx.torch_rnn.GRU(2, 3), nn.VanillaRNN(2, 3), nn.GRIDGRU(2, 2)])
    shown = run(f"for module in torch.load({str(file)!r}):", "    print(type(module).__module__)")
    assert shown == [f"nnx.torch_rnn.{name}" for name in ("lstm", "gru", "vanilla_rnn", "grid_gru")]
