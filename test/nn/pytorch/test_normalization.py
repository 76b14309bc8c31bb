"""Normalisation: running statistics, single values, neighbours of channels, states of older versions."""

import numpy as np
import pytest

import nn.pytorch as tnn
import nn.pytorch.functional as F


def test_running_variance_is_unbiased():
    module = tnn.BatchNorm1d(1).double()
    module.forward(np.array([[1.0], [3]]))
    np.testing.assert_allclose([module.running_mean[0], module.running_var[0]], [0.2, 1.1])
    assert module.num_batches_tracked[0] == 1


def test_momentum_none_is_the_mean_of_all_batches():
    module, means = tnn.BatchNorm1d(1, momentum=None).double(), []
    for mean in (2, 5, 11):
        module.forward(np.array([[mean - 1.0], [mean + 1]]))
        means.append(module.running_mean[0])
    np.testing.assert_allclose(means, [2, 3.5, 6])


def test_evaluation_takes_statistics_as_constants():
    module = tnn.BatchNorm1d(2, eps=0).double().eval()
    module.running_var[...] = [4, 16]
    x = np.ones((3, 2))
    np.testing.assert_array_equal(module.forward(x), np.tile([0.5, 0.25], (3, 1)))
    np.testing.assert_array_equal(module.backward(x, x), np.tile([0.5, 0.25], (3, 1)))


@pytest.mark.parametrize("training", [True, False])
def test_one_value_a_channel(training):
    module = tnn.BatchNorm1d(2, track_running_stats=False).train(training)
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        module.forward(np.ones((1, 2), np.float32))
    assert module.forward(np.ones((1, 2, 3), np.float32)).shape == (1, 2, 3)


def test_state_without_the_number_of_batches():
    module, state = tnn.BatchNorm1d(2), dict(tnn.BatchNorm1d(2).state_dict())
    del state["num_batches_tracked"]
    assert not module.load_state_dict(state).missing_keys
    current = tnn.BatchNorm1d(2).state_dict()
    del current["num_batches_tracked"]
    with pytest.raises(RuntimeError, match="num_batches_tracked"):
        module.load_state_dict(current)


def test_convert_sync_batchnorm_shares_parameters():
    net = tnn.Sequential(tnn.BatchNorm1d(2), tnn.ReLU())
    converted = tnn.SyncBatchNorm.convert_sync_batchnorm(net)
    assert type(converted[0]) is tnn.SyncBatchNorm
    assert converted[0].weight is not None
    assert [p.data.shape for p in converted.parameters()] == [(2,), (2,)]


def test_instance_statistics_are_means_over_the_batch():
    module = tnn.InstanceNorm1d(2, track_running_stats=True).double()
    module.forward(np.array([[[1.0, 3], [2, 8]], [[5, 5], [0, 4]]]))
    np.testing.assert_allclose(module.running_mean, [0.35, 0.35])
    np.testing.assert_allclose(module.running_var, [1.0, 2.2])
    assert module.num_batches_tracked[0] == 0


def test_local_response_of_even_size_reaches_down():
    x = np.arange(1.0, 7).reshape(1, 6, 1)
    base = (x / F.local_response_norm(x, 2, 2.0, 1.0, 0.0)).ravel()
    np.testing.assert_allclose(base, [1, 5, 13, 25, 41, 61])


def test_layer_norm_of_one_element_is_zero():
    np.testing.assert_array_equal(F.layer_norm(np.array([[3.0], [4]]), (1,)), np.zeros((2, 1)))


