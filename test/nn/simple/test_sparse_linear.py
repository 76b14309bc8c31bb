import numpy as np
import pytest

import nn

SAMPLES = [np.array([[1, 0.5], [4, -2.0], [4, 1.0]]), np.array([[3, 1.5], [2, 0.0]])]


def dense(samples, n=5):
    x = np.zeros((len(samples), n))
    for row, sample in zip(x, samples):
        for index, value in sample:
            row[int(index) - 1] += value
    return x


def pair(*arguments):
    sparse = nn.SparseLinear(5, 3, *arguments)
    linear = nn.Linear(5, 3)
    linear.weight[...], linear.bias[...] = sparse.weight, sparse.bias
    linear.zeroGradParameters()
    return sparse, linear


@pytest.mark.parametrize("single", [False, True])
def test_computes_what_a_dense_layer_does(single):
    sparse, linear = pair(True)
    x, d = (SAMPLES[0], dense(SAMPLES)[0]) if single else (SAMPLES, dense(SAMPLES))
    np.testing.assert_allclose(sparse.forward(x), linear.forward(d), atol=1e-14)
    g = np.arange(sparse.output.size, dtype=float).reshape(sparse.output.shape) - 2
    gradInput, expected = sparse.backward(x, g, 0.5), linear.backward(d, g, 0.5)
    np.testing.assert_allclose(np.array(gradInput)[..., 1], expected.reshape(-1, 5), atol=1e-14)
    assert (gradInput[0][:, 0] == np.arange(1, 6)).all()
    np.testing.assert_allclose(sparse.gradWeight, linear.gradWeight, atol=1e-14)
    np.testing.assert_allclose(sparse.gradBias, linear.gradBias, atol=1e-14)
    assert g.shape == sparse.output.shape


def test_padded_batches():
    sparse, linear = pair(True)
    x = np.array([[[1, 0.5], [4, -2.0]], [[3, 1.5], [99, 0.0]]])
    d = dense([x[0], x[1][:1]])
    np.testing.assert_allclose(sparse.forward(x), linear.forward(d), atol=1e-14)
    assert sparse.backward(x, np.ones((2, 3))).shape == (2, 5, 2)


def test_an_empty_batch_gives_the_bias():
    sparse, _ = pair()
    np.testing.assert_array_equal(sparse.forward([]), sparse.bias)


def step(sparse, rounds):
    g = np.ones((2, 3))
    for _ in range(rounds):
        sparse.zeroGradParameters()
        sparse.forward(SAMPLES)
        sparse.backward(SAMPLES, g)
        sparse.updateParameters(0.1)


def test_sparse_steps_are_dense_steps():
    sparse, _ = pair()
    other = sparse.clone()
    other.zeroGradParameters = lambda: nn.Module.zeroGradParameters(other)
    other.updateParameters = lambda lr: nn.Module.updateParameters(other, lr)
    step(sparse, 3)
    step(other, 3)
    np.testing.assert_array_equal(sparse.weight, other.weight)
    np.testing.assert_array_equal(sparse.bias, other.bias)


def test_only_columns_that_were_used_are_touched():
    sparse, _ = pair()
    sparse.forward(SAMPLES)
    sparse.backward(SAMPLES, np.ones((2, 3)))
    sparse.gradWeight[:, 4] = 7
    sparse.zeroGradParameters()
    assert (sparse.gradWeight[:, 4] == 7).all()
    assert not sparse.gradWeight[:, :4].any()


def test_weight_decay_is_part_of_the_gradient():
    sparse, _ = pair()
    sparse.weightDecay = 0.5
    sparse.zeroGradParameters()
    sparse.forward(SAMPLES)
    sparse.backward(SAMPLES, np.zeros((2, 3)))
    np.testing.assert_allclose(sparse.gradWeight, 0.5 * sparse.weight)
    before = sparse.weight.copy()
    sparse.updateParameters(0.1)
    np.testing.assert_allclose(sparse.weight, 0.95 * before)


def test_wrong_input():
    sparse, _ = pair()
    with pytest.raises(IndexError, match=r"1\.\.5"):
        sparse.forward([np.array([[6, 1.0]])])
    with pytest.raises(TypeError):
        sparse.forward("words")
    with pytest.raises(TypeError):
        nn.SparseLinear(5, 3, 1)


def test_gradients_and_parameters_that_do_not_fit():
    module = nn.SparseLinear(4, 3)
    pairs = np.array([[1.0, 2.0], [3.0, -1.0]])
    module.forward([pairs])
    with pytest.raises(ValueError, match="gradOutput"):
        module.accGradParameters([pairs] * 50, np.ones((1, 3)))
    module.forward([pairs] * 2)
    for name in ("bias", "gradBias", "gradWeight"):
        right = getattr(module, name)
        setattr(module, name, right[:-1])
        with pytest.raises(ValueError, match=name):
            module.forward([pairs] * 2)
            module.accGradParameters([pairs] * 2, np.ones((2, 3)))
        setattr(module, name, right)
    module.backward([pairs] * 2, np.ones((2, 3)))
