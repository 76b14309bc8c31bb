"""utils.prune, utils.stateless, utils.skip_init."""

import numpy as np
import pytest

import nn.pytorch as tnn
from nn.pytorch.utils import prune, skip_init, stateless


def layer():
    m = tnn.Linear(3, 2)
    m.weight.data = np.array([[0.5, -0.1, 0.3], [-0.2, 0.9, 0.05]])
    return m


def test_the_smallest_go_and_a_second_time_the_smallest_of_those_left():
    m = prune.l1_unstructured(layer(), "weight", 2)
    assert m.weight_mask.tolist() == [[1, 0, 1], [1, 1, 0]]
    assert list(m.state_dict()) == ["bias", "weight_orig", "weight_mask"]
    prune.l1_unstructured(m, "weight", 0.5)
    assert m.weight_mask.tolist() == [[1, 0, 0], [0, 1, 0]]
    x = np.ones((1, 3), np.float32)
    np.testing.assert_allclose(m(x) - m.bias, [[0.5, 0.9]], rtol=1e-6)
    m.backward(x, np.ones((1, 2), np.float32))
    assert m.weight_orig.grad.tolist() == [[1, 0, 0], [0, 1, 0]]
    assert prune.is_pruned(m)
    prune.remove(m, "weight")
    assert list(m.state_dict()) == ["bias", "weight"] and not prune.is_pruned(m)
    np.testing.assert_allclose(m.weight.data, [[0.5, 0, 0], [0, 0.9, 0]], rtol=1e-6)


def test_whole_channels():
    assert prune.ln_structured(layer(), "weight", 1, 2, 0).weight_mask.tolist() == [[0, 0, 0], [1, 1, 1]]
    assert prune.ln_structured(layer(), "weight", 0.34, 1, -1).weight_mask.sum(0).tolist() == [2, 2, 0]
    tnn.manual_seed(0)
    assert prune.random_structured(layer(), "weight", 2, 1).weight_mask.sum() == 2


def test_several_parameters_as_one_and_by_chance():
    a, b = layer(), layer()
    b.weight.data = b.weight.data * 10
    prune.global_unstructured([(a, "weight"), (b, "weight")], prune.L1Unstructured, amount=6)
    assert a.weight_mask.sum() == 1 and b.weight_mask.sum() == 5
    tnn.manual_seed(0)
    assert prune.random_unstructured(layer(), "weight", 4).weight_mask.sum() == 2
    assert prune.identity(layer(), "bias").bias_mask.tolist() == [1, 1]


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="share in"):
        prune.l1_unstructured(layer(), "weight", 1.5)
    with pytest.raises(ValueError, match="smaller than the number"):
        prune.l1_unstructured(layer(), "weight", 7)
    with pytest.raises(AttributeError, match="no parameter 'nothing'"):
        prune.identity(layer(), "nothing")
    with pytest.raises(ValueError, match="the mask is"):
        prune.custom_from_mask(layer(), "weight", np.ones(2))
    with pytest.raises(ValueError, match="has to be pruned before"):
        prune.remove(layer(), "weight")


def test_a_call_with_other_parameters():
    m, x = layer(), np.ones((1, 3), np.float32)
    before = m(x).copy()
    other = tnn.Parameter(np.zeros((2, 3), np.float32))
    np.testing.assert_array_equal(stateless.functional_call(m, {"weight": other}, x), m.bias.data[None])
    with stateless.swapped(m, {"weight": other}):
        m.backward(x, np.ones_like(m(x)))
    assert other.grad.tolist() == [[1, 1, 1], [1, 1, 1]] and not m.weight.grad.any()
    np.testing.assert_array_equal(m(x), before)
    with pytest.raises(RuntimeError, match="unexpected names"):
        stateless.functional_call(m, {"gain": other}, x)
    with pytest.raises(RuntimeError, match="missing names"):
        stateless.functional_call(m, {"weight": other}, x, strict=True)


def test_tied_weights_go_together():
    m = tnn.Sequential(tnn.Linear(2, 2), tnn.Linear(2, 2))
    m[1].weight = m[0].weight
    x, zero = np.ones((1, 2), np.float32), np.zeros((2, 2), np.float32)
    np.testing.assert_array_equal(stateless.functional_call(m, {"0.weight": zero}, x), m[1].bias.data[None])


def test_skip_init_draws_nothing():
    tnn.manual_seed(0)
    wanted = tnn.rand(2)
    tnn.manual_seed(0)
    assert skip_init(tnn.Linear, 3, 4).weight.shape == (4, 3)
    np.testing.assert_array_equal(tnn.rand(2), wanted)
    with pytest.raises(RuntimeError, match="Expected a Module"):
        skip_init(dict)


class EveryOther(prune.BasePruningMethod):
    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t, default_mask):
        mask = default_mask.copy()
        mask.reshape(-1)[::2] = 0
        return mask


def test_a_method_of_ones_own_and_what_came_before():
    m = layer()
    method = EveryOther.apply(m, "weight")
    assert isinstance(method, EveryOther) and m.weight_mask.tolist() == [[0, 1, 0], [1, 0, 1]]
    prune.ln_structured(m, "weight", 1, 2, 0)
    (hook,) = [h for h in m._forward_pre_hooks.values() if h._tensor_name == "weight"]
    assert [type(p).__name__ for p in hook] == ["EveryOther", "LnStructured"] and len(hook) == 2
    assert m.weight_mask.tolist() == [[0, 0, 0], [1, 0, 1]]  # by what is left: 0.1 against 0.2 and 0.05
    with pytest.raises(ValueError, match="smaller than the number"):
        prune.l1_unstructured(m, "weight", 3)
    assert len(hook) == 2 and m.weight_mask.sum() == 2
    prune.remove(m, "weight")
    assert not m._forward_pre_hooks and list(m.state_dict()) == ["bias", "weight"]


def test_methods_alone():
    t = np.array([[1.0, -3.0], [2.0, 0.5]])
    assert prune.L1Unstructured(0.5).prune(t).tolist() == [[0, -3], [2, 0]]
    assert prune.LnStructured(1, 1, 0).prune(t).tolist() == [[1, -3], [0, 0]]
    assert prune.LnStructured(1, "nuc", 0).compute_mask(np.stack([t, 9 * t]), np.ones((2, 2, 2)))[1].all()
    with pytest.raises(ValueError, match="nuclear norm"):
        prune.LnStructured(1, "nuc", 0).prune(t)
    with pytest.raises(TypeError, match="not a BasePruningMethod"):
        prune.PruningContainer(3)
    with pytest.raises(TypeError, match="unstructured method"):
        prune.global_unstructured([(layer(), "weight")], prune.LnStructured, amount=1, n=2)
    with pytest.raises(AssertionError, match="apply it to a module"):
        EveryOther().apply_mask(layer())


def test_nothing_to_drop_draws_nothing():
    tnn.manual_seed(0)
    m, wanted = layer(), tnn.rand(1)
    tnn.manual_seed(0)
    layer()
    prune.random_structured(prune.random_unstructured(m, "weight", 0), "weight", 0.0, 0)
    np.testing.assert_array_equal(tnn.rand(1), wanted)
