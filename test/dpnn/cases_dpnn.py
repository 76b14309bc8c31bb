"""Cases of dpnn's modules and criterions."""

import numpy as np

import nn
import torch7 as torch
from nn.testing import Case, CriterionCase


def softmaxed(*shape):
    return lambda: np.exp(torch.randn(*shape)) / 5


def positive(*shapes):
    made = [lambda shape=shape: np.abs(torch.randn(*shape)) + 0.5 for shape in shapes]
    return made[0] if len(made) == 1 else lambda: [make() for make in made]


def probabilities(*shape):
    return lambda: 0.1 + 0.8 * torch.rand(*shape)


def unigrams(n):
    return np.arange(1.0, n + 1)


def rewarded(module, n=3):
    module.reinforce(torch.randn(n))
    return module


def without_batch_noise(module):
    module.batchnoise = False
    return module


def frozen(module):
    """NCE with its normalization fixed."""
    module.Z.fill(2)
    return module


def images_and_places(*shape):
    places = (*shape[:-3], 2)
    return lambda: [torch.randn(*shape), torch.rand(*places) * 2 - 1]


def words(n, inputSize, classes):
    return lambda: [torch.randn(n, inputSize), torch.random(np.empty(n, np.int64), 1, classes)]


def signs(*shape):
    return lambda: np.sign(torch.randn(*shape))


LEARNS_BY_REWARD = {
    "input_gradient": "gradInput is that of the expected reward",
    "float_and_back": "the reward is that of the module's type; tested beside",
    "any_memory_layout": "the reward has an order of its own; tested beside",
    "batch_of_samples": "the reward belongs to a batch",
    "clear_state": "forgets the reward",
}
PASSED_ON = {"strict_types": "passes tensors of any type on", "buffers_are_reused": "passes the caller's tensors on"}
STRAIGHT_THROUGH = {
    "input_gradient": "treats the sign of a weight as the weight",
    "parameter_gradients": "treats the sign of a weight as the weight",
    "direct_update": "the weights are not those that compute",
}
PRINTS_ITS_OWN = {"printed": "prints without nn."}
WAIVED = {"nn.Reinforce": "a base class", "torch.AliasMultinomial": "no module"}