@pytest.mark.parametrize(
    "module",
    [
        tnn.BatchNorm1d(4),
        tnn.InstanceNorm1d(4, affine=True),
        tnn.GroupNorm(2, 4),
        tnn.LayerNorm((4, 3)),
        tnn.RMSNorm(3),
        tnn.LocalResponseNorm(3, 0.5),
    ],
    ids=str,
)
def test_gradient_by_differences(module):
    rng = np.random.default_rng(4)
    module.double()
    for p in module.parameters():
        p.data[...] = rng.standard_normal(p.shape)
    x, v = rng.standard_normal((2, 3, 4, 3))[0], rng.standard_normal((3, 4, 3))
    g = rng.standard_normal(x.shape)
    module.forward(x)
    slope = (module.backward(x, g) * v).sum()
    h = 1e-6
    ahead, behind = ((module.forward(x + s * h * v) * g).sum() for s in (1, -1))
    np.testing.assert_allclose(slope, (ahead - behind) / (2 * h), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    "call",
    [
        lambda: tnn.GroupNorm(3, 4),
        lambda: tnn.GroupNorm(4, 4).double().forward(np.ones((1, 4))),
        lambda: tnn.BatchNorm2d(2).double().forward(np.ones((2, 2, 3))),
        lambda: tnn.BatchNorm1d(2).double().forward(np.ones((2, 3, 3))),
        lambda: tnn.InstanceNorm1d(2, affine=True).double().forward(np.ones((2, 3, 3))),
        lambda: tnn.InstanceNorm1d(2).double().forward(np.ones((2, 2, 1))),
        lambda: tnn.LayerNorm((2, 3)).double().forward(np.ones((3, 2))),
        lambda: tnn.LocalResponseNorm(2).forward(np.ones((3, 2))),
    ],
)
def test_refused(call):
    with pytest.raises(ValueError):
        call()


@pytest.mark.parametrize("n", [15, 16, 33, 2049, 5000])
@pytest.mark.parametrize("centred", [True, False])
def test_long_rows_far_from_zero(n, centred):
    """Rows of float32 whose mean is large beside their deviation, and whose first numbers are not like the others."""
    r = np.random.default_rng(0)
    x = (r.standard_normal((5, n)) + 100).astype(np.float32)
    x[:, : n // 8] += 50
    x64, w = x.astype(np.float64), r.standard_normal(n).astype(np.float32)
    d = x64 - x64.mean(1, keepdims=True) if centred else x64
    inverse = 1 / np.sqrt((d * d).mean(1, keepdims=True) + 1e-3)
    y = F.layer_norm(x, (n,), w, w, 1e-3) if centred else F.rms_norm(x, (n,), w, 1e-3)
    np.testing.assert_allclose(y, d * inverse * w + (w if centred else 0), rtol=2e-4, atol=2e-4)
    g = r.standard_normal(x.shape).astype(np.float32)
    flow = g.astype(np.float64) * w
    center = flow.mean(1, keepdims=True) if centred else 0
    gx = (flow - center - d * inverse * (flow * d * inverse).mean(1, keepdims=True)) * inverse
    given = F.layer_norm_backward(g, x, (n,), w, w, 1e-3) if centred else F.rms_norm_backward(g, x, (n,), w, 1e-3)
    np.testing.assert_allclose(given[0], gx, rtol=1e-3, atol=1e-3 * np.abs(gx).max())
    np.testing.assert_allclose(given[1], (g * d * inverse).sum(0), rtol=1e-3, atol=1e-3)


def test_a_second_call_sees_what_has_changed():
    """Parameters, eps, the input's shape, type and order of memory."""
    r = np.random.default_rng(0)
    layer, x = tnn.LayerNorm(4), r.normal(size=(3, 4)).astype(np.float32)
    expected = lambda x, eps=1e-5: (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + eps)
    for z in (x, 2 * x + 1, x[:2], np.asfortranarray(x * x), x):
        np.testing.assert_allclose(layer(z), expected(z), rtol=1e-4, atol=1e-5)
    layer.eps = 0.5
    np.testing.assert_allclose(layer(x), expected(x, 0.5), rtol=1e-4, atol=1e-5)
    layer.bias = tnn.Parameter(np.ones(4, np.float32))
    np.testing.assert_allclose(layer(x), expected(x, 0.5) + 1, rtol=1e-4, atol=1e-5)
    layer.weight.data = np.full(4, 2)
    np.testing.assert_allclose(layer(x), 2 * expected(x, 0.5) + 1, rtol=1e-4, atol=1e-5)
    layer.double()
    assert layer(x.astype(np.float64)).dtype == np.float64
    with pytest.raises(TypeError, match="LayerNorm is float64"):
        layer(x)
    with pytest.raises(ValueError, match="must end with"):
        layer(np.ones((3, 5)))
