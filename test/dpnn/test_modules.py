"""dpnn's plain modules, against numbers worked out by hand or by plain NumPy."""

import math

import numpy as np
import pytest

import nn
import torch7 as torch
from dpnn.resampling import resample


@pytest.fixture(autouse=True)
def seed():
    torch.manualSeed(2)


class TestReverseTable:
    def test_entries_are_passed_by_reference_in_one_table(self):
        module, x = nn.ReverseTable(), [np.ones(1), np.ones(2), np.ones(3)]
        output = module.forward(x)
        assert all(a is b for a, b in zip(output, x[::-1]))
        assert module.forward(x[:2]) is output and len(output) == 2
        assert module.backward(x[:2], ["a", "b"]) == ["b", "a"]

    def test_no_table(self):
        with pytest.raises(TypeError, match="table"):
            nn.ReverseTable().forward(np.ones(3))


def test_clip():
    module, x = nn.Clip(-1, 1), np.array([-3.0, 0.5, 2.0])
    assert module.forward(x).tolist() == [-1, 0.5, 1]
    g = np.ones(3)
    assert module.backward(x, g) is g
    with pytest.raises(TypeError):
        nn.Clip(None, 1)


class TestArgMax:
    def test_indices(self):
        x = np.array([[2.0, 3.0, 3.0], [5.0, 1.0, 2.0]])
        assert nn.ArgMax(1).forward(x).tolist() == [2, 1, 1]
        assert nn.ArgMax(2).forward(x).tolist() == nn.ArgMax(1, 1).forward(x).tolist() == [2, 1]
        assert nn.ArgMax(1, 1).forward(x[0]).tolist() == [2]

    def test_types(self):
        x = torch.randn(2, 3)
        long, real = nn.ArgMax(1, 1), nn.ArgMax(1, 1, False)
        assert long.forward(x).dtype == np.int64 and real.forward(x).dtype == np.float64
        assert long.float() is long and real.float() is real
        x = x.astype(np.float32)
        assert long.forward(x).dtype == np.int64 and real.forward(x).dtype == np.float32


class TestTotalDropout:
    def test_all_or_nothing(self):
        module, x = nn.TotalDropout(0.3), torch.randn(3, 4)
        drops = 0
        for _ in range(200):
            y = module.forward(x)
            assert np.array_equal(y, x * module.noise) and module.noise in (0, 1)
            assert np.array_equal(module.backward(x, x), x * module.noise)
            drops += module.noise == 0
        assert 30 < drops < 95

    def test_evaluation(self):
        module, x = nn.TotalDropout(0.9).evaluate(), torch.randn(3)
        assert np.array_equal(module.forward(x), x)
        with pytest.raises(RuntimeError, match="backprop only defined while training"):
            module.backward(x, x)
        with pytest.raises(ValueError, match="illegal percentage"):
            nn.TotalDropout(1)


class TestCategoricalEntropy:
    def test_entropy_and_gradient(self):
        p, g = np.array([[0.2, 0.8], [0.6, 0.4]]), torch.randn(2, 2)
        module = nn.CategoricalEntropy(3)
        assert module.forward(p) is p
        P = np.array([0.4, 0.6])
        added = 3 * (np.log(P + 1e-6) + P / (P + 1e-6)) / 2
        assert np.allclose(module.backward(p, g), g + added / 2)
        assert module.entropy == pytest.approx(-(P * np.log(P)).sum(), rel=1e-5)
        module.sizeAverage = False
        assert np.allclose(module.backward(p, g), g + added)

    def test_enough_entropy(self):
        p, g = np.array([[0.2, 0.8], [0.6, 0.4]]), torch.randn(2, 2)
        assert np.array_equal(nn.CategoricalEntropy(1, 0.5).backward(p, g), g)
        assert not np.array_equal(nn.CategoricalEntropy(1, 0.8).backward(p, g), g)


