"""Cases of nnx: every class and its forms of input."""

import numpy as np

import nn
import nnx
from nn.testing import Case
from nnx import cudnn, inn, waifu2x

CASES = []


def case(make, input, name, **options):
    CASES.append(Case(make, input, name=name, **options))


def whole(low, high, *shape):
    """A function that returns whole numbers from ``low`` to ``high``."""
    return lambda: np.random.default_rng(3).integers(low, high + 1, shape).astype(np.float64)


NO_INDEX_GRADIENT = {"input_gradient": "tokens have no gradient", "strict_types": "tokens are of any type"}
TOKENS = {**NO_INDEX_GRADIENT, "batch_of_samples": "sequences are always a batch"}


def remembering(make):
    layer = make()
    layer.remember_states = True
    return layer


# torch-rnn
SEQUENCES = (2, 3, 4)
for layer in (nnx.torch_rnn.LSTM, nnx.torch_rnn.GRU, nnx.VanillaRNN):
    name = f"torch-rnn {layer.__name__}"
    case(lambda layer=layer: layer(4, 5), SEQUENCES, name, wrong=((3, 4), (2, 3, 5)))
    case(lambda layer=layer: layer(4, 5), [(2, 5), SEQUENCES], f"{name} with h0", wrong=([(3, 5), SEQUENCES],))
    case(lambda layer=layer: layer(4, 5), (1, 1, 4), f"{name}, one step of one sample")
case(lambda: nn.GRIDGRU(4, 5), SEQUENCES, "GRIDGRU", wrong=((3, 4), (2, 3, 5)))
case(lambda: nn.GRIDGRU(4, 3), [(2, 3), SEQUENCES], "GRIDGRU with h0")
case(lambda: nnx.torch_rnn.LSTM(4, 5), [(2, 5), (2, 5), SEQUENCES], "torch-rnn LSTM with c0 and h0")
case(lambda: nn.TemporalAdapter(nn.Linear(4, 2)), SEQUENCES, "TemporalAdapter", wrong=((2, 4),))


def language_model(**settings):
    given = {"idx_to_token": list("abcde"), "wordvec_size": 3, "rnn_size": 4, "num_layers": 2, **settings}
    model = nn.LanguageModel(given)
    for layer in model.rnns:
        layer.remember_states = False
    return model


INDICES = {"input_gradient": "tokens have no gradient", "strict_types": "tokens are of any type"}
case(lambda: language_model(), whole(1, 5, 2, 3), "LanguageModel", waive=INDICES, wrong=((2, 3, 4),))
case(lambda: language_model(model_type="rnn", batchnorm=1), whole(1, 5, 2, 3), "LanguageModel, rnn", waive=INDICES)
case(lambda: language_model(dropout=0.5), whole(1, 5, 2, 3), "LanguageModel, dropout", waive=INDICES, stochastic=True)

# char-rnn
case(lambda: nnx.OneHot(5), whole(1, 5, 4), "OneHot of char-rnn", waive=INDICES)

# nnx
IMAGE, IMAGES = (2, 6, 7), (2, 3, 6, 7)
case(lambda: nn.SpatialPadding(1, 2, 0, -1), IMAGES, "SpatialPadding", batch=True)
case(lambda: nn.SpatialClassifier(nn.Linear(3, 2)), IMAGES, "SpatialClassifier", batch=True, wrong=((3, 4),))
case(lambda: nn.SpatialClassifier().add(nn.Linear(2, 4)).add(nn.Tanh()), IMAGE, "SpatialClassifier of one image")


def rows_of_pixels():
    classifier = nn.SpatialClassifier(nn.Linear(3, 2))
    classifier.spatialOutput = False
    return classifier


case(rows_of_pixels, IMAGES, "SpatialClassifier, rows")
KERNEL = np.outer([1.0, 2, 1], [1, 2, 3, 2, 1])
CONSTANT = {"input_gradient": "the mean of the deviations counts as a constant"}
NORMALIZED = {"waive": CONSTANT, "wrong": ((3, 6, 7), (2,))}
case(lambda: nn.SpatialNormalization(2, KERNEL), IMAGE, "SpatialNormalization", **NORMALIZED)
case(
    lambda: nn.SpatialNormalization(3, [np.ones((3, 1)), np.ones((1, 5))]),
    IMAGES,
    "SpatialNormalization of a batch",
    batch=True,
    waive=CONSTANT,
)
case(lambda: nn.SpatialNormalization(1, KERNEL), (6, 7), "SpatialNormalization of a plane", waive=CONSTANT)

