"""Decorator, Bottle, DontCast, NaN, Profile, GPU."""

import re

import numpy as np
import pytest

import nn
import torch7 as torch


@pytest.fixture
def x():
    return np.random.default_rng(0).standard_normal((4, 2))


class TestDecorator:
    def test_is_its_module(self, x):
        m = nn.Linear(2, 3)
        d = nn.Decorator(m)
        assert d.forward(x) is m.output
        assert d.backward(x, np.ones((4, 3))) is m.gradInput
        assert d.get(1) is d.module is m and d.findModules("nn.Linear")[0] == [m]
        assert "module" not in vars(d) and nn.MaskZero(m, 1).module is nn.Serial(d).module.module is m

    def test_print(self):
        assert str(nn.Decorator(nn.Linear(2, 3))) == "nn.Decorator @ nn.Linear(2 -> 3)"
        assert str(nn.Decorator(nn.Sequential().add(nn.Sigmoid()))) == (
            "nn.Decorator @ nn.Sequential {\n  [input -> (1) -> output]\n  (1): nn.Sigmoid\n}"
        )

    def test_decorate_gives_six_methods_to_another_class(self, x):
        class Mine(nn.Container):
            def __init__(self, module):
                super().__init__()
                self.modules = [module]

        assert nn.Decorator.decorate(Mine) is Mine
        m = Mine(nn.Linear(2, 3))
        assert m.forward(x) is m.get(1).output
        m.zeroGradParameters()
        m.backward(x, np.ones((4, 3)))
        assert np.array_equal(m.get(1).gradBias, [4, 4, 4])
        assert str(m) == "nn.Mine @ nn.Linear(2 -> 3)"


class TestBottle:
    def test_fuses_leading_dimensions(self):
        b = nn.Bottle(nn.Linear(4, 2))
        x = np.random.default_rng(0).standard_normal((2, 3, 4))
        np.testing.assert_allclose(b.forward(x), x @ b.get(1).weight.T + b.get(1).bias)
        assert b.backward(x, np.ones((2, 3, 2))).shape == (2, 3, 4)

    def test_another_number_of_output_dimensions_is_refused(self):
        b = nn.Bottle(nn.Sum(2), 2)
        with pytest.raises(ValueError, match=r"output dims on module. Expected: 2 but got 1"):
            b.forward(np.ones((2, 3, 4)))
        assert nn.Bottle(nn.Sum(2), 2, 1).forward(np.ones((2, 3, 4))).tolist() == [[4] * 3] * 2

    def test_a_module_without_gradient(self):
        b = nn.Bottle(nn.Linear(4, 2))
        b.get(1).gradInput = None
        x = np.ones((2, 3, 4))
        b.forward(x)
        assert b.backward(x, np.ones((2, 3, 2))) is None

    def test_every_rank_of_backward_goes_with_its_own_input(self):
        b = nn.Bottle(nn.Linear(4, 2))
        for shape in ((2, 3, 4), (3, 4), (4,), (2, 2, 2, 4)):
            x = np.ones(shape)
            go = np.ones(b.forward(x).shape)
            assert b.backward(x, go).shape == shape

    def test_print(self):
        assert str(nn.Bottle(nn.Linear(4, 2))) == "nn.Bottle @ nn.Linear(4 -> 2)"


class TestDontCast:
    def test_the_module_keeps_its_type(self, x):
        d = nn.DontCast(nn.Linear(2, 3))
        net = nn.Sequential().add(d).float()
        assert d.get(1).type() == "torch.DoubleTensor" and d.get(1).weight.dtype == np.float64
        assert net.forward(x).dtype == np.float64

    def test_casts_on_the_way_in_and_out(self, x):
        inner = nn.Linear(2, 3).double()
        d = nn.DontCast(inner, True)
        net = nn.Sequential().add(d).add(nn.Linear(3, 2)).float()
        single = x.astype(np.float32)
        out = net.forward(single)
        assert out.dtype == np.float32 and inner.output.dtype == np.float64
        np.testing.assert_allclose(d.output, inner.forward(single.astype(np.float64)), rtol=1e-6)
        net.zeroGradParameters()
        gradInput = net.backward(single, np.ones((4, 2), np.float32))
        assert gradInput.dtype == np.float32 and inner.gradInput.dtype == np.float64
        assert inner.gradWeight.any()

    def test_only_in_or_only_out(self, x):
        single = x.astype(np.float32)
        d = nn.DontCast(nn.Linear(2, 3), True, False).float()
        assert d.forward(single).dtype == np.float64
        d = nn.DontCast(nn.Linear(2, 3), False, True).float()
        assert d.forward(x).dtype == np.float32

    def test_module_type_may_be_given(self):
        d = nn.DontCast(nn.Identity(), True, True, "torch.FloatTensor")
        assert d.get(1).forward(np.ones(2)).dtype == np.float64
        assert d.forward(np.ones(2)).dtype == np.float64 and d._input.dtype == np.float32

    def test_nested_tables(self):
        d = nn.DontCast(nn.Identity(), True, True, "torch.FloatTensor")
        out = d.forward([np.ones(2), [np.zeros(1)]])
        assert out[1][0].dtype == np.float64 and d.modules[0].output[1][0].dtype == np.float32

    def test_print(self):
        assert str(nn.DontCast(nn.Linear(3, 4))) == "nn.DontCast @ nn.Linear(3 -> 4)"


