"""Cases of nnx's later layers, of styles and of waifu2x."""

import numpy as np

import nn
import nnx
from nn.testing import Case
from nnx import waifu2x

CASES = []


def case(make, input, name, **options):
    CASES.append(Case(make, input, name=name, **options))


RANDOM = np.random.default_rng(7)
case(lambda: nn.SpatialDownSampling(2, 3), (2, 3, 7, 5), "SpatialDownSampling", batch=True, wrong=((2, 2, 5), (4, 4)))
case(
    lambda: nn.SpatialMaxSampling(owidth=3, oheight=2),
    (2, 3, 5, 4),
    "SpatialMaxSampling",
    batch=True,
    wrong=((3, 1, 4),),
)
for mode, size in (("bilinear", (5, 7)), ("simple", (5, 7)), ("simple", (2, 2)), ("average", (2, 2))):
    case(
        lambda mode=mode, size=size: nn.SpatialReSamplingEx(oheight=size[0], owidth=size[1], mode=mode),
        (3, 4, 5),
        f"SpatialReSamplingEx, {mode} to {size}",
        wrong=((4, 5),),
    )
case(
    lambda: nn.SpatialReSamplingEx({"rheight": 0.5, "rwidth": 0.5, "mode": "average", "yDim": 1, "xDim": 2}),
    (4, 5, 3),
    "SpatialReSamplingEx, channels last",
)
IMAGES = [(2, 4, 5), (2, 5, 6)]
case(lambda: nn.SpatialMatching(3, 2), IMAGES, "SpatialMatching", wrong=([(2, 4, 5), (3, 5, 6)], (2, 4, 5)))
case(lambda: nn.SpatialMatching(3, 4, True), [(2, 4, 5), (2, 4, 5)], "SpatialMatching, all pixels")
case(
    lambda: nn.SpatialRadialMatching(3),
    [(2, 4, 5), (2, 5, 5)],
    "SpatialRadialMatching",
    wrong=([(2, 4, 5), (2, 2, 5)],),
)
for settings in ({}, {"normalize": False}, {"dist": "cosine"}, {"dist": "cosine", "normalize": False}):
    case(
        lambda settings=settings: nn.SpatialGraph(settings),
        lambda: np.random.default_rng(3).uniform(0.1, 1, (3, 4, 5)),
        f"SpatialGraph {settings}",
        wrong=((3, 4),),
    )


def pyramid(focused):
    processors = [nn.SpatialConvolution(2, 3, 3, 3), nn.Sequential().add(nn.SpatialConvolution(2, 2, 3, 3))]
    net = nn.SpatialPyramid([1, 2], processors, 3, 3, 1, 1)
    if focused:
        net.focus(5, 4, 2, 2)
    return net


NAMED = {"printed": "it prints its name alone, as in nnx"}
case(lambda: pyramid(False), (2, 6, 8), "SpatialPyramid", waive=NAMED, wrong=((2, 5, 8),))
case(lambda: pyramid(True), (2, 6, 8), "SpatialPyramid, focused", waive=NAMED)
CONSTANT = {"input_gradient": "the shares of the categories count as constants"}
MEMORY = {"clone_and_share": "it remembers batches", "any_memory_layout": "it remembers batches"}


def balanced():
    layer = nn.Balance(1)
    layer.nBatch = 1
    return layer


PROBABLE = lambda: np.random.default_rng(2).uniform(0.1, 1, (3, 4))
case(balanced, PROBABLE, "Balance", waive=CONSTANT, wrong=((3,),))
case(balanced, PROBABLE, "Balance, evaluation", evaluate=True)
TABLE = {"buffers_are_reused": "entries pass", "strict_types": "tensors of any type pass"}
case(lambda: nn.PushTable(2), [(2, 3), (2, 2), (4,)], "PushTable", waive={**TABLE, "input_gradient": "no PullTable"})


def pushed():
    push = nn.PushTable(2)
    return nn.Sequential().add(push).add(nn.MapTable(nn.Tanh())).add(push.pull(1))


case(pushed, [(2, 3), (2, 2), (2, 4)], "PushTable and PullTable", waive=TABLE)
case(nn.MultiSoftMax, (2, 3, 4), "MultiSoftMax", wrong=((2,), (2, 2, 2, 2)))
case(nn.MultiSoftMax, (2, 3), "MultiSoftMax of rows")
TREE = {1: [2, 3, 4], 2: [5, 6], 4: [7, 8, 9]}
case(
    lambda: nn.SoftMaxForest(3, [TREE, {1: [2, 3, 5, 6, 9]}], [1, 1], [4]),
    lambda: [np.random.default_rng(6).standard_normal((4, 3)), np.array([3, 5, 9, 6])],
    "SoftMaxForest",
    waive={"buffers_are_reused": "leaves are of any type", "any_memory_layout": "leaves are of any type"},
)
case(lambda: nn.PixelSort(2), (2, 3, 4, 6), "PixelSort", batch=True, wrong=((3, 3, 6),))
PASSES = {"buffers_are_reused": "the output is the input", "strict_types": "anything passes"}
case(lambda: nn.Probe(name="here"), (2, 3), "Probe", waive=PASSES)
case(lambda: nn.Tic("a"), (2, 3), "Tic", waive=PASSES)
case(lambda: nn.Toc("b"), (2, 3), "Toc", waive=PASSES)
TURNED = dict.fromkeys(
    ("parameter_gradients", "direct_update", "scale_and_accumulation", "backward_is_both_parts", "update_parameters"),
    "the metric turns what is accumulated",
)
case(lambda: nnx.QDRiemaNNLinear(3, 2), (4, 3), "QDRiemaNNLinear", waive=TURNED)

# styles
ADDED = {"input_gradient": "the gradient of a loss is added", "buffers_are_reused": "output is the input"}
case(lambda: nn.DeepDreamLoss(0.5, 1), (2, 3), "DeepDreamLoss", waive=ADDED)


def means():
    loss = nn.StyleLoss(2, "L2", "mean")
    loss.setMode("capture")
    loss.forward(np.linspace(-1, 1, 24).reshape(2, 3, 2, 2))
    loss.setMode("loss")
    return loss


case(means, (2, 3, 2, 2), "StyleLoss of means", waive=ADDED)

# waifu2x
case(
    waifu2x.ShakeShakeTable,
    [(2, 3, 2), (2, 3, 2)],
    "w2nn.ShakeShakeTable",
    stochastic=True,
    waive={"input_gradient": "backward has shares of its own"},
    wrong=([(2, 3), (2, 2)],),
)
case(lambda: waifu2x.GradWeight(0.5), (2, 3), "w2nn.GradWeight", waive={"input_gradient": "it is scaled"})
case(waifu2x.DepthExpand2x, (2, 8, 3, 2), "w2nn.DepthExpand2x", wrong=((2, 6, 3, 2),))
FIXED = dict.fromkeys(("parameter_gradients", "direct_update", "update_parameters"), "its filters are not learned")
case(lambda: waifu2x.EdgeFilter(2), (2, 2, 4, 5), "w2nn.EdgeFilter", waive=FIXED)
case(lambda: waifu2x.RandomBinaryConvolution(2, 3, 3, 2), (2, 2, 4, 5), "w2nn.RandomBinaryConvolution", waive=FIXED)

# deepmask
case(lambda: nn.SpatialConstDiagonal(3), (2, 3, 2, 2), "SpatialConstDiagonal", batch=True)
