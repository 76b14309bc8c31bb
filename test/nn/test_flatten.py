"""getParameters: one flat array for all parameters, whatever their memory looks like."""

import gc

import numpy as np
import pytest

import nn
import torch7 as torch
from nn.flatten import _calls, flat_arrays, flattened
from nn.storage import storage_of


class Bag(nn.Module):
    """A module with any tensors as parameters."""

    def __init__(self, weights, grads):
        super().__init__()
        self.weights, self.grads = weights, grads

    def parameters(self):
        return self.weights, self.grads


def arange(*shape):
    return np.arange(float(np.prod(shape))).reshape(shape)


def linear_net():
    torch.manualSeed(1)
    return nn.Sequential().add(nn.Linear(3, 2)).add(nn.Tanh()).add(nn.Linear(2, 1))


def test_order_is_weight_bias_weight_bias():
    net = linear_net()
    before = np.concatenate([p.ravel() for p in net.parameters()[0]])
    flat, grads = net.getParameters()
    assert flat.shape == grads.shape == (3 * 2 + 2 + 2 + 1,)
    assert np.array_equal(flat, before)


def test_parameters_are_views_both_ways():
    net = linear_net()
    flat, grads = net.getParameters()
    flat.fill(2)
    grads.fill(3)
    assert all((p == 2).all() for p in net.parameters()[0])
    assert all((g == 3).all() for g in net.parameters()[1])
    net.zeroGradParameters()
    assert not grads.any()
    net.get(1).weight[...] = 5
    assert (flat[:6] == 5).all()


def test_a_second_call_gives_fresh_arrays_of_the_same_order():
    net = linear_net()
    first, _ = net.getParameters()
    second, _ = net.getParameters()
    assert np.array_equal(first, second) and not np.shares_memory(first, second)
    second.fill(0)
    assert first.any()


def test_a_submodule_leaves_the_first_flat_array():
    net = linear_net()
    flat, _ = net.getParameters()
    net.get(1).getParameters()
    net.get(1).weight.fill(0)
    assert flat[:6].all()


def test_a_module_without_parameters_gives_empty_arrays():
    for module in (nn.Tanh(), nn.Sequential(), nn.Sequential().add(nn.Tanh())):
        flat, grads = module.getParameters()
        assert flat.size == grads.size == 0 and flat.dtype == np.float64


def test_tied_tensors_appear_once():
    a, b = nn.Linear(2, 2), nn.Linear(2, 2)
    b.share(a, "weight", "bias", "gradWeight", "gradBias")
    flat, _ = nn.Sequential().add(a).add(b).getParameters()
    assert flat.size == 6
    flat.fill(1)
    assert (a.weight == 1).all() and (b.weight == 1).all()


def test_one_module_used_twice_appears_once():
    m = nn.Linear(2, 2)
    flat, _ = nn.Sequential().add(m).add(m).getParameters()
    assert flat.size == 6


def test_parts_of_one_storage_keep_their_places():
    storage, gradient = arange(6), np.zeros(6)
    bag = Bag([storage[3:], storage[:3]], [gradient[3:], gradient[:3]])
    flat, _ = bag.getParameters()
    assert np.array_equal(flat, np.arange(6.0))
    assert np.array_equal(bag.weights[0], [3, 4, 5])


def test_overlapping_parts_stay_overlapping():
    storage, gradient = arange(5), np.zeros(5)
    bag = Bag([storage[:3], storage[2:]], [gradient[:3], gradient[2:]])
    flat, _ = bag.getParameters()
    assert flat.size == 5
    bag.weights[0][2] = 9
    assert bag.weights[1][0] == 9


def test_holes_are_left_out():
    storage, gradient = arange(10), np.zeros(10)
    bag = Bag([storage[7:9], storage[1:4]], [gradient[7:9], gradient[1:4]])
    flat, _ = bag.getParameters()
    assert np.array_equal(flat, [1, 2, 3, 7, 8])
    assert np.array_equal(bag.weights[0], [7, 8]) and storage_of(bag.weights[1]) is flat


def test_transposed_parameters_keep_their_strides():
    weight = arange(3, 2).T
    bag = Bag([weight], [np.zeros((3, 2)).T])
    flat, _ = bag.getParameters()
    assert np.array_equal(flat, np.arange(6.0)), "flat order is memory order"
    assert np.array_equal(bag.weights[0], arange(3, 2).T)
    assert bag.weights[0].strides == weight.strides


def test_fortran_order_and_reversed_parameters():
    weight, backwards = np.asfortranarray(arange(2, 3)), arange(4)[::-1]
    bag = Bag([weight, backwards], [np.asfortranarray(np.zeros((2, 3))), np.zeros(4)[::-1]])
    flat, _ = bag.getParameters()
    assert np.array_equal(bag.weights[0], arange(2, 3)) and np.array_equal(bag.weights[1], [3, 2, 1, 0])
    flat[-1] = 7
    assert bag.weights[1][0] == 7


