"""Rules of all transfer functions beyond the battery: NaN, borders, working in place, threads, memory."""

import tracemalloc

import numba
import numpy as np
import pytest

import nn
import torch7 as torch

NAN, INF = np.nan, np.inf


def forward_backward(module, x):
    x = np.array(x, float)
    g = np.arange(1.0, x.size + 1).reshape(x.shape)
    output = module.forward(x).copy()
    return output, module.backward(x, g).copy()


@pytest.mark.parametrize(
    "module, x, output, gradInput",
    [
        (nn.ReLU(), [-1, 0, 2, NAN], [0, 0, 2, 0], [0, 0, 3, 0]),
        (nn.ReLU(True), [-1, 0, 2, NAN], [0, 0, 2, NAN], [0, 0, 3, 4]),
        (nn.Threshold(1, -7), [0.5, 1, 1.5, NAN], [-7, -7, 1.5, -7], [0, 0, 3, 0]),
        (nn.HardTanh(), [-2, -1, 0.5, 1, 2, NAN], [-1, -1, 0.5, 1, 1, 1], [0, 0, 3, 0, 0, 6]),
        (nn.HardTanh(-1, 1, True), [[-2, NAN]], [[-1, NAN]], [[0, 2]]),
        (nn.HardTanh(-1, 1, True), [-2, NAN], [-1, 1], [0, 0]),
        (nn.ReLU6(), [-1, 0, 5, 6, 7, NAN], [0, 0, 5, 6, 6, 6], [0, 0, 3, 0, 0, 6]),
        (nn.HardShrink(), [-0.6, -0.5, 0.5, 0.6, NAN], [-0.6, 0, 0, 0.6, 0], [1, 0, 0, 4, 0]),
        (nn.SoftShrink(), [-1.5, -0.5, 0.5, 1.5, NAN], [-1, 0, 0, 1, 0], [1, 0, 0, 4, 0]),
        (nn.LeakyReLU(0.5), [-2, 0, 2, NAN], [-1, 0, 2, NAN], [0.5, 1, 3, 2]),
        (nn.PReLU(), [-2, 0, 2, NAN], [-0.5, 0, 2, NAN], [0.25, 0.5, 3, 1]),
        (nn.ELU(2), [0, 2, -INF, NAN], [0, 2, -2, NAN], [2, 2, 0, 4]),
        (nn.SoftPlus(), [-INF, 0, 30, INF], [0, np.log(2), 30, INF], [0, 1, 3, 4]),
        (nn.LogSigmoid(), [-1000, 0, 1000], [-1000, -np.log(2), 0], [1, 1, 0]),
        (nn.SoftSign(), [-1, 0, 3], [-0.5, 0, 0.75], [0.25, 2, 3 / 16]),
    ],
    ids=lambda v: str(v) if isinstance(v, nn.Module) else "",
)
def test_borders_and_nan(module, x, output, gradInput):
    y, g = forward_backward(module, x)
    np.testing.assert_allclose(y, output, atol=1e-15)
    np.testing.assert_allclose(g, gradInput, atol=1e-15)


IN_PLACE = [
    nn.ReLU(True),
    nn.ReLU6(True),
    nn.Threshold(0.1, 0, True),
    nn.HardTanh(None, None, True),
    nn.ELU(1, True),
    nn.LeakyReLU(0.2, True),
    nn.LeakyReLU(True),
    nn.RReLU(None, None, True),
    nn.AddConstant(2, True),
    nn.MulConstant(2, True),
]


@pytest.mark.parametrize("module", IN_PLACE, ids=str)
@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray], ids=["contiguous", "transposed"])
def test_in_place_overwrites_and_returns_its_arguments(module, layout):
    torch.manualSeed(1)
    plain = module.clone()
    plain.inplace = False
    x, g = layout(torch.randn(3, 4)), layout(torch.randn(3, 4))
    torch.manualSeed(2)
    y, before = plain.forward(x.copy()).copy(), x.copy()
    gradInput = plain.backward(before, g.copy()).copy()
    torch.manualSeed(2)
    assert module.forward(x) is x
    np.testing.assert_array_equal(x, y)
    assert module.backward(x, g) is g
    np.testing.assert_allclose(g, gradInput, rtol=1e-15)
    if isinstance(module, nn.AddConstant | nn.MulConstant):
        np.testing.assert_allclose(x, before)


def test_in_place_refuses_a_read_only_input():
    x = np.array([[1.0, -1.0]])
    x.flags.writeable = False
    for module in IN_PLACE:
        with pytest.raises(ValueError, match="read-only"):
            module.forward(x)