class TestSpatialUniformCrop:
    def test_places(self):
        x = np.arange(2.0 * 6 * 7).reshape(1, 2, 6, 7)
        module, seen = nn.SpatialUniformCrop(4, 5), set()
        for _ in range(100):
            y = module.forward(x)
            row, column = module.coord[0]
            assert np.array_equal(y, x[:, :, row - 1 : row + 3, column - 1 : column + 4])
            seen.add((row, column))
        assert seen == {(1, 1), (1, 2), (2, 1), (2, 2)}

    def test_the_middle_in_evaluation(self):
        x = torch.randn(3, 6, 8)
        for size, rows, columns in (((4, 4), (1, 5), (2, 6)), ((6, 8), (0, 6), (0, 8)), ((3, 3), (1, 4), (2, 5))):
            y = nn.SpatialUniformCrop(*size).evaluate().forward(x)
            assert np.array_equal(y, x[:, slice(*rows), slice(*columns)])

    def test_the_whole_image(self):
        x = torch.randn(2, 3, 4, 4)
        assert np.array_equal(nn.SpatialUniformCrop(4).forward(x), x)

    def test_scale(self):
        x = torch.randn(4, 3, 8, 12)
        module = nn.SpatialUniformCrop(3, 4, {"min": 1.2, "max": 2})
        y = module.forward(x)
        for i in range(4):
            h, w = math.ceil(module.scales[i] * 3), math.ceil(module.scales[i] * 4)
            row, column = module.coord[i]
            patch = x[i, :, row - 1 : row - 1 + h, column - 1 : column - 1 + w]
            assert patch.shape == (3, h, w) and np.allclose(y[i], resample(patch, np.empty((3, 3, 4))))
            assert 1.2 <= module.scales[i] <= 2

    def test_too_small(self):
        with pytest.raises(ValueError, match="does not fit"):
            nn.SpatialUniformCrop(5).forward(torch.randn(3, 4, 6))
        with pytest.raises(ValueError, match="min and max"):
            nn.SpatialUniformCrop(5, 5, [1])


class TestSpatialRegionDropout:
    def test_regions(self):
        module, x, seen = nn.SpatialRegionDropout(0.5), np.ones((2, 3, 4, 6)), set()
        for _ in range(40):
            y = module.forward(x)
            assert set(np.unique(y)) == {0, 2} and (y == y[0, 0]).all()
            seen.add((y[0, 0] == 0).tobytes())
            assert (y == 0).mean() == 0.5
        assert len(seen) == 4

    def test_small_images_and_modes(self):
        module, x = nn.SpatialRegionDropout(0.2), torch.randn(1, 3, 3)
        assert np.allclose(module.forward(x), x / 0.8)
        module.evaluate()
        assert np.array_equal(module.forward(x), x)
        with pytest.raises(RuntimeError, match="only defined for training"):
            module.backward(x, x)
        assert module.setp(0.5) is module and repr(module) == "nn.SpatialRegionDropout p: 0.500000"
        with pytest.raises(ValueError):
            module.setp(1)


def test_spatial_feat_normalization():
    mean, std = np.array([1.0, 2.0]), np.array([2.0, 4.0])
    x, g = torch.randn(3, 2, 2, 2), torch.randn(3, 2, 2, 2)
    module = nn.SpatialFeatNormalization(mean, std)
    mean.fill(0)
    assert np.allclose(module.forward(x)[:, 1], (x[:, 1] - 2) / 4)
    assert np.allclose(module.backward(x, g)[:, 0], g[:, 0] / 2)
    assert np.allclose(nn.SpatialFeatNormalization(np.ones(2)).forward(x), x - 1)
    for bad in ((3,), (np.ones((2, 2)),), (np.ones(2), np.ones(3))):
        with pytest.raises(ValueError):
            nn.SpatialFeatNormalization(*bad)