case(lambda: nn.SpatialLinear(2, 4), (*IMAGES[:1], 2, 4, 5), "SpatialLinear", batch=True, wrong=((3, 4, 5), (2, 4)))
case(lambda: nn.SpatialUpSampling(2, 3), (2, 2, 3, 2), "SpatialUpSampling", batch=True, wrong=((2, 3),))
case(lambda: nn.SpatialReSampling(owidth=5, oheight=2), (2, 2, 3, 4), "SpatialReSampling", batch=True, wrong=((2, 3),))
case(lambda: nn.SpatialReSampling({"rwidth": 0.5, "rheight": 2}), (2, 3, 4), "SpatialReSampling by ratios")
case(lambda: nn.SpatialColorTransform("rgb2yuv"), (2, 3, 2, 3), "SpatialColorTransform", batch=True, wrong=((2, 2, 3),))
case(lambda: nn.SpatialColorTransform("rgb2y"), (3, 2, 3), "SpatialColorTransform to grey")
case(nn.Minus, (2, 3, 4), "Minus")

# fast-neural-style, neural-style
case(lambda: nn.InstanceNormalization(2), (3, 2, 4, 5), "InstanceNormalization", batch=True, wrong=((3, 4, 5), (2, 4)))
case(lambda: nn.InstanceNormalization(2), (3, 2, 1, 1), "InstanceNormalization of one pixel")
case(lambda: nn.InstanceNormalization(2, 1e-3, 0.1, False), (1, 2, 3, 3), "InstanceNormalization, not affine")
case(lambda: nn.ShaveImage(1), (2, 2, 4, 5), "ShaveImage", batch=True, wrong=((2, 2, 2), (4, 5)))
ADDED = {"input_gradient": "the gradient of a loss is added", "buffers_are_reused": "output is the input"}
case(lambda: nn.TotalVariation(0.5), (2, 2, 4, 5), "TotalVariation", batch=True, wrong=((4, 5),), waive=ADDED)
case(lambda: nn.TVLoss(0.5), (2, 4, 5), "TVLoss", waive=ADDED)
case(lambda: nn.GramMatrix(), (2, 3, 4, 5), "GramMatrix", batch=True, wrong=((4, 5),))
case(lambda: nn.GramMatrix(False), (3, 4, 5), "GramMatrix, sums")


def with_target(loss, size):
    loss.setMode("capture")
    loss.forward(np.linspace(-1, 1, np.prod(size)).reshape(size))
    loss.setMode("loss")
    return loss


PASSES = {**ADDED, "wrong_input": "any size passes in other modes"}
case(lambda: with_target(nn.ContentLoss(2), (2, 3, 2, 2)), (2, 3, 2, 2), "ContentLoss", waive=ADDED, wrong=((3, 3),))
case(lambda: with_target(nn.StyleLoss(2, "SmoothL1"), (3, 2, 2)), (2, 3, 2, 2), "StyleLoss", waive=ADDED)
case(lambda: nn.ContentLoss(), (2, 3), "ContentLoss, nothing", waive={"buffers_are_reused": "they pass"})


def old_style_loss():
    loss = nn.StyleLoss(3, np.eye(3), True)
    del loss.agg
    loss.gram = nn.GramMatrix(False)
    return loss


case(lambda: nn.ContentLoss(3, np.ones((3, 2, 2)), True), (3, 2, 2), "ContentLoss of neural-style", waive=ADDED)
case(old_style_loss, (3, 2, 2), "StyleLoss of neural-style", waive=ADDED)

# stn
case(lambda: nn.AffineTransformMatrixGenerator(), (3, 6), "AffineTransformMatrixGenerator", batch=True, wrong=((3, 5),))
case(lambda: nn.AffineTransformMatrixGenerator(True, True, True), (3, 4), "Affine, all", batch=True, wrong=((3, 6),))
case(lambda: nn.AffineTransformMatrixGenerator(True), (3, 1), "Affine, rotation", batch=True)
case(lambda: nn.AffineTransformMatrixGenerator(False, True, True), (3, 3), "Affine, scale and translation", batch=True)
case(lambda: nn.AffineGridGeneratorBHWD(3, 4), (2, 2, 3), "AffineGridGeneratorBHWD", batch=True, wrong=((2, 3, 2),))


