"""SeqLSTM and SeqLSTMP: sizes with tails, any division among threads, modes without gates, memory."""

import tracemalloc

import numpy as np
import pytest

import nn
import torch7 as torch

SHAPES = [(3, 5, 7, 9), (4, 17, 33, 40), (2, 1, 3, 16), (3, 300, 5, 18)]
shapes = pytest.mark.parametrize("T, N, D, H", SHAPES)
LAYERS = {"SeqLSTM": lambda D, H: nn.SeqLSTM(D, H), "SeqLSTMP": lambda D, H: nn.SeqLSTMP(D, H, H // 2 + 1)}
layers = pytest.mark.parametrize("name", LAYERS)


def drawn(*shape, dtype=np.float64, seed=3):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def made(name, D, H, **fields):
    torch.manualSeed(2)
    layer = LAYERS[name](D, H).training()
    layer.zeroGradParameters()
    for field, value in fields.items():
        setattr(layer, field, value)
    return layer


def results(layer, x, dy):
    """Output, gradients of the input and of the first states, gradients of the parameters."""
    y = layer.forward(x).copy()
    dx = layer.backward(x, dy).copy()
    states = layer.userGradPrevOutput.copy(), layer.userGradPrevCell.copy()
    return [y, dx, *states, *(g.copy() for g in layer.parameters()[1])]


@shapes
@pytest.mark.parametrize("masked", [False, True])
def test_equal_to_the_stepwise_module(T, N, D, H, masked):
    layer = made("SeqLSTM", D, H, maskzero=masked)
    x, dy = drawn(T, N, D), drawn(T, N, H, seed=4)
    if masked:
        x[0, 0], x[-1, N // 2] = 0, 0
    steps = layer.toFastLSTM()
    steps = nn.Sequencer(steps.maskZero(1) if masked else steps).training()
    np.testing.assert_allclose(layer.forward(x), steps.forward(x), rtol=0, atol=1e-12)
    np.testing.assert_allclose(layer.backward(x, dy), steps.backward(x, dy), rtol=0, atol=1e-11)
    for mine, theirs in zip(layer.toFastLSTM().parameters()[1], steps.parameters()[1]):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-10)


@shapes
def test_a_projection_by_the_identity_changes_nothing(T, N, D, H):
    plain, projected = made("SeqLSTM", D, H), nn.SeqLSTMP(D, H, H).training()
    projected.zeroGradParameters()
    for mine, theirs in zip(projected.parameters()[0], plain.parameters()[0]):
        mine[...] = theirs
    projected.weightO[...] = np.eye(H)
    x, dy = drawn(T, N, D), drawn(T, N, H, seed=4)
    for mine, theirs in zip(results(projected, x, dy), results(plain, x, dy)):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-10)


@layers
@shapes
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_division_among_threads_changes_a_bit(name, T, N, D, H, dtype, monkeypatch):
    import nn.thnn.rnn.seq_lstm as kernels

    x, layer = drawn(T, N, D, dtype=dtype), made(name, D, H).type(torch.typename(drawn(1, dtype=dtype)))
    dy = drawn(*layer.forward(x).shape, dtype=dtype, seed=4)
    expected = results(layer, x, dy)
    for parts, share in ((1, False), (2, False), (3, False), (2, True), (5, True)):
        monkeypatch.setattr(kernels, "_division", lambda *work, p=parts, s=share: (p, s))
        monkeypatch.setattr(kernels, "threads", lambda nanoseconds, p=parts: p)
        layer.zeroGradParameters()
        for mine, theirs in zip(results(layer, x, dy), expected):
            np.testing.assert_array_equal(mine, theirs)


@layers
def test_backward_may_follow_backward_and_evaluation(name):
    x, layer = drawn(4, 5, 6), made(name, 6, 7)
    dy = drawn(*layer.forward(x).shape, seed=4)
    first = layer.updateGradInput(x, dy).copy()
    np.testing.assert_array_equal(layer.updateGradInput(x, 2 * dy), 2 * first)
    np.testing.assert_array_equal(layer.updateGradInput(x, dy), first)
    layer.evaluate()
    layer.forward(x)
    np.testing.assert_array_equal(layer.updateGradInput(x, dy), first)
    layer.forward(x)
    layer.forget()
    with pytest.raises(ValueError, match="forward before backward"):
        layer.updateGradInput(x, dy)


def taken(run):
    """Bytes that are held after a call, and the most that were meanwhile."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    run()
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held - before, peak - before


@layers
@pytest.mark.parametrize("masked", [False, True])
def test_training_takes_memory_at_the_largest_size_only(name, masked):
    layer = made(name, 32, 64, maskzero=masked)
    x = drawn(20, 16, 32)
    dy = drawn(*layer.forward(x).shape, seed=4)

    def step(T, N):
        part, gradient = np.ascontiguousarray(x[:T, :N]), np.ascontiguousarray(dy[:T, :N])
        layer.forward(part)
        layer.backward(part, gradient)
        return part.nbytes + gradient.nbytes

    for _ in range(2):
        step(20, 16)
    for T, N in ((20, 16), (7, 16), (20, 3), (1, 1), (19, 15), (20, 16)):
        mine = (x.nbytes + dy.nbytes) * T * N / (20 * 16)
        assert taken(lambda T=T, N=N: step(T, N))[1] - mine < 20_000


def test_a_training_step_keeps_gates_cells_outputs_and_gradients_of_the_input():
    layer, N, D, H = made("SeqLSTM", 32, 64), 16, 32, 64
    results(made("SeqLSTM", 32, 64), drawn(100, N, D), drawn(100, N, H))  # takes the scratch that all layers share
    x, dy = drawn(200, N, D), drawn(200, N, H)
    held, _ = taken(lambda: (layer.forward(x), layer.backward(x, dy)))
    assert held < 8 * (200 * N * (4 * H + H + H + D) + 4 * N * H) + 40_000


@layers
def test_evaluation_keeps_no_gates(name):
    layer, N, D, H = made(name, 32, 64).evaluate(), 16, 32, 64
    layer.forward(drawn(2, N, D))
    x = drawn(200, N, D)
    held, peak = taken(lambda: layer.forward(x))
    assert max(held, peak) < 8 * 200 * N * (H + H) + 20_000


@layers
def test_evaluation_step_by_step_takes_constant_memory(name):
    layer = made(name, 8, 12).evaluate().remember("both")
    x = drawn(10_000, 1, 4, 8)
    whole = made(name, 8, 12).evaluate().forward(x[:100, 0]).copy()
    for t in range(100):
        np.testing.assert_allclose(layer.forward(x[t])[0], whole[t], rtol=0, atol=1e-12)

    def rest():
        for t in range(100, 10_000):
            layer.forward(x[t])

    held, peak = taken(rest)
    assert held < 5_000 and peak < 20_000