class TestNaN:
    def guarded(self):
        return nn.NaN(nn.Linear(2, 3), "here")

    def blamed(self, what, call):
        with pytest.raises(ArithmeticError, match=rf"NaN found in {what} of module :\nnn.NaN\(here\) @ nn.Linear"):
            call()

    def test_output(self, x):
        m = self.guarded()
        self.blamed("input", lambda: m.forward(x * np.nan))
        m.get(1).weight[0, 0] = np.nan
        self.blamed("parameters", lambda: m.forward(x))
        m = self.guarded()
        m.get(1).updateOutput = lambda input: np.array([np.nan])
        self.blamed("output", lambda: m.forward(x))

    def test_gradInput(self, x):
        m = self.guarded()
        m.forward(x)
        go = np.ones((4, 3))
        self.blamed("gradOutput", lambda: m.updateGradInput(x, go * np.nan))
        m.get(1).updateGradInput = lambda input, gradOutput: [np.array([np.nan])]
        self.blamed("gradInput", lambda: m.updateGradInput(x, go))

    def test_gradParameters(self, x):
        m = self.guarded()
        m.zeroGradParameters()
        m.forward(x)
        self.blamed("gradParameters", lambda: m.accGradParameters(x, np.full((4, 3), np.nan)))

    def test_a_sum_that_is_nan_counts(self):
        assert nn.NaN(nn.Identity()).recursiveIsNaN([np.array([np.inf, -np.inf])])
        assert not nn.NaN(nn.Identity()).recursiveIsNaN([np.array([np.inf]), np.array([1])])

    def test_ids_count_the_modules(self):
        first, second = nn.NaN(nn.Identity()), nn.NaN(nn.Identity())
        assert second.id == first.id + 1
        assert str(first) == f"nn.NaN({first.id}) @ nn.Identity"
        assert str(nn.NaN(nn.Identity(), "abc")) == "nn.NaN(abc) @ nn.Identity"


class TestProfile:
    def test_reports_every_so_many_passes(self, x, capsys):
        m = nn.Profile(nn.Linear(2, 3), 2)
        for _ in range(5):
            m.forward(x)
            m.backward(x, np.ones((4, 3)))
        lines = capsys.readouterr().out.splitlines()
        assert [re.sub(r"\d\.\d{3}", "T", line) for line in lines] == [
            "nn.Linear took T seconds for 2 forward passes",
            "nn.Linear took T seconds for 2 backward passes",
        ] * 2
        assert m.numFwds == m.numBwds == 1

    def test_name_default_and_replace(self, x):
        m = nn.Profile(nn.Linear(2, 3), None, "mine")
        assert m.name == "mine" and m.print_interval == 100
        assert str(m) == "nn.Profile @ nn.Linear(2 -> 3)"
        m.replace(lambda module: nn.Tanh() if type(module) is nn.Linear else module)
        assert type(m.module) is nn.Tanh and m.forward(x) is m.module.output


class TestGPU:
    def test_does_nothing_for_cpu_types(self, x):
        m = nn.Linear(2, 3)
        g = nn.GPU(m, 1)
        assert g.forward(x) is m.output
        assert g.backward(x, np.ones((4, 3))) is m.gradInput
        assert g.outdevice == 1 and nn.GPU(m, 1, 2).outdevice == 2
        assert g.setDevice(2) is g and g.device == 2
        assert g.reset() is g and g.float() is g and g.clearState() is g
        assert g.type() == m.type() == "torch.FloatTensor"
        assert str(g) == "nn.GPU(2) @ nn.Linear(2 -> 3)"

    def test_arguments_are_checked(self):
        with pytest.raises(TypeError, match="device must be a number"):
            nn.GPU(nn.Tanh(), "1")
        with pytest.raises(TypeError, match="expecting a module"):
            nn.GPU("module", 1)

    @pytest.mark.cuda
    def test_parameters_live_on_the_device(self, x):
        cupy = pytest.importorskip("cupy")
        torch.manualSeed(1)
        reference = nn.Linear(2, 3).float()
        g = nn.GPU(reference.clone(), 1).cuda()
        assert g.parameters()[0][0].device.id == 0
        out = g.forward(cupy.asarray(x, np.float32))
        np.testing.assert_allclose(out.get(), reference.forward(x.astype(np.float32)), rtol=1e-5)
        assert g.backward(cupy.asarray(x, np.float32), out).device.id == 0