def places():
    random = np.random.default_rng(5)
    return [random.standard_normal((2, 4, 5, 3)), random.uniform(-1.3, 1.3, (2, 3, 2, 2))]


case(nn.BilinearSamplerBHWD, places, "BilinearSamplerBHWD", wrong=([(2, 4, 5, 3), (1, 3, 2, 2)], (2, 3)))
case(nn.BilinearSamplerBHWD, lambda: [x[0] for x in places()], "BilinearSamplerBHWD of one image")

# inn
IN_PLACE = {"buffers_are_reused": "the output is the input"}


def affine(inplace=None):
    layer = inn.ConstAffine(3, inplace)
    layer.a[...], layer.b[...] = np.array([2, -1, 0.5]).reshape(1, 3, 1, 1), 0.25
    return layer


case(affine, (2, 3, 2, 2), "inn.ConstAffine", batch=True, wrong=((2, 2, 2, 2),))
case(lambda: affine(True), (2, 3), "inn.ConstAffine, in place", inplace=True, waive=IN_PLACE)
case(
    lambda: inn.MeanSubtraction(np.array([1.0, 2])), (3, 2, 2, 3), "inn.MeanSubtraction", batch=True, wrong=((3, 2, 2),)
)
case(lambda: inn.SpatialMaxPooling(2, 2, 2, 2), (2, 2, 5, 5), "inn.SpatialMaxPooling", batch=True)
case(lambda: inn.SpatialAveragePooling(2, 2, 2, 2), (2, 2, 5, 5), "inn.SpatialAveragePooling", batch=True)
case(lambda: inn.SpatialPyramidPooling([1, 1], [2, 2]), (2, 2, 4, 5), "inn.SpatialPyramidPooling", batch=True)
case(lambda: inn.SpatialSameResponseNormalization(3, 0.5), (2, 2, 4, 4), "inn.SpatialSameResponseNormalization")
ROIS = np.array([[1.0, 1, 1, 4, 4], [2, 2, 1, 6, 3], [2, 5, 4, 5, 4], [1, 9, 9, 12, 12]])


def regions():
    return [np.random.default_rng(2).standard_normal((2, 2, 4, 6)), ROIS.copy()]


NO_REGION_GRADIENT = {"input_gradient": "the corners of regions are rounded"}
case(lambda: inn.ROIPooling(2, 3), regions, "inn.ROIPooling", waive=NO_REGION_GRADIENT, wrong=([(2, 3), (2, 5)],))


def positive():
    x = np.random.default_rng(4).uniform(0.1, 1, (2, 2, 4, 5))
    x[0, 0, :2, :2] = 0
    return x


POSITIVE = {"input_gradient": "of a window of zeros there is none"}
case(
    lambda: inn.SpatialStochasticPooling(2, 2),
    positive,
    "inn.SpatialStochasticPooling",
    stochastic=True,
    waive={"input_gradient": "the draw jumps"},
    wrong=((1, 1, 1),),
)
case(
    lambda: inn.SpatialStochasticPooling(2, 2, 1, 1),
    lambda: positive()[1:],
    "inn.SpatialStochasticPooling, mean",
    evaluate=True,
)

# fbnn
case(lambda: nn.LinearNB(3, 2), (4, 3), "LinearNB", batch=True)
case(lambda: nn.LookupTableGPU(5, 3), whole(1, 5, 2, 4), "LookupTableGPU", waive=INDICES)
case(lambda: nn.LookupTableGPU(5, 3, True), whole(1, 5, 2, 4), "LookupTableGPU, features first", waive=INDICES)
case(lambda: nn.TemporalConvolutionTBC(3, 2, 3, 1), (5, 2, 3), "TemporalConvolutionTBC", wrong=((5, 3), (5, 2, 2)))
case(lambda: nn.TemporalConvolutionTBC(3, 2, 2).noBias(), (4, 1, 3), "TemporalConvolutionTBC without bias")
case(lambda: nn.TemporalKMaxPooling(2), (2, 5, 3), "TemporalKMaxPooling", batch=True, wrong=((1, 3),))

