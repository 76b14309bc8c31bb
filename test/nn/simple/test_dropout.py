import subprocess
import sys

import numpy as np
import pytest

import nn
import torch7 as torch

X = np.ones((4, 6))


def test_two_versions():
    torch.manualSeed(2)
    scaled = nn.Dropout(0.4).forward(X).copy()
    torch.manualSeed(2)
    plain = nn.Dropout(0.4, True)
    np.testing.assert_allclose(plain.forward(X), scaled * 0.6)
    assert set(np.unique(plain.output)) == {0, 1}
    np.testing.assert_allclose(plain.evaluate().forward(X), 0.6)
    np.testing.assert_allclose(plain.backward(X, X), 0.6)
    np.testing.assert_array_equal(nn.Dropout(0.4).evaluate().forward(X), X)


def test_lazy_draws_once_until_backward():
    m = nn.Dropout(0.5, None, None, True)
    first = m.forward(X).copy()
    np.testing.assert_array_equal(m.forward(X), first)
    m.backward(X, X)
    seen = {m.forward(X).tobytes()}
    for _ in range(5):
        m.backward(X, X)
        seen.add(m.forward(X).tobytes())
    assert len(seen) > 1
    kept = m.forward(X).copy()
    assert (m.clearState().forward(X) != kept).any()


def test_lazy_mask_of_another_size_is_drawn_anew():
    m = nn.Dropout(0.5, lazy=True)
    m.forward(X)
    assert m.forward(X[:2]).shape == (2, 6)


def test_mono_has_one_mask_for_the_batch():
    m = nn.Dropout(0.5, mono=True)
    y = m.forward(X)
    assert m.noise.shape == (1, 6)
    assert (y == y[0]).all()


def test_stochastic_inference_masks_output_and_gradient():
    m = nn.Dropout(0.5, stochasticInference=True).evaluate()
    y = m.forward(X).copy()
    assert (y == 0).any()
    np.testing.assert_array_equal(m.backward(X, X), y)


def test_in_place():
    m, x, g = nn.Dropout(0.5, None, True), X.copy(), X.copy()
    assert m.forward(x) is x
    assert m.backward(x, g) is g
    np.testing.assert_array_equal(g, x)


@pytest.mark.parametrize("p", [-0.1, 1])
def test_wrong_probability(p):
    with pytest.raises(ValueError, match="illegal percentage"):
        nn.Dropout(p)


def test_whole_maps_are_dropped_and_not_scaled():
    m = nn.SpatialDropout(0.5)
    y = m.forward(np.ones((3, 8, 2, 2)))
    assert (y == y[:, :, :1, :1]).all()
    assert set(np.unique(y)) == {0, 1}
    np.testing.assert_array_equal(m.evaluate().forward(np.ones((8, 2, 2))), 0.5)
    with pytest.raises(RuntimeError, match="only defined while training"):
        m.backward(np.ones((8, 2, 2)), np.ones((8, 2, 2)))


def test_printed_forms():
    assert repr(nn.Dropout(0.3, lazy=True)) == "nn.Dropout(0.3, lazy)"
    assert repr(nn.Dropout(0.3, mono=True)) == "nn.Dropout(0.3, busy)"
    assert repr(nn.VolumetricDropout(0.25)) == "nn.VolumetricDropout(0.250000)"


def test_white_noise():
    m = nn.WhiteNoise(1, 0.5)
    y = m.forward(X)
    np.testing.assert_array_equal(y, X + m.noise)
    np.testing.assert_array_equal(m.evaluate().forward(X), 2)
    with pytest.raises(RuntimeError):
        m.backward(X, X)


def test_noise_of_another_batch_is_not_repeated():
    module = nn.Dropout()
    module.forward(np.ones((1, 6)))
    with pytest.raises(ValueError, match="forward before backward"):
        module.backward(np.ones((4, 6)), np.ones((4, 6)))


@pytest.mark.parametrize("package, text", [("nn", "nn.Dropout(0.300000)"), ("rnn", "nn.Dropout(0.3, busy)")])
def test_dropout_prints_as_the_package_did(package, text):
    code = f"import nn, {package}; print(nn.Dropout(0.3))"
    assert (
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == f"{text}\n"
    )