class TestColorTransforms:
    def test_simple(self):
        x, limits = torch.randn(50, 3, 2, 2), np.array([0.1, 1, 0])
        module = nn.SimpleColorTransform(3, limits)
        noise = (module.forward(x) - x)[:, :, 0, 0]
        assert np.allclose(noise, module.noise) and (abs(noise) <= limits + 1e-12).all()
        assert abs(noise[:, 1]).max() > 0.5 and np.array_equal(module.backward(x, x), x)

    def test_pca(self):
        x, vectors, values = torch.randn(4, 3, 2, 2), torch.randn(3, 3), torch.rand(3)
        module = nn.PCAColorTransform(3, vectors, values, 0.5)
        torch.manualSeed(6)
        noise = (module.forward(x) - x)[:, :, 1, 1]
        torch.manualSeed(6)
        alphas = torch.normal(np.empty((3, 4)), 0, 0.5)
        assert np.allclose(noise, (vectors @ (alphas * values[:, None])).T)

    @pytest.mark.parametrize(
        "module",
        [lambda: nn.SimpleColorTransform(3, np.ones(3)), lambda: nn.PCAColorTransform(3, np.eye(3), np.ones(3))],
    )
    def test_modes_and_types(self, module):
        module, x = module(), torch.randn(3, 2, 2).astype(np.float32)
        assert module.float() is module and module.forward(x).shape == x.shape
        assert np.array_equal(module.evaluate().forward(x), x)
        with pytest.raises(RuntimeError, match="backprop only defined while training"):
            module.backward(x, x)


class TestSpatialBinaryConvolution:
    def test_formula(self):
        module, x, g = nn.SpatialBinaryConvolution(2, 3, 3, 3), torch.randn(2, 2, 5, 5), torch.randn(2, 3, 3, 3)
        weight = module.weight.copy()
        plain = nn.SpatialConvolution(2, 3, 3, 3).noBias()
        plain.weight[...] = np.where(weight >= 0, 1, -1)
        plain.zeroGradParameters()
        module.zeroGradParameters()
        assert np.allclose(module.forward(x), plain.forward(x) * abs(weight).mean((1, 2, 3))[:, None, None])
        assert np.allclose(module.backward(x, g), plain.backward(x, g) * abs(weight).mean((0, 2, 3))[:, None, None])
        assert np.allclose(module.gradWeight, plain.gradWeight)

    def test_the_weights_are_kept(self):
        module, x = nn.SpatialBinaryConvolution(2, 3, 3, 3), torch.randn(2, 2, 5, 5)
        weight, before = module.weight, module.weight.copy()
        for mode in (module.training, module.evaluate):
            mode()
            module.forward(x)
            module.forward(x)
            assert module.weight is weight and np.array_equal(weight, before)
        with pytest.raises(ValueError):
            module.forward(x[:, :1])
        assert module.weight is weight and module.float() is module


class TestSpatialGlimpse:
    def test_one_patch_in_the_corners(self):
        x = np.arange(16.0).reshape(1, 1, 4, 4)
        module = nn.SpatialGlimpse(2, 1)
        for place, expected in (((-1, -1), x[:, :, :2, :2]), ((1, 1), x[:, :, 2:, 2:]), ((1, -1), x[:, :, 2:, :2])):
            assert np.array_equal(module.forward([x, np.array([place], float)]), expected)

    def test_surroundings_are_averaged_and_zero_outside(self):
        x = np.ones((1, 1, 4, 4))
        y = nn.SpatialGlimpse(2, 2).forward([x, np.array([[-1.0, -1.0]])])
        # the second patch, 4x4, begins one row and column before the image
        assert np.array_equal(y[0, 0], np.ones((2, 2))) and np.array_equal(y[0, 1], [[0.25, 0.5], [0.5, 1]])

    def test_order_of_planes(self):
        x = np.stack([np.full((9, 9), c) for c in (1.0, 2.0)])[None]
        y = nn.SpatialGlimpse(3, 3, 1).forward([x, np.zeros((1, 2))])
        assert y.shape == (1, 6, 3, 3) and y[0, :, 1, 1].tolist() == [1, 2, 1, 2, 1, 2]

    def test_a_single_image_is_a_batch_of_one(self):
        module, x, l = nn.SpatialGlimpse([2, 3], 2, 1.5), torch.randn(2, 7, 8), np.array([0.3, -0.4])
        y = module.forward([x, l]).copy()
        assert np.array_equal(module.forward([x[None], l[None]])[0], y)

    def test_another_module_reduces(self):
        x, place = np.arange(64.0).reshape(1, 1, 8, 8), np.zeros((1, 2))
        module = nn.SpatialGlimpse(4, 2)
        module.module = nn.SpatialMaxPooling(2, 2, 2, 2)
        y = module.forward([x, place])
        assert y[0, 1].tolist() == x[0, 0, 1::2, 1::2].tolist()
        gradient = module.backward([x, place], np.array([np.zeros((4, 4)), np.ones((4, 4))])[None])[0]
        assert gradient.sum() == 16 and (gradient[0, 0, 1::2, 1::2] == 1).all()
        module.module = nn.SpatialAveragePooling(2, 2, 2, 2)  # the usual one, as files of Torch have it
        assert np.array_equal(module.forward([x, place]), nn.SpatialGlimpse(4, 2).forward([x, place]))

    def test_wrong_arguments(self):
        with pytest.raises(ValueError, match="positive"):
            nn.SpatialGlimpse(0)
        with pytest.raises(ValueError, match="do not fit"):
            nn.SpatialGlimpse(2).forward([torch.randn(2, 1, 4, 4), torch.randn(3, 2)])


