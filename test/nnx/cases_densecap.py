"""Cases of densecap, neuraltalk2 and deepmask."""

import numpy as np

import nn
from nn.testing import Case
from nnx import densecap, neuraltalk2

CASES = []


def case(make, input, name, **options):
    CASES.append(Case(make, input, name=name, **options))


def fixed(*values):
    """A function that returns copies of tensors; a table for several."""
    return lambda: [v.copy() for v in values] if len(values) > 1 else values[0].copy()


RANDOM = np.random.default_rng(0)
BOXES, OTHERS = RANDOM.uniform(5, 20, (2, 3, 4)), RANDOM.uniform(5, 20, (2, 3, 4))
TRANSFORMS = 0.3 * RANDOM.standard_normal((2, 3, 4))
case(nn.ApplyBoxTransform, fixed(BOXES, TRANSFORMS), "ApplyBoxTransform", wrong=([(2, 4), (3, 4)], [(2, 3), (2, 3)]))
case(nn.InvertBoxTransform, fixed(BOXES[0], OTHERS[0]), "InvertBoxTransform", wrong=([(2, 4), (3, 4)], (2, 4)))
SIZES = np.array([[10.0, 20, 5], [20, 10, 5]])
case(lambda: nn.MakeAnchors(1, 2, 3, 4, SIZES), (2, 5, 3, 4), "MakeAnchors", wrong=((5, 3, 4),))
case(lambda: nn.ReshapeBoxFeatures(3), (2, 6, 3, 4), "ReshapeBoxFeatures", wrong=((2, 5, 3, 4), (6, 3, 4)))
case(lambda: nn.MakeBoxes(1, 2, 3, 4, SIZES), (2, 12, 2, 3), "MakeBoxes", wrong=((2, 11, 2, 3),))
PASSES = {"buffers_are_reused": "the output is the input, or a part of it"}
ADDED = {**PASSES, "input_gradient": "the gradient of a loss is added"}
case(lambda: nn.RegularizeLayer(0.5, 2), (2, 3), "RegularizeLayer", waive=ADDED)
case(nn.PosSlicer, [(5, 3), (2, 4)], "PosSlicer", waive={**PASSES, "strict_types": "gt is of any type"})
case(lambda: nn.BoxToAffine().setSize(20, 30), (3, 4), "BoxToAffine", wrong=((3, 5),))
IMAGE, GRIDS = RANDOM.standard_normal((4, 5, 3)), RANDOM.uniform(-1.3, 1.3, (3, 2, 2, 2))
for sampler in (nn.BatchBilinearSamplerBHWD, nn.NaiveBatchBilinearSamplerBHWD):
    case(sampler, fixed(IMAGE, GRIDS), sampler.__name__, wrong=([(4, 5, 3), (3, 2, 2, 3)], (4, 5, 3)))
FEATURES = RANDOM.standard_normal((3, 6, 7))
REGIONS = np.array([[20.0, 15, 10, 8], [30, 20, 25, 30], [5, 5, 7, 9]])
case(
    lambda: nn.BilinearRoiPooling(3, 2).setImageSize(48, 56),
    fixed(FEATURES, REGIONS),
    "BilinearRoiPooling",
    wrong=([(3, 6, 7), (3, 5)],),
)

NO_GRADIENT = {"input_gradient": "words have no gradient", "strict_types": "words are of any type"}
WORDS = np.array([[1.0, 2, 5], [3, 0, 4], [0, 0, 2]])
CODES = RANDOM.standard_normal((3, 4))


def captions(**settings):
    sizes = {"vocab_size": 5, "input_encoding_size": 4, "rnn_size": 3, "seq_length": 3, **settings}
    return neuraltalk2.LanguageModel(sizes)


SHAPES = ([(3, 4), (2, 3)], [(3, 5), (3, 3)])
case(captions, fixed(CODES, WORDS), "LanguageModel of neuraltalk2", waive=NO_GRADIENT, wrong=SHAPES)
case(lambda: captions(num_layers=2), fixed(CODES, WORDS), "LanguageModel of neuraltalk2, two layers", waive=NO_GRADIENT)
case(lambda: nn.FeatExpander(3), (2, 4), "FeatExpander", wrong=((2, 3, 4),))
case(lambda: nn.FeatExpander(1), (2, 4), "FeatExpander of one", waive=PASSES)


def regions_captions():
    sizes = {"vocab_size": 5, "input_encoding_size": 3, "rnn_size": 4, "seq_length": 3, "image_vector_dim": 4}
    return densecap.LanguageModel(sizes, idx_to_token=list("abcde"))


case(regions_captions, fixed(CODES, WORDS.T), "LanguageModel of densecap", waive=NO_GRADIENT)


def convnet():
    net = nn.Sequential().add(nn.SpatialConvolution(3, 4, 3, 3, 1, 1, 1, 1)).add(nn.ReLU(True))
    net.add(nn.SpatialMaxPooling(2, 2, 2, 2)).add(nn.SpatialConvolution(4, 5, 3, 3, 1, 1, 1, 1)).add(nn.ReLU(True))
    net.add(nn.SpatialMaxPooling(2, 2, 2, 2)).add(nn.View(-1).setNumInputDims(3))
    return net.add(nn.Linear(20, 6)).add(nn.ReLU(True))


WEIGHTS = ("mid_box_reg_weight", "mid_objectness_weight", "end_box_reg_weight", "end_objectness_weight")
SETTINGS = {"vocab_size": 7, "seq_length": 3, "rnn_size": 4, "rnn_encoding_size": 4, "idx_to_token": list("abcdefg")}
SETTINGS |= {"fc_dim": 6, "input_dim": 5, "output_height": 2, "output_width": 2, "parts": ((1, 3), (4, 5), (7, 9))}
SETTINGS |= {"rpn_num_filters": 6, "sampler_batch_size": 16, "anchor_scale": 0.1, "std": 0.1}
SETTINGS |= {**dict.fromkeys(WEIGHTS, 0.1), "captioning_weight": 1.0}


def dense_cap():
    """A small DenseCapModel in evaluation."""
    return densecap.DenseCapModel(SETTINGS, cnn=convnet()).evaluate()


def sharp_mask():
    """A small SharpMask: a trunk whose maps 1 and 2 feed two refinements."""
    trunk = nn.Sequential().add(nn.SpatialConvolution(2, 6, 3, 3, 2, 2, 1, 1)).add(nn.ReLU())
    trunk.add(nn.SpatialConvolution(6, 4, 3, 3, 2, 2, 1, 1)).add(nn.View(2, -1)).add(nn.Linear(16, 5))
    mask = nn.DeepMask(trunk, nn.Sequential().add(nn.Linear(5, 4)), nn.Sequential().add(nn.Linear(5, 1)))
    mask.fSz = 2
    sizes = {"km": 16, "ks": 16, "batch": 2, "gSz": 8, "width": 5, "skips": ((4, 3, 0), (6, 3, 0))}
    net = nn.SharpMask(sizes, dm=mask)
    net.skpos = [3, 1]
    return net


#: Modules without a gradient or with an input of their own kind: what proves them.
ELSEWHERE = {
    nn.BoxIoU: "test_densecap.py",
    nn.BoxSampler: "test_densecap.py",
    nn.BoxSamplerHelper: "test_densecap.py",
    nn.LocalizationLayer: "test_densecap.py",
    densecap.DenseCapModel: "test_densecap.py",
    nn.SharpMask: "test_deepmask.py",
    nn.PerceptualCriterion: "test_style.py",
    nn.PullTable: "test_tables.py",
    nn.FunctionWrapper: "test_tables.py",
}