# waifu2x
case(lambda: waifu2x.LeakyReLU(0.1), (2, 3), "w2nn.LeakyReLU")
CUT = {"input_gradient": "the gradient passes where the input was cut", **IN_PLACE}
case(waifu2x.InplaceClip01, (3, 4), "w2nn.InplaceClip01", inplace=True, waive=CUT)
case(waifu2x.ScaleTable, [(2, 3, 2, 2), (2, 3, 1, 1)], "w2nn.ScaleTable", wrong=([(2, 3, 2, 2), (2, 2, 1, 1)],))
ENTRIES = {"buffers_are_reused": "they pass", "strict_types": "tensors of any type pass"}
case(waifu2x.AuxiliaryLossTable, [(2, 3), (2, 2)], "w2nn.AuxiliaryLossTable", waive=ENTRIES)
case(
    lambda: waifu2x.AuxiliaryLossTable(2),
    [(2, 3), (2, 2)],
    "w2nn.AuxiliaryLossTable, evaluation",
    evaluate=True,
    waive=ENTRIES,
)

# others
case(
    lambda: nn.SpatialSymmetricPadding(2, 1, 3, -1),
    (2, 2, 4, 3),
    "SpatialSymmetricPadding",
    batch=True,
    waive={"input_gradient": "the border counts as a constant"},
)
case(nn.Rectifier, (3, 4), "Rectifier")
case(nn.Sampler, [(2, 3), (2, 3)], "Sampler", stochastic=True, wrong=([(2, 3), (2, 2)],))


def deep_mask():
    trunk = nn.Sequential().add(nn.Linear(3, 4)).add(nn.Tanh())
    return nn.DeepMask(trunk, nn.Linear(4, 5), nn.Linear(4, 1))


case(deep_mask, (2, 3), "DeepMask")
case(lambda: nn.DataParallelTable(1).add(nn.Linear(3, 2), [1, 2]), (4, 3), "DataParallelTable", batch=True)
case(lambda: nn.DataParallel(1).add(nn.Linear(3, 2)), (4, 3), "DataParallel", batch=True)

# cudnn
case(
    lambda: cudnn.SpatialConvolution(4, 6, 3, 2, 1, 1, 1, 0, 2),
    (2, 4, 4, 5),
    "cudnn.SpatialConvolution",
    batch=True,
    wrong=((2, 2, 4, 5),),
)
case(lambda: cudnn.SpatialConvolution(3, 3, 3, 3, 1, 1, 1, 1, 3).noBias(), (3, 4, 4), "cudnn, a group for each plane")
case(
    lambda: cudnn.VolumetricConvolution(4, 2, 2, 2, 2, groups=2),
    (2, 4, 3, 3, 3),
    "cudnn.VolumetricConvolution",
    batch=True,
)
for padH in (0, 2):
    case(
        lambda padH=padH: cudnn.TemporalConvolution(3, 4, 3, 2, padH),
        (7, 3),
        f"cudnn.TemporalConvolution, {padH} zeros",
    )
for layer in (cudnn.RNN, cudnn.RNNReLU, cudnn.RNNTanh, cudnn.LSTM, cudnn.BLSTM, cudnn.GRU, cudnn.BGRU):
    case(lambda layer=layer: layer(3, 2, 2), (3, 2, 3), f"cudnn.{layer.__name__}", wrong=((3, 2, 2), (3, 3)))
case(lambda: cudnn.LSTM(3, 2, 1, True), (2, 4, 3), "cudnn.LSTM, batch first")

TREE = {1: [2, 3, 4], 2: [5, 6], 4: [7, 8, 9]}


def leaves():
    return [np.random.default_rng(6).standard_normal((4, 3)), np.array([3, 5, 9, 6])]


case(
    lambda: nn.SoftMaxTree(3, TREE),
    leaves,
    "SoftMaxTree",
    wrong=(lambda: [np.zeros((1, 3)), np.array([10])], lambda: [np.zeros((1, 2)), np.array([3])]),
    waive={"buffers_are_reused": "leaves are of any type"},
)
