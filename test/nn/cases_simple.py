"""Cases of the chapter "simple", with LookupTable and the batch normalisations of images."""

from math import inf

import numpy as np

import nn
import torch7 as torch
from nn.testing import Case

VIEW = {"buffers_are_reused": "output is a view of the caller's input"}
ANY_TYPE = {"strict_types": "takes any type, as in Torch"}
PASSED_ON = {
    "buffers_are_reused": "the caller's own tensors are passed on",
    "strict_types": "passes everything on",
}
NO_DERIVATIVE = {"input_gradient": "gradInput is not the derivative, by design"}


def positive(*shape):
    return lambda: np.abs(torch.randn(*shape)) + 0.5


def apart(*shape):
    """Numbers that differ by 0.1 at least, so that no maximum changes hands."""
    return lambda: (torch.randperm(int(np.prod(shape))).reshape(shape) - 3.25) * 0.1


def indices(highest, *shape, dtype=np.int64):
    return lambda: np.array([torch.random(1, highest) for _ in range(int(np.prod(shape)))], dtype).reshape(shape)


def with_index(shape, highest, n):
    return lambda: [torch.randn(*shape), indices(highest, n)()]


def masked():
    return [torch.randn(2, 5), np.array([[1, 0, 1, 1, 0], [0, 0, 1, 0, 1]], np.uint8)]


def sparse(*samples):
    """Samples of pairs (index, value)."""
    return lambda: [np.array(sample, np.float64) for sample in samples]


LEGACY = sparse([[[1, 0.5], [3, -1.2]], [[2, 0.1], [4, 2.0]]])
PAIRS = {"input_gradient": "the input holds indices; tested by itself"}
PAIRS_LAYOUT = PAIRS | {"buffers_are_reused": "gradInput is a table of new tensors"}
RUNNING = dict.fromkeys(
    [
        "parameter_gradients",
        "direct_update",
        "backward_is_both_parts",
        "scale_and_accumulation",
        "update_parameters",
        "flat_parameters",
        "clone_and_share",
        "clear_state",
        "float_and_back",
        "any_memory_layout",
        "files",
    ],
    "the gradient of weight is a table of rows; tested by itself",
) | {"input_gradient": "the input holds keys"}


def keyed():
    return [np.array([2, 5, 5, 1]), torch.randn(4), np.array([3, 1])]


def partial():
    return nn.PartialLinear(4, 5).setPartition([4, 2])


def dropout_in_evaluation(**settings):
    return Case(lambda: nn.Dropout(0.3, **settings), (3, 4), evaluate=True, name=f"Dropout in evaluation {settings}")


