"""REINFORCE: gradients against SciPy's densities, samples against their distributions, rewards of criterions."""

import numpy as np
import pytest
from scipy import special, stats

import nn
import torch7 as torch
from dpnn.gamma import digamma

STEP = 1e-6


def slope(logdensity, parameter):
    """The derivative of a sum of log densities by each element of ``parameter``."""
    gradient = np.empty_like(parameter)
    for i in np.ndindex(parameter.shape):
        ends = []
        for sign in (1, -1):
            moved = parameter.copy()
            moved[i] += sign * STEP
            ends.append(logdensity(moved).sum())
        gradient[i] = (ends[0] - ends[1]) / (2 * STEP)
    return gradient


def positive(*shape):
    return np.abs(torch.randn(*shape)) + 0.5


def learnt(module, input, logdensities):
    """gradInput against minus the reward times the slope of each log density."""
    reward = torch.randn(len(input[0] if isinstance(input, list) else input))
    x = module.forward(input).copy()
    module.reinforce(reward)
    gradients = module.backward(input, None)
    inputs = input if isinstance(input, list) else [input]
    gradients = gradients if isinstance(gradients, list) else [gradients]
    assert len(gradients) == len(logdensities)
    for i, (gradient, logdensity) in enumerate(zip(gradients, logdensities)):
        expected = -reward[:, None] * slope(lambda p, f=logdensity: f(x, p), inputs[i])
        assert np.allclose(gradient, expected, rtol=1e-5, atol=1e-6)


class TestGradients:
    @pytest.fixture(autouse=True)
    def seed(self):
        torch.manualSeed(5)

    def test_bernoulli(self):
        learnt(nn.ReinforceBernoulli(), 0.1 + 0.8 * torch.rand(4, 3), [stats.bernoulli.logpmf])

    @pytest.mark.parametrize(
        "stdev", [0.3, np.full((4, 3), 0.4), np.array([0.3, 0.5, 0.7])], ids=["number", "full", "sample"]
    )
    def test_normal(self, stdev):
        learnt(nn.ReinforceNormal(stdev), torch.randn(4, 3), [lambda x, mean: stats.norm.logpdf(x, mean, stdev)])

    def test_normal_of_a_table(self):
        mean, stdev = torch.randn(4, 3), positive(4, 3)
        densities = [lambda x, m: stats.norm.logpdf(x, m, stdev), lambda x, s: stats.norm.logpdf(x, mean, s)]
        learnt(nn.ReinforceNormal(), [mean, stdev], densities)

    @pytest.mark.parametrize(
        "scale", [0.3, np.full((4, 3), 0.4), np.array([0.3, 0.5, 0.7])], ids=["number", "full", "sample"]
    )
    def test_gamma(self, scale):
        learnt(nn.ReinforceGamma(scale), positive(4, 3), [lambda x, k: stats.gamma.logpdf(x, k, scale=scale)])

    def test_gamma_of_a_table(self):
        shape, scale = positive(4, 3), positive(4, 3)
        densities = [
            lambda x, k: stats.gamma.logpdf(x, k, scale=scale),
            lambda x, t: stats.gamma.logpdf(x, shape, scale=t),
        ]
        learnt(nn.ReinforceGamma(), [shape, scale], densities)

    def test_categorical(self):
        p = np.abs(torch.randn(4, 3))
        learnt(nn.ReinforceCategorical(), p, [lambda x, p: x * np.log(p)])

    def test_float(self):
        module, p = nn.ReinforceBernoulli().float(), (0.1 + 0.8 * torch.rand(4, 3)).astype(np.float32)
        module.reinforce(np.ones(4, np.float32))
        x = module.forward(p)
        gradient = module.backward(p, None)
        assert gradient.dtype == np.float32
        assert np.allclose(gradient, -(x - p) / (p * (1 - p)), rtol=1e-5)


