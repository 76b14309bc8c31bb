"""Networks to the GPU and back: types, sharing, new networks, files, devices, cutorch's names."""

import numpy as np
import pytest

import nn
import torch7 as torch
from rocks import cutorch
from torch7 import arrays


def network():
    shared = nn.Linear(3, 3)
    net = nn.Sequential().add(shared).add(nn.Tanh()).add(nn.Linear(3, 3)).add(nn.BatchNormalization(3))
    net.get(3).share(shared, "weight", "bias", "gradWeight", "gradBias")
    return net


def test_there_and_back(cupy):
    net, x = network(), np.random.default_rng(0).standard_normal((4, 3))
    expected = net.forward(x).copy()
    for there, dtype in (("torch.CudaDoubleTensor", np.float64), ("torch.CudaTensor", np.float32)):
        net.type(there)
        assert net.type() == there and arrays.type_name(net.get(1).weight) == there
        y = net.forward(cupy.asarray(x, dtype))
        assert type(y) is cupy.ndarray and y.dtype == dtype
        np.testing.assert_allclose(y.get(), expected, rtol=1e-5, atol=1e-6)
        net.get(1).weight.fill(0.5)
        assert (net.get(3).weight.get() == 0.5).all(), "what was shared is shared"
        net.double()
        net.get(1).weight[...] = 0.25
        assert type(net.get(3).weight) is np.ndarray and (net.get(3).weight == 0.25).all()
        expected = net.forward(x).copy()


def test_flat_parameters_are_views_there_too(cupy):
    net = network().cuda()
    parameters, _ = net.getParameters()
    parameters.fill(0.125)
    assert type(parameters) is cupy.ndarray and (net.get(1).bias.get() == 0.125).all()
    back = net.clone().float()
    back.get(1).weight.fill(2)
    assert (back.get(3).weight == 2).all() and (net.get(1).weight.get() == 0.125).all()


def test_small_places_of_maxima_are_the_cpus(cupy):
    """On a GPU indices are of int64, and of int32 again in memory."""
    x = np.random.default_rng(0).standard_normal((2, 3, 6, 8)).astype(np.float32)
    pooling = nn.SpatialMaxPooling(2, 2, 2, 2).float()
    pooling.indexType = "int32"
    g = np.ones_like(pooling.forward(x))
    places, gradInput = pooling.indices.tolist(), pooling.backward(x, g).tolist()
    pooling.cuda()
    assert pooling.indices.dtype == np.int64
    pooling.forward(cupy.asarray(x))
    assert pooling.indices.dtype == np.int64 and pooling.indices.tolist() == places
    pooling.indices = pooling.indices.astype(np.int32)
    assert pooling.backward(cupy.asarray(x), cupy.asarray(g)).tolist() == gradInput
    pooling.float().forward(x)
    assert pooling.indices.dtype == np.int32 and pooling.backward(x, g).tolist() == gradInput


def test_the_default_type(cupy):
    torch.setdefaulttensortype("torch.CudaTensor")
    try:
        net, criterion = nn.Sequential().add(nn.SpatialConvolution(1, 2, 3, 3)).add(nn.ReLU()), nn.MSECriterion()
        y = net.forward(cupy.ones((1, 5, 5), np.float32))
        assert net.type() == "torch.CudaTensor" and type(net.get(1).weight) is cupy.ndarray
        assert float(criterion.forward(y, y)) == 0 and type(criterion.backward(y, y)) is cupy.ndarray
    finally:
        torch.setdefaulttensortype("torch.DoubleTensor")
    assert type(nn.Linear(2, 2).weight) is np.ndarray


def test_files(cupy, tmp_path):
    net, x = network().cuda(), np.ones((2, 3), np.float32)
    expected = net.forward(cupy.asarray(x)).get()
    torch.save(tmp_path / "net.t7", net)
    here = torch.load(tmp_path / "net.t7")
    assert type(here.get(1).weight) is np.ndarray and here.get(1).weight.dtype == np.float32
    np.testing.assert_allclose(here.float().forward(x), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(here.cuda().forward(cupy.asarray(x)).get(), expected)


def test_a_network_on_a_device(cupy):
    net = nn.Sequential().add(nn.GPU(nn.Linear(3, 2), 1)).cuda()
    y = net.forward(cupy.ones((2, 3), np.float32))
    assert type(y) is cupy.ndarray and type(net.backward(cupy.ones((2, 3), np.float32), y)) is cupy.ndarray
    with pytest.raises(Exception, match="invalid device"):
        nn.GPU(nn.Linear(3, 2), 2).cuda()


def test_cutorch(cupy):
    assert cutorch.getDeviceCount() == 1 and cutorch.getDevice() == 1
    cutorch.setDevice(1)
    cutorch.synchronize()


def test_an_array_of_the_other_kind_is_refused(cupy):
    with pytest.raises(TypeError, match=r"call module\.cuda\(\)"):
        nn.Linear(2, 2).forward(cupy.ones((1, 2)))
    with pytest.raises(TypeError, match=r"another device|module\.(float|double)\(\)"):
        nn.Linear(2, 2).cuda().forward(np.ones((1, 2), np.float32))
