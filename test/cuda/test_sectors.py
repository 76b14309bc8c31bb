"""Memory that kernels ask for, counted by the emulator warp by warp: 32-byte sectors against the least there can be,
the bytes that are asked for in whole sectors.

What reads and writes neighbours must stay within 1.1. What goes by rows, windows or places that data decide has its own
bound, with the reason. Besides, what memory gives and takes in a whole launch, each sector once, as windows and rows
that do not begin with a sector find it in the caches: it stays within 1.1 of the bytes for all but what data decide.
Kernels that the tests check anyway always, the others among the slow tests.
"""

from collections import defaultdict

import numpy as np
import pytest
import stand_in
from emulator import driver

import nn
import rnn  # noqa: F401
import torch7 as torch

LEAST = 1.1
#: Kernels that cannot: name -> (bound, reason).
OTHERS = {
    "average": (1.2, "windows of three begin one element further: the same sectors, from the first cache"),
    "average_gradient": (1.2, "as average"),
    "temporal_max_gradient": (1.15, "reads a gradient only where its window has the maximum here"),
    "pack_weights": (1.25, "turned, the nine taps of a plane are neighbours, those of the next one lie elsewhere"),
    "gather_gemm": (1.3, "reads windows with their border; bound by arithmetic"),
    "weight_gemm": (1.95, "as gather_gemm; small tiles meet every border more often"),
}
#: Kernels whose least is no count of bytes: name -> sectors for the shape below, and what they are.
SECTORS = {"nll": (64 + 16 + 3, "of each of 64 rows one element, labels of eight bytes; loss, total and status")}
#: Name -> module, shape of the input; or criterion, with a shape of the target.
MODULES = {
    "Tanh": (lambda: nn.Tanh(), (8, 1024)),
    "ReLU": (lambda: nn.ReLU(), (8, 1024)),
    "LogSoftMax": (lambda: nn.LogSoftMax(), (16, 128)),
    "long rows": (lambda: nn.LogSoftMax(), (2, 4096)),
    "SpatialBatchNormalization": (lambda: nn.SpatialBatchNormalization(8), (4, 8, 16, 16)),
    "statistics in shares": (lambda: nn.SpatialBatchNormalization(2), (8, 2, 32, 32)),
    "BatchNormalization": (lambda: nn.BatchNormalization(64), (32, 64)),
    "PReLU": (lambda: nn.PReLU(8), (4, 8, 16, 16)),
    "Linear": (lambda: nn.Linear(64, 32), (32, 64)),
    "SpatialSubSampling": (lambda: nn.SpatialSubSampling(4, 2, 2, 2, 2), (2, 4, 16, 64)),
    "SpatialMaxPooling": (lambda: nn.SpatialMaxPooling(2, 2, 2, 2), (2, 4, 16, 64)),
    "SpatialAveragePooling": (lambda: nn.SpatialAveragePooling(3, 3, 1, 1, 1, 1), (2, 4, 16, 64)),
    "windows of two": (lambda: nn.SpatialAveragePooling(2, 2, 2, 2), (2, 4, 16, 64)),
    "VolumetricMaxPooling": (lambda: nn.VolumetricMaxPooling(2, 2, 2, 2, 2, 2), (2, 2, 4, 16, 32)),
    "TemporalMaxPooling": (lambda: nn.TemporalMaxPooling(2, 2), (2, 16, 64)),
    "one slope": (lambda: nn.PReLU(), (4, 8, 16, 16)),
    "SpatialZeroPadding": (lambda: nn.SpatialZeroPadding(1, 1, 1, 1), (2, 4, 16, 64)),
    "SpatialUpSamplingNearest": (lambda: nn.SpatialUpSamplingNearest(2), (2, 4, 8, 32)),
    "SpatialCrossMapLRN": (lambda: nn.SpatialCrossMapLRN(5), (2, 8, 16, 32)),
    "SeqLSTM": (lambda: nn.SeqLSTM(32, 32), (2, 8, 32)),
    "SeqGRU": (lambda: nn.SeqGRU(32, 32), (2, 8, 32)),
    "CAddTable": (lambda: nn.Sequential(nn.ConcatTable(nn.Tanh(), nn.Sigmoid()), nn.CAddTable()), (8, 1024)),
    "SpatialConvolution": (lambda: nn.SpatialConvolution(8, 16, 3, 3, 1, 1, 1, 1), (2, 8, 16, 16)),
}
CRITERIONS = {
    "MSECriterion": (lambda: nn.MSECriterion(), (8, 1024), None),
    "ClassNLLCriterion": (lambda: nn.ClassNLLCriterion(), (64, 32), 32),
    "SmoothL1Criterion": (lambda: nn.SmoothL1Criterion(), (8, 1024), None),
}
ALWAYS = {
    "LogSoftMax",
    "SpatialBatchNormalization",
    "BatchNormalization",
    "statistics in shares",
    "PReLU",
    "Linear",
    "MSECriterion",
    "ClassNLLCriterion",
}


@pytest.fixture
def counted(pretended, monkeypatch):
    """Kernel -> sectors asked for, the least there can be, and both in all, of all launches from now on."""
    monkeypatch.setattr(stand_in, "MODE", "check")
    found, run = defaultdict(lambda: np.zeros(4, int)), driver.Function.__call__

    def call(self, *arguments, **settings):
        self.module.profile(True)
        run(self, *arguments, **settings)
        for line in self.module.code.emu_report().decode().splitlines():
            _, space, _, _, _, _, parts, least = line.split()
            if space != "shared":
                first = 0 if space == "global" else 2
                found[self.name.partition("<")[0]][first : first + 2] += int(parts), int(least)

    monkeypatch.setattr(driver.Function, "__call__", call)
    return found


def drawn(cupy, *shape):
    return cupy.asarray(np.random.default_rng(0).standard_normal(shape).astype(np.float32))


def checked(found):
    assert found
    for name, (parts, least, all_parts, all_least) in found.items():
        if name in SECTORS:
            least = all_least = SECTORS[name][0]
        assert parts <= OTHERS.get(name, (LEAST,))[0] * least, (name, parts / least)
        assert all_parts <= LEAST * all_least, (name, all_parts / all_least)


def marked(names):
    return [pytest.param(name, marks=() if name in ALWAYS else pytest.mark.slow) for name in names]


@pytest.mark.parametrize("name", marked(MODULES))
def test_modules(pretended, counted, name):
    torch.manualSeed(1)
    make, shape = MODULES[name]
    module, x = make().cuda(), drawn(pretended, *shape)
    y = module.forward(x)
    module.backward(x, drawn(pretended, *y.shape))
    checked(counted)


@pytest.mark.parametrize("name", marked(CRITERIONS))
def test_criterions(pretended, counted, name):
    make, shape, classes = CRITERIONS[name]
    x = drawn(pretended, *shape)
    target = pretended.asarray(np.arange(shape[0]) % classes + 1) if classes else drawn(pretended, *shape) * 2
    criterion = make().cuda()
    criterion.forward(x, target)
    criterion.backward(x, target)
    checked(counted)
