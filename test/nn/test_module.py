"""nn.Module: the protocol, sharing, clones, types, and the fields that scripts set."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

import nn
import torch7 as torch


class Scale(nn.Module):
    """A module in three methods: ``y = weight[0] * x``."""

    def __init__(self, factor):
        super().__init__()
        self.weight = np.array([float(factor)])
        self.gradWeight = np.zeros(1)

    def updateOutput(self, input):
        output = self.resizeOutput(input)
        return np.multiply(input, self.weight[0], out=output)

    def updateGradInput(self, input, gradOutput):
        gradInput = self.resizeGradInput(input, gradOutput)
        return np.multiply(gradOutput, self.weight[0], out=gradInput)

    def accGradParameters(self, input, gradOutput, scale=None):
        self.gradWeight += (1 if scale is None else scale) * np.vdot(input, gradOutput)


@pytest.fixture
def linear():
    torch.manualSeed(1)
    return nn.Linear(3, 2)


@pytest.fixture
def x():
    return np.random.default_rng(0).standard_normal((4, 3))


def test_a_new_module_has_empty_buffers_and_no_mode():
    m = nn.Module()
    assert m.output.size == m.gradInput.size == 0
    assert m.train is None
    assert m.type() == "torch.DoubleTensor"
    assert m.parameters() == ([], [])
    assert repr(m) == "nn.Module"


def test_default_tensor_type_decides_the_type_of_new_modules():
    torch.setdefaulttensortype("torch.FloatTensor")
    try:
        m = nn.Linear(2, 2)
    finally:
        torch.setdefaulttensortype("torch.DoubleTensor")
    assert m.type() == "torch.FloatTensor"
    assert m.weight.dtype == m.output.dtype == np.float32


def test_three_methods_make_a_module(x):
    m = Scale(3)
    assert nn.Jacobian.testJacobian(m, x.copy()) < 1e-6
    assert nn.Jacobian.testJacobianParameters(m, x.copy(), m.weight, m.gradWeight) < 1e-6
    assert repr(m) == "nn.Scale"
    assert repr(nn.Sequential().add(Scale(1))) == "nn.Sequential {\n  [input -> (1) -> output]\n  (1): nn.Scale\n}"


def test_call_runs_forward_or_both_passes(linear, x):
    output = linear(x)
    assert output is linear.output
    go = np.ones((4, 2))
    linear.zeroGradParameters()
    output, gradInput = linear(x, go)
    np.testing.assert_allclose(gradInput, go @ linear.weight)
    np.testing.assert_allclose(linear.gradBias, [4, 4])


def test_backward_returns_the_field_not_the_return_value(x):
    class Odd(nn.Module):
        def updateGradInput(self, input, gradOutput):
            self.gradInput = gradOutput * 2
            return "something else"

    assert np.array_equal(Odd().backward(x, x), 2 * x)


def test_gradient_step_in_three_forms(linear, x):
    go = np.ones((4, 2))
    start = linear.weight.copy()

    def fresh():
        linear.weight[...] = start
        linear.shared = None
        linear.zeroGradParameters()
        linear.forward(x)

    fresh()
    linear.backward(x, go)
    linear.updateParameters(0.1)
    expected = linear.weight.copy()
    fresh()
    linear.gradWeight.fill(7)
    result = linear.backwardUpdate(x, go, 0.1)
    assert result is linear.gradInput
    np.testing.assert_allclose(linear.weight, expected)
    assert (linear.gradWeight == 7).all(), "the direct update leaves the gradients alone"
    fresh()
    nn.Module.sharedAccUpdateGradParameters(linear, x, go, 0.1)
    np.testing.assert_allclose(linear.weight, expected)


def test_direct_update_restores_the_gradients_after_an_error(linear):
    gradWeight = linear.gradWeight
    with pytest.raises((TypeError, AttributeError)):
        linear.defaultAccUpdateGradParameters(None, None, 0.1)
    assert linear.gradWeight is gradWeight and linear.gradWeight is not linear.weight


def test_share_takes_the_others_tensors_and_marks_both(linear):
    other = nn.Linear(3, 2)
    assert linear.share(other, "weight", "gradWeight", "nothing") is linear
    assert linear.weight is other.weight and linear.gradWeight is other.gradWeight
    assert linear.bias is not other.bias
    assert linear.shared and other.shared


def test_share_skips_what_the_module_lacks():
    a, b = nn.Tanh(), nn.Tanh()
    a.share(b, "weight")
    assert a.weight is None and not a.shared


def test_clone_is_independent_but_for_the_names_given(linear, x):
    before = linear.forward(x).copy()
    clone = linear.clone("weight", "bias")
    assert clone.weight is linear.weight and clone.bias is linear.bias
    assert clone.gradWeight is not linear.gradWeight
    assert np.array_equal(clone.forward(x), before)
    deep = linear.clone()
    deep.weight += 1
    assert np.array_equal(linear.forward(x), before)


def test_clone_of_a_network_shares_in_every_module_and_leaves_the_original_whole(x):
    net = nn.Sequential().add(nn.Linear(3, 4)).add(nn.Sequential().add(nn.Linear(4, 2)))
    clone = net.clone("weight", "bias", "gradWeight", "gradBias")
    for mine, its in zip(net.parameters()[0], clone.parameters()[0]):
        assert mine is its and mine.size
    net.forward(x)
    net.zeroGradParameters()
    clone.forward(x)
    clone.backward(x, np.ones((4, 2)))
    assert all(g.any() for g in net.parameters()[1])


def test_clone_refuses_to_share_what_is_no_tensor(linear):
    with pytest.raises(TypeError, match="train"):
        linear.training().clone("train")
    assert linear.train is True


def test_clone_keeps_tied_modules_tied():
    m = nn.Linear(2, 2)
    net = nn.Sequential().add(m).add(m)
    clone = net.clone()
    assert clone.get(1) is clone.get(2) and clone.get(1) is not m


def test_type_names_and_converts(linear, x):
    assert linear.type() == "torch.DoubleTensor"
    assert linear.float() is linear
    assert linear.type() == "torch.FloatTensor"
    assert linear.weight.dtype == linear.gradBias.dtype == linear.output.dtype == np.float32
    assert linear.forward(x.astype(np.float32)).dtype == np.float32
    assert linear.double().weight.dtype == np.float64


def test_type_keeps_what_shares_memory_shared():
    a, b = nn.Linear(2, 2), nn.Linear(2, 2)
    b.share(a, "weight", "gradWeight")
    net = nn.Sequential().add(a).add(b)
    flat, _ = net.getParameters()
    net.float()
    assert np.shares_memory(a.weight, b.weight)
    a.weight.fill(3)
    assert (b.weight == 3).all()
    assert len({id(nn.storage.storage_of(p)) for p in net.parameters()[0]}) == 1
    assert flat.dtype == np.float64, "the old flat array is not converted"


def test_tensor_cache_keeps_sharing_across_modules():
    a, b = nn.Linear(2, 2), nn.Linear(2, 2)
    b.share(a, "weight")
    cache = {}
    a.type("torch.FloatTensor", cache)
    b.type("torch.FloatTensor", cache)
    assert np.shares_memory(a.weight, b.weight)


def test_type_converts_nested_tables_and_leaves_indices(linear):
    linear.table = [np.zeros(2), {"a": np.ones(1)}, "text"]
    linear.indices = np.array([1, 2])
    linear.float()
    assert linear.table[0].dtype == linear.table[1]["a"].dtype == np.float32
    assert linear.table[2] == "text"
    assert linear.indices.dtype == np.int64


def test_an_unknown_type_changes_nothing(linear):
    with pytest.raises(ValueError, match="unknown tensor type"):
        linear.type("torch.FlotTensor")
    assert linear.type() == "torch.DoubleTensor" and linear.weight.dtype == np.float64


def test_cuda_without_cupy_changes_nothing(linear, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(ImportError, match="CuPy"):
        linear.cuda()
    assert linear.type() == "torch.DoubleTensor" and linear.weight.dtype == np.float64


def test_other_types_are_refused_with_the_way_out(linear, x):
    with pytest.raises(TypeError, match=r"torch\.DoubleTensor.*FloatTensor.*astype\('float64'\)"):
        linear.forward(x.astype(np.float32))
    with pytest.raises(TypeError, match="LongTensor"):
        linear.forward(np.ones((4, 3), int))
    with pytest.raises(TypeError, match="must be a tensor"):
        linear.forward([[1.0, 2.0, 3.0]])
    linear.forward(x)
    with pytest.raises(TypeError, match="gradOutput"):
        linear.backward(x, np.ones((4, 2), np.float32))
    assert linear.forward(x).shape == (4, 2)


def test_backward_with_another_count_names_both(linear, x):
    linear.forward(x)
    with pytest.raises(ValueError, match=r"4x3 .*4x2"):
        linear.backward(x, np.ones((4, 3)))


def test_gradInput_none_skips_the_gradient(linear, x):
    linear.gradInput = None
    linear.forward(x)
    linear.zeroGradParameters()
    assert linear.backward(x, np.ones((4, 2))) is None
    assert linear.gradBias.any()
    for other in (linear.clone(), pickle.loads(pickle.dumps(linear)), linear.clearState(), linear.float()):
        assert other.gradInput is None


def test_bias_none_takes_the_bias_away(linear, x):
    linear.bias = None
    np.testing.assert_allclose(linear.forward(x), x @ linear.weight.T)
    linear.backward(x, np.ones((4, 2)))
    assert len(linear.parameters()[0]) == len(linear.parameters()[1]) == 1


def test_a_method_overridden_on_one_instance_is_used(linear, x):
    net = nn.Sequential().add(linear)
    linear.accGradParameters = lambda *args: None
    net.zeroGradParameters()
    net.forward(x)
    net.backward(x, np.ones((4, 2)))
    assert not linear.gradWeight.any()
    assert net.clone().get(1).accGradParameters is linear.accGradParameters
    assert net.float().get(1).accGradParameters is linear.accGradParameters


def test_replacing_a_module_in_the_list_is_enough(linear, x):
    net = nn.Sequential().add(linear).add(nn.Tanh())
    net.modules[1] = nn.Identity()
    assert np.array_equal(net.forward(x), linear.output)


def test_buffers_are_reused_until_the_size_changes(linear, x):
    first = linear.forward(x)
    assert linear.forward(x + 1) is first
    assert linear.forward(x[:2]).shape == (2, 2)
    assert first.shape == (4, 2), "the old buffer is left to whoever holds it"


def test_clearState_empties_buffers_without_touching_what_others_hold(linear, x):
    held = linear.forward(x)
    assert linear.clearState() is linear
    assert linear.output.size == linear.gradInput.size == 0
    assert held.size == 8


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"])
class TestCopies:
    def test_flat_parameters_stay_flat(self, duplicate, x):
        net = nn.Sequential().add(nn.Linear(3, 4)).add(nn.Linear(4, 2))
        net.getParameters()
        new = duplicate(net)
        storages = {id(nn.storage.storage_of(p)) for p in new.parameters()[0]}
        assert len(storages) == 1
        assert np.array_equal(new.forward(x), net.forward(x))
        assert not np.shares_memory(new.get(1).weight, net.get(1).weight)

    def test_tied_tensors_stay_tied(self, duplicate, x):
        a, b = nn.Linear(3, 3), nn.Linear(3, 3)
        b.share(a, "weight", "gradWeight")
        new = duplicate(nn.Sequential().add(a).add(b))
        assert new.get(1).weight is new.get(2).weight

    def test_views_of_a_transposed_matrix_stay_views(self, duplicate, x):
        m = nn.Linear(3, 2)
        storage = np.arange(6.0)
        m.weight, m.gradWeight = storage.reshape(3, 2).T, storage[::-1].reshape(2, 3)
        new = duplicate(m)
        assert np.array_equal(new.weight, m.weight) and np.array_equal(new.gradWeight, m.gradWeight)
        new.weight.fill(9)
        assert (new.gradWeight == 9).all() and m.weight[0, 1] == 2

    def test_an_output_that_views_a_data_set_travels_alone(self, duplicate):
        data = np.zeros((10000, 3))
        m = nn.Identity()
        m.forward(data[:2])
        assert len(pickle.dumps(duplicate(m))) < 5000


def test_apply_visits_containers_first_and_what_was_just_added():
    net = nn.Sequential().add(nn.Linear(2, 2)).add(nn.Sequential().add(nn.Tanh()))
    seen = []

    def visit(m):
        seen.append(type(m).__name__)
        if type(m) is nn.Linear and len(net.modules) == 2:
            net.add(nn.ReLU())

    assert net.apply(visit) is net
    assert seen == ["Sequential", "Linear", "Sequential", "Tanh", "ReLU"]


def test_findModules_finds_the_exact_class_and_its_containers():
    inner = nn.Sequential().add(nn.Linear(2, 2))
    net = nn.Sequential().add(nn.Linear(2, 3)).add(inner)
    found, containers = net.findModules("nn.Linear")
    assert found == [net.get(1), inner.get(1)] and containers == [net, inner]
    assert net.findModules(nn.Sequential) == ([net, inner], [net, net])
    assert net.findModules("nn.Module") == ([], [])
    assert net.findModules("nn.Nothing") == ([], [])


def test_listModules_lists_a_module_twice_where_it_is_used_twice():
    m = nn.Tanh()
    net = nn.Sequential().add(m).add(m)
    assert net.listModules() == [net, m, m]


class TestReplace:
    def test_every_module_is_offered_and_the_root_comes_back(self):
        net = nn.Sequential().add(nn.Tanh()).add(nn.Sequential().add(nn.Tanh()))
        new = net.replace(lambda m: nn.ReLU() if type(m) is nn.Tanh else m)
        assert new is net
        assert [type(m) for m in net.listModules()] == [nn.Sequential, nn.ReLU, nn.Sequential, nn.ReLU]

    def test_a_wrapped_root_has_its_modules_replaced_too(self):
        net = nn.Sequential().add(nn.Tanh())

        def wrap(m):
            return nn.Sequential().add(m) if m is net else nn.Identity()

        new = net.replace(wrap)
        assert new.get(1) is net and type(net.get(1)) is nn.Identity

    def test_modules_of_a_new_root_are_not_visited(self):
        net = nn.Sequential().add(nn.Tanh())
        other = nn.Sequential().add(nn.Tanh())
        new = net.replace(lambda m: other if m is net else nn.ReLU())
        assert new is other and type(other.get(1)) is nn.Tanh


def test_import_nn_loads_neither_numba_nor_cupy():
    code = "import sys, nn; print(sorted({'numba', 'cupy', 'scipy', 'matplotlib'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