def test_resampling_corner_to_corner():
    image = np.arange(12.0).reshape(1, 3, 4)
    new = resample(image, np.empty((1, 5, 7)))
    assert np.allclose(new[0], np.add.outer(np.linspace(0, 8, 5), np.linspace(0, 3, 7)), atol=1e-6)
    assert np.array_equal(resample(image, np.empty((1, 1, 1))), image[:, :1, :1])


class TestFireModule:
    def test_structure(self):
        module = nn.FireModule(3, 2, 4, 5, "Tanh")
        assert module.outside([2, 3, 6, 5]) == (2, 9, 6, 5)
        assert [type(m) for m in module.module.modules] == [nn.SpatialConvolution, nn.Tanh, nn.Concat, nn.Tanh]
        assert module.squeeze is module.module.get(1) and module.expand is module.module.get(3)

    def test_warning(self):
        with pytest.warns(UserWarning, match="s1x1 is recommended to be smaller"):
            nn.FireModule(3, 9, 4, 4)


class TestInception:
    def test_settings(self):
        with pytest.warns(UserWarning, match="Inconsistent output sizes in pooling"):
            module = nn.Inception({"inputSize": 3, "outputSize": [4, 5], "reduceSize": [2, 3, 2, 3]})
        assert module.outside([2, 3, 8, 8]) == (2, 4 + 5 + 2 + 3, 8, 8)
        assert (module.inputSize, module.kernelSize, module.poolSize) == (3, [5, 3], 3)

    def test_fewer_columns(self):
        pool = nn.SpatialMaxPooling(3, 3, 1, 1, 1, 1)
        module = nn.Inception(inputSize=3, outputSize=[4], reduceSize=[2], kernelSize=[3], pool=pool)
        assert module.outside([2, 3, 8, 8]) == (2, 4 + 3, 8, 8) and module.module.get(2).get(1) is pool

    def test_transfer_is_copied(self):
        transfer, pool = nn.PReLU(), nn.SpatialMaxPooling(3, 3, 1, 1, 1, 1)
        sizes = {"inputSize": 1, "outputSize": [1], "reduceSize": [1, 1, 1], "kernelSize": [3]}
        found = nn.Inception(sizes, transfer=transfer, pool=pool).findModules("nn.PReLU")[0]
        assert len(found) == 4 and len({id(m) for m in [*found, transfer]}) == 5

    @pytest.mark.parametrize("config", [{}, {"inputSize": 1, "outputSize": [1], "reduceSize": [1], "poolsize": 2}])
    def test_wrong_settings(self, config):
        with pytest.raises(TypeError, match="Inception"):
            nn.Inception(config)


@pytest.mark.parametrize("p", [1, True, -0.5])
def test_region_dropout_of_everything_is_refused(p):
    layer = nn.SpatialRegionDropout(0.5)
    layer.p = p
    with pytest.raises(ValueError, match="less than 1"):
        layer.forward(torch.randn(2, 3, 4, 4))
