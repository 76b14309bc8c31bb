"""DataParallel on one device: the module itself, under the name ``module``."""

import numpy as np
from gradients import agrees

import nn.pytorch as tnn


def test_it_is_the_module():
    tnn.manual_seed(0)
    inner = tnn.Sequential(tnn.Linear(3, 2), tnn.Tanh()).double()
    net = tnn.DataParallel(inner, device_ids=[0])
    x = np.random.default_rng(0).normal(size=(4, 3))
    np.testing.assert_array_equal(net(x).copy(), inner(x))
    assert list(net.state_dict()) == ["module.0.weight", "module.0.bias"]
    agrees(net, x)
    plain = tnn.Linear(3, 2)
    plain.load_state_dict({n.removeprefix("module.0."): p for n, p in net.state_dict().items()})
    np.testing.assert_array_equal(plain.weight.data, inner[0].weight.data.astype(np.float32))


def test_several_inputs_and_keywords():
    net = tnn.DataParallel(tnn.MultiheadAttention(4, 2)).double()
    q = np.random.default_rng(1).normal(size=(3, 1, 4))
    output, weights = net(q, q.copy(), q.copy(), need_weights=False)
    assert weights is None
    assert [g.shape for g in net.backward(list(net._call[0]), [output])] == [(3, 1, 4)] * 3
