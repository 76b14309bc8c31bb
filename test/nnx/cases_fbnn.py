"""Cases of fbnn and fbcunn."""

import numpy as np

import nn
from nn.testing import Case
from nnx import fbnn, onmt

CASES = []


def case(make, input, name, **options):
    CASES.append(Case(make, input, name=name, **options))


case(fbnn.L2Normalize, (3, 4), "fbnn.L2Normalize", batch=True, wrong=((2, 3, 4),))
TURNED = {"input_gradient": "a part of the gradient is taken off"}
case(fbnn.ProjectiveGradientNormalization, (3, 4), "fbnn.ProjectiveGradientNormalization", waive=TURNED)
SCALED = {"parameter_gradients": "the weight is scaled before", "direct_update": "the weight is scaled before"}
case(lambda: fbnn.NormalizedLinearNoBias(3, 2), (4, 3), "fbnn.NormalizedLinearNoBias", waive=SCALED)
case(
    lambda: fbnn.NormalizedLinearNoBias(3, 2),
    (4, 3),
    "fbnn.NormalizedLinearNoBias, evaluation",
    evaluate=True,
    waive={"parameter_gradients": "the bias gets none", "direct_update": "the bias gets none"},
)
case(lambda: fbnn.NestedDropout(0.3), (4, 5), "fbnn.NestedDropout", stochastic=True, wrong=((5,),))
case(lambda: fbnn.IndividualDropout(np.array([0.5, 0, 0.25])), (4, 3), "fbnn.IndividualDropout", stochastic=True)
NONE = {"input_gradient": "it is zero"}
case(lambda: nn.LinearNoBackprop(3, 2), (4, 3), "LinearNoBackprop", batch=True, waive=NONE)
case(lambda: fbnn.Constant(np.arange(6.0).reshape(2, 3)), (4, 3), "fbnn.Constant")
case(lambda: fbnn.Constant(3), (4, 3), "fbnn.Constant of a number")
case(lambda: nn.Upsample(2), (2, 2, 3, 2), "Upsample", batch=True)
case(lambda: nn.TemporalConvolutionFB(3, 2, 3), (2, 5, 3), "TemporalConvolutionFB", batch=True)
case(lambda: nn.UnfoldedTemporalConvolution(3, 2, 3), (2, 5, 3), "UnfoldedTemporalConvolution", wrong=((2, 5, 2),))
case(lambda: nn.UnfoldedTemporalConvolution(3, 2, 4, 1, 2), (3, 3), "UnfoldedTemporalConvolution with a border")
case(lambda: nn.UnfoldedTemporalConvolution(3, 2, 2).noBias(), (2, 4, 3), "UnfoldedTemporalConvolution without bias")
WORDS = {"input_gradient": "words have no gradient", "strict_types": "words are of any type"}
case(
    lambda: nn.WeightedLookupTable(5, 3),
    lambda: np.array([[1, 0.5], [5, 2.0], [1, -1.0]]),
    "WeightedLookupTable",
    waive=WORDS,
    wrong=((3, 3),),
)
case(lambda: nn.ModelParallel(2).add(nn.Linear(3, 2)).add(nn.Linear(3, 4)), (4, 3), "ModelParallel")
case(lambda: nn.TemporalKMaxPooling(2, 0.6), (2, 5, 3), "TemporalKMaxPooling of a share", batch=True)


def unknown_words():
    layer = nn.LookupTableGPU(5, 3, True)
    layer.unk_index = 2
    return layer


case(unknown_words, lambda: np.array([[1.0, 2, 5], [2, 2, 3]]), "LookupTableGPU, unknown words", waive=WORDS)

case(lambda: nn.CrossMapNormalization(3, 0.5, 0.75), (2, 5, 2, 3), "CrossMapNormalization", batch=True, wrong=((3,),))

# OpenNMT
for network in (
    onmt.Network, onmt.LSTM, onmt.GRU, onmt.GlobalAttention, onmt.NoAttention, onmt.Generator, onmt.FeaturesGenerator,
    onmt.FeaturesEmbedding, onmt.Bridge,
):  # fmt: skip
    case(lambda network=network: network(nn.Linear(3, 2)), (4, 3), f"onmt.{network.__name__}", batch=True)
case(
    lambda: onmt.WordEmbedding(nn.LookupTable(5, 3)),
    lambda: np.array([[2.0, 3, 5], [4, 4, 3]]),
    "onmt.WordEmbedding",
    waive=WORDS,
)
case(lambda: onmt.JoinReplicateTable(1, 2), [(4, 3), (1, 2), (4, 1)], "onmt.JoinReplicateTable")
case(lambda: onmt.JoinReplicateTable(1, 1, 2), [(2, 1, 3), (2, 1, 3)], "onmt.JoinReplicateTable, samples")
