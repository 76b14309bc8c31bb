import numpy as np
import pytest

import dataload as dl
import torch7 as torch


def test_rescale_in_place():
    x = np.array([2.0, 4.0, 6.0])
    assert dl.rescale(x, -1, 1) is x and x.tolist() == [-1, 0, 1]
    assert dl.rescale(np.array([0.0, 128, 255], np.float32), 0, 1, 0, 256).dtype == np.float32


def test_binarize_in_place():
    x = np.array([0.2, 0.5, 0.7])
    assert dl.binarize(x, 0.5) is x and x.tolist() == [0, 1, 1]


def images(n):
    torch.manualSeed(2)
    return dl.TensorLoader(torch.normal(np.empty((n, 3, 5, 4), np.float32)) * [[[1]], [[2]], [[3]]] + 1, np.ones(n))


@pytest.mark.parametrize("nsample", [10, 32, 50, 64])
def test_statistics_are_averages_whatever_the_number_of_samples(nsample):
    loader = dl.TensorLoader(np.ones((64, 2, 3, 3)) * [[[1]], [[2]]], np.ones(64))
    loader.inputs[:, :, 0] += 1
    mean, std = 1 / 3 + np.array([1, 2]), np.std([2, 1, 1] * (32 * 3), ddof=1)
    inputs = loader.inputs[:2].copy()
    expected = (inputs - mean[:, None, None]) / std
    ppf = dl.fitImageNormalize(loader, nsample, None, False)
    assert ppf(inputs) is inputs
    np.testing.assert_allclose(inputs, expected, rtol=0.05)


def test_normalised_images_have_mean_0_and_deviation_1():
    loader = images(500)
    inputs = dl.fitImageNormalize(loader, 500, iterator="subiter")(loader.inputs.copy())
    np.testing.assert_allclose(inputs.mean((0, 2, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(inputs.std((0, 2, 3)), 1, rtol=0.01)


def test_statistics_are_kept_in_a_file(tmp_path, capsys):
    cache = tmp_path / "stats.t7"
    first = dl.fitImageNormalize(images(100), 64, cache)
    second = dl.fitImageNormalize(None, cachepath=cache, verbose=True)
    x = np.ones((1, 3, 2, 2), np.float32)
    assert np.array_equal(first(x.copy()), second(x.copy()))
    assert "mean of each channel" in capsys.readouterr().out


def test_another_dimension_of_channels():
    loader = dl.TensorLoader(np.arange(24.0).reshape(4, 3, 2), np.ones(4))
    x = loader.inputs.copy()
    dl.fitImageNormalize(loader, 4, dim=3, iterator="subiter")(x)
    np.testing.assert_allclose(x.mean((0, 1)), 0, atol=1e-12)