def test_transposed_parts_with_holes():
    storage, gradient = arange(9), np.zeros(9)
    bag = Bag([storage[3:].reshape(3, 2).T], [gradient[3:].reshape(3, 2).T])
    flat, _ = bag.getParameters()
    assert np.array_equal(flat, [3, 4, 5, 6, 7, 8])
    assert np.array_equal(bag.weights[0], [[3, 5, 7], [4, 6, 8]])


def test_parts_with_gaps_inside_are_refused_and_nothing_changes():
    storage = arange(4, 4)
    weight = storage[:, :2]
    bag = Bag([weight], [np.zeros((4, 4))[:, :2]])
    with pytest.raises(ValueError, match="not compact"):
        bag.getParameters()
    assert bag.weights[0] is weight


def test_shared_parameters_need_shared_gradients():
    a, b = nn.Linear(2, 2), nn.Linear(2, 2)
    b.share(a, "weight", "bias")
    net, weight = nn.Sequential().add(a).add(b), a.weight
    with pytest.raises(ValueError, match="sharing parameters and gradParameters"):
        net.getParameters()
    assert a.weight is weight and b.weight is weight


def test_misaligned_gradients_are_refused():
    storage, gradient = arange(6), np.zeros(6)
    bag = Bag([storage[:3], storage[3:]], [gradient[3:], gradient[:3]])
    with pytest.raises(ValueError, match="misaligned parameter at 1"):
        bag.getParameters()


def test_another_size_of_gradient_is_refused():
    with pytest.raises(ValueError, match=r"parameter 1 is 3 .* gradient 2 "):
        Bag([arange(3)], [arange(2)]).getParameters()


def test_a_tensor_that_is_no_field_is_refused_and_nothing_changes():
    class Temporary(nn.Linear):
        def parameters(self):
            return [self.weight, self.bias.copy()], [self.gradWeight, self.gradBias]

    m = Temporary(2, 2)
    weight = m.weight
    with pytest.raises(ValueError, match="not a field"):
        m.getParameters()
    assert m.weight is weight and storage_of(m.gradWeight) is m.gradWeight


def test_fields_in_tables_and_inner_modules_are_moved():
    inner = nn.Linear(2, 2)
    m = nn.Linear(2, 2)
    m.inner = {"a": [inner]}
    m.parameters = lambda: ([m.weight, inner.weight], [m.gradWeight, inner.gradWeight])
    flat, _ = m.getParameters()
    assert storage_of(inner.weight) is flat and storage_of(m.weight) is flat


def test_float_parameters_give_float_arrays():
    flat, grads = linear_net().float().getParameters()
    assert flat.dtype == grads.dtype == np.float32


def test_training_through_the_flat_arrays_is_training_of_the_modules():
    one, two = linear_net(), linear_net()
    flat, grads = two.getParameters()
    x = np.random.default_rng(0).standard_normal((4, 3))
    for _ in range(3):
        for net in (one, two):
            net.zeroGradParameters()
            net.forward(x)
            net.backward(x, np.ones((4, 1)))
        one.updateParameters(0.1)
        flat -= 0.1 * grads
    np.testing.assert_allclose(one.forward(x), two.forward(x), rtol=1e-12)


class TestOtherViews:
    """Views of a parameter's memory that are kept in other fields."""

    def test_they_follow(self):
        linear = nn.Linear(3, 2)
        linear.transposed, linear.row = linear.weight.T, {"last": [linear.weight[1]]}
        flat, _ = linear.getParameters()
        flat[:] = np.arange(8.0)
        assert np.array_equal(linear.transposed, linear.weight.T)
        assert linear.row["last"][0].tolist() == [3, 4, 5]

    def test_those_of_elements_left_behind_stay(self):
        storage = np.arange(10.0)
        bag = Bag([storage[2:6]], [np.zeros(4)])
        bag.inside, bag.across = storage[3:5], storage[1:4]
        flat, _ = bag.getParameters()
        flat.fill(7)
        assert bag.inside.tolist() == [7, 7] and bag.across.tolist() == [1, 2, 3]


def test_only_flat_arrays_in_use_are_remembered():
    net = linear_net()
    for _ in range(3):
        params, grads = net.getParameters()
    assert [calls for module, calls in flattened() if module is net] == [[(params, grads)]]
    assert len(_calls[net]) <= 2  # the last but one was in use when the last was made
    gc.collect()
    count = len(flat_arrays())
    del net, params, grads
    gc.collect()
    assert len(flat_arrays()) == count - 2