CASES = [
    # maps with parameters
    Case(lambda: nn.Linear(4, 3), (5, 4), batch=True, wrong=((5, 3), (2, 5, 4))),
    Case(lambda: nn.Linear(4, 3, False), (5, 4), batch=True),
    Case(lambda: nn.Linear(4, 3).noBias(), (4,)),
    Case(lambda: nn.LinearWeightNorm(4, 3), (5, 4), batch=True, wrong=((5, 3), (2, 5, 4))),
    Case(lambda: nn.LinearWeightNorm(4, 3, False, 1e-8), (4,)),
    Case(
        lambda: nn.LinearWeightNorm(4, 3),
        (5, 4),
        evaluate=True,
        waive={
            "parameter_gradients": "evaluation keeps the weight of its start",
            "direct_update": "evaluation keeps the weight of its start",
        },
        name="LinearWeightNorm in evaluation",
    ),
    Case(lambda: nn.WeightNorm(nn.Linear(4, 3)), (5, 4), batch=True, wrong=((5, 3),)),
    Case(lambda: nn.WeightNorm(nn.Linear(4, 3, False)), (5, 4), batch=True),
    Case(lambda: nn.WeightNorm(nn.Linear(4, 3), 2), (5, 4), batch=True, name="WeightNorm of columns"),
    Case(
        lambda: nn.SparseLinear(4, 3),
        lambda: sparse([[1, 0.5], [4, -2], [3, 1.5]])()[0],
        waive=PAIRS,
        wrong=((3, 3), (4,), [(2, 3)], sparse([[5, 1.0]]), sparse([[0, 1.0]])),
    ),
    Case(lambda: nn.SparseLinear(4, 3, True), sparse([[1, 0.5], [4, -2]], [[2, 1.5]]), waive=PAIRS_LAYOUT),
    Case(
        lambda: nn.SparseLinear(4, 3, True), lambda: LEGACY()[0], waive=PAIRS_LAYOUT, name="SparseLinear of N x nnz x 2"
    ),
    Case(
        lambda: nn.Bilinear(4, 3, 2), [(5, 4), (5, 3)], wrong=([(5, 4), (4, 3)], [(5, 3), (5, 4)], [(4,), (3,)], (5, 4))
    ),
    Case(lambda: nn.Bilinear(4, 3, 2, False), [(5, 4), (5, 3)]),
    Case(lambda: nn.PartialLinear(4, 5), (3, 4), wrong=((3, 5), (4,))),
    Case(lambda: nn.PartialLinear(4, 5, False), (3, 4)),
    Case(partial, (3, 4), name="PartialLinear of two outputs"),
    Case(lambda: nn.IndexLinear(6, 3), keyed, waive=RUNNING, wrong=((3, 4), [(3,)])),
    Case(lambda: nn.Add(4), (5, 4), batch=True, wrong=((5, 3),)),
    Case(lambda: nn.Add([2, 3]), (5, 2, 3), batch=True),
    Case(lambda: nn.Add(1, True), (5, 2, 3), batch=True),
    Case(lambda: nn.CAdd(2, 3), (5, 2, 3), batch=True, wrong=((5, 3, 3), (5, 2))),
    Case(lambda: nn.CAdd([1, 3, 1]), (5, 3, 2), name="CAdd broadcast"),
    Case(lambda: nn.CAdd(3, 2), (2, 3), name="CAdd of another shape"),
    Case(lambda: nn.Mul(), (5, 4), batch=True),
    Case(lambda: nn.CMul(2, 3), (5, 2, 3), batch=True, wrong=((5, 3, 3), (5, 2))),
    Case(lambda: nn.CMul([1, 3, 1]), (5, 3, 2), name="CMul broadcast"),
    Case(lambda: nn.CMul(3, 2), (2, 3), name="CMul of another shape"),
    Case(lambda: nn.Euclidean(4, 3), (5, 4), batch=True, wrong=((5, 3), (2, 5, 4))),
    Case(lambda: nn.Euclidean(4, 19), (5, 4), name="Euclidean of many centers"),
    Case(lambda: nn.WeightedEuclidean(4, 3), (5, 4), batch=True, wrong=((5, 3), (2, 5, 4))),
    Case(lambda: nn.WeightedEuclidean(4, 3), (4,)),
    Case(lambda: nn.Cosine(4, 3), (5, 4), batch=True, wrong=((5, 3), (2, 5, 4))),
    Case(lambda: nn.Cosine(4, 3), (4,)),
    Case(lambda: nn.Maxout(4, 3, 2), (5, 4), batch=True, wrong=((5, 3),)),
    Case(lambda: nn.Maxout(4, 3, 2, nn.Tanh()), (5, 4), batch=True, name="Maxout with Tanh"),
    Case(
        lambda: nn.Kmeans(3, 4),
        (6, 4),
        wrong=((6, 3), (4,)),
        waive={
            "input_gradient": "assigns centers: gradInput is 0",
            "parameter_gradients": "moves centers to means, whatever gradOutput",
            "direct_update": "moves centers to means, whatever gradOutput",
        },
    ),
    Case(
        lambda: nn.LookupTable(6, 3),
        indices(6, 4),
        wrong=(indices(6, 2, 2, 2), lambda: np.array([7]), lambda: np.array([0])),
    ),
    Case(
        lambda: nn.LookupTable(6, 3),
        indices(6, 4, 5, dtype=np.float64),
        name="LookupTable of floats",
        waive=ANY_TYPE | {"input_gradient": "indices"},
    ),
    Case(
        lambda: nn.LookupTable(6, 3, 2),
        lambda: np.array([2, 3, 2, 1]),
        name="LookupTable with padding",
        waive={"parameter_gradients": "the padding has no gradient", "direct_update": "the padding has no gradient"},
    ),
    Case(lambda: nn.LookupTable(6, 40), indices(6, 4), name="LookupTable of long rows"),
    Case(
        lambda: nn.LookupTable(6, 3, None, 0.8),
        indices(6, 4),
        name="LookupTable with a largest norm",
        waive={"parameter_gradients": "forward scales the rows", "direct_update": "forward scales the rows"},
    ),
    Case(
        lambda: nn.LookupTable(6, 3).scaleGradByFreq(), lambda: np.array([2, 3, 5, 1]), name="LookupTable by frequency"
    ),
    # tensor methods
    Case(lambda: nn.Copy(), (2, 3), waive=PASSED_ON),
    Case(lambda: nn.Copy(None, None, True), (2, 3), waive=ANY_TYPE, name="Copy forced"),
    Case(
        lambda: nn.Copy("torch.DoubleTensor", "torch.FloatTensor"),
        (2, 3),
        name="Copy to float",
        waive=ANY_TYPE
        | {
            "input_gradient": "output is in single precision",
            "float_and_back": "converts between types",
            "modes_and_chaining": "keeps its two types",
        },
    ),
    Case(lambda: nn.Narrow(1, 2), (4, 3), waive=ANY_TYPE, wrong=((1, 3),)),
    Case(lambda: nn.Narrow(-1, 2, -2), (4, 5), waive=ANY_TYPE),
    Case(lambda: nn.Narrow(1, -1, 2), (5, 2), waive=ANY_TYPE),
    Case(lambda: nn.Replicate(3), (4,), waive=VIEW),
    Case(lambda: nn.Replicate(3, 2), (4, 2), waive=VIEW, wrong=((),)),
    Case(lambda: nn.Replicate(3, 1, 1), (4, 2), batch=True, waive=VIEW),
    Case(lambda: nn.Reshape(3, 2), (5, 6), waive=VIEW, wrong=((5, 5),)),
    Case(lambda: nn.Reshape([3, 2], True), (1, 6), waive=VIEW),
    Case(lambda: nn.Reshape(6, False), (2, 3), waive=VIEW),
    Case(lambda: nn.View(3, 2), (5, 6), batch=True, waive=VIEW | ANY_TYPE, wrong=((5, 5),)),
    Case(lambda: nn.View(-1).setNumInputDims(2), (5, 2, 3), waive=VIEW | ANY_TYPE, wrong=((5,),)),
    Case(lambda: nn.Collapse(2), (5, 2, 3), batch=True, waive=VIEW),
    Case(lambda: nn.Contiguous(), (5, 3), batch=True, waive=VIEW),
    Case(lambda: nn.Select(2, 2), (4, 3), wrong=((4, 1), (4,))),
    Case(lambda: nn.Select(-1, -1), (4, 3)),
    Case(lambda: nn.Select(1, 2), (4,)),
    Case(lambda: nn.MaskedSelect(), masked, wrong=((2, 5), [(2, 5), (2, 5)])),
    Case(lambda: nn.Index(1), with_index((4, 3), 4, 5), wrong=(with_index((2, 3), 4, 5), (4, 3))),
    Case(lambda: nn.Index(2), with_index((2, 4, 3), 4, 5)),
    Case(lambda: nn.Squeeze(), (2, 1, 3, 1), waive=VIEW),
    Case(lambda: nn.Squeeze(2), (2, 1, 3, 1), waive=VIEW, wrong=((2,),)),
    Case(lambda: nn.Squeeze(2, 3), (5, 2, 1, 3), batch=True, waive=VIEW),
    Case(lambda: nn.Squeeze(), (1, 1), waive=VIEW, name="Squeeze of one element"),
    Case(lambda: nn.Unsqueeze(2), (4, 3), waive=VIEW, wrong=((4,),)),
    Case(lambda: nn.Unsqueeze(2, 2), (5, 4, 3), batch=True, waive=VIEW),
    Case(lambda: nn.Transpose([1, 2]), (4, 3), wrong=((4,),)),
    Case(lambda: nn.Transpose([1, 2], [2, 3]), (2, 3, 4)),
    Case(lambda: nn.Transpose([1, 2]).setNumInputDims(2), (5, 3, 4), batch=True),
    # mathematical methods
    *[
        case
        for layer in (nn.Max, nn.Min)
        for case in (
            Case(lambda layer=layer: layer(), apart(4, 3), wrong=((0, 3),)),
            Case(lambda layer=layer: layer(-1), apart(4, 3), name=f"{layer.__name__} of the last"),
            Case(lambda layer=layer: layer(1, 2), apart(4, 3, 2), batch=True, name=f"{layer.__name__} of a batch"),
            Case(lambda layer=layer: layer(3), apart(2, 3, 4), wrong=((2, 3),)),
            Case(lambda layer=layer: layer(), apart(5)),
        )
    ],
    *[
        case
        for layer in (nn.Sum, nn.Mean)
        for case in (
            Case(lambda layer=layer: layer(), (4, 3)),
            Case(lambda layer=layer: layer(-1), (4, 3), name=f"{layer.__name__} of the last"),
            Case(lambda layer=layer: layer(1, 2), (4, 3, 2), batch=True, name=f"{layer.__name__} of a batch"),
            Case(lambda layer=layer: layer(3), (2, 3, 4), wrong=((2, 3),)),
            Case(lambda layer=layer: layer(), (5,)),
        )
    ],
    Case(lambda: nn.Sum(2, None, True, False), (4, 3), name="Sum that keeps its dimension"),
    Case(lambda: nn.Exp(), (5, 3), batch=True),
    Case(lambda: nn.Log(), positive(5, 3), batch=True),
    Case(lambda: nn.Abs(), apart(5, 3), batch=True),
    Case(lambda: nn.Square(), (5, 3), batch=True),
    Case(lambda: nn.Sqrt(), positive(5, 3), batch=True),
    Case(lambda: nn.Power(3), (5, 3), batch=True),
    Case(lambda: nn.Power(-0.5), positive(5, 3), batch=True),
    Case(lambda: nn.Clamp(-0.4, 0.7), apart(5, 3), batch=True),
    Case(
        lambda: nn.Clamp(-0.4, 0.7, True),
        apart(5, 3),
        inplace=True,
        name="Clamp in place",
        waive={"buffers_are_reused": "works in the caller's own tensors"},
    ),
    *[
        Case(lambda p=p: nn.Normalize(p), apart(4, 5), batch=True, wrong=((2, 3, 4),))
        for p in (1, 1.5, 2, 3, 4, 2.5, inf)
    ],
    Case(lambda: nn.Normalize(2, 0.1), (5,)),
    *[
        case
        for a in (False, True)
        for b in (False, True)
        for case in (
            Case(
                lambda a=a, b=b: nn.MM(a, b),
                [(2, 3)[:: -1 if a else 1], (3, 4)[:: -1 if b else 1]],
                wrong=([(2, 3), (5, 4)[:: -1 if b else 1]], [(2, 3)], [(2, 3), (3,)]),
                name=f"MM({a}, {b})",
            ),
            Case(
                lambda a=a, b=b: nn.MM(a, b),
                [(5, *(2, 3)[:: -1 if a else 1]), (5, *(3, 4)[:: -1 if b else 1])],
                wrong=([(5, 2, 3), (4, 3, 4)],),
                name=f"MM({a}, {b}) of batches",
            ),
        )
    ],
    Case(lambda: nn.MV(), [(2, 3), (3,)], wrong=([(2, 3), (2,)], [(2, 3), (3, 1)])),
    Case(lambda: nn.MV(True), [(2, 3), (2,)]),
    Case(lambda: nn.MV(), [(5, 2, 3), (5, 3)], wrong=([(5, 2, 3), (4, 3)],)),
    Case(lambda: nn.MV(True), [(5, 2, 3), (5, 2)]),
    # the rest
    Case(lambda: nn.BatchNormalization(4), (5, 4), wrong=((5, 3), (4,), (5, 4, 2))),
    Case(lambda: nn.BatchNormalization(70, 1e-3, 0.3, False), (3, 70)),
    Case(lambda: nn.BatchNormalization(4), (1, 4), name="BatchNormalization of one sample"),
    Case(lambda: nn.BatchNormalization(4), (5, 4), evaluate=True, name="BatchNormalization in evaluation"),
    Case(lambda: nn.BatchNormalization(4), (4,), evaluate=True, name="BatchNormalization of a vector in evaluation"),
    Case(lambda: nn.SpatialBatchNormalization(2), (3, 2, 3, 4), wrong=((3, 3, 3, 4), (2, 3, 4))),
    Case(lambda: nn.SpatialBatchNormalization(2, None, None, False), (3, 2, 3, 4)),
    Case(
        lambda: nn.SpatialBatchNormalization(2), (2, 3, 4), evaluate=True, name="SpatialBatchNormalization of an image"
    ),
    Case(lambda: nn.VolumetricBatchNormalization(2), (3, 2, 2, 3, 2), wrong=((3, 3, 2, 3, 2),)),
    Case(lambda: nn.PixelShuffle(2), (3, 8, 2, 3), batch=True, wrong=((3, 6, 2, 3), (8, 2))),
    Case(lambda: nn.PixelShuffle(3), (9, 2, 3)),
    Case(lambda: nn.Identity(), (3, 4), batch=True, waive=PASSED_ON),
    Case(lambda: nn.Identity(1, "ignored"), [(3, 4), [(2,)]], name="Identity of a table", waive=PASSED_ON),
    Case(lambda: nn.Dropout(), (3, 4), stochastic=True),
    Case(lambda: nn.Dropout(0.3, True), (3, 4), stochastic=True, name="Dropout of version 1"),
    Case(
        lambda: nn.Dropout(0.3, None, True),
        (3, 4),
        stochastic=True,
        inplace=True,
        name="Dropout in place",
        waive={"buffers_are_reused": "works in the caller's own tensors"},
    ),
    Case(lambda: nn.Dropout(0.3, None, None, True, True), (3, 4), stochastic=True, name="Dropout lazy and mono"),
    Case(lambda: nn.Dropout(0), (3, 4), name="Dropout of nothing"),
    dropout_in_evaluation(),
    dropout_in_evaluation(v1=True),
    dropout_in_evaluation(stochasticInference=True),
    Case(lambda: nn.SpatialDropout(), (3, 4, 2, 2), stochastic=True, wrong=((3, 4),)),
    Case(lambda: nn.SpatialDropout(0.3, True), (4, 2, 2), evaluate=True, stochastic=True, name="SpatialDropout always"),
    Case(lambda: nn.VolumetricDropout(0.3), (3, 4, 2, 2, 2), stochastic=True, wrong=((3, 4, 2),)),
    Case(lambda: nn.Padding(1, 2, 1, -1), (3,)),
    Case(lambda: nn.Padding(1, -2, 1, -1), (4, 3), batch=True),
    Case(lambda: nn.Padding(1, -2, 2, 0.5, 2), (5, 4, 3), batch=True),
    Case(lambda: nn.Padding(2, 1, None, None, 2), (4, 3), wrong=((4,),)),
    Case(lambda: nn.L1Penalty(0.3), (3, 4), waive=VIEW | NO_DERIVATIVE),
    Case(lambda: nn.L1Penalty(0.3, True, False), (3, 4), waive=VIEW | NO_DERIVATIVE, name="L1Penalty alone"),
    Case(lambda: nn.GradientReversal(0.5), (3, 4), waive=VIEW | NO_DERIVATIVE),
    Case(lambda: nn.TemporalDynamicKMaxPooling(2), apart(5, 3), wrong=((1, 3), (5,))),
    Case(lambda: nn.TemporalDynamicKMaxPooling(2, 0.6), apart(4, 5, 3), batch=True),
    Case(lambda: nn.Constant(3.5), (2, 3)),
    Case(lambda: nn.Constant(np.arange(6.0).reshape(2, 3), 1), (4, 5), name="Constant of a batch"),
    Case(lambda: nn.Convert("bchw", "bf"), (3, 2, 2, 2), batch=True, wrong=((3, 2),), waive=VIEW | ANY_TYPE),
    Case(lambda: nn.Convert("chw", "hwc"), (3, 2, 2, 2), batch=True, waive=ANY_TYPE),
    Case(lambda: nn.Convert("hwcb", "bf"), (3, 2, 2, 4), name="Convert of a batch at the end", waive=ANY_TYPE),
    Case(lambda: nn.Convert("bt", "b"), (4, 3), name="Convert to one word", waive=ANY_TYPE),
    Case(lambda: nn.Convert(), (4, 3), name="Convert of the type", waive=PASSED_ON),
    Case(lambda: nn.OneHot(5), indices(5, 3, 2), wrong=(lambda: np.array([6]), lambda: np.array([0]))),
    Case(lambda: nn.WhiteNoise(0.1, 0.5), (3, 4), stochastic=True),
    Case(lambda: nn.ZeroGrad(), (3, 4), waive=PASSED_ON | NO_DERIVATIVE),
    Case(lambda: nn.ZeroGrad(), [(3, 4), [(2,)]], waive=PASSED_ON | NO_DERIVATIVE, name="ZeroGrad of a table"),
    Case(lambda: nn.PrintSize(), (3, 4), waive=PASSED_ON),
    Case(lambda: nn.FeatureLPPooling(2, 1, 2, False), positive(5, 2, 2), wrong=((1,), (5, 2, 2, 2))),
    Case(lambda: nn.FeatureLPPooling(3, 2, 2.5, True), positive(4, 7, 2), batch=False),
    Case(lambda: nn.LayerNormalization(5), (4, 5), batch=True, wrong=((4, 6),)),
    Case(
        lambda: nn.LayerNormalization(5, 0.5, 1e-3, False),
        (4, 5),
        batch=True,
        name="LayerNormalization without weights",
    ),
]
