"""MapTable."""

import numpy as np
import pytest

import nn
import torch7 as torch


@pytest.fixture
def x():
    return np.random.default_rng(0).standard_normal((4, 3))


class TestMapTable:
    def test_clones_share_parameters_and_learn_as_one(self, x):
        torch.manualSeed(1)
        m = nn.MapTable(nn.Linear(3, 2))
        m.zeroGradParameters()
        out = m.forward([x, 2 * x, x[:1]])
        assert m.size() == 3 and m.get(3).weight is m.get(1).weight
        assert not np.shares_memory(out[0], out[1])
        m.backward([x, 2 * x, x[:1]], [np.ones((4, 2)), np.ones((4, 2)), np.ones((1, 2))])
        assert np.array_equal(m.module.gradBias, [9, 9])
        before = m.module.bias.copy()
        m.updateParameters(0.1)
        np.testing.assert_allclose(m.get(2).bias, before - 0.9)
        assert m.getParameters()[0].size == 8

    def test_without_sharing_every_clone_is_its_own(self, x):
        m = nn.MapTable(nn.Linear(3, 2), False)
        m.forward([x, x])
        assert m.get(1).weight is not m.get(2).weight
        m.zeroGradParameters()
        m.backward([x, x], [np.ones((4, 2)), np.zeros((4, 2))])
        before = m.get(2).bias.copy()
        m.updateParameters(0.1)
        assert np.array_equal(m.get(2).bias, before) and not np.array_equal(m.get(1).bias, before)
        assert m.clearState().size() == 2

    def test_extra_clones_are_kept_and_resize_drops_them(self, x):
        m = nn.MapTable(nn.Linear(3, 2))
        m.forward([x] * 3)
        assert len(m.forward([x])) == 1 and m.size() == 3
        assert len(m.backward([x], [np.ones((4, 2))])) == 1
        assert m.resize(2).size() == 2 and m.resize(4).size() == 4
        assert m.clearState().size() == 1
        assert len(m.forward([x] * 2)) == 2

    def test_sharing_between_tables_of_other_lengths(self, x):
        one, two = nn.MapTable(nn.Linear(3, 2)), nn.MapTable(nn.Linear(3, 2))
        one.forward([x] * 3)
        assert two.share(one, "weight") is two
        assert two.forward([x] * 2) and two.get(2).weight is one.get(1).weight
        one.share(nn.MapTable(nn.Linear(3, 2)), "weight")
        one.forward([x] * 3)
        assert one.get(3).weight is one.get(1).weight is not two.get(1).weight

    def test_a_single_module_is_required(self, x):
        m = nn.MapTable()
        with pytest.raises(ValueError, match="no module"):
            m.forward([x])
        m.add(nn.Tanh())
        with pytest.raises(ValueError, match="Single module required"):
            m.add(nn.Tanh())

    def test_replace_reaches_the_module_and_its_clones(self, x):
        m = nn.MapTable(nn.Sequential().add(nn.Tanh()))
        m.forward([x, x])
        m.replace(lambda module: nn.ReLU() if type(module) is nn.Tanh else module)
        assert np.array_equal(m.forward([x, x])[1], np.maximum(x, 0))
        assert type(m.module.get(1)) is nn.ReLU and m.module is m.get(1)

    def test_direct_update_is_the_sum_of_both(self, x):
        m = nn.MapTable(nn.Linear(3, 2))
        m.forward([x, x])
        before = m.module.bias.copy()
        m.accUpdateGradParameters([x, x], [np.ones((4, 2))] * 2, 0.1)
        np.testing.assert_allclose(m.module.bias, before - 0.8)

    def test_print(self):
        assert str(nn.MapTable()) == "nn.MapTable { }"
        assert str(nn.MapTable(nn.Linear(2, 3))) == "nn.MapTable {\n  nn.Linear(2 -> 3)\n}"
        assert str(nn.MapTable(nn.Sequential().add(nn.Linear(2, 3)).add(nn.Tanh()))) == (
            "nn.MapTable {\n"
            "  nn.Sequential {\n"
            "          [input -> (1) -> (2) -> output]\n"
            "          (1): nn.Linear(2 -> 3)\n"
            "          (2): nn.Tanh\n"
            "        }\n"
            "}"
        )
