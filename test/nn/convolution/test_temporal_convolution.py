"""TemporalConvolution: worked numbers, blocks of samples."""

import sys

import numpy as np
import pytest
from filling import counting, filled

import nn
import torch7 as torch


def test_temporal_convolution():
    module = filled(nn.TemporalConvolution(2, 1, 2), [1, 10, 100, 1000])
    np.testing.assert_allclose(module.forward(counting(3, 2)), [[4321.5], [6543.5]])


def test_temporal_convolution_with_gaps_between_windows():
    module = filled(nn.TemporalConvolution(1, 1, 2, 3), [1, 10], 0)
    np.testing.assert_allclose(module.forward(counting(8, 1)), [[21], [54], [87]])
    np.testing.assert_allclose(module.updateGradInput(counting(8, 1), np.ones((3, 1)))[:, 0], [1, 10, 0] * 2 + [1, 10])


def test_temporal_convolution_in_blocks(monkeypatch):
    """A long batch is taken in blocks of samples; their size changes nothing."""
    module, x = nn.TemporalConvolution(3, 4, 2), torch.randn(7, 9, 3)
    g = module.forward(x).copy()
    results = []
    for size in (1 << 20, 100, 1):
        monkeypatch.setattr(sys.modules["nn.thnn.convolution.temporal_convolution"], "BLOCK_ELEMENTS", size)
        module.zeroGradParameters()
        results.append([module.forward(x).copy(), module.backward(x, g).copy(), module.gradWeight.copy()])
    for others in results[1:]:
        for one, other in zip(results[0], others):
            np.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("samples", "frames", "features", "outputs", "kW"),
    [(9, 33, 45, 70, 2), (5, 41, 32, 48, 3), (1, 203, 35, 33, 4), (7, 22, 40, 32, 5), (3, 18, 64, 32, 3)],
)
def test_winograd_beside_direct_sums(samples, frames, features, outputs, kW):
    """Results of all passes in float32, for any number of threads the same."""
    torch.manualSeed(1)
    direct = nn.TemporalConvolution(features, outputs, kW).float()
    x = torch.randn(samples, frames, features).astype(np.float32)
    g = torch.randn(samples, frames - kW + 1, outputs).astype(np.float32)

    def results(module):
        module.zeroGradParameters()
        found = [module.forward(x), module.backward(x, g, 0.5), module.gradWeight, module.gradBias]
        return [a.copy() for a in found]

    torch.exact(True)
    try:
        expected = results(direct)
    finally:
        torch.exact(False)
    before, found = torch.getnumthreads(), []
    for threads in (1, before):
        torch.setnumthreads(threads)
        found.append(results(direct.clone()))
    for one, other, e in zip(*found, expected):
        assert np.array_equal(one, other)
        assert np.abs(one - e).max() < 5e-6 * np.abs(e).max()
    assert (samples * -(-frames // (7 - kW)) < 48) == np.array_equal(found[0][0], expected[0])


@pytest.mark.parametrize("kW", range(1, 10))
def test_windows_of_any_length(kW):
    """Of both types, whatever algorithm takes them."""
    module, x = nn.TemporalConvolution(32, 33, kW), torch.randn(6, 40, 32)
    y = module.forward(x)
    g = torch.randn(*y.shape)
    expected = [y.copy(), module.backward(x, g).copy(), module.gradWeight.copy()]
    module.float().zeroGradParameters()
    found = [module.forward(x.astype(np.float32)), module.backward(x.astype(np.float32), g.astype(np.float32))]
    for one, other in zip([*found, module.gradWeight], expected):
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-5 * np.abs(other).max())
