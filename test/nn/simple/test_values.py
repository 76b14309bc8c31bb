"""Values, edges and gradients of single layers that the battery does not look at."""

from math import inf, nan

import numpy as np
import pytest

import nn
import torch7 as torch


def row(*values):
    return np.array(values, float)


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (1, (-0.081632653, 0.0612244898)),
        (2, (-0.064, 0.048)),
        (1.5, (-0.0794728899, 0.0596046674)),
        (3, (-0.0195449605, 0.0146587204)),
        (inf, (0.25, -0.1875)),
    ],
)
def test_normalize_gradient(p, expected):
    m = nn.Normalize(p)
    m.forward(row(3, 4))
    np.testing.assert_allclose(m.backward(row(3, 4), row(1, 2)), expected, rtol=1e-7)


def test_normalize_zero_row_and_print():
    m = nn.Normalize(2)
    m.forward(row(0, 0))
    np.testing.assert_allclose(m.backward(row(0, 0), row(1, 2)), row(1, 2) / np.sqrt(1e-10))
    assert [repr(nn.Normalize(p)) for p in (2, 1.5, inf)] == [
        "nn.Normalize(2)",
        "nn.Normalize(1.500000)",
        "nn.Normalize(inf)",
    ]
    for p in (None, 0, -1):
        with pytest.raises(ValueError, match="norm"):
            nn.Normalize(p)