class TestSamples:
    N = 20000

    @pytest.fixture(autouse=True)
    def seed(self):
        torch.manualSeed(9)

    @pytest.mark.parametrize("shape", [0.3, 1, 2.5, 30])
    def test_gamma(self, shape):
        x = nn.ReinforceGamma(2).forward(np.full((self.N // 4, 1), float(shape)))
        assert stats.kstest(x.ravel(), stats.gamma(shape, scale=2).cdf).pvalue > 1e-3

    def test_normal(self):
        x = nn.ReinforceNormal(0.5).forward(np.full((self.N, 1), 3.0))
        assert stats.kstest(x.ravel(), stats.norm(3, 0.5).cdf).pvalue > 1e-3

    def test_bernoulli(self):
        x = nn.ReinforceBernoulli().forward(np.full((self.N, 1), 0.3))
        assert set(np.unique(x)) == {0, 1}
        assert stats.binomtest(int(x.sum()), self.N, 0.3).pvalue > 1e-3

    def test_categorical(self):
        p = np.array([0.1, 0.2, 0.7])
        x = nn.ReinforceCategorical().forward(np.tile(p, (self.N, 1)))
        assert (x.sum(1) == 1).all()
        assert stats.chisquare(x.sum(0), p * self.N).pvalue > 1e-3


class TestModes:
    @pytest.mark.parametrize(
        "module, input, mean",
        [
            (nn.ReinforceBernoulli, 0.3, 0.3),
            (lambda s: nn.ReinforceNormal(0.5, s), 0.3, 0.3),
            (lambda s: nn.ReinforceGamma(0.5, s), 0.3, 0.15),
            (nn.ReinforceCategorical, 0.3, 0.3),
        ],
    )
    def test_evaluation_gives_the_mean_unless_stochastic(self, module, input, mean):
        x = np.full((4, 3), input)
        assert np.allclose(module(None).evaluate().forward(x), mean)
        assert not np.allclose(module(True).evaluate().forward(x), mean)
        assert not np.allclose(module(None).training().forward(x), mean)
        assert not np.allclose(module(None).forward(x), mean)

    def test_rewards(self):
        module, x = nn.ReinforceNormal(1), torch.randn(4, 3)
        module.forward(x)
        with pytest.raises(ValueError, match="call reinforce"):
            module.backward(x, None)
        nn.Sequential().add(nn.Sequential().add(module)).reinforce(np.ones(3))
        with pytest.raises(ValueError, match="reward for 3 samples"):
            module.backward(x, None)
        module.reinforce(np.ones((4, 1)))
        with pytest.raises(ValueError, match="one dimension"):
            module.backward(x, None)
        module.reinforce(np.array([2.0]))
        one = torch.randn(3)
        y = module.forward(one).copy()
        assert np.allclose(module.backward(one, None), -2 * (y - one))

    def test_no_stdev(self):
        with pytest.raises(TypeError, match="without a stdev"):
            nn.ReinforceNormal().forward(torch.randn(2, 3))

    def test_gamma_needs_positive_shapes(self):
        with pytest.raises(ValueError, match="positive"):
            nn.ReinforceGamma(1).forward(np.zeros((2, 2)))


def test_digamma():
    x = np.concatenate([np.geomspace(1e-4, 1e4, 300), [1.4616321449683623]])
    assert np.allclose(digamma(x), special.digamma(x), rtol=1e-12, atol=1e-13)


class TestRewardCriterions:
    def test_right_classes_are_rewarded(self):
        module = nn.ReinforceCategorical()
        criterion = nn.VRClassReward(module, 2)
        y, b = np.array([[0.1, 0.9], [0.8, 0.2], [0.5, 0.5]]), np.array([[0.5], [0.25], [1.0]])
        assert criterion.forward([y, b], np.array([2, 2, 1])) == -4 / 3
        assert np.array_equal(criterion.reward, [2, 0, 2])
        gradY, gradB = criterion.backward([y, b], np.array([2, 2, 1]))
        assert np.allclose(module.reward, np.array([1.5, -0.25, 1]) / 3)
        assert not gradY.any() and np.allclose(gradB, 2 * (b - [[2], [0], [2]]) / 3)
        criterion.sizeAverage = False
        assert criterion.forward([y, b], [2, 2, 1]) == -4
        criterion.backward([y, b], [2, 2, 1])
        assert np.allclose(module.reward, [1.5, -0.25, 1])

    def test_one_sample(self):
        module = nn.ReinforceCategorical()
        criterion = nn.VRClassReward(module)
        sample = [np.array([0.1, 0.9]), np.array([0.5])]
        assert criterion.forward(sample, 2) == -1
        assert [g.shape for g in criterion.backward(sample, 2)] == [(2,), (1,)]
        assert np.array_equal(module.reward, [0.5])

    def test_binary(self):
        module = nn.ReinforceBernoulli()
        criterion = nn.BinaryClassReward(module)
        p, b = np.array([0.7, 0.2, 0.6]), np.array([[0.5], [0.5], [0.5]])
        assert criterion.forward([p, b], np.array([1, 0, 0])) == pytest.approx(-2 / 3)
        criterion.backward([p, b], np.array([1, 0, 0]))
        assert np.allclose(module.reward, np.array([0.5, 0.5, -0.5]) / 3)

    def test_types(self):
        module = nn.Sequential().add(nn.Linear(2, 2))
        criterion = nn.VRClassReward(module).float()
        assert module.type() == "torch.DoubleTensor" and criterion.module is module
        assert criterion.criterion.gradInput.dtype == np.float32
        with pytest.raises(TypeError):
            criterion.forward([np.ones((2, 2)), np.ones((2, 1))], [1, 1])

    def test_baseline_of_another_size(self):
        criterion = nn.VRClassReward(nn.ReinforceCategorical())
        input = [np.ones((3, 2)), np.ones((2, 1))]
        criterion.forward(input, [1, 1, 1])
        with pytest.raises(ValueError, match="baseline for 3 samples"):
            criterion.backward(input, [1, 1, 1])
