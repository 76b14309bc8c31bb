"""sharedClone, stepClone and getParameters: what clones share, and that nothing is copied for it."""

import copy
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest

import dpnn
import nn
import torch7 as torch


def mlp(*sizes):
    torch.manualSeed(1)
    net = nn.Sequential()
    for i, o in pairwise(sizes):
        net.add(nn.Linear(i, o)).add(nn.Tanh())
    return net


def pairs(a, b, which):
    return list(zip(a.parameters()[which], b.parameters()[which]))


def shares(a, b):
    return a is not b and np.shares_memory(a, b) and a.shape == b.shape and a.strides == b.strides


class TestSharing:
    def test_parameters_and_gradients_are_views_of_one_memory(self):
        net = mlp(3, 4, 2)
        kept = [id(t) for lists in net.parameters() for t in lists]
        clone = net.sharedClone()
        assert all(shares(a, b) for which in (0, 1) for a, b in pairs(net, clone, which))
        assert kept == [id(t) for lists in net.parameters() for t in lists]
        assert not {id(m) for m in net.listModules()} & {id(m) for m in clone.listModules()}
        assert [type(m) for m in net.listModules()] == [type(m) for m in clone.listModules()]
        assert not any(m.shared for m in clone.listModules())

    @pytest.mark.parametrize("params, grads", [(False, True), (True, False), (False, False)])
    def test_each_kind_can_be_copied_instead(self, params, grads):
        net = mlp(3, 4, 2)
        clone = net.sharedClone(params, grads)
        for which, shared in ((0, params), (1, grads)):
            for a, b in pairs(net, clone, which):
                assert np.shares_memory(a, b) == shared and np.array_equal(a, b)

    def test_other_views_of_shared_memory_are_shared_too(self):
        linear = nn.Linear(3, 2)
        linear.transposed = linear.weight.T
        clone = linear.sharedClone()
        clone.transposed[0, 1] = 7
        assert linear.weight[1, 0] == 7 and linear.transposed[0, 1] == 7

    def test_column_major_weights(self):
        linear = nn.Linear(3, 2)
        linear.weight = np.asfortranarray(linear.weight)
        linear.part = linear.weight[:, 1:]
        clone = linear.sharedClone()
        assert shares(linear.weight, clone.weight) and shares(linear.part, clone.part)

    def test_all_else_is_copied_at_its_value(self):
        net = nn.Sequential().add(nn.Dropout(0.5))
        net.table = {"noise": [np.ones(3)]}
        net.forward(torch.randn(4, 3))
        clone = net.sharedClone()
        assert np.array_equal(clone.get(1).noise, net.get(1).noise)
        assert not np.shares_memory(clone.get(1).noise, net.get(1).noise)
        assert clone.table["noise"][0] is not net.table["noise"][0]

    def test_batch_normalization_shares_its_statistics(self):
        bn = nn.SpatialBatchNormalization(3)
        clone = bn.sharedClone()
        assert shares(bn.running_mean, clone.running_mean) and shares(bn.running_var, clone.running_var)
        assert len(clone.parameters()[0]) == 2

    def test_modules_that_appear_twice_or_are_tied_stay_so(self):
        linear, tied = nn.Linear(2, 2), nn.Linear(2, 2)
        tied.share(linear, "weight", "gradWeight")
        clone = nn.Sequential().add(linear).add(linear).add(tied).sharedClone()
        assert clone.get(1) is clone.get(2) and clone.get(3) is not clone.get(1)
        assert np.shares_memory(clone.get(3).weight, linear.weight)
        assert not np.shares_memory(clone.get(3).bias, linear.bias)

    def test_a_clone_of_a_clone_and_types(self):
        net = mlp(3, 2)
        clone = net.sharedClone().sharedClone()
        assert all(shares(a, b) for a, b in pairs(net, clone, 0))
        both = nn.Sequential().add(net).add(clone).float()
        a, b = both.get(1).get(1).weight, both.get(2).get(1).weight
        assert a.dtype == np.float32 and np.shares_memory(a, b)

    def test_it_computes_and_learns_with_the_original(self):
        net, x, y = mlp(3, 4, 2), torch.randn(5, 3), torch.randn(5, 2)
        clone = net.sharedClone()
        net.zeroGradParameters()
        clone.forward(x)
        clone.backward(x, y)
        expected = mlp(3, 4, 2)
        expected.zeroGradParameters()
        expected.forward(x)
        expected.backward(x, y)
        expected.updateParameters(0.1)
        net.updateParameters(0.1)
        assert np.allclose(clone.forward(x), expected.forward(x))


