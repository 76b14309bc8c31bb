"""``benchmarks.gpu`` without a card, and its kernels of ceilings on the emulator."""

import numpy as np
import pytest

import torch7
from benchmarks import gpu, gpu_paper
from benchmarks.gpu_workloads import CONVOLUTIONS, LAYERS, STEPS
from nn.thnn.cuda.conv import model
from nn.thnn.cuda.runtime import Kernels


def test_paper_figures():
    lines = []
    gpu_paper.paper(["conv 3x3, 512, 7", "conv 7x7/2, 3 to 64, 224"], lines.append)
    assert lines[0].startswith("**Computed, not measured")
    rows = [line.split(" | ") for line in lines if line.startswith("| conv")]
    assert len(rows) == 8 and all(float(row[3]) > float(row[5]) > 0 for row in rows)


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_paper_is_below_the_peak(name):
    c = CONVOLUTIONS[name]
    for card in gpu_paper.CARDS.values():
        for part, (seconds, _, _) in gpu_paper.convolution_on_paper(c, card, model.EXACT).items():
            rows, columns, depth, _ = gpu_paper.products(c)[part]
            assert rows * columns * depth / seconds <= 128 * card.multiprocessors * card.clock, part


@pytest.mark.slow
def test_memory_on_paper():
    """The smallest that a map can ask for is what it reads and writes."""
    found = gpu_paper.passes_on_paper(LAYERS["Tanh"])
    n = 4 * 256 * 65536
    assert found == {"forward": (2 * n, 1), "backward": (3 * n, 1)}


@pytest.mark.slow
def test_the_ceilings_run(cupy):
    launch, y = Kernels("ceilings", gpu.CEILINGS), cupy.zeros(4, np.float32)
    for name in ("multiply_adds", "tensor_cores"):
        launch(f"{name}<T>", np.float32, (2,), 256, y, 3)
    assert (y.get() == 0).all()


def test_all_of_it_runs(pretended, monkeypatch, capsys):
    """In small sizes, without PyTorch: every workload has its lines."""
    for name, value in {"WARM": 1, "TIMES": 1, "COPIED": 64, "TURNS": 2, "theirs": lambda: None}.items():
        monkeypatch.setattr(gpu, name, value)
    for name, c in CONVOLUTIONS.items():
        monkeypatch.setitem(gpu.CONVOLUTIONS, name, c._replace(N=1, C=3, O=4, size=9))
    for name, layer in LAYERS.items():
        monkeypatch.setitem(
            gpu.LAYERS, name, layer._replace(input=(2, *layer.small[1:2], *(4,) * (len(layer.small) - 2)))
        )
    for name, (make, shape) in STEPS.items():
        monkeypatch.setitem(gpu.STEPS, name, (make, (1, *shape[1:])))
    gpu.measured([*CONVOLUTIONS, *LAYERS, *STEPS], False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("stand-in, no PyTorch with CUDA here; copy ")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")][1:]
    assert len(rows) == 2 * (len(CONVOLUTIONS) + len(LAYERS) + len(STEPS))
    assert all(len(row) == 6 and float(row[2]) > 0 for row in rows)
    assert not torch7.exactness._allow_tf32


def test_workloads_have_modules():
    for layer in LAYERS.values():
        assert layer.module().forward(np.zeros(layer.small)).size
    for make, (n, *rest) in STEPS.values():
        assert n > 2 and len(make().float().forward(np.zeros((2, *rest), np.float32))) == 2