CASES = [
    Case(lambda: nn.Serial(nn.Linear(4, 3)), (5, 4), batch=True, wrong=((5, 3),)),
    Case(lambda: nn.Serial(nn.Sequential().add(nn.Linear(4, 3)).add(nn.Tanh())).mediumSerial(), (5, 4), name="medium"),
    Case(lambda: nn.ReverseTable(), [(2,), (3, 1), (2, 2)], waive=PASSED_ON, wrong=((2, 2),)),
    Case(
        lambda: nn.Clip(-0.5, 0.6),
        (3, 4),
        batch=True,
        waive={"input_gradient": "the gradient passes where it clips", "buffers_are_reused": "gradInput is gradOutput"},
    ),
    Case(lambda: nn.Clip(-50, 60), (3, 4), name="Clip of nothing", waive={"buffers_are_reused": "is gradOutput"}),
    Case(lambda: nn.ArgMax(1, 1), (3, 4), name="ArgMax", wrong=((0,), (2, 0))),
    Case(lambda: nn.ArgMax(3), (2, 3, 4), name="ArgMax of the last", wrong=((2, 3),)),
    Case(lambda: nn.ArgMax(1, 1, False), (3, 4), name="ArgMax of floats"),
    Case(lambda: nn.TotalDropout(0.5), (3, 4), stochastic=True),
    Case(
        lambda: nn.CategoricalEntropy(0.5),
        softmaxed(3, 4),
        wrong=((4,),),
        waive={"input_gradient": "adds the gradient of the entropy", "buffers_are_reused": "output is the input"},
    ),
    Case(lambda: nn.SpatialUniformCrop(3, 2), (2, 3, 6, 5), stochastic=True, wrong=((3, 2, 5), (5, 5))),
    Case(lambda: nn.SpatialUniformCrop(3, 2), (3, 6, 5), stochastic=True, name="SpatialUniformCrop of an image"),
    Case(
        lambda: nn.SpatialUniformCrop(3, 2, [1.1, 1.5]),
        (2, 3, 6, 5),
        stochastic=True,
        name="SpatialUniformCrop, scaled",
    ),
    Case(
        lambda: nn.SpatialUniformCrop(3, 2), (2, 3, 6, 5), evaluate=True, batch=True, name="SpatialUniformCrop, middle"
    ),
    Case(lambda: nn.SpatialRegionDropout(0.4), (2, 3, 6, 5), stochastic=True, wrong=((5, 5),)),
    Case(lambda: nn.SpatialRegionDropout(0.4), (3, 6, 5), stochastic=True, name="SpatialRegionDropout of an image"),
    Case(
        lambda: nn.SpatialFeatNormalization(torch.randn(3), torch.rand(3) + 1),
        (2, 3, 4, 5),
        batch=True,
        wrong=((2, 4, 5, 5), (4, 5)),
    ),
    Case(
        lambda: nn.SpatialBinaryConvolution(2, 3, 3, 2),
        (2, 2, 6, 5),
        batch=True,
        waive=STRAIGHT_THROUGH | PRINTS_ITS_OWN,
    ),
    Case(
        lambda: nn.SpatialGlimpse(4, 2, 2), images_and_places(3, 2, 9, 9), wrong=([(3, 2, 9, 9), (2, 2)], (2, 2, 9, 9))
    ),
    Case(lambda: nn.SpatialGlimpse([4, 3], 3, 2), images_and_places(2, 1, 10, 12), name="SpatialGlimpse, high"),
    Case(lambda: nn.SpatialGlimpse(3, 3, 1.5), images_and_places(1, 7, 6), name="SpatialGlimpse of an image"),
    Case(
        lambda: nn.SimpleColorTransform(3, torch.rand(3)),
        (2, 3, 4, 5),
        stochastic=True,
        wrong=((2, 4, 5, 5), (4, 5)),
        waive=PRINTS_ITS_OWN,
    ),
    Case(
        lambda: nn.SimpleColorTransform(3, torch.rand(3)),
        (3, 4, 5),
        stochastic=True,
        name="SimpleColorTransform of an image",
        waive=PRINTS_ITS_OWN,
    ),
    Case(
        lambda: nn.PCAColorTransform(3, torch.randn(3, 3), torch.rand(3)),
        (2, 3, 4, 5),
        stochastic=True,
        wrong=((2, 4, 5, 5),),
    ),
    Case(lambda: nn.FireModule(3, 2, 2, 2), (2, 3, 5, 4), wrong=((2, 4, 5, 4),)),
    Case(
        lambda: nn.Inception(
            inputSize=2,
            outputSize=[2, 2],
            reduceSize=[1, 2, 1, 2],
            kernelSize=[3, 1],
            pool=nn.SpatialMaxPooling(3, 3, 1, 1, 1, 1),
        ),
        (2, 2, 5, 4),
        batch=True,
        name="Inception",
        wrong=((2, 3, 5, 4), (5, 4)),
    ),
    Case(
        lambda: nn.Inception(
            inputSize=2,
            outputSize=[2],
            reduceSize=[2],
            kernelSize=[3],
            batchNorm=True,
            transfer=nn.Tanh(),
            reduceStride=[2],
            poolStride=2,
            padding=False,
        ),
        (3, 2, 9, 8),
        name="Inception with batch normalization",
    ),
    # REINFORCE
    Case(lambda: rewarded(nn.ReinforceBernoulli()), probabilities(3, 4), stochastic=True, waive=LEARNS_BY_REWARD),
    Case(lambda: rewarded(nn.ReinforceNormal(0.3)), (3, 4), stochastic=True, waive=LEARNS_BY_REWARD),
    Case(
        lambda: rewarded(nn.ReinforceNormal(torch.rand(4) + 0.5)),
        (3, 4),
        stochastic=True,
        name="ReinforceNormal of a tensor",
        waive=LEARNS_BY_REWARD,
        wrong=((3, 3),),
    ),
    Case(
        lambda: rewarded(nn.ReinforceNormal()),
        positive((3, 4), (3, 4)),
        stochastic=True,
        name="ReinforceNormal of a table",
        waive=LEARNS_BY_REWARD,
        wrong=((3, 4), [(3, 4), (3, 3)]),
    ),
    Case(lambda: rewarded(nn.ReinforceGamma(0.7)), positive((3, 4)), stochastic=True, waive=LEARNS_BY_REWARD),
    Case(
        lambda: rewarded(nn.ReinforceGamma()),
        positive((3, 4), (3, 4)),
        stochastic=True,
        name="ReinforceGamma of a table",
        waive=LEARNS_BY_REWARD,
    ),
    Case(
        lambda: rewarded(nn.ReinforceCategorical()),
        probabilities(3, 4),
        stochastic=True,
        waive=LEARNS_BY_REWARD,
        wrong=((4,),),
    ),
    # noise-contrastive estimation
    Case(
        lambda: frozen(nn.NCEModule(4, 6, 3, unigrams(6))),
        words(5, 4, 6),
        stochastic=True,
        name="NCEModule",
        wrong=((5, 4), words(5, 3, 6)),
    ),
    Case(
        lambda: without_batch_noise(frozen(nn.NCEModule(4, 6, 3, unigrams(6)))),
        words(5, 4, 6),
        stochastic=True,
        name="NCEModule, noise for each sample",
    ),
    # criterions
    CriterionCase(lambda: nn.BinaryLogisticRegression(), (6,), signs(6), wrong=(((6,), (5,)), ((2, 3), (2, 3)))),
    CriterionCase(
        lambda: nn.BinaryLogisticRegression(False), (6, 1), signs(6), name="BinaryLogisticRegression, summed"
    ),
    CriterionCase(
        lambda: nn.SpatialBinaryLogisticRegression(),
        (2, 1, 3, 4),
        signs(2, 1, 3, 4),
        wrong=(((2, 2, 3, 4), (2, 2, 3, 4)), ((1, 3, 4), (1, 4, 3))),
    ),
    CriterionCase(lambda: nn.SpatialBinaryLogisticRegression(), (1, 3, 4), signs(1, 3, 4), name="one map"),
    CriterionCase(
        lambda: nn.NCECriterion(),
        positive((3,), (3, 4), (3,), (3, 4)),
        (3,),
        wrong=(([(3,), (3, 4), (3,), (3, 3)], (3,)), ((3,), (3,))),
        waive={"gradient": "takes the unigrams as constants; tested beside"},
    ),
    CriterionCase(
        lambda: nn.VRClassReward(nn.ReinforceCategorical()),
        [(4, 3), (4, 1)],
        lambda: np.array([1, 2, 3, 1]),
        wrong=(([(4, 3), (4, 1)], lambda: np.array([1, 2])), ((4, 3), lambda: np.array([1, 2, 3, 1]))),
        waive={"gradient": "the reward has no gradient; tested beside"},
    ),
    CriterionCase(
        lambda: nn.BinaryClassReward(nn.ReinforceBernoulli(), 0.5),
        [(4,), (4, 1)],
        lambda: np.array([1, 0, 0, 1]),
        waive={"gradient": "the reward has no gradient; tested beside"},
    ),
]