def test_first_extremum_wins_and_nan_is_one():
    m = nn.Max(2)
    x = np.array([[1.0, 3, 3], [nan, 5, nan]])
    np.testing.assert_array_equal(m.forward(x), [3, nan])
    np.testing.assert_array_equal(m._indices, [[2], [1]])
    np.testing.assert_array_equal(m.backward(x, row(1, 1)), [[0, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(nn.Min().forward(row(2, 1, 1)), [1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 7, 16, 40, 133])
@pytest.mark.parametrize("special", [0, inf, -inf, nan])
def test_extrema_of_rows_as_numpy_finds_them(n, dtype, special):
    x = np.random.default_rng(n).integers(-3, 4, (3, n)).astype(dtype)
    x[1, n // 2] = special
    x[2] = special
    for module, argument in ((nn.Max(2), x.argmax(1)), (nn.Min(2), x.argmin(1))):
        y = module.type("torch.FloatTensor" if dtype == np.float32 else "torch.DoubleTensor").forward(x)
        np.testing.assert_array_equal(module._indices[:, 0] - 1, argument)
        np.testing.assert_array_equal(y, x[range(3), argument])


def test_slopes_at_zero():
    for module, expected in ((nn.Abs(), 1), (nn.Sqrt(), 0)):
        module.forward(row(0))
        assert module.backward(row(0), row(1)) == expected


def test_logarithm_at_the_edges():
    np.testing.assert_array_equal(nn.Log().forward(row(0, -1, 1)), [-inf, nan, 0])


def test_feature_pooling():
    m = nn.FeatureLPPooling(2, 1, 2, False)
    np.testing.assert_allclose(m.forward(row(3, 4, 0, 0)), [5, 4, 0])
    np.testing.assert_allclose(m.backward(row(3, 4, 0, 0), np.ones(3)), [0.6, 1.8, 0, 0])
    assert repr(m) == "nn.FeatureLPPooling(2, 1, 2, false)"
    for arguments in ((1, 1, 2, True), (2, 5, 2, True)):
        with pytest.raises(ValueError, match="must be within"):
            nn.FeatureLPPooling(*arguments)


def test_dynamic_pooling_keeps_time():
    m = nn.TemporalDynamicKMaxPooling(2)
    x = np.array([[1.0, 5], [4, 5], [3, 5], [2, 5]])
    np.testing.assert_array_equal(m.forward(x), [[4, 5], [3, 5]])
    np.testing.assert_array_equal(m.indices, [[2, 1], [3, 2]])
    with pytest.raises(ValueError, match="too small"):
        m.forward(x[:1])


def test_penalty():
    x = row(1, -2, 0)
    m = nn.L1Penalty(0.5)
    assert m.forward(x) is x
    assert m.loss == 1.5
    np.testing.assert_array_equal(m.backward(x, row(1, 1, 1)), [1.5, 0.5, 1])
    np.testing.assert_allclose(nn.L1Penalty(0.6, True, False).backward(x, row(1, 1, 1)), [0.2, -0.2, 0])
    m.clearState()
    assert x.size == 3


def test_gradient_is_reversed_or_stopped():
    m = nn.GradientReversal()
    m.forward(row(1, 2))
    np.testing.assert_array_equal(m.setLambda(3).backward(row(1, 2), row(1, -1)), [-3, 3])
    zero = nn.ZeroGrad()
    x = [row(1), {"a": row(2, 3)}]
    assert zero.forward(x) is x
    gradient = zero.backward(x, x)
    assert not gradient[0].any()
    assert not gradient[1]["a"].any()


def test_distances():
    m, x = nn.Euclidean(2, 3), row(3, 4)
    m.weight.fill(0)
    np.testing.assert_allclose(m.forward(x), 5)
    weighted = nn.WeightedEuclidean(2, 3)
    weighted.weight.fill(0)
    weighted.diagCov[0] = 2
    np.testing.assert_allclose(weighted.forward(x), np.sqrt(52))
    m.forward(m.weight[:, 0])
    assert not m.backward(m.weight[:, 0], np.ones(3)).any()


def test_slow_backward_of_distances_recomputes_the_output():
    m = nn.Euclidean(2, 3)
    m.forward(row(9, 9))
    m.fastBackward = False
    slow = m.updateGradInput(row(3, 4), np.ones(3)).copy()
    m.forward(row(3, 4))
    np.testing.assert_array_equal(slow, m.updateGradInput(row(3, 4), np.ones(3)))


def test_cosine_of_itself_is_one():
    m = nn.Cosine(3, 2)
    np.testing.assert_allclose(np.diag(m.forward(m.weight * 5)), 1)


def test_weight_norm_accumulates_and_evaluates():
    m = nn.WeightNorm(nn.Linear(3, 2))
    x, g = np.random.default_rng(0).standard_normal((2, 4, 3))
    g = g[:, :2]
    m.forward(x)
    m.zeroGradParameters()
    m.backward(x, g)
    once = [p.copy() for p in m.parameters()[1]]
    m.backward(x, g)
    for twice, p in zip(m.parameters()[1], once):
        np.testing.assert_allclose(twice, 2 * p)
    weight = m.modules[0].weight
    norms = np.sqrt((m.v**2).sum(1, keepdims=True) + 1e-4)
    np.testing.assert_allclose(weight, m.g * m.v / norms)
    m.evaluate()
    m.v *= 2
    before = weight.copy()
    m.forward(x)
    m.backward(x, g)
    np.testing.assert_array_equal(weight, before)


def test_weight_norm_of_linear_maps_and_back():
    linear = nn.Linear(4, 3)
    normed = nn.LinearWeightNorm.fromLinear(linear)
    x = np.random.default_rng(0).standard_normal((5, 4))
    np.testing.assert_allclose(normed.forward(x), linear.forward(x))
    np.testing.assert_allclose(normed.g[:, 0], np.linalg.norm(linear.weight, axis=1))
    np.testing.assert_allclose(normed.toLinear().forward(x), linear.output)


def test_weight_norm_draws_what_linear_draws():
    torch.manualSeed(5)
    linear = nn.Linear(4, 3)
    torch.manualSeed(5)
    normed = nn.LinearWeightNorm(4, 3)
    normed.updateWeightMatrix()
    np.testing.assert_allclose(normed.weight, linear.weight)
    np.testing.assert_array_equal(normed.bias, linear.bias)


def test_layer_normalization_treats_every_sample_alone():
    x = np.random.default_rng(0).standard_normal((4, 6))
    centered = x - x.mean(1, keepdims=True)
    expected = centered / np.sqrt((centered**2).mean(1, keepdims=True))
    m = nn.LayerNormalization(6)
    np.testing.assert_allclose(m.forward(x), expected, rtol=1e-8)
    np.testing.assert_allclose(m.forward(x[1]), expected[1], rtol=1e-8)
    assert [p.shape for p in m.parameters()[0]] == [(6,), (6,)]
    assert nn.LayerNormalization(6, 0.5).forward(np.eye(6)).min() < 0.5


def test_partial_linear_selects_outputs():
    m = nn.PartialLinear(3, 5)
    m.bias[...] = np.arange(5)
    x = np.random.default_rng(0).standard_normal((2, 3))
    full = m.forward(x).copy()
    m.setPartition([4, 2])
    np.testing.assert_allclose(m.forward(x), full[:, [3, 1]])
    m.zeroGradParameters()
    m.backward(x, np.ones((2, 2)))
    (weight, _), (gradWeight, gradBias) = m.parameters()
    assert gradWeight.shape == weight.shape == (5, 3)
    np.testing.assert_array_equal(gradBias, [[0, 2, 0, 2, 0]])
    assert not gradWeight[[0, 2, 4]].any()
    np.testing.assert_allclose(m.resetPartition().forward(x), full)
    with pytest.raises(IndexError):
        m.setPartition([6])


def test_kmeans_moves_centers_to_means():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(c, 0.1, (30, 2)) for c in (-3, 0, 3)])
    torch.manualSeed(1)
    m = nn.Kmeans(3, 2).initKmeansPlus(x)
    for _ in range(5):
        m.zeroGradParameters()
        m.forward(x)
        m.backward(x, m.output)
        m.updateParameters(1)
    np.testing.assert_allclose(np.sort(m.weight[:, 0]), [-3, 0, 3], atol=0.1)
    assert len(np.unique(m.forward(x)[:30])) == 1
    assert m.loss < 3
    assert set(m.clusterSampleCount) == {30}


def test_kmeans_starts():
    x = np.arange(20.0).reshape(10, 2)
    torch.manualSeed(3)
    m = nn.Kmeans(4, 2)
    torch.manualSeed(7)
    m.initRandom(x)
    torch.manualSeed(7)
    np.testing.assert_array_equal(m.weight, x[[torch.random(1, 10) - 1 for _ in range(4)]])
    torch.manualSeed(7)
    m.initKmeansPlus(x, 1)
    torch.manualSeed(7)
    first = torch.random(1, 10) - 1
    np.testing.assert_array_equal(m.weight[0], x[first])
    np.testing.assert_array_equal(m.weight[1], x[0 if first > 4 else 9])
    with pytest.raises(ValueError, match="as many samples"):
        m.initRandom(x[:3])
    with pytest.raises(ValueError, match="within 0 to 1"):
        m.initKmeansPlus(x, 2)


def test_print_size(capsys):
    m = nn.PrintSize("here")
    m.forward(row(1, 2))
    m.backward(row(1, 2), None)
    assert capsys.readouterr().out == "here:input\n\t2\nhere:gradOutput\n\tmissing size\n"


def test_maxout_takes_the_largest_piece():
    m = nn.Maxout(4, 3, 2)
    x = np.random.default_rng(0).standard_normal((5, 4))
    pieces = m.modules[0].forward(x).reshape(5, 2, 3)
    np.testing.assert_array_equal(m.forward(x), pieces.max(1))


@pytest.mark.parametrize("sizes", [(0, 1, 1), (1, 2.5, 1), (1, 1, -1)])
def test_bilinear_sizes(sizes):
    with pytest.raises(ValueError, match="positive whole numbers"):
        nn.Bilinear(*sizes)


def test_printed_forms():
    assert repr(nn.Bilinear(2, 3, 2)) == "nn.Bilinear(2x3 -> 2) "
    assert repr(nn.Bilinear(2, 3, 2, False)) == "nn.Bilinear(2x3 -> 2)  without bias"
    assert repr(nn.PartialLinear(5, 3, False)) == "nn.PartialLinear(5 -> 3) without bias"
    assert repr(nn.LinearWeightNorm(3, 2, False)) == "nn.LinearWeightNorm(3 -> 2) without bias"
    assert repr(nn.View(2, 3)) == "nn.View(2, 3)"
    assert repr(nn.Reshape(2, 3)) == "nn.Reshape(2x3)"
    assert repr(nn.Unsqueeze(2)) == "nn.Unsqueeze(dim 2)"
    assert repr(nn.WhiteNoise()) == "nn.WhiteNoise mean: 0.000000, std: 0.100000"


def test_reset_of_partial_linear_draws_nothing():
    module = nn.PartialLinear(3, 4)
    before, state = module.parameters()[0][0].copy(), torch.getRNGState()
    assert module.reset() is module
    np.testing.assert_array_equal(module.parameters()[0][0], before)
    assert torch.serialize(torch.getRNGState()) == torch.serialize(state)


def test_clone_of_a_loaded_weight_norm_shares_the_bias():
    module = nn.WeightNorm(nn.Linear(3, 2))
    fields = {**vars(module), "bias": module.bias, "gradBias": module.gradBias}
    record = torch.TorchObject("nn.WeightNorm", {k: v for k, v in fields.items() if k != "_dtype"})
    loaded = torch.deserialize(torch.serialize(record))
    clone = loaded.clone("weight", "bias")
    assert np.shares_memory(clone.bias, loaded.bias) and clone.bias is loaded.modules[0].bias
    assert np.shares_memory(clone.modules[0].weight, loaded.modules[0].weight)
