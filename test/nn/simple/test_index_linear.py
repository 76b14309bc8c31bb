import numpy as np
import pytest

import nn

KEYS = [np.array([2, 6, 6]), np.array([1]), np.array([4, 3])]
VALUES = [np.array([0.5, -1.0, 2.0]), np.array([1.5]), np.array([-0.5, 0.25])]
FLAT = [np.concatenate(KEYS), np.concatenate(VALUES), np.array([3, 1, 2])]
LAYOUTS = {"lists": [KEYS, VALUES], "vectors": FLAT, "single": [KEYS[0], VALUES[0]]}


def dense():
    x = np.zeros((3, 6))
    for row, keys, values in zip(x, KEYS, VALUES):
        np.add.at(row, keys - 1, values)
    return x


def made(*arguments):
    m = nn.IndexLinear(6, 4, *arguments)
    m.reset()
    m.bias[...] = [0.1, -0.2, 0.3, 0.4]
    return m


def gradient(m):
    return np.random.default_rng(1).standard_normal(m.output.shape)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_computes_and_learns_what_a_dense_layer_does(layout):
    m, linear = made(True), nn.Linear(6, 4)
    linear.weight[...], linear.bias[...] = m.weight.T, m.bias
    linear.zeroGradParameters()
    x = dense()[0] if layout == "single" else dense()
    np.testing.assert_allclose(m.forward(LAYOUTS[layout]), linear.forward(x), atol=1e-14)
    g = gradient(m)
    for scale in (1, 0.5):
        gradInput = m.backward(LAYOUTS[layout], g, scale)
        expected = linear.backward(x, g, scale)
    np.testing.assert_allclose(np.array(gradInput[1]), expected, atol=1e-14)
    assert (np.array(gradInput[0]) == np.arange(1, 7)).all()
    m.updateParameters(0.1)
    linear.updateParameters(0.1)
    np.testing.assert_allclose(m.weight, linear.weight.T, atol=1e-14)
    np.testing.assert_allclose(m.bias, linear.bias, atol=1e-14)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("normalize", [False, True])
def test_direct_update_is_one_step(layout, normalize):
    m = made(None, None, None, None, normalize).training()
    m.weightDecay = 0.01
    other = m.clone()
    m.forward(LAYOUTS[layout])
    other.forward(LAYOUTS[layout])
    g = gradient(m)
    m.zeroGradParameters()
    m.accGradParameters(LAYOUTS[layout], g)
    m.updateParameters(0.1)
    other.accUpdateGradParameters(LAYOUTS[layout], g, 0.1)
    np.testing.assert_allclose(m.weight, other.weight, atol=1e-14)
    np.testing.assert_allclose(m.bias, other.bias, atol=1e-14)


def test_gradInput_is_empty_by_default():
    m = made()
    m.forward(LAYOUTS["single"])
    assert m.backward(LAYOUTS["single"], np.ones(4)) == []


def test_accumulates_rows_until_zeroed():
    m = made()
    m.forward(FLAT)
    m.accGradParameters(FLAT, np.ones((3, 4)))
    m.accGradParameters(FLAT, np.ones((3, 4)))
    assert m.running["counter"] == 3
    np.testing.assert_array_equal(m.running["cumSumSizes"][1], [3, 4, 6])
    before = m.weight.copy()
    m.zeroGradParameters()
    m.updateParameters(1)
    np.testing.assert_array_equal(m.weight, before)
    assert not m.gradBias.any()


def test_weight_decay_is_per_use():
    m = made()
    m.weightDecay = 0.1
    before = m.weight.copy()
    m.forward(FLAT)
    m.accGradParameters(FLAT, np.zeros((3, 4)))
    m.updateParameters(1)
    np.testing.assert_allclose(m.weight[5], before[5] * 0.9**2)
    np.testing.assert_allclose(m.weight[0], before[0] * 0.9)
    np.testing.assert_array_equal(m.weight[4], before[4])


def test_offset_of_keys():
    m, shifted = made(), nn.IndexLinear(6, 4, None, 3)
    shifted.weight, shifted.bias = m.weight, m.bias
    expected = m.forward(FLAT).copy()
    np.testing.assert_array_equal(shifted.forward([FLAT[0] - 3, *FLAT[1:]]), expected)
    with pytest.raises(IndexError):
        shifted.forward([FLAT[0], *FLAT[1:]])


def test_given_weights_are_not_copied():
    weight, bias = np.ones((6, 4)), np.zeros(4)
    m = nn.IndexLinear(None, None, None, None, weight, bias)
    assert m.weight is weight
    assert m.bias is bias


def test_normalisation_by_the_largest_value():
    m = made(None, None, None, None, True).training()
    m.weight[:, 3] = 0.5
    m.forward([np.array([2]), np.array([4.0])])
    np.testing.assert_allclose(m.output, m.bias + 1.5 * m.weight[1, 4:])
    m.evaluate()
    m.forward([np.array([2]), np.array([2.0])])
    np.testing.assert_allclose(m.output, m.bias + (0.5 + 0.5) * m.weight[1, 4:])
    m.forward([np.array([2]), np.array([-9.0])])
    np.testing.assert_allclose(m.output, m.bias + (-1 + 0.5) * m.weight[1, 4:])
    assert m.weight[1, 0] == 4


def test_gradient_of_the_normalised_form():
    m = made(None, None, None, None, True).evaluate()
    m.weight[:, 0], m.weight[:, 1], m.weight[:, 2], m.weight[:, 3] = 4, 0.25, 1, 0.3
    m.forward(FLAT)
    g = gradient(m)
    before = m.weight.copy()
    m.accUpdateGradParameters(FLAT, g, 1e-6)
    moved = (m.weight - before)[:, 3:] / -1e-6

    def loss(weight):
        m.weight[...] = weight
        return (m.forward(FLAT) * g).sum()

    for row, column in [(1, 3), (5, 3), (1, 4), (3, 6)]:
        step = np.zeros_like(before)
        step[row, column] = 1e-5
        slope = (loss(before + step) - loss(before - step)) / 2e-5
        assert abs(slope - moved[row, column - 3]) < 1e-4


@pytest.mark.parametrize(
    ("input", "error"),
    [
        ("keys", TypeError),
        ([KEYS[0]], TypeError),
        ([KEYS, VALUES[0]], TypeError),
        ([KEYS[0], VALUES[0][:2]], ValueError),
        ([KEYS, VALUES[::-1]], ValueError),
        ([FLAT[0], FLAT[1], np.array([3, 1])], ValueError),
        ([np.array([7]), np.array([1.0])], IndexError),
    ],
)
def test_wrong_input(input, error):
    with pytest.raises(error):
        made().forward(input)


def test_its_gradients_cannot_be_flattened():
    with pytest.raises(ValueError, match="check that you are sharing"):
        nn.Sequential().add(made()).getParameters()


def test_files_and_copies():
    m = made()
    expected = m.forward(FLAT).copy()
    np.testing.assert_array_equal(m.clone().forward(FLAT), expected)
    single = m.clone().float().forward([FLAT[0], FLAT[1].astype(np.float32), FLAT[2]])
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, rtol=1e-5)
    assert m.clearState() is m
    np.testing.assert_array_equal(m.forward(FLAT), expected)