class TestHooks:
    def test_step_modules_stand_for_themselves(self):
        net = mlp(3, 3)
        net.get(1).dpnn_stepclone = True
        assert net.stepClone().get(1) is net.get(1)
        assert net.stepClone().get(2) is not net.get(2)
        assert net.sharedClone().get(1) is not net.get(1)
        assert net.get(1).stepClone() is net.get(1)

    def test_a_module_may_clone_itself(self):
        net, other = mlp(3, 3), nn.Identity()
        net.get(1).dpnn_sharedClone = lambda: other
        assert net.sharedClone().get(1) is other


class TestGetParameters:
    def test_clones_follow_wherever_they_are_kept(self):
        net = mlp(3, 2)
        net.steps = {1: net.sharedClone(), 2: [net.sharedClone()]}
        flat, grads = net.getParameters()
        assert flat.size == grads.size == 8
        flat.fill(3)
        grads.fill(4)
        for clone in (net.steps[1], net.steps[2][0]):
            assert all((p == 3).all() for p in clone.parameters()[0])
            assert all((g == 4).all() for g in clone.parameters()[1])

    def test_clones_of_a_flattened_network_look_at_the_flat_array(self):
        net = mlp(3, 2)
        flat, _ = net.getParameters()
        clone = net.sharedClone()
        clone.get(1).weight.fill(9)
        assert (flat == 9).sum() == 6

    def test_a_clone_that_is_flattened_leaves_the_original(self):
        net = mlp(3, 2)
        clone = net.sharedClone()
        clone.getParameters()[0].fill(5)
        assert not (net.get(1).weight == 5).any()

    def test_hidden_parameters_come_last(self):
        net = mlp(3, 2)
        net.aside = [mlp(2, 2)]
        first = net.parameters()[0][0].copy()
        hidden = net.aside[0].parameters()[0]
        flat, grads = net.getParameters()
        assert flat.size == grads.size == 8 + 6
        assert np.array_equal(flat[:6], first.ravel()) and np.array_equal(flat[8:12], hidden[0].ravel())
        flat.fill(0)
        assert not net.aside[0].get(1).weight.any()

    def test_no_parameters(self):
        assert [x.size for x in nn.Tanh().getParameters()] == [0, 0]


def hundred_megabytes():
    net = mlp(*[1120] * 21).float()
    assert sum(p.nbytes for p in net.parameters()[0]) > 100e6
    return net


def test_a_large_model_takes_no_memory():
    net = hundred_megabytes()
    net.sharedClone()
    tracemalloc.start()
    clone = net.sharedClone()
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert taken < 1e6
    assert all(np.shares_memory(p, q) for p, q in zip(clone.parameters()[0], net.parameters()[0], strict=True))


def test_deepcopy_of_a_view_keeps_column_major_layout():
    linear = nn.Linear(3, 2)
    linear.part = np.asfortranarray(linear.weight)[:, 1:]
    assert np.array_equal(copy.deepcopy(linear).part, linear.part)


def test_version():
    assert dpnn.version == 2
    assert dpnn.require("math").pi > 3
    with pytest.raises(ImportError, match="no_such_package"):
        dpnn.require("no_such_package")