@pytest.mark.parametrize(
    "make, error",
    [
        (lambda: nn.Threshold("a"), TypeError),
        (lambda: nn.Threshold(0, "a"), TypeError),
        (lambda: nn.Threshold(0, 0, 1), TypeError),
        (lambda: nn.Threshold(0, 1, True), ValueError),
        (lambda: nn.ReLU(1), TypeError),
        (lambda: nn.ReLU6("yes"), TypeError),
        (lambda: nn.HardTanh(1, 1), ValueError),
        (lambda: nn.HardTanh(0, 1, 1), TypeError),
        (lambda: nn.ELU("a"), TypeError),
        (lambda: nn.ELU(1, 1), TypeError),
        (lambda: nn.LeakyReLU("a"), TypeError),
        (lambda: nn.RReLU(0.5, 0.2), ValueError),
        (lambda: nn.RReLU(-0.5, 0.2), ValueError),
        (lambda: nn.AddConstant("a"), TypeError),
        (lambda: nn.AddConstant(1, 1), TypeError),
        (lambda: nn.MulConstant(np.ones(2)), TypeError),
        (lambda: nn.MulConstant(1, 1), TypeError),
    ],
)
def test_bad_arguments(make, error):
    with pytest.raises(error):
        make()


LARGE = [
    nn.Tanh(),
    nn.Sigmoid(),
    nn.SoftPlus(),
    nn.SoftSign(),
    nn.LogSigmoid(),
    nn.ReLU(),
    nn.HardTanh(),
    nn.HardShrink(),
    nn.SoftShrink(),
    nn.ELU(),
    nn.LeakyReLU(),
    nn.PReLU(),
    nn.PReLU(11),
    nn.SoftMax(),
    nn.LogSoftMax(),
    nn.GatedLinearUnit(1),
]


@pytest.mark.parametrize("module", LARGE, ids=str)
def test_threads_do_not_change_results(module):
    torch.manualSeed(4)
    x = torch.randn(10_000, 11)
    results = []
    threads = numba.get_num_threads()
    for n in (1, 2):
        numba.set_num_threads(min(n, numba.config.NUMBA_NUM_THREADS))
        y = module.forward(x).copy()
        module.zeroGradParameters()
        results.append([y, module.backward(x, np.cos(y)).copy(), *[g.copy() for g in module.parameters()[1]]])
    numba.set_num_threads(threads)
    for a, b in zip(*results):
        np.testing.assert_array_equal(a, b)
    parts = [module.forward(x[i : i + 10]).copy() for i in range(0, 200, 10)]
    if not isinstance(module, nn.GatedLinearUnit):
        np.testing.assert_array_equal(np.concatenate(parts), results[0][0][:200])


FUNCTIONS = {
    nn.Tanh: np.tanh,
    nn.Sigmoid: lambda x: 1 / (1 + np.exp(-x)),
    nn.SoftPlus: lambda x: np.where(x > 20, x, np.log1p(np.exp(x))),
    nn.LogSigmoid: lambda x: np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))),
    nn.ELU: lambda x: np.where(x > 0, x, np.expm1(x)),
    nn.SoftSign: lambda x: x / (1 + np.abs(x)),
    nn.TanhShrink: lambda x: x - np.tanh(x),
}


@pytest.mark.parametrize("cls", FUNCTIONS, ids=lambda c: c.__name__)
def test_single_precision_is_near_the_exact_value(cls):
    x = np.concatenate([np.linspace(-20, 20, 4001), np.linspace(-0.1, 0.1, 801)]).astype(np.float32)
    exact = FUNCTIONS[cls](x.astype(np.float64))
    output = cls().float().forward(x)
    allowed = 4 * np.spacing(np.abs(exact).astype(np.float32))
    if cls is nn.TanhShrink:
        allowed = 2 * np.spacing(np.abs(x))
    assert (np.abs(output - exact) <= allowed).all()


SMALL = [
    *LARGE,
    nn.TanhShrink(),
    nn.SoftMin(),
    nn.AddConstant(1),
    nn.MulConstant(2),
    nn.ReLU6(),
    nn.Threshold(),
    nn.CReLU(1),
]


@pytest.mark.parametrize("module", SMALL, ids=str)
def test_nothing_is_allocated_after_the_first_call(module):
    x, g = np.ones((100, 11)), np.ones((200 if isinstance(module, nn.CReLU) else 100, 11))
    g = np.ones((50, 11)) if isinstance(module, nn.GatedLinearUnit) else g.reshape(100, -1)
    for _ in range(3):
        module.forward(x)
        module.backward(x, g)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    for _ in range(5):
        module.forward(x)
        module.backward(x, g)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak < 4000, f"{peak} bytes"
